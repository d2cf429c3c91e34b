//! `sf209x outbox`: what is owed and what becomes of it, for the people who run a party; and their decisions.

use std::io::{self, Write};

use uuid::Uuid;

use super::place::{Place, clock, cut, say, who};
use super::{Error, Exit, OutboxCommand, runtime};
use crate::delivery::Time;
use crate::delivery::task::{Decision, How, Unchanged};
use crate::delivery::window::Windows;
use crate::store::{Decided, Entry, Story};

pub(super) fn run(place: &Place, command: &OutboxCommand) -> Result<(), Error> {
    runtime()?.block_on(async {
        match command {
            OutboxCommand::List { limit } => list(place, *limit).await,
            OutboxCommand::Show {
                transaction,
                reveal,
            } => show(place, *transaction, *reveal).await,
            OutboxCommand::Retry { transaction } => {
                decide(place, *transaction, Decision::Retry).await
            }
            OutboxCommand::Park { transaction } => {
                decide(place, *transaction, Decision::Park).await
            }
            OutboxCommand::Drop { transaction } => {
                decide(place, *transaction, Decision::Drop).await
            }
        }
    })
}

async fn list(place: &Place, limit: u32) -> Result<(), Error> {
    let store = place.open().await?;
    let entries = store
        .open_tasks(place.kind(), limit.saturating_add(1))
        .await;
    print(place, entries.map_err(|error| place.failed(&error))?, limit)
}

/// Prints one line an entry of the first `limit`; one more tells that there are more.
pub(super) fn print(place: &Place, mut entries: Vec<Entry>, limit: u32) -> Result<(), Error> {
    cut(&mut entries, limit);
    let mut out = io::stdout().lock();
    for entry in &entries {
        if place.json {
            say(&mut out, entry)?;
            continue;
        }
        let Entry {
            operation,
            transaction,
            municipality,
            standing,
            attempts,
            ..
        } = entry;
        let code = entry.code.as_deref().unwrap_or_default();
        let next = entry
            .due
            .or(entry.answer_due)
            .map(clock)
            .unwrap_or_default();
        writeln!(
            out,
            "{standing:<9}  {transaction}  {operation:<19}  {municipality}  {attempts:>4}  {next:<20}  {code}"
        )?;
    }
    Ok(out.flush()?)
}

async fn show(place: &Place, transaction: Uuid, reveal: bool) -> Result<(), Error> {
    let store = place.open().await?;
    let reveal = reveal.then(|| (who(), store.now()));
    let stories = store.story(place.kind(), transaction, reveal).await;
    let stories = stories.map_err(|error| place.failed(&error))?;
    if stories.is_empty() {
        return Err(unknown(transaction));
    }
    let windows = place.windows()?;
    let mut out = io::stdout().lock();
    for story in &stories {
        if place.json {
            say(&mut out, story)?;
        } else {
            tell(&mut out, story, |due| next(due, store.now(), &windows))?;
        }
    }
    Ok(out.flush()?)
}

/// What is told of the next attempt, which is due at `due`.
fn next(due: Time, now: Time, windows: &Windows) -> String {
    match windows.until(due.max(now)) {
        Some(end) => format!(
            "the next attempt, held by a service window until {}",
            clock(end)
        ),
        None => "the next attempt".to_owned(),
    }
}

