//! The built-in types of XML Schema (XSD 1.0 Part 2, section 3) and what each becomes in Rust.

/// A built-in simple type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Builtin(&'static Row);

/// What happens to white space before a value is read (XSD 1.0 Part 2, 4.3.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WhiteSpace {
    Preserve,
    Replace,
    Collapse,
}

/// What the values of a type are measured by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Characters; enumerations become enums.
    Text,
    /// Bounds and digits.
    Number,
    /// Neither.
    Other,
}

#[derive(Debug, PartialEq, Eq)]
struct Row {
    name: &'static str,
    rust: &'static str,
    white_space: WhiteSpace,
    kind: Kind,
    /// Whether the Rust type implements `Eq` and `Hash`.
    eq: bool,
}

const fn row(name: &'static str, rust: &'static str, white_space: WhiteSpace, kind: Kind) -> Row {
    Row {
        name,
        rust,
        white_space,
        kind,
        eq: true,
    }
}

const fn text(name: &'static str, rust: &'static str) -> Row {
    row(name, rust, WhiteSpace::Collapse, Kind::Text)
}

const fn number(name: &'static str, rust: &'static str) -> Row {
    row(name, rust, WhiteSpace::Collapse, Kind::Number)
}

const fn other(name: &'static str, rust: &'static str) -> Row {
    row(name, rust, WhiteSpace::Collapse, Kind::Other)
}

const fn float(name: &'static str, rust: &'static str) -> Row {
    Row {
        eq: false,
        ..row(name, rust, WhiteSpace::Collapse, Kind::Other)
    }
}

static ROWS: [Row; 46] = [
    row("string", "String", WhiteSpace::Preserve, Kind::Text),
    row(
        "normalizedString",
        "soap::NormalizedString",
        WhiteSpace::Replace,
        Kind::Text,
    ),
    text("token", "soap::Token"),
    text("language", "soap::Language"),
    text("Name", "soap::XmlName"),
    text("NCName", "soap::NcName"),
    text("NMTOKEN", "soap::NmToken"),
    text("ID", "soap::Id"),
    text("IDREF", "soap::IdRef"),
    text("ENTITY", "soap::Entity"),
    text("anyURI", "soap::AnyUri"),
    other("NMTOKENS", "soap::NonEmptyList<soap::NmToken>"),
    other("IDREFS", "soap::NonEmptyList<soap::IdRef>"),
    other("ENTITIES", "soap::NonEmptyList<soap::Entity>"),
    other("boolean", "bool"),
    number("decimal", "soap::Decimal"),
    number("integer", "soap::Integer"),
    number("nonNegativeInteger", "soap::NonNegativeInteger"),
    number("positiveInteger", "soap::PositiveInteger"),
    number("nonPositiveInteger", "soap::NonPositiveInteger"),
    number("negativeInteger", "soap::NegativeInteger"),
    number("long", "i64"),
    number("int", "i32"),
    number("short", "i16"),
    number("byte", "i8"),
    number("unsignedLong", "u64"),
    number("unsignedInt", "u32"),
    number("unsignedShort", "u16"),
    number("unsignedByte", "u8"),
    float("float", "f32"),
    float("double", "f64"),
    other("date", "soap::Date"),
    other("dateTime", "soap::DateTime"),
    other("time", "soap::Time"),
    other("duration", "soap::Duration"),
    other("gYear", "soap::GYear"),
    other("gYearMonth", "soap::GYearMonth"),
    other("gMonth", "soap::GMonth"),
    other("gMonthDay", "soap::GMonthDay"),
    other("gDay", "soap::GDay"),
    other("hexBinary", "soap::HexBinary"),
    other("base64Binary", "soap::Base64Binary"),
    other("QName", "soap::QName"),
    other("NOTATION", "soap::QName"),
    row(
        "anySimpleType",
        "soap::AnySimple",
        WhiteSpace::Preserve,
        Kind::Other,
    ),
    other("anyType", "soap::AnyType"),
];

