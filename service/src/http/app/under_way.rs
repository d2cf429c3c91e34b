//! The report of a served call, whatever ends it.

use super::App;
use crate::call::Context;
use crate::observe::{Caller, Event, Side};

/// A call that is being served, which is reported when this is dropped: hyper drops what a connection was about to be answered when
/// the caller ends it, and what such a call did is done.
pub(super) struct UnderWay<'a> {
    app: &'a App,
    context: Context,
    operation: Option<&'static str>,
    answered: bool,
}

impl<'a> UnderWay<'a> {
    pub(super) const fn new(app: &'a App, context: Context) -> Self {
        Self {
            app,
            context,
            operation: None,
            answered: false,
        }
    }

    pub(super) const fn context(&self) -> &Context {
        &self.context
    }

    /// Reports the call as answered.
    pub(super) fn end(mut self, operation: Option<&'static str>) {
        self.operation = operation;
        self.answered = true;
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        let context = &self.context;
        if !self.answered {
            context.note_code(BROKEN_OFF);
            context.note_reason("the connection ended before the call was answered");
        }
        let caller = Caller::of(context);
        self.app.observer.report(Event {
            side: Side::Served,
            from: caller.name(),
            caller: Some(caller),
            to: self.app.served_by.clone(),
            endpoint: context.endpoint,
            operation: self.operation,
            transaction: context.transaction(),
            municipality: context.municipality(),
            answer: context.answer(),
            code: context.code().unwrap_or("-"),
            cause: context.cause(),
            reason: context.reason().map(str::to_owned),
            call_id: Some(context.id),
            started: context.started,
            duration: context.started.elapsed(),
        });
    }
}

/// The code of a call whose connection ended before it was answered. Nobody is told it by a fault. What the role had noted before
/// goes first.
const BROKEN_OFF: &str = "BrokenOff";
