//! How the demo looks: a table that grows by a line a call, or one JSON object a line.

use std::collections::{HashMap, HashSet};
use std::io::{self, Write};
use std::time::{Duration, Instant};

use serde::Serialize;
use uuid::Uuid;

use super::stage::Actor;
use crate::endpoint::Endpoint;
use crate::logging;
use crate::observe::Event;

/// Writes to standard output; with JSON, what is not a call goes to standard error.
pub(super) struct Show {
    json: bool,
    paint: Paint,
    started: Instant,
    order: Order,
    round_trips: Vec<Duration>,
}

impl Show {
    pub(super) fn new(json: bool, started: Instant) -> Self {
        let paint = Paint {
            on: logging::colour(&io::stdout()),
        };
        Self {
            json,
            paint,
            started,
            order: Order::default(),
            round_trips: Vec::new(),
        }
    }

    /// Introduces the parties, and with them the mapping table.
    pub(super) fn cast(&mut self, cast: &[Actor]) -> io::Result<()> {
        if self.json {
            return Ok(());
        }
        let mut out = io::stdout().lock();
        for Actor {
            name,
            address,
            municipality,
        } in cast
        {
            let route = municipality
                .map(|cvr| format!("   municipality {cvr}"))
                .unwrap_or_default();
            writeln!(out, "{name:<17}  https://{address}{route}")?;
        }
        let head = format!(
            "\n{:>9}  {:<17}   {:<17}  {:<6}  {:<21}  {:<11}  {:<12}  {:<13}  {:>8}",
            "ms",
            "from",
            "to",
            "at",
            "operation",
            "transaction",
            "municipality",
            "result",
            "took ms"
        );
        writeln!(out, "{}", self.paint.dim(&head))
    }

    /// Shows a call, or keeps it until the call that caused it has been shown.
    pub(super) fn call(&mut self, event: Event) -> io::Result<()> {
        for event in self.order.next(event) {
            if event.endpoint == Endpoint::Fs1 {
                self.round_trips.push(event.duration);
            }
            let line = if self.json {
                self.object(&event)?
            } else {
                self.line(&event)
            };
            let mut out = io::stdout().lock();
            writeln!(out, "{line}")?;
            out.flush()?;
        }
        Ok(())
    }

    /// Says that all went well, and how long it took.
    pub(super) fn summary(&mut self, matched: usize) -> io::Result<()> {
        self.round_trips.sort_unstable();
        let median = self
            .round_trips
            .get(self.round_trips.len() / 2)
            .copied()
            .unwrap_or_default();
        let text = format!(
            "{matched} messages sent, {} receipts OK, {matched} answers matched, in {} ms (median from KSD to receipt {} ms)",
            self.round_trips.len(),
            millis(self.started.elapsed()),
            millis(median),
        );
        if self.json {
            writeln!(io::stderr(), "{text}")
        } else {
            writeln!(io::stdout(), "\n{}", self.paint.good(&text))
        }
    }

    fn line(&self, event: &Event) -> String {
        let after = millis(event.started.saturating_duration_since(self.started));
        let transaction = event.transaction.map(short).unwrap_or_default();
        let municipality = event
            .municipality
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default();
        let result = match event.answer {
            Some(answer) => format!("{answer} {}", event.code),
            None => event.code.to_owned(),
        };
        let inner = matches!(event.endpoint, Endpoint::Jc1 | Endpoint::Fs2);
        format!(
            "{}  {:<17} {} {:<17}  {:<6}  {}  {transaction:<11}  {}  {}  {:>8}",
            self.paint.dim(&format!("{after:>9}")),
            event.from,
            self.paint.dim("→"),
            event.to,
            event.endpoint,
            self.paint
                .bold(&format!("{:<21}", event.operation.unwrap_or("-")), !inner),
            self.paint.municipality(&format!("{municipality:<12}")),
            self.paint.result(&format!("{result:<13}"), event.code),
            millis(event.duration),
        )
    }

    fn object(&self, event: &Event) -> io::Result<String> {
        let object = Object {
            from: &event.from,
            to: &event.to,
            endpoint: event.endpoint.name(),
            operation: event.operation,
            transaction: event.transaction.map(|transaction| transaction.to_string()),
            municipality: event
                .municipality
                .map(|municipality| municipality.to_string()),
            answer: event.answer,
            code: event.code,
            at_micros: micros(event.started.saturating_duration_since(self.started)),
            micros: micros(event.duration),
        };
        Ok(serde_json::to_string(&object)?)
    }
}

/// A call as `--json` prints it.
#[derive(Serialize)]
struct Object<'a> {
    from: &'a str,
    to: &'a str,
    endpoint: &'static str,
    operation: Option<&'static str>,
    transaction: Option<String>,
    municipality: Option<String>,
    /// The ForretningsValideringsKode of the answer that the call carries.
    answer: Option<&'static str>,
    /// The TransportValideringsKode of the receipt, or what stopped the call.
    code: &'static str,
    /// From the start of the demo to the start of the call.
    at_micros: u64,
    micros: u64,
}

