//! Types that hold themselves are read and written on the stack: as deep as the settings allow, in the 2 MiB that a thread of
//! tokio's has, without the optimiser's help.

use soap::{AnyRoot, Limits};

use crate::goldens::cases::{any_type, declared_content, recursive, recursive_derived};

/// What tokio gives its threads.
const STACK: usize = 2 * 1024 * 1024;
/// What is left to those who call: servers, clients and roles.
const CALLERS: usize = 512 * 1024;
/// The most that `depth` may be set to.
const DEPTH: usize = 400;

/// Reads and writes a message that is `inner` inside itself, inside `outer`, until it is as deep as it may be.
#[track_caller]
fn check(root: &'static dyn AnyRoot, outer: &[&str], inner: &str) {
    let begin: String = outer.iter().map(|tag| format!("<{tag}>")).collect();
    let ends = |tag: &&str| format!("</{}>", tag.split(' ').next().unwrap_or_default());
    let end: String = outer.iter().rev().map(ends).collect();
    // Only the first of several tags is open where the next level begins; what follows it is a level of its own.
    let (first, more) = inner.split_once('>').unwrap_or((inner, ""));
    let times = DEPTH - outer.len() - usize::from(!more.is_empty());
    let message = [
        &begin,
        &format!("<{inner}>").repeat(times),
        &ends(&first).repeat(times),
        &end,
    ]
    .map(String::as_str)
    .concat();
    let limits = |depth| Limits {
        depth,
        ..Limits::default()
    };
    let thread = std::thread::Builder::new().stack_size(STACK - CALLERS);
    let read = move || {
        let refused = root.round_trip(message.as_bytes(), &limits(DEPTH - 1));
        let refused = refused.map_err(|all| all.first().rule.id());
        (root.round_trip(message.as_bytes(), &limits(DEPTH)), refused)
    };
    let thread = thread.spawn(read).expect("a thread");
    let (read, refused) = thread.join().expect("no panic");
    assert_eq!(read.err(), None);
    assert_eq!(refused, Err("limit"));
}

const NAMED: &str = "Node xmlns='urn:case'><Name>a</Name";
const NODE: &str = "Node xmlns='urn:case'";
const MESSAGE: &str = concat!(
    "Message xmlns='urn:case' xmlns:xs='http://www.w3.org/2001/XMLSchema' ",
    "xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'"
);

#[test]
fn types_that_hold_themselves() {
    let root = &recursive::elements::NODE;
    for inner in ["Next", "Child", "Left"] {
        check(root, &[NAMED], &format!("{inner}><Name>a</Name"));
    }
}

#[test]
fn types_that_are_told() {
    let root = &recursive_derived::elements::NODE;
    for inner in ["Next", "Child"] {
        check(root, &[NODE], inner);
    }
}

#[test]
fn elements_that_are_declared_under_wildcards() {
    let root = &declared_content::elements::MESSAGE;
    for inner in ["LaxAgain", "x xsi:type='Lax'"] {
        check(root, &[MESSAGE, "Lax"], inner);
    }
}

#[test]
fn elements_of_any_type() {
    let root = &any_type::elements::MESSAGE;
    for inner in ["Other", "x xsi:type='xs:anyType'", "x"] {
        check(root, &[MESSAGE], inner);
    }
}
