//! What is not written: content that the contract leaves open and that a reader would refuse, and values that would come back as
//! others.

mod leeway;

use std::task::{Context, Poll, Waker};

use leeway::{ANY, DEFAULT, NS, OPEN, Open, SIZE, Size, VALUE};
use soap::{
    AnyAttribute, AnyElement, AnyNode, AnyType, Attribute, CallError, Declarations,
    DeclaredAttribute, DeclaredElement, DeclaredType, Mixed, Nillable, Operation, OperationFacts,
    QName, Root, Undeclared, WriteXml,
};

const SCHEMA: &str = "http://www.w3.org/2001/XMLSchema";
const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";

static DECLARED: Declarations = Declarations {
    elements: &[
        DeclaredElement::new::<u8>(NS.element("Number")),
        DeclaredElement::new::<Strict>(NS.element("Strict")),
    ],
    attributes: &[DeclaredAttribute::new::<u8>(NS.attribute("count"))],
    types: &[DeclaredType::new::<u8>(NS.name("Small"))],
};

/// What a strict wildcard lets in, and an attribute of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Strict {
    kind: Option<String>,
    attributes: Vec<AnyAttribute>,
    elements: Vec<AnyElement>,
}

impl soap::ReadXml for Strict {
    fn read(reader: &mut soap::Reader<'_>) -> Result<Self, soap::Refused> {
        let kind = reader.optional_attribute(Attribute::unqualified("kind"));
        let attributes = reader.any_attributes(ANY);
        let elements = reader.repeated_any(ANY, 0..);
        Ok(Self {
            kind: kind?,
            attributes: attributes?,
            elements: elements?,
        })
    }
}

impl WriteXml for Strict {
    fn write(&self, writer: &mut soap::Writer) {
        writer.optional_attribute(Attribute::unqualified("kind"), self.kind.as_ref());
        writer.any_attributes(ANY.namespaces, &self.attributes);
        writer.repeated_any(ANY.namespaces, 0.., &self.elements);
    }
}

/// An attribute that must be there.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Marked(String);

impl soap::ReadXml for Marked {
    fn read(reader: &mut soap::Reader<'_>) -> Result<Self, soap::Refused> {
        let mark = Attribute::unqualified("mark");
        reader.attribute(mark).map(Self)
    }
}

impl WriteXml for Marked {
    fn write(&self, writer: &mut soap::Writer) {
        writer.attribute(Attribute::unqualified("mark"), &self.0);
    }
}

/// An element whose content has a default.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Tag(String);

const NAME: soap::Element = NS.element("Name").default("none");

impl soap::ReadXml for Tag {
    fn read(reader: &mut soap::Reader<'_>) -> Result<Self, soap::Refused> {
        reader.required(NAME).map(Self)
    }
}

impl WriteXml for Tag {
    fn write(&self, writer: &mut soap::Writer) {
        writer.required(NAME, &self.0);
    }
}

const STRICT: Root<Strict> = Root::new(NS.element("Strict"), &[NS]).with_declarations(&DECLARED);
const NIL: Root<Nillable<Strict>> =
    Root::new(NS.element("Strict"), &[NS]).with_declarations(&DECLARED);
const ANYTHING: Root<AnyType> = VALUE.with_declarations(&DECLARED);

/// The value is written, and read as the same; or it is refused, told as `path rule-id`.
#[track_caller]
fn check<T: soap::ReadXml + WriteXml + PartialEq + std::fmt::Debug>(
    root: &Root<T>,
    value: &T,
    expected: Result<(), &str>,
) {
    let written = root.write(value);
    let told = written
        .as_ref()
        .map(drop)
        .map_err(|one| format!("{} {}", one.path, one.rule.id()));
    let expected = expected.map_err(str::to_owned);
    assert_eq!(told, expected, "{value:?}");
    if let Ok(text) = written {
        let limits = soap::Limits::default();
        assert_eq!(root.read(text.as_bytes(), &limits).as_ref(), Ok(value));
    }
}

fn element(text: &str) -> AnyElement {
    text.parse().expect("one element")
}

fn attribute(namespace: &str, local: &str, value: &str) -> AnyAttribute {
    AnyAttribute::new(namespace, local, value).expect("a name")
}

#[track_caller]
fn check_strict(elements: &[&str], expected: Result<(), &str>) {
    let value = Strict {
        elements: elements.iter().map(|text| element(text)).collect(),
        ..Strict::default()
    };
    check(&STRICT, &value, expected);
}

