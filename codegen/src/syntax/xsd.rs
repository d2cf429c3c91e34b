//! A schema document through xsd-parser's `Parser`: the one module that touches it.
//!
//! Only its syntax tree is used. Imports, namespaces, names and types are resolved by this crate, since the later stages of
//! xsd-parser lose what a contract must keep (defaults, derivation steps, which element is a reference).

use xsd_parser::Parser;
pub(crate) use xsd_parser::models::schema::MaxOccurs;
pub(crate) use xsd_parser::models::schema::xs;

use crate::diagnostic::Diagnostic;
use crate::load::{Element, QName, SchemaSource, WSDL, XSD};

/// A schema: its syntax tree, and its elements for places and names.
#[derive(Debug)]
pub(crate) struct Schema {
    pub(crate) source: SchemaSource,
    pub(crate) components: Vec<Component>,
    elements_qualified: bool,
    attributes_qualified: bool,
    chameleon: bool,
}

/// A global component: its syntax and its element.
#[derive(Debug)]
pub(crate) struct Component {
    pub(crate) syntax: xs::SchemaContent,
    pub(crate) element: Element,
    /// Whether it stands in an `xs:redefine`, and so takes the place of another.
    pub(crate) redefines: bool,
}

/// What the name of a component becomes that an `xs:redefine` takes the place of.
const ORIGINAL: &str = " original";

/// The name that a redefined component keeps.
pub(crate) fn original(name: &QName) -> QName {
    QName::new(name.namespace.as_str(), format!("{}{ORIGINAL}", name.local))
}

/// The elements of XML Schema (XSD 1.0 Part 1, appendix A).
const ELEMENTS: [&str; 42] = [
    "all",
    "annotation",
    "any",
    "anyAttribute",
    "appinfo",
    "attribute",
    "attributeGroup",
    "choice",
    "complexContent",
    "complexType",
    "documentation",
    "element",
    "enumeration",
    "extension",
    "field",
    "fractionDigits",
    "group",
    "import",
    "include",
    "key",
    "keyref",
    "length",
    "list",
    "maxExclusive",
    "maxInclusive",
    "maxLength",
    "minExclusive",
    "minInclusive",
    "minLength",
    "notation",
    "pattern",
    "redefine",
    "restriction",
    "schema",
    "selector",
    "sequence",
    "simpleContent",
    "simpleType",
    "totalDigits",
    "union",
    "unique",
    "whiteSpace",
];

impl Schema {
    /// Reads the syntax tree of `source`.
    pub(crate) fn read(source: SchemaSource) -> Result<Self, Diagnostic> {
        let text = standalone(&source.element);
        let failed = |error: &dyn std::fmt::Display| {
            let elements = source.element.descendants();
            let mut elements = elements.filter(|element| element.name().namespace == XSD);
            match elements.find(|element| !ELEMENTS.contains(&element.name().local.as_str())) {
                Some(unknown) => {
                    let message = format!("XML Schema has no element `{}`", unknown.name().local);
                    Diagnostic::at(unknown.place(), message).help(
                        "names are those of XSD 1.0 Part 1, appendix A, and upper case counts",
                    )
                }
                None => {
                    let message = format!("not a valid schema: {error}");
                    Diagnostic::at(source.element.place(), message)
                }
            }
        };
        let schemas = Parser::new()
            .add_schema_from_str(&text)
            .map_err(|error| failed(&error))?
            .finish();
        let tree = schemas
            .schemas()
            .next()
            .map(|(_, info)| info.schema.clone())
            .ok_or_else(|| failed(&"it is empty"))?;
        let qualified = |form| form == xs::FormChoiceType::Qualified;
        Ok(Self {
            elements_qualified: qualified(tree.element_form_default),
            attributes_qualified: qualified(tree.attribute_form_default),
            chameleon: tree.target_namespace.is_none(),
            components: components(&source.element, tree.content),
            source,
        })
    }

    /// Whether local elements without a `form` are in the target namespace.
    pub(crate) const fn elements_qualified(&self) -> bool {
        self.elements_qualified
    }

    /// Whether local attributes without a `form` are in the target namespace.
    pub(crate) const fn attributes_qualified(&self) -> bool {
        self.attributes_qualified
    }

    /// The name that `value`, an attribute value at `element`, refers to.
    ///
    /// In a schema that took its namespace from the including one, names without a namespace are names of that one
    /// (XSD 1.0 Part 1, 4.2.1). So are those in the namespace of WSDL, which has no components: there the default namespace of
    /// the WSDL around the schema was forgotten.
    pub(crate) fn refer(&self, element: &Element, value: &str) -> Result<QName, Diagnostic> {
        let mut name = element.expand(value)?;
        let chameleon = self.chameleon && name.namespace.is_empty();
        if chameleon || in_wsdl(&name) {
            name.namespace.clone_from(&self.source.namespace);
        }
        if name.namespace == self.source.namespace && redefines(element, &name.local) {
            name = original(&name);
        }
        Ok(name)
    }
}

/// The text of `schema` as a document of its own: every binding that it inherits is written on its root, and elements of other
/// namespaces among its components are left out.
fn standalone(schema: &Element) -> String {
    let text = &schema.document().text;
    let range = schema.range();
    let mut out = text[range.start..schema.name_end()].to_owned();
    for (prefix, namespace) in schema.inherited_bindings() {
        let colon = if prefix.is_empty() { "" } else { ":" };
        let value = quick_xml::escape::escape(namespace);
        out.push_str(&format!(" xmlns{colon}{prefix}=\"{value}\""));
    }
    let mut copied = schema.name_end();
    for foreign in foreign(schema) {
        out.push_str(&text[copied..foreign.range().start]);
        copied = foreign.range().end;
    }
    out.push_str(&text[copied..range.end]);
    schema.document().entities.expand(out)
}

