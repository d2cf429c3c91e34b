//! Simple types: restriction steps folded into the facets in force, lists, enumerations.

use super::{Origin, Resolver, TypeSyntax};
use crate::diagnostic::Diagnostic;
use crate::load::{Element, XSD};
use crate::model::{
    Builtin, Definition, EnumerationValue, Facets, NameKind, Simple, TypeRef, Variety, WhiteSpace,
};
use crate::syntax::xsd::{documentation, xs};

impl<'s> Resolver<'s> {
    /// Reads the `xs:simpleType` at `origin`.
    pub(super) fn simple(
        &mut self,
        origin: &Origin,
        syntax: &'s xs::SimpleBaseType,
    ) -> Result<Definition, Diagnostic> {
        for (content, element) in syntax.content.iter().zip(origin.element.children()) {
            match content {
                xs::SimpleBaseTypeContent::Annotation(_) => {}
                xs::SimpleBaseTypeContent::Restriction(restriction) => {
                    let simple = self.restriction(origin, restriction, &element)?;
                    return Ok(Definition::Simple(simple));
                }
                xs::SimpleBaseTypeContent::List(list) => {
                    let item = match &list.simple_type {
                        Some(inner) => self.anonymous_simple(origin, "Item", inner, &element)?,
                        None => self.simple_type_at(origin.schema, &element, "itemType")?,
                    };
                    return Ok(Definition::Simple(Simple {
                        base: item,
                        variety: Variety::List(item),
                        facets: Facets::default(),
                        renames: false,
                    }));
                }
                xs::SimpleBaseTypeContent::Union(union) => {
                    return self.members(origin, union, &element).map(Definition::Union);
                }
            }
        }
        Err(Diagnostic::at(
            origin.element.place(),
            "a simple type without restriction, list or union",
        ))
    }

    /// The members of a union: those that it names, then those that it holds.
    fn members(
        &mut self,
        origin: &Origin,
        syntax: &'s xs::Union,
        element: &Element,
    ) -> Result<Vec<TypeRef>, Diagnostic> {
        let mut members = Vec::new();
        for written in element
            .attribute("memberTypes")
            .unwrap_or("")
            .split_whitespace()
        {
            let name = self.schema(origin.schema).refer(element, written)?;
            members.push(self.type_called(&name, element)?);
        }
        let inner: Vec<Element> = element.children_named(XSD, "simpleType").collect();
        for (index, (syntax, inner)) in syntax.simple_type.iter().zip(inner).enumerate() {
            let member = Origin {
                name: origin
                    .name
                    .inner(&format!("Member{}", index + 1), NameKind::Anonymous),
                schema: origin.schema,
                element: inner,
            };
            members.push(self.reserve(member, TypeSyntax::Simple(syntax)));
        }
        if members.is_empty() {
            return Err(Diagnostic::at(element.place(), "a union without members"));
        }
        Ok(members)
    }

    /// The type that the attribute `attribute` of `element` names, which must be simple: that of an attribute or of a list's
    /// items (XSD 1.0 Part 1, 3.2.1 and 3.14.1).
    pub(super) fn simple_type_at(
        &mut self,
        schema: usize,
        element: &Element,
        attribute: &str,
    ) -> Result<TypeRef, Diagnostic> {
        let name = self
            .schema(schema)
            .refer(element, element.required(attribute)?)?;
        let symbols = self.symbols;
        let global = symbols
            .types
            .get(&name)
            .map(|global| symbols.syntax(global));
        if let Some(xs::SchemaContent::ComplexType(_)) = global {
            let message = format!("`{name}` is complex, where a simple type is needed");
            return Err(Diagnostic::at(element.place(), message));
        }
        self.type_called(&name, element)
    }

    /// The anonymous simple type inside `parent`, called `name` within `origin`.
    pub(super) fn anonymous_simple(
        &mut self,
        origin: &Origin,
        name: &str,
        syntax: &'s xs::SimpleBaseType,
        parent: &Element,
    ) -> Result<TypeRef, Diagnostic> {
        let element = child(parent, "simpleType")?;
        let inner = Origin {
            name: origin.name.inner(name, NameKind::Anonymous),
            schema: origin.schema,
            element,
        };
        Ok(self.reserve(inner, TypeSyntax::Simple(syntax)))
    }

    fn restriction(
        &mut self,
        origin: &Origin,
        syntax: &'s xs::Restriction,
        element: &Element,
    ) -> Result<Simple, Diagnostic> {
        let inner = syntax.content.iter().find_map(|content| match content {
            xs::RestrictionContent::SimpleType(inner) => Some(inner),
            xs::RestrictionContent::Annotation(_) | xs::RestrictionContent::Facet(_) => None,
        });
        let base = match inner {
            Some(inner) => self.anonymous_simple(origin, "Base", inner, element)?,
            None => self.type_at(origin.schema, element, "base")?,
        };
        let facets = syntax.content.iter().zip(element.children());
        let facets: Vec<_> = facets
            .filter_map(|(content, element)| match content {
                xs::RestrictionContent::Facet(facet) => Some((facet, element)),
                xs::RestrictionContent::Annotation(_) | xs::RestrictionContent::SimpleType(_) => {
                    None
                }
            })
            .collect();
        self.restricted(base, element, &facets)
    }

