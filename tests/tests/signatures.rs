//! Signatures between us and others: ours hold with them, theirs with us. STR-Transform aside, which none of them has.

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::TimeDelta;
use soap::Limits;
use soap::security::{
    Addressing, CertificateRules, IssuedToken, LIB_BAS, MessageSigner, Outline, PrivilegeGroup,
    Profile, Refusal, Response, Rules, SignerRules, Token, TokenRules, Trust, Verifier,
};
use tests::judges::{Signatures, Xmlsec1};
use tests::system::root;

use self::pki::{Identity, now, pki};

#[path = "../../soap/tests/security/pki.rs"]
#[allow(dead_code, reason = "tests of their own use all of it")]
mod pki;

const REQUEST: &str = "urn:uuid:00000000-0000-4000-8000-000000000001";
const ENVELOPE: &str = "http://schemas.xmlsoap.org/soap/envelope/";
const WSU: &str =
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd";
const WSSE: &str =
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd";
const WSA: &str = "http://www.w3.org/2005/08/addressing";

/// What zeep signs: body and timestamp, and not the certificate.
const BODY_AND_TIMESTAMP: Profile = Profile {
    name: "body and timestamp",
    framework: false,
    request: &[],
    response: &[],
    protects_certificate: false,
    ..LIB_BAS
};

/// A folder with the service's key and certificate, and what the judges need beside.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str, identity: &Identity) -> Self {
        let folder = std::env::temp_dir().join(format!("sf209x-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        let folder = Self(folder);
        folder.write(
            "certificate.pem",
            &pem("CERTIFICATE", identity.certificate.der()),
        );
        folder.write("key.pem", &pem("PRIVATE KEY", &identity.pkcs8));
        folder
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.join(name);
        std::fs::write(&path, text).expect("a file");
        path
    }

    fn path(&self, name: &str) -> String {
        self.0.join(name).to_string_lossy().into_owned()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // Nothing that stands in the way of the next run.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn pem(label: &str, der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let lines: Vec<&str> = (0..text.len())
        .step_by(64)
        .map(|at| &text[at..(at + 64).min(text.len())])
        .collect();
    format!(
        "-----BEGIN {label}-----\n{}\n-----END {label}-----\n",
        lines.join("\n")
    )
}

/// An answer that we have signed.
fn answer() -> String {
    let signer = MessageSigner::new(&LIB_BAS, pki().service.key());
    let envelope = format!(
        "<soap:Envelope xmlns:soap=\"{ENVELOPE}\"><soap:Body><t:Told xmlns:t=\"urn:example:tally:1\" a=\"&lt;&#9;\">\
         \u{e6} &amp; \r\n &#13;<![CDATA[<&>]]></t:Told></soap:Body></soap:Envelope>"
    );
    let addressing = Addressing::response("urn:example:tally:1/Told", "urn:uuid:2", REQUEST);
    signer
        .sign(&envelope, &addressing, None, now())
        .expect("signed")
}

fn verify(profile: &'static Profile, message: &str) -> Result<usize, Refusal> {
    let rules = CertificateRules {
        trust: pki().trust(),
        organisations: Vec::new(),
    };
    let mut rules = Rules::new(profile, SignerRules::Certificate(rules));
    rules.longest_life = TimeDelta::days(1);
    match Verifier::new(rules).verify_response(message.as_bytes(), REQUEST, now())? {
        Response::Verified(verified) => Ok(verified.authority().report.references.len()),
        Response::UnverifiedFault(_) => panic!("no fault was sent"),
    }
}

fn program() -> PathBuf {
    root().join("tests/judges/signatures.py")
}

/// The options by which xmlsec1 knows where ids are.
fn ids() -> Vec<String> {
    let named = |(uri, names): (&str, &[&str])| -> Vec<String> {
        names
            .iter()
            .flat_map(|name| ["--id-attr:Id".to_owned(), format!("{uri}:{name}")])
            .collect()
    };
    [
        (ENVELOPE, &["Body"][..]),
        (WSU, &["Timestamp"]),
        (WSSE, &["BinarySecurityToken"]),
        (WSA, &["Action", "MessageID", "RelatesTo", "To", "ReplyTo"]),
        ("urn:liberty:sb:2006-08", &["Framework"]),
    ]
    .into_iter()
    .flat_map(named)
    .collect()
}

fn xmlsec1(judge: &Xmlsec1, before: &[&str], message: &Path) -> Result<String, String> {
    let ids = ids();
    let arguments: Vec<&str> = before
        .iter()
        .copied()
        .chain(ids.iter().map(String::as_str))
        .collect();
    judge.run(&arguments, message)
}

#[test]
fn ours_hold_with_xmlsec1_and_its_with_us() {
    let Some(judge) = Xmlsec1::find() else {
        return;
    };
    let folder = Folder::new("xmlsec1", &pki().service);
    let ours = answer();
    let held = |message: &str| {
        let file = folder.write("message.xml", message);
        xmlsec1(
            &judge,
            &[
                "--verify",
                "--pubkey-cert-pem",
                &folder.path("certificate.pem"),
            ],
            &file,
        )
    };
    assert_eq!(held(&ours).map(|_| ()), Ok(()));
    assert!(held(&ours.replace('\u{e6}', "\u{f8}")).is_err());

    // The same message with all that was computed left out, for it to compute.
    let template = emptied(&emptied(&ours, "DigestValue"), "SignatureValue");
    let file = folder.write("template.xml", &template);
    let theirs = xmlsec1(
        &judge,
        &["--sign", "--privkey-pem", &folder.path("key.pem")],
        &file,
    );
    let theirs = theirs.unwrap_or_else(|said| panic!("{said}"));
    assert_eq!(verify(&LIB_BAS, &theirs), Ok(8));
}

/// The text of each element `name` left out.
fn emptied(message: &str, name: &str) -> String {
    let (start, end) = (format!("<ds:{name}>"), format!("</ds:{name}>"));
    let mut pieces = message.split(&start);
    let mut out = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        out.push_str(&start);
        out.push_str(&piece[piece.find(&end).expect("its end")..]);
    }
    out
}

