//! Writes the seeds of all targets to `corpus/`: the samples of SF2090 as they are, their bodies and the messages of the
//! generator's cases, the texts of all of them, and edits of the messages that are signed.

use std::collections::BTreeSet;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use roxmltree::{Document, Node};

const SOAP: &str = "http://schemas.xmlsoap.org/soap/envelope/";

fn main() -> Result<(), Box<dyn Error>> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (mut envelopes, mut bodies, mut texts) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for file in files(&here.join("../../wsdl/samples"))? {
        let text = fs::read_to_string(file)?;
        let document = Document::parse(&text)?;
        let body = document.descendants().find(|node| node.has_tag_name((SOAP, "Body")));
        if let Some(element) = body.and_then(|body| body.first_element_child()) {
            bodies.insert(alone(element, &text));
        }
        envelopes.insert(text);
    }
    for file in files(&here.join("../../codegen/tests/cases"))? {
        bodies.insert(fs::read_to_string(file)?);
    }
    for body in &bodies {
        // Some messages of the cases are meant to be malformed.
        let Ok(document) = Document::parse(body) else {
            continue;
        };
        for node in document.descendants() {
            texts.extend(node.text().map(str::to_owned));
            texts.extend(node.attributes().map(|attribute| attribute.value().to_owned()));
        }
    }
    let pairs: Vec<String> = texts.iter().zip(texts.iter().skip(1)).map(|(left, right)| format!("{left}\0{right}")).collect();
    texts.extend(pairs);
    for (target, seeds) in [("envelope", &envelopes), ("body", &bodies), ("values", &texts)] {
        let folder = here.join("corpus").join(target);
        fs::create_dir_all(&folder)?;
        for (number, seed) in seeds.iter().enumerate() {
            fs::write(folder.join(format!("seed-{number}")), seed)?;
        }
        println!("{target}: {} seeds", seeds.len());
    }
    edits(&here.join("corpus/verifier"))?;
    Ok(())
}

/// Edits in the form that the target `verifier` takes: none, and one at every 400th octet of each of the two messages.
fn edits(folder: &Path) -> Result<(), Box<dyn Error>> {
    fs::create_dir_all(folder)?;
    for which in [0, 1] {
        fs::write(folder.join(format!("seed-{which}")), [which])?;
        for at in (0_u16..9_000).step_by(400) {
            let [high, low] = at.to_be_bytes();
            let operation = (at / 400) as u8;
            let edit = [which, high, low, operation, 1, low, high];
            fs::write(folder.join(format!("seed-{which}-{at}")), edit)?;
        }
    }
    println!("verifier: {} seeds", fs::read_dir(folder)?.count());
    Ok(())
}

/// The element as a document of its own, with the namespaces that it inherits.
fn alone(element: Node<'_, '_>, text: &str) -> String {
    let own = &text[element.range()];
    let end = own.find(|c: char| c.is_whitespace() || c == '>' || c == '/').unwrap_or(own.len());
    let tag = own.split('>').next().unwrap_or(own);
    let inherited = element.namespaces().filter_map(|namespace| {
        let name = match namespace.name() {
            Some("xml") => return None,
            Some(prefix) => format!("xmlns:{prefix}="),
            None => "xmlns=".to_owned(),
        };
        (!tag.contains(&name)).then(|| format!(" {name}\"{}\"", namespace.uri()))
    });
    format!("{}{}{}", &own[..end], inherited.collect::<String>(), &own[end..])
}

/// The XML files under `folder`.
fn files(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "xml") {
            found.push(path);
        }
    }
    Ok(found)
}