#[test]
fn elements_under_a_wildcard_are_what_it_lets_in() {
    let open = |others: &[&str], last: Option<&str>, expected| {
        let value = Open {
            kind: None,
            attributes: vec![],
            known: None,
            others: others.iter().map(|text| element(text)).collect(),
            last: last.map(element),
        };
        check(&OPEN, &value, expected);
    };
    open(&["<a xmlns='urn:x'/>"], None, Ok(()));
    open(&["<a xmlns='urn:x'/>"], Some("<a/>"), Ok(()));
    let own = "<a xmlns='urn:example'/>";
    open(&[own], None, Err("Open/a unexpected-element"));
    open(
        &["<a xmlns='urn:x'/>", own],
        None,
        Err("Open/a[2] unexpected-element"),
    );
    open(
        &["<a xmlns='urn:x'/>"],
        Some("<b xmlns='urn:x'/>"),
        Err("Open/b unexpected-element"),
    );
    open(&["<a/>"], None, Err("Open/a unexpected-element"));
}

#[test]
fn elements_under_a_strict_wildcard_are_declared_and_valid() {
    const NUMBER: &str = "<Number xmlns='urn:example'>7</Number>";
    const NONE: &str = "<Number xmlns='urn:example'>seven</Number>";
    check_strict(&[NUMBER], Ok(()));
    check_strict(&[NUMBER, NONE], Err("Strict/Number[2] lexical"));
    check_strict(&["<Other/>"], Err("Strict/Other unexpected-element"));
    let typed = |local: &str, value: &str| {
        format!("<e:O xmlns:e='urn:example' xmlns:i='{XSI}' i:type='e:{local}'>{value}</e:O>")
    };
    check_strict(&[&typed("Small", "7")], Ok(()));
    check_strict(&[&typed("Small", "x")], Err("Strict/O lexical"));
    check_strict(&[&typed("Large", "7")], Err("Strict/O unexpected-element"));
    let inside = format!("<Strict xmlns='urn:example'>{NONE}</Strict>");
    check_strict(&[&inside], Err("Strict/Strict/Number lexical"));
}

#[test]
fn attributes_under_a_wildcard_are_what_it_lets_in() {
    let strict = |one: AnyAttribute, expected| {
        let value = Strict {
            attributes: vec![one],
            kind: Some("k".to_owned()),
            ..Strict::default()
        };
        check(&STRICT, &value, expected);
    };
    strict(attribute("urn:example", "count", "7"), Ok(()));
    strict(
        attribute("urn:example", "count", "x"),
        Err("Strict/@count lexical"),
    );
    strict(
        attribute("", "other", "7"),
        Err("Strict/@other undeclared-attribute"),
    );
    strict(
        attribute("", "kind", "7"),
        Err("Strict/@kind undeclared-attribute"),
    );
    // The four that XML Schema itself gives meaning to.
    let nil = attribute(XSI, "nil", "true");
    strict(nil, Err("Strict/@nil undeclared-attribute"));
    let typed = attribute(XSI, "type", "e:Strict");
    strict(typed, Err("Strict/@type undeclared-attribute"));
    let located = attribute(XSI, "schemaLocation", "a b");
    strict(located, Err("Strict/@schemaLocation undeclared-attribute"));
    let open = |one: AnyAttribute, expected| {
        let value = Open {
            kind: None,
            attributes: vec![one],
            known: None,
            others: vec![element("<a xmlns='urn:x'/>")],
            last: None,
        };
        check(&OPEN, &value, expected);
    };
    open(attribute("urn:x", "a", "1"), Ok(()));
    open(
        attribute("urn:example", "a", "1"),
        Err("Open/@a undeclared-attribute"),
    );
    open(attribute("", "a", "1"), Err("Open/@a undeclared-attribute"));
}

#[test]
fn a_nil_element_has_the_attributes_of_its_type() {
    let nil = |one: AnyAttribute, expected| check(&NIL, &Nillable::NilWith(vec![one]), expected);
    nil(attribute("", "kind", "k"), Ok(()));
    nil(
        attribute("urn:example", "count", "x"),
        Err("Strict/@count lexical"),
    );
    nil(
        attribute("", "sort", "k"),
        Err("Strict/@sort undeclared-attribute"),
    );
    let marked: Root<Nillable<Marked>> = Root::new(NS.element("Marked"), &[NS]);
    let told = Err("Marked/@mark missing-attribute");
    check(&marked, &Nillable::Nil, told);
    let one = vec![attribute("", "mark", "m")];
    check(&marked, &Nillable::NilWith(one), Ok(()));
}

#[test]
fn content_of_any_type_is_of_the_type_that_it_names() {
    let any = |namespace: &str, local: &str, text: &str, expected| {
        let named = QName::new(namespace, local, "t").expect("a name");
        let value = AnyType::new(vec![AnyNode::Text(text.to_owned())]).with_type(named);
        check(&ANYTHING, &value, expected);
    };
    any(SCHEMA, "int", "42", Ok(()));
    any(SCHEMA, "int", "x", Err("Value lexical"));
    any(SCHEMA, "integral", "42", Err("Value xsi-type"));
    any("urn:example", "Small", "7", Ok(()));
    any("urn:example", "Small", "256", Err("Value lexical"));
    any("urn:example", "Large", "7", Err("Value xsi-type"));
    let number = element("<Number xmlns='urn:example'>x</Number>");
    let inside = AnyType::new(vec![AnyNode::Element(number)]);
    check(&ANYTHING, &inside, Err("Value/Number lexical"));
    let typed = AnyType::default().with_attributes(vec![attribute(XSI, "type", "xs:int")]);
    check(&ANYTHING, &typed, Err("Value/@type undeclared-attribute"));
}

