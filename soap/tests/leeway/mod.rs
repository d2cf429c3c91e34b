//! A contract that leaves much open, written by hand as the generator would emit it.

#![allow(
    dead_code,
    unreachable_pub,
    reason = "as it is emitted into a library; a test exports nothing, and uses some of it"
)]

use soap::{
    AnyAttribute, AnyElement, AnyType, Declarations, DeclaredType, Mixed, Nillable,
    ProcessContents, Root, Wildcard, WildcardNamespaces,
};

pub const NS: soap::Namespace = soap::Namespace::new("urn:example", "e");
/// The same namespace as the default one.
pub const DEFAULT: soap::Namespace = soap::Namespace::new("urn:example", "");

pub const OTHER: Wildcard = Wildcard::new(
    WildcardNamespaces::Other("urn:example"),
    ProcessContents::Lax,
);
pub const LISTED: Wildcard = Wildcard::new(
    WildcardNamespaces::List(&["", "urn:listed"]),
    ProcessContents::Skip,
);
pub const ANY: Wildcard = Wildcard::new(WildcardNamespaces::Any, ProcessContents::Strict);

/// Attributes, a declared element, two wildcards, a group that begins with one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Open {
    pub kind: Option<String>,
    pub attributes: Vec<AnyAttribute>,
    pub known: Option<String>,
    pub others: Vec<AnyElement>,
    pub last: Option<AnyElement>,
}

impl soap::ReadXml for Open {
    fn read(reader: &mut soap::Reader<'_>) -> Result<Self, soap::Refused> {
        let kind = reader.optional_attribute(soap::Attribute::unqualified("kind"));
        let attributes = reader.any_attributes(OTHER);
        let known = reader.optional(NS.element("Known"));
        let others = reader.repeated_any(OTHER, 1..=3);
        let last = reader.optional_any(LISTED);
        Ok(Self {
            kind: kind?,
            attributes: attributes?,
            known: known?,
            others: others?,
            last: last?,
        })
    }
}

impl soap::WriteXml for Open {
    fn write(&self, writer: &mut soap::Writer) {
        writer.optional_attribute(soap::Attribute::unqualified("kind"), self.kind.as_ref());
        writer.any_attributes(OTHER.namespaces, &self.attributes);
        writer.optional(NS.element("Known"), self.known.as_ref());
        writer.repeated_any(OTHER.namespaces, 1..=3, &self.others);
        writer.optional_any(LISTED.namespaces, self.last.as_ref());
    }
}

pub const OPEN: Root<Open> = Root::new(NS.element("Open"), &[NS]);

/// Pairs of a declared element and an open one, as often as one of them comes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pairs(pub Vec<Pair>);

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    pub key: Option<String>,
    pub value: AnyElement,
}

impl soap::ReadXml for Pair {
    fn read(reader: &mut soap::Reader<'_>) -> Result<Self, soap::Refused> {
        let key = reader.optional(DEFAULT.element("Key"));
        let value = reader.any(OTHER);
        Ok(Self {
            key: key?,
            value: value?,
        })
    }
}

impl soap::WriteXml for Pair {
    fn write(&self, writer: &mut soap::Writer) {
        writer.optional(DEFAULT.element("Key"), self.key.as_ref());
        writer.any(OTHER.namespaces, &self.value);
    }
}

impl soap::ReadXml for Pairs {
    fn read(reader: &mut soap::Reader<'_>) -> Result<Self, soap::Refused> {
        let first = |reader: &mut soap::Reader<'_>| {
            reader.at(DEFAULT.name("Key")) || reader.at_wildcard(OTHER)
        };
        reader.repeated_group_when(first, 0..=2).map(Self)
    }
}

impl soap::WriteXml for Pairs {
    fn write(&self, writer: &mut soap::Writer) {
        writer.repeated_group(0..=2, &self.0);
    }
}

pub const PAIRS: Root<Pairs> = Root::new(DEFAULT.element("Pairs"), &[DEFAULT]);
pub const VALUE: Root<AnyType> = Root::new(NS.element("Value"), &[NS]);

/// Mixed content: a declared element, and any others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prose {
    pub word: Option<Nillable<String>>,
    pub others: Vec<AnyElement>,
}

impl soap::ReadXml for Prose {
    fn read(reader: &mut soap::Reader<'_>) -> Result<Self, soap::Refused> {
        let word = reader.optional(NS.element("Word"));
        let others = reader.repeated_any(ANY, 0..);
        Ok(Self {
            word: word?,
            others: others?,
        })
    }
}

impl soap::WriteXml for Prose {
    fn write(&self, writer: &mut soap::Writer) {
        writer.optional(NS.element("Word"), self.word.as_ref());
        writer.repeated_any(ANY.namespaces, 0.., &self.others);
    }
}

pub const PROSE: Root<Mixed<Prose>> = Root::new(NS.element("Prose"), &[NS]);

