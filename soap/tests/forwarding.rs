//! Requests that are passed on in their own octets.

use std::sync::{Arc, Mutex, OnceLock};
use std::task::{Context, Poll, Waker};

use soap::{
    Answer, Binding, Call, CallError, Document, Limits, Namespace, Operation, OperationFacts,
    Payload, Place, QName, Rejection, Reply, Request, Root, Service, Transport, TransportError,
    Undeclared, Version,
};

const P: Namespace = Namespace::new("urn:post", "p");
const S: Namespace = Namespace::new("urn:stamp", "s");

/// What is sent: a note, a stamp, what it is a kind of, and text.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Parcel {
    note: Option<String>,
    stamp: Option<Stamp>,
    kind: Option<QName>,
    text: Option<String>,
}

impl soap::ReadXml for Parcel {
    fn read(reader: &mut soap::Reader<'_>) -> Result<Self, soap::Refused> {
        let note = reader.optional(P.element("Note"));
        let stamp = reader.optional(S.element("Stamp"));
        let kind = reader.optional(P.element("Kind"));
        let text = reader.optional(P.element("Text"));
        Ok(Self {
            note: note?,
            stamp: stamp?,
            kind: kind?,
            text: text?,
        })
    }
}

impl soap::WriteXml for Parcel {
    fn write(&self, writer: &mut soap::Writer) {
        writer.optional(P.element("Note"), self.note.as_ref());
        writer.optional(S.element("Stamp"), self.stamp.as_ref());
        writer.optional(P.element("Kind"), self.kind.as_ref());
        writer.optional(P.element("Text"), self.text.as_ref());
    }
}

/// Its number stands in no namespace.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Stamp(i32);

impl soap::ReadXml for Stamp {
    fn read(reader: &mut soap::Reader<'_>) -> Result<Self, soap::Refused> {
        reader.required(Namespace::NONE.element("No")).map(Self)
    }
}

impl soap::WriteXml for Stamp {
    fn write(&self, writer: &mut soap::Writer) {
        writer.required(Namespace::NONE.element("No"), &self.0);
    }
}

enum Send {}

impl Operation for Send {
    const FACTS: OperationFacts = OperationFacts {
        name: "Send",
        action: "urn:post/Send",
        answer_action: "",
        fault_action: "",
        inputs: &[P.name("Parcel")],
        outputs: Some(&[P.name("Sent")]),
        headers: &[],
    };
    const INPUT: Root<Parcel> = Root::new(P.element("Parcel"), &[P, S]);
    const OUTPUT: Option<Root<String>> = Some(Root::new(P.element("Sent"), &[P]));
    type Input = Parcel;
    type InputHeaders = ();
    type Output = String;
    type OutputHeaders = ();
    type Fault = Undeclared;
}

/// The same by another name.
enum Return {}

impl Operation for Return {
    const FACTS: OperationFacts = OperationFacts {
        name: "Return",
        ..Send::FACTS
    };
    const INPUT: Root<Parcel> = Root::new(P.element("Returned"), &[P, S]);
    const OUTPUT: Option<Root<String>> = Send::OUTPUT;
    type Input = Parcel;
    type InputHeaders = ();
    type Output = String;
    type OutputHeaders = ();
    type Fault = Undeclared;
}

const STAMP: Place<Stamp> = Place::new(S.element("Stamp"), &[P.name("Note")]);

/// Keeps what it is sent.
#[derive(Default)]
struct Office {
    parcel: Mutex<Option<Parcel>>,
}

impl Service for Office {
    type Context = Arc<OnceLock<Payload<Stamp>>>;
    const NAME: &'static str = "Office";
    const OPERATIONS: &'static [OperationFacts] = &[Send::FACTS];
    const BINDINGS: &'static [Binding] = &[];
    const DOCUMENTS: &'static [Document] = &[];

