//! Between the machines' types and the columns that hold them.

use sqlx::Row;
use sqlx::any::AnyRow;

use uuid::Uuid;

use crate::delivery::Time;
use crate::delivery::incoming::Digest;
use crate::delivery::task::{How, Standing, Task, Why};
use crate::routing::Cvr;

pub(super) const fn millis(time: Time) -> i64 {
    time.timestamp_millis()
}

/// The time of a column; what no clock can show is the beginning of all.
pub(super) fn time(millis: i64) -> Time {
    Time::from_timestamp_millis(millis).unwrap_or_default()
}

/// A UUID as its octets.
pub(super) fn id(uuid: Uuid) -> Vec<u8> {
    uuid.as_bytes().to_vec()
}

/// Reads a column that holds the octets of a UUID.
pub(super) fn uuid(row: &AnyRow, column: usize) -> Result<Uuid, sqlx::Error> {
    let octets: Vec<u8> = row.try_get(column)?;
    Uuid::from_slice(&octets).map_err(|_| wrong("UUID"))
}

/// Reads the columns `since, attempts, standing, due`, which begin at `first`.
pub(super) fn task(row: &AnyRow, first: usize) -> Result<Task, sqlx::Error> {
    let due = row.try_get::<Option<i64>, _>(first + 3)?.map(time);
    let word: String = row.try_get(first + 2)?;
    Ok(Task {
        since: time(row.try_get(first)?),
        attempts: u32::try_from(row.try_get::<i64, _>(first + 1)?).unwrap_or(u32::MAX),
        standing: standing(&word, due.unwrap_or_default()).ok_or_else(|| wrong("standing"))?,
    })
}

/// The word for where a task stands.
pub(super) const fn word(standing: &Standing) -> &'static str {
    match standing {
        Standing::Waiting { .. } => "waiting",
        Standing::Trying { .. } => "trying",
        Standing::Parked(Why::Refused) => "refused",
        Standing::Parked(Why::GivenUp) => "given up",
        Standing::Parked(Why::Asked) => "parked",
        Standing::Done(How::Delivered) => "delivered",
        Standing::Done(How::Warned) => "warned",
        Standing::Done(How::Dropped) => "dropped",
    }
}

fn standing(word: &str, due: Time) -> Option<Standing> {
    Some(match word {
        "waiting" => Standing::Waiting { due },
        "trying" => Standing::Trying { until: due },
        "refused" => Standing::Parked(Why::Refused),
        "given up" => Standing::Parked(Why::GivenUp),
        "parked" => Standing::Parked(Why::Asked),
        "delivered" => Standing::Done(How::Delivered),
        "warned" => Standing::Done(How::Warned),
        "dropped" => Standing::Done(How::Dropped),
        _ => return None,
    })
}

pub(super) fn municipality(row: &AnyRow, column: usize) -> Result<Cvr, sqlx::Error> {
    let text: String = row.try_get(column)?;
    text.parse().map_err(|_| wrong("municipality"))
}

pub(super) fn digest(row: &AnyRow, column: usize) -> Result<Digest, sqlx::Error> {
    let octets: Vec<u8> = row.try_get(column)?;
    octets.try_into().map_err(|_| wrong("digest"))
}

/// A column holds what this service does not write there.
fn wrong(what: &str) -> sqlx::Error {
    sqlx::Error::Decode(format!("no {what} of this service").into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_standing_has_a_word() {
        let due = time(5);
        for standing_ in [
            Standing::Waiting { due },
            Standing::Trying { until: due },
            Standing::Parked(Why::Refused),
            Standing::Parked(Why::GivenUp),
            Standing::Parked(Why::Asked),
            Standing::Done(How::Delivered),
            Standing::Done(How::Warned),
            Standing::Done(How::Dropped),
        ] {
            assert_eq!(standing(word(&standing_), due), Some(standing_));
        }
        assert_eq!(standing("", due), None);
    }
}
