//! The contract, resolved: nothing in it is a name that has still to be looked up.
//!
//! Types refer to each other by [`TypeId`]; everything that is iterated is in the order of the documents.

mod builtin;
mod service;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Index;
use std::sync::Arc;

pub(crate) use self::builtin::{Builtin, WhiteSpace};
pub(crate) use self::service::{
    Binding, Contract, DeclaredFault, Document, HeaderPart, Link, Operation, PortType, Service,
    Version,
};
use crate::diagnostic::{Diagnostic, Place};
use crate::load::QName;

/// All types and contracts that one run reads.
#[derive(Debug, Default)]
pub(crate) struct Model {
    pub(crate) types: Vec<Type>,
    /// How many of the types messages name; those after them are there for what the contracts leave open.
    pub(crate) named: usize,
    /// The types derived from a type, those derived from them included, each kept since `xsi:type` may name it.
    pub(crate) derived: BTreeMap<TypeId, Vec<TypeId>>,
    /// Global elements that stand at the root of a message, in the order in which they were met.
    pub(crate) roots: Vec<RootElement>,
    /// What the contracts declare that leave names open.
    pub(crate) globals: Globals,
    pub(crate) contracts: Vec<Contract>,
    /// What was passed over, or read more kindly than the standard says.
    pub(crate) warnings: Vec<Diagnostic>,
}

impl Index<TypeId> for Model {
    type Output = Type;

    fn index(&self, id: TypeId) -> &Type {
        &self.types[id.0]
    }
}

impl Model {
    /// Whether messages name the type; what they do not name takes no name away from what they do.
    pub(crate) const fn is_named(&self, id: TypeId) -> bool {
        id.0 < self.named
    }

    /// Whether `xsi:type` tells which of several types an element of type `id` has.
    pub(crate) fn is_polymorphic(&self, id: TypeId) -> bool {
        self.derived.contains_key(&id) || self.is_abstract(id)
    }

    /// Whether elements of the type `id` hold a value of a simple type.
    pub(crate) fn is_text(&self, id: TypeId) -> bool {
        match &self[id].definition {
            Definition::Simple(_) | Definition::Union(_) => true,
            Definition::Complex(complex) => matches!(complex.content, Content::Simple(_)),
            Definition::Group(_) => false,
        }
    }

    /// The type that the type `id` is derived from, where elements of it hold values alone; that of lists and unions is the one
    /// that all simple types come from (XSD 1.0 Part 1, 3.14.2).
    pub(crate) fn text_base(&self, id: TypeId) -> Option<TypeRef> {
        match &self[id].definition {
            Definition::Simple(simple) => Some(match simple.variety {
                Variety::List(item) if item == simple.base => TypeRef::Builtin(Builtin::ANY_SIMPLE),
                _ => simple.base,
            }),
            Definition::Union(_) => Some(TypeRef::Builtin(Builtin::ANY_SIMPLE)),
            Definition::Complex(complex) => match (complex.base, &complex.content) {
                (Some(base), Content::Simple(_)) => Some(TypeRef::Defined(base)),
                (None, Content::Simple(text)) => Some(*text),
                _ => None,
            },
            Definition::Group(_) => None,
        }
    }

