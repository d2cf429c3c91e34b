//! Elements that say of which type they are.

use soap::{
    AnySimple, Boxed, Element, Limits, Namespace, Nillable, ReadXml, Reader, Refused, Root,
    Unwritable, WriteXml, Writer,
};

use crate::leeway::{ANIMAL, Animal, COUNT, COW, Cow, DECLARED, HERD, Hen, NS};
use crate::{XSI, check, message, told};

#[test]
fn elements_say_of_which_type_they_are() {
    let xsi = format!(" xmlns:xsi=\"{XSI}\" xsi:type=");
    check(
        &ANIMAL,
        &message("Animal", "i:type=' n:Cow ' name='Rosa'", ""),
        Ok(&format!(
            "<e:Animal xmlns:e=\"urn:example\"{xsi}\"e:Cow\" name=\"Rosa\"/>"
        )),
    );
    check(
        &ANIMAL,
        &message("Animal", "i:type='n:Hen'", "<n:Eggs>2</n:Eggs>"),
        Ok(&format!(
            "<e:Animal xmlns:e=\"urn:example\"{xsi}\"e:Hen\"><e:Eggs>2</e:Eggs></e:Animal>"
        )),
    );
    check(
        &ANIMAL,
        &message("Animal", "", ""),
        Err(&["Animal abstract-type"]),
    );
    for (r#type, rule) in [
        ("n:Dog", "xsi-type"),
        ("x:Cow", "xsi-type"),
        ("Cow", "xsi-type"),
        ("z:Cow", "lexical"),
    ] {
        let attribute = format!("i:type='{type}'");
        check(
            &ANIMAL,
            &message("Animal", &attribute, ""),
            Err(&[&format!("Animal/@type {rule}")]),
        );
    }
    check(
        &HERD,
        &message("Animal", "i:nil='true' i:type='n:Hen'", ""),
        Ok(&format!(
            "<e:Animal xmlns:e=\"urn:example\" xmlns:xsi=\"{XSI}\" xsi:nil=\"true\" xsi:type=\"e:Hen\"/>"
        )),
    );
    // Nothing in it, and yet it must be of a type that it can have.
    for (r#type, told) in [
        ("", "Animal abstract-type"),
        ("i:type='n:Dog'", "Animal/@type xsi-type"),
        ("i:type='z:Hen'", "Animal/@type lexical"),
    ] {
        let attributes = format!("i:nil='true' {type}");
        check(&HERD, &message("Animal", &attributes, ""), Err(&[told]));
    }
}

#[test]
fn saying_the_declared_type_tells_nothing_new() {
    let cow = Ok("<e:Cow xmlns:e=\"urn:example\" name=\"Rosa\"/>");
    check(&COW, &message("Cow", "i:type='n:Cow' name='Rosa'", ""), cow);
    check(
        &COW,
        &message("Cow", "i:type='n:Hen' name='Rosa'", ""),
        Err(&["Cow/@type xsi-type"]),
    );
    let count = |r#type: &str, expected| {
        let attributes = format!("xmlns:s='http://www.w3.org/2001/XMLSchema' i:type='{type}'");
        check(&COUNT, &message("Count", &attributes, " 7 "), expected);
    };
    count("s:int", Ok("<e:Count xmlns:e=\"urn:example\">7</e:Count>"));
    count("s:string", Err(&["Count/@type xsi-type"]));
    count("x:int", Err(&["Count/@type xsi-type"]));
}

