//! Messages at other times than they were made for, and timestamps that say something else.

use chrono::{DateTime, TimeDelta, Utc};
use soap::security::{Cause, LIB_BAS};

use super::{Attack, check};
use crate::forge::{sign, swap, text};
use crate::messages::request;
use crate::pki::{now, pki};

pub(super) fn run() {
    let control = &request(&LIB_BAS);
    let mut attacks = Vec::new();
    let caller = pki().caller.key();
    let (created, expires) = ("2026-11-26T12:00:00.000Z", "2026-11-26T12:05:00.000Z");
    let stamp = text(control, "<wsu:Timestamp ").to_owned();
    let at = |minutes: i64| -> DateTime<Utc> { now() + TimeDelta::minutes(minutes) };
    attacks.push(
        Attack::new(
            "an hour late",
            control.to_owned() + " ",
            Cause::MessageExpired,
        )
        .at(at(60)),
    );
    attacks.push(
        Attack::new(
            "to the instant",
            control.to_owned() + " ",
            Cause::MessageExpired,
        )
        .at(at(10)),
    );
    attacks.push(
        Attack::new(
            "an hour early",
            control.to_owned() + " ",
            Cause::TokenNotYetValid,
        )
        .at(at(-60)),
    );
    let mut with = |name: &str, stamp_with: String, cause| {
        attacks.push(Attack::new(
            name,
            sign(&swap(control, &stamp, &stamp_with), &caller),
            cause,
        ));
    };
    with(
        "made in the future",
        swap(
            &swap(&stamp, created, "2026-11-26T12:05:00.001Z"),
            expires,
            "2026-11-26T12:10:00Z",
        ),
        Cause::MessageFromFuture,
    );
    with(
        "a year of life",
        swap(&stamp, expires, "2027-11-26T12:05:00.000Z"),
        Cause::TimestampLife,
    );
    with(
        "ends before it begins",
        swap(&stamp, expires, "2026-11-26T11:59:00.000Z"),
        Cause::TimestampReversed,
    );
    with(
        "no zone",
        swap(&stamp, created, "2026-11-26T12:00:00.000"),
        Cause::Timestamp,
    );
    with("no time", swap(&stamp, created, "now"), Cause::Timestamp);
    with(
        "a comment in the time",
        swap(&stamp, created, "2026-11-26T12:00<!-- -->:00.000Z"),
        Cause::Comment,
    );
    let first = text(&stamp, "<wsu:Created>").to_owned();
    with(
        "made twice",
        swap(&stamp, &first, &first.repeat(2)),
        Cause::Timestamp,
    );
    with("never made", swap(&stamp, &first, ""), Cause::Timestamp);
    let second = text(&stamp, "<wsu:Expires>").to_owned();
    with(
        "turned round",
        swap(
            &swap(&stamp, &second, ""),
            &first,
            &format!("{second}{first}"),
        ),
        Cause::Timestamp,
    );
    let start = control.rfind("<ds:Signature ").expect("a signature");
    let led = text(&control[start..], "<ds:Reference URI=\"#timestamp").to_owned();
    let bare = swap(&swap(control, &stamp, ""), &led, "");
    attacks.push(Attack::new(
        "no timestamp",
        sign(&bare, &caller),
        Cause::TimestampMissing,
    ));
    check(control, &attacks);
}
