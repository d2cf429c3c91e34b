//! Broken and hostile documents: each is generated or refused, never a panic, and never out of proportion.

#![cfg(test)]

mod numbers;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use self::numbers::Numbers;
use codegen::{Builder, Error, Files};

/// How many mutants are made of each document.
const MUTANTS: u64 = 4;

/// A folder of its own for each test: the documents beside the mutant are those of the case.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(&folder).expect("a writable folder");
    folder
}

fn generate(folder: &Path, name: &str, document: &[u8]) -> Result<Files, Error> {
    let path = folder.join(name);
    fs::write(&path, document).expect("a writable folder");
    Builder::of_file("contract", path).generate()
}

/// What every mutant must be: a module that is not out of proportion to its document, or a refusal that says something.
#[track_caller]
fn check(folder: &Path, name: &str, document: &[u8]) {
    match generate(folder, name, document) {
        Ok(files) => {
            let size: usize = files.iter().map(|(_, text)| text.len()).sum();
            assert!(
                size < 200_000 + 200 * document.len(),
                "{size} octets of code"
            );
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

#[test]
fn mutants_of_the_cases_are_generated_or_refused() {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut documents: Vec<PathBuf> = fs::read_dir(cases)
        .expect("the cases")
        .flat_map(|case| {
            let case = case.expect("a case").path();
            [case.join("schema.xsd"), case.join("contract.wsdl")]
        })
        .filter(|path| path.exists())
        .collect();
    documents.sort();
    let folder = folder("mutants");
    let mut numbers = Numbers(1);
    for path in documents {
        let name = path
            .file_name()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        let document = fs::read(&path).expect("a readable document");
        for _ in 0..MUTANTS {
            let mutant = mutant(&document, &mut numbers);
            check(&folder, &name, &mutant);
        }
    }
}

fn mutant(document: &[u8], numbers: &mut Numbers) -> Vec<u8> {
    let mut mutant = document.to_vec();
    match numbers.next(6) {
        0 => mutant.truncate(numbers.next(document.len())),
        1 => {
            for _ in 0..=numbers.next(8) {
                let at = numbers.next(document.len());
                mutant[at] ^= 1 << numbers.next(8);
            }
        }
        2 => {
            // An element, or what looks like one, in the place of another.
            let (from, to) = (tag(document, numbers), tag(document, numbers));
            let moved = document[from].to_vec();
            mutant.splice(to, moved);
        }
        3 => {
            let gone = tag(document, numbers);
            mutant.drain(gone);
        }
        4 => {
            // A value in the place of another.
            let (from, to) = (value(document, numbers), value(document, numbers));
            let moved = document[from].to_vec();
            mutant.splice(to, moved);
        }
        _ => {
            const NONSENSE: [&str; 8] = [
                "",
                "-1",
                "99999999999999999999",
                "unbounded",
                "a:b:c",
                "#all",
                "\u{e9}",
                "&lt;",
            ];
            let place = value(document, numbers);
            mutant.splice(place, NONSENSE[numbers.next(NONSENSE.len())].bytes());
        }
    }
    mutant
}

/// From a `<` to the next `>`, somewhere.
fn tag(document: &[u8], numbers: &mut Numbers) -> std::ops::Range<usize> {
    between(document, numbers, b'<', b'>', 1)
}

/// Between two quotes, somewhere.
fn value(document: &[u8], numbers: &mut Numbers) -> std::ops::Range<usize> {
    let quoted = between(document, numbers, b'"', b'"', 0);
    (quoted.start + 1).min(quoted.end)..quoted.end
}

fn between(
    document: &[u8],
    numbers: &mut Numbers,
    open: u8,
    close: u8,
    with: usize,
) -> std::ops::Range<usize> {
    let all: Vec<usize> = (0..document.len())
        .filter(|at| document[*at] == open)
        .collect();
    // The first quote of a pair is one with an even number before it.
    let step = if open == close { 2 } else { 1 };
    let Some(start) = all.get(numbers.next(all.len()) / step * step).copied() else {
        return 0..0;
    };
    let end = document[start + 1..].iter().position(|c| *c == close);
    start..end.map_or(document.len(), |end| start + 1 + end + with)
}

/// A schema around `content`.
fn schema(content: &str) -> String {
    format!(
        "<xs:schema xmlns:xs=\"http://www.w3.org/2001/XMLSchema\" targetNamespace=\"urn:c\" xmlns=\"urn:c\">{content}</xs:schema>"
    )
}

/// `count` repetitions of what `one` makes.
fn each(count: usize, one: impl Fn(usize) -> String) -> String {
    (0..count).map(one).collect()
}

#[test]
fn hostile_schemas_are_generated_or_refused() {
    const DEEP: usize = 400;
    let folder = folder("hostile");
    let around =
        |open: &str, close: &str| schema(&format!("{}{}", open.repeat(2000), close.repeat(2000)));
    let mut bomb = String::from("<!DOCTYPE s [<!ENTITY e0 \"0123456789\">");
    for level in 1..30 {
        let _ = write!(
            bomb,
            "<!ENTITY e{level} \"{}\">",
            format!("&e{};", level - 1).repeat(10)
        );
    }
    let circle = |kind: &str, how: &str| {
        schema(&format!(
            "<xs:{kind} name=\"A\">{}</xs:{kind}><xs:{kind} name=\"B\">{}</xs:{kind}><xs:element name=\"E\" type=\"A\"/>",
            how.replace('?', "B"),
            how.replace('?', "A")
        ))
    };
    let facets = |facets: &str| {
        schema(&format!(
            "<xs:element name=\"E\"><xs:simpleType><xs:restriction base=\"xs:int\">{facets}</xs:restriction></xs:simpleType></xs:element>"
        ))
    };
    let occurs = |min: &str, max: &str| {
        schema(&format!(
            "<xs:element name=\"E\"><xs:complexType><xs:sequence><xs:element name=\"A\" minOccurs=\"{min}\" maxOccurs=\"{max}\" type=\"xs:int\"/><xs:choice minOccurs=\"{min}\" maxOccurs=\"{max}\"><xs:element name=\"B\"/></xs:choice></xs:sequence></xs:complexType></xs:element>"
        ))
    };
    let documents = [
        around(
            "<xs:element name=\"E\"><xs:complexType><xs:sequence>",
            "</xs:sequence></xs:complexType></xs:element>",
        ),
        around("<a>", ""),
        format!("{bomb}]>{}", schema("<xs:element name=\"&e29;\"/>")),
        circle(
            "complexType",
            "<xs:complexContent><xs:extension base=\"?\"/></xs:complexContent>",
        ),
        circle(
            "complexType",
            "<xs:complexContent><xs:restriction base=\"?\"/></xs:complexContent>",
        ),
        circle(
            "complexType",
            "<xs:simpleContent><xs:extension base=\"?\"/></xs:simpleContent>",
        ),
        circle(
            "complexType",
            "<xs:sequence><xs:element name=\"E\" type=\"?\"/></xs:sequence>",
        ),
        circle("simpleType", "<xs:restriction base=\"?\"/>"),
        circle("simpleType", "<xs:list itemType=\"?\"/>"),
        circle("simpleType", "<xs:union memberTypes=\"? xs:int\"/>"),
        schema(
            "<xs:group name=\"A\"><xs:sequence><xs:group ref=\"B\"/></xs:sequence></xs:group><xs:group name=\"B\"><xs:choice><xs:group ref=\"A\"/></xs:choice></xs:group><xs:element name=\"E\"><xs:complexType><xs:group ref=\"A\"/></xs:complexType></xs:element>",
        ),
        schema(
            "<xs:attributeGroup name=\"A\"><xs:attributeGroup ref=\"B\"/></xs:attributeGroup><xs:attributeGroup name=\"B\"><xs:attributeGroup ref=\"A\"/></xs:attributeGroup><xs:element name=\"E\"><xs:complexType><xs:attributeGroup ref=\"A\"/></xs:complexType></xs:element>",
        ),
        schema(
            "<xs:element name=\"A\" substitutionGroup=\"B\"/><xs:element name=\"B\" substitutionGroup=\"A\"/><xs:element name=\"E\"><xs:complexType><xs:sequence><xs:element ref=\"A\"/></xs:sequence></xs:complexType></xs:element>",
        ),
        schema(
            "<xs:include schemaLocation=\"hostile.xsd\"/><xs:import schemaLocation=\"hostile.xsd\"/><xs:redefine schemaLocation=\"hostile.xsd\"><xs:simpleType name=\"A\"><xs:restriction base=\"A\"/></xs:simpleType></xs:redefine>",
        ),
        occurs("0", "99999999999999999999999"),
        occurs("18446744073709551615", "18446744073709551615"),
        occurs("5", "2"),
        occurs("-1", "x"),
        facets("<xs:length value=\"-1\"/><xs:pattern value=\"[\"/>"),
        facets("<xs:totalDigits value=\"99999999999\"/><xs:fractionDigits value=\"7\"/>"),
        facets(
            "<xs:minInclusive value=\"9\"/><xs:maxExclusive value=\"-9\"/><xs:enumeration value=\"x\"/>",
        ),
        facets(
            "<xs:pattern value=\"((a{0,9999}){0,9999}){0,9999}\"/><xs:whiteSpace value=\"none\"/>",
        ),
        facets(&format!(
            "<xs:pattern value=\"{}a{}\"/>",
            "(".repeat(5000),
            ")".repeat(5000)
        )),
        // Each group names the next twice: written out it would not end.
        schema(
            &(each(60, |n| {
                format!(
                    "<xs:group name=\"G{n}\"><xs:sequence><xs:group ref=\"G{}\"/><xs:group ref=\"G{}\"/></xs:sequence></xs:group>",
                    n + 1,
                    n + 1
                )
            }) + "<xs:group name=\"G60\"><xs:sequence><xs:element name=\"A\"/></xs:sequence></xs:group><xs:element name=\"E\"><xs:complexType><xs:group ref=\"G0\"/></xs:complexType></xs:element>"),
        ),
        schema(
            &(each(60, |n| {
                format!(
                    "<xs:attributeGroup name=\"G{n}\"><xs:attributeGroup ref=\"G{}\"/><xs:attributeGroup ref=\"G{}\"/></xs:attributeGroup>",
                    n + 1,
                    n + 1
                )
            }) + "<xs:attributeGroup name=\"G60\"><xs:attribute name=\"a\"/></xs:attributeGroup><xs:element name=\"E\"><xs:complexType><xs:attributeGroup ref=\"G0\"/></xs:complexType></xs:element>"),
        ),
        schema(
            &(each(60, |n| {
                format!(
                    "<xs:simpleType name=\"U{n}\"><xs:union memberTypes=\"U{} U{}\"/></xs:simpleType>",
                    n + 1,
                    n + 1
                )
            }) + "<xs:simpleType name=\"U60\"><xs:restriction base=\"xs:int\"/></xs:simpleType><xs:element name=\"E\" type=\"U0\"/>"),
        ),
        // Long chains: whoever follows them does so within the stack.
        schema(
            &(each(DEEP, |n| {
                format!(
                    "<xs:complexType name=\"T{n}\"><xs:complexContent><xs:extension base=\"T{}\"/></xs:complexContent></xs:complexType>",
                    n + 1
                )
            }) + &format!(
                "<xs:complexType name=\"T{DEEP}\"/><xs:element name=\"E\" type=\"T0\"/>"
            )),
        ),
        schema(
            &(each(DEEP, |n| {
                format!(
                    "<xs:group name=\"G{n}\"><xs:sequence><xs:group ref=\"G{}\"/></xs:sequence></xs:group>",
                    n + 1
                )
            }) + &format!(
                "<xs:group name=\"G{DEEP}\"><xs:sequence><xs:element name=\"A\"/></xs:sequence></xs:group><xs:element name=\"E\"><xs:complexType><xs:group ref=\"G0\"/></xs:complexType></xs:element>"
            )),
        ),
        schema(&each(DEEP, |n| {
            format!(
                "<xs:element name=\"E{n}\" substitutionGroup=\"E{}\" type=\"xs:int\"/>",
                (n + 1) % DEEP
            )
        })),
    ];
    for (number, document) in documents.iter().enumerate() {
        println!("{number}: {}", document.get(..300).unwrap_or(document));
        check(&folder, "hostile.xsd", document.as_bytes());
    }
}
