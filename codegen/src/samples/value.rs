//! The values of a simple type: some of each kind, those at the bounds of its facets, and those beyond them.

use super::lexical::{forms, usual};
use super::lexis::is_match;
use super::matching::matching;
use super::verdict;
use crate::model::{Builtin, Definition, Facets, Model, Preset, Simple, TypeRef, Variety};

/// Values of the type as they are written, at least one; what is none of them is told by no judge of ours.
pub(super) fn valid(model: &Model, r#type: TypeRef) -> Vec<String> {
    let simple = match r#type {
        TypeRef::Builtin(builtin) => {
            return usual(builtin).iter().map(|one| (*one).to_owned()).collect();
        }
        TypeRef::Defined(id) => match &model[id].definition {
            Definition::Simple(simple) => simple,
            Definition::Union(members) => {
                return members
                    .iter()
                    .flat_map(|member| valid(model, *member))
                    .collect();
            }
            Definition::Complex(_) | Definition::Group(_) => return Vec::new(),
        },
    };
    let all = candidates(model, simple);
    let fit: Vec<String> = all
        .iter()
        .filter(|text| match verdict::is_value(model, r#type, text) {
            Some(valid) => valid && is_tidy(text),
            None => fits(model, simple, text),
        })
        .cloned()
        .collect();
    if fit.is_empty() { all } else { fit }
}

/// The built-in type that the type comes from, `list` or `union`.
pub(super) fn kind(model: &Model, r#type: TypeRef) -> &'static str {
    match r#type {
        TypeRef::Builtin(builtin) => builtin.name(),
        TypeRef::Defined(id) => match &model[id].definition {
            Definition::Simple(simple) => match simple.variety {
                Variety::Atomic(builtin) => builtin.name(),
                Variety::List(_) => "list",
                Variety::Union(_) => "union",
            },
            Definition::Union(_) => "union",
            Definition::Complex(_) | Definition::Group(_) => "",
        },
    }
}

/// Texts that may or may not be values of the type, each with the rule that it tries.
pub(super) fn tried(
    model: &Model,
    r#type: TypeRef,
    preset: Option<&Preset>,
) -> Vec<(&'static str, String)> {
    let mut tried = Vec::new();
    if let Some(Preset::Fixed(value)) = preset {
        let around = format!(" {value} ");
        let [plus, zero, more] = ["+", "0", "x"].map(|before| format!("{before}{value}"));
        tried.extend([around, plus, zero, more, value.to_uppercase()].map(|text| ("fixed", text)));
    }
    match r#type {
        TypeRef::Builtin(builtin) => lexical(builtin, &mut tried),
        TypeRef::Defined(id) => match &model[id].definition {
            Definition::Simple(simple) => of_simple(model, simple, &mut tried),
            Definition::Union(members) => {
                let each = members
                    .iter()
                    .flat_map(|member| self::tried(model, *member, None));
                tried.extend(each.map(|(_, text)| ("union", text)));
            }
            Definition::Complex(_) | Definition::Group(_) => {}
        },
    }
    tried.extend(valid(model, r#type).into_iter().flat_map(|value| {
        [
            format!(" {value}"),
            format!("{value} "),
            format!("\n\t{value}\n"),
            format!("{value}\u{A0}"),
        ]
        .map(|text| ("white-space", text))
    }));
    tried
}

