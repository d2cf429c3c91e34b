//! What the header blocks of a request may say, and what an endpoint is told that wants others.

use soap::security::{
    Cause, LIB_BAS, OIO_IDWS, Part, Profile, Refusal, Rules, SignerRules, Verifier,
};
use soap::{Fault, FaultCode, Undeclared, Version};

use crate::forge::{replace, sign, swap, text};
use crate::messages::{ACTION, ENDPOINT, REQUEST_ID, request, request_verifier, token_rules};
use crate::pki::{now, pki};

const WSA: &str = "http://www.w3.org/2005/08/addressing";
const NEXT_11: &str = "http://schemas.xmlsoap.org/soap/actor/next";
const NEXT_12: &str = "http://www.w3.org/2003/05/soap-envelope/role/next";

/// What comes of a request of `profile` that is signed once `change` is made.
fn judged(
    profile: &'static Profile,
    change: impl FnOnce(&str) -> String,
) -> Result<Option<String>, Refusal> {
    let message = sign(&change(&request(profile)), &pki().caller.key());
    let verifier = request_verifier(profile);
    let verified = verifier.verify_request(message.as_bytes(), Some(ACTION), now())?;
    Ok(verified.authority().message_id.clone())
}

#[test]
fn a_message_may_be_named_by_a_bare_uuid() {
    for profile in [&LIB_BAS, &OIO_IDWS] {
        for id in [
            "f63d289c-cd9a-4c00-bf87-c4bad0310646",
            "F63D289C-CD9A-4C00-BF87-C4BAD0310646",
        ] {
            // To the letter: it is what the answer relates to.
            let named = judged(profile, |message| swap(message, REQUEST_ID, id));
            assert_eq!(named, Ok(Some(id.to_owned())));
        }
        for id in [
            "f63d289c-cd9a-4c00-bf87-c4bad031064",
            "f63d289ccd9a4c00bf87c4bad0310646",
        ] {
            let named = judged(profile, |message| swap(message, REQUEST_ID, id));
            assert_eq!(
                named.map_err(|refusal| refusal.cause()),
                Err(Cause::MessageId)
            );
        }
    }
}

#[test]
fn a_security_header_for_whoever_is_next_is_for_us() {
    let ultimate = "http://www.w3.org/2003/05/soap-envelope/role/ultimateReceiver";
    let none = "http://www.w3.org/2003/05/soap-envelope/role/none";
    for (profile, role, is_ours) in [
        (&LIB_BAS, format!("actor=\"{NEXT_11}\""), true),
        (&LIB_BAS, format!("actor=\"{NEXT_12}\""), false),
        (&LIB_BAS, "actor=\"urn:other\"".to_owned(), false),
        (&OIO_IDWS, format!("role=\"{NEXT_12}\""), true),
        (&OIO_IDWS, format!("role=\"{ultimate}\""), true),
        (&OIO_IDWS, format!("role=\"{none}\""), false),
        (&OIO_IDWS, format!("role=\"{NEXT_11}\""), false),
    ] {
        let must = "soap:mustUnderstand=\"1\"";
        let judged = judged(profile, |message| {
            let security = text(message, "<wsse:Security ");
            let addressed = swap(security, must, &format!("{must} soap:{role}"));
            swap(message, security, &addressed)
        });
        let expected = if is_ours {
            Ok(())
        } else {
            Err(Cause::Structure)
        };
        assert_eq!(
            judged.map(drop).map_err(|refusal| refusal.cause()),
            expected,
            "{role}"
        );
    }
    // Two are one too many, whoever they are for.
    let two = judged(&LIB_BAS, |message| {
        let security = text(message, "<wsse:Security ");
        let other = format!(
            "<wsse:Security {} soap:actor=\"urn:other\"/>",
            declared(security)
        );
        swap(message, security, &(other + security))
    });
    assert_eq!(
        two.map_err(|refusal| refusal.cause()),
        Err(Cause::RepeatedHeader)
    );
}

/// The declarations in the tag of `element`.
fn declared(element: &str) -> &str {
    let at = element.find("xmlns:").expect("a declaration");
    let end = element[at..].find("soap:").expect("an attribute");
    &element[at..at + end]
}

