//! Whatever the octets of an envelope are, the services of SF2090 answer it and its clients take it for a reply, without a
//! panic; a request that is read is written so that it is read again as the same.

#![no_main]

use std::fmt::Debug;
use std::sync::{LazyLock, Mutex};
use std::task::{Context, Poll, Waker};

use generated::{kmd, ksd_sygefravaer, sygefravaer};
use libfuzzer_sys::fuzz_target;
use soap::{
    Answer, Binding, Call, CallError, Document, Fault, Limits, Operation, OperationFacts, Rejection, Reply, Request,
    Service, Transport, TransportError, Version,
};

/// The limits of the run: those of a service, and tight ones.
const LIMITS: [Limits; 2] = [
    Limits {
        bytes: 1024 * 1024,
        depth: 64,
        attributes: 64,
        namespaces: 32,
        name_length: 256,
        text_length: 256 * 1024,
        items: 10_000,
        violations: 20,
    },
    Limits {
        bytes: 4096,
        depth: 5,
        attributes: 2,
        namespaces: 4,
        name_length: 40,
        text_length: 60,
        items: 3,
        violations: 3,
    },
];

fuzz_target!(|message: &[u8]| {
    // All operations of EP_FS1 and EP_JC1 have one type of answer; the other two have theirs.
    type First = sygefravaer::Opret;
    for limits in &LIMITS {
        macro_rules! requests {
            ($($operation:ty),+) => {$( request::<$operation>(message, limits); )+};
        }
        requests!(
            sygefravaer::Opret,
            sygefravaer::OpdaterSelvstaendig,
            sygefravaer::OpdaterLoenmodtager,
            sygefravaer::OpdaterPensionskode,
            sygefravaer::OpdaterOphoer,
            sygefravaer::Afslut,
            sygefravaer::OpdaterStatus,
            ksd_sygefravaer::SendForretningsSvar,
            kmd::ModtagForretningsSvar
        );
        response::<First>(message, limits, &OPRET);
        response::<ksd_sygefravaer::SendForretningsSvar>(message, limits, &SEND);
        response::<kmd::ModtagForretningsSvar>(message, limits, &MODTAG);
    }
});

/// A service of one operation that keeps the request and answers with a fault.
struct Keeping<O: Operation>(Mutex<Option<O::Input>>);

impl<O: Operation<InputHeaders = (), OutputHeaders = ()> + Send + Sync> Service for Keeping<O>
where
    O::Input: Send,
{
    type Context = ();
    const NAME: &'static str = O::FACTS.name;
    const OPERATIONS: &'static [OperationFacts] = &[O::FACTS];
    const BINDINGS: &'static [Binding] = &[];
    const DOCUMENTS: &'static [Document] = &[];

    async fn call(&self, call: Call<'_>, (): ()) -> Result<Answer, Rejection> {
        call.answer::<O, _, _>(async |request| {
            *self.0.lock().expect("one thread") = Some(request);
            Err(Fault::client("kept"))
        })
        .await
    }
}

/// The request that the service takes out of `message`. One that does not name the operation is refused by one service for
/// all.
fn taken<O>(message: &[u8], limits: &Limits) -> Option<O::Input>
where
    O: Operation<InputHeaders = (), OutputHeaders = ()> + Send + Sync,
    O::Input: Send,
{
    let named = |name: &soap::Name| holds(message, name.local().as_bytes());
    if !O::FACTS.inputs.iter().any(named) && O::FACTS.name != "Opret" {
        return None;
    }
    let service = Keeping::<O>(Mutex::new(None));
    match ready(soap::server::handle(&service, message, None, (), limits)) {
        Ok(answer) => assert!(answer.fault && roxmltree::Document::parse(&answer.body).is_ok()),
        Err(rejection) => {
            let told = rejection.violations().map_or(0, |violations| violations.iter().count());
            assert!(told <= limits.violations, "{told} violations");
            let fault = rejection.fault::<soap::Undeclared>().write(rejection.version());
            assert!(roxmltree::Document::parse(&fault).is_ok(), "{fault}");
            return None;
        }
    }
    let kept = service.0.into_inner().expect("one thread");
    assert!(kept.is_some(), "answered without a request");
    kept
}

