//! `block`: types and elements that may not take the place of others (XSD 1.0 Part 1, 3.3.4 clause 4.3 and 3.3.6).

use super::symbols::{Global, Symbols};
use crate::load::{Element, QName, XSD};

/// One step from a type to the type that it comes from.
pub(super) struct Step {
    pub(super) base: QName,
    /// As `block` calls it.
    method: &'static str,
}

impl Symbols {
    /// Whether no type that comes by `methods` from the type `base` may take its place, wherever that stands.
    pub(super) fn type_blocks(&self, base: &QName, methods: &[&str]) -> bool {
        let global = self.types.get(base);
        global.is_some_and(|global| self.any_blocked(global.schema, &global.element, methods))
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
        let r#type = self.type_name(head);
        let mut steps = self.steps_of_element(member);
        if let Some(to) = steps
            .iter()
            .position(|step| Some(&step.base) == r#type.as_ref())
        {
            steps.truncate(to + 1);
        } else if self.type_name(member) == r#type {
            steps.clear();
        }
        let methods: Vec<&str> = steps.iter().map(|step| step.method).collect();
        self.any_blocked(head.schema, &head.element, &methods)
            || steps
                .iter()
                .any(|step| self.type_blocks(&step.base, &methods))
    }

    /// A type that may take the place of the type of `declaration` wherever else that stands, and not there.
    pub(super) fn blocked_here(&self, schema: usize, declaration: &Element) -> Option<&QName> {
        if !self.any_blocked(schema, declaration, &["extension", "restriction"]) {
            return None;
        }
        let base = declaration.attribute("type")?;
        let base = self.schemas[schema].refer(declaration, base).ok()?;
        // In the place of a simple type, `xsi:type` may name none of the contract anyway.
        self.types
            .get(&base)
            .filter(|base| base.element.is(XSD, "complexType"))?;
        let is_blocked = |global: &Global| {
            let mut steps = self.steps(global.schema, &global.element);
            let to = steps.iter().position(|step| step.base == base);
            steps.truncate(to.map_or(0, |to| to + 1));
            let methods: Vec<&str> = steps.iter().map(|step| step.method).collect();
            global.element.is(XSD, "complexType")
                && self.any_blocked(schema, declaration, &methods)
                && !self.type_blocks(&base, &methods)
        };
        let mut types = self.types.iter();
        types.find_map(|(name, global)| is_blocked(global).then_some(name))
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

    /// The type that `element` names; none for one that stands in it.
    fn type_name(&self, element: &Global) -> Option<QName> {
        let name = element.element.attribute("type")?;
        let schema = &self.schemas[element.schema];
        schema.refer(&element.element, name).ok()
    }

    /// The steps from the type of `element`, which is that of its head where it has none of its own.
    fn steps_of_element(&self, element: &Global) -> Vec<Step> {
        let mut element = element;
        // A circle of heads is told of elsewhere.
        for _ in 0..=self.elements.len() {
            if let Some(name) = self.type_name(element) {
                let global = self.types.get(&name);
                return global.map_or_else(Vec::new, |global| {
                    self.steps(global.schema, &global.element)
                });
            }
            let is_type =
                |child: &Element| child.is(XSD, "complexType") || child.is(XSD, "simpleType");
            if let Some(own) = element.element.children().find(is_type) {
                return self.steps(element.schema, &own);
            }
            let head = element
                .element
                .attribute("substitutionGroup")
                .and_then(|head| {
                    let schema = &self.schemas[element.schema];
                    schema.refer(&element.element, head).ok()
                });
            let Some(head) = head.and_then(|head| self.elements.get(&head)) else {
                break;
            };
            element = head;
        }
        Vec::new()
    }

    /// The steps from the type that `definition` defines to the one that comes from none.
    fn steps(&self, schema: usize, definition: &Element) -> Vec<Step> {
        let mut steps: Vec<Step> = Vec::new();
        let mut next = self.step(schema, definition);
        while let Some(step) = next {
            // A type that redefines itself is its own base.
            let seen = steps.iter().any(|known| known.base == step.base);
            let base = self.types.get(&step.base).filter(|_| !seen);
            next = base.and_then(|base| self.step(base.schema, &base.element));
            steps.push(step);
        }
        steps
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
