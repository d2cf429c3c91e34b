//! What the model itself says of a message: a judge beside those that read it, written from the standard (XSD 1.0 Part 1, 3.3.4,
//! 3.4.4 and 3.10.4) and not from the code that is judged. It knows nothing of identity constraints.

use super::content::{declaration, is_content, terms};
use super::derivation::{is_derived, type_called};
use super::instance::admits;
use super::lexis::named;
use super::tree::{Node, Part, XSI, marked};
use super::verdict::{both, is_fixed, is_value, is_xml_char};
use crate::load::QName;
use crate::model::{
    Attribute, Complex, Content, Definition, ElementUse, Model, Preset, ProcessContents, Term,
    TypeRef, Wildcard, WildcardNamespaces,
};

/// Whether the message is valid whose root is `root`; none where that cannot be told here.
pub(super) fn is_valid(model: &Model, root: &Node<'_>) -> Option<bool> {
    let declared = root.declared?;
    if root.name != declared.name || !root.is_well_formed() {
        return Some(false);
    }
    element(model, root, declared)
}

fn element(model: &Model, node: &Node<'_>, declared: &ElementUse) -> Option<bool> {
    let r#type = match node.own("type") {
        None => declared.r#type,
        Some(name) => {
            let named = named(&marked(name.trim()))?.and_then(|name| type_called(model, &name));
            match named {
                Some(named) if may_be(model, declared, named) => named,
                _ => return Some(false),
            }
        }
    };
    let nil = match node.own("nil") {
        None => false,
        Some(_) if !declared.nillable => return Some(false),
        Some(value) => match value.trim() {
            "true" | "1" => true,
            "false" | "0" => false,
            _ => return Some(false),
        },
    };
    let preset = declared.preset.as_ref();
    if nil {
        let empty = node.inner_text().is_empty() && node.children().next().is_none();
        let fixed = matches!(preset, Some(Preset::Fixed(_)));
        return both(Some(empty && !fixed), attributes(model, node, r#type));
    }
    of_type(model, node, r#type, preset)
}

/// Whether `xsi:type` may name the type there (3.3.4, clause 4.3).
fn may_be(model: &Model, declared: &ElementUse, named: TypeRef) -> bool {
    let allowed = match (&declared.allowed, named) {
        (Some(allowed), TypeRef::Defined(id)) if named != declared.r#type => {
            let name = &model[id].name;
            allowed.contains(&QName::new(name.namespace.clone(), name.key()))
        }
        _ => true,
    };
    allowed && is_derived(model, named, declared.r#type)
}

/// Whether attributes and content are those of the type.
fn of_type(
    model: &Model,
    node: &Node<'_>,
    r#type: TypeRef,
    preset: Option<&Preset>,
) -> Option<bool> {
    if is_abstract(model, r#type) {
        return Some(false);
    }
    both(
        attributes(model, node, r#type),
        content(model, node, r#type, preset),
    )
}

fn is_abstract(model: &Model, r#type: TypeRef) -> bool {
    matches!(r#type, TypeRef::Defined(id) if model.is_abstract(id))
}

fn content(
    model: &Model,
    node: &Node<'_>,
    r#type: TypeRef,
    preset: Option<&Preset>,
) -> Option<bool> {
    let text = node.inner_text();
    if is_any(r#type) {
        let children = node
            .children()
            .map(|child| assessed(model, child, ProcessContents::Lax));
        let fixed = preset.is_none_or(|_| text.is_empty()).then_some(true);
        return children.fold(fixed, both);
    }
    let Some(complex) = complex(model, r#type) else {
        return simple(model, node, r#type, (&text, preset));
    };
    let white = text.chars().all(|character| " \t\r\n".contains(character));
    match &complex.content {
        Content::Simple(r#type) => simple(model, node, *r#type, (&text, preset)),
        Content::Empty => Some(text.is_empty() && node.children().next().is_none()),
        Content::Sequence(particles) | Content::All(particles) => {
            let fits = if particles.is_empty() {
                text.is_empty()
            } else {
                white
            };
            both(Some(fits), children(model, node, &complex.content))
        }
        Content::Mixed(_) => {
            let fits = match preset {
                // 3.3.4, clauses 5.1 and 5.2.2.
                Some(Preset::Fixed(fixed)) => {
                    let alone = node.children().next().is_none();
                    alone && (text.is_empty() || text == *fixed)
                }
                _ => true,
            };
            both(Some(fits), children(model, node, &complex.content))
        }
    }
}

fn simple(
    model: &Model,
    node: &Node<'_>,
    r#type: TypeRef,
    (text, preset): (&str, Option<&Preset>),
) -> Option<bool> {
    if node.children().next().is_some() {
        return Some(false);
    }
    match preset {
        // 3.3.4, clause 5.1.2: the value that is given must be one of the type that the element says it has.
        Some(Preset::Default(value) | Preset::Fixed(value)) if text.is_empty() => {
            is_value(model, r#type, value)
        }
        Some(Preset::Fixed(fixed)) => is_fixed(model, r#type, fixed, text),
        _ => is_value(model, r#type, text),
    }
}

fn children(model: &Model, node: &Node<'_>, content: &Content) -> Option<bool> {
    let children: Vec<&Node<'_>> = node.children().collect();
    let names: Vec<&QName> = children.iter().map(|child| &child.name).collect();
    if !is_content(model, content, &names) {
        return Some(false);
    }
    let terms = terms(model, content);
    let each = children
        .iter()
        .map(|child| match declaration(&terms, &child.name)? {
            Term::Element(declared) => element(model, child, declared),
            Term::Any(wildcard) => assessed(model, child, wildcard.process),
            Term::Group(_) => None,
        });
    each.fold(Some(true), both)
}

/// What a wildcard lets in, as much of it as `process` says (3.10.1).
fn assessed(model: &Model, node: &Node<'_>, process: ProcessContents) -> Option<bool> {
    if process == ProcessContents::Skip {
        return Some(true);
    }
    if let Some(global) = model.globals.elements.get(&node.name) {
        let found = element(model, node, &global.element);
        return both(Some(!global.r#abstract), found);
    }
    let named = node.own("type").map(|name| named(&marked(name.trim())));
    let named = match named {
        Some(named) => named?.and_then(|name| type_called(model, &name)),
        None => None,
    };
    match named {
        Some(named) => of_type(model, node, named, None),
        None if process == ProcessContents::Strict => Some(false),
        None => {
            let laxly = |child| assessed(model, child, ProcessContents::Lax);
            let attributes = any_attributes(model, node, ProcessContents::Lax);
            node.children().map(laxly).fold(attributes, both)
        }
    }
}

/// 3.4.4, clauses 3 and 4.
fn attributes(model: &Model, node: &Node<'_>, r#type: TypeRef) -> Option<bool> {
    if is_any(r#type) {
        return any_attributes(model, node, ProcessContents::Lax);
    }
    let complex = complex(model, r#type);
    let declared = complex.map_or(&[][..], |complex| &complex.attributes);
    let missing =
        |one: &Attribute| one.required && node.attributes.iter().all(|(name, _)| *name != one.name);
    if declared.iter().any(missing) {
        return Some(false);
    }
    let wildcard = complex.and_then(|complex| complex.any_attributes.as_ref());
    let each = node.strange_attributes().map(|(name, value)| {
        match (declared.iter().find(|one| one.name == *name), wildcard) {
            (Some(declared), _) => attribute(model, declared, value),
            (None, Some(wildcard)) => admitted(model, wildcard, (name, value)),
            (None, None) => Some(false),
        }
    });
    each.fold(Some(true), both)
}

fn admitted(model: &Model, wildcard: &Wildcard, (name, value): (&QName, &str)) -> Option<bool> {
    if !admits(wildcard, &name.namespace) {
        return Some(false);
    }
    match (model.globals.attributes.get(name), wildcard.process) {
        (_, ProcessContents::Skip) | (None, ProcessContents::Lax) => Some(true),
        (Some(global), _) => attribute(model, global, value),
        (None, ProcessContents::Strict) => Some(false),
    }
}

fn any_attributes(model: &Model, node: &Node<'_>, process: ProcessContents) -> Option<bool> {
    let any = Wildcard {
        namespaces: WildcardNamespaces::Any,
        process,
    };
    let each = node.strange_attributes();
    each.map(|one| admitted(model, &any, one))
        .fold(Some(true), both)
}

fn attribute(model: &Model, declared: &Attribute, value: &str) -> Option<bool> {
    match &declared.preset {
        Some(Preset::Fixed(fixed)) => is_fixed(model, declared.r#type, fixed, value),
        _ => is_value(model, declared.r#type, value),
    }
}

pub(super) fn complex(model: &Model, r#type: TypeRef) -> Option<&Complex> {
    match r#type {
        TypeRef::Defined(id) => match &model[id].definition {
            Definition::Complex(complex) => Some(complex),
            _ => None,
        },
        TypeRef::Builtin(_) => None,
    }
}

pub(super) fn is_any(r#type: TypeRef) -> bool {
    matches!(r#type, TypeRef::Builtin(builtin) if builtin.name() == "anyType")
}

impl<'m> Node<'m> {
    /// The child elements.
    fn children(&self) -> impl Iterator<Item = &Self> {
        self.parts.iter().filter_map(|part| match part {
            Part::Element(child) => Some(child),
            Part::Text(_) | Part::Raw(_) => None,
        })
    }

    /// The text between them.
    fn inner_text(&self) -> String {
        let parts = self.parts.iter().filter_map(|part| match part {
            Part::Element(_) => None,
            Part::Text(text) => Some(text.as_str()),
            Part::Raw(raw) => meaning(raw),
        });
        parts.collect()
    }

    fn is_well_formed(&self) -> bool {
        let is_text = |text: &str| text.chars().all(is_xml_char);
        let attributes = self.attributes.iter().all(|(_, value)| is_text(value));
        attributes
            && self.parts.iter().all(|part| match part {
                Part::Element(child) => child.is_well_formed(),
                Part::Text(text) => is_text(text),
                Part::Raw(raw) => meaning(raw).is_some(),
            })
    }

    /// An attribute of XML Schema's own.
    fn own(&self, local: &str) -> Option<&str> {
        let is = |name: &QName| name.namespace == XSI && name.local == local;
        let found = self.attributes.iter().find(|(name, _)| is(name));
        found.map(|(_, value)| value.as_str())
    }

    /// The others.
    fn strange_attributes(&self) -> impl Iterator<Item = (&QName, &str)> {
        const OWN: [&str; 4] = ["type", "nil", "schemaLocation", "noNamespaceSchemaLocation"];
        let strange = |(name, _): &&(QName, String)| {
            name.namespace != XSI || !OWN.contains(&name.local.as_str())
        };
        let attributes = self.attributes.iter().filter(strange);
        attributes.map(|(name, value)| (name, value.as_str()))
    }
}

/// The text that a piece of markup stands for; none where it is not well-formed (XML 1.0, 2.4 to 2.7 and 4.1).
fn meaning(raw: &str) -> Option<&str> {
    let within = |begin: &str, end: &str| raw.strip_prefix(begin)?.strip_suffix(end);
    if let Some(comment) = within("<!--", "-->") {
        return (!comment.contains("--")).then_some("");
    }
    if let Some(instruction) = within("<?", "?>") {
        return (!instruction.starts_with("xml")).then_some("");
    }
    match raw {
        "&#32;" => Some(" "),
        _ if raw.trim().is_empty() => Some(raw),
        _ => within("<![CDATA[", "]]>"),
    }
}