#[test]
fn an_answer_goes_back_to_whoever_asks_and_nowhere_else() {
    let to = |block: &'static str, content: String| {
        move |message: &str| {
            let own = text(message, "<wsa:ReplyTo ");
            let (tag, _) = own.split_once('>').expect("a tag");
            let tag = tag.replace("wsa:ReplyTo", &format!("wsa:{block}"));
            replace(
                message,
                "<wsa:ReplyTo ",
                &format!("{tag}>{content}</wsa:{block}>"),
            )
        }
    };
    let address = |uri: &str| format!("<wsa:Address>{uri}</wsa:Address>");
    let anonymous = format!("{WSA}/anonymous");
    for profile in [&LIB_BAS, &OIO_IDWS] {
        for block in ["ReplyTo", "FaultTo"] {
            let judged = |content: String| judged(profile, to(block, content)).map(drop);
            for uri in [
                anonymous.clone(),
                format!("{WSA}/none"),
                format!(" {anonymous}\n"),
            ] {
                assert_eq!(judged(address(&uri)), Ok(()), "{block} {uri}");
            }
            for content in [
                address("https://localhost:1/answers"),
                address(ENDPOINT),
                address(&format!("{anonymous}/")),
                address("http://www.w3.org/2005/03/addressing/role/anonymous"),
                address(""),
                address(&anonymous) + &address("urn:x"),
                format!("<Address>{anonymous}</Address>"),
                String::new(),
            ] {
                let refusal = judged(content.clone()).expect_err("elsewhere");
                assert_eq!(refusal.cause(), Cause::ReplyTo, "{block} {content}");
                let Some(Part::Header(name)) = refusal.part() else {
                    panic!("{refusal}")
                };
                assert_eq!(name.local(), block);
            }
        }
    }
}

/// Web Services Addressing 1.0 - SOAP Binding, sections 6.2 (SOAP 1.2), 6.3 (SOAP 1.1) and 6.4.1.7.
#[test]
fn who_wants_the_answer_elsewhere_is_told_in_the_words_of_the_standard() {
    let other = |message: &str| swap(message, "addressing/anonymous<", "addressing/elsewhere<");
    let refusal = judged(&LIB_BAS, other).expect_err("elsewhere");
    let fault: Fault<Undeclared> = refusal.fault();
    assert!(matches!(fault.code(), FaultCode::ClientCodes(_)) && !fault.retry());
    let declared = format!("xmlns:wsa=\"{WSA}\"");
    let code = "wsa:OnlyAnonymousAddressSupported";
    let written = fault.write(Version::Soap11);
    assert!(
        written.contains(&format!(">{code}</faultcode>")) && written.contains(&declared),
        "{written}"
    );
    let written = fault.write(Version::Soap12);
    let value = |name: &str| {
        let at = written.find(&format!(">{name}</soap:Value>"));
        at.unwrap_or_else(|| panic!("no {name} in {written}"))
    };
    let order = ["soap:Sender", "wsa:InvalidAddressingHeader", code].map(value);
    assert!(order.is_sorted(), "{written}");
    assert_eq!(written.matches("<soap:Subcode>").count(), 2, "{written}");
}

/// A profile that demands a block which nothing else is asked of.
static FROM_TOO: Profile = Profile {
    request: &[soap::Namespace::new(WSA, "wsa").name("From")],
    ..LIB_BAS
};

#[test]
fn whatever_a_profile_demands_must_be_there() {
    let verifier = Verifier::new(Rules {
        addresses: Some(vec![ENDPOINT.to_owned()]),
        ..Rules::new(&FROM_TOO, SignerRules::Token(token_rules()))
    });
    let judged = |message: &str| {
        let message = sign(message, &pki().caller.key());
        let verified = verifier.verify_request(message.as_bytes(), Some(ACTION), now());
        verified.map(drop)
    };
    let message = request(&LIB_BAS);
    let refusal = judged(&message).expect_err("no From");
    assert_eq!(refusal.cause(), Cause::MissingHeader);
    let own = text(&message, "<wsa:ReplyTo ");
    let from = own.replace("wsa:ReplyTo", "wsa:From");
    assert_eq!(judged(&swap(&message, own, &from)), Ok(()));
}