fn lexical(builtin: Builtin, tried: &mut Vec<(&'static str, String)>) {
    tried.extend(
        forms(builtin)
            .into_iter()
            .map(|form| ("lexical", form.to_owned())),
    );
}

fn of_simple(model: &Model, simple: &Simple, tried: &mut Vec<(&'static str, String)>) {
    let facets = &simple.facets;
    match simple.variety {
        Variety::Atomic(builtin) => lexical(builtin, tried),
        Variety::List(item) => {
            let one = valid(model, item).into_iter().next().unwrap_or_default();
            for count in 0..4 {
                tried.push(("list", vec![one.as_str(); count].join(" ")));
            }
            tried.extend(
                self::tried(model, item, None)
                    .into_iter()
                    .map(|(_, text)| ("list", format!("{one} {text}"))),
            );
        }
        Variety::Union(union) => tried.extend(self::tried(model, TypeRef::Defined(union), None)),
    }
    for value in &facets.enumeration {
        let value = &value.value;
        let last = value
            .char_indices()
            .next_back()
            .map_or("", |(at, _)| &value[..at]);
        let others = [
            value.clone(),
            value.to_lowercase(),
            value.to_uppercase(),
            format!("{value}x"),
            format!("0{value}"),
        ];
        tried.extend(
            others
                .into_iter()
                .chain([last.to_owned()])
                .map(|text| ("enumeration", text)),
        );
    }
    for pattern in facets.patterns.iter().flatten() {
        for text in matching(pattern) {
            let (head, tail) =
                text.split_at(text.char_indices().nth(1).map_or(text.len(), |(at, _)| at));
            let others = [
                format!("{text}x"),
                format!("x{text}"),
                format!("{text}\n"),
                format!("^{text}$"),
                tail.to_owned(),
                format!("{head}{text}"),
                format!("{head}æ{tail}"),
                text.to_uppercase(),
            ];
            tried.extend(
                others
                    .into_iter()
                    .chain([text])
                    .map(|text| ("pattern", text)),
            );
        }
    }
    tried.extend(lengths(model, simple));
    tried.extend(measures(simple));
}

/// Texts of the lengths at the bounds and beside them.
fn lengths(model: &Model, simple: &Simple) -> Vec<(&'static str, String)> {
    let Facets {
        length,
        min_length,
        max_length,
        ..
    } = simple.facets;
    let facets = [
        ("length", length),
        ("min-length", min_length),
        ("max-length", max_length),
    ];
    let mut texts = Vec::new();
    for (rule, bound) in facets
        .into_iter()
        .filter_map(|(rule, bound)| Some((rule, bound?)))
    {
        for length in [bound.saturating_sub(1), bound, bound + 1] {
            texts.extend(
                of_length(model, simple, length)
                    .into_iter()
                    .map(|text| (rule, text)),
            );
        }
    }
    texts
}

fn of_length(model: &Model, simple: &Simple, length: usize) -> Vec<String> {
    const MOST: usize = 5000;
    if length > MOST {
        return Vec::new();
    }
    match simple.variety {
        Variety::List(item) => {
            let item = valid(model, item).into_iter().next().unwrap_or_default();
            vec![vec![item.as_str(); length].join(" ")]
        }
        Variety::Atomic(builtin) => match builtin.name() {
            "hexBinary" => vec!["aF".repeat(length)],
            // Three octets are four letters.
            "base64Binary" => {
                let end = ["", "YQ==", "YWE="];
                vec![format!("{}{}", "YWJj".repeat(length / 3), end[length % 3])]
            }
            // In octets, in code units and in letters the three have different lengths.
            _ => ["a", "å", "𝄞"]
                .map(|letter| letter.repeat(length))
                .into_iter()
                .chain([format!("{}  ", "a".repeat(length))])
                .collect(),
        },
        Variety::Union(_) => Vec::new(),
    }
}

/// Numbers and the like at the bounds and beside them.
fn measures(simple: &Simple) -> Vec<(&'static str, String)> {
    let facets = &simple.facets;
    let bounds = [
        ("min-inclusive", &facets.min_inclusive),
        ("max-inclusive", &facets.max_inclusive),
        ("min-exclusive", &facets.min_exclusive),
        ("max-exclusive", &facets.max_exclusive),
    ];
    let mut texts = Vec::new();
    for (rule, bound) in bounds
        .into_iter()
        .filter_map(|(rule, bound)| Some((rule, bound.as_ref()?)))
    {
        texts.push((rule, bound.clone()));
        if let Ok(number) = bound.parse::<i128>() {
            let beside = [number - 1, number + 1].map(|number| number.to_string());
            let forms = [
                format!("{number}.0"),
                format!("{number}.000001"),
                format!("0{number}"),
                format!("+{number}"),
                format!("-{number}"),
            ];
            texts.extend(beside.into_iter().chain(forms).map(|text| (rule, text)));
        } else {
            let zones = ["Z", "+14:00", "-14:00", "0", ".1"];
            texts.extend(zones.map(|zone| (rule, format!("{bound}{zone}"))));
        }
    }
    for digits in facets
        .total_digits
        .into_iter()
        .map(|digits| digits as usize)
    {
        let nines = "9".repeat(digits);
        let texts_ = [
            nines.clone(),
            format!("{nines}9"),
            format!("000{nines}"),
            format!("-{nines}"),
            format!("{nines}.0"),
            format!("0.{nines}"),
            format!("0.0{nines}"),
        ];
        texts.extend(texts_.map(|text| ("total-digits", text)));
    }
    for digits in facets
        .fraction_digits
        .into_iter()
        .map(|digits| digits as usize)
    {
        let nines = "9".repeat(digits);
        let texts_ = [
            format!("0.{nines}0"),
            format!("0.{nines}9"),
            format!("0.{nines}000"),
            format!("-.{nines}1"),
            "1.".to_owned(),
        ];
        texts.extend(texts_.map(|text| ("fraction-digits", text)));
    }
    texts
}

/// Texts that are likely values.
fn candidates(model: &Model, simple: &Simple) -> Vec<String> {
    let facets = &simple.facets;
    if !facets.enumeration.is_empty() {
        return facets
            .enumeration
            .iter()
            .map(|value| value.value.clone())
            .collect();
    }
    let mut texts: Vec<String> = facets
        .patterns
        .iter()
        .flatten()
        .flat_map(|pattern| matching(pattern))
        .collect();
    texts.extend(measures(simple).into_iter().map(|(_, text)| text));
    for length in [facets.length, facets.min_length, facets.max_length]
        .into_iter()
        .flatten()
    {
        texts.extend(of_length(model, simple, length));
    }
    match simple.variety {
        Variety::Atomic(builtin) => {
            texts.extend(usual(builtin).iter().map(|one| (*one).to_owned()));
        }
        Variety::List(item) => {
            let items = valid(model, item);
            texts.push(items.iter().take(2).cloned().collect::<Vec<_>>().join(" "));
            texts.extend(items);
        }
        Variety::Union(union) => texts.extend(valid(model, TypeRef::Defined(union))),
    }
    texts
}

/// Whether nothing of the text is lost in a message that is written without a thought.
fn is_tidy(text: &str) -> bool {
    !text.chars().any(char::is_control) && !text.ends_with(' ')
}

/// Whether `text` meets the facets, as far as that is easily told; what it cannot tell it denies.
fn fits(model: &Model, simple: &Simple, text: &str) -> bool {
    let facets = &simple.facets;
    let is_number = matches!(simple.variety, Variety::Atomic(builtin) if !builtin.is_text());
    let is_whole = matches!(simple.variety, Variety::Atomic(builtin) if builtin.is_whole());
    if !is_tidy(text) || (is_number && !text.is_ascii()) || (is_whole && text.contains('.')) {
        return false;
    }
    let matches = |source: &String| is_match(source, text) == Some(true);
    if !facets.patterns.iter().all(|step| step.iter().any(matches)) {
        return false;
    }
    if !facets.enumeration.is_empty() {
        return true;
    }
    let length = match simple.variety {
        Variety::List(item) => {
            let items = valid(model, item);
            if !text
                .split(' ')
                .all(|one| items.iter().any(|item| item == one))
            {
                return false;
            }
            text.split(' ').count()
        }
        Variety::Atomic(builtin) => match builtin.name() {
            "hexBinary" => text.len() / 2,
            "base64Binary" => text.trim_end_matches('=').len() * 3 / 4,
            _ => text.chars().count(),
        },
        Variety::Union(_) => text.chars().count(),
    };
    let long_enough = facets.length.is_none_or(|exact| length == exact)
        && facets.min_length.is_none_or(|least| length >= least)
        && facets.max_length.is_none_or(|most| length <= most);
    long_enough && is_within(facets, text)
}

/// Whether a number is within the bounds; anything else is where it is an inclusive bound itself.
fn is_within(facets: &Facets, text: &str) -> bool {
    let bounds = [
        &facets.min_inclusive,
        &facets.max_inclusive,
        &facets.min_exclusive,
        &facets.max_exclusive,
    ];
    let digits = facets.total_digits.is_none_or(|most| {
        let digits = text
            .trim_start_matches(['-', '0'])
            .bytes()
            .filter(u8::is_ascii_digit)
            .count();
        digits <= most as usize
    });
    let fraction = facets.fraction_digits.is_none_or(|most| {
        let fraction = text
            .split_once('.')
            .map_or(0, |(_, fraction)| fraction.len());
        fraction <= most as usize
    });
    if bounds.iter().all(|bound| bound.is_none()) {
        return digits && fraction;
    }
    let number = |text: &String| text.parse::<f64>().ok();
    let Ok(value) = text.parse::<f64>() else {
        return facets.min_inclusive.as_deref() == Some(text)
            || facets.max_inclusive.as_deref() == Some(text);
    };
    let [least, most, over, under] = bounds.map(|bound| bound.as_ref().and_then(number));
    digits
        && fraction
        && least.is_none_or(|least| value >= least)
        && most.is_none_or(|most| value <= most)
        && over.is_none_or(|over| value > over)
        && under.is_none_or(|under| value < under)
}