impl Builtin {
    /// `xs:string`.
    pub(crate) const STRING: Self = Self(&ROWS[0]);

    /// `xs:anySimpleType`, the type of an attribute that declares none.
    pub(crate) const ANY_SIMPLE: Self = Self(&ROWS[44]);

    /// `xs:anyType`, the type of an element that declares none.
    pub(crate) const ANY: Self = Self(&ROWS[45]);

    /// The built-in type called `local` in the namespace of XML Schema.
    pub(crate) fn named(local: &str) -> Option<Self> {
        ROWS.iter().find(|row| row.name == local).map(Self)
    }

    /// All of them.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        ROWS.iter().map(Self)
    }

    /// Its name in XML Schema.
    pub(crate) const fn name(self) -> &'static str {
        self.0.name
    }

    /// The built-in type that it is derived from; none for `xs:anyType`.
    pub(crate) fn base(self) -> Option<Self> {
        Self::named(match self.0.name {
            "anyType" => return None,
            "anySimpleType" => "anyType",
            "normalizedString" => "string",
            "token" => "normalizedString",
            "language" | "NMTOKEN" | "Name" => "token",
            "NCName" => "Name",
            "ID" | "IDREF" | "ENTITY" => "NCName",
            "integer" => "decimal",
            "nonPositiveInteger" | "long" | "nonNegativeInteger" => "integer",
            "negativeInteger" => "nonPositiveInteger",
            "int" => "long",
            "short" => "int",
            "byte" => "short",
            "positiveInteger" | "unsignedLong" => "nonNegativeInteger",
            "unsignedInt" => "unsignedLong",
            "unsignedShort" => "unsignedInt",
            "unsignedByte" => "unsignedShort",
            _ => "anySimpleType",
        })
    }

    /// The path of the Rust type.
    pub(crate) const fn rust(self) -> &'static str {
        self.0.rust
    }

    /// Its `whiteSpace` facet.
    pub(crate) const fn white_space(self) -> WhiteSpace {
        self.0.white_space
    }

    /// Whether values are strings of characters.
    pub(crate) fn is_text(self) -> bool {
        self.0.kind == Kind::Text
    }

    /// Whether values are whole numbers without a bound on either side.
    pub(crate) fn is_integer(self) -> bool {
        self.0.kind == Kind::Number && self.0.rust.ends_with("Integer")
    }

    /// Whether values are whole numbers.
    pub(crate) fn is_whole(self) -> bool {
        self.0.kind == Kind::Number && self.0.name != "decimal"
    }

    /// Whether the Rust type keeps the value alone, and writes each in one form.
    pub(crate) fn has_one_form(self) -> bool {
        let others = ["soap::Base64Binary", "soap::GMonth"];
        self.is_copy() || self.is_integer() || others.contains(&self.0.rust)
    }

    /// Whether the Rust type implements `Eq` and `Hash`; floating point does not.
    pub(crate) const fn is_eq(self) -> bool {
        self.0.eq
    }

    /// Whether the Rust type is `Copy`.
    pub(crate) fn is_copy(self) -> bool {
        !self.0.rust.contains("::") && self.0.rust != "String"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_found_once() {
        for row in &ROWS {
            assert_eq!(
                ROWS.iter().filter(|other| other.name == row.name).count(),
                1
            );
            assert_eq!(Builtin::named(row.name).map(Builtin::rust), Some(row.rust));
        }
        assert_eq!(Builtin::ANY.name(), "anyType");
        assert_eq!(Builtin::ANY_SIMPLE.name(), "anySimpleType");
        assert_eq!(Builtin::named("anyThing"), None);
    }

    #[test]
    fn every_type_comes_from_any() {
        for row in &ROWS {
            let above = std::iter::successors(Some(Builtin(row)), |one| one.base());
            assert_eq!(above.last(), Some(Builtin::ANY), "{}", row.name);
        }
    }
}