    async fn call(&self, call: Call<'_>, payload: Self::Context) -> Result<Answer, Rejection> {
        let kept = Arc::clone(&payload);
        call.keeping(STAMP, move |payload| kept.set(payload).expect("once"))
            .answer::<Send, _, _>(async |parcel| {
                assert!(payload.get().is_some(), "kept before anyone is asked");
                *self.parcel.lock().expect("unspoiled") = Some(parcel);
                Ok("ok".to_owned())
            })
            .await
    }
}

/// The next office, which speaks SOAP 1.1.
#[derive(Default)]
struct Onward {
    body: Mutex<String>,
}

impl Transport for Onward {
    async fn send(&self, request: Request<'_>) -> Result<Reply, TransportError> {
        *self.body.lock().expect("unspoiled") = request.body;
        let reply = "<s:Envelope xmlns:s='http://schemas.xmlsoap.org/soap/envelope/'><s:Body>\
                     <Sent xmlns='urn:post'>ok</Sent></s:Body></s:Envelope>";
        Ok(Reply {
            body: reply.as_bytes().to_vec(),
        })
    }
}

fn ready<T>(future: impl Future<Output = T>) -> T {
    let mut context = Context::from_waker(Waker::noop());
    match std::pin::pin!(future).poll(&mut context) {
        Poll::Ready(value) => value,
        Poll::Pending => unreachable!("nothing here waits"),
    }
}

/// Decodes `message`; with its payload, if it is valid.
fn decode(message: &str) -> Result<(Parcel, Payload<Stamp>), String> {
    let (office, payload) = (Office::default(), Arc::default());
    let limits = Limits::default();
    let handled = soap::server::handle(
        &office,
        message.as_bytes(),
        None,
        Arc::clone(&payload),
        &limits,
    );
    match ready(handled) {
        Ok(_) => {
            let parcel = office.parcel.into_inner().expect("unspoiled");
            let kept = payload.get().expect("kept").clone();
            Ok((parcel.expect("a parcel"), kept))
        }
        Err(rejection) => {
            assert!(payload.get().is_none(), "what is invalid is not kept");
            Err(rejection.to_string())
        }
    }
}

/// Passes `message` on with a stamp, and returns the envelope that went out.
#[track_caller]
fn pass(message: &str) -> String {
    let (parcel, payload) = decode(message).expect("valid");
    let onward = Onward::default();
    let stamp = Stamp(7);
    let sent = soap::client::forward::<Send, _, _>(&onward, &payload, Some(&stamp));
    assert_eq!(ready(sent).expect("sent"), "ok");
    let body = onward.body.into_inner().expect("unspoiled");
    let (found, _) = decode(&body).expect("valid");
    let expected = Parcel {
        stamp: Some(stamp),
        ..parcel
    };
    assert_eq!(found, expected, "{body}");
    body
}

const SOAP: &str = "xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\"";

/// Passes on an envelope around `payload` and expects `forwarded` in the one that goes out.
#[track_caller]
fn check(payload: &str, forwarded: &str) {
    let message = format!("<soap:Envelope {SOAP}><soap:Body>{payload}</soap:Body></soap:Envelope>");
    let expected =
        format!("<soap:Envelope {SOAP}><soap:Body>{forwarded}</soap:Body></soap:Envelope>");
    // What the envelope declared goes along.
    let found = pass(&message).replacen(&format!(" {SOAP}"), "", 2);
    assert_eq!(found, expected.replacen(&format!(" {SOAP}"), "", 1));
}

const STAMPED: &str = "<s:Stamp xmlns:s=\"urn:stamp\"><No>7</No></s:Stamp>";
const STAMPED_BARE: &str = "<s:Stamp xmlns:s=\"urn:stamp\"><No xmlns=\"\">7</No></s:Stamp>";

