//! soap
mod value;
mod xml;
pub use self::value::{
    AnySimple, AnyUri, Base64Binary, Bounded, Date, DateTime, Decimal, Digits, Duration, Entity, Facets, GDay, GMonth,
    GMonthDay, GYear, GYearMonth, HexBinary, Id, IdRef, Integer, Language, List, NcName, NmToken, NormalizedString,
    Pattern, QName, Time, Token, Uuid, Value, WhiteSpace, XmlName, from_lexical, to_lexical,
};
pub use self::xml::{
    AnyRoot, Attribute, Class, Element, Limits, Name, Namespace, Nillable, ReadXml, Reader, Refused, Root, Rule, Scope,
    Slot, Text, Unwritable, Violation, Violations, WriteXml, Writer,
};