    /// Whether the global type `name` is one of the model's.
    pub(crate) fn has_type(&self, name: &QName) -> bool {
        self.types.iter().any(|r#type| {
            let of = &r#type.name;
            of.kind == NameKind::Type && of.namespace == name.namespace && of.key() == name.local
        })
    }

    /// Whether no element can have the type itself.
    pub(crate) fn is_abstract(&self, id: TypeId) -> bool {
        matches!(&self[id].definition, Definition::Complex(complex) if complex.r#abstract)
    }

    /// Whether the type of the root element `root` stands for that element alone, so that it can be a fault's detail itself.
    pub(crate) fn is_detail(&self, root: usize) -> bool {
        let element = &self.roots[root].element;
        let TypeRef::Defined(id) = element.r#type else {
            return false;
        };
        let same = self
            .roots
            .iter()
            .filter(|other| other.element.r#type == element.r#type);
        !element.nillable
            && !self.is_polymorphic(id)
            && matches!(self[id].definition, Definition::Complex(_))
            && same.count() == 1
    }

    /// Whether the type is a union of which it is a member itself, however deep.
    pub(crate) fn is_member_of_itself(&self, id: TypeId) -> bool {
        let members = |id: TypeId| match &self[id].definition {
            Definition::Union(members) => members.clone(),
            Definition::Simple(Simple {
                variety: Variety::Union(union),
                ..
            }) => vec![TypeRef::Defined(*union)],
            _ => Vec::new(),
        };
        let (mut pending, mut seen) = (members(id), BTreeSet::new());
        while let Some(member) = pending.pop() {
            match member {
                TypeRef::Defined(member) if member == id => return true,
                TypeRef::Defined(member) if seen.insert(member) => pending.extend(members(member)),
                TypeRef::Defined(_) | TypeRef::Builtin(_) => {}
            }
        }
        false
    }

    /// The one detail that the faults of `operation` can have, if its type is to be that of the faults.
    pub(crate) fn sole_detail(&self, operation: &Operation) -> Option<usize> {
        match operation.faults.as_slice() {
            [only] if !only.header && self.is_detail(only.detail) => Some(only.detail),
            _ => None,
        }
    }

    /// The ids of all types.
    pub(crate) fn ids(&self) -> impl Iterator<Item = TypeId> + use<> {
        (0..self.types.len()).map(TypeId)
    }
}

/// A type, by its place in [`Model::types`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct TypeId(pub(crate) usize);

/// A reference to a type: one of XML Schema's own, or one of the contract's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TypeRef {
    Builtin(Builtin),
    Defined(TypeId),
}

/// A type of the contract.
#[derive(Clone, Debug)]
pub(crate) struct Type {
    pub(crate) name: TypeName,
    pub(crate) documentation: Vec<String>,
    pub(crate) file: Arc<str>,
    pub(crate) place: Place,
    /// Whether no schema declares it: it was made for a message or a part of a content model.
    pub(crate) made: bool,
    pub(crate) definition: Definition,
}

/// What a type is called in the contract: a path, since an anonymous type is named by where it stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct TypeName {
    pub(crate) namespace: String,
    pub(crate) path: Vec<String>,
    pub(crate) kind: NameKind,
}

/// What the last part of a type's path names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum NameKind {
    /// A global `simpleType` or `complexType`.
    Type,
    /// An element or attribute whose type is anonymous.
    Anonymous,
    /// A group of particles inside a content model.
    Group,
    /// The parts of a message, for which no schema declares a type.
    Message,
}

impl TypeName {
    /// The name of something inside this type.
    pub(crate) fn inner(&self, name: &str, kind: NameKind) -> Self {
        let mut path = self.path.clone();
        path.push(name.to_owned());
        Self {
            namespace: self.namespace.clone(),
            path,
            kind,
        }
    }

    /// The path as it is written in `contracts.toml`.
    pub(crate) fn key(&self) -> String {
        self.path.join("/")
    }
}

#[derive(Clone, Debug)]
pub(crate) enum Definition {
    Simple(Simple),
    /// Any of several simple types, the first that fits (XSD 1.0 Part 2, 2.5.1.3).
    Union(Vec<TypeRef>),
    Complex(Complex),
    Group(Group),
}

/// A simple type (XSD 1.0 Part 2, 4.1.1).
#[derive(Clone, Debug)]
pub(crate) struct Simple {
    /// The type that this one restricts directly; the built-in for a list.
    pub(crate) base: TypeRef,
    pub(crate) variety: Variety,
    /// All facets in force, those of the bases included.
    pub(crate) facets: Facets,
    /// Whether this step adds nothing to its base.
    pub(crate) renames: bool,
}

