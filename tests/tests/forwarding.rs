//! What the platform passes on are the sender's own octets, whatever their layout, and AuthorityContext beside them.

use std::path::Path;

use roxmltree::{Document, Node};
use service::endpoint::Endpoint;
use service::message::Message;
use soap::Limits;
use tests::infoset;
use tests::judges::Xmllint;
use tests::layout::Layout;
use tests::schemas::schema_of;
use tests::system::{NORD, System, root, sample};

use crate::SEVEN;

/// Sends `message` to EP_FS1 and returns what arrives at EP_JC1; `sent` counts the calls of the system.
#[track_caller]
fn pass(system: &System, sent: &mut usize, message: &str) -> String {
    let receipt = system.post(Endpoint::Fs1, message);
    assert_eq!(receipt.status, 200, "{message}\n{}", receipt.body);
    *sent += 1;
    let mut exchanges = system.exchanges_to(Endpoint::Jc1, *sent);
    exchanges.pop().expect("an exchange").request
}

/// Checks what arrived against what was sent.
#[track_caller]
fn check(message: &str, arrived: &str) {
    let message = message.trim_start_matches('\u{feff}');
    assert_eq!(content(arrived), content(message), "{arrived}");
    assert_eq!(read(arrived), read(message).with_authority(), "{arrived}");
    let document = Document::parse(arrived).expect("XML");
    let payload = payload(&document);
    let children: Vec<_> = payload.children().filter(Node::is_element).collect();
    let authority = children.iter().position(is_authority);
    let place = usize::from(children[0].tag_name().name() == "CallContext");
    assert_eq!(authority, Some(place), "{arrived}");
}

fn is_authority(node: &Node<'_, '_>) -> bool {
    node.tag_name().name() == "AuthorityContext"
}

fn payload<'a>(document: &'a Document<'_>) -> Node<'a, 'a> {
    let envelope = document.root_element();
    let body = envelope
        .children()
        .find(|node| node.tag_name().name() == "Body");
    body.and_then(|body| body.first_element_child())
        .expect("a body")
}

/// The octets inside the payload's element, without those of AuthorityContext.
#[track_caller]
fn content(message: &str) -> String {
    let document = Document::parse(message).expect("XML");
    let payload = payload(&document);
    let from = payload.first_child().expect("content").range().start;
    let to = from
        + message[from..payload.range().end]
            .rfind("</")
            .expect("an end tag");
    match payload.children().find(is_authority) {
        None => message[from..to].to_owned(),
        Some(authority) => [
            &message[from..authority.range().start],
            &message[authority.range().end..to],
        ]
        .concat(),
    }
}

#[track_caller]
fn read(message: &str) -> Message {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let limits = Limits::default();
    let read = Message::read(message.as_bytes(), &limits);
    let read = runtime.expect("a runtime").block_on(read);
    read.unwrap_or_else(|error| panic!("{error}\n{message}"))
}

const SOAP: &str = "http://schemas.xmlsoap.org/soap/envelope/";
const SF: &str = "http://serviceplatformen.dk/xml/wsdl/soap11/Sygefravaer/Sygefravaer/2/";
const AC: &str = "http://serviceplatformen.dk/xml/schemas/AuthorityContext/1/";

/// The content of the payload of the sample `Opret`, each tag with `prefix`.
fn opret(prefix: &str) -> String {
    let sample = sample("Opret.request.xml");
    let from = sample.find("<Header>").expect("a header");
    let to = sample.find("</OpretRequest>").expect("an end");
    let content = sample[from..to].replace("</", "</@").replace('<', "<@");
    content.replace("<@/@", "</@").replace('@', prefix)
}