/// The components of a schema, those that it redefines among them.
fn components(schema: &Element, content: Vec<xs::SchemaContent>) -> Vec<Component> {
    use xs::RedefineContent as R;
    let elements = schema
        .children()
        .filter(|child| child.name().namespace == XSD);
    let mut components = Vec::new();
    for (syntax, element) in content.into_iter().zip(elements) {
        let xs::SchemaContent::Redefine(redefine) = syntax else {
            components.push(Component {
                syntax,
                element,
                redefines: false,
            });
            continue;
        };
        for (content, inner) in redefine.content.into_iter().zip(element.children()) {
            let syntax = match content {
                R::Annotation(_) => continue,
                R::SimpleType(inner) => xs::SchemaContent::SimpleType(inner),
                R::ComplexType(inner) => xs::SchemaContent::ComplexType(inner),
                R::Group(inner) => xs::SchemaContent::Group(inner),
                R::AttributeGroup(inner) => xs::SchemaContent::AttributeGroup(inner),
            };
            components.push(Component {
                syntax,
                element: inner,
                redefines: true,
            });
        }
    }
    components
}

/// Whether `element` refers to the component called `local` from within its redefinition, and so to what it was before.
fn redefines(element: &Element, local: &str) -> bool {
    let refers = ["extension", "restriction", "group", "attributeGroup"];
    if !refers.contains(&element.name().local.as_str()) {
        return false;
    }
    let mut inner = element.clone();
    while let Some(outer) = inner.parent() {
        if outer.is(XSD, "redefine") {
            return inner.attribute("name") == Some(local);
        }
        inner = outer;
    }
    false
}

fn in_wsdl(name: &QName) -> bool {
    name.namespace == WSDL
}

/// Warnings of what `schema` says by mistake, and what is made of it.
pub(crate) fn mistakes(schema: &Element) -> Vec<Diagnostic> {
    let mut warnings: Vec<Diagnostic> = foreign(schema)
        .map(|foreign| {
            let text = format!("`{}` is no component of a schema", foreign.name());
            Diagnostic::at(foreign.place(), text).help("it is passed over")
        })
        .collect();
    if schema.namespace_of("") == Some(WSDL) {
        let references = ["type", "ref", "base", "itemType", "substitutionGroup"];
        let forgotten = schema.descendants().find(|element| {
            let mut values = references.iter().filter_map(|name| element.attribute(name));
            values.any(|value| !value.contains(':'))
        });
        warnings.extend(forgotten.map(|element| {
            let text = "a name without a prefix is in the namespace of WSDL here";
            let help =
                "it is taken for one of the target namespace, as others of this schema may be";
            Diagnostic::at(element.place(), text).help(help)
        }));
    }
    warnings
}

/// The children of `schema` that are no components of XML Schema, where it has none by right.
fn foreign(schema: &Element) -> impl Iterator<Item = Element> + '_ {
    schema
        .children()
        .filter(|child| child.name().namespace != XSD)
}

/// The texts of the `xs:documentation` elements in the `xs:annotation` of `element`, one a paragraph, and the identity
/// constraints that an element or the element around an anonymous type has: they are not checked.
pub(crate) fn documentation(element: &Element) -> Vec<String> {
    let anonymous = element.parent().filter(|around| around.is(XSD, "element"));
    annotated(element)
        .chain(constraints(anonymous.as_ref().unwrap_or(element)))
        .collect()
}

fn annotated(element: &Element) -> impl Iterator<Item = String> {
    element
        .children_named(XSD, "annotation")
        .flat_map(|annotation| {
            annotation
                .children_named(XSD, "documentation")
                .map(|documentation| text_of(&documentation))
                .collect::<Vec<_>>()
        })
        .filter(|text| !text.is_empty())
}

/// The identity constraints of `element`, in words (XSD 1.0 Part 1, 3.11).
fn constraints(element: &Element) -> impl Iterator<Item = String> {
    let xpath = |of: &Element, local| {
        let paths = of.children_named(XSD, local);
        let paths = paths.filter_map(|path| path.attribute("xpath").map(|path| path.to_owned()));
        paths.collect::<Vec<_>>().join(", ")
    };
    let constraint = move |constraint: Element| {
        let kind = match constraint.name().local.as_str() {
            "key" => "Key",
            "keyref" => "Reference",
            "unique" => "Unique",
            _ => return None,
        };
        let name = constraint.attribute("name").unwrap_or("");
        let refers = constraint.attribute("refer");
        let refers = refers.map_or_else(String::new, |key| format!(" to the key {key}"));
        let (selector, fields) = (xpath(&constraint, "selector"), xpath(&constraint, "field"));
        let said: Vec<String> = annotated(&constraint).collect();
        let said = if said.is_empty() {
            String::new()
        } else {
            format!(" {}", said.join(" "))
        };
        Some(format!(
            "{kind} {name}{refers}: of each {selector}, {fields}.{said}"
        ))
    };
    let constraints: Vec<String> = element.children().filter_map(constraint).collect();
    constraints.into_iter()
}

/// All text inside `element`, markup left out, white space folded to single spaces.
pub(crate) fn text_of(element: &Element) -> String {
    let text: Vec<String> = element
        .descendants()
        .map(|inner| inner.text().to_owned())
        .collect();
    text.join(" ")
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}