/// A type that others are derived from; itself abstract.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Animal {
    Cow(soap::Boxed<Cow>),
    Hen(soap::Boxed<Hen>),
}

impl soap::ReadXml for Animal {
    fn read(reader: &mut soap::Reader<'_>) -> Result<Self, soap::Refused> {
        match reader.xsi_type(&[NS.name("Cow"), NS.name("Hen")])? {
            Some(0) => reader.group().map(Self::Cow),
            Some(1) => reader.group().map(Self::Hen),
            _ => Err(reader.abstract_type()),
        }
    }
}

impl soap::WriteXml for Animal {
    fn write(&self, writer: &mut soap::Writer) {
        match self {
            Self::Cow(value) => {
                writer.xsi_type(NS.name("Cow"));
                writer.group(value);
            }
            Self::Hen(value) => {
                writer.xsi_type(NS.name("Hen"));
                writer.group(value);
            }
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cow {
    pub name: Option<String>,
}

impl soap::ReadXml for Cow {
    const TYPE: Option<soap::Name> = Some(NS.name("Cow"));

    fn read(reader: &mut soap::Reader<'_>) -> Result<Self, soap::Refused> {
        let name = reader.optional_attribute(soap::Attribute::unqualified("name"));
        Ok(Self { name: name? })
    }
}

impl soap::WriteXml for Cow {
    fn write(&self, writer: &mut soap::Writer) {
        writer.optional_attribute(soap::Attribute::unqualified("name"), self.name.as_ref());
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hen {
    pub eggs: Option<u8>,
}

impl soap::ReadXml for Hen {
    fn read(reader: &mut soap::Reader<'_>) -> Result<Self, soap::Refused> {
        let eggs = reader.optional(NS.element("Eggs"));
        Ok(Self { eggs: eggs? })
    }
}

impl soap::WriteXml for Hen {
    fn write(&self, writer: &mut soap::Writer) {
        writer.optional(NS.element("Eggs"), self.eggs.as_ref());
    }
}

pub const ANIMAL: Root<Animal> = Root::new(NS.element("Animal"), &[NS]);
pub const COW: Root<Nillable<Cow>> = Root::new(NS.element("Cow"), &[NS]);
pub const HERD: Root<Nillable<Animal>> = Root::new(NS.element("Animal"), &[NS]);
pub const COUNT: Root<i32> = Root::new(NS.element("Count"), &[NS]);
/// One that may say which of the types it is of.
pub const TOLD: Root<Nillable<i32>> =
    Root::new(NS.element("Told"), &[NS]).with_declarations(&DECLARED);
/// One that says the same whatever it is like.
pub const ALWAYS: Root<Mixed<()>> = Root::new(NS.element("Always").fixed("a  b"), &[NS]);

/// A number, and a type with an attribute that extends it.
pub static DECLARED: Declarations = Declarations {
    types: &[
        DeclaredType::new::<Priced>(NS.name("Priced")).derived_from(NS.name("Small")),
        DeclaredType::new::<u8>(NS.name("Small")).derived_from(soap::Namespace::SCHEMA.name("int")),
    ],
    ..Declarations::NONE
};

pub struct Priced;

impl soap::ReadXml for Priced {
    fn read(reader: &mut soap::Reader<'_>) -> Result<Self, soap::Refused> {
        let unit = reader.optional_attribute::<u8>(soap::Attribute::unqualified("unit"));
        let value = reader.text::<u8>();
        unit?;
        value.map(|_| Self)
    }
}

/// A number, else names, else text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Size {
    Number(i32),
    Names(soap::List<soap::QName>),
    Text(String),
}

impl soap::Value for Size {
    const WHITE_SPACE: soap::WhiteSpace = soap::WhiteSpace::Preserve;

    fn parse(lexical: &str, scope: &soap::Scope<'_>) -> Result<Self, soap::Rule> {
        if let Ok(value) = soap::member(lexical, scope) {
            return Ok(Self::Number(value));
        }
        if let Ok(value) = soap::member(lexical, scope) {
            return Ok(Self::Names(value));
        }
        if lexical.starts_with(' ') {
            return Err(soap::Rule::union());
        }
        soap::member(lexical, scope).map(Self::Text)
    }

    fn write(&self, text: &mut soap::Text<'_>) {
        match self {
            Self::Number(value) => soap::Value::write(value, text),
            Self::Names(value) => text.member(value, &[soap::takes::<i32>]),
            Self::Text(value) => text.member(
                value,
                &[soap::takes::<i32>, soap::takes::<soap::List<soap::QName>>],
            ),
        }
    }
}

impl soap::Bounded for Size {
    fn compare(&self, other: &Self) -> Option<std::cmp::Ordering> {
        soap::equal(self, other)
    }
}

pub const SIZE: Root<Size> = Root::new(NS.element("Size"), &[NS]);