/// Whether values are atomic, lists or of a union (XSD 1.0 Part 2, 2.5.1).
#[derive(Clone, Copy, Debug)]
pub(crate) enum Variety {
    Atomic(Builtin),
    List(TypeRef),
    /// Of the union that the type restricts.
    Union(TypeId),
}

/// The facets in force (XSD 1.0 Part 2, 4.3).
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Facets {
    /// One a derivation step, all to be met; each is the step's patterns, one of which must match.
    pub(crate) patterns: Vec<Vec<String>>,
    pub(crate) enumeration: Vec<EnumerationValue>,
    pub(crate) length: Option<usize>,
    pub(crate) min_length: Option<usize>,
    pub(crate) max_length: Option<usize>,
    pub(crate) min_inclusive: Option<String>,
    pub(crate) max_inclusive: Option<String>,
    pub(crate) min_exclusive: Option<String>,
    pub(crate) max_exclusive: Option<String>,
    pub(crate) total_digits: Option<u32>,
    pub(crate) fraction_digits: Option<u32>,
    pub(crate) white_space: Option<WhiteSpace>,
}

/// One value of an enumeration, with what the contract says of it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct EnumerationValue {
    pub(crate) value: String,
    pub(crate) documentation: Vec<String>,
}

/// A complex type (XSD 1.0 Part 1, 3.4), what it inherits written out.
#[derive(Clone, Debug)]
pub(crate) struct Complex {
    /// The type that this one extends or restricts.
    pub(crate) base: Option<TypeId>,
    /// Whether elements must name another type, derived from this one.
    pub(crate) r#abstract: bool,
    pub(crate) attributes: Vec<Attribute>,
    /// The attributes that may stand beside those.
    pub(crate) any_attributes: Option<Wildcard>,
    pub(crate) content: Content,
}

#[derive(Clone, Debug)]
pub(crate) enum Content {
    Empty,
    /// Text of a simple type.
    Simple(TypeRef),
    /// Elements and groups in this order.
    Sequence(Vec<Particle>),
    /// Elements in any order, each at most once.
    All(Vec<Particle>),
    /// Text between the elements of a group (XSD 1.0 Part 1, 3.4.2, `mixed`).
    Mixed(TypeId),
}

/// A group inside a content model that occurs other than exactly once or mixed with text, or a choice.
#[derive(Clone, Debug)]
pub(crate) enum Group {
    /// Elements in any order, each at most once.
    All(Vec<Particle>),
    Choice(Vec<Particle>),
    Sequence(Vec<Particle>),
}

impl Group {
    pub(crate) fn particles(&self) -> &[Particle] {
        let (Self::All(particles) | Self::Choice(particles) | Self::Sequence(particles)) = self;
        particles
    }
}

/// A term and how often it occurs (XSD 1.0 Part 1, 3.9).
#[derive(Clone, Debug)]
pub(crate) struct Particle {
    pub(crate) occurs: Occurs,
    pub(crate) term: Term,
}

/// How often a particle occurs; without `max` there is no bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Occurs {
    pub(crate) min: usize,
    pub(crate) max: Option<usize>,
}

impl Occurs {
    pub(crate) const ONCE: Self = Self {
        min: 1,
        max: Some(1),
    };

    pub(crate) const AT_MOST_ONCE: Self = Self {
        min: 0,
        max: Some(1),
    };

    /// Whether the particle becomes a `Vec`.
    pub(crate) fn repeats(self) -> bool {
        self.max != Some(1)
    }

