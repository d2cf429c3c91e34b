//! Facets: what a restriction demands of the values of its base type (XML Schema Part 2, section 4.3).

use std::cmp::Ordering;

use super::{Compiled, Pattern, Value, from_lexical, to_lexical};
use crate::xml::{Facet, Rule, Scope};

/// What facets ask of a value. A type answers what applies to it.
pub trait Bounded: Value {
    /// What `length`, `minLength` and `maxLength` count: characters, octets or items.
    fn length(&self) -> Option<usize> {
        None
    }

    /// How both stand in the value space; `None` where the standard leaves it open.
    fn compare(&self, other: &Self) -> Option<Ordering>;

    /// Digits in all and digits after the point, neither counting zeros without meaning.
    fn digits(&self) -> Option<(usize, usize)> {
        None
    }
}

/// The facets of one restriction.
///
/// ```
/// static WEEK: soap::Facets = soap::Facets {
///     min_inclusive: Some("1"),
///     max_inclusive: Some("53"),
///     ..soap::Facets::NONE
/// };
/// assert_eq!(WEEK.check(53_u8), Ok(53));
/// assert_eq!(WEEK.check(54_u8).unwrap_err().id(), "max-inclusive");
/// ```
#[derive(Debug)]
pub struct Facets {
    /// All of these must match the lexical form.
    pub patterns: &'static [Pattern],
    /// The exact length.
    pub length: Option<usize>,
    /// The least length.
    pub min_length: Option<usize>,
    /// The greatest length.
    pub max_length: Option<usize>,
    /// The least value, in lexical form.
    pub min_inclusive: Option<&'static str>,
    /// The greatest value, in lexical form.
    pub max_inclusive: Option<&'static str>,
    /// What every value is greater than, in lexical form.
    pub min_exclusive: Option<&'static str>,
    /// What every value is less than, in lexical form.
    pub max_exclusive: Option<&'static str>,
    /// The most digits in all.
    pub total_digits: Option<u32>,
    /// The most digits after the point.
    pub fraction_digits: Option<u32>,
    /// The only values, in lexical form, names in them as `{namespace}local`; all values if empty.
    pub enumeration: &'static [&'static str],
    /// The patterns once they are compiled; leave it to `..Facets::NONE`.
    pub compiled: Compiled,
}

