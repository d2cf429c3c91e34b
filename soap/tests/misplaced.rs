//! Children that have no place in their parent: each is told once, and what comes behind is read by the particle that waits
//! for it, in every kind of content model.

use std::fmt;

use soap::{
    Limits, Mixed, Namespace, ProcessContents, ReadXml, Reader, Refused, Root, Slot, Wildcard,
    WildcardNamespaces,
};

const NS: Namespace = Namespace::new("urn:n", "n");

macro_rules! model {
    ($name:ident, |$reader:ident| $body:block) => {
        #[derive(Debug)]
        struct $name;

        impl ReadXml for $name {
            fn read($reader: &mut Reader<'_>) -> Result<Self, Refused> $body
        }
    };
}

// A, B?, C, D
model!(Sequence, |reader| {
    let a = reader.required::<u8>(NS.element("A"));
    let b = reader.optional::<u8>(NS.element("B"));
    let c = reader.required::<u8>(NS.element("C"));
    let d = reader.required::<u8>(NS.element("D"));
    a?;
    b?;
    c?;
    d?;
    Ok(Self)
});

// A | (B, C)
model!(Branches, |reader| {
    if reader.at(NS.name("A")) {
        reader.required::<u8>(NS.element("A"))?;
    } else if reader.at(NS.name("B")) {
        let b = reader.required::<u8>(NS.element("B"));
        let c = reader.required::<u8>(NS.element("C"));
        b?;
        c?;
    } else {
        return Err(reader.expected(&[NS.name("A"), NS.name("B")]));
    }
    Ok(Self)
});

// (A | (B, C)), D{2,3}
model!(Choice, |reader| {
    let branches = reader.group::<Branches>();
    let d = reader.repeated::<u8>(NS.element("D"), 2..=3);
    branches?;
    d?;
    Ok(Self)
});

// A, B?
model!(Pair, |reader| {
    let a = reader.required::<u8>(NS.element("A"));
    let b = reader.optional::<u8>(NS.element("B"));
    a?;
    b?;
    Ok(Self)
});

// (A, B?)+, C
model!(Groups, |reader| {
    let pairs = reader.repeated_group::<Pair>(&[NS.name("A")], 1..);
    let c = reader.required::<u8>(NS.element("C"));
    pairs?;
    c?;
    Ok(Self)
});

// A, B
model!(Couple, |reader| {
    let a = reader.required::<u8>(NS.element("A"));
    let b = reader.required::<u8>(NS.element("B"));
    a?;
    b?;
    Ok(Self)
});

// (A, B)+, C
model!(Couples, |reader| {
    let couples = reader.repeated_group::<Couple>(&[NS.name("A")], 1..);
    let c = reader.required::<u8>(NS.element("C"));
    couples?;
    c?;
    Ok(Self)
});

// (A, B)?
model!(Perhaps, |reader| {
    reader.optional_group::<Couple>(&[NS.name("A")])?;
    Ok(Self)
});

// A, any other, B
model!(Between, |reader| {
    const OTHERS: Wildcard =
        Wildcard::new(WildcardNamespaces::Other("urn:n"), ProcessContents::Skip);
    let a = reader.required::<u8>(NS.element("A"));
    let any = reader.any(OTHERS);
    let b = reader.required::<u8>(NS.element("B"));
    a?;
    any?;
    b?;
    Ok(Self)
});

// xs:all of A, B, C?
model!(All, |reader| {
    let mut a = Slot::<u8>::new();
    let mut b = Slot::<u8>::new();
    let mut c = Slot::<u8>::new();
    while reader.slot(NS.element("A"), &mut a)
        || reader.slot(NS.element("B"), &mut b)
        || reader.slot(NS.element("C"), &mut c)
    {}
    let a = a.required(reader, NS.element("A"));
    let b = b.required(reader, NS.element("B"));
    a?;
    b?;
    c.optional()?;
    Ok(Self)
});

// Row of Sequence, any number; E
model!(Rows, |reader| {
    let rows = reader.repeated::<Sequence>(NS.element("Row"), ..);
    let e = reader.required::<u8>(NS.element("E"));
    rows?;
    e?;
    Ok(Self)
});

model!(Nothing, |reader| {
    reader.empty()?;
    Ok(Self)
});

/// Children with good values, `X` for `<X>1</X>` and `x` for `<X>bad</X>`.
fn children(letters: &str) -> String {
    letters
        .chars()
        .map(|letter| {
            let value = if letter.is_uppercase() { "1" } else { "bad" };
            let name = letter.to_uppercase();
            format!("<{name}>{value}</{name}>")
        })
        .collect()
}

fn told<T: ReadXml + fmt::Debug>(content: &str, limits: &Limits) -> Vec<String> {
    const fn root<T>() -> Root<T> {
        Root::new(NS.element("M"), &[NS])
    }
    let message = format!("<M xmlns='urn:n'>{content}</M>");
    let Err(violations) = root::<T>().read(message.as_bytes(), limits) else {
        return Vec::new();
    };
    let told = violations.iter().map(|one| {
        let path = one.path.strip_prefix("M/").unwrap_or(&one.path);
        let rule = one.rule.to_string();
        format!("{path}: {}", rule.replace("the element ", ""))
    });
    told.collect()
}

#[track_caller]
fn check<T: ReadXml + fmt::Debug>(letters: &str, expected: &[&str]) {
    let found = told::<T>(&children(letters), &Limits::default());
    assert_eq!(found, expected, "{letters}");
}

const BAD: &str = "the value is not a valid xs:unsignedByte";

#[test]
fn an_unknown_child_is_one_violation() {
    check::<Sequence>("AXBCD", &["X: is not allowed here, expected C"]);
    check::<Sequence>("XABCD", &["X: is not allowed here, expected A"]);
    check::<Sequence>("ABCDX", &["X: is not allowed here"]);
    check::<Sequence>("AXXXBCD", &["X: is not allowed here, expected C"]);
    check::<Sequence>(
        "AXYBCXDZ",
        &[
            "X: is not allowed here, expected C",
            "Y: is not allowed here, expected C",
            "X[2]: is not allowed here, expected D",
            "Z: is not allowed here",
        ],
    );
}

#[test]
fn what_is_wrong_behind_it_is_told() {
    check::<Sequence>(
        "aXbcd",
        &[
            &format!("A: {BAD}"),
            "X: is not allowed here, expected C",
            &format!("B: {BAD}"),
            &format!("C: {BAD}"),
            &format!("D: {BAD}"),
        ],
    );
    check::<Sequence>(
        "AXC",
        &["X: is not allowed here, expected C", "D: is missing"],
    );
}

#[test]
fn a_name_written_wrongly_is_not_missing_besides() {
    check::<Sequence>("AXD", &["X: is not allowed here, expected C"]);
    check::<Sequence>("XBCD", &["X: is not allowed here, expected A"]);
    let other = "<A>1</A><C xmlns='urn:other'>1</C><D>1</D>";
    assert_eq!(
        told::<Sequence>(other, &Limits::default()),
        ["C: is in another namespace than urn:n"]
    );
    // The next one is in the right namespace, and is no repetition.
    let both = "<A>1</A><C xmlns='urn:other'>1</C><C>bad</C><D>1</D>";
    assert_eq!(
        told::<Sequence>(both, &Limits::default()),
        [
            "C: is in another namespace than urn:n".to_owned(),
            format!("C[2]: {BAD}")
        ]
    );
}

#[test]
fn siblings_in_another_order_are_told_once() {
    check::<Sequence>("ABDC", &["C: is not allowed here, expected before D"]);
    check::<Sequence>("BACD", &["A: is not allowed here, expected before B"]);
    check::<Sequence>("BCDA", &["A: is not allowed here, expected before B"]);
    // Several are missed where D stands: it is D that came too early.
    check::<Sequence>("DABC", &["D: is not allowed here, expected A"]);
    check::<Sequence>(
        "ADBc",
        &["D: is not allowed here, expected C", &format!("C: {BAD}")],
    );
    check::<Sequence>("ADBCD", &["D: is not allowed here, expected C"]);
    // B may be absent and was not missed.
    check::<Sequence>(
        "ACBd",
        &["B: is not allowed here, expected D", &format!("D: {BAD}")],
    );
}

#[test]
fn repetitions_are_told_once() {
    check::<Sequence>("AABCD", &["A[2]: may not be repeated here"]);
    check::<Sequence>(
        "AAAABCd",
        &["A[2]: may not be repeated here", &format!("D: {BAD}")],
    );
    check::<Sequence>("ABACD", &["A[2]: is not allowed here, expected C"]);
    check::<Choice>("ADDDDD", &["D[4]: occurs more than 3 times"]);
}

#[test]
fn choices_and_groups_go_on_where_they_were() {
    check::<Choice>("BXCDD", &["X: is not allowed here, expected C"]);
    check::<Choice>(
        "XBCDd",
        &[
            "X: is not allowed here, expected A, B",
            &format!("D[2]: {BAD}"),
        ],
    );
    check::<Choice>("ABDD", &["B: is not allowed here, expected D"]);
    check::<Choice>("ADXD", &["X: is not allowed here, expected D"]);
    check::<Choice>("ADX", &["X: is not allowed here, expected D"]);
    check::<Groups>(
        "AXBABXaC",
        &[
            "X: is not allowed here, expected C",
            "X[2]: is not allowed here, expected C",
            &format!("A[3]: {BAD}"),
        ],
    );
    check::<Groups>(
        "ABXABc",
        &["X: is not allowed here, expected C", &format!("C: {BAD}")],
    );
}

#[test]
fn an_all_goes_on_in_any_order() {
    check::<All>(
        "BXa",
        &["X: is not allowed here, expected A", &format!("A: {BAD}")],
    );
    check::<All>(
        "BXAXC",
        &[
            "X: is not allowed here, expected A",
            "X[2]: is not allowed here",
        ],
    );
    check::<All>(
        "BXAb",
        &[
            "X: is not allowed here, expected A",
            "B[2]: may not be repeated here",
        ],
    );
}

#[test]
fn what_was_moved_is_not_missing_where_it_should_stand() {
    check::<Couples>("BAC", &["B: is not allowed here, expected A"]);
    check::<Couples>("BABABC", &["B: is not allowed here, expected A"]);
    check::<Couples>("ABBAC", &["B[2]: may not be repeated here"]);
    check::<Couples>(
        "ABCAB",
        &["A[2]: is not allowed here", "B[2]: is not allowed here"],
    );
    check::<Perhaps>("BA", &["B: is not allowed here"]);
    // Of two that are missing, one was moved.
    check::<Couples>(
        "BAAC",
        &["B: is not allowed here, expected A", "B: is missing"],
    );
    let other = "<A xmlns='urn:other'>1</A>";
    let found = |content: String| told::<All>(&content, &Limits::default());
    let wrong = ["A: is in another namespace than urn:n"];
    assert_eq!(found(format!("{other}{}", children("BC"))), wrong);
    assert_eq!(
        found(format!("{}{other}{}", children("B"), children("C"))),
        wrong
    );
    assert_eq!(found(format!("{}{other}", children("BC"))), wrong);
}

#[test]
fn what_a_wildcard_lets_in_may_be_the_one_that_was_moved() {
    let other = "<x xmlns='urn:other'/>".to_owned();
    let found = |content: [String; 3]| told::<Between>(&content.concat(), &Limits::default());
    let [a, b] = ["A", "B"].map(children);
    assert!(found([a.clone(), other.clone(), b.clone()]).is_empty());
    assert_eq!(
        found([a.clone(), b.clone(), other.clone()]),
        ["x: is not allowed here, expected before B"]
    );
    assert_eq!(
        found([other, a.clone(), b.clone()]),
        ["A: is not allowed here, expected before x"]
    );
    // Nothing of its own namespace is what is missing.
    assert_eq!(
        found([a, b.clone(), b]),
        [
            "M: an element that the contract leaves open is missing",
            "B[2]: may not be repeated here"
        ]
    );
}

#[test]
fn empty_and_mixed_content_go_on() {
    check::<Nothing>("XX", &["X: is not allowed here"]);
    let mixed = format!("t{}u{}v", children("AX"), children("bCD"));
    assert_eq!(
        told::<Mixed<Sequence>>(&mixed, &Limits::default()),
        [
            "X: is not allowed here, expected C".to_owned(),
            format!("B: {BAD}")
        ]
    );
}

#[test]
fn each_parent_is_looked_at_for_itself() {
    let row = |letters| format!("<Row>{}</Row>", children(letters));
    let content = [
        row("AXBCD"),
        row("ABCD"),
        row("ACBD"),
        row("aCD"),
        children("YE"),
    ]
    .concat();
    assert_eq!(
        told::<Rows>(&content, &Limits::default()),
        [
            "Row/X: is not allowed here, expected C".to_owned(),
            "Row[3]/B: is not allowed here, expected D".to_owned(),
            format!("Row[4]/A: {BAD}"),
            "Y: is not allowed here, expected E".to_owned(),
        ]
    );
}

#[test]
fn what_is_in_it_must_be_well_formed() {
    let content = children("A") + "<X><Y></X></Y>";
    let found = told::<Sequence>(&content, &Limits::default());
    assert_eq!(
        found,
        [
            "X: is not allowed here, expected C",
            "X/Y: not well-formed XML: an end tag that ends no open element"
        ]
    );
}

#[test]
fn no_more_than_the_limit_are_told() {
    for most in 1..5 {
        let limits = Limits {
            violations: most,
            ..Limits::default()
        };
        assert_eq!(
            told::<Sequence>(&children("AXYZCWD"), &limits).len(),
            most.min(4)
        );
    }
}

#[test]
fn what_is_too_much_to_read_again_is_told() {
    let row = format!("<Row>{}</Row>", children("ABCD"));
    let long = |before: usize| {
        let behind = (row.clone() + "<X/>").repeat(24);
        row.repeat(before) + &behind + &format!("<Row>{}</Row>", children("ABCd")) + &children("e")
    };
    let limits = Limits {
        violations: 30,
        ..Limits::default()
    };
    let short = told::<Rows>(&long(0), &limits);
    assert_eq!(short.len(), 26);
    assert_eq!(
        short[24..],
        [format!("Row[25]/D: {BAD}"), format!("E: {BAD}")]
    );

    let content = long(790);
    let octets = "<M xmlns='urn:n'></M>".len() + content.len();
    assert!((34_000..36_000).contains(&octets), "{octets}");
    let found = told::<Rows>(&content, &limits);
    let most = 32 * 1024 + 4 * octets;
    assert_eq!(
        found.last(),
        Some(&format!(
            "M: more than {most} octets to be read again because of elements out of place"
        ))
    );
    let misplaced = &found[..found.len() - 1];
    assert!((2..24).contains(&misplaced.len()), "{found:?}");
    assert!(misplaced.iter().all(|one| one.starts_with('X')));

    // It is told where reading stopped.
    let message = format!("<M xmlns='urn:n'>{content}</M>");
    let root = Root::<Rows>::new(NS.element("M"), &[NS]);
    let violations = root.read(message.as_bytes(), &limits).unwrap_err();
    let stopped = message.match_indices("<X/>").nth(misplaced.len() - 1);
    let last = violations.iter().last().unwrap();
    assert_eq!(Some(last.column - 1), stopped.map(|(offset, _)| offset));
    assert_eq!(last.rule.id(), "limit");
    assert_eq!(violations.class(), soap::Class::Limit);
}
