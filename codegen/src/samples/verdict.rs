//! What the model itself says of a value: a judge beside those that read the message, written from the standard and not from
//! the code that is judged. It knows texts, numbers, booleans and hexadecimal octets; of the rest it says nothing.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use regex::Regex;

use crate::load::QName;
use crate::model::{
    Builtin, Content, Definition, Facets, Group, Model, Particle, Simple, Term, TypeRef, Variety,
    WhiteSpace,
};
use crate::pattern::Pattern;

/// Whether `text` is a value of the type; none where that cannot be told here.
pub(super) fn is_value(model: &Model, r#type: TypeRef, text: &str) -> Option<bool> {
    if !text.chars().all(is_xml_char) {
        return Some(false);
    }
    match r#type {
        TypeRef::Builtin(builtin) => is_form(builtin, &normalized(builtin.white_space(), text)),
        TypeRef::Defined(id) => match &model[id].definition {
            Definition::Simple(simple) => of_simple(model, simple, text),
            Definition::Union(members) => of_any(model, members, text),
            Definition::Complex(_) | Definition::Group(_) => None,
        },
    }
}

/// The names of all elements that may stand in the content; none where a wildcard lets in others.
pub(super) fn names<'m>(model: &'m Model, content: &'m Content) -> Option<BTreeSet<&'m QName>> {
    let mut names = BTreeSet::new();
    match content {
        Content::Empty | Content::Simple(_) => {}
        Content::Sequence(particles) | Content::All(particles) => {
            collect(model, particles, &mut names)?;
        }
        Content::Mixed(group) => collect_group(model, *group, &mut names)?,
    }
    Some(names)
}

fn collect<'m>(
    model: &'m Model,
    particles: &'m [Particle],
    names: &mut BTreeSet<&'m QName>,
) -> Option<()> {
    for particle in particles {
        match &particle.term {
            Term::Element(element) => drop(names.insert(&element.name)),
            Term::Group(group) => collect_group(model, *group, names)?,
            Term::Any(_) => return None,
        }
    }
    Some(())
}

fn collect_group<'m>(
    model: &'m Model,
    group: crate::model::TypeId,
    names: &mut BTreeSet<&'m QName>,
) -> Option<()> {
    match &model[group].definition {
        Definition::Group(
            Group::All(particles) | Group::Choice(particles) | Group::Sequence(particles),
        ) => collect(model, particles, names),
        _ => None,
    }
}

const fn is_xml_char(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | ' '..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..)
}

/// XSD 1.0 Part 2, 4.3.6.
fn normalized(white_space: WhiteSpace, text: &str) -> String {
    const WHITE: [char; 4] = [' ', '\t', '\n', '\r'];
    match white_space {
        WhiteSpace::Preserve => text.to_owned(),
        WhiteSpace::Replace => text.replace(WHITE, " "),
        WhiteSpace::Collapse => {
            let words = text.split(WHITE).filter(|word| !word.is_empty());
            words.collect::<Vec<_>>().join(" ")
        }
    }
}

/// Whether both hold; none where that hangs on what is not known.
pub(super) fn both(one: Option<bool>, other: Option<bool>) -> Option<bool> {
    match (one, other) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    }
}

fn of_any(model: &Model, members: &[TypeRef], text: &str) -> Option<bool> {
    let verdicts = members.iter().map(|member| is_value(model, *member, text));
    let verdicts: Vec<_> = verdicts.collect();
    if verdicts.contains(&Some(true)) {
        return Some(true);
    }
    verdicts
        .iter()
        .all(|verdict| *verdict == Some(false))
        .then_some(false)
}

fn of_simple(model: &Model, simple: &Simple, text: &str) -> Option<bool> {
    let facets = &simple.facets;
    match simple.variety {
        Variety::Atomic(builtin) => {
            let white_space = facets.white_space.unwrap_or(builtin.white_space());
            let text = normalized(white_space, text);
            let met = both(patterns(facets, &text), measures(facets, builtin, &text));
            both(is_form(builtin, &text), met)
        }
        Variety::List(item) => {
            let text = normalized(WhiteSpace::Collapse, text);
            let items = text.split(' ').filter(|item| !item.is_empty());
            let count = items.clone().count();
            let each = items.map(|one| is_value(model, item, one));
            let met = both(patterns(facets, &text), is_long(facets, count));
            let met = both(met, is_listed(facets, &text, false));
            each.fold(met, both)
        }
        Variety::Union(union) => {
            let met = both(patterns(facets, text), is_listed(facets, text, false));
            both(is_value(model, TypeRef::Defined(union), text), met)
        }
    }
}

