//! Names that hurt, in contracts made of them: whatever clashes, all Rust names are valid and distinct; no order of
//! declarations changes one, and neither does a declaration that has nothing to do with them.

#![cfg(test)]

mod numbers;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use self::numbers::Numbers;
use codegen::Builder;
use quote::ToTokens;
use syn::{Attribute, Field, Fields, Ident, ImplItem, Item, TraitItem};

/// Names that clash with each other, with Rust, with the prelude, with what the generator makes, and names of scripts
/// without capitals.
const NAMES: [&str; 72] = [
    "Result",
    "result",
    "_result",
    "Result_",
    "RESULT",
    "Self",
    "self",
    "String",
    "string",
    "Option",
    "Box",
    "Vec",
    "Ok",
    "Err",
    "None",
    "Some",
    "T",
    "Future",
    "Send",
    "Sync",
    "From",
    "type",
    "Type",
    "TYPE",
    "type_",
    "ø",
    "Ø",
    "Øl",
    "øl",
    "a-b",
    "a.b",
    "a_b",
    "aB",
    "AB",
    "Ab",
    "ab",
    "A-B",
    "_1",
    "_2nd",
    "-",
    "__",
    "a1",
    "A1",
    "a_1",
    "数据",
    "Данные",
    "данные",
    "λ",
    "été",
    "e\u{301}te\u{301}",
    "ß",
    "SS",
    "ﬁ",
    "Ask",
    "ask",
    "AskRequest",
    "AskRequestHeaders",
    "AskFault",
    "AskElement",
    "AskType",
    "CaseService",
    "CaseServiceServer",
    "CaseServiceClient",
    "ns",
    "elements",
    "soap",
    "ALL",
    "all",
    "BINDINGS",
    "DOCUMENTS",
    "fn",
    "async",
];

impl Numbers {
    fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.next(last + 1));
        }
    }

    /// Some of the names, each once.
    fn names(&mut self, count: usize) -> Vec<&'static str> {
        let mut names: Vec<&str> = NAMES
            .into_iter()
            .filter(|name| !name.starts_with('-'))
            .collect();
        self.shuffle(&mut names);
        names.truncate(count);
        names
    }
}

/// A contract as its declarations, whose order is free.
#[derive(Clone)]
struct Contract {
    schema: Vec<String>,
    messages: Vec<String>,
    port_types: Vec<String>,
    bindings: Vec<String>,
    ports: Vec<String>,
}

impl Contract {
    fn made_of(numbers: &mut Numbers) -> Self {
        let mut contract = Self {
            schema: vec!["<xs:element name=\"Ask\" type=\"xs:string\"/>".to_owned()],
            messages: vec!["<wsdl:message name=\"Ask\"><wsdl:part name=\"body\" element=\"Ask\"/></wsdl:message>".to_owned()],
            port_types: Vec::new(),
            bindings: Vec::new(),
            ports: Vec::new(),
        };
        for name in numbers.names(10).into_iter().filter(|name| *name != "Ask") {
            let mut members: String = numbers
                .names(8)
                .iter()
                .map(|n| format!("<xs:element name=\"{n}\" type=\"xs:int\"/>"))
                .collect();
            members = format!("<xs:sequence>{members}</xs:sequence>");
            members.extend(
                numbers
                    .names(5)
                    .iter()
                    .map(|n| format!("<xs:attribute name=\"{n}\" type=\"xs:int\"/>")),
            );
            contract.schema.push(format!(
                "<xs:complexType name=\"{name}\">{members}</xs:complexType>"
            ));
            contract.messages.push(message(name, "type"));
        }
        let types: Vec<String> = contract.schema.clone();
        for name in numbers.names(10).into_iter().filter(|name| *name != "Ask") {
            contract.schema.push(format!("<xs:element name=\"{name}\"><xs:complexType><xs:choice><xs:element name=\"a-b\"/><xs:element name=\"aB\"/></xs:choice></xs:complexType></xs:element>"));
        }
        for (index, name) in numbers.names(10).into_iter().enumerate() {
            let declared = |t: &String| t.contains(&format!("Type name=\"{name}\""));
            if types.iter().any(declared) {
                continue;
            }
            // All of them once.
            let values: String = NAMES
                .iter()
                .take(if index == 0 { NAMES.len() } else { 3 })
                .map(|value| format!("<xs:enumeration value=\"{value}\"/>"))
                .collect();
            contract.schema.push(format!("<xs:simpleType name=\"{name}\"><xs:restriction base=\"xs:token\">{values}</xs:restriction></xs:simpleType>"));
            contract.messages.push(message(name, "type"));
        }
        contract.messages.sort();
        contract.messages.dedup();
        for name in numbers.names(3) {
            contract.port_type(name, &numbers.names(5));
        }
        contract
    }