/// The story of a task, in the order in which it happened; `next` is what is told of the next attempt.
fn tell(out: &mut impl Write, story: &Story, next: impl Fn(Time) -> String) -> io::Result<()> {
    let entry = &story.entry;
    let code = entry.code.as_deref().unwrap_or_default();
    writeln!(out, "{} {} {code}", entry.operation, entry.transaction)?;
    writeln!(
        out,
        "  municipality {}, case {}",
        entry.municipality, entry.case
    )?;
    writeln!(out, "  {}  taken over", clock(entry.accepted))?;
    let mut tries = story.tries.iter().peekable();
    for number in 1..=entry.attempts {
        match tries.next_if(|one| one.number == number) {
            Some(one) => {
                let said = one.said.replace('\n', "\n      ");
                let colon = if said.is_empty() { "" } else { ": " };
                let (begun, ended) = (clock(one.begun), clock(one.ended));
                writeln!(
                    out,
                    "  {begun}  attempt {number}, {} at {ended}{colon}{said}",
                    one.outcome
                )?;
            }
            None if number == entry.attempts && entry.standing == "trying" => {}
            None => writeln!(out, "  attempt {number} was not heard of again")?,
        }
    }
    for answer in &story.answers {
        writeln!(
            out,
            "  {}  answered {}",
            clock(answer.received),
            answer.code
        )?;
    }
    match (entry.standing.as_str(), entry.due, entry.ended) {
        ("waiting", ..) if story.behind > 0 => {
            writeln!(out, "  waits behind {} of its case", story.behind)?;
        }
        ("waiting", Some(due), _) => writeln!(out, "  {}  {}", clock(due), next(due))?,
        ("trying", Some(until), _) => {
            writeln!(out, "  being tried, until {} at the latest", clock(until))?;
        }
        (standing, _, Some(ended)) => writeln!(out, "  {}  {standing}", clock(ended))?,
        (standing, ..) => writeln!(out, "  held: {standing}")?,
    }
    if let Some(due) = entry.answer_due {
        writeln!(out, "  {}  the answer is overdue", clock(due))?;
    }
    if let Some(content) = &story.content {
        writeln!(out, "{content}")?;
    }
    Ok(())
}

async fn decide(place: &Place, transaction: Uuid, decision: Decision) -> Result<(), Error> {
    let store = place.open().await?;
    let decided = store
        .decide(place.kind(), transaction, decision, who(), store.now())
        .await;
    match decided.map_err(|error| place.failed(&error))? {
        Decided::Changed => show(place, transaction, false).await,
        Decided::Unchanged(why) => Err(unchanged(transaction, why)),
        Decided::Unknown => Err(unknown(transaction)),
    }
}

fn unchanged(transaction: Uuid, why: Unchanged) -> Error {
    let (exit, why) = match why {
        Unchanged::UnderWay { until } => {
            let until = clock(until);
            let why = format!("is being tried, until {until} at the latest; ask again then");
            (Exit::Later, why)
        }
        Unchanged::Held => (Exit::Data, "is held already".to_owned()),
        Unchanged::Over(How::Delivered | How::Warned) => {
            (Exit::Data, "is delivered already".to_owned())
        }
        Unchanged::Over(How::Dropped) => (Exit::Data, "is dropped already".to_owned()),
    };
    Error::new(exit, format!("nothing is changed: {transaction} {why}"))
}

fn unknown(transaction: Uuid) -> Error {
    Error::new(Exit::Data, format!("{transaction} is not known here"))
}

#[cfg(test)]
mod tests {
    use chrono::{NaiveTime, Weekday};

    use super::*;
    use crate::delivery::window::Window;

    #[test]
    fn what_a_service_window_holds_is_told_so() {
        let windows = Windows(vec![Window {
            weekday: Weekday::Wed,
            nth: None,
            months: Vec::new(),
            from: NaiveTime::from_hms_opt(5, 0, 0).unwrap(),
            to: NaiveTime::from_hms_opt(6, 0, 0).unwrap(),
        }]);
        // In winter; this is a Wednesday.
        let at = |time: &str| format!("2026-03-04T{time}Z").parse::<Time>().unwrap();
        let held = "the next attempt, held by a service window until 2026-03-04T05:00:00Z";
        for (due, now, told) in [
            ("03:00:00", "03:59:59", "the next attempt"),
            ("03:00:00", "04:00:00", held),
            ("04:30:00", "03:00:00", held),
            ("04:30:00", "05:00:00", "the next attempt"),
        ] {
            assert_eq!(next(at(due), at(now), &windows), told, "{due} at {now}");
        }
    }
}