#[test]
fn an_element_is_put_in_its_place() {
    for (payload, forwarded) in [
        (
            "<p:Parcel xmlns:p='urn:post'><p:Text>a</p:Text></p:Parcel>",
            "<p:Parcel xmlns:p='urn:post'>@<p:Text>a</p:Text></p:Parcel>",
        ),
        (
            "<p:Parcel xmlns:p='urn:post'>\r\n <p:Note/><!-- > --> <?p Text?>\r\n <p:Text>a</p:Text ></p:Parcel>",
            "<p:Parcel xmlns:p='urn:post'>\r\n <p:Note/><!-- > --> <?p Text?>\r\n @<p:Text>a</p:Text ></p:Parcel>",
        ),
        (
            "<p:Parcel xmlns:p='urn:post'><p:Note>x</p:Note></p:Parcel>",
            "<p:Parcel xmlns:p='urn:post'><p:Note>x</p:Note>@</p:Parcel>",
        ),
        (
            "<p:Parcel xmlns:p='urn:post'/>",
            "<p:Parcel xmlns:p='urn:post'>@</p:Parcel>",
        ),
        (
            "<p:Parcel xmlns:p='urn:post'\n/>",
            "<p:Parcel xmlns:p='urn:post'\n>@</p:Parcel>",
        ),
        (
            "<p:Parcel xmlns:p='urn:post'> <!-- </p:Parcel> --> </p:Parcel >",
            "<p:Parcel xmlns:p='urn:post'> <!-- </p:Parcel> --> @</p:Parcel >",
        ),
    ] {
        check(payload, &forwarded.replace('@', STAMPED));
    }
}

#[test]
fn an_element_that_is_there_is_replaced() {
    for stamp in [
        "<x:Stamp xmlns:x='urn:stamp'><No>1</No></x:Stamp>",
        "<Stamp xmlns='urn:stamp'><No xmlns=''>1</No></Stamp>",
        "<x:Stamp xmlns:x='urn:stamp'>\n<No>1<!-- 2 --></No>\n</x:Stamp >",
    ] {
        let parcel = |stamp: &str| {
            format!(
                "<p:Parcel xmlns:p='urn:post'><p:Note>n</p:Note>\n{stamp} <p:Text><![CDATA[</p:Text>]]></p:Text></p:Parcel>"
            )
        };
        check(&parcel(stamp), &parcel(STAMPED));
    }
}

#[test]
fn a_default_namespace_does_not_reach_into_what_is_put_in() {
    check(
        "<Parcel xmlns='urn:post'><Text>a</Text></Parcel>",
        &format!("<Parcel xmlns='urn:post'>{STAMPED_BARE}<Text>a</Text></Parcel>"),
    );
}

#[test]
fn what_was_in_scope_goes_along() {
    let kind = "<Kind>q:thing</Kind><Text a:x='1' xmlns:a='urn:a'/>";
    let message = format!(
        "\u{feff}<?xml version='1.0' encoding='utf-8'?><!-- e -->\n\
         <e:Envelope xmlns:e='http://schemas.xmlsoap.org/soap/envelope/' xmlns='urn:elsewhere' xmlns:q=\"urn:&lt;q&gt;\" \
         xmlns:unused='urn:unused' xml:lang='da' xml:space='default'>\
         <e:Header><q:Block/></e:Header>\
         <e:Body xmlns='urn:post' xmlns:unused='urn:again' xml:lang='d&amp;n' other='1'><!-- b --> <Parcel xmlns:own='urn:own'>{kind}</Parcel>\n</e:Body></e:Envelope>"
    );
    // The attribute is one that no one declares.
    assert!(decode(&message).is_err());
    let message = message.replace(" a:x='1'", "");
    let kind = kind.replace(" a:x='1'", "");
    assert_eq!(
        pass(&message),
        format!(
            "<soap:Envelope {SOAP}><soap:Body xml:space=\"default\" xml:lang=\"d&amp;n\">\
             <Parcel xmlns:e=\"http://schemas.xmlsoap.org/soap/envelope/\" xmlns:q=\"urn:&lt;q&gt;\" xmlns=\"urn:post\" \
             xmlns:unused=\"urn:again\" xmlns:own='urn:own'>{STAMPED_BARE}{kind}</Parcel></soap:Body></soap:Envelope>"
        )
    );
}

