//! The schemas of the contracts, by the namespaces of what they declare, for a judge that cannot read WSDL.

use std::path::{Path, PathBuf};

use roxmltree::{Document, Node};

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
    for (index, file) in inline.iter().map(|file| wsdl.join(file)).enumerate() {
        if let Some(schema) = inline_schema(&file, namespace) {
            let path = folder.join(format!("inline-{index}.xsd"));
            std::fs::create_dir_all(folder).expect("a writable folder");
            std::fs::write(&path, schema).expect("a writable file");
            return path;
        }
    }
    panic!("no contract has the namespace {namespace}");
}

/// The schema of `namespace` inside the WSDL in `file`, with the namespaces that it inherits and whole paths.
fn inline_schema(file: &Path, namespace: &str) -> Option<String> {
    let wsdl = text(file);
    let document = Document::parse(&wsdl).expect("a well-formed WSDL");
    let schema = document.descendants().find(|node: &Node<'_, '_>| {
        node.has_tag_name((XSD, "schema")) && node.attribute("targetNamespace") == Some(namespace)
    })?;
    let text = &wsdl[schema.range()];
    let (tag, _) = text.split_once('>')?;
    let inherited: String = schema
        .namespaces()
        .filter_map(|ns| Some((ns.name()?, ns.uri())))
        .filter(|(prefix, _)| *prefix != "xml" && !tag.contains(&format!("xmlns:{prefix}=")))
        .map(|(prefix, uri)| format!(" xmlns:{prefix}=\"{uri}\""))
        .collect();
    let folder = file.parent()?.display();
    let end = tag.trim_end_matches('/').len();
    Some(
        format!("{}{inherited}{}", &text[..end], &text[end..])
            .replace("schemaLocation=\"", &format!("schemaLocation=\"{folder}/")),
    )
}

fn text(file: &Path) -> String {
    std::fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}
