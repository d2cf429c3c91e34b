//! Whatever is wrong with a message, each endpoint says what and where, and lives: the platform by a fault, who takes messages over
//! by a receipt, where it is the message of an operation at all.

mod broken;
mod whole;

use service::endpoint::Endpoint;
use tests::http::{self, Response};
use tests::infoset::canonical;
use tests::system::{ENDPOINTS, LIMITS, NORD, NOWHERE, System, sample};

use self::broken::{BODIES, Broken, HEADER};
use self::whole::WHOLE;

/// A valid message for the endpoint.
fn valid(endpoint: Endpoint) -> String {
    sample(match endpoint {
        Endpoint::Fs1 | Endpoint::Intake => "Opret.request.xml",
        Endpoint::Jc1 => "Opret.context.request.xml",
        Endpoint::Jc2 => "SendForretningsSvar.context.request.xml",
        Endpoint::Fs2 => "ModtagForretningsSvar.request.xml",
    })
}

#[test]
fn a_broken_header_is_told_at_every_endpoint() {
    let system = System::start();
    for endpoint in ENDPOINTS {
        for one in HEADER {
            check(&system, endpoint, &valid(endpoint), one);
        }
        lives(&system, endpoint);
    }
}

#[test]
fn a_broken_business_part_is_told() {
    let system = System::start();
    for (endpoint, name, all) in BODIES {
        for one in *all {
            check(
                &system,
                *endpoint,
                &sample(&format!("{name}.request.xml")),
                one,
            );
        }
        lives(&system, *endpoint);
    }
}

/// Posts the edited message and looks for path and rule in what comes back.
#[track_caller]
fn check(system: &System, endpoint: Endpoint, message: &str, one: &Broken) {
    let Broken {
        from,
        to,
        path,
        rule,
    } = one;
    assert!(message.contains(from), "{endpoint}: no {from}");
    let response = system.post(endpoint, message.replacen(from, to, 1));
    let what = format!("{endpoint}: {from} -> {to}");
    against_the_contract(&what, endpoint, &response, &[(path, rule)]);
}

/// Checks that `response` tells of a message that is against the contract, as the endpoint does: paths and rules, in Danish.
#[track_caller]
fn against_the_contract(
    what: &str,
    endpoint: Endpoint,
    response: &Response,
    found: &[(&str, &str)],
) {
    let body = &response.body;
    let entries = if takes_over(endpoint) {
        assert_eq!(response.status, 200, "{what}: {body}");
        for part in [">FEJL<", ">Beskeden overholder ikke kontrakten.<"] {
            assert!(body.contains(part), "{what}: no {part} in {body}");
        }
        entries(body, "FejlKode", "FejlTekst")
    } else {
        refused(what, response, 500, "Client", &[&code("InvalidMessage")]);
        assert!(body.contains("(line "), "{what}: no English in {body}");
        entries(body, "ErrorCode", "ErrorText")
    };
    for (path, rule) in found {
        let told = |(code, text): &(String, String)| {
            code == rule && text.contains(path) && text.contains("(linje ")
        };
        assert!(
            entries.iter().any(told),
            "{what}: no {rule} at {path} in {entries:?}"
        );
    }
}

/// Whether the endpoint is that of one who takes messages over.
fn takes_over(endpoint: Endpoint) -> bool {
    matches!(endpoint, Endpoint::Jc1 | Endpoint::Fs2 | Endpoint::Intake)
}

/// The text of the elements `code`, each with that of the element `text` after it.
fn entries(document: &str, code: &str, text: &str) -> Vec<(String, String)> {
    let document = roxmltree::Document::parse(document).expect("a well-formed document");
    let all = |name: &str| -> Vec<String> {
        document
            .descendants()
            .filter(|node| node.tag_name().name() == name)
            .map(|node| node.text().unwrap_or_default().to_owned())
            .collect()
    };
    all(code).into_iter().zip(all(text)).collect()
}

