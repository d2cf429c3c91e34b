//! What stands in complex types, as their bodies have it in common.

use super::particles::Compositor;
use crate::load::Element;
use crate::syntax::xsd::xs;

/// What the bodies of complex types, extensions and restrictions have in common.
pub(super) enum Item<'s> {
    GroupReference(&'s xs::GroupType),
    Group(Compositor, &'s xs::GroupType),
    Attribute(&'s xs::AttributeType),
    AttributeGroup,
    AnyAttribute(&'s xs::AnyAttribute),
    Facet(&'s xs::Facet),
    SimpleType(&'s xs::SimpleBaseType),
    SimpleContent(&'s xs::SimpleContent),
    ComplexContent(&'s xs::ComplexContent),
    Annotation,
    /// XSD 1.1.
    Newer,
}

/// How a type comes from its base (XSD 1.0 Part 1, 3.4.2).
#[derive(Clone, Copy)]
pub(super) enum Derivation<'s> {
    Extension(&'s xs::ExtensionType),
    Restriction(&'s xs::RestrictionType),
}

impl<'s> Derivation<'s> {
    /// What stands in it, at `element`.
    pub(super) fn items(self, element: &Element) -> Vec<(Item<'s>, Element)> {
        let items: Vec<Item<'s>> = match self {
            Self::Extension(syntax) => syntax.content.iter().map(Item::of_extension).collect(),
            Self::Restriction(syntax) => syntax.content.iter().map(Item::of_restriction).collect(),
        };
        items.into_iter().zip(element.children()).collect()
    }
}

impl<'s> Item<'s> {
    pub(super) fn of_type(content: &'s xs::ComplexBaseTypeContent) -> Self {
        use xs::ComplexBaseTypeContent as C;
        match content {
            C::Annotation(_) => Self::Annotation,
            C::SimpleContent(content) => Self::SimpleContent(content),
            C::ComplexContent(content) => Self::ComplexContent(content),
            C::Group(group) => Self::GroupReference(group),
            C::All(group) => Self::Group(Compositor::All, group),
            C::Choice(group) => Self::Group(Compositor::Choice, group),
            C::Sequence(group) => Self::Group(Compositor::Sequence, group),
            C::Attribute(attribute) => Self::Attribute(attribute),
            C::AttributeGroup(_) => Self::AttributeGroup,
            C::AnyAttribute(any) => Self::AnyAttribute(any),
            C::OpenContent(_) | C::Assert(_) => Self::Newer,
        }
    }

    fn of_extension(content: &'s xs::ExtensionTypeContent) -> Self {
        use xs::ExtensionTypeContent as C;
        match content {
            C::Annotation(_) => Self::Annotation,
            C::Group(group) => Self::GroupReference(group),
            C::All(group) => Self::Group(Compositor::All, group),
            C::Choice(group) => Self::Group(Compositor::Choice, group),
            C::Sequence(group) => Self::Group(Compositor::Sequence, group),
            C::Attribute(attribute) => Self::Attribute(attribute),
            C::AttributeGroup(_) => Self::AttributeGroup,
            C::AnyAttribute(any) => Self::AnyAttribute(any),
            C::OpenContent(_) | C::Assert(_) => Self::Newer,
        }
    }

    fn of_restriction(content: &'s xs::RestrictionTypeContent) -> Self {
        use xs::RestrictionTypeContent as C;
        match content {
            C::Annotation(_) => Self::Annotation,
            C::Group(group) => Self::GroupReference(group),
            C::All(group) => Self::Group(Compositor::All, group),
            C::Choice(group) => Self::Group(Compositor::Choice, group),
            C::Sequence(group) => Self::Group(Compositor::Sequence, group),
            C::SimpleType(inner) => Self::SimpleType(inner),
            C::Facet(facet) => Self::Facet(facet),
            C::Attribute(attribute) => Self::Attribute(attribute),
            C::AttributeGroup(_) => Self::AttributeGroup,
            C::AnyAttribute(any) => Self::AnyAttribute(any),
            C::OpenContent(_) | C::Assert(_) => Self::Newer,
        }
    }
}
