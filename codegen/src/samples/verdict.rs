//! What the model itself says of a value: a judge beside those that read the message, written from the standard and not from
//! the code that is judged.

use std::cmp::Ordering;

use super::lexis::{compared, is_form, is_match, is_same};
use super::number::Decimal;
use super::tree::marked;
use crate::model::{Builtin, Definition, Facets, Model, Simple, TypeRef, Variety, WhiteSpace};

/// Whether `text`, with names in it as the tree has them, is a value of the type; none where that cannot be told here.
pub(super) fn is_value(model: &Model, r#type: TypeRef, text: &str) -> Option<bool> {
    if !text.chars().all(is_xml_char) {
        return Some(false);
    }
    of_type(model, r#type, &marked(text))
}

/// Whether `text` is a form of the value that the contract gives as `fixed`.
pub(super) fn is_fixed(model: &Model, r#type: TypeRef, fixed: &str, text: &str) -> Option<bool> {
    let valid = is_value(model, r#type, text)?;
    Some(valid && equal(model, r#type, &marked(fixed), &marked(text))?)
}

fn of_type(model: &Model, r#type: TypeRef, text: &str) -> Option<bool> {
    match r#type {
        TypeRef::Builtin(builtin) => is_form(builtin, &normalized(builtin.white_space(), text)),
        TypeRef::Defined(id) => match &model[id].definition {
            Definition::Simple(simple) => of_simple(model, simple, text),
            Definition::Union(members) => of_any(model, members, text),
            Definition::Complex(_) | Definition::Group(_) => None,
        },
    }
}

/// Whether two forms of values of the type are of the same one; none where that cannot be told here.
fn equal(model: &Model, r#type: TypeRef, one: &str, other: &str) -> Option<bool> {
    let definition = match r#type {
        TypeRef::Builtin(builtin) => {
            let [one, other] = [one, other].map(|text| normalized(builtin.white_space(), text));
            return Some(is_same(builtin, &one, &other));
        }
        TypeRef::Defined(id) => &model[id].definition,
    };
    match definition {
        Definition::Simple(simple) => equal_in(model, simple, one, other),
        // Values of one member are none of another (2.5.1.3).
        Definition::Union(members) => {
            for member in members {
                match [one, other].map(|text| of_type(model, *member, text)) {
                    [Some(true), Some(true)] => return equal(model, *member, one, other),
                    [Some(false), Some(false)] => {}
                    [Some(_), Some(_)] => return Some(false),
                    _ => return None,
                }
            }
            Some(false)
        }
        Definition::Complex(_) | Definition::Group(_) => None,
    }
}

fn equal_in(model: &Model, simple: &Simple, one: &str, other: &str) -> Option<bool> {
    match simple.variety {
        Variety::Atomic(builtin) => {
            let white_space = simple.facets.white_space.unwrap_or(builtin.white_space());
            let [one, other] = [one, other].map(|text| normalized(white_space, text));
            Some(is_same(builtin, &one, &other))
        }
        Variety::List(item) => {
            let [one, other] = [one, other].map(|text| normalized(WhiteSpace::Collapse, text));
            if one.split(' ').count() != other.split(' ').count() {
                return Some(false);
            }
            let mut pairs = one.split(' ').zip(other.split(' '));
            pairs.try_fold(true, |all, (one, other)| {
                Some(all && equal(model, item, one, other)?)
            })
        }
        Variety::Union(union) => equal(model, TypeRef::Defined(union), one, other),
    }
}

pub(super) const fn is_xml_char(character: char) -> bool {
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
    let verdicts = members.iter().map(|member| of_type(model, *member, text));
    let verdicts: Vec<_> = verdicts.collect();
    if verdicts.contains(&Some(true)) {
        return Some(true);
    }
    verdicts
        .iter()
        .all(|verdict| *verdict == Some(false))
        .then_some(false)
}

/// A text with its names marked.
fn of_simple(model: &Model, simple: &Simple, text: &str) -> Option<bool> {
    let facets = &simple.facets;
    match simple.variety {
        Variety::Atomic(builtin) => {
            let white_space = facets.white_space.unwrap_or(builtin.white_space());
            let text = normalized(white_space, text);
            let met = both(patterns(facets, &text), measures(facets, builtin, &text));
            let met = both(met, is_listed(model, simple, &text));
            both(is_form(builtin, &text), met)
        }
        Variety::List(item) => {
            let text = normalized(WhiteSpace::Collapse, text);
            let items = text.split(' ').filter(|item| !item.is_empty());
            let count = items.clone().count();
            let each = items.map(|one| of_type(model, item, one));
            let met = both(patterns(facets, &text), is_long(facets, count));
            let met = both(met, is_listed(model, simple, &text));
            each.fold(met, both)
        }
        Variety::Union(union) => {
            let met = both(patterns(facets, text), is_listed(model, simple, text));
            both(of_type(model, TypeRef::Defined(union), text), met)
        }
    }
}

fn patterns(facets: &Facets, text: &str) -> Option<bool> {
    let step = |step: &Vec<String>| {
        let verdicts: Vec<_> = step.iter().map(|source| is_match(source, text)).collect();
        if verdicts.contains(&Some(true)) {
            return Some(true);
        }
        verdicts.iter().all(Option::is_some).then_some(false)
    };
    facets.patterns.iter().map(step).fold(Some(true), both)
}

/// All facets but patterns and enumerations.
fn measures(facets: &Facets, builtin: Builtin, text: &str) -> Option<bool> {
    let has_length =
        facets.length.is_some() || facets.min_length.is_some() || facets.max_length.is_some();
    let long = match builtin.name() {
        "hexBinary" => is_long(facets, text.len() / 2),
        "base64Binary" => {
            let letters = text.bytes().filter(|octet| !matches!(octet, b' ' | b'='));
            is_long(facets, letters.count() * 3 / 4)
        }
        "NMTOKENS" | "IDREFS" | "ENTITIES" => is_long(facets, text.split(' ').count()),
        _ if builtin.is_text() => is_long(facets, text.chars().count()),
        _ => (!has_length).then_some(true),
    };
    both(long, is_within(facets, builtin, text))
}

/// Whether a form of the type is that of a value that the facets list.
fn is_listed(model: &Model, simple: &Simple, text: &str) -> Option<bool> {
    let listed = &simple.facets.enumeration;
    let same = |value: &str| equal_in(model, simple, &marked(value), text);
    let verdicts: Vec<_> = listed.iter().map(|listed| same(&listed.value)).collect();
    if listed.is_empty() || verdicts.contains(&Some(true)) {
        return Some(true);
    }
    verdicts.iter().all(Option::is_some).then_some(false)
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
    for (bound, holds) in bounds {
        let Some(bound) = bound else { continue };
        if builtin.name() == "duration" {
            return None;
        }
        // What cannot be compared is not within.
        if !compared(builtin, text, bound).is_some_and(holds) {
            return Some(false);
        }
    }
    let (total, fraction) = (facets.total_digits, facets.fraction_digits);
    if (total, fraction) == (None, None) {
        return Some(true);
    }
    let Some(number) = Decimal::read(text) else {
        return Some(false);
    };
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
    fn other_values_are_told() {
        check("anyURI", "æ", Some(true));
        check("date", "\u{1}", Some(false));
        check("string", " any ", Some(true));
        check("boolean", "TRUE", Some(false));
        check("hexBinary", "0F0", Some(false));
    }
}