/// A rule as the detail of a fault names it.
fn code(rule: &str) -> String {
    format!("ErrorCode>{rule}<")
}

/// Checks that `response` is a fault of that status and code, whose detail holds all of `parts`, and whose text the facts that
/// a support desk asks for.
#[track_caller]
fn refused(what: &str, response: &Response, status: u16, code: &str, parts: &[&str]) {
    let body = &response.body;
    assert_eq!(response.status, status, "{what}: {body}");
    assert!(
        body.contains(&format!("<faultcode>soap:{code}</faultcode>")),
        "{what}: no {code} in {body}"
    );
    let detail = canonical(body, "ServiceplatformFault")
        .unwrap_or_else(|| panic!("{what}: no detail in {body}"));
    for part in parts {
        assert!(detail.contains(part), "{what}: no {part} in {detail}");
    }
    for part in ["CallUUID: ", "Received: "] {
        assert!(body.contains(part), "{what}: no {part} in {body}");
    }
}

/// The endpoint still answers what is valid.
#[track_caller]
fn lives(system: &System, endpoint: Endpoint) {
    let response = system.post(endpoint, valid(endpoint));
    assert_eq!(response.status, 200, "{endpoint}: {}", response.body);
}

#[test]
fn a_message_that_is_wrong_as_a_whole_is_told_at_every_endpoint() {
    let system = System::start();
    for endpoint in ENDPOINTS {
        for (what, make, code, parts) in WHOLE {
            let response = system.post(endpoint, make(&valid(endpoint)));
            let what = format!("{endpoint}: {what}");
            // The envelope of these two leads to an operation, and what is wrong comes after its message.
            if takes_over(endpoint) && parts.contains(&"ErrorCode>too-many<") {
                against_the_contract(&what, endpoint, &response, &[(parts[0], "too-many")]);
            } else {
                refused(&what, &response, 500, code, parts);
            }
        }
        lives(&system, endpoint);
    }
}

#[test]
fn an_action_of_another_operation_is_refused() {
    let system = System::start();
    for endpoint in ENDPOINTS {
        let with = |action: &str| {
            let fields = [("SOAPAction", action)];
            http::post(
                system.address(endpoint),
                endpoint.path(),
                &fields,
                valid(endpoint).as_bytes(),
            )
        };
        let other =
            "\"http://serviceplatformen.dk/xml/wsdl/soap11/Sygefravaer/Sygefravaer/2/Afslut\"";
        let what = format!("{endpoint}: an action of another operation");
        refused(
            &what,
            &with(other),
            500,
            "Client",
            &["Envelope/Body/", "ErrorCode>action-mismatch<"],
        );
        assert_eq!(with("\"\"").status, 200, "{endpoint}: no action");
    }
}

#[test]
fn what_http_gets_wrong_has_its_status() {
    let system = System::start();
    for endpoint in ENDPOINTS {
        let (server, path) = (system.address(endpoint), endpoint.path());
        let message = valid(endpoint);
        let what = |what: &str| format!("{endpoint}: {what}");
        for method in ["PUT", "DELETE", "PATCH", "OPTIONS"] {
            let response = http::send(server, method, path, &[], message.as_bytes());
            refused(
                &what(method),
                &response,
                405,
                "Client",
                &["MethodNotAllowed"],
            );
            let head = response.head.to_ascii_lowercase();
            assert!(head.contains("allow: get, post"), "{head}");
        }
        let response = http::get(server, path);
        refused(
            &what("GET"),
            &response,
            405,
            "Client",
            &["MethodNotAllowed"],
        );
        for media in [
            "application/json",
            "application/soap+xml",
            "text/xml; charset=iso-8859-1",
        ] {
            let fields = [("Content-Type", media)];
            let response = http::post(server, path, &fields, message.as_bytes());
            refused(&what(media), &response, 415, "Client", &["MediaType"]);
        }
        let response = http::post(
            server,
            path,
            &[("Content-Encoding", "gzip")],
            message.as_bytes(),
        );
        refused(&what("gzip"), &response, 415, "Client", &["MediaType"]);
        let response = http::post(server, path, &[], &vec![b' '; LIMITS.message_bytes + 1]);
        refused(&what("too large"), &response, 413, "Client", &["TooLarge"]);
        let response = http::post(server, "/elsewhere", &[], message.as_bytes());
        refused(&what("elsewhere"), &response, 404, "Client", &["NotFound"]);
        lives(&system, endpoint);
    }
}

