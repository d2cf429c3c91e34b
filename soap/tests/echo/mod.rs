//! A service with headers and bare bodies, and its contract as the generator would emit it.

#![allow(
    unreachable_pub,
    reason = "as it is emitted into a library; a test exports nothing"
)]

use soap::{Answer, Fault, Operation, OperationFacts, Rejection, Root, Service};

pub const NS: soap::Namespace = soap::Namespace::new("urn:example", "e");
pub const ASK: Root<String> = Root::new(NS.element("Ask"), &[NS]);
pub const TOKEN: Root<i32> = Root::new(NS.element("Token"), &[NS]);
pub const TRACE: Root<String> = Root::new(NS.element("Trace"), &[NS]);

/// The headers of a question.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AskHeaders {
    pub token: Option<i32>,
    pub trace: Option<String>,
}

impl soap::Headers for AskHeaders {
    const NAMES: &'static [soap::Name] = &[NS.name("Token"), NS.name("Trace")];

    fn read(reader: &mut soap::Reader<'_>, headers: &mut Self) -> Result<bool, soap::Refused> {
        if reader.at(NS.name("Token")) {
            headers.token = Some(TOKEN.read_child(reader)?);
            return Ok(true);
        }
        if reader.at(NS.name("Trace")) {
            headers.trace = Some(TRACE.read_child(reader)?);
            return Ok(true);
        }
        Ok(false)
    }

    fn write(&self, writer: &mut soap::Writer) {
        if let Some(header) = &self.token {
            writer.root(&TOKEN, header);
        }
        if let Some(header) = &self.trace {
            writer.root(&TRACE, header);
        }
    }
}

pub enum Ask {}

impl Operation for Ask {
    const FACTS: OperationFacts = OperationFacts {
        name: "Ask",
        action: "urn:example/Ask",
        answer_action: "",
        fault_action: "",
        inputs: &[NS.name("Ask")],
        outputs: Some(&[NS.name("Ask")]),
        headers: &[NS.name("Token"), NS.name("Trace")],
    };
    const INPUT: Root<String> = ASK;
    const OUTPUT: Option<Root<String>> = Some(ASK);
    type Input = String;
    type InputHeaders = AskHeaders;
    type Output = String;
    type OutputHeaders = AskHeaders;
    type Fault = soap::Undeclared;
}

/// A type that describes the body itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    pub kind: Option<String>,
    pub left: Option<String>,
    pub right: Option<String>,
}

impl soap::ReadXml for Pair {
    fn read(reader: &mut soap::Reader<'_>) -> Result<Self, soap::Refused> {
        let kind = reader.optional_attribute(soap::Attribute::unqualified("kind"));
        let left = reader.optional(NS.element("Left"));
        let right = reader.optional(NS.element("Right"));
        Ok(Self {
            kind: kind?,
            left: left?,
            right: right?,
        })
    }
}

impl soap::WriteXml for Pair {
    fn write(&self, writer: &mut soap::Writer) {
        writer.optional_attribute(soap::Attribute::unqualified("kind"), self.kind.as_ref());
        writer.optional(NS.element("Left"), self.left.as_ref());
        writer.optional(NS.element("Right"), self.right.as_ref());
    }
}

pub const PAIR: Root<Pair> = Root::bare(&[NS]);
pub const TEXT: Root<i32> = Root::bare(&[]);
pub const NOTHING: Root<()> = Root::bare(&[]);

pub enum Turn {}

impl Operation for Turn {
    const FACTS: OperationFacts = OperationFacts {
        name: "Turn",
        action: "urn:example/Turn",
        answer_action: "",
        fault_action: "",
        inputs: &[NS.name("Left"), NS.name("Right")],
        outputs: Some(&[NS.name("Left"), NS.name("Right")]),
        headers: &[],
    };
    const INPUT: Root<Pair> = PAIR;
    const OUTPUT: Option<Root<Pair>> = Some(PAIR);
    type Input = Pair;
    type InputHeaders = ();
    type Output = Pair;
    type OutputHeaders = ();
    type Fault = soap::Undeclared;
}

/// The body is a number, without an element around it.
pub enum Count {}

impl Operation for Count {
    const FACTS: OperationFacts = OperationFacts {
        name: "Count",
        action: "urn:example/Count",
        answer_action: "",
        fault_action: "",
        inputs: &[],
        outputs: Some(&[]),
        headers: &[],
    };
    const INPUT: Root<i32> = TEXT;
    const OUTPUT: Option<Root<i32>> = Some(TEXT);
    type Input = i32;
    type InputHeaders = ();
    type Output = i32;
    type OutputHeaders = ();
    type Fault = soap::Undeclared;
}

/// The body is empty.
pub enum Ping {}

impl Operation for Ping {
    const FACTS: OperationFacts = OperationFacts {
        name: "Ping",
        action: "urn:example/Ping",
        answer_action: "",
        fault_action: "",
        inputs: &[],
        outputs: Some(&[]),
        headers: &[],
    };
    const INPUT: Root<()> = NOTHING;
    const OUTPUT: Option<Root<()>> = Some(NOTHING);
    type Input = ();
    type InputHeaders = ();
    type Output = ();
    type OutputHeaders = ();
    type Fault = soap::Undeclared;
}

pub struct Echo;

impl Service for Echo {
    type Context = ();
    const NAME: &'static str = "Echo";
    const OPERATIONS: &'static [OperationFacts] =
        &[Ask::FACTS, Turn::FACTS, Count::FACTS, Ping::FACTS];
    const BINDINGS: &'static [soap::Binding] = &[];
    const DOCUMENTS: &'static [soap::Document] = &[];

    async fn call(&self, call: soap::Call<'_>, (): ()) -> Result<Answer, Rejection> {
        match call.operation() {
            0 => {
                call.answer_with_headers::<Ask, _, _>(async |question, headers| {
                    if question == "fault" {
                        return Err(Fault::server("trouble"));
                    }
                    Ok((question, headers))
                })
                .await
            }
            1 => {
                call.answer::<Turn, _, _>(async |pair: Pair| {
                    Ok(Pair {
                        left: pair.right,
                        right: pair.left,
                        ..pair
                    })
                })
                .await
            }
            2 => {
                call.answer::<Count, _, _>(async |number| Ok(number + 1))
                    .await
            }
            3 => call.answer::<Ping, _, _>(async |()| Ok(())).await,
            _ => Err(call.unknown()),
        }
    }
}
