//! `xs:string` and what is derived from it, and `xs:anyURI`.

use std::cmp::Ordering;

use super::{Bounded, Value, WhiteSpace, built_in};
use crate::xml::{Name, Rule, Scope, Text, is_name, is_ncname, is_nmtoken};

/// `xs:string` (XML Schema Part 2, section 3.2.1): white space is kept.
impl Value for String {
    const TYPE: Option<Name> = built_in("xs:string");
    const WHITE_SPACE: WhiteSpace = WhiteSpace::Preserve;

    fn parse(lexical: &str, _scope: &Scope<'_>) -> Result<Self, Rule> {
        Ok(lexical.to_owned())
    }

    fn write(&self, text: &mut Text<'_>) {
        text.push(self);
    }

    fn same(&self, other: &Self) -> bool {
        self == other
    }
}

impl Bounded for String {
    fn length(&self) -> Option<usize> {
        Some(self.chars().count())
    }

    fn compare(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// A string that obeys a rule of its own: a newtype around `Box<str>`.
macro_rules! string {
    ($($(#[$doc:meta])* $type:ident = $name:literal, $white_space:ident, $is:expr;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $type(Box<str>);

        impl $type {
            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl AsRef<str> for $type {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(&self.0)
            }
        }

        impl std::str::FromStr for $type {
            type Err = Rule;

            fn from_str(text: &str) -> Result<Self, Rule> {
                super::from_lexical(text)
            }
        }

        /// Takes the text as it is; white space is not processed.
        impl TryFrom<String> for $type {
            type Error = Rule;

            fn try_from(text: String) -> Result<Self, Rule> {
                let is: fn(&str) -> bool = $is;
                if is(&text) { Ok(Self(text.into())) } else { Err(Rule::lexical($name)) }
            }
        }

        impl From<$type> for String {
            fn from(text: $type) -> Self {
                text.0.into()
            }
        }

        impl Value for $type {
        const TYPE: Option<Name> = built_in($name);
            const WHITE_SPACE: WhiteSpace = WhiteSpace::$white_space;

            fn parse(lexical: &str, _scope: &Scope<'_>) -> Result<Self, Rule> {
                let is: fn(&str) -> bool = $is;
                if is(lexical) { Ok(Self(lexical.into())) } else { Err(Rule::lexical($name)) }
            }

            fn write(&self, text: &mut Text<'_>) {
                text.push(&self.0);
            }

            fn same(&self, other: &Self) -> bool {
                self == other
            }
        }

        impl Bounded for $type {
            fn length(&self) -> Option<usize> {
                Some(self.0.chars().count())
            }

            fn compare(&self, other: &Self) -> Option<Ordering> {
                Some(self.cmp(other))
            }
        }
    )+};
}

string! {
    /// `xs:normalizedString`: no tab and no line end (XML Schema Part 2, section 3.3.1).
    NormalizedString = "xs:normalizedString", Replace, is_normalized;
    /// `xs:token`: no tab, no line end, no space at either end, none after another (section 3.3.2).
    Token = "xs:token", Collapse, is_token;
    /// `xs:language`: a language tag (section 3.3.3).
    Language = "xs:language", Collapse, is_language;
    /// `xs:NMTOKEN` (section 3.3.4).
    NmToken = "xs:NMTOKEN", Collapse, is_nmtoken;
    /// `xs:Name` (section 3.3.6).
    XmlName = "xs:Name", Collapse, is_name;
    /// `xs:NCName`: a name without a colon (section 3.3.7).
    NcName = "xs:NCName", Collapse, is_ncname;
    /// `xs:ID` (section 3.3.8). That no other element has it is not checked.
    Id = "xs:ID", Collapse, is_ncname;
    /// `xs:IDREF` (section 3.3.9). That an element has it is not checked.
    IdRef = "xs:IDREF", Collapse, is_ncname;
    /// `xs:ENTITY` (section 3.3.11). That it is declared is not checked: a document type declaration is never accepted.
    Entity = "xs:ENTITY", Collapse, is_ncname;
    /// `xs:anyURI`: a URI reference, in which characters that a URI would have to escape may stand (section 3.2.17).
    AnyUri = "xs:anyURI", Collapse, is_uri;
}

fn is_normalized(text: &str) -> bool {
    !text.contains(['\t', '\n', '\r'])
}

fn is_token(text: &str) -> bool {
    is_normalized(text) && !text.starts_with(' ') && !text.ends_with(' ') && !text.contains("  ")
}

fn is_language(text: &str) -> bool {
    text.split('-').enumerate().all(|(index, part)| {
        let fits = |octet: u8| octet.is_ascii_alphabetic() || (index > 0 && octet.is_ascii_digit());
        (1..=8).contains(&part.len()) && part.bytes().all(fits)
    })
}

/// Refuses what no escaping makes a URI reference: a broken escape, a second fragment, an empty scheme.
fn is_uri(text: &str) -> bool {
    let escapes = text.split('%').skip(1).all(|after| {
        let digits = after.as_bytes();
        digits.len() >= 2 && digits[..2].iter().all(u8::is_ascii_hexdigit)
    });
    escapes && text.matches('#').count() <= 1 && !text.starts_with(':') && is_token(text)
}

#[cfg(test)]
mod tests {
    use super::super::check;
    use super::*;

    #[test]
    fn lexical_spaces() {
        check::<Token>(&["", "a b", " a\n b "], &[]);
        check::<Language>(
            &["da", "da-DK", "x-klingon", "i-default"],
            &["", "da_DK", "1a", "abcdefghi", "da-"],
        );
        check::<XmlName>(&["a:b", "_a", "æ"], &["", "1a", "a b", "-a"]);
        check::<NcName>(&["a", "a.b-c"], &["a:b", ""]);
        check::<NmToken>(&["1a", "-a", "a:b"], &["", "a b", "a/b"]);
        check::<AnyUri>(
            &[
                "",
                "http://æøå.dk/a b",
                "../x#y",
                "urn:oio:cvr-nr:12345678",
                "%C3%A6",
            ],
            &["%", "%zz", "a#b#c", ":a"],
        );
    }

    #[test]
    fn construction_does_not_collapse() {
        assert!(Token::try_from(" a".to_owned()).is_err());
        assert_eq!(" a ".parse::<Token>().unwrap().as_str(), "a");
        assert!(NormalizedString::try_from("a\tb".to_owned()).is_err());
        assert_eq!("a\tb".parse::<NormalizedString>().unwrap().as_str(), "a b");
    }

    #[test]
    fn lengths_count_characters() {
        assert_eq!("Målgruppe".to_owned().length(), Some(9));
    }
}
