//! Tokens that are not what they should be: for others, by others, of others, changed, or put together otherwise.

use chrono::TimeDelta;
use soap::security::{
    Addressing, Cause, IssuedToken, LIB_BAS, MessageSigner, PrivilegeGroup, SigningKey, Token,
};

use super::{Attack, check};
use crate::forge::{insert, replace, sign, sign_token, swap, text};
use crate::messages::{
    ACTION, ENDPOINT, ENTITY, MUNICIPALITY, PRIVILEGE, REQUEST_ID, envelope, issue, request, token,
};
use crate::pki::{Identity, now, pki};

pub(super) fn run() {
    let control = request(&LIB_BAS);
    let mut attacks = Vec::new();
    said(&mut attacks);
    told(&control, &mut attacks);
    stolen(&control, &mut attacks);
    signers(&mut attacks);
    check(&control, &attacks);
}

/// A message with this token, signed with the key of `holder`.
fn message(token: &IssuedToken, holder: &Identity) -> String {
    message_by(token, holder.key())
}

fn message_by(token: &IssuedToken, key: SigningKey) -> String {
    let addressing = Addressing::request(ACTION, REQUEST_ID, ENDPOINT);
    let signer = MessageSigner::new(&LIB_BAS, key);
    signer
        .sign(&envelope(&LIB_BAS), &addressing, Some(token), now())
        .expect("signed")
}

/// Tokens that the right issuer has issued, for something else.
fn said(attacks: &mut Vec<Attack>) {
    let mut with = |name: &str, change: &dyn Fn(&mut Token), cause| {
        let mut token = token();
        change(&mut token);
        attacks.push(Attack::new(
            name,
            message(&issue(&token), &pki().caller),
            cause,
        ));
    };
    let other = || "http://entityid.example/service/other/1".to_owned();
    with(
        "another audience",
        &|token| token.audiences = vec![other()],
        Cause::TokenAudience,
    );
    with(
        "no audience",
        &|token| token.audiences.clear(),
        Cause::TokenAudience,
    );
    with(
        "an audience with a slash",
        &|token| token.audiences = vec![format!("{ENTITY}/")],
        Cause::TokenAudience,
    );
    with(
        "another recipient",
        &|token| token.recipient = other(),
        Cause::TokenRecipient,
    );
    with(
        "a recipient with a slash",
        &|token| token.recipient = format!("{ENTITY}/"),
        Cause::TokenRecipient,
    );
    with(
        "another issuer",
        &|token| token.issuer = "https://saml.example.attacker".to_owned(),
        Cause::TokenIssuer,
    );
    with(
        "an issuer in capitals",
        &|token| token.issuer = "https://SAML.example".to_owned(),
        Cause::TokenIssuer,
    );
    with(
        "an expired token",
        &|token| token.not_on_or_after = now() - TimeDelta::minutes(5),
        Cause::TokenExpired,
    );
    with(
        "a token of tomorrow",
        &|token| token.not_before = Some(now() + TimeDelta::minutes(6)),
        Cause::TokenNotYetValid,
    );
    with(
        "a token issued tomorrow",
        &|token| token.issued = now() + TimeDelta::days(1),
        Cause::TokenNotYetValid,
    );
    with(
        "no privilege",
        &|token| token.privileges.clear(),
        Cause::Privilege,
    );
    with(
        "another privilege",
        &|token| token.privileges[0].privileges = vec![format!("{PRIVILEGE}0")],
        Cause::Privilege,
    );
}

