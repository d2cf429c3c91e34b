//! One message between octets and values: ours, and what it is compared with.

use std::hint::black_box;
use std::marker::PhantomData;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use hyper::Uri;
use quick_xml::events::Event;
use serde::de::DeserializeOwned;
use service::endpoint::Endpoint;
use soap::{
    Answer, Binding, Call, CallError, Document, Limits, Operation, OperationFacts, Rejection,
    Reply, Request, Root, Service, Transport, TransportError, Undeclared,
};

use crate::exchange::{self, Wire};
use crate::{like, passing};

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
    /// The party's in between: from the octets that come in to those that go out, the message decoded with all checks made.
    Forward,
}

impl Work {
    pub(crate) const ALL: [Self; 5] = [
        Self::Scan,
        Self::Serde,
        Self::Decode,
        Self::Encode,
        Self::Forward,
    ];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Scan => "scan",
            Self::Serde => "serde",
            Self::Decode => "decode",
            Self::Encode => "encode",
            Self::Forward => "forward",
        }
    }
}

/// An operation with its sample.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) message: &'static str,
    pub(crate) endpoint: Endpoint,
    pub(crate) action: &'static str,
    /// Serial calls of the typed client.
    pub(crate) calls: fn(Wire, &Uri, &str, &dyn Fn(usize) -> bool) -> usize,
    run: fn(&str, Work, usize),
    /// None where the message is at its end.
    forward: Option<fn(&str, usize)>,
}

impl Case {
    /// Does `work` so many times; false if it is not done to this message.
    pub(crate) fn run(&self, work: Work, times: usize) -> bool {
        match (work, self.forward) {
            (Work::Forward, None) => return false,
            (Work::Forward, Some(forward)) => forward(self.message, times),
            (work, _) => (self.run)(self.message, work, times),
        }
        true
    }
}

macro_rules! case {
    ($module:ident, $name:ident, $endpoint:ident, $sample:expr, $forward:expr) => {
        Case {
            name: stringify!($name),
            message: include_str!(concat!("../../../../wsdl/samples/", $sample)),
            endpoint: Endpoint::$endpoint,
            action: <generated::$module::$name as Operation>::FACTS.action,
            calls: exchange::calls::<generated::$module::$name>,
            run: run::<generated::$module::$name, like::$name>,
            forward: $forward,
        }
    };
    ($name:ident) => {
        case!(
            sygefravaer,
            $name,
            Jc1,
            concat!(stringify!($name), ".request.xml"),
            Some(passing::forward::<generated::sygefravaer::$name>)
        )
    };
}

pub(crate) const CASES: &[Case] = &[
    case!(Opret),
    case!(OpdaterSelvstaendig),
    case!(OpdaterLoenmodtager),
    case!(OpdaterPensionskode),
    case!(OpdaterOphoer),
    case!(Afslut),
    case!(OpdaterStatus),
    case!(
        ksd_sygefravaer,
        SendForretningsSvar,
        Jc2,
        "SendForretningsSvar.context.request.xml",
        Some(passing::translate)
    ),
    case!(
        kmd,
        ModtagForretningsSvar,
        Fs2,
        "ModtagForretningsSvar.request.xml",
        None
    ),
];

fn run<O, L>(message: &str, work: Work, times: usize)
where
    O: Operation<InputHeaders = (), OutputHeaders = ()>,
    O::Input: Clone + Send,
    L: DeserializeOwned,
{
    match work {
        // That is not the same for all of them.
        Work::Forward => {}
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
pub(crate) struct OneWay<O>(PhantomData<O>);

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
pub(crate) struct Null;

impl Transport for Null {
    async fn send(&self, request: Request<'_>) -> Result<Reply, TransportError> {
        black_box(request.body);
        Err(TransportError::lasting(""))
    }
}

/// What `future` comes to, which waits for nothing.
pub(crate) fn ready<T>(future: impl Future<Output = T>) -> T {
    let mut context = Context::from_waker(Waker::noop());
    match pin!(future).poll(&mut context) {
        Poll::Ready(value) => value,
        Poll::Pending => unreachable!("nothing here waits"),
    }
}
