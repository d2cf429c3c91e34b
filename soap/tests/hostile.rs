//! Messages that were tampered with, where contracts leave much open: no panic, and what is let in comes back the same.

mod leeway;

use std::fmt::Debug;

use leeway::{ALWAYS, ANIMAL, COUNT, COW, HERD, OPEN, PAIRS, PROSE, SIZE, TOLD, VALUE};
use soap::{Limits, ReadXml, Root, WriteXml};

const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// What stands in for octets of a message, one at a time.
const OCTETS: &[u8] = b"<>&;:\"'/= \n!-[]?#xnie1\xC3\x80";

/// Each of `TIMES` messages has up to three octets changed, taken out or put in, as a linear congruence says.
#[track_caller]
fn check<T: ReadXml + WriteXml + PartialEq + Debug>(root: &Root<T>, content: &str) {
    const TIMES: u64 = 4000;
    let name = root.name().local();
    let message = format!(
        "<n:{name} xmlns:n='urn:example' xmlns:x='urn:x' xmlns:e='urn:e' xmlns:i='{XSI}' {content}</n:{name}>"
    );
    let limits = Limits::default();
    assert!(root.read(message.as_bytes(), &limits).is_ok(), "{message}");
    let mut state = TIMES;
    let mut next = |below: usize| {
        state = state
            .wrapping_mul(6364136223846793005)
            .wrapping_add(1442695040888963407);
        (state >> 33) as usize % below
    };
    for _ in 0..TIMES {
        let mut octets = message.clone().into_bytes();
        for _ in 0..=next(3) {
            let (at, octet) = (next(octets.len()), OCTETS[next(OCTETS.len())]);
            match next(3) {
                0 => octets[at] = octet,
                1 => octets.insert(at, octet),
                _ => drop(octets.remove(at)),
            }
        }
        let Ok(value) = root.read(&octets, &limits) else {
            continue;
        };
        let told = String::from_utf8_lossy(&octets);
        match root.write(&value) {
            Ok(written) => assert_eq!(
                root.read(written.as_bytes(), &limits),
                Ok(value),
                "{told}\n{written}"
            ),
            Err(unwritable) => assert_eq!(unwritable.rule.id(), "prefix", "{told}"),
        }
    }
}

#[test]
fn tampered_messages() {
    check(
        &OPEN,
        "kind='k' x:a='n:b'><n:Known>k</n:Known><x:A b='e:c' xmlns='d'>e:d<B/>&#58;</x:A><L/>",
    );
    check(&PAIRS, "><n:Key>k</n:Key><x:A>x:b</x:A><e:A/>");
    check(
        &VALUE,
        "i:type='e:T' a='x:b'> e:f <x:B c='&lt;'>n:d</x:B><!-- e --><![CDATA[f]]>",
    );
    check(
        &PROSE,
        ">a<n:Word i:nil='false'>w</n:Word> b <x:A>c</x:A>&amp;",
    );
    check(&ANIMAL, "i:type='n:Cow' name='Rosa'>");
    check(&HERD, "i:type='n:Hen'><n:Eggs>2</n:Eggs>");
    check(&COW, "i:nil='true' i:type='n:Cow'>");
    check(
        &COUNT,
        "xmlns:s='http://www.w3.org/2001/XMLSchema' i:type='s:int'>7",
    );
    check(&TOLD, "i:type='n:Priced' i:nil='false'> 7<!-- t -->");
    check(&TOLD, "i:type='n:Small' i:nil='true'>");
    check(&ALWAYS, ">a <![CDATA[ ]]>b");
    check(&SIZE, ">x:a e:b");
}

/// Many small elements, each of which inherits declarations. Quadratic cost would take minutes.
#[test]
fn what_is_kept_takes_linear_time() {
    let declarations: String = (0..30)
        .map(|index| format!(" xmlns:p{index}='urn:{index}'"))
        .collect();
    let limits = Limits {
        bytes: 64 * 1024 * 1024,
        ..Limits::default()
    };
    let elements = "<p1:a b='p2:c'>p3:d</p1:a><q/>".repeat(60_000);
    let message = format!("<Value xmlns='urn:example'{declarations}>{elements}</Value>");
    let value = VALUE.read(message.as_bytes(), &limits).expect("valid");
    assert_eq!(value.content().len(), 120_000);
    let deep = format!("{}{}", "<a>".repeat(100_000), "</a>".repeat(100_000));
    let message = format!("<Value xmlns='urn:example'{declarations}>{deep}</Value>");
    let limits = Limits {
        depth: usize::MAX,
        ..limits
    };
    let value = VALUE.read(message.as_bytes(), &limits).expect("valid");
    assert_eq!(
        VALUE.read(VALUE.write(&value).expect("writable").as_bytes(), &limits),
        Ok(value)
    );
}
