//! The schemas of the contracts, by the namespaces of what they declare, for a judge that cannot read WSDL.

use std::path::{Path, PathBuf};

use roxmltree::{Document, Node, ParsingOptions};

use crate::system::root;

const XSD: &str = "http://www.w3.org/2001/XMLSchema";

/// The schema file for messages whose root element is in `namespace`; one that stands in a WSDL is written to `folder`.
///
/// # Panics
///
/// When no contract has the namespace.
#[must_use]
pub fn schema_of(namespace: &str, folder: &Path) -> PathBuf {
    let wsdl = root().join("wsdl");
    let of_its_own = [
        "sygefravaer/SygefravaerServiceMsg.xsd",
        "sygefravaer/sp/ServiceplatformFault_1.xsd",
    ];
    let inline = [
        "bilag/SygefravaerServiceKSD.wsdl",
        "bilag/KSD-KMD/KSD_os_KSDSygefravaerService_MIService_complete.wsdl",
    ];
    let mark = format!("targetNamespace=\"{namespace}\"");
    if let Some(file) = of_its_own
        .iter()
        .map(|file| wsdl.join(file))
        .find(|file| text(file).contains(&mark))
    {
        return file;
    }
    for file in inline.iter().map(|file| wsdl.join(file)) {
        let mut written = inline_schemas(&file, folder).into_iter();
        if let Some((_, path)) = written.find(|(found, _)| found == namespace) {
            return path;
        }
    }
    panic!("no contract has the namespace {namespace}");
}

/// A schema in `to` that takes in all that the documents under `folder` declare in `namespace`; none where they declare nothing.
///
/// # Panics
///
/// When a document cannot be read, or nothing be written.
#[must_use]
pub fn schema_under(folder: &Path, namespace: &str, to: &Path) -> Option<PathBuf> {
    std::fs::create_dir_all(to).expect("a writable folder");
    let mut schemas: Vec<(String, PathBuf)> = Vec::new();
    for file in documents(folder) {
        if file
            .extension()
            .is_some_and(|extension| extension == "wsdl")
        {
            schemas.extend(inline_schemas(&file, to));
        } else {
            let schema = text(&file);
            let Some(document) = parsed(&schema) else {
                continue;
            };
            let target = document.root_element().attribute("targetNamespace");
            schemas.push((target.unwrap_or_default().to_owned(), file));
        }
    }
    let includes: String = schemas
        .iter()
        .filter(|(found, _)| found == namespace)
        .map(|(_, file)| format!("<xs:include schemaLocation=\"{}\"/>", file.display()))
        .collect();
    if includes.is_empty() {
        return None;
    }
    let target = match namespace {
        "" => String::new(),
        namespace => format!(" targetNamespace=\"{namespace}\""),
    };
    let schema = format!("<xs:schema xmlns:xs=\"{XSD}\"{target}>{includes}</xs:schema>");
    let path = to.join("all.xsd");
    std::fs::write(&path, schema).expect("a writable file");
    Some(path)
}

/// The WSDL and schema documents under `folder`, sorted.
///
/// # Panics
///
/// When the folder cannot be read.
#[must_use]
pub fn documents(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("a readable folder");
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    let mut documents = Vec::new();
    for path in paths {
        if path.is_dir() {
            documents.extend(self::documents(&path));
        } else if path.extension().is_some_and(|e| e == "xsd" || e == "wsdl") {
            documents.push(path);
        }
    }
    documents
}

/// The schemas inside the WSDL in `file`, by their namespaces, written to `folder`: with the namespaces that they inherit, whole
/// paths, and one another's places where they import one another without.
///
/// # Panics
///
/// When the WSDL cannot be read, or nothing be written.
#[must_use]
pub fn inline_schemas(file: &Path, folder: &Path) -> Vec<(String, PathBuf)> {
    let wsdl = text(file);
    let Some(document) = parsed(&wsdl) else {
        return Vec::new();
    };
    let is_schema = |node: &Node<'_, '_>| node.has_tag_name((XSD, "schema"));
    let schemas: Vec<Node<'_, '_>> = document.descendants().filter(is_schema).collect();
    let stem = file
        .file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let targets: Vec<(String, PathBuf)> = schemas
        .iter()
        .enumerate()
        .map(|(index, schema)| {
            let target = schema.attribute("targetNamespace").unwrap_or_default();
            let path = folder.join(format!("{stem}-{index}.xsd"));
            (target.to_owned(), path)
        })
        .collect();
    std::fs::create_dir_all(folder).expect("a writable folder");
    for (schema, (_, path)) in schemas.iter().zip(&targets) {
        let standalone = standalone(&wsdl, *schema, file, &targets);
        std::fs::write(path, standalone).expect("a writable file");
    }
    targets
}

/// The text of `schema`, a part of `wsdl`, as a document of its own.
fn standalone(
    wsdl: &str,
    schema: Node<'_, '_>,
    file: &Path,
    others: &[(String, PathBuf)],
) -> String {
    let text = &wsdl[schema.range()];
    let (tag, rest) = text.split_once('>').unwrap_or((text, ""));
    let inherited: String = schema
        .namespaces()
        .map(|ns| {
            let prefix = ns.name().map_or(String::new(), |name| format!(":{name}"));
            (prefix, ns.uri())
        })
        .filter(|(prefix, _)| prefix != ":xml" && !tag.contains(&format!("xmlns{prefix}=")))
        .map(|(prefix, uri)| format!(" xmlns{prefix}=\"{uri}\""))
        .collect();
    let end = tag.trim_end_matches('/').len();
    let mut text = format!("{}{inherited}{}>{rest}", &tag[..end], &tag[end..]);
    for (namespace, path) in others {
        let import = format!("import namespace=\"{namespace}\"/>");
        let placed = format!(
            "import namespace=\"{namespace}\" schemaLocation=\"{}\"/>",
            path.display()
        );
        text = text.replace(&import, &placed);
    }
    let folder = file.parent().unwrap_or(file).display();
    let relative = format!("schemaLocation=\"{folder}/");
    text.replace("schemaLocation=\"", &relative)
        .replace(&format!("{relative}/"), "schemaLocation=\"/")
        .replace(&format!("{relative}http"), "schemaLocation=\"http")
}

/// None where it is in UTF-16.
fn parsed(text: &str) -> Option<Document<'_>> {
    let options = ParsingOptions {
        allow_dtd: true,
        ..ParsingOptions::default()
    };
    Document::parse_with_options(text, options).ok()
}

/// Letters of another encoding than UTF-8 stand in documentation only.
fn text(file: &Path) -> String {
    let octets = std::fs::read(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    String::from_utf8_lossy(&octets).into_owned()
}