#[test]
fn ours_hold_with_signxml_and_its_with_us() {
    let Some(judge) = Signatures::find() else {
        return;
    };
    let folder = Folder::new("signxml", &pki().service);
    let (key, certificate) = (folder.path("key.pem"), folder.path("certificate.pem"));
    let ours = answer();
    let told = judge.run(&program(), &["signxml-verify", &certificate, "8"], &ours);
    let told = told.unwrap_or_else(|said| panic!("{said}"));
    for part in [
        "Body",
        "Timestamp",
        "BinarySecurityToken",
        "Action",
        "RelatesTo",
        "Framework",
    ] {
        assert!(told.lines().any(|line| line == part), "{part} of {told}");
    }
    let ids: Vec<&str> = ours
        .split("URI=\"#")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect();
    let ids = &ids[..ids.len() - 1];
    let arguments: Vec<&str> = ["signxml-sign", &key, &certificate]
        .into_iter()
        .chain(ids.iter().copied())
        .collect();
    let theirs = judge
        .run(&program(), &arguments, &ours)
        .unwrap_or_else(|said| panic!("{said}"));
    assert_eq!(verify(&LIB_BAS, &theirs), Ok(8));
}

/// By certificate alone. Of messages by token zeep (4.3) knows nothing: it looks for what is signed by `wsu:Id`, where an assertion has
/// its `ID`, the xmlsec under it has no STR-Transform, and what it signs itself names a certificate, which is not in a token.
#[test]
fn ours_hold_with_zeep_and_its_with_us() {
    let Some(judge) = Signatures::find() else {
        return;
    };
    let folder = Folder::new("zeep", &pki().service);
    let (key, certificate) = (folder.path("key.pem"), folder.path("certificate.pem"));
    let signer = MessageSigner::new(&BODY_AND_TIMESTAMP, pki().service.key());
    let body = format!(
        "<soap:Envelope xmlns:soap=\"{ENVELOPE}\"><soap:Body><a/></soap:Body></soap:Envelope>"
    );
    let ours = signer
        .sign(&body, &Addressing::default(), None, now())
        .expect("signed");
    let held = judge.run(&program(), &["zeep-verify", &certificate], &ours);
    assert_eq!(held.map(|_| ()), Ok(()));
    let changed = judge.run(
        &program(),
        &["zeep-verify", &certificate],
        &ours.replace("<a/>", "<b/>"),
    );
    assert!(changed.is_err());

    let created = now().to_rfc3339();
    let expires = (now() + TimeDelta::minutes(5)).to_rfc3339();
    let unsigned = format!(
        "<soap:Envelope xmlns:soap=\"{ENVELOPE}\"><soap:Header><wsse:Security xmlns:wsse=\"{WSSE}\" xmlns:wsu=\"{WSU}\">\
         <wsu:Timestamp><wsu:Created>{created}</wsu:Created><wsu:Expires>{expires}</wsu:Expires></wsu:Timestamp>\
         </wsse:Security></soap:Header><soap:Body><a/></soap:Body></soap:Envelope>"
    );
    let theirs = judge.run(&program(), &["zeep-sign", &key, &certificate], &unsigned);
    let theirs = theirs.unwrap_or_else(|said| panic!("{said}"));
    assert_eq!(verify(&BODY_AND_TIMESTAMP, &theirs), Ok(2));
    assert!(verify(&BODY_AND_TIMESTAMP, &theirs.replace("<a/>", "<b/>")).is_err());
}