fn hostile() -> Vec<String> {
    let plain = opret("");
    let one_line = plain.replace("\n", "").replace("  ", "");
    let authority = format!(
        "<z:AuthorityContext xmlns:z='{AC}'><z:MunicipalityCVR>{NORD}</z:MunicipalityCVR></z:AuthorityContext>"
    );
    vec![
        // Everything is declared on the envelope.
        format!(
            "<s:Envelope xmlns:s='{SOAP}' xmlns:x='{SF}' xmlns:soap='urn:mine' xmlns:ac='urn:mine'><s:Header/><s:Body><x:OpretRequest>{}</x:OpretRequest></s:Body></s:Envelope>",
            opret("x:")
        ),
        // The payload has the default namespace of the envelope, which has another one itself.
        format!(
            "<Envelope xmlns='{SOAP}'><Body><OpretRequest xmlns='{SF}'>{plain}</OpretRequest></Body></Envelope>"
        ),
        format!(
            "<e:Envelope xmlns:e='{SOAP}' xmlns='{SF}'><e:Body><OpretRequest>{plain}</OpretRequest></e:Body></e:Envelope>"
        ),
        // Prefixes change their meaning on the way.
        format!(
            "<p:Envelope xmlns:p='{SOAP}' xmlns='urn:1'><p:Body xmlns='urn:2'><p:OpretRequest xmlns:p='{SF}' xmlns='{AC}'>{}</p:OpretRequest></p:Body></p:Envelope>",
            opret("p:")
        ),
        // AuthorityContext is there, in some layout, and the municipality's.
        format!(
            "<e:Envelope xmlns:e='{SOAP}'><e:Body><OpretRequest xmlns='{SF}'> {authority} {plain}</OpretRequest></e:Body></e:Envelope>"
        ),
        format!(
            "<e:Envelope xmlns:e='{SOAP}'><e:Body><OpretRequest xmlns='{SF}'><!-- <AuthorityContext/> --><AuthorityContext xmlns='{AC}'><!-- 1 --><MunicipalityCVR>900<![CDATA[000]]>&#x31;9</MunicipalityCVR ></AuthorityContext\n><?pi >?>{plain}</OpretRequest></e:Body></e:Envelope>"
        ),
        // Line ends of another kind, none at all, and CDATA, comments and references in values.
        format!(
            "<e:Envelope xmlns:e='{SOAP}'>\r\n<e:Body>\r\n<OpretRequest xmlns='{SF}'>{}</OpretRequest>\r\n</e:Body></e:Envelope>\r\n",
            plain.replace('\n', "\r\n")
        ),
        format!(
            "<e:Envelope xmlns:e='{SOAP}'><e:Body><OpretRequest xmlns='{SF}'>{one_line}</OpretRequest></e:Body></e:Envelope>"
        ),
        format!(
            "\u{feff}<?xml version='1.0' encoding='UTF-8'?><!-- a --><?b?>\n<e:Envelope xmlns:e='{SOAP}' xml:lang='da'><e:Header><t:T xmlns:t='urn:t'/></e:Header><e:Body Id='x'><!-- </OpretRequest> --><OpretRequest xmlns='{SF}'>{}</OpretRequest></e:Body></e:Envelope>",
            plain
                .replace(">11<", "><![CDATA[1]]>&#49;<")
                .replace(">90000019<", ">9000<!-- & -->0019<")
        ),
    ]
}

#[test]
fn hostile_layouts_arrive_as_they_were_sent() {
    let system = System::start();
    let mut sent = 0;
    let judge = Xmllint::find();
    let schema = schema_of(
        SF,
        &Path::new(env!("CARGO_TARGET_TMPDIR")).join("forwarding"),
    );
    for message in hostile() {
        let arrived = pass(&system, &mut sent, &message);
        check(&message, &arrived);
        if let Some(judge) = &judge {
            let document = Document::parse(&arrived).expect("XML");
            let payload = &arrived[payload(&document).range()];
            // As it stands: nothing that it uses is declared outside.
            if let Err(objection) = judge.validate(&schema, payload) {
                panic!("{objection}{payload}");
            }
        }
    }
}

#[test]
fn every_sample_arrives_as_it_was_sent() {
    let system = System::start();
    let mut sent = 0;
    let samples = std::fs::read_dir(root().join("wsdl/samples")).expect("the samples");
    for file in samples {
        let name = file.expect("a sample").file_name();
        let name = name.to_string_lossy();
        let operation = name.split('.').next().unwrap_or_default();
        if SEVEN.contains(&operation) && name.ends_with(".request.xml") {
            let message = sample(&name);
            check(&message, &pass(&system, &mut sent, &message));
        }
    }
    assert!(sent >= 14, "{sent} samples");
}

#[test]
fn any_layout_arrives_as_it_was_sent() {
    let system = System::start();
    let mut sent = 0;
    for round in 0..20 {
        for operation in SEVEN {
            for kind in ["", ".context"] {
                let sample = sample(&format!("{operation}{kind}.request.xml"));
                let message = Layout::new(round).relaid(&sample);
                let payload = format!("{operation}Request");
                let laid_out = infoset::canonical(message.trim_start_matches('\u{feff}'), &payload);
                assert_eq!(laid_out, infoset::canonical(&sample, &payload), "{message}");
                check(&message, &pass(&system, &mut sent, &message));
            }
        }
    }
}
