//! `sf209x answers`: the answers that KSD waits for.

use super::place::Place;
use super::{AnswersCommand, Error, outbox, runtime};
use crate::delivery::worker::now;

pub(super) fn run(place: &Place, command: &AnswersCommand) -> Result<(), Error> {
    let AnswersCommand::List { overdue, limit } = command;
    runtime()?.block_on(async {
        let store = place.open().await?;
        let entries = if *overdue {
            store.overdue(now(), *limit).await
        } else {
            store.unanswered(*limit).await
        };
        outbox::print(place, &entries.map_err(|error| place.failed(&error))?)
    })
}
