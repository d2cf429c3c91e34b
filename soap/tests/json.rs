//! Values as JSON, and what is refused there as it is in XML.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{from_str, to_string};
use soap::{
    AnyAttribute, AnyElement, AnySimple, AnyType, Boxed, Digits, List, Mixed, Nillable,
    NonEmptyList,
};

/// The JSON comes back the same, by way of a value that comes back the same.
#[track_caller]
fn check<T: serde::Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(json: &str) {
    let value: T = from_str(json).expect("valid");
    let written = to_string(&value).expect("writable");
    assert_eq!(written, json);
    assert_eq!(from_str::<T>(&written).expect("valid"), value);
}

#[track_caller]
fn check_refused<T: DeserializeOwned>(json: &str, told: &str) {
    let error = from_str::<T>(json).err().expect("refused").to_string();
    assert!(error.starts_with(told), "{error}");
}

#[test]
fn simple_types_are_their_lexical_form() {
    check::<soap::Decimal>("\"-0.10\"");
    check::<soap::Integer>("\"123456789012345678901234567890\"");
    check::<soap::NonNegativeInteger>("\"7\"");
    check::<soap::DateTime>("\"2026-11-23T10:00:00.1234567+02:00\"");
    check::<soap::Date>("\"2026-11-23Z\"");
    check::<soap::Time>("\"24:00:00\"");
    check::<soap::Duration>("\"P1Y2M\"");
    check::<soap::GYearMonth>("\"2026-11\"");
    check::<soap::HexBinary>("\"0FB7\"");
    check::<soap::Base64Binary>("\"AQID\"");
    check::<soap::Token>("\"a b\"");
    check::<soap::AnyUri>("\"urn:x\"");
    check::<soap::Uuid>("\"1B4e28ba-2fa1-11d2-883f-0016d3cca427\"");
    check::<Digits<4>>("\"0012\"");
    check::<AnySimple>("\" x \"");
    check::<soap::QName>("\"{urn:x}a\"");
    check::<soap::QName>("\"a\"");
    check_refused::<soap::Date>("\"2026-02-30\"", "the value is not a valid xs:date");
    check_refused::<soap::PositiveInteger>("\"0\"", "the value is not a valid xs:positiveInteger");
    check_refused::<soap::QName>("\"{urn:x}a b\"", "the value is not a valid xs:QName");
    check_refused::<Digits<4>>("\"012\"", "");
    check_refused::<soap::Decimal>("1.5", "invalid type: floating point `1.5`, expected a text");
}

#[test]
fn lists_and_wrappers_are_what_they_hold() {
    check::<List<u8>>("[1,2,53]");
    check::<List<soap::QName>>("[\"{urn:x}a\",\"b\"]");
    check::<NonEmptyList<soap::NmToken>>("[\"a\",\"b\"]");
    check_refused::<NonEmptyList<soap::NmToken>>("[]", "the value breaks the facet min-length 1");
    check::<Boxed<i32>>("7");
    check::<AnySimple>("{\"type\":\"int\",\"text\":\"7\"}");
    check::<Nillable<i32>>("null");
    check::<Nillable<i32>>("7");
    check_refused::<Nillable<i32>>("\"x\"", "invalid type: string \"x\", expected i32");
    check::<Vec<Nillable<String>>>("[\"a\",null]");
    check::<Mixed<Vec<i32>>>("{\"value\":[1],\"text\":[[0,\"a\"],[1,\"b\"]]}");
}

#[test]
fn what_is_open_is_xml_in_a_text() {
    check::<AnyElement>("\"<x:A xmlns:x='urn:x'>x:b</x:A>\"");
    check_refused::<AnyElement>("\"<x:A/>\"", "A (line 1, column 1): not well-formed XML");
    check::<AnyType>("\"<anyType/>\"");
    check::<AnyType>(
        r#""<anyType xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xmlns:x=\"urn:x\" xsi:type=\"x:T\" a=\"1\">t<b/></anyType>""#,
    );
    check_refused::<AnyType>(
        "\"<a/>\"",
        "a (line 1, column 1): the element is not allowed here",
    );
    check::<AnyAttribute>("{\"namespace\":\"urn:x\",\"local\":\"a\",\"value\":\"b\"}");
    check_refused::<AnyAttribute>(
        "{\"namespace\":\"\",\"local\":\"xmlns\",\"value\":\"b\"}",
        "the value is not a valid xs:QName",
    );
}

/// As the generator would emit it.
#[derive(Debug, Deserialize, PartialEq)]
struct Fields {
    #[serde(deserialize_with = "soap::serial::given")]
    required: Nillable<i32>,
    #[serde(default, deserialize_with = "soap::serial::present")]
    optional: Option<Nillable<i32>>,
}

#[track_caller]
fn check_fields(json: &str, expected: Option<&(Nillable<i32>, Option<Nillable<i32>>)>) {
    let found = from_str::<Fields>(json).ok();
    assert_eq!(
        found
            .map(|fields| (fields.required, fields.optional))
            .as_ref(),
        expected,
        "{json}"
    );
}

#[test]
fn nothing_is_told_from_what_is_absent() {
    check_fields("{}", None);
    check_fields("{\"required\":null}", Some(&(Nillable::Nil, None)));
    check_fields(
        "{\"required\":1,\"optional\":null}",
        Some(&(Nillable::Value(1), Some(Nillable::Nil))),
    );
    check_fields(
        "{\"required\":1,\"optional\":2}",
        Some(&(Nillable::Value(1), Some(Nillable::Value(2)))),
    );
}