/// Whether `part` stands in `whole`.
fn holds(whole: &[u8], part: &[u8]) -> bool {
    whole.windows(part.len()).any(|window| window == part)
}

fn request<O>(message: &[u8], limits: &Limits)
where
    O: Operation<InputHeaders = (), OutputHeaders = ()> + Send + Sync,
    O::Input: Send + PartialEq + Debug,
{
    let Some(request) = taken::<O>(message, limits) else {
        return;
    };
    let text = std::str::from_utf8(message).expect("read as UTF-8");
    let parsed = roxmltree::Document::parse(text);
    assert!(parsed.is_ok(), "{parsed:?}");
    let wire = Wire { reply: Vec::new(), sent: Mutex::new(String::new()), limits: LIMITS[0], version: Version::Soap11 };
    let _ = ready(soap::client::call::<O, _>(&wire, &request));
    let sent = wire.sent.into_inner().expect("one thread");
    let again = taken::<O>(sent.as_bytes(), &LIMITS[0]);
    assert_eq!(again.as_ref(), Some(&request), "{sent}");
}

/// Takes `message` for the reply to `request`.
fn response<O>(message: &[u8], limits: &Limits, request: &O::Input)
where
    O: Operation<InputHeaders = (), OutputHeaders = ()>,
    O::Output: PartialEq + Debug,
{
    for version in [Version::Soap11, Version::Soap12] {
        let wire = Wire { reply: message.to_owned(), sent: Mutex::new(String::new()), limits: *limits, version };
        match ready(soap::client::call::<O, _>(&wire, request)) {
            Ok(output) => {
                let root = O::OUTPUT.expect("two ways");
                let written = root.write(&output).expect("what was read can be written");
                assert_eq!(root.read(written.as_bytes(), &LIMITS[0]).as_ref(), Ok(&output), "{written}");
            }
            Err(CallError::Fault(fault)) => {
                let _ = (fault.code(), fault.reason(), fault.retry());
            }
            Err(CallError::Reply(violations)) => assert!(violations.iter().count() <= limits.violations),
            Err(CallError::Transport(_) | CallError::Request(_)) => panic!("the request is valid, and sent"),
        }
    }
}

/// Keeps what is sent, and has one reply for everything.
struct Wire {
    reply: Vec<u8>,
    sent: Mutex<String>,
    limits: Limits,
    version: Version,
}

impl Transport for Wire {
    async fn send(&self, request: Request<'_>) -> Result<Reply, TransportError> {
        *self.sent.lock().expect("one thread") = request.body;
        Ok(Reply { body: self.reply.clone() })
    }

    fn version(&self) -> Version {
        self.version
    }

    fn limits(&self) -> Limits {
        self.limits
    }
}

macro_rules! sample {
    ($name:ident, $operation:ty, $file:literal) => {
        static $name: LazyLock<<$operation as Operation>::Input> = LazyLock::new(|| {
            let message = include_bytes!(concat!("../../../wsdl/samples/", $file));
            taken::<$operation>(message, &LIMITS[0]).expect("the samples are valid")
        });
    };
}

sample!(OPRET, sygefravaer::Opret, "Opret.request.xml");
sample!(SEND, ksd_sygefravaer::SendForretningsSvar, "SendForretningsSvar.request.xml");
sample!(MODTAG, kmd::ModtagForretningsSvar, "ModtagForretningsSvar.request.xml");

/// What comes of a future that waits for nothing.
fn ready<T>(future: impl Future<Output = T>) -> T {
    match std::pin::pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => unreachable!("nothing here waits"),
    }
}
