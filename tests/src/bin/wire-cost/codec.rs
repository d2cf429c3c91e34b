//! One message between octets and values: ours, and what it is compared with.

use std::hint::black_box;
use std::marker::PhantomData;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use quick_xml::events::Event;
use serde::de::DeserializeOwned;
use soap::{
    Answer, Binding, Call, CallError, Document, Limits, Operation, OperationFacts, Rejection,
    Reply, Request, Root, Service, Transport, TransportError, Undeclared,
};

use crate::like;

/// What is done with the message of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Work {
    /// quick-xml's events, one after the other, and nothing else.
    Scan,
    /// serde with quick-xml into structs of strings, without any check.
    Serde,
    /// The server's side: from the octets of the envelope to the typed request, all checks made.
    Decode,
    /// The client's side: from the typed request to the octets of the envelope.
    Encode,
}

impl Work {
    pub(crate) const ALL: [Self; 4] = [Self::Scan, Self::Serde, Self::Decode, Self::Encode];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Scan => "scan",
            Self::Serde => "serde",
            Self::Decode => "decode",
            Self::Encode => "encode",
        }
    }
}

/// An operation with its sample.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) message: &'static str,
    run: fn(&str, Work, usize),
}

impl Case {
    /// Does `work` so many times.
    pub(crate) fn run(&self, work: Work, times: usize) {
        (self.run)(self.message, work, times);
    }
}

macro_rules! cases {
    ($($name:ident),+) => {
        pub(crate) const CASES: &[Case] = &[$(Case {
            name: stringify!($name),
            message: include_str!(concat!("../../../../wsdl/samples/", stringify!($name), ".request.xml")),
            run: run::<generated::sygefravaer::$name, like::$name>,
        }),+];
    };
}

cases!(
    Opret,
    OpdaterSelvstaendig,
    OpdaterLoenmodtager,
    OpdaterPensionskode,
    OpdaterOphoer,
    Afslut,
    OpdaterStatus
);

fn run<O, L>(message: &str, work: Work, times: usize)
where
    O: Operation<InputHeaders = (), OutputHeaders = ()>,
    O::Input: Clone + Send,
    L: DeserializeOwned,
{
    match work {
        Work::Scan => (0..times).for_each(|_| scan(black_box(message))),
        Work::Serde => (0..times).for_each(|_| {
            let envelope: like::Envelope<L> =
                quick_xml::de::from_str(black_box(message)).expect("a valid sample");
            black_box(envelope.body);
        }),
        Work::Decode => (0..times).for_each(|_| {
            let sink = Sink::<O>(PhantomData);
            let message = black_box(message).as_bytes();
            let limits = Limits::default();
            ready(soap::server::handle(&sink, message, None, (), &limits)).expect("a valid sample");
        }),
        Work::Encode => {
            let request = typed::<O>(message);
            (0..times).for_each(|_| {
                let called = soap::client::call::<OneWay<O>, _>(&Null, black_box(&request));
                let called = ready(called);
                assert!(
                    matches!(called, Err(CallError::Transport(_))),
                    "a valid request"
                );
            });
        }
    }
}

fn scan(message: &str) {
    let mut reader = quick_xml::Reader::from_str(message);
    loop {
        match reader.read_event().expect("well-formed") {
            Event::Eof => return,
            event => {
                black_box(event);
            }
        }
    }
}

/// The typed request in `message`.
pub(crate) fn typed<O: Operation>(message: &str) -> O::Input {
    let body = tests::infoset::body(message).expect("an envelope");
    let read = O::INPUT.read(body.as_bytes(), &Limits::default());
    read.expect("a valid sample")
}

/// An operation without its answer.
struct OneWay<O>(PhantomData<O>);

impl<O: Operation<InputHeaders = (), OutputHeaders = ()>> Operation for OneWay<O> {
    const FACTS: OperationFacts = OperationFacts {
        outputs: None,
        ..O::FACTS
    };
    const INPUT: Root<O::Input> = O::INPUT;
    const OUTPUT: Option<Root<()>> = None;
    type Input = O::Input;
    type InputHeaders = ();
    type Output = ();
    type OutputHeaders = ();
    type Fault = Undeclared;
}

/// A service that takes requests and lets go of them.
struct Sink<O>(PhantomData<fn() -> O>);

impl<O> Service for Sink<O>
where
    O: Operation<InputHeaders = (), OutputHeaders = ()>,
    O::Input: Send,
{
    type Context = ();
    const NAME: &'static str = "Sink";
    const OPERATIONS: &'static [OperationFacts] = &[<OneWay<O> as Operation>::FACTS];
    const BINDINGS: &'static [Binding] = &[];
    const DOCUMENTS: &'static [Document] = &[];

    async fn call(&self, call: Call<'_>, (): ()) -> Result<Answer, Rejection> {
        call.answer::<OneWay<O>, _, _>(async |request| {
            black_box(request);
            Ok(())
        })
        .await
    }
}

/// A transport that lets go of what it is to send, and brings no answer, which would have to be read.
struct Null;

impl Transport for Null {
    async fn send(&self, request: Request<'_>) -> Result<Reply, TransportError> {
        black_box(request.body);
        Err(TransportError::lasting(""))
    }
}

/// What `future` comes to, which waits for nothing.
fn ready<T>(future: impl Future<Output = T>) -> T {
    let mut context = Context::from_waker(Waker::noop());
    match pin!(future).poll(&mut context) {
        Poll::Ready(value) => value,
        Poll::Pending => unreachable!("nothing here waits"),
    }
}
