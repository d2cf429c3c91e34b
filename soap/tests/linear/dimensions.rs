//! Messages that grow in one dimension, and what reads them.

use soap::{
    AnyElement, AnyType, Boxed, Declarations, DeclaredElement, DeclaredType, Limits, List,
    Namespace, ProcessContents, ReadXml, Reader, Refused, Root, Wildcard, WildcardNamespaces,
};

const NS: Namespace = Namespace::new("urn:n", "n");
const ANY: Root<AnyType> = Root::new(NS.element("Any"), &[NS]);
const NESTED: Root<Nested> = Root::new(NS.element("Nested"), &[NS]);
const NUMBERS: Root<List<u32>> = Root::new(NS.element("Numbers"), &[NS]);
const TEXT: Root<String> = Root::new(NS.element("Text"), &[NS]);
const ROWS: Root<Rows> = Root::new(NS.element("Rows"), &[NS]);
const GROUPS: Root<Groups> = Root::new(NS.element("Groups"), &[NS]);
const CHECKED: Root<AnyType> = ANY.with_declarations(&DECLARED);

static DECLARED: Declarations = Declarations {
    elements: &[
        DeclaredElement::new::<AnyType>(NS.element("Any")),
        DeclaredElement::new::<Parcel>(NS.element("Parcel")),
    ],
    types: &[DeclaredType::new::<Parcel>(NS.name("Parcel"))],
    ..Declarations::NONE
};

/// A type that holds itself.
struct Nested(Option<Boxed<Self>>);

impl ReadXml for Nested {
    fn read(reader: &mut Reader<'_>) -> Result<Self, Refused> {
        reader.optional(NS.element("Nested")).map(Self)
    }
}

/// Elements in a row.
struct Rows(Vec<u32>);

impl ReadXml for Rows {
    fn read(reader: &mut Reader<'_>) -> Result<Self, Refused> {
        reader.repeated(NS.element("Row"), ..).map(Self)
    }
}

/// What holds anything.
#[expect(dead_code, reason = "what was let in is looked at by the reader alone")]
struct Parcel(Vec<AnyElement>);

impl ReadXml for Parcel {
    fn read(reader: &mut Reader<'_>) -> Result<Self, Refused> {
        let any = Wildcard::new(WildcardNamespaces::Any, ProcessContents::Lax);
        reader.repeated_any(any, ..).map(Self)
    }
}

/// Limits that refuse nothing here but `violations`.
const OPEN: Limits = Limits {
    violations: 20,
    ..Limits::UNBOUNDED
};

/// The same, with as many violations as a service's configuration may set.
const TELLING: Limits = Limits {
    violations: 1000,
    ..Limits::UNBOUNDED
};

/// Elements in a row, each with a child.
struct Groups;

/// The child of such an element.
struct Group;

impl ReadXml for Groups {
    fn read(reader: &mut Reader<'_>) -> Result<Self, Refused> {
        reader
            .repeated::<Group>(NS.element("Group"), ..)
            .map(|_| Self)
    }
}

impl ReadXml for Group {
    fn read(reader: &mut Reader<'_>) -> Result<Self, Refused> {
        reader.required::<u32>(NS.element("Row")).map(|_| Self)
    }
}

/// Whether all that is wrong with the message is told, up to the limit.
fn told<T: ReadXml>(root: &Root<T>, message: &[u8], limits: &Limits) -> bool {
    let Err(violations) = root.read(message, limits) else {
        return false;
    };
    let count = violations.iter().count();
    0 < count && count <= limits.violations
}

/// Whether what is read can be written, and is about as long: the prefixes of attributes are not kept.
fn written(message: &[u8]) -> bool {
    let Ok(any) = ANY.read(message, &OPEN) else {
        return false;
    };
    !any.attributes().is_empty()
        && ANY
            .write(&any)
            .is_ok_and(|again| again.len() <= 2 * message.len())
}

/// As many good rows as there is wrong, before it.
fn late(size: usize, good: &str, bad: &str) -> String {
    good.repeat(size) + &bad.repeat(size.min(TELLING.violations))
}