/// Tokens that the right issuer would never issue, but for a fault: signed anew with its key.
fn told(control: &str, attacks: &mut Vec<Attack>) {
    let issuer = pki().token_service.key();
    let caller = pki().caller.key();
    let good = text(control, "<saml2:Assertion ").to_owned();
    let mut with = |name: &str, token: &str, cause| {
        let changed = swap(control, &good, &sign_token(token, &issuer));
        attacks.push(Attack::new(name, sign(&changed, &caller), cause));
    };
    let municipality = text(
        &good,
        "<saml2:Attribute Name=\"dk:gov:saml:attribute:CvrNumberIdentifier\"",
    )
    .to_owned();
    let privileges = text(
        &good,
        "<saml2:Attribute Name=\"dk:gov:saml:attribute:Privileges_intermediate\"",
    )
    .to_owned();
    let value = format!("<saml2:AttributeValue>{MUNICIPALITY}</saml2:AttributeValue>");
    with(
        "no municipality",
        &swap(&good, &municipality, ""),
        Cause::Municipality,
    );
    with(
        "two municipalities",
        &swap(&good, &municipality, &municipality.repeat(2)),
        Cause::Municipality,
    );
    with(
        "two numbers of municipalities",
        &swap(&good, &value, &value.repeat(2)),
        Cause::Municipality,
    );
    with(
        "a municipality of seven digits",
        &swap(&good, &value, &swap(&value, MUNICIPALITY, "9000009")),
        Cause::Municipality,
    );
    with(
        "a municipality with a comment",
        &swap(&good, &value, &swap(&value, "9000", "9000<!-- -->")),
        Cause::Comment,
    );
    with(
        "a municipality with an element",
        &swap(&good, &value, &swap(&value, "9000", "9000<x></x>")),
        Cause::Municipality,
    );
    with(
        "privileges that are none",
        &swap(
            &good,
            text(&privileges, "<saml2:AttributeValue>"),
            "<saml2:AttributeValue>AAAA</saml2:AttributeValue>",
        ),
        Cause::TokenStructure,
    );
    with(
        "privileges twice",
        &swap(&good, &privileges, &privileges.repeat(2)),
        Cause::TokenStructure,
    );
    let bearer = swap(&good, "cm:holder-of-key", "cm:bearer");
    with("a bearer token", &bearer, Cause::TokenConfirmation);
    with(
        "a sender who vouches",
        &swap(&good, "cm:holder-of-key", "cm:sender-vouches"),
        Cause::TokenConfirmation,
    );
    let confirmation = text(&good, "<saml2:SubjectConfirmation ").to_owned();
    with(
        "two confirmations",
        &swap(&good, &confirmation, &confirmation.repeat(2)),
        Cause::TokenStructure,
    );
    with(
        "no confirmation",
        &swap(&good, &confirmation, ""),
        Cause::TokenStructure,
    );
    let data = text(&good, "<saml2:SubjectConfirmationData ").to_owned();
    with(
        "no key",
        &replace(&good, "<saml2:SubjectConfirmationData ", ""),
        Cause::TokenStructure,
    );
    with(
        "two keys",
        &swap(
            &good,
            text(&data, "<ds:KeyInfo "),
            &text(&data, "<ds:KeyInfo ").repeat(2),
        ),
        Cause::TokenStructure,
    );
    with(
        "a key by its name",
        &swap(
            &good,
            text(&data, "<ds:X509Data>"),
            "<ds:KeyName>caller</ds:KeyName>",
        ),
        Cause::TokenStructure,
    );
    let conditions = text(&good, "<saml2:Conditions ").to_owned();
    with(
        "no conditions",
        &swap(&good, &conditions, ""),
        Cause::TokenStructure,
    );
    with(
        "an unknown condition",
        &swap(
            &good,
            "</saml2:Conditions>",
            "<x:C xmlns:x=\"urn:x\"></x:C></saml2:Conditions>",
        ),
        Cause::TokenStructure,
    );
    with(
        "conditions without an end",
        &swap(
            &good,
            &conditions,
            &swap(&conditions, "NotOnOrAfter", "Until"),
        ),
        Cause::TokenStructure,
    );
    with(
        "conditions in local time",
        &swap(
            &good,
            &conditions,
            &swap(&conditions, "Z\" NotOn", "\" NotOn"),
        ),
        Cause::TokenStructure,
    );
    with(
        "SAML 1.1",
        &swap(&good, "Version=\"2.0\"", "Version=\"1.1\""),
        Cause::TokenStructure,
    );
    with(
        "something more",
        &swap(
            &good,
            "</saml2:Assertion>",
            "<x:More xmlns:x=\"urn:x\"></x:More></saml2:Assertion>",
        ),
        Cause::TokenStructure,
    );
    with(
        "advice",
        &swap(
            &good,
            "<saml2:AttributeStatement>",
            "<saml2:Advice></saml2:Advice><saml2:AttributeStatement>",
        ),
        Cause::TokenStructure,
    );
    // Others' signatures in it.
    let mut unsigned = |name: &str, token: String, cause| {
        attacks.push(Attack::new(
            name,
            sign(&swap(control, &good, &token), &caller),
            cause,
        ));
    };
    unsigned(
        "a token without a signature",
        replace(&good, "<ds:Signature ", ""),
        Cause::TokenStructure,
    );
    unsigned(
        "a token signed by its holder",
        sign_token(&good, &caller),
        Cause::TokenSignature,
    );
    unsigned(
        "a token that was changed",
        swap(&good, "AssuranceLevel", "AssuranceLevle"),
        Cause::Digest,
    );
    let key_info = text(text(&good, "<ds:Signature "), "<ds:KeyInfo>").to_owned();
    unsigned(
        "a token by its holder's certificate",
        {
            use base64::Engine as _;
            let own =
                base64::engine::general_purpose::STANDARD.encode(pki().caller.certificate.der());
            let inline = format!(
                "<ds:KeyInfo><ds:X509Data><ds:X509Certificate>{own}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>"
            );
            sign_token(&swap(&good, &key_info, &inline), &caller)
        },
        Cause::UnknownIssuer,
    );
    unsigned(
        "a token by a key value",
        swap(
            &good,
            &key_info,
            "<ds:KeyInfo><ds:KeyValue></ds:KeyValue></ds:KeyInfo>",
        ),
        Cause::TokenKeyInfo,
    );
    unsigned(
        "a token whose signature is about another",
        {
            let other = swap(&good, "URI=\"#_0000", "URI=\"#_1111");
            sign_token(&other, &issuer)
        },
        Cause::ReferenceTarget,
    );
    unsigned(
        "a token with two references",
        {
            let reference = text(&good, "<ds:Reference ");
            sign_token(&swap(&good, reference, &reference.repeat(2)), &issuer)
        },
        Cause::TokenStructure,
    );
    unsigned(
        "a token that is not enveloped",
        {
            let enveloped = "<ds:Transform Algorithm=\"http://www.w3.org/2000/09/xmldsig#enveloped-signature\"></ds:Transform>";
            sign_token(&swap(&good, enveloped, ""), &issuer)
        },
        Cause::Transform,
    );
    unsigned(
        "a token signed by SHA-1",
        sign_token(
            &swap(&good, "xmldsig-more#rsa-sha256", "xmldsig#rsa-sha1"),
            &issuer,
        ),
        Cause::Algorithm,
    );
    unsigned(
        "an encrypted token",
        "<saml2:EncryptedAssertion xmlns:saml2=\"urn:oasis:names:tc:SAML:2.0:assertion\"></saml2:EncryptedAssertion>".to_owned() + &good,
        Cause::Structure,
    );
    unsigned(
        "two tokens",
        good.repeat(2).replacen("ID=\"_0000", "ID=\"_1111", 1),
        Cause::Structure,
    );
    unsigned(
        "a token in a token",
        insert(&good, "</saml2:Assertion>", &good),
        Cause::DuplicateId,
    );
    let start = control.rfind("<ds:Signature ").expect("a signature");
    let (before, signature) = control.split_at(start);
    let by_token = text(signature, "<ds:Reference URI=\"#token").to_owned();
    let reference = text(before, "<wsse:SecurityTokenReference ").to_owned();
    let bare = swap(&swap(before, &good, ""), &reference, "") + &swap(signature, &by_token, "");
    attacks.push(Attack::new(
        "no token",
        sign(&bare, &caller),
        Cause::TokenMissing,
    ));
}

