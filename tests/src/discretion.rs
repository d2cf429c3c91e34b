//! Whether what a test run has printed holds a secret that the tests have used.
//!
//! Keys, tokens and passwords are those that the tests noted; CPR numbers, in all their spellings, are those of the samples and those that
//! tests have peers quote. Beside them, any private key and any token is known by how each begins: a process may have made some that no
//! test has seen.

use std::collections::{BTreeMap, HashMap};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};

/// What must be in nothing that is printed.
#[derive(Debug, Default)]
pub struct Secrets {
    /// Pieces of long secrets, in every form, and what they are pieces of: a leak that is twice as long has one of them whole.
    pieces: HashMap<[u8; PIECE], &'static str>,
    /// Short secrets and the beginnings of all keys and tokens, in every form.
    needles: Vec<(Vec<u8>, &'static str)>,
    /// The forms of each secret, one after the other.
    forms: Vec<(Vec<u8>, &'static str)>,
    counts: BTreeMap<&'static str, usize>,
}

/// How long a piece is.
const PIECE: usize = 32;

const PERSON: &str = "CPR number";

/// CPR numbers that tests use beside those of the samples, mostly where a peer quotes what it was sent.
const OTHERS: [&str; 2] = ["0101010101", "0101901234"];

/// What people write between the date and the rest of a CPR number.
const SEPARATORS: [&str; 7] = ["-", " ", ".", "/", "–", "\u{2011}", "\u{a0}"];

/// What any private key, and any token, has in it: the header of PKCS #8 for an RSA key and one on P-256, and that of PEM; and the
/// start tag of an assertion.
const ANY: [(&str, &[u8]); 6] = [
    (
        "key",
        b"\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00\x04\x82",
    ),
    (
        "key",
        b"\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07\x04",
    ),
    ("key", b"-----BEGINPRIVATEKEY-----"),
    ("token", b"<saml2:Assertionxmlns"),
    ("token", b"<saml:Assertionxmlns"),
    ("token", b"<Assertionxmlns"),
];

impl Secrets {
    /// Those in `noted`, a kind and base64 a line, and the CPR numbers of `samples`.
    ///
    /// # Errors
    /// A line is none, or there is not one secret of each kind: then nothing would be searched for.
    pub fn new<'s>(
        noted: &str,
        samples: impl IntoIterator<Item = &'s str>,
    ) -> Result<Self, String> {
        let mut secrets = Self::default();
        for (kind, octets) in ANY {
            secrets.enter(kind, octets);
        }
        secrets.counts.clear();
        let mut lines: Vec<&str> = noted.lines().collect();
        lines.sort_unstable();
        lines.dedup();
        for line in lines {
            let (kind, octets) = line.split_once(' ').ok_or("a line without a secret")?;
            let octets = STANDARD.decode(octets).map_err(|error| error.to_string())?;
            match kind {
                "key" => secrets.enter("key", private_part(&octets)),
                "token" => secrets.enter("token", &octets),
                "password" => secrets.enter("password", &octets),
                _ => return Err(format!("a secret of the unknown kind {kind}")),
            }
        }
        let mut samples = samples.into_iter().flat_map(persons).peekable();
        let others = samples.peek().map(|_| OTHERS);
        let numbers = samples.chain(others.into_iter().flatten());
        let mut numbers: Vec<&str> = numbers.collect();
        numbers.sort_unstable();
        numbers.dedup();
        for number in numbers {
            secrets.enter_number(number);
        }
        for kind in ["key", "token", "password", PERSON] {
            if !secrets.counts.contains_key(kind) {
                return Err(format!("the run has used no {kind}"));
            }
        }
        Ok(secrets)
    }

    fn enter(&mut self, kind: &'static str, octets: &[u8]) {
        *self.counts.entry(kind).or_default() += 1;
        for form in forms(octets) {
            if form.len() < 2 * PIECE {
                self.needles.push((form.clone(), kind));
            } else {
                let pieces = form.as_chunks::<PIECE>().0.iter();
                self.pieces.extend(pieces.map(|piece| (*piece, kind)));
            }
            self.forms.push((form, kind));
        }
    }

    /// A CPR number, also in its other spellings.
    fn enter_number(&mut self, number: &str) {
        self.enter(PERSON, number.as_bytes());
        let (date, serial) = number.split_at(6);
        let whole = SEPARATORS
            .iter()
            .map(|separator| [date, serial].join(*separator));
        let pairs: Vec<&str> = (0..10).step_by(2).map(|at| &number[at..at + 2]).collect();
        let pairs = [" ", ".", "-"].map(|separator| pairs.join(separator));
        for spelling in whole.chain(pairs) {
            self.needles.push((spelling.clone().into_bytes(), PERSON));
            self.forms.push((spelling.into_bytes(), PERSON));
        }
    }

    /// How many secrets of each kind there are.
    #[must_use]
    pub const fn counts(&self) -> &BTreeMap<&'static str, usize> {
        &self.counts
    }