#[test]
fn a_simple_type_may_take_the_place_of_another() {
    const ROOT: Root<i32> = Root::new(NS.element("Count"), &[NS]).with_declarations(&DECLARED);
    const NUMBER: Root<i32> = Root::new(
        NS.element("Count")
            .only(&[Namespace::SCHEMA.name("int"), NS.name("Small")]),
        &[NS],
    )
    .with_declarations(&DECLARED);
    let read = |root: &Root<i32>, attributes: &str, content: &str| {
        let read = root.read(
            message("Count", attributes, content).as_bytes(),
            &Limits::default(),
        );
        read.map_err(|violations| told(&violations))
    };
    let refused = |told: &str| Err(told.to_owned());
    let refused_nil = |told: &str| Err(told.to_owned());
    assert_eq!(read(&ROOT, "i:type='n:Small'", " 7 "), Ok(7));
    assert_eq!(read(&ROOT, "i:type='n:Priced'", "7"), Ok(7));
    assert_eq!(
        read(&ROOT, "i:type='n:Small'", "256"),
        refused("Count lexical")
    );
    assert_eq!(
        read(&ROOT, "i:type='n:Unknown'", "7"),
        refused("Count/@type xsi-type")
    );
    // It may say so, and there is no room for what it says besides.
    let priced = "i:type='n:Priced' unit='7'";
    assert_eq!(read(&ROOT, priced, "7"), refused("Count/@type not-held"));
    let priced = "i:type='n:Priced' unit='x'";
    assert_eq!(read(&ROOT, priced, "7"), refused("Count/@unit lexical"));
    // It has the attributes of the type that it names, nil or not.
    const NIL: Root<Nillable<i32>> =
        Root::new(NS.element("Count"), &[NS]).with_declarations(&DECLARED);
    let nil = |attributes: &str| {
        let attributes = format!("i:nil='true' {attributes}");
        let read = NIL.read(
            message("Count", &attributes, "").as_bytes(),
            &Limits::default(),
        );
        read.map_err(|violations| told(&violations))
    };
    for (attributes, expected) in [
        ("i:type='n:Priced'", Ok(Nillable::Nil)),
        ("i:type='n:Small'", Ok(Nillable::Nil)),
        (
            "i:type='n:Priced' unit='7'",
            refused_nil("Count/@type not-held"),
        ),
        (
            "i:type='n:Priced' unit='x'",
            refused_nil("Count/@unit lexical"),
        ),
        (
            "i:type='n:Priced' w='7'",
            refused_nil("Count/@w undeclared-attribute"),
        ),
        (
            "i:type='n:Small' unit='7'",
            refused_nil("Count/@unit undeclared-attribute"),
        ),
    ] {
        assert_eq!(nil(attributes), expected, "{attributes}");
    }
    // One that keeps others out.
    assert_eq!(read(&NUMBER, "i:type='n:Small'", "7"), Ok(7));
    assert_eq!(
        read(&NUMBER, "i:type='n:Priced'", "x"),
        refused("Count/@type xsi-type")
    );
}

#[test]
fn an_element_is_written_with_no_type_that_it_may_not_name() {
    const COWS: Element = NS.element("Animal").only(&[NS.name("Cow")]);
    const SIMPLE: Element = NS
        .element("Value")
        .only(&[Namespace::SCHEMA.name("anySimpleType")]);

    /// One that takes cows alone, then one that takes any animal.
    struct Pair(Animal, Animal);

    impl WriteXml for Pair {
        fn write(&self, writer: &mut Writer) {
            writer.required(COWS, &self.0);
            writer.optional(NS.element("Animal"), Some(&self.1));
        }
    }

    impl ReadXml for Pair {
        fn read(reader: &mut Reader<'_>) -> Result<Self, Refused> {
            let cow = reader.required(COWS);
            let any = reader.required(NS.element("Animal"));
            Ok(Self(cow?, any?))
        }
    }

    let cow = || Animal::Cow(Boxed::new(Cow { name: None }));
    let hen = || Animal::Hen(Boxed::new(Hen { eggs: None }));
    let refused = |path: &str| Err(format!("{path} xsi-type"));
    let told = |refused: Unwritable| format!("{} {}", refused.path, refused.rule.id());
    let root: Root<Animal> = Root::new(COWS, &[NS]);
    assert!(root.write(&cow()).is_ok());
    assert_eq!(root.write(&hen()).map_err(told), refused("Animal/@type"));
    let pair: Root<Pair> = Root::new(NS.element("Pair"), &[NS]);
    assert!(pair.write(&Pair(cow(), hen())).is_ok());
    assert_eq!(
        pair.write(&Pair(hen(), cow())).map_err(told),
        refused("Pair/Animal/@type")
    );
    let simple: Root<AnySimple> = Root::new(SIMPLE, &[NS]);
    let seven = AnySimple::from("7".to_owned());
    assert!(simple.write(&seven).is_ok());
    let int = seven.with_type("int").expect("a built-in type");
    assert_eq!(simple.write(&int).map_err(told), refused("Value/@type"));
    let nil: Root<Nillable<Animal>> = Root::new(COWS, &[NS]);
    assert_eq!(
        nil.write(&Nillable::Value(hen())).map_err(told),
        refused("Animal/@type")
    );
}