    /// The type that restricts `base` by `facets`; `element` is where it does.
    pub(super) fn restricted(
        &mut self,
        base: TypeRef,
        element: &Element,
        facets: &[(&xs::Facet, Element)],
    ) -> Result<Simple, Diagnostic> {
        let (variety, inherited) = self.variety(base, element)?;
        let mut facets_in_force = facets_of(&inherited, facets)?;
        if facets_in_force.enumeration != inherited.enumeration {
            let codes = facets
                .iter()
                .filter(|(facet, _)| matches!(facet, xs::Facet::Enumeration(_)));
            for ((_, place), code) in codes.zip(&mut facets_in_force.enumeration) {
                code.value = self.written_out(base, &code.value, place)?;
            }
        }
        Ok(Simple {
            base,
            variety,
            renames: facets_in_force == inherited,
            facets: facets_in_force,
        })
    }

    /// The variety and the facets in force of `base`.
    fn variety(&mut self, base: TypeRef, user: &Element) -> Result<(Variety, Facets), Diagnostic> {
        match base {
            TypeRef::Builtin(builtin) => Ok((Variety::Atomic(builtin), Facets::default())),
            TypeRef::Defined(id) => match &self.defined(id, user)?.definition {
                Definition::Simple(simple) => Ok((simple.variety, simple.facets.clone())),
                Definition::Union(_) => Ok((Variety::Union(id), Facets::default())),
                Definition::Complex(_) | Definition::Group(_) => Err(Diagnostic::at(
                    user.place(),
                    "a simple type restricts a complex one",
                )),
            },
        }
    }
}

/// The first child of `parent` called `local` in the namespace of XML Schema.
pub(super) fn child(parent: &Element, local: &str) -> Result<Element, Diagnostic> {
    parent
        .children_named(XSD, local)
        .next()
        .ok_or_else(|| Diagnostic::at(parent.place(), format!("no `xs:{local}` inside")))
}

/// `inherited` with the facets of one more step (XSD 1.0 Part 2, 4.3): patterns of a step are alternatives, those of
/// different steps must all match; every other facet takes the place of the base's.
fn facets_of(inherited: &Facets, step: &[(&xs::Facet, Element)]) -> Result<Facets, Diagnostic> {
    let mut facets = inherited.clone();
    let mut patterns = Vec::new();
    let mut enumeration = Vec::new();
    for (facet, element) in step {
        let value = || element.required("value").map(str::to_owned);
        match facet {
            xs::Facet::Pattern(_) => patterns.push(value()?),
            xs::Facet::Enumeration(_) => enumeration.push(EnumerationValue {
                value: value()?,
                documentation: documentation(element),
            }),
            xs::Facet::Length(_) => facets.length = Some(number(element)?),
            xs::Facet::MinLength(_) => facets.min_length = Some(number(element)?),
            xs::Facet::MaxLength(_) => facets.max_length = Some(number(element)?),
            xs::Facet::MinInclusive(_) => {
                facets.min_inclusive = Some(value()?);
                facets.min_exclusive = None;
            }
            xs::Facet::MinExclusive(_) => {
                facets.min_exclusive = Some(value()?);
                facets.min_inclusive = None;
            }
            xs::Facet::MaxInclusive(_) => {
                facets.max_inclusive = Some(value()?);
                facets.max_exclusive = None;
            }
            xs::Facet::MaxExclusive(_) => {
                facets.max_exclusive = Some(value()?);
                facets.max_inclusive = None;
            }
            xs::Facet::TotalDigits(_) => facets.total_digits = Some(number(element)?),
            xs::Facet::FractionDigits(_) => facets.fraction_digits = Some(number(element)?),
            xs::Facet::WhiteSpace(_) => facets.white_space = Some(white_space(element)?),
            xs::Facet::Assertion(_) | xs::Facet::ExplicitTimezone(_) => {
                let name = &element.name().local;
                let message = format!("`xs:{name}` belongs to XSD 1.1");
                return Err(
                    Diagnostic::at(element.place(), message).help("contracts are read as XSD 1.0")
                );
            }
        }
    }
    if !patterns.is_empty() {
        facets.patterns.push(patterns);
    }
    if !enumeration.is_empty() {
        facets.enumeration = enumeration;
    }
    Ok(facets)
}

fn number<T: std::str::FromStr>(element: &Element) -> Result<T, Diagnostic> {
    let value = element.required("value")?;
    value.trim().parse().map_err(|_| {
        let name = &element.name().local;
        Diagnostic::at(element.place(), format!("`xs:{name}` needs a whole number"))
    })
}

fn white_space(element: &Element) -> Result<WhiteSpace, Diagnostic> {
    match element.required("value")? {
        "preserve" => Ok(WhiteSpace::Preserve),
        "replace" => Ok(WhiteSpace::Replace),
        "collapse" => Ok(WhiteSpace::Collapse),
        _ => Err(Diagnostic::at(
            element.place(),
            "`xs:whiteSpace` is preserve, replace or collapse",
        )),
    }
}

/// The white space facet of `simple`: its own, or that of the built-in type it comes from.
pub(crate) fn white_space_of(simple: &Simple) -> WhiteSpace {
    let of_builtin = |builtin: Builtin| builtin.white_space();
    simple.facets.white_space.unwrap_or(match simple.variety {
        Variety::Atomic(builtin) => of_builtin(builtin),
        Variety::List(_) => WhiteSpace::Collapse,
        // Each member has its own.
        Variety::Union(_) => WhiteSpace::Preserve,
    })
}