/// What can grow: its name, sizes that are measured, and the message of a size.
pub(crate) struct Dimension {
    pub(crate) name: &'static str,
    pub(crate) sizes: &'static [usize],
    content: fn(usize) -> String,
    /// Whether the message is read as it should be.
    read: fn(&[u8]) -> bool,
}

impl Dimension {
    /// The message of that size.
    pub(crate) fn message(&self, size: usize) -> String {
        (self.content)(size)
    }

    /// Reads a message of this dimension; whether it went as it should.
    pub(crate) fn read(&self, message: &[u8]) -> bool {
        (self.read)(message)
    }
}

fn wrapped(name: &str, attributes: &str, content: &str) -> String {
    format!("<{name} xmlns=\"urn:n\"{attributes}>{content}</{name}>")
}

fn each(size: usize, one: impl Fn(usize) -> String) -> String {
    (0..size).map(one).collect()
}

const MANY: &[usize] = &[1, 10, 100, 1000, 10_000, 60_000];

pub(crate) const DIMENSIONS: &[Dimension] = &[
    Dimension {
        name: "depth",
        sizes: &[1, 10, 100, 400],
        content: |size| {
            wrapped(
                "Nested",
                "",
                &("<Nested>".repeat(size - 1) + &"</Nested>".repeat(size - 1)),
            )
        },
        read: |message| {
            let mut depth = 0;
            let mut inner = NESTED.read(message, &OPEN).ok();
            while let Some(Nested(next)) = inner {
                depth += 1;
                inner = next.map(Boxed::into_inner);
            }
            depth > 0
        },
    },
    Dimension {
        name: "depth-kept",
        sizes: &[1, 10, 100, 400],
        content: |size| wrapped("Any", "", &("<a>".repeat(size) + &"</a>".repeat(size))),
        read: |message| ANY.read(message, &OPEN).is_ok(),
    },
    Dimension {
        name: "depth-checked",
        sizes: &[1, 10, 100, 200],
        content: |size| {
            let inside = "<Parcel><a>".repeat(size) + &"</a></Parcel>".repeat(size);
            wrapped("Any", "", &inside)
        },
        read: |message| {
            CHECKED
                .read(message, &OPEN)
                .is_ok_and(|any| any.content().len() == 1)
        },
    },
    Dimension {
        name: "depth-named",
        sizes: &[1, 10, 100, 200],
        content: |size| {
            let inside = "<Any i:type='Parcel'>".repeat(size) + &"</Any>".repeat(size);
            let xsi = "http://www.w3.org/2001/XMLSchema-instance";
            wrapped("Any", &format!(" xmlns:i='{xsi}' i:type='Parcel'"), &inside)
        },
        read: |message| {
            CHECKED
                .read(message, &OPEN)
                .is_ok_and(|any| any.content().len() == 1)
        },
    },
    Dimension {
        name: "attributes",
        sizes: MANY,
        content: |size| wrapped("Any", &each(size, |number| format!(" a{number}=\"v\"")), ""),
        read: |message| {
            ANY.read(message, &OPEN)
                .is_ok_and(|any| !any.attributes().is_empty())
        },
    },
    Dimension {
        name: "undeclared",
        sizes: MANY,
        content: |size| {
            wrapped(
                "Text",
                &each(size, |number| format!(" a{number}=\"v\"")),
                "",
            )
        },
        read: |message| {
            TEXT.read(message, &OPEN)
                .is_err_and(|told| told.iter().count() <= OPEN.violations)
        },
    },
    Dimension {
        name: "namespaces",
        sizes: &[1, 10, 32, 100, 1000],
        content: |size| {
            wrapped(
                "Text",
                &each(size, |number| format!(" xmlns:p{number}=\"urn:{number}\"")),
                "t",
            )
        },
        read: |message| TEXT.read(message, &OPEN).is_ok(),
    },
    Dimension {
        name: "attributes-written",
        sizes: MANY,
        content: |size| wrapped("Any", &each(size, |number| format!(" a{number}=\"v\"")), ""),
        read: written,
    },
    Dimension {
        name: "namespaces-written",
        sizes: &[1, 10, 32, 100, 300],
        content: |size| {
            let one = |number| format!(" xmlns:p{number}=\"urn:{number}\" p{number}:a=\"v\"");
            wrapped("Any", &each(size, one), "")
        },
        read: written,
    },
    Dimension {
        name: "elements",
        sizes: MANY,
        content: |size| wrapped("Rows", "", &"<Row>7</Row>".repeat(size)),
        read: |message| {
            ROWS.read(message, &OPEN)
                .is_ok_and(|Rows(rows)| !rows.is_empty())
        },
    },
    Dimension {
        name: "items",
        sizes: MANY,
        content: |size| wrapped("Numbers", "", &"17 ".repeat(size)),
        read: |message| {
            NUMBERS
                .read(message, &OPEN)
                .is_ok_and(|items| !items.is_empty())
        },
    },
    Dimension {
        name: "references",
        sizes: MANY,
        content: |size| wrapped("Text", "", &"a&amp;&#230;".repeat(size)),
        read: |message| TEXT.read(message, &OPEN).is_ok(),
    },
    Dimension {
        name: "line-ends",
        sizes: MANY,
        content: |size| wrapped("Text", "", &"a\r\nb\r".repeat(size)),
        read: |message| {
            TEXT.read(message, &OPEN)
                .is_ok_and(|text| !text.contains('\r'))
        },
    },
    Dimension {
        name: "sections",
        sizes: MANY,
        content: |size| wrapped("Text", "", &"<![CDATA[<]]>a".repeat(size)),
        read: |message| TEXT.read(message, &OPEN).is_ok(),
    },
    Dimension {
        name: "comments",
        sizes: MANY,
        content: |size| {
            wrapped(
                "Rows",
                "",
                &("<!-- a --><?b c?>".repeat(size) + "<Row>7</Row>"),
            )
        },
        read: |message| ROWS.read(message, &OPEN).is_ok(),
    },
    Dimension {
        name: "name",
        sizes: MANY,
        content: |size| {
            let name = "a".repeat(size);
            wrapped("Any", "", &format!("<{name}></{name}>"))
        },
        read: |message| ANY.read(message, &OPEN).is_ok(),
    },
    Dimension {
        name: "value",
        sizes: MANY,
        content: |size| wrapped("Any", &format!(" a=\"{}\"", "b&lt;\t".repeat(size)), ""),
        read: |message| ANY.read(message, &OPEN).is_ok(),
    },
    Dimension {
        name: "violations",
        sizes: MANY,
        content: |size| wrapped("Rows", "", &"<Row>x</Row>".repeat(size)),
        read: |message| told(&ROWS, message, &OPEN),
    },
    Dimension {
        name: "late",
        sizes: MANY,
        content: |size| {
            let rows = "<Row>7</Row>".repeat(size);
            wrapped("Rows", "", &(rows + &"<Row>x</Row>".repeat(20)))
        },
        read: |message| told(&ROWS, message, &OPEN),
    },
    Dimension {
        name: "late-many",
        sizes: MANY,
        content: |size| wrapped("Rows", "", &late(size, "<Row>7</Row>", "<Row>x</Row>")),
        read: |message| told(&ROWS, message, &TELLING),
    },
    Dimension {
        name: "misplaced",
        // Smaller ones show the octets that may be read again whatever the size.
        sizes: &[1000, 10_000, 60_000],
        content: |size| {
            let (good, bad) = ("<Row>7</Row>", "<X/><Row>7</Row>");
            wrapped("Rows", "", &late(size, good, bad))
        },
        read: |message| told(&ROWS, message, &TELLING),
    },
    Dimension {
        name: "misplaced-in",
        sizes: MANY,
        content: |size| {
            let good = "<Group><Row>7</Row></Group>";
            let bad = "<Group><X/><Row>7</Row></Group>";
            wrapped("Groups", "", &late(size, good, bad))
        },
        read: |message| told(&GROUPS, message, &TELLING),
    },
    Dimension {
        name: "missing",
        sizes: MANY,
        content: |size| {
            let good = "<Group><Row>7</Row></Group>";
            wrapped("Groups", "", &late(size, good, "<Group/>"))
        },
        read: |message| told(&GROUPS, message, &TELLING),
    },
];
