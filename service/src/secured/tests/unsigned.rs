//! Where the certificate of the connection speaks for the caller, no token beside it is passed over: the two might not agree.

use super::*;

const WSSE: &str =
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd";

/// The sample with an AuthorityContext for `NORD`, as its element `request` has it first.
fn authorised(text: &str, request: &str) -> String {
    let authority = "<a:AuthorityContext xmlns:a=\"http://serviceplatformen.dk/xml/schemas/AuthorityContext/1/\">\
                     <a:MunicipalityCVR>90000001</a:MunicipalityCVR></a:AuthorityContext>";
    let message = sample(text, NORD);
    let start = message.find(&format!("<{request} ")).unwrap();
    let end = start + message[start..].find('>').unwrap() + 1;
    format!("{}{authority}{}", &message[..end], &message[end..])
}

/// `message` with these blocks for its header.
fn headed(message: &str, blocks: &str) -> String {
    let header = format!("<soap:Header>{blocks}</soap:Header><soap:Body>");
    message.replacen("<soap:Body>", &header, 1)
}

/// `message` with `token` beside what its connection says, as it may be for this receiver or another.
fn bringing(message: &str, token: &IssuedToken) -> Vec<String> {
    let security = |attributes: &str, content: &str| {
        let block = format!("<s:Security xmlns:s=\"{WSSE}\" {attributes}>{content}</s:Security>");
        headed(message, &block)
    };
    vec![
        security("", token.text()),
        security("soap:mustUnderstand=\"0\"", ""),
        security("soap:actor=\"urn:another\"", token.text()),
        security("soap:actor=\"urn:another\" soap:mustUnderstand=\"1\"", ""),
    ]
}

/// Refuses each of `brought` in English and Danish, quoting no token, and takes `message`, whose answer it returns, with another
/// header.
async fn takes_none(
    door: &Door,
    endpoint: Endpoint,
    caller: &Credentials,
    message: &str,
    brought: &[String],
) -> String {
    for brought in brought {
        let (status, answer) = door.post(endpoint, caller, brought).await;
        assert!(!answer.contains("Assertion"), "{answer}");
        for text in [
            "faultcode>soap:Client<",
            "the message has a header of WS-Security, which is not verified here",
            "ErrorCode>unverified-security<",
            "Envelope/Header/Security: beskeden har en header fra WS-Security",
        ] {
            refused((status, answer.clone()), "InvalidMessage", text);
        }
    }
    let message = headed(message, "<o:Security xmlns:o=\"urn:other\"/>");
    let (status, answer) = door.post(endpoint, caller, &message).await;
    assert_eq!(status, 200, "{answer}");
    answer
}

#[tokio::test]
async fn a_jobcenter_is_told_of_the_municipality_by_the_platform_alone() {
    let world = World::new().await;
    let only = Callers::Only([folder::PLATFORM.parse().unwrap()].into());
    let app = roles::jobcenter(world.jobcenter.clone(), only, LIMITS, Observer::none());
    let door = Door { app, _world: world };
    let platform = &PARTIES.platform;
    let token = token(platform, Endpoint::Fs1, SILENT);
    let message = authorised(
        include_str!("../../../../wsdl/samples/Opret.request.xml"),
        "OpretRequest",
    );
    let addressing = Addressing::request(OPRET, &fresh(), EP_FS1);
    let current = platform.current();
    let signed = current
        .signer()
        .sign(&message, &addressing, Some(&token), now());
    let whole = signed.unwrap();
    let signed = whole.replacen("soap:mustUnderstand=\"1\"", "", 1);
    assert_ne!(signed, whole);
    let mut brought = bringing(&message, &token);
    brought.push(signed);
    let receipt = takes_none(&door, Endpoint::Jc1, platform, &message, &brought).await;
    // It is no repeat: nothing of it was taken before.
    assert!(receipt.contains(">OK<"), "{receipt}");
}

#[tokio::test]
async fn an_answer_by_certificate_brings_no_token() {
    let door = Door::new().await;
    let nord = &PARTIES.nord;
    let token = token(nord, Endpoint::Jc2, SILENT);
    let message = authorised(
        include_str!("../../../../wsdl/samples/SendForretningsSvar.request.xml"),
        "SendForretningsSvarRequest",
    );
    // One for another receiver is refused where signatures are looked for.
    let brought = &bringing(&message, &token)[..2];
    let receipt = takes_none(&door, Endpoint::Jc2, nord, &message, brought).await;
    // KSD has not sent the message that it answers.
    assert!(receipt.contains(">FEJL<"), "{receipt}");
}
