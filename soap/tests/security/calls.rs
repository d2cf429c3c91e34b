//! A call with all of it: a client that signs, a service that verifies, an answer that is signed and verified.

use oracle::{Ask, Oracle, Trouble};
use soap::security::{
    Addressing, Body, LIB_BAS, MemoryReplays, MessageSigner, NotTakenOnce, Response, Verified,
    Verifier,
};
use soap::{CallError, FaultCode, Reply, Request, Transport, TransportError, Undeclared};

use crate::messages::{
    ENDPOINT, MUNICIPALITY, issue, ready, request_verifier, response_verifier, token,
};
use crate::pki::{now, pki};

#[path = "../oracle/mod.rs"]
mod oracle;

const REQUEST: &str = "urn:uuid:00000000-0000-4000-8000-00000000000a";

/// A client's transport to the service in the same process.
struct Signed {
    service: Service,
    signer: MessageSigner,
    verifier: Verifier,
}

struct Service {
    verifier: Verifier,
    signer: MessageSigner,
    replays: MemoryReplays,
}

impl Signed {
    fn new() -> Self {
        Self {
            service: Service {
                verifier: request_verifier(&LIB_BAS),
                signer: MessageSigner::new(&LIB_BAS, pki().service.key()),
                replays: MemoryReplays::new(10),
            },
            signer: MessageSigner::new(&LIB_BAS, pki().caller.key()),
            verifier: response_verifier(&LIB_BAS),
        }
    }
}

impl Transport for Signed {
    async fn send(&self, request: Request<'_>) -> Result<Reply, TransportError> {
        let action = request.operation.action;
        let addressing = Addressing::request(action, REQUEST, ENDPOINT);
        let token = issue(&token());
        let signed = self
            .signer
            .sign(&request.body, &addressing, Some(&token), now())
            .map_err(|error| TransportError::lasting(error.to_string()))?;
        let answer = self.service.answer(&signed, action).await;
        match self
            .verifier
            .verify_response(answer.as_bytes(), REQUEST, now())
        {
            Ok(Response::Verified(verified)) => Ok(verified.reply()),
            Ok(Response::UnverifiedFault(fault)) => Ok(fault.reply()),
            Err(refusal) => Err(TransportError::lasting(refusal.to_string())),
        }
    }
}

impl Service {
    async fn answer(&self, message: &str, action: &str) -> String {
        let verified = self
            .verifier
            .verify_request(message.as_bytes(), Some(action), now());
        let verified: Verified<Body<'_>> = match verified {
            Ok(verified) => match verified.once(&self.replays, now()).await {
                Ok(verified) => verified,
                Err(NotTakenOnce::Repeat(refusal)) => {
                    return refusal.fault::<Undeclared>().write(LIB_BAS.version);
                }
                Err(NotTakenOnce::Store(full)) => panic!("{full}"),
            },
            Err(refusal) => return refusal.fault::<Undeclared>().write(LIB_BAS.version),
        };
        assert_eq!(
            verified.authority().municipality(),
            MUNICIPALITY.parse().ok()
        );
        let answer = soap::server::handle_verified(&Oracle, &verified, ()).await;
        let answer = answer.expect("an answer");
        let id = verified.authority().message_id.as_deref().expect("an id");
        let addressing = Addressing::response(answer.action, "urn:uuid:b", id);
        self.signer
            .sign(&answer.body, &addressing, None, now())
            .expect("signed")
    }
}

#[test]
fn a_call_goes_all_the_way() {
    let transport = Signed::new();
    let answer = ready(soap::client::call::<Ask, _>(&transport, &"why".to_owned()));
    let unsigned = ready(soap::client::call::<Ask, _>(
        &soap::InProcess::new(Oracle, || ()),
        &"why".to_owned(),
    ));
    assert_eq!(answer.expect("an answer"), unsigned.expect("an answer"));

    // The second time it is a replay, of which a fault tells that no one signed.
    let again = ready(soap::client::call::<Ask, _>(&transport, &"why".to_owned()));
    let Err(CallError::Fault::<Trouble>(fault)) = again else {
        panic!("{again:?}")
    };
    assert_eq!(fault.code(), &FaultCode::Client);
    assert!(fault.reason().ends_with("(replay)"), "{fault}");
}

/// Without verification the header blocks of security are not understood.
#[test]
fn what_is_signed_is_not_taken_unverified() {
    let signer = MessageSigner::new(&LIB_BAS, pki().caller.key());
    let body = "<soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\"><soap:Body>\
                <e:Ask xmlns:e=\"urn:example\">why</e:Ask></soap:Body></soap:Envelope>";
    let addressing = Addressing::request("urn:example/Ask", REQUEST, ENDPOINT);
    let signed = signer
        .sign(body, &addressing, Some(&issue(&token())), now())
        .expect("signed");
    let limits = soap::Limits::default();
    let handled = ready(soap::server::handle(
        &Oracle,
        signed.as_bytes(),
        None,
        (),
        &limits,
    ));
    let rejection = handled.expect_err("not understood");
    assert_eq!(rejection.kind(), soap::RejectionKind::MustUnderstand);

    // SOAP lets be passed over what need not be understood; whoever goes by the transport alone does not.
    let optional = signed.replace("soap:mustUnderstand=\"1\"", "");
    assert_ne!(optional, signed);
    let message = optional.as_bytes();
    let passed = ready(soap::server::handle(&Oracle, message, None, (), &limits));
    assert!(!passed.expect("an answer").fault);
    let handled = soap::server::handle_by_transport(&Oracle, message, None, (), &limits);
    let rejection = ready(handled).expect_err("not verified");
    assert_eq!(rejection.kind(), soap::RejectionKind::Unverified);
    assert_eq!(rejection.paths(), ["Envelope/Header/Security"]);
    let plain = soap::server::handle_by_transport(&Oracle, body.as_bytes(), None, (), &limits);
    assert!(!ready(plain).expect("an answer").fault);
}
