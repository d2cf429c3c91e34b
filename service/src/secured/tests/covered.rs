//! What a signature covers counts, beside the body: whom the message is for, what it asks for, what its names mean; and what the
//! token entitles to.

use super::*;

#[tokio::test]
async fn a_message_for_another_endpoint_is_refused() {
    let door = Door::new().await;
    let ksd = &PARTIES.ksd;
    let token = token(ksd, Endpoint::Fs1, NORD);
    let sign = |token: &IssuedToken, to: Option<&str>| {
        let addressing = Addressing {
            to: to.map(str::to_owned),
            ..Addressing::request(OPRET, &fresh(), EP_FS1)
        };
        let current = ksd.current();
        current
            .signer()
            .sign(&opret(NORD), &addressing, Some(token), now())
            .unwrap()
    };
    let elsewhere = self::token(ksd, Endpoint::Fs2, NORD);
    // The profile leaves it to the sender to name one; without it the token alone says what service the message is for.
    let anonymous = "http://www.w3.org/2005/08/addressing/anonymous";
    for to in [Some(EP_FS1), None, Some(anonymous)] {
        let (status, answer) = door.post(Endpoint::Fs1, ksd, &sign(&token, to)).await;
        assert_eq!(status, 200, "{answer}");
        let answer = door.post(Endpoint::Fs1, ksd, &sign(&elsewhere, to)).await;
        refused(answer, "NotBelieved", "(token-audience)");
    }
    let slash = format!("{EP_FS1}/");
    let other = &PARTIES.tokens.addresses(Endpoint::Jc2)[0];
    for to in ["https://other.example/", &*slash, other] {
        let answer = door.post(Endpoint::Fs1, ksd, &sign(&token, Some(to))).await;
        refused(answer, "NotBelieved", "(to)");
    }
}

#[tokio::test]
async fn a_token_without_the_privilege_of_the_service_is_refused() {
    let door = Door::new().await;
    let ksd = &PARTIES.ksd;
    for privileges in [Vec::new(), vec!["urn:other".to_owned()]] {
        let token = token_with(ksd, Endpoint::Fs1, NORD, privileges);
        let message = signed(ksd, &token, NORD, &fresh());
        let answer = door.post(Endpoint::Fs1, ksd, &message).await;
        refused(answer, "NotBelieved", "(privilege)");
    }
}

/// The transport's action may be missing; the signed one may not, and may not be another operation's.
#[tokio::test]
async fn the_signed_action_is_that_of_the_operation() {
    let door = Door::new().await;
    let ksd = &PARTIES.ksd;
    let token = token(ksd, Endpoint::Fs1, NORD);
    let message = opret(NORD);
    let sign = |action: &str| {
        let addressing = Addressing::request(action, &fresh(), EP_FS1);
        let current = ksd.current();
        current
            .signer()
            .sign(&message, &addressing, Some(&token), now())
            .unwrap()
    };
    let (status, answer) = door.post(Endpoint::Fs1, ksd, &sign(OPRET)).await;
    assert_eq!(status, 200, "{answer}");
    let another = OPRET.replace("Opret", "Afslut");
    for action in [&*another, "urn:any", &OPRET[..OPRET.len() - 1]] {
        let answer = door.post(Endpoint::Fs1, ksd, &sign(action)).await;
        // There is no SOAPAction here that could be meant.
        for text in [
            "or the signed wsa:Action) is not one of the operation",
            "eller den signerede wsa:Action) hører ikke til operationen",
        ] {
            refused(answer.clone(), "action-mismatch", text);
        }
    }
}

/// What a name in a value means is signed as the value is.
#[tokio::test]
async fn a_declaration_that_is_not_signed_decides_nothing() {
    let door = Door::new().await;
    let ksd = &PARTIES.ksd;
    let token = token(ksd, Endpoint::Fs1, NORD);
    let contract = "http://serviceplatformen.dk/xml/wsdl/soap11/Sygefravaer/Sygefravaer/2/";
    let typed = |uri: &str| {
        let message = opret(NORD).replacen(
            "<Sagsart>",
            "<Sagsart xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:type=\"p:SagsartKodeType\">",
            1,
        );
        assert!(message.contains("p:SagsartKodeType"), "{message}");
        message.replacen("Envelope ", &format!("Envelope xmlns:p=\"{uri}\" "), 1)
    };
    let sign = |message: &str| {
        let addressing = Addressing::request(OPRET, &fresh(), EP_FS1);
        let current = ksd.current();
        let signed = current
            .signer()
            .sign(message, &addressing, Some(&token), now());
        signed.unwrap()
    };
    let post = async |message: String| door.post(Endpoint::Fs1, ksd, &message).await;
    for (signed_as, sent_as) in [
        (contract, contract),
        (contract, "urn:a"),
        ("urn:a", contract),
    ] {
        let message = sign(&typed(signed_as));
        let sent = message.replacen(
            &format!("xmlns:p=\"{signed_as}\""),
            &format!("xmlns:p=\"{sent_as}\""),
            1,
        );
        refused(post(sent).await, "InvalidMessage", "Sagsart");
    }
    // Where an element uses the prefix, the signature covers what it stands for.
    let used = typed(contract)
        .replace("<Sagsart ", "<p:Sagsart ")
        .replace("</Sagsart>", "</p:Sagsart>");
    let (status, answer) = post(sign(&used)).await;
    assert_eq!(status, 200, "{answer}");
}