/// A request by token that a judge without STR-Transform can sign: the token is to be signed by its own id.
fn request(holder: &Identity) -> (String, IssuedToken) {
    let token = token(holder);
    let signer = MessageSigner::new(&LIB_BAS, holder.key());
    let addressing = Addressing::request("urn:example:tally:1/Tell", REQUEST, "https://localhost/");
    let signed = signer.sign(&tell(), &addressing, Some(&token), now());
    let mut signed = signed.expect("signed");
    let transform = signed
        .find("#STR-Transform")
        .expect("a reference through another");
    let start = signed[..transform]
        .rfind("<ds:Reference ")
        .expect("its start");
    let end = "</ds:Reference>";
    let end = transform + signed[transform..].find(end).expect("its end") + end.len();
    let own = format!(
        "<ds:Reference URI=\"#{}\"><ds:Transforms><ds:Transform Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\">\
         </ds:Transform></ds:Transforms><ds:DigestMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"></ds:DigestMethod>\
         <ds:DigestValue></ds:DigestValue></ds:Reference>",
        token.token().id
    );
    signed.replace_range(start..end, &own);
    (signed, token)
}

fn tell() -> String {
    format!(
        "<soap:Envelope xmlns:soap=\"{ENVELOPE}\"><soap:Body><t:Tell xmlns:t=\"urn:example:tally:1\">48 \u{e6}</t:Tell></soap:Body></soap:Envelope>"
    )
}

/// The message with all that was computed left out but for the token, which stays whole.
fn template(message: &str, token: &IssuedToken) -> String {
    let (before, after) = message.split_once(token.text()).expect("the token");
    let after = emptied(&emptied(after, "DigestValue"), "SignatureValue");
    [before, token.text(), &after].concat()
}

/// How many references of a request by token hold, if it does.
fn verify_request(message: &str) -> Result<usize, Refusal> {
    let token_service = pki().token_service.certificate.clone();
    let rules = TokenRules {
        issuer: ISSUER.to_owned(),
        trust: Trust::new().with_signer(token_service),
        audience: ENTITY.to_owned(),
        holders: Some(pki().trust()),
        privilege: None,
    };
    let verifier = Verifier::new(Rules::new(&LIB_BAS, SignerRules::Token(rules)));
    let verified = verifier.verify_request(message.as_bytes(), None, now())?;
    Ok(verified.authority().report.references.len())
}

/// Where the message's own signature is: the token has one too.
const OWN_SIGNATURE: &str =
    "/*/*[local-name()='Header']/*[local-name()='Security']/*[local-name()='Signature']";

#[test]
fn requests_by_token_that_xmlsec1_signs_hold_with_us() {
    let Some(judge) = Xmlsec1::find() else {
        return;
    };
    const MORE: &str = "http://www.w3.org/2001/04/xmldsig-more#";
    let sha512 = [
        ("xmldsig-more#rsa-sha256", "xmldsig-more#rsa-sha512"),
        ("xmlenc#sha256", "xmlenc#sha512"),
    ];
    let none = [("", ""); 2];
    let [p256, p384, p521] = &pki().elliptic;
    let parties = [
        ("rsa", &pki().caller, "rsa-sha256", none),
        ("rsa-512", &pki().caller, "rsa-sha512", sha512),
        ("p256", p256, "ecdsa-sha256", none),
        ("p384", p384, "ecdsa-sha384", none),
        ("p521", p521, "ecdsa-sha512", none),
    ];
    for (name, holder, method, swaps) in parties {
        let folder = Folder::new(&format!("token-{name}"), holder);
        let (ours, token) = request(holder);
        let template = template(&ours, &token);
        let (before, after) = template.split_once(token.text()).expect("the token");
        let [(a, b), (c, d)] = swaps;
        let after = match a.is_empty() {
            true => after.to_owned(),
            false => after.replace(a, b).replace(c, d),
        };
        let file = folder.write("template.xml", &[before, token.text(), &after].concat());
        let assertion = "urn:oasis:names:tc:SAML:2.0:assertion:Assertion";
        let place = ["--node-xpath", OWN_SIGNATURE, "--id-attr:ID", assertion];
        let key = folder.path("key.pem");
        let sign = [&["--sign", "--privkey-pem", &key][..], &place].concat();
        let theirs = xmlsec1(&judge, &sign, &file);
        let theirs = theirs.unwrap_or_else(|said| panic!("{said}"));
        assert!(theirs.contains(&format!("{MORE}{method}")), "{method}");
        assert_eq!(verify_request(&theirs), Ok(8), "{method}");
        let changed = theirs.replace(">48 ", ">49 ");
        assert!(verify_request(&changed).is_err(), "{method}");
    }
}