impl Facets {
    /// No facet.
    #[allow(
        clippy::declare_interior_mutable_const,
        reason = "each static that is made from it is to have compiled patterns of its own"
    )]
    pub const NONE: Self = Self {
        patterns: &[],
        length: None,
        min_length: None,
        max_length: None,
        min_inclusive: None,
        max_inclusive: None,
        min_exclusive: None,
        max_exclusive: None,
        total_digits: None,
        fraction_digits: None,
        enumeration: &[],
        compiled: Compiled::new(),
    };

    /// Reads a value of the base type and checks it.
    ///
    /// # Errors
    /// The form is not one of the base type, or breaks a facet.
    pub fn parse<B: Bounded>(&self, lexical: &str, scope: &Scope<'_>) -> Result<B, Rule> {
        let value = B::parse(lexical, scope)?;
        self.check_patterns(lexical)?;
        self.check_measures(&value)?;
        // What is written as the contract has it is found without reading each of thousands of codes.
        if !self.enumeration.contains(&lexical) {
            self.check_enumeration(&value)?;
        }
        Ok(value)
    }

    /// Reads a value of the base type `B`, of which `T` holds all that stand between the bounds, and checks it.
    ///
    /// # Errors
    /// The form is not one of the base type, or breaks a facet.
    pub fn parse_bounded<B: Bounded, T: Bounded>(
        &self,
        lexical: &str,
        scope: &Scope<'_>,
    ) -> Result<T, Rule> {
        self.parse(lexical, scope)
            .map_err(|rule| self.rule_of_base::<B>(rule, lexical, scope))
    }

    /// What is wrong as the base type has it, which the contract names and `T` is not.
    #[cold]
    fn rule_of_base<B: Bounded>(&self, rule: Rule, lexical: &str, scope: &Scope<'_>) -> Rule {
        self.parse::<B>(lexical, scope).err().unwrap_or(rule)
    }

    /// Checks a value of the base type; patterns look at its lexical form.
    ///
    /// # Errors
    /// The value breaks a facet.
    pub fn check<B: Bounded>(&self, value: B) -> Result<B, Rule> {
        if !self.patterns.is_empty() {
            self.check_patterns(&to_lexical(&value))?;
        }
        self.check_measures(&value)?;
        self.check_enumeration(&value)?;
        Ok(value)
    }

    fn check_patterns(&self, lexical: &str) -> Result<(), Rule> {
        self.compiled.check(self.patterns, lexical)
    }

    fn check_measures<B: Bounded>(&self, value: &B) -> Result<(), Rule> {
        self.check_length(value)?;
        self.check_bounds(value)?;
        self.check_digits(value)
    }

    fn check_length<B: Bounded>(&self, value: &B) -> Result<(), Rule> {
        if self.length.is_none() && self.min_length.is_none() && self.max_length.is_none() {
            return Ok(());
        }
        let Some(length) = value.length() else {
            return Ok(());
        };
        match self {
            Self {
                length: Some(exact),
                ..
            } if length != *exact => Err(Rule::count(Facet::Length, *exact)),
            Self {
                min_length: Some(least),
                ..
            } if length < *least => Err(Rule::count(Facet::MinLength, *least)),
            Self {
                max_length: Some(most),
                ..
            } if length > *most => Err(Rule::count(Facet::MaxLength, *most)),
            _ => Ok(()),
        }
    }

    fn check_bounds<B: Bounded>(&self, value: &B) -> Result<(), Rule> {
        let check = |facet, bound: Option<&'static str>, holds: fn(Ordering) -> bool| match bound {
            None => Ok(()),
            // What the standard leaves open does not satisfy the facet.
            Some(bound) => match from_lexical::<B>(bound)
                .ok()
                .and_then(|bound| value.compare(&bound))
            {
                Some(order) if holds(order) => Ok(()),
                _ => Err(Rule::facet(facet, bound)),
            },
        };
        check(Facet::MinInclusive, self.min_inclusive, Ordering::is_ge)?;
        check(Facet::MaxInclusive, self.max_inclusive, Ordering::is_le)?;
        check(Facet::MinExclusive, self.min_exclusive, Ordering::is_gt)?;
        check(Facet::MaxExclusive, self.max_exclusive, Ordering::is_lt)
    }

    fn check_digits<B: Bounded>(&self, value: &B) -> Result<(), Rule> {
        if self.total_digits.is_none() && self.fraction_digits.is_none() {
            return Ok(());
        }
        let Some((total, fraction)) = value.digits() else {
            return Ok(());
        };
        let check = |facet, digits: usize, most: Option<u32>| match most {
            Some(most) if digits > most as usize => Err(Rule::count(facet, most as usize)),
            _ => Ok(()),
        };
        check(Facet::TotalDigits, total, self.total_digits)?;
        check(Facet::FractionDigits, fraction, self.fraction_digits)
    }

    fn check_enumeration<B: Bounded>(&self, value: &B) -> Result<(), Rule> {
        let is = |lexical: &&str| {
            B::parse(lexical, Scope::OF_CONTRACT)
                .is_ok_and(|other| value.compare(&other) == Some(Ordering::Equal))
        };
        if self.enumeration.is_empty() || self.enumeration.iter().any(is) {
            return Ok(());
        }
        Err(Rule::enumeration(self.enumeration))
    }
}

#[cfg(test)]
mod tests {
    use super::super::Integer;
    use super::*;

    static PERCENT: Facets = Facets {
        min_inclusive: Some("0"),
        max_inclusive: Some("100"),
        ..Facets::NONE
    };

    #[test]
    fn what_is_wrong_with_a_bounded_integer_is_told_of_its_base() {
        let read = |text| PERCENT.parse_bounded::<Integer, i64>(text, Scope::OF_CONTRACT);
        assert_eq!(read("+007"), Ok(7));
        for (text, rule) in [
            ("x", Rule::lexical("xs:integer")),
            ("", Rule::lexical("xs:integer")),
            ("101", Rule::facet(Facet::MaxInclusive, "100")),
            (
                "99999999999999999999",
                Rule::facet(Facet::MaxInclusive, "100"),
            ),
            ("-1", Rule::facet(Facet::MinInclusive, "0")),
            (
                "-99999999999999999999",
                Rule::facet(Facet::MinInclusive, "0"),
            ),
        ] {
            assert_eq!(read(text), Err(rule), "{text}");
        }
    }
}
