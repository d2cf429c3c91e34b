//! Which built-in type is derived from which, for an `xsi:type` that names one (XML Schema Part 2, section 3).

use super::{
    AnySimple, AnyUri, Base64Binary, Date, DateTime, Decimal, Duration, Entity, GDay, GMonth,
    GMonthDay, GYear, GYearMonth, HexBinary, Id, IdRef, Integer, Language, NcName, NegativeInteger,
    NmToken, NonEmptyList, NonNegativeInteger, NonPositiveInteger, NormalizedString,
    PositiveInteger, QName, Time, Token, Value, XmlName, member,
};
use crate::xml::{Reader, Refused, Rule, Scope};

/// A built-in type.
#[derive(Debug)]
pub(crate) struct BuiltIn {
    /// Its local name.
    pub(crate) name: &'static str,
    base: &'static str,
    /// Whether a text is one of its values.
    pub(crate) check: fn(&str, &Scope<'_>) -> Result<(), Rule>,
    /// Reads the open element as one that holds a value of it.
    pub(crate) read: fn(&mut Reader<'_>) -> Result<(), Refused>,
}

/// The built-in type `name` if it is derived from the one called `base`.
pub(crate) fn derived(name: &str, base: &str) -> Option<&'static BuiltIn> {
    let found = built_in_type(name)?;
    let mut above = found;
    while above.base != base {
        above = built_in_type(above.base)?;
    }
    Some(found)
}

/// The built-in simple type `name`.
pub(crate) fn built_in_type(name: &str) -> Option<&'static BuiltIn> {
    TYPES.iter().find(|one| one.name == name)
}

const fn row<T: Value>(name: &'static str, base: &'static str) -> BuiltIn {
    let check = |lexical: &str, scope: &Scope<'_>| member::<T>(lexical, scope).map(drop);
    let read = |reader: &mut Reader<'_>| reader.text::<T>().map(drop);
    BuiltIn {
        name,
        base,
        check,
        read,
    }
}

const TOP: &str = "anySimpleType";

static TYPES: [BuiltIn; 45] = [
    row::<AnySimple>(TOP, ""),
    row::<String>("string", TOP),
    row::<NormalizedString>("normalizedString", "string"),
    row::<Token>("token", "normalizedString"),
    row::<Language>("language", "token"),
    row::<NmToken>("NMTOKEN", "token"),
    row::<NonEmptyList<NmToken>>("NMTOKENS", TOP),
    row::<XmlName>("Name", "token"),
    row::<NcName>("NCName", "Name"),
    row::<Id>("ID", "NCName"),
    row::<IdRef>("IDREF", "NCName"),
    row::<NonEmptyList<IdRef>>("IDREFS", TOP),
    row::<Entity>("ENTITY", "NCName"),
    row::<NonEmptyList<Entity>>("ENTITIES", TOP),
    row::<bool>("boolean", TOP),
    row::<Decimal>("decimal", TOP),
    row::<Integer>("integer", "decimal"),
    row::<NonPositiveInteger>("nonPositiveInteger", "integer"),
    row::<NegativeInteger>("negativeInteger", "nonPositiveInteger"),
    row::<i64>("long", "integer"),
    row::<i32>("int", "long"),
    row::<i16>("short", "int"),
    row::<i8>("byte", "short"),
    row::<NonNegativeInteger>("nonNegativeInteger", "integer"),
    row::<PositiveInteger>("positiveInteger", "nonNegativeInteger"),
    row::<u64>("unsignedLong", "nonNegativeInteger"),
    row::<u32>("unsignedInt", "unsignedLong"),
    row::<u16>("unsignedShort", "unsignedInt"),
    row::<u8>("unsignedByte", "unsignedShort"),
    row::<f32>("float", TOP),
    row::<f64>("double", TOP),
    row::<Duration>("duration", TOP),
    row::<DateTime>("dateTime", TOP),
    row::<Time>("time", TOP),
    row::<Date>("date", TOP),
    row::<GYearMonth>("gYearMonth", TOP),
    row::<GYear>("gYear", TOP),
    row::<GMonthDay>("gMonthDay", TOP),
    row::<GDay>("gDay", TOP),
    row::<GMonth>("gMonth", TOP),
    row::<HexBinary>("hexBinary", TOP),
    row::<Base64Binary>("base64Binary", TOP),
    row::<AnyUri>("anyURI", TOP),
    row::<QName>("QName", TOP),
    row::<QName>("NOTATION", TOP),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn derivations() {
        for (name, base, is_derived) in [
            ("byte", "decimal", true),
            ("ID", "string", true),
            ("dateTime", "anySimpleType", true),
            ("decimal", "int", false),
            ("int", "int", false),
            ("NMTOKENS", "NMTOKEN", false),
            ("", "anySimpleType", false),
        ] {
            assert_eq!(derived(name, base).is_some(), is_derived, "{name} {base}");
        }
        assert!(
            TYPES
                .iter()
                .all(|one| one.name == TOP || derived(one.name, TOP).is_some())
        );
    }
}