#[test]
fn requests_by_token_that_signxml_signs_hold_with_us() {
    let Some(judge) = Signatures::find() else {
        return;
    };
    let folder = Folder::new("token-signxml", &pki().caller);
    let (ours, token) = request(&pki().caller);
    let (_, own) = ours.split_once(token.text()).expect("the token");
    let ids = own.split("URI=\"#").skip(1);
    let ids: Vec<&str> = ids.filter_map(|rest| rest.split('"').next()).collect();
    // The last is that of the key.
    let ids = &ids[..8];
    let (key, certificate) = (folder.path("key.pem"), folder.path("certificate.pem"));
    let arguments = [&["signxml-sign", &key, &certificate][..], ids].concat();
    let theirs = judge.run(&program(), &arguments, &ours);
    let theirs = theirs.unwrap_or_else(|said| panic!("{said}"));
    assert_eq!(verify_request(&theirs), Ok(8));
    let changed = theirs.replace(">48 ", ">49 ");
    assert!(verify_request(&changed).is_err());
}

const ISSUER: &str = "https://saml.example";
const ENTITY: &str = "http://entityid.example/service/tally/1";

/// A token of ours for `holder`.
fn token(holder: &Identity) -> IssuedToken {
    let scope = "90000098".parse().expect("a CVR number");
    let token = Token {
        id: "_1".to_owned(),
        issuer: ISSUER.to_owned(),
        issued: now(),
        holder: holder.certificate.clone(),
        recipient: ENTITY.to_owned(),
        audiences: vec![ENTITY.to_owned()],
        not_before: None,
        not_on_or_after: now() + TimeDelta::hours(8),
        municipality: scope,
        privileges: vec![PrivilegeGroup {
            scope,
            privileges: vec!["urn:a?b&c".to_owned()],
            constraints: Vec::new(),
        }],
    };
    IssuedToken::issue(&token, &pki().token_service.key()).expect("a token")
}

/// The messages that are fuzzed were signed with keys that were thrown away. They hold, and `UPDATE=1` makes others.
#[test]
fn the_messages_that_are_fuzzed_hold() {
    let folder = root().join("tests/fuzz/signed");
    let (request_file, answer_file) = (folder.join("request.xml"), folder.join("answer.xml"));
    if crate::update() {
        std::fs::create_dir_all(&folder).expect("a folder");
        let signer = MessageSigner::new(&LIB_BAS, pki().caller.key());
        let addressing =
            Addressing::request("urn:example:tally:1/Tell", REQUEST, "https://localhost/");
        let token = token(&pki().caller);
        let request = signer.sign(&tell(), &addressing, Some(&token), now());
        std::fs::write(&request_file, request.expect("signed")).expect("a file");
        std::fs::write(&answer_file, answer()).expect("a file");
    }
    let read = |file| std::fs::read_to_string(file).expect("a file that UPDATE=1 makes");
    let (request, answer) = (read(request_file), read(answer_file));
    let trusted = |message: &str| {
        let outline = Outline::of(message.as_bytes(), &Limits::default()).expect("a message");
        let certificates = outline.certificates.into_iter();
        certificates.fold(Trust::new(), Trust::with_signer)
    };
    let token = TokenRules {
        issuer: ISSUER.to_owned(),
        trust: trusted(&request),
        audience: ENTITY.to_owned(),
        holders: None,
        privilege: None,
    };
    let verifier = Verifier::new(Rules::new(&LIB_BAS, SignerRules::Token(token)));
    let verified = verifier.verify_request(request.as_bytes(), None, now());
    assert_eq!(verified.map(|_| ()), Ok(()));
    let signer = CertificateRules {
        trust: trusted(&answer),
        organisations: Vec::new(),
    };
    let verifier = Verifier::new(Rules::new(&LIB_BAS, SignerRules::Certificate(signer)));
    let verified = verifier.verify_response(answer.as_bytes(), REQUEST, now());
    assert!(matches!(verified, Ok(Response::Verified(_))));
}

/// The issuer's signature of a token of ours.
#[test]
fn tokens_hold_with_xmlsec1_and_signxml() {
    let folder = Folder::new("token", &pki().token_service);
    let token = token(&pki().caller);
    let certificate = folder.path("certificate.pem");
    if let Some(judge) = Xmlsec1::find() {
        let file = folder.write("token.xml", token.text());
        let id = "urn:oasis:names:tc:SAML:2.0:assertion:Assertion";
        let held = judge.run(
            &[
                "--verify",
                "--pubkey-cert-pem",
                &certificate,
                "--id-attr:ID",
                id,
            ],
            &file,
        );
        assert_eq!(held.map(|_| ()), Ok(()));
    }
    if let Some(judge) = Signatures::find() {
        let told = judge.run(
            &program(),
            &["signxml-verify", &certificate, "1"],
            token.text(),
        );
        assert_eq!(told.as_deref(), Ok("Assertion\n"));
    }
}
