//! A service with three operations, and its contract as the generator would emit it.

#![allow(
    unreachable_pub,
    reason = "as it is emitted into a library; a test exports nothing"
)]

use soap::{Answer, Fault, FaultCode, Operation, OperationFacts, Rejection, Root, Service};

pub const NS: soap::Namespace = soap::Namespace::new("urn:example", "e");
pub const ASK: Root<String> = Root::new(NS.element("Ask"), &[NS]);
pub const TELL: Root<String> = Root::new(NS.element("Tell"), &[NS]);
pub const TOLD: Root<String> = Root::new(NS.element("Told"), &[NS]);
pub const TROUBLE: Root<i32> = Root::new(NS.element("Trouble"), &[NS]);

/// The declared fault of `Ask`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble(pub i32);

impl soap::FaultDetail for Trouble {
    fn read(reader: &mut soap::Reader<'_>) -> Result<Option<Self>, soap::Refused> {
        if reader.at(NS.name("Trouble")) {
            return TROUBLE.read_child(reader).map(|number| Some(Self(number)));
        }
        Ok(None)
    }

    fn write(&self, writer: &mut soap::Writer) {
        writer.root(&TROUBLE, &self.0);
    }

    /// As where another fault is declared for much trouble.
    fn action(&self) -> Option<&'static str> {
        (self.0 > 7).then_some("urn:example/MuchTrouble")
    }
}

pub enum Ask {}

impl Operation for Ask {
    const FACTS: OperationFacts = OperationFacts {
        name: "Ask",
        action: "urn:example/Ask",
        answer_action: "urn:example/Answer",
        fault_action: "urn:example/Trouble",
        inputs: &[NS.name("Ask")],
        outputs: Some(&[NS.name("Told")]),
        headers: &[],
    };
    const INPUT: Root<String> = ASK;
    const OUTPUT: Option<Root<String>> = Some(TOLD);
    type Input = String;
    type InputHeaders = ();
    type Output = String;
    type OutputHeaders = ();
    type Fault = Trouble;
}

/// One-way.
pub enum Tell {}

impl Operation for Tell {
    const FACTS: OperationFacts = OperationFacts {
        name: "Tell",
        action: "urn:example/Tell",
        answer_action: "",
        fault_action: "",
        inputs: &[NS.name("Tell")],
        outputs: None,
        headers: &[],
    };
    const INPUT: Root<String> = TELL;
    const OUTPUT: Option<Root<()>> = None;
    type Input = String;
    type InputHeaders = ();
    type Output = ();
    type OutputHeaders = ();
    type Fault = soap::Undeclared;
}

/// Shares element and answer with `Ask` and is told from it by the action.
pub enum AskAgain {}

impl Operation for AskAgain {
    const FACTS: OperationFacts = OperationFacts {
        name: "AskAgain",
        action: "urn:example/AskAgain",
        ..Ask::FACTS
    };
    const INPUT: Root<String> = ASK;
    const OUTPUT: Option<Root<String>> = Some(TOLD);
    type Input = String;
    type InputHeaders = ();
    type Output = String;
    type OutputHeaders = ();
    type Fault = Trouble;
}

pub struct Oracle;

impl Oracle {
    async fn ask(&self, question: String) -> Result<String, Fault<Trouble>> {
        match question.as_str() {
            "trouble" => Err(Fault::server("it went wrong: <&>")
                .with_detail(Trouble(7))
                .with_actor("urn:oracle")),
            "much trouble" => Err(Fault::server("it went wrong").with_detail(Trouble(8))),
            "client" => Err(Fault::client("bad\u{1}question")),
            "other" => Err(Fault::new(FaultCode::Other(NS.name("Odd").into()), "odd")),
            "unwritable" => Ok("\u{1}".to_owned()),
            _ => Ok(format!("{question}!")),
        }
    }
}

impl Service for Oracle {
    type Context = ();
    const NAME: &'static str = "Oracle";
    const OPERATIONS: &'static [OperationFacts] = &[Ask::FACTS, Tell::FACTS, AskAgain::FACTS];
    const BINDINGS: &'static [soap::Binding] = &[];
    const DOCUMENTS: &'static [soap::Document] = &[];

    async fn call(&self, call: soap::Call<'_>, (): ()) -> Result<Answer, Rejection> {
        match call.operation() {
            0 => {
                call.answer::<Ask, _, _>(|question| self.ask(question))
                    .await
            }
            1 => call.answer::<Tell, _, _>(|_| async { Ok(()) }).await,
            2 => {
                call.answer::<AskAgain, _, _>(|question| self.ask(question + " again"))
                    .await
            }
            _ => Err(call.unknown()),
        }
    }
}