/// What is read where nothing is written.
#[test]
fn nothing_is_written_where_it_means_something_else() {
    let by_default: Root<Tag> = Root::new(NS.element("Tag"), &[NS]);
    check(&by_default, &Tag("a".to_owned()), Ok(()));
    check(&by_default, &Tag("none".to_owned()), Ok(()));
    check(&by_default, &Tag(String::new()), Err("Tag/Name default"));
    let root: Root<String> = Root::new(NAME, &[NS]);
    check(&root, &"a".to_owned(), Ok(()));
    check(&root, &String::new(), Err("Name default"));
    let fixed: Root<u8> = Root::new(NS.element("Size").fixed("7"), &[NS]);
    check(&fixed, &7, Ok(()));
    check(&fixed, &8, Err("Size fixed"));
    let prose: Root<Mixed<()>> = Root::new(NS.element("Prose").fixed("as it is"), &[NS]);
    let with = |text: &str| Mixed::new(()).with_text(vec![(0, text.to_owned())]);
    check(&prose, &with("as it is"), Ok(()));
    check(&prose, &with("otherwise"), Err("Prose fixed"));
    check(&prose, &Mixed::new(()), Err("Prose fixed"));
    let given: Root<Mixed<()>> = Root::new(NS.element("Prose").default("else"), &[NS]);
    check(&given, &Mixed::new(()), Err("Prose default"));
}

enum Send {}

impl Operation for Send {
    const FACTS: OperationFacts = OperationFacts {
        name: "Send",
        action: "send",
        answer_action: "",
        fault_action: "",
        inputs: &[],
        outputs: None,
        headers: &[],
    };
    const INPUT: Root<Strict> = Root::bare(&[NS]).with_declarations(&DECLARED);
    const OUTPUT: Option<Root<()>> = None;
    type Input = Strict;
    type InputHeaders = ();
    type Output = ();
    type OutputHeaders = ();
    type Fault = Undeclared;
}

/// Takes all that it is sent.
struct Sink;

impl soap::Transport for Sink {
    async fn send(&self, _: soap::Request<'_>) -> Result<soap::Reply, soap::TransportError> {
        Ok(soap::Reply { body: Vec::new() })
    }
}

/// A part that is the content of the body is read back with the attributes of the body.
#[test]
fn a_bare_part_is_checked_where_it_stands() {
    let send = |value: &Strict| {
        let mut context = Context::from_waker(Waker::noop());
        match std::pin::pin!(soap::client::call::<Send, _>(&Sink, value)).poll(&mut context) {
            Poll::Ready(Err(CallError::Request(one))) => {
                format!("{} {}", one.path, one.rule.id())
            }
            Poll::Ready(sent) => format!("{}", sent.is_ok()),
            Poll::Pending => unreachable!("nothing here waits"),
        }
    };
    let with = |count: &str, numbers: &[&str]| Strict {
        kind: Some("k".to_owned()),
        attributes: vec![attribute("urn:example", "count", count)],
        elements: numbers
            .iter()
            .map(|number| element(&format!("<Number xmlns='urn:example'>{number}</Number>")))
            .collect(),
    };
    assert_eq!(send(&with("7", &[])), "true");
    assert_eq!(send(&with("7", &["1", "2"])), "true");
    assert_eq!(send(&with("x", &[])), "Envelope/Body/@count lexical");
    assert_eq!(
        send(&with("7", &["1", "x"])),
        "Envelope/Body/Number[2] lexical"
    );
}

#[test]
fn a_value_that_an_earlier_member_of_a_union_takes_is_none_of_a_later_one() {
    let name = |prefix: &str| QName::new("urn:x", "n", prefix).expect("a name");
    check(&SIZE, &Size::Number(5), Ok(()));
    check(&SIZE, &Size::Text("5 cm".to_owned()), Ok(()));
    check(&SIZE, &Size::Text("a & b: <c>".to_owned()), Ok(()));
    check(
        &SIZE,
        &Size::Names(vec![name("x"), name("")].into()),
        Ok(()),
    );
    check(&SIZE, &Size::Text("5".to_owned()), Err("Size member"));
    check(&SIZE, &Size::Text("\n5".to_owned()), Err("Size member"));
    // What prefixes stand for counts: `e` is declared where it is written, and `x` is not.
    check(&SIZE, &Size::Text("x:n".to_owned()), Ok(()));
    check(&SIZE, &Size::Text("e:n".to_owned()), Err("Size member"));
    let root: Root<Size> = Root::new(DEFAULT.element("Size"), &[]);
    check(&root, &Size::Text("n".to_owned()), Err("Size member"));
}