/// Tokens of others, and messages that they have been taken out of.
fn stolen(control: &str, attacks: &mut Vec<Attack>) {
    let good = text(control, "<saml2:Assertion ").to_owned();
    let other = pki().other.key();
    attacks.push(Attack::new(
        "a stolen token",
        sign(&swap(control, ">48<", ">49<"), &other),
        Cause::Signature,
    ));
    let theirs = issue(&Token {
        holder: pki().other.certificate.clone(),
        ..token()
    });
    attacks.push(Attack::new(
        "another's token in a message",
        swap(control, &good, theirs.text()),
        Cause::Signature,
    ));
    let municipality = "90000097".parse().expect("a CVR number");
    let wider = issue(&Token {
        municipality,
        privileges: vec![PrivilegeGroup {
            scope: municipality,
            privileges: vec![PRIVILEGE.to_owned()],
            constraints: Vec::new(),
        }],
        ..token()
    });
    attacks.push(Attack::new(
        "the holder's token for another municipality",
        swap(control, &good, wider.text()),
        Cause::Digest,
    ));
    let later = issue(&Token {
        not_on_or_after: now() + TimeDelta::days(300),
        ..token()
    });
    attacks.push(Attack::new(
        "the holder's other token",
        swap(control, &good, later.text()),
        Cause::Digest,
    ));
}

/// Certificates of holders and issuers that are no longer, or never were, good.
fn signers(attacks: &mut Vec<Attack>) {
    let held_by = |holder: &Identity| {
        let token = issue(&Token {
            holder: holder.certificate.clone(),
            ..token()
        });
        message(&token, holder)
    };
    attacks.push(Attack::new(
        "a revoked holder",
        held_by(&pki().revoked),
        Cause::SignerRevoked,
    ));
    attacks.push(Attack::new(
        "an expired holder",
        held_by(&pki().expired),
        Cause::SignerExpired,
    ));
    for employee in &pki().employees {
        attacks.push(Attack::new(
            "an employee who holds a token",
            held_by(employee),
            Cause::SignerPersonal,
        ));
    }
    let stranger = crate::pki::Pki::new();
    attacks.push(Attack::new(
        "a holder of another authority",
        held_by(&stranger.caller),
        Cause::UnknownIssuer,
    ));
    let by_stranger = IssuedToken::issue(&token(), &stranger.token_service.key()).expect("a token");
    attacks.push(Attack::new(
        "a token service of another authority",
        message(&by_stranger, &pki().caller),
        Cause::UnknownIssuer,
    ));
    let by_service = IssuedToken::issue(&token(), &pki().service.key()).expect("a token");
    attacks.push(Attack::new(
        "another service of the same authority",
        message(&by_service, &pki().caller),
        Cause::UnknownIssuer,
    ));
    let by_revoked = IssuedToken::issue(&token(), &pki().revoked.key()).expect("a token");
    attacks.push(Attack::new(
        "a token service whose certificate was revoked",
        message(&by_revoked, &pki().caller),
        Cause::SignerRevoked,
    ));
    let late = |years: i64| now() + TimeDelta::days(366 * years);
    attacks.push(
        Attack::new(
            "a token service that has expired",
            {
                let long = Token {
                    not_on_or_after: late(2),
                    ..token()
                };
                message(&issue(&long), &pki().caller)
            },
            Cause::SignerExpired,
        )
        .at(late(1)),
    );
}