    /// In words, as it stands in the documentation of a field.
    pub(crate) fn words(self) -> String {
        match (self.min, self.max) {
            (1, Some(1)) => "required".to_owned(),
            (0, Some(1)) => "optional".to_owned(),
            (0, None) => "any number".to_owned(),
            (1, None) => "one or more".to_owned(),
            (min, None) => format!("{min} or more"),
            (min, Some(max)) if min == max => format!("exactly {max}"),
            (min, Some(max)) => format!("{min} to {max}"),
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) enum Term {
    Element(ElementUse),
    Group(TypeId),
    Any(Wildcard),
}

impl Term {
    /// The type of what stands there; none where a wildcard leaves it open.
    pub(crate) const fn r#type(&self) -> Option<TypeRef> {
        match self {
            Self::Element(element) => Some(element.r#type),
            Self::Group(group) => Some(TypeRef::Defined(*group)),
            Self::Any(_) => None,
        }
    }

    /// The element, if it is one.
    pub(crate) const fn element(&self) -> Option<&ElementUse> {
        match self {
            Self::Element(element) => Some(element),
            Self::Group(_) | Self::Any(_) => None,
        }
    }
}

/// What may stand where a schema leaves the name open (XSD 1.0 Part 1, 3.10).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wildcard {
    pub(crate) namespaces: WildcardNamespaces,
    pub(crate) process: ProcessContents,
}

/// The namespaces that a wildcard allows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum WildcardNamespaces {
    Any,
    /// Any but this one, and not none.
    Other(String),
    /// One of these; the empty one is none.
    List(Vec<String>),
}

/// How much of what a wildcard lets in is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ProcessContents {
    Skip,
    Lax,
    Strict,
}

/// An element inside a content model, or a global one.
#[derive(Clone, Debug)]
pub(crate) struct ElementUse {
    pub(crate) name: QName,
    pub(crate) r#type: TypeRef,
    pub(crate) nillable: bool,
    pub(crate) preset: Option<Preset>,
    /// The types that `xsi:type` may name, where `block` keeps out others that are derived from its own (XSD 1.0 Part 1, 3.3.4,
    /// clause 4.3).
    pub(crate) allowed: Option<Vec<QName>>,
    pub(crate) documentation: Vec<String>,
}

/// The value that an absent attribute or an empty element has (XSD 1.0 Part 1, 3.2.1 and 3.3.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Preset {
    Default(String),
    /// The only value there may be.
    Fixed(String),
}

/// An attribute of a complex type.
#[derive(Clone, Debug)]
pub(crate) struct Attribute {
    pub(crate) name: QName,
    pub(crate) r#type: TypeRef,
    pub(crate) required: bool,
    pub(crate) preset: Option<Preset>,
    pub(crate) documentation: Vec<String>,
}

impl Attribute {
    /// How often there is a value: a preset one stands in for what is absent.
    pub(crate) const fn occurs(&self) -> Occurs {
        if self.required || self.preset.is_some() {
            Occurs::ONCE
        } else {
            Occurs::AT_MOST_ONCE
        }
    }
}

impl Content {
    /// Its particles; none of text and of what is mixed with it.
    pub(crate) fn particles(&self) -> &[Particle] {
        match self {
            Self::Sequence(particles) | Self::All(particles) => particles,
            Self::Empty | Self::Simple(_) | Self::Mixed(_) => &[],
        }
    }
}

/// Global elements and attributes, by name, that may stand where a contract leaves the name open.
#[derive(Clone, Debug, Default)]
pub(crate) struct Globals {
    pub(crate) elements: BTreeMap<QName, GlobalElement>,
    pub(crate) attributes: BTreeMap<QName, Attribute>,
}

/// A global element.
#[derive(Clone, Debug)]
pub(crate) struct GlobalElement {
    pub(crate) element: ElementUse,
    /// Whether only others may stand for it.
    pub(crate) r#abstract: bool,
}

/// A global element that may stand at the root of a message.
#[derive(Clone, Debug)]
pub(crate) struct RootElement {
    pub(crate) element: ElementUse,
    /// Whether the type alone is on the wire, as the content of the body, without the element around it.
    pub(crate) bare: bool,
    pub(crate) file: Arc<str>,
}
