//! The work of the party in between: to decode a message and to send it out again.

use std::hint::black_box;
use std::marker::PhantomData;
use std::sync::{Arc, OnceLock};

use generated::kmd::{ModtagForretningsSvar, ModtagForretningsSvarRequest};
use generated::ksd_sygefravaer::SendForretningsSvar;
use generated::serviceplatformen::AuthorityContext;
use service::forwarding::AUTHORITY;
use soap::{
    Answer, Binding, Call, CallError, Document, Limits, Operation, OperationFacts, Rejection,
    Service,
};

use crate::codec::{Null, OneWay, ready};

/// As the platform passes on a message: in its own octets, with AuthorityContext put in place.
pub(crate) fn forward<O>(message: &str, times: usize)
where
    O: Operation<InputHeaders = (), OutputHeaders = ()>,
    O::Input: Send,
{
    let municipality_cvr = "90000019".parse().expect("a CVR number");
    let forwarder = Forwarder::<O>(AuthorityContext { municipality_cvr }, PhantomData);
    repeat(&forwarder, message, times);
}

/// As the platform passes on an answer: value by value, since KSD's contract has a namespace of its own.
pub(crate) fn translate(message: &str, times: usize) {
    repeat(&Translator, message, times);
}

fn repeat<S: Service<Context = ()>>(service: &S, message: &str, times: usize) {
    let limits = Limits::default();
    for _ in 0..times {
        let message = black_box(message).as_bytes();
        ready(soap::server::handle(service, message, None, (), &limits)).expect("a valid sample");
    }
}

struct Forwarder<O>(AuthorityContext, PhantomData<fn() -> O>);

impl<O> Service for Forwarder<O>
where
    O: Operation<InputHeaders = (), OutputHeaders = ()>,
    O::Input: Send,
{
    type Context = ();
    const NAME: &'static str = "Forwarder";
    const OPERATIONS: &'static [OperationFacts] = &[<OneWay<O> as Operation>::FACTS];
    const BINDINGS: &'static [Binding] = &[];
    const DOCUMENTS: &'static [Document] = &[];

    async fn call(&self, call: Call<'_>, (): ()) -> Result<Answer, Rejection> {
        let payload = Arc::new(OnceLock::new());
        let kept = Arc::clone(&payload);
        let keep = move |payload| {
            let _ = kept.set(payload);
        };
        call.keeping(AUTHORITY, keep)
            .answer::<OneWay<O>, _, _>(async |request| {
                black_box(request);
                let payload = payload.get().expect("a payload");
                let sent = soap::client::forward::<OneWay<O>, _, _>(&Null, payload, Some(&self.0));
                assert!(matches!(sent.await, Err(CallError::Transport(_))));
                Ok(())
            })
            .await
    }
}

struct Translator;

impl Service for Translator {
    type Context = ();
    const NAME: &'static str = "Translator";
    const OPERATIONS: &'static [OperationFacts] =
        &[<OneWay<SendForretningsSvar> as Operation>::FACTS];
    const BINDINGS: &'static [Binding] = &[];
    const DOCUMENTS: &'static [Document] = &[];

    async fn call(&self, call: Call<'_>, (): ()) -> Result<Answer, Rejection> {
        call.answer::<OneWay<SendForretningsSvar>, _, _>(async |request| {
            let request = ModtagForretningsSvarRequest {
                header: request.header.into(),
                forretningskvittering: request.forretningskvittering.into(),
            };
            let sent = soap::client::call::<OneWay<ModtagForretningsSvar>, _>(&Null, &request);
            assert!(matches!(sent.await, Err(CallError::Transport(_))));
            Ok(())
        })
        .await
    }
}