/// Events come as calls end, so the call within comes before the one around it. This turns the two round: cause first.
#[derive(Default)]
struct Order {
    shown: HashSet<(Uuid, Endpoint)>,
    kept: HashMap<(Uuid, Endpoint), Vec<Event>>,
}

impl Order {
    fn next(&mut self, event: Event) -> Vec<Event> {
        let Some(transaction) = event.transaction else {
            return vec![event];
        };
        if let Some(cause) = cause(event.endpoint)
            && !self.shown.contains(&(transaction, cause))
        {
            self.kept
                .entry((transaction, cause))
                .or_default()
                .push(event);
            return Vec::new();
        }
        let mut free = vec![event];
        let mut index = 0;
        while let Some(event) = free.get(index) {
            let key = (transaction, event.endpoint);
            self.shown.insert(key);
            free.extend(self.kept.remove(&key).unwrap_or_default());
            index += 1;
        }
        free
    }
}

/// The call that leads to one at `endpoint`.
const fn cause(endpoint: Endpoint) -> Option<Endpoint> {
    match endpoint {
        Endpoint::Fs1 | Endpoint::Intake => None,
        Endpoint::Jc1 => Some(Endpoint::Fs1),
        Endpoint::Jc2 => Some(Endpoint::Jc1),
        Endpoint::Fs2 => Some(Endpoint::Jc2),
    }
}

/// Colour where it helps, nothing where there is no terminal.
struct Paint {
    on: bool,
}

impl Paint {
    fn with(&self, code: &str, text: &str) -> String {
        if self.on {
            format!("\x1b[{code}m{text}\x1b[0m")
        } else {
            text.to_owned()
        }
    }

    fn dim(&self, text: &str) -> String {
        self.with("2", text)
    }

    fn good(&self, text: &str) -> String {
        self.with("32", text)
    }

    fn bold(&self, text: &str, on: bool) -> String {
        if on {
            self.with("1", text)
        } else {
            text.to_owned()
        }
    }

    /// The two municipalities of the demo in two colours, told apart by their last digit.
    fn municipality(&self, text: &str) -> String {
        let even = text.trim_end().ends_with(['0', '2', '4', '6', '8']);
        self.with(if even { "35" } else { "36" }, text)
    }

    fn result(&self, text: &str, code: &str) -> String {
        let colour = match code {
            "OK" => "32",
            "ADVARSEL" => "33",
            _ => "31",
        };
        self.with(colour, text)
    }
}

fn short(transaction: Uuid) -> String {
    transaction.to_string().chars().take(8).collect()
}

fn millis(duration: Duration) -> String {
    format!("{:.2}", duration.as_secs_f64() * 1000.0)
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observe::Side;

    fn event(endpoint: Endpoint, transaction: u128) -> Event {
        Event {
            side: Side::Called,
            from: "a".to_owned(),
            caller: None,
            to: "b".to_owned(),
            endpoint,
            operation: Some("Opret"),
            transaction: Some(Uuid::from_u128(transaction)),
            municipality: Some("90000001".parse().unwrap()),
            answer: None,
            code: "OK",
            cause: None,
            reason: None,
            call_id: None,
            started: Instant::now(),
            duration: Duration::from_micros(1500),
        }
    }

    #[test]
    fn causes_are_shown_before_what_they_cause() {
        let mut order = Order::default();
        let mut next = |endpoint, transaction| {
            let events = order.next(event(endpoint, transaction));
            events
                .iter()
                .map(|event| event.endpoint)
                .collect::<Vec<_>>()
        };
        assert_eq!(next(Endpoint::Jc1, 1), []);
        assert_eq!(next(Endpoint::Fs2, 1), []);
        assert_eq!(next(Endpoint::Fs1, 2), [Endpoint::Fs1]);
        assert_eq!(next(Endpoint::Fs1, 1), [Endpoint::Fs1, Endpoint::Jc1]);
        assert_eq!(next(Endpoint::Jc2, 1), [Endpoint::Jc2, Endpoint::Fs2]);
    }

    #[test]
    fn an_object_has_the_fields_of_a_call() {
        let show = Show::new(true, Instant::now());
        let object: serde_json::Value =
            serde_json::from_str(&show.object(&event(Endpoint::Jc1, 7)).unwrap()).unwrap();
        assert_eq!(object["endpoint"], "EP_JC1");
        assert_eq!(
            object["transaction"],
            "00000000-0000-0000-0000-000000000007"
        );
        assert_eq!(
            (object["code"].as_str(), object["micros"].as_u64()),
            (Some("OK"), Some(1500))
        );
    }

    #[test]
    fn without_colour_a_line_is_plain_text() {
        let show = Show {
            paint: Paint { on: false },
            ..Show::new(false, Instant::now())
        };
        let line = show.line(&event(Endpoint::Fs1, 7));
        assert!(
            line.contains("EP_FS1") && line.contains("1.50") && !line.contains('\x1b'),
            "{line}"
        );
    }
}
