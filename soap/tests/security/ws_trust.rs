//! Requests for tokens and their answers.

use soap::security::{
    Addressing, Cause, CertificateRules, IssuedToken, MessageKind, MessageSigner, Outline,
    Response, Rules, SignerRules, TokenFault, TokenRequest, TokenResponse, Verifier, WS_TRUST,
};

use crate::messages::{ENTITY, MUNICIPALITY, REQUEST_ID, RESPONSE_ID, issue, token};
use crate::pki::{now, pki};
use crate::vectors::vector;

const CONTEXT: &str = "urn:uuid:00000000-0000-4000-8000-0000000000cc";

fn request() -> TokenRequest {
    TokenRequest {
        context: Some(CONTEXT.to_owned()),
        applies_to: ENTITY.to_owned(),
        municipality: MUNICIPALITY.parse().expect("a CVR number"),
        holder: pki().caller.certificate.clone(),
    }
}

fn verifier() -> Verifier {
    let rules = CertificateRules {
        trust: pki().trust(),
        organisations: Vec::new(),
    };
    Verifier::new(Rules::new(&WS_TRUST, SignerRules::Certificate(rules)))
}

#[test]
fn a_request_comes_out_as_it_went_in() {
    let addressing = Addressing::request(TokenRequest::ACTION, REQUEST_ID, "https://sts.example/");
    let signed = MessageSigner::new(&WS_TRUST, pki().caller.key())
        .sign(
            &request().write().expect("written"),
            &addressing,
            None,
            now(),
        )
        .expect("signed");
    let verified = verifier()
        .verify_request(signed.as_bytes(), Some(TokenRequest::ACTION), now())
        .expect("verified");
    assert_eq!(TokenRequest::read(&verified), Ok(request()));
}

#[test]
fn an_answer_comes_out_as_it_went_in() {
    let response = TokenResponse {
        context: Some(CONTEXT.to_owned()),
        applies_to: Some(ENTITY.to_owned()),
        lifetime: Some((now(), now())),
        token: issue(&token()),
    };
    let addressing = Addressing::response(TokenResponse::ACTION, RESPONSE_ID, REQUEST_ID);
    let signed = MessageSigner::new(&WS_TRUST, pki().token_service.key())
        .sign(
            &response.write().expect("written"),
            &addressing,
            None,
            now(),
        )
        .expect("signed");
    let verifier = verifier();
    let answer = verifier.verify_response(signed.as_bytes(), REQUEST_ID, now());
    let Ok(Response::Verified(verified)) = answer else {
        panic!("{answer:?}")
    };
    assert_eq!(TokenResponse::read(&verified), Ok(response));
}

