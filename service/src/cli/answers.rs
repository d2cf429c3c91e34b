//! `sf209x answers`: the answers that KSD waits for.

use std::io::{self, Write};

use super::place::{Place, clock, cut, say};
use super::{AnswersCommand, Error, outbox, runtime};
use crate::store::Stray;

pub(super) fn run(place: &Place, command: &AnswersCommand) -> Result<(), Error> {
    let AnswersCommand::List {
        overdue,
        refused,
        limit,
    } = command;
    runtime()?.block_on(async {
        let store = place.open().await?;
        let one_more = limit.saturating_add(1);
        if *refused {
            let strays = store.strays(one_more).await;
            return print(place, strays.map_err(|error| place.failed(&error))?, *limit);
        }
        let entries = if *overdue {
            store.overdue(store.now(), one_more).await
        } else {
            store.unanswered(one_more).await
        };
        outbox::print(
            place,
            entries.map_err(|error| place.failed(&error))?,
            *limit,
        )
    })
}

fn print(place: &Place, mut strays: Vec<Stray>, limit: u32) -> Result<(), Error> {
    cut(&mut strays, limit);
    let mut out = io::stdout().lock();
    for stray in &strays {
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
