//! `block`: types and elements that may not take the place of others (XSD 1.0 Part 1, 3.3.4 clause 4.3 and 3.3.6).

use super::symbols::{Global, Symbols};
use crate::load::{Element, QName, XSD};
use crate::model::Builtin;

/// One step from a type to the type that it comes from.
pub(super) struct Step {
    pub(super) base: QName,
    /// As `block` calls it.
    method: &'static str,
}

impl Symbols {
    /// Whether no type that comes by `methods` from the type `base` may take its place, wherever that stands; a simple type
    /// keeps none out (Part 1, 3.14.2).
    pub(super) fn type_blocks(&self, base: &QName, methods: &[&str]) -> bool {
        let global = self.types.get(base);
        let complex = global.filter(|global| global.element.is(XSD, "complexType"));
        complex.is_some_and(|global| self.any_blocked(global.schema, &global.element, methods))
    }

    /// The method by which the complex type `name` comes from its base.
    pub(super) fn method(&self, name: &QName) -> Option<&'static str> {
        let global = self.types.get(name)?;
        let step = self.step(global.schema, &global.element)?;
        Some(step.method)
    }

    /// Whether the element `member`, which names `head`, may not stand for it after all (3.3.6, "Substitution Group OK").
    pub(super) fn is_kept_from(&self, head: &QName, member: &QName) -> bool {
        let (Some(head), Some(member)) = (self.elements.get(head), self.elements.get(member))
        else {
            return false;
        };
        if self.any_blocked(head.schema, &head.element, &["substitution"]) {
            return true;
        }
        let r#type = self.type_of(head);
        let mut steps = match self.type_of(member) {
            // A member without a type of its own has that of its head, which may stand in it.
            own if own == r#type => Vec::new(),
            Some(name) => self.steps_from(&name),
            None => self.steps_inside(member),
        };
        let to = steps
            .iter()
            .position(|step| Some(&step.base) == r#type.as_ref());
        if let Some(to) = to {
            steps.truncate(to + 1);
        }
        let methods: Vec<&str> = steps.iter().map(|step| step.method).collect();
        self.any_blocked(head.schema, &head.element, &methods)
            || steps
                .iter()
                .any(|step| self.type_blocks(&step.base, &methods))
    }

    /// The types that `xsi:type` may name at `declaration`, its own among them, where `block` keeps others from it that are
    /// derived from its own; none where it keeps none.
    pub(super) fn allowed_here(&self, schema: usize, declaration: &Element) -> Option<Vec<QName>> {
        if !self.any_blocked(schema, declaration, &["extension", "restriction"]) {
            return None;
        }
        let base = self.type_of(&Global::local(schema, declaration))?;
        let steps_to_base = |name: &QName| {
            let mut steps = self.steps_from(name);
            let to = steps.iter().position(|step| step.base == base)?;
            steps.truncate(to + 1);
            Some(steps)
        };
        let is_blocked = |steps: &[Step]| {
            let methods: Vec<&str> = steps.iter().map(|step| step.method).collect();
            self.any_blocked(schema, declaration, &methods)
        };
        let built_in = Builtin::all().map(|built_in| QName::new(XSD, built_in.name()));
        let names = self.types.keys().cloned().chain(built_in);
        let derived: Vec<(QName, Vec<Step>)> = names
            .filter_map(|name| steps_to_base(&name).map(|steps| (name, steps)))
            .collect();
        let allowed = derived.iter().filter(|(_, steps)| !is_blocked(steps));
        let allowed: Vec<QName> = allowed.map(|(name, _)| name.clone()).collect();
        (allowed.len() < derived.len()).then(|| [vec![base], allowed].concat())
    }

    /// Whether the `block` of `component`, or where it has none the `blockDefault` of its schema, names one of `methods`.
    fn any_blocked(&self, schema: usize, component: &Element, methods: &[&str]) -> bool {
        let by_default = || {
            self.schemas[schema]
                .source
                .element
                .attribute("blockDefault")
        };
        let block = component.attribute("block").or_else(by_default);
        let mut words = block.unwrap_or_default().split_whitespace();
        !methods.is_empty() && words.any(|word| word == "#all" || methods.contains(&word))
    }

    /// The type of `element`, which is that of its head where it has none of its own; none for one that stands in it.
    fn type_of(&self, element: &Global) -> Option<QName> {
        let mut element = element.clone();
        // A circle of heads is told of elsewhere.
        for _ in 0..=self.elements.len() {
            let schema = &self.schemas[element.schema];
            let refer = |name| schema.refer(&element.element, name).ok();
            if let Some(name) = element.element.attribute("type") {
                return refer(name);
            }
            if own_type(&element.element).is_some() {
                return None;
            }
            let Some(head) = element.element.attribute("substitutionGroup") else {
                break;
            };
            element = self.elements.get(&refer(head)?)?.clone();
        }
        Some(QName::new(XSD, "anyType"))
    }

    /// The steps from the type that stands in `element`.
    fn steps_inside(&self, element: &Global) -> Vec<Step> {
        let own = own_type(&element.element);
        own.map_or_else(Vec::new, |own| self.steps(element.schema, &own))
    }

    /// The steps from the type `name` to `xs:anyType`.
    fn steps_from(&self, name: &QName) -> Vec<Step> {
        match self.types.get(name) {
            Some(global) => self.steps(global.schema, &global.element),
            None => built_in_steps(name),
        }
    }

    /// The steps from the type that `definition` defines to `xs:anyType`.
    fn steps(&self, schema: usize, definition: &Element) -> Vec<Step> {
        let mut steps: Vec<Step> = Vec::new();
        let (mut schema, mut definition) = (schema, definition.clone());
        loop {
            let step = self.step(schema, &definition).unwrap_or_else(|| {
                // What says nothing else restricts one of the two that all come from (Part 1, 3.4.2 and 3.14.2).
                let simple = definition.is(XSD, "simpleType");
                restricts(if simple { "anySimpleType" } else { "anyType" })
            });
            // A type that redefines itself is its own base.
            let seen = steps.iter().any(|known| known.base == step.base);
            let base = self.types.get(&step.base).filter(|_| !seen);
            let built_in = built_in_steps(&step.base);
            steps.push(step);
            let Some(base) = base else {
                steps.extend(built_in);
                return steps;
            };
            (schema, definition) = (base.schema, base.element.clone());
        }
    }

    /// The step from the type that `definition` defines, if it extends or restricts another.
    pub(super) fn step(&self, schema: usize, definition: &Element) -> Option<Step> {
        let content = definition
            .children()
            .find(|child| child.is(XSD, "complexContent") || child.is(XSD, "simpleContent"));
        let content = content.unwrap_or_else(|| definition.clone());
        let mut found = content.children().filter_map(|child| {
            let method = ["extension", "restriction"]
                .into_iter()
                .find(|method| child.is(XSD, method))?;
            let base = self.schemas[schema].refer(&child, child.attribute("base")?);
            Some(Step {
                base: base.ok()?,
                method,
            })
        });
        found.next()
    }
}

/// The type that stands in the declaration `element`.
fn own_type(element: &Element) -> Option<Element> {
    let is_type = |child: &Element| child.is(XSD, "complexType") || child.is(XSD, "simpleType");
    element.children().find(is_type)
}

fn restricts(local: &str) -> Step {
    Step {
        base: QName::new(XSD, local),
        method: "restriction",
    }
}

/// The steps from the built-in type `name`; none from another.
fn built_in_steps(name: &QName) -> Vec<Step> {
    let built_in = Builtin::named(&name.local).filter(|_| name.namespace == XSD);
    let above = std::iter::successors(built_in, |one| one.base()).skip(1);
    above.map(|base| restricts(base.name())).collect()
}