#[test]
fn an_unknown_municipality_is_never_guessed() {
    let system = System::start();
    let to_nowhere = |endpoint| valid(endpoint).replace(NORD, NOWHERE);
    for endpoint in [Endpoint::Fs1, Endpoint::Jc2] {
        let response = system.post(endpoint, to_nowhere(endpoint));
        let what = endpoint.to_string();
        refused(
            &what,
            &response,
            500,
            "Client",
            &["UnknownMunicipality", NOWHERE],
        );
        lives(&system, endpoint);
    }
    // A Jobcenter has seen the message, so it answers with a receipt.
    let response = system.post(Endpoint::Jc1, to_nowhere(Endpoint::Jc1));
    assert_eq!(response.status, 200);
    assert!(response.body.contains(">FEJL<"), "{}", response.body);
}

#[test]
fn two_municipalities_in_one_message_are_refused() {
    let system = System::start();
    for endpoint in [Endpoint::Fs1, Endpoint::Jc2] {
        let message = if endpoint == Endpoint::Fs1 {
            sample("Opret.complete.request.xml")
        } else {
            valid(endpoint)
        };
        let message = message.replacen(&format!("CVR>{NORD}<"), "CVR>90000002<", 1);
        let response = system.post(endpoint, message);
        let what = endpoint.to_string();
        refused(&what, &response, 500, "Client", &["AuthorityMismatch"]);
    }
    assert!(system.registered().is_empty());
}

/// What is personal stays out of what goes back.
#[test]
fn neither_fault_nor_receipt_quotes_the_message() {
    let system = System::start();
    for endpoint in ENDPOINTS {
        let message = valid(endpoint);
        for (from, to) in [
            ("3113850000", "311385000X"),
            ("3113850000</ReferenceID>", "3113850000</Reference>"),
            (
                "<ReferenceID>3113850000",
                "<ReferenceID>3113850000<b>3113850000</b>",
            ),
        ] {
            let response = system.post(endpoint, message.replace(from, to));
            let refused = response.status == 500 || response.body.contains(">FEJL<");
            assert!(
                refused && !response.body.contains("311385"),
                "{}",
                response.body
            );
        }
    }
}

#[test]
fn all_that_is_wrong_is_listed_in_both_languages_and_bounded() {
    let system = System::start();
    for endpoint in ENDPOINTS {
        let what = endpoint.to_string();
        let message = valid(endpoint)
            .replace("3113850000", "311385000X")
            .replace("<Myndighed>90000019<", "<Myndighed>9<");
        let found = [
            ("Header/Myndighed", "digits"),
            ("Header/SygemeldtePart/ReferenceID", "digits"),
        ];
        against_the_contract(&what, endpoint, &system.post(endpoint, &message), &found);
        // As many as may be told, and at the platform the one that says what they are.
        let many: String = (0..60).map(|n| format!(" a{n}=\"\"")).collect();
        let message = valid(endpoint).replacen("<Header>", &format!("<Header{many}>"), 1);
        let body = system.post(endpoint, message).body;
        let count = entries(&body, "FejlKode", "FejlTekst").len()
            + entries(&body, "ErrorCode", "ErrorText").len();
        let most = soap::Limits::default().violations + usize::from(!takes_over(endpoint));
        assert_eq!(count, most, "{what}: {body}");
    }
}