/// Verification is not asked: what is read is read the same from any body.
fn read(change: (&str, &str)) -> Result<TokenRequest, Cause> {
    let message = request().write().expect("written");
    assert!(message.contains(change.0), "{} in {message}", change.0);
    let message = message.replacen(change.0, change.1, 1);
    let outline = Outline::of(message.as_bytes(), &soap::Limits::default()).expect("an outline");
    match outline.kind {
        MessageKind::TokenRequest(request) => request.map_err(|refusal| refusal.cause()),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_request_for_something_else_is_refused() {
    assert_eq!(read(("", "")), Ok(request()));
    let policy_10 = ("ws/2004/09/policy", "ws/2002/12/policy");
    assert_eq!(read(policy_10), Ok(request()));
    for (change, cause) in [
        (("200512/Issue", "200512/Renew"), Cause::Structure),
        (("200512/PublicKey", "200512/Bearer"), Cause::Structure),
        (("#SAMLV2.0", "#SAMLV1.1"), Cause::Structure),
        (("/policy", "/policies"), Cause::Structure),
        (("#X509v3", "#PKCS7"), Cause::Structure),
        (
            ("CvrNumberIdentifier", "RidNumberIdentifier"),
            Cause::Municipality,
        ),
        ((MUNICIPALITY, "9000"), Cause::Municipality),
    ] {
        assert_eq!(read(change), Err(cause), "{change:?}");
    }
}

#[test]
fn a_token_keeps_its_signature_where_its_namespaces_are_declared_around_it() {
    let token = issue(&token());
    let declared = " xmlns:saml2=\"urn:oasis:names:tc:SAML:2.0:assertion\"";
    let bare = token.text().replacen(declared, "", 1);
    let response = TokenResponse {
        context: None,
        applies_to: None,
        lifetime: None,
        token: token.clone(),
    };
    let message = response.write().expect("written");
    let message = message.replacen(token.text(), &bare, 1).replacen(
        "<soap:Body>",
        &format!("<soap:Body{declared}>"),
        1,
    );
    let outline = Outline::of(message.as_bytes(), &soap::Limits::default()).expect("an outline");
    let issued = outline.issued().expect("a token");
    assert_ne!(issued.text(), token.text());
    let report = issued.inspect(
        &crate::messages::token_rules(),
        now(),
        chrono::TimeDelta::zero(),
    );
    assert_eq!(
        (report.token_signature, report.refusals),
        (Some(true), vec![])
    );
    assert!(IssuedToken::read(&bare).is_err());
}

#[test]
fn real_messages_are_read() {
    if let Some(message) = vector("sts-request-2023.xml") {
        let outline = Outline::of(message.as_bytes(), &soap::Limits::default()).expect("one");
        let MessageKind::TokenRequest(Ok(request)) = outline.kind else {
            panic!("{:?}", outline.kind)
        };
        assert_eq!(
            request.applies_to,
            "http://wsp12.oioidws-net.dk/service/service/1"
        );
        assert_eq!(request.municipality.as_str(), "11111111");
        assert_eq!(outline.certificates, [request.holder]);
    }
    if let Some(message) = vector("sts-response-2023.xml") {
        let outline = Outline::of(message.as_bytes(), &soap::Limits::default()).expect("one");
        let issued = outline.issued().expect("a token");
        assert!(message.contains(issued.text()));
    }
}

/// What the fault with this code and reason says.
#[track_caller]
fn fault(code: &str, reason: &str, expected: (Option<u16>, &str)) {
    let message = format!(
        "<s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\"><s:Body><s:Fault><s:Code>{code}</s:Code>\
         <s:Reason><s:Text xml:lang=\"en\">{reason}</s:Text></s:Reason></s:Fault></s:Body></s:Envelope>"
    );
    let answer = verifier().verify_response(message.as_bytes(), REQUEST_ID, now());
    let Ok(Response::UnverifiedFault(fault)) = &answer else {
        panic!("{answer:?}")
    };
    let fault = TokenFault::read_unverified(fault).expect("a fault");
    assert_eq!((fault.number, &*fault.code), expected);
    assert_eq!(fault.reason, reason);
}

#[test]
fn a_fault_is_told_without_the_request_that_it_quotes() {
    let message = "<s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\"><s:Body><s:Fault><s:Code>\
                   <s:Value>s:Sender</s:Value></s:Code><s:Reason><s:Text xml:lang=\"en\">for 311385–0000:&#10;\
                   &lt;saml2:Assertion ID=\"_1\"></s:Text></s:Reason></s:Fault></s:Body></s:Envelope>";
    let answer = verifier().verify_response(message.as_bytes(), REQUEST_ID, now());
    let Ok(Response::UnverifiedFault(fault)) = &answer else {
        panic!("{answer:?}")
    };
    let fault = TokenFault::read_unverified(fault).expect("a fault");
    assert_eq!(fault.reason, "for [CPR]: […]");
}

#[test]
fn an_answer_that_no_one_signed_is_none_whatever_faults_stand_before_it() {
    let response = TokenResponse {
        context: None,
        applies_to: None,
        lifetime: None,
        token: issue(&token()),
    };
    let unsigned = response.write().expect("written");
    let fault = "<soap:Fault><soap:Code><soap:Value>soap:Sender</soap:Value></soap:Code>\
                 <soap:Reason><soap:Text xml:lang=\"en\">no</soap:Text></soap:Reason></soap:Fault>";
    for faults in 0..3 {
        let before = format!("<soap:Body>{}", fault.repeat(faults));
        let message = unsigned.replacen("<soap:Body>", &before, 1);
        let answer = verifier().verify_response(message.as_bytes(), REQUEST_ID, now());
        let refusal = answer.expect_err("no one signed it");
        assert_eq!(refusal.cause(), Cause::NotSigned, "{faults} faults");
    }
}

#[test]
fn two_faults_that_are_signed_are_no_answer() {
    let fault = soap::Fault::<soap::Undeclared>::client("no").write(soap::Version::Soap12);
    let (start, end) = ("<soap:Fault>", "</soap:Fault>");
    let one =
        &fault[fault.find(start).expect("one")..fault.find(end).expect("its end") + end.len()];
    for (body, expected) in [
        (one.to_owned(), Ok(true)),
        (one.repeat(2), Err(Cause::Structure)),
        (format!("{one}<other/>"), Err(Cause::Structure)),
        ("<other/>".to_owned(), Ok(false)),
    ] {
        let addressing = Addressing::response(TokenResponse::ACTION, RESPONSE_ID, REQUEST_ID);
        let signed = MessageSigner::new(&WS_TRUST, pki().token_service.key())
            .sign(&fault.replacen(one, &body, 1), &addressing, None, now())
            .expect("signed");
        let verifier = verifier();
        let answer = verifier.verify_response(signed.as_bytes(), REQUEST_ID, now());
        let Ok(Response::Verified(verified)) = answer else {
            panic!("{answer:?}")
        };
        let read = TokenFault::read(&verified).map(|fault| fault.is_some());
        assert_eq!(read.map_err(|refusal| refusal.cause()), expected, "{body}");
    }
}

#[test]
fn a_fault_tells_its_number_wherever_it_stands() {
    let bare = "<s:Value>5002</s:Value>";
    fault(bare, "Path resolution", (Some(5002), "5002"));
    let sub = "<s:Value>s:Sender</s:Value><s:Subcode><s:Value>a:5607</s:Value></s:Subcode>";
    fault(sub, "No mapped user", (Some(5607), "5607"));
    let sender = "<s:Value>s:Sender</s:Value>";
    fault(sender, "101: not known", (Some(101), "Sender"));
    fault(sender, "not known", (None, "Sender"));
    let named = "<s:Value>s:Sender</s:Value><s:Subcode><s:Value xmlns:t=\"urn:t\">t:InvalidRequest</s:Value></s:Subcode>";
    fault(named, "1234567 is too much", (None, "InvalidRequest"));
    fault("", "", (None, ""));
}
