//! `xs:anySimpleType`.

use std::cmp::Ordering;

use super::{Bounded, BuiltIn, Value, WhiteSpace, built_in, derived, lexical_text};
use crate::xml::{Name, Rule, Scope, Text};

/// A value whose type is not known: its text, as it was written (XML Schema Part 1, section 3.14.7), and the built-in type
/// that the message says it has.
///
/// ```
/// let seven = soap::AnySimple::from("7".to_owned()).with_type("int")?;
/// assert_eq!((seven.as_str(), seven.r#type()), ("7", Some("int")));
/// assert!(soap::AnySimple::from("seven".to_owned()).with_type("int").is_err());
/// # Ok::<(), soap::Rule>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AnySimple {
    text: String,
    r#type: Option<&'static str>,
}

impl AnySimple {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The local name of the built-in type that `xsi:type` says.
    pub fn r#type(&self) -> Option<&'static str> {
        self.r#type
    }

    /// With an `xsi:type` that names the built-in type `local`.
    ///
    /// # Errors
    /// There is no such type, or the text is no value of it.
    pub fn with_type(self, local: &str) -> Result<Self, Rule> {
        let BuiltIn { name, check, .. } = derived(local, "anySimpleType").ok_or(Rule::XSI_TYPE)?;
        check(&self.text, &Scope::new())?;
        Ok(self.of_built_in(name))
    }
}

impl From<String> for AnySimple {
    fn from(text: String) -> Self {
        Self { text, r#type: None }
    }
}

impl From<AnySimple> for String {
    fn from(value: AnySimple) -> Self {
        value.text
    }
}

impl Value for AnySimple {
    const TYPE: Option<Name> = built_in("xs:anySimpleType");
    const WHITE_SPACE: WhiteSpace = WhiteSpace::Preserve;

    fn parse(lexical: &str, _scope: &Scope<'_>) -> Result<Self, Rule> {
        Ok(lexical.to_owned().into())
    }

    fn write(&self, text: &mut Text<'_>) {
        text.push(&self.text);
    }

    fn same(&self, other: &Self) -> bool {
        self == other
    }

    fn of_built_in(self, name: &'static str) -> Self {
        let r#type = Some(name);
        Self { r#type, ..self }
    }

    fn built_in(&self) -> Option<&'static str> {
        self.r#type
    }
}

impl Bounded for AnySimple {
    fn compare(&self, other: &Self) -> Option<Ordering> {
        (self == other).then_some(Ordering::Equal)
    }
}

lexical_text!(AnySimple);