/// The lexical spaces of XSD 1.0 Part 2, 3.2 and 3.3, that are told in a line.
fn is_form(builtin: Builtin, text: &str) -> Option<bool> {
    let name = builtin.name();
    match name {
        "string" | "normalizedString" | "token" | "anySimpleType" => Some(true),
        "boolean" => Some(matches!(text, "true" | "false" | "1" | "0")),
        "decimal" => Some(Decimal::read(text).is_some()),
        "hexBinary" => {
            let hex = text.bytes().all(|octet| octet.is_ascii_hexdigit());
            Some(hex && text.len().is_multiple_of(2))
        }
        _ if builtin.is_whole() => {
            let bounds = RANGES.iter().find(|(of, ..)| *of == name);
            let (_, least, most) = bounds?;
            let number = Decimal::read(text).filter(|_| !text.contains('.'));
            let within = |number: &Decimal| {
                Decimal::read(least).is_none_or(|least| number.cmp(&least).is_ge())
                    && Decimal::read(most).is_none_or(|most| number.cmp(&most).is_le())
            };
            Some(number.is_some_and(|number| within(&number)))
        }
        _ => None,
    }
}

/// The bounds of the whole numbers (XSD 1.0 Part 2, 3.3.13 to 3.3.25); empty where there is none.
const RANGES: [(&str, &str, &str); 13] = [
    ("integer", "", ""),
    ("nonNegativeInteger", "0", ""),
    ("positiveInteger", "1", ""),
    ("nonPositiveInteger", "", "0"),
    ("negativeInteger", "", "-1"),
    ("long", "-9223372036854775808", "9223372036854775807"),
    ("int", "-2147483648", "2147483647"),
    ("short", "-32768", "32767"),
    ("byte", "-128", "127"),
    ("unsignedLong", "0", "18446744073709551615"),
    ("unsignedInt", "0", "4294967295"),
    ("unsignedShort", "0", "65535"),
    ("unsignedByte", "0", "255"),
];

/// A decimal number of any length, without leading and trailing zeros.
struct Decimal<'t> {
    negative: bool,
    whole: &'t str,
    fraction: &'t str,
}

impl<'t> Decimal<'t> {
    fn read(text: &'t str) -> Option<Self> {
        let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let all_digits = |part: &str| part.bytes().all(|octet| octet.is_ascii_digit());
        if whole.is_empty() && fraction.is_empty() || !all_digits(whole) || !all_digits(fraction) {
            return None;
        }
        let (whole, fraction) = (
            whole.trim_start_matches('0'),
            fraction.trim_end_matches('0'),
        );
        let zero = whole.is_empty() && fraction.is_empty();
        Some(Self {
            negative: text.starts_with('-') && !zero,
            whole,
            fraction,
        })
    }

    fn cmp(&self, other: &Self) -> Ordering {
        let size = |number: &Self| (number.whole.len(), number.whole.to_owned());
        let sizes = size(self).cmp(&size(other));
        let magnitude = sizes.then_with(|| self.fraction.cmp(other.fraction));
        match (self.negative, other.negative) {
            (false, true) => Ordering::Greater,
            (true, false) => Ordering::Less,
            (false, false) => magnitude,
            (true, true) => magnitude.reverse(),
        }
    }
}

fn patterns(facets: &Facets, text: &str) -> Option<bool> {
    let matches = |source: &String| {
        let translated = Pattern::parse(source).ok()?.translated();
        let regex = Regex::new(&format!("^(?:{translated})$")).ok()?;
        Some(regex.is_match(text))
    };
    let step = |step: &Vec<String>| {
        let verdicts: Vec<_> = step.iter().map(matches).collect();
        if verdicts.contains(&Some(true)) {
            return Some(true);
        }
        verdicts.iter().all(Option::is_some).then_some(false)
    };
    facets.patterns.iter().map(step).fold(Some(true), both)
}