    /// Adds a port type and its port. Style rpc makes a type for each message, of every type of the schema.
    fn port_type(&mut self, name: &str, operations: &[&str]) {
        let number = self.messages.len();
        let operation = |(index, operation): (usize, &&str)| {
            let input = self.messages[(name.len() + index) % number]
                .split('"')
                .nth(1)
                .unwrap_or_default();
            format!(
                "<wsdl:operation name=\"{operation}\"><wsdl:input message=\"{input}\"/><wsdl:output message=\"Ask\"/></wsdl:operation>"
            )
        };
        let operations_text: String = operations.iter().enumerate().map(operation).collect();
        self.port_types.push(format!(
            "<wsdl:portType name=\"{name}\">{operations_text}</wsdl:portType>"
        ));
        let bound = |operation: &&str| {
            format!(
                "<wsdl:operation name=\"{operation}\"><wsdl:input><soap:body use=\"literal\" namespace=\"urn:case\"/></wsdl:input><wsdl:output><soap:body use=\"literal\" namespace=\"urn:case\"/></wsdl:output></wsdl:operation>"
            )
        };
        let bound: String = operations.iter().map(bound).collect();
        self.bindings.push(format!("<wsdl:binding name=\"{name}\" type=\"{name}\"><soap:binding style=\"rpc\" transport=\"http://schemas.xmlsoap.org/soap/http\"/>{bound}</wsdl:binding>"));
        self.ports.push(format!("<wsdl:port name=\"{name}\" binding=\"{name}\"><soap:address location=\"https://localhost:8080/\"/></wsdl:port>"));
    }

    fn shuffle(&mut self, numbers: &mut Numbers) {
        for declarations in [
            &mut self.schema,
            &mut self.messages,
            &mut self.port_types,
            &mut self.bindings,
            &mut self.ports,
        ] {
            numbers.shuffle(declarations);
        }
    }

    /// Adds what nothing else here is about.
    fn add_unrelated(&mut self) {
        self.schema.insert(0, "<xs:complexType name=\"Aardvark7\"><xs:sequence><xs:element name=\"burrow\"/></xs:sequence></xs:complexType>".to_owned());
        self.schema
            .push("<xs:element name=\"Zebra7\" type=\"xs:int\"/>".to_owned());
        self.messages.push(message("Aardvark7", "type"));
        self.port_type("Aardvark7PortType", &["dig7"]);
        self.port_types.rotate_right(1);
        self.ports.rotate_right(1);
    }

    fn text(&self) -> String {
        let [schema, messages, port_types, bindings, ports] = [
            &self.schema,
            &self.messages,
            &self.port_types,
            &self.bindings,
            &self.ports,
        ]
        .map(|all| all.concat());
        format!(
            "<wsdl:definitions targetNamespace=\"urn:case\" xmlns=\"urn:case\" xmlns:wsdl=\"http://schemas.xmlsoap.org/wsdl/\" xmlns:soap=\"http://schemas.xmlsoap.org/wsdl/soap/\" xmlns:xs=\"http://www.w3.org/2001/XMLSchema\"><wsdl:types><xs:schema targetNamespace=\"urn:case\">{schema}</xs:schema></wsdl:types>{messages}{port_types}{bindings}<wsdl:service name=\"CaseService\">{ports}</wsdl:service></wsdl:definitions>"
        )
    }
}

fn message(name: &str, kind: &str) -> String {
    format!(
        "<wsdl:message name=\"{name}\"><wsdl:part name=\"part\" {kind}=\"{name}\"/></wsdl:message>"
    )
}