    /// The lines of `text` that secrets begin in, and what these are.
    #[must_use]
    pub fn in_text(&self, text: &[u8]) -> Vec<(usize, &'static str)> {
        let (squeezed, lines) = squeeze(text);
        let mut found = Vec::new();
        for (at, piece) in squeezed.windows(PIECE).enumerate() {
            if let Some(kind) = self.pieces.get(piece) {
                found.push((lines[at], *kind));
            }
        }
        let line = |at: usize| 1 + memchr::memchr_iter(b'\n', &text[..at]).count();
        for (needle, kind) in &self.needles {
            let finder = memchr::memmem::Finder::new(needle);
            // White space is part of how a number is spelled.
            if !needle.iter().any(u8::is_ascii_alphabetic) {
                let places = finder.find_iter(text);
                let alone = places.filter(|at| stands_alone(text, *at, needle.len()));
                found.extend(alone.map(|at| (line(at), *kind)));
            } else {
                let places = finder.find_iter(&squeezed);
                found.extend(places.map(|at| (lines[at], *kind)));
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    /// Puts each secret in each of its forms into a text, where it must be found.
    ///
    /// # Errors
    /// One is not.
    pub fn control(&self) -> Result<usize, String> {
        for (form, kind) in &self.forms {
            let planted = [
                b"this was said\nand then: ".as_slice(),
                form,
                b" and more\n",
            ]
            .concat();
            if !self.in_text(&planted).contains(&(2, *kind)) {
                return Err(format!("a {kind} that was planted is not found"));
            }
        }
        Ok(self.forms.len())
    }
}

/// What of a key in PKCS #8 is in no certificate: behind the modulus of an RSA key, and the scalar of one on P-256.
fn private_part(pkcs8: &[u8]) -> &[u8] {
    match pkcs8.len() {
        length @ 400.. => &pkcs8[length * 3 / 8..],
        length => &pkcs8[36.min(length)..68.min(length)],
    }
}

/// As they are; in base64, wherever in it they begin; in hexadecimal; and as numbers, as Rust prints them. All without white space.
fn forms(octets: &[u8]) -> Vec<Vec<u8>> {
    let base64 = (0..3).map(|before| {
        let text = STANDARD_NO_PAD.encode([&[0; 3][..before], octets].concat());
        // Characters that hold bits of what stands before or behind are not those of the secret.
        let (first, last) = ([0, 2, 3][before], (before + octets.len()) * 8 / 6);
        text[first..last].to_owned()
    });
    let hexadecimal = |digit: fn(&u8) -> String| octets.iter().map(digit).collect::<String>();
    let numbers: Vec<String> = octets.iter().map(u8::to_string).collect();
    let texts = base64.chain([
        hexadecimal(|octet| format!("{octet:02x}")),
        hexadecimal(|octet| format!("{octet:02X}")),
        numbers.join(","),
    ]);
    let mut forms = vec![squeeze(octets).0];
    forms.extend(texts.map(String::into_bytes));
    forms
}

/// The text without white space and backslashes, by which it may be broken into lines or put into JSON, and the line of each octet.
fn squeeze(text: &[u8]) -> (Vec<u8>, Vec<usize>) {
    let mut line = 1;
    let mut kept = Vec::with_capacity(text.len());
    let mut lines = Vec::with_capacity(text.len());
    for octet in text {
        line += usize::from(*octet == b'\n');
        if !octet.is_ascii_whitespace() && *octet != b'\\' {
            kept.push(*octet);
            lines.push(line);
        }
    }
    (kept, lines)
}

/// Digits in a longer number, or in a hexadecimal one, are something else.
fn stands_alone(text: &[u8], at: usize, length: usize) -> bool {
    let neighbours = [at.checked_sub(1), Some(at + length)];
    let mut neighbours = neighbours
        .into_iter()
        .flatten()
        .filter_map(|at| text.get(at));
    !neighbours.any(u8::is_ascii_hexdigit)
}

/// The CPR numbers in a sample.
fn persons(sample: &str) -> impl Iterator<Item = &str> {
    let parts = sample.split("Person</").skip(1);
    parts.filter_map(|part| {
        let (_, number) = part.split_once("ReferenceID>")?;
        number
            .get(..10)
            .filter(|number| number.bytes().all(|digit| digit.is_ascii_digit()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secrets() -> Secrets {
        let long: Vec<u8> = (0..1200_u32).map(|i| (i * i * 7 + i / 3) as u8).collect();
        let noted = ["key", "token"].map(|kind| {
            let text = STANDARD.encode(if kind == "key" {
                &long[..]
            } else {
                &long[300..556]
            });
            format!("{kind} {text}\n")
        });
        let noted = noted.concat() + "password aGVtbWVsaWc=\n";
        let sample = "<a:ObjektType>Person</a:ObjektType><a:ReferenceID>9000000035</a:ReferenceID>";
        Secrets::new(&noted, [sample]).expect("secrets")
    }

    #[test]
    fn what_is_planted_is_found_and_nothing_else() {
        let secrets = secrets();
        assert!(secrets.control().expect("found") > 30);
        let plain = b"test a ... ok\nfrom 90000000351 to 9000000036, an Assertion of BEGIN CERTIFICATE hemme\n";
        assert_eq!(secrets.in_text(plain), []);
        let person =
            "ok\nof 9000000035.\n\"hemmelig\"\n900000–0035\nCPR9000000035x\n90 00 00 00 35\n";
        assert_eq!(
            secrets.in_text(person.as_bytes()),
            [
                (2, PERSON),
                (3, "password"),
                (4, PERSON),
                (5, PERSON),
                (6, PERSON)
            ]
        );
    }

    #[test]
    fn a_part_of_a_key_is_found_in_lines_of_base64() {
        let long: Vec<u8> = (0..1200_u32).map(|i| (i * i * 7 + i / 3) as u8).collect();
        let text = STANDARD.encode(&long[701..790]);
        let broken = format!("said:\n{}\n{}\n", &text[..60], &text[60..]);
        assert!(!secrets().in_text(broken.as_bytes()).is_empty());
        let beginning = b"key: MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQ";
        assert_eq!(secrets().in_text(beginning), [(1, "key")]);
    }

    #[test]
    fn a_run_that_has_used_no_secrets_proves_nothing() {
        let error = Secrets::new("", ["<a/>"]).expect_err("nothing to search for");
        assert_eq!(error, "the run has used no key");
    }
}