/// All facets but patterns.
fn measures(facets: &Facets, builtin: Builtin, text: &str) -> Option<bool> {
    let listed = is_listed(facets, text, builtin.is_text());
    let has_length =
        facets.length.is_some() || facets.min_length.is_some() || facets.max_length.is_some();
    let long = match builtin.name() {
        "hexBinary" => is_long(facets, text.len() / 2),
        _ if builtin.is_text() => is_long(facets, text.chars().count()),
        _ => (!has_length).then_some(true),
    };
    both(both(listed, long), is_within(facets, builtin, text))
}

/// `exact` is whether a value has one form only.
fn is_listed(facets: &Facets, text: &str, exact: bool) -> Option<bool> {
    let listed = facets.enumeration.iter().any(|value| value.value == text);
    if facets.enumeration.is_empty() || listed {
        return Some(true);
    }
    exact.then_some(false)
}

fn is_long(facets: &Facets, length: usize) -> Option<bool> {
    let exact = facets.length.is_none_or(|exact| length == exact);
    let enough = facets.min_length.is_none_or(|least| length >= least);
    Some(exact && enough && facets.max_length.is_none_or(|most| length <= most))
}

fn is_within(facets: &Facets, builtin: Builtin, text: &str) -> Option<bool> {
    let bounds = [
        (
            &facets.min_inclusive,
            Ordering::is_ge as fn(Ordering) -> bool,
        ),
        (&facets.max_inclusive, Ordering::is_le),
        (&facets.min_exclusive, Ordering::is_gt),
        (&facets.max_exclusive, Ordering::is_lt),
    ];
    let mut bounds = bounds
        .into_iter()
        .filter_map(|(bound, holds)| Some((bound.as_ref()?, holds)))
        .peekable();
    let digits = (facets.total_digits, facets.fraction_digits);
    if bounds.peek().is_none() && digits == (None, None) {
        return Some(true);
    }
    if !(builtin.is_whole() || builtin.name() == "decimal") {
        return None;
    }
    let Some(number) = Decimal::read(text) else {
        return Some(false);
    };
    for (bound, holds) in bounds {
        if !holds(number.cmp(&Decimal::read(bound)?)) {
            return Some(false);
        }
    }
    let (total, fraction) = digits;
    let significant = match number.whole {
        "" => number.fraction.trim_start_matches('0').len(),
        whole => whole.len() + number.fraction.len(),
    };
    // Zeros after the point count where the number is a fraction is a matter of the reading (XSD 1.0 Part 2, 4.3.11).
    if total.is_some() && number.whole.is_empty() && number.fraction.starts_with('0') {
        return None;
    }
    let few = |most: Option<u32>, count: usize| most.is_none_or(|most| count <= most as usize);
    Some(few(total, significant) && few(fraction, number.fraction.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(builtin: &str, text: &str, expected: Option<bool>) {
        let builtin = Builtin::named(builtin).unwrap();
        let model = Model::default();
        assert_eq!(
            is_value(&model, TypeRef::Builtin(builtin), text),
            expected,
            "{text}"
        );
    }

    #[test]
    fn numbers_of_any_length_are_told_exactly() {
        check("integer", "-123456789012345678901234567890", Some(true));
        check("unsignedLong", "18446744073709551615", Some(true));
        check("unsignedLong", "18446744073709551616", Some(false));
        check("unsignedByte", "-0", Some(true));
        check("long", "-9223372036854775809", Some(false));
        check("int", "1.0", Some(false));
        check("decimal", " -.5\n", Some(true));
        check("decimal", ".", Some(false));
        check("negativeInteger", "0", Some(false));
    }

    #[test]
    fn what_is_not_known_is_not_told() {
        check("date", "2024-01-01", None);
        check("date", "\u{1}", Some(false));
        check("string", " any ", Some(true));
        check("boolean", "TRUE", Some(false));
        check("hexBinary", "0F0", Some(false));
    }
}