/// Everything that the contract makes: what kind of item, of what in the contract, its name, and the names inside it.
fn names_of(contract: &Contract) -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("naming");
    fs::create_dir_all(&folder).expect("a writable folder");
    let path = folder.join("contract.wsdl");
    fs::write(&path, contract.text()).expect("a writable folder");
    let files = match Builder::of_file("contract", &path).generate() {
        Ok(files) => files,
        Err(error) => panic!("{error}"),
    };
    let (_, text) = files
        .iter()
        .find(|(path, _)| *path == "contract.rs")
        .expect("the module");
    let mut names = BTreeSet::new();
    scope(
        &syn::parse_file(text).expect("valid Rust").items,
        &mut names,
    );
    names
}

/// Enters the items of one module, among whose types and values no name may be there twice.
fn scope(items: &[Item], names: &mut BTreeSet<String>) {
    let (mut types, mut values) = (BTreeSet::new(), BTreeSet::new());
    let mut is_type = |ident: &Ident| {
        let name = ident.to_string();
        assert!(
            !name.trim_end_matches('_').contains('_'),
            "{name} is no name of a type"
        );
        assert!(types.insert(name), "{ident} twice");
    };
    let mut is_value = |ident: &Ident| assert!(values.insert(ident.to_string()), "{ident} twice");
    for item in items {
        let told = match item {
            Item::Struct(item) => {
                is_type(&item.ident);
                if matches!(item.fields, Fields::Unnamed(_)) {
                    is_value(&item.ident);
                }
                let fields = item
                    .fields
                    .iter()
                    .filter_map(|field: &Field| field.ident.as_ref());
                told("struct", &item.attrs, &item.ident, &distinct(fields, true))
            }
            Item::Enum(item) => {
                is_type(&item.ident);
                told(
                    "enum",
                    &item.attrs,
                    &item.ident,
                    &distinct(item.variants.iter().map(|v| &v.ident), false),
                )
            }
            Item::Trait(item) => {
                is_type(&item.ident);
                let methods = item.items.iter().filter_map(|item| match item {
                    TraitItem::Fn(method) => Some(&method.sig.ident),
                    _ => None,
                });
                told("trait", &item.attrs, &item.ident, &distinct(methods, true))
            }
            Item::Impl(item) if item.trait_.is_none() => {
                let methods = item.items.iter().filter_map(|item| match item {
                    ImplItem::Fn(method) => Some(&method.sig.ident),
                    _ => None,
                });
                distinct(methods, true);
                continue;
            }
            Item::Const(item) => {
                is_value(&item.ident);
                told("const", &item.attrs, &item.ident, &[])
            }
            Item::Static(item) => {
                is_value(&item.ident);
                continue;
            }
            Item::Mod(item) => {
                let inner = item.content.as_ref().map_or(&[][..], |(_, items)| items);
                scope(inner, names);
                continue;
            }
            _ => continue,
        };
        names.insert(told);
    }
}

/// The names inside an item, each of which is there once.
fn distinct<'i>(idents: impl Iterator<Item = &'i Ident>, small: bool) -> Vec<String> {
    let names: Vec<String> = idents.map(Ident::to_string).collect();
    let once: BTreeSet<&String> = names.iter().collect();
    assert_eq!(once.len(), names.len(), "{names:?}");
    let capital = |name: &&String| small && name.chars().any(char::is_uppercase);
    assert_eq!(names.iter().find(capital), None);
    names
}

fn told(kind: &str, attributes: &[Attribute], ident: &Ident, inner: &[String]) -> String {
    let docs = attributes.iter().filter(|a| a.path().is_ident("doc"));
    let docs: String = docs.map(|doc| doc.to_token_stream().to_string()).collect();
    format!("{kind} {ident} {inner:?} {docs}")
}

#[test]
fn names_are_distinct_and_stay() {
    for seed in 0..8 {
        let mut numbers = Numbers(seed);
        let contract = Contract::made_of(&mut numbers);
        let names = names_of(&contract);
        let mut shuffled = contract.clone();
        shuffled.shuffle(&mut numbers);
        let differing: Vec<String> = names
            .symmetric_difference(&names_of(&shuffled))
            .cloned()
            .collect();
        assert!(
            differing.is_empty(),
            "seed {seed}, shuffled: {differing:#?}"
        );
        let mut more = contract.clone();
        more.add_unrelated();
        let more = names_of(&more);
        let renamed: Vec<&String> = names.difference(&more).collect();
        assert!(
            renamed.is_empty(),
            "seed {seed}, with more: {renamed:#?} {more:#?}"
        );
    }
}
