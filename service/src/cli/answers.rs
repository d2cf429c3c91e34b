//! `sf209x answers`: the answers that KSD waits for.

use std::io::{self, Write};

use super::place::{Place, clock, say};
use super::{AnswersCommand, Error, outbox, runtime};
use crate::delivery::worker::now;
use crate::store::Stray;

pub(super) fn run(place: &Place, command: &AnswersCommand) -> Result<(), Error> {
    let AnswersCommand::List {
        overdue,
        refused,
        limit,
    } = command;
    runtime()?.block_on(async {
        let store = place.open().await?;
        if *refused {
            let strays = store.strays(*limit).await;
            return print(place, &strays.map_err(|error| place.failed(&error))?);
        }
        let entries = if *overdue {
            store.overdue(now(), *limit).await
        } else {
            store.unanswered(*limit).await
        };
        outbox::print(place, &entries.map_err(|error| place.failed(&error))?)
    })
}

fn print(place: &Place, strays: &[Stray]) -> Result<(), Error> {
    let mut out = io::stdout().lock();
    for stray in strays {
        if place.json {
            say(&mut out, stray)?;
            continue;
        }
        let Stray {
            transaction,
            municipality,
            code,
            why,
            ..
        } = stray;
        let received = clock(stray.received);
        writeln!(
            out,
            "{received}  {transaction}  {municipality}  {code:<10}  {why}"
        )?;
    }
    Ok(out.flush()?)
}