#[test]
fn what_the_payload_declares_again_is_its_own() {
    let message = format!(
        "<soap:Envelope {SOAP} xmlns:p='urn:other' xmlns='urn:post'><soap:Body>\
         <p:Parcel xmlns:p='urn:post' xmlns='' xmlns:soap='urn:mine'><p:Kind>soap:k</p:Kind></p:Parcel></soap:Body></soap:Envelope>"
    );
    assert_eq!(
        pass(&message),
        format!(
            "<soap:Envelope {SOAP}><soap:Body><p:Parcel xmlns:p='urn:post' xmlns='' xmlns:soap='urn:mine'>{STAMPED}\
             <p:Kind>soap:k</p:Kind></p:Parcel></soap:Body></soap:Envelope>"
        )
    );
}

#[test]
fn a_message_of_soap_1_2_goes_on_in_the_version_of_the_next() {
    let uri = Version::Soap12.namespace().uri();
    let message = format!(
        "<soap:Envelope xmlns:soap='{uri}'><soap:Body><Parcel xmlns='urn:post'><Kind>soap:k</Kind></Parcel></soap:Body></soap:Envelope>"
    );
    assert_eq!(
        pass(&message),
        format!(
            "<soap:Envelope {SOAP}><soap:Body><Parcel xmlns:soap=\"{uri}\" xmlns='urn:post'>{STAMPED_BARE}<Kind>soap:k</Kind></Parcel>\
             </soap:Body></soap:Envelope>"
        )
    );
}

#[test]
fn without_a_value_all_stays() {
    let payload = "<Parcel xmlns='urn:post'><s:Stamp xmlns:s='urn:stamp'><No xmlns=''>1</No></s:Stamp></Parcel>";
    let message = format!(
        "<e:Envelope xmlns:e='{}'><e:Body>{payload}</e:Body></e:Envelope>",
        Version::Soap11.namespace().uri()
    );
    let (_, kept) = decode(&message).unwrap();
    let onward = Onward::default();
    ready(soap::client::forward::<Send, _, Stamp>(
        &onward, &kept, None,
    ))
    .unwrap();
    let body = onward.body.into_inner().unwrap();
    assert!(
        body.contains("<No xmlns=''>1</No></s:Stamp></Parcel>"),
        "{body}"
    );
}

#[test]
fn a_payload_goes_to_its_own_operation_alone() {
    let message = format!(
        "<e:Envelope xmlns:e='{}'><e:Body><Parcel xmlns='urn:post'/></e:Body></e:Envelope>",
        Version::Soap11.namespace().uri()
    );
    let (_, payload) = decode(&message).unwrap();
    assert_eq!(payload.name(), P.name("Parcel"));
    let shown = format!("{payload:?}");
    assert!(!shown.contains("xmlns"), "{shown}");
    let onward = Onward::default();
    let sent = ready(soap::client::forward::<Return, _, _>(
        &onward,
        &payload,
        Some(&Stamp(1)),
    ));
    assert!(matches!(sent, Err(CallError::Request(_))), "{sent:?}");
    assert!(
        onward.body.into_inner().unwrap().is_empty(),
        "nothing went out"
    );
}

#[test]
fn what_is_found_invalid_is_never_kept() {
    let uri = Version::Soap11.namespace().uri();
    for (payload, after) in [
        ("<Parcel xmlns='urn:post'><Text/><Note/></Parcel>", ""),
        ("<Parcel xmlns='urn:post'/>", "<More/>"),
        ("<Parcel xmlns='urn:post'/>", "text"),
        ("<Other xmlns='urn:post'/>", ""),
        (
            "<Parcel xmlns='urn:post'><Text>&unknown;</Text></Parcel>",
            "",
        ),
        ("", ""),
    ] {
        let message =
            format!("<e:Envelope xmlns:e='{uri}'><e:Body>{payload}{after}</e:Body></e:Envelope>");
        assert!(decode(&message).is_err(), "{message}");
        let message = format!(
            "<e:Envelope xmlns:e='{uri}'><e:Body><Parcel xmlns='urn:post'/></e:Body></e:Envelope>{payload}"
        );
        if !payload.is_empty() {
            assert!(decode(&message).is_err(), "{message}");
        }
    }
}
