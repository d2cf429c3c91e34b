//! Bounds on size and time, for all roles.

use std::ops::RangeInclusive;
use std::time::Duration;

use super::{Wrong, raw, wrong};

/// Bounds on size and time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The largest message taken in, as request or as answer, in bytes.
    pub message_bytes: usize,
    /// How many elements may stand inside each other in a message, the root being the first.
    pub depth: usize,
    /// How many attributes one element may have, namespace declarations not counted.
    pub attributes: usize,
    /// How many namespace declarations may be in scope at once, hence also on one element.
    pub namespaces: usize,
    /// The longest name of an element or attribute with its prefix, in bytes.
    pub name_bytes: usize,
    /// The longest text or attribute value, in bytes.
    pub text_bytes: usize,
    /// How often one element may be repeated, and how many items one list may have.
    pub items: usize,
    /// How many violations of the contract are told of one message.
    pub violations: usize,
    /// How long one incoming request may take, from its first byte to its answer.
    pub request: Duration,
    /// How long one outgoing call may take, from connecting to the last byte of the answer.
    pub call: Duration,
    /// How long a stopping process waits for requests under way.
    pub drain: Duration,
}

impl Limits {
    /// Those of a configuration that sets none.
    pub const DEFAULT: Self = Self {
        message_bytes: 1 << 20,
        depth: 64,
        attributes: 64,
        namespaces: 32,
        name_bytes: 256,
        text_bytes: 256 << 10,
        items: 10_000,
        violations: 20,
        request: Duration::from_secs(30),
        call: Duration::from_secs(20),
        drain: Duration::from_secs(10),
    };

    /// The bounds that a message is read within.
    pub(crate) const fn reading(&self) -> soap::Limits {
        soap::Limits {
            bytes: self.message_bytes,
            depth: self.depth,
            attributes: self.attributes,
            namespaces: self.namespaces,
            name_length: self.name_bytes,
            text_length: self.text_bytes,
            items: self.items,
            violations: self.violations,
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// Checks what the file says. The least of each bound lets the messages of SF2090 in.
pub(super) fn checked(raw: &raw::Limits) -> Result<Limits, Wrong> {
    let default = Limits::DEFAULT;
    let seconds = |key, given: Option<u64>, default: Duration| {
        let seconds = bound(key, given, 1..=3600, default.as_secs() as usize)?;
        Ok(Duration::from_secs(seconds as u64))
    };
    Ok(Limits {
        message_bytes: bound(
            "message_bytes",
            raw.message_bytes,
            1024..=64 << 20,
            default.message_bytes,
        )?,
        depth: bound("depth", raw.depth, 16..=400, default.depth)?,
        attributes: bound(
            "attributes",
            raw.attributes,
            8..=100_000,
            default.attributes,
        )?,
        namespaces: bound("namespaces", raw.namespaces, 16..=1000, default.namespaces)?,
        name_bytes: bound(
            "name_bytes",
            raw.name_bytes,
            64..=65_536,
            default.name_bytes,
        )?,
        text_bytes: bound(
            "text_bytes",
            raw.text_bytes,
            1024..=64 << 20,
            default.text_bytes,
        )?,
        items: bound("items", raw.items, 100..=10_000_000, default.items)?,
        violations: bound("violations", raw.violations, 1..=1000, default.violations)?,
        request: seconds("request_seconds", raw.request_seconds, default.request)?,
        call: seconds("call_seconds", raw.call_seconds, default.call)?,
        drain: seconds("drain_seconds", raw.drain_seconds, default.drain)?,
    })
}

fn bound(
    key: &str,
    given: Option<u64>,
    range: RangeInclusive<usize>,
    default: usize,
) -> Result<usize, Wrong> {
    let Some(given) = given else {
        return Ok(default);
    };
    let found = usize::try_from(given)
        .ok()
        .filter(|given| range.contains(given));
    found.ok_or_else(|| {
        let (least, most) = range.into_inner();
        wrong(
            format!("limits.{key}"),
            format!("must lie between {least} and {most}"),
        )
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::{Config, SAMPLE};
    use super::*;

    #[test]
    fn the_defaults_are_those_of_the_reader() {
        assert_eq!(Limits::DEFAULT.reading(), soap::Limits::default());
    }

    /// Each setting: its name, its default, its range as the sample tells it, and where it goes.
    #[test]
    fn each_setting_is_told_read_and_kept_in_its_range() {
        type Get = fn(&Limits) -> usize;
        let all: [(&str, RangeInclusive<usize>, Get); 11] = [
            ("message_bytes", 1024..=64 << 20, |limits| {
                limits.reading().bytes
            }),
            ("depth", 16..=400, |limits| limits.reading().depth),
            ("attributes", 8..=100_000, |limits| {
                limits.reading().attributes
            }),
            ("namespaces", 16..=1000, |limits| {
                limits.reading().namespaces
            }),
            ("name_bytes", 64..=65_536, |limits| {
                limits.reading().name_length
            }),
            ("text_bytes", 1024..=64 << 20, |limits| {
                limits.reading().text_length
            }),
            ("items", 100..=10_000_000, |limits| limits.reading().items),
            ("violations", 1..=1000, |limits| limits.reading().violations),
            ("request_seconds", 1..=3600, |limits| {
                limits.request.as_secs() as usize
            }),
            ("call_seconds", 1..=3600, |limits| {
                limits.call.as_secs() as usize
            }),
            ("drain_seconds", 1..=3600, |limits| {
                limits.drain.as_secs() as usize
            }),
        ];
        for (name, range, get) in all {
            let (least, most) = range.into_inner();
            let line = SAMPLE
                .lines()
                .find(|line| line.starts_with(&format!("{name} = ")));
            let line = line.unwrap_or_else(|| panic!("the sample has no {name}"));
            assert!(line.contains(&format!("({least} to {most})")), "{line}");
            let value = line.split(['=', '#']).nth(1).unwrap().trim();
            assert_eq!(value, get(&Limits::DEFAULT).to_string(), "{line}");
            let with = |value: usize| {
                let text = SAMPLE.replacen(line, &format!("{name} = {value}"), 1);
                Config::parse(&text, Path::new("test.toml"))
            };
            for value in [least, most] {
                assert_eq!(get(&with(value).unwrap().limits), value, "{name}");
            }
            for value in [least - 1, most + 1] {
                let told = with(value).unwrap_err().to_string();
                let expected = format!("limits.{name}: must lie between {least} and {most}");
                assert!(told.contains(&expected), "{told}");
            }
        }
    }
}
