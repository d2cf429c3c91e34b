//! Reads a WSDL and all that it imports and includes, from disk only.

pub(crate) mod catalogue;
mod document;
mod dtd;
mod encoding;
mod missing;
mod walk;

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

pub(crate) use self::document::{Document, Element, QName, XML};
use self::walk::Walk;
use crate::diagnostic::{Diagnostic, Error, Findings};

/// The namespace of WSDL 1.1.
pub(crate) const WSDL: &str = "http://schemas.xmlsoap.org/wsdl/";
/// The namespace of XML Schema 1.0.
pub(crate) const XSD: &str = "http://www.w3.org/2001/XMLSchema";

/// The namespace of WSDL 2.0, which is told apart to be refused by name.
const WSDL_20: &str = "http://www.w3.org/ns/wsdl";

/// The documents that were read, each once, under the folder that their names are relative to.
#[derive(Debug)]
pub(crate) struct Sources {
    root: PathBuf,
    documents: BTreeMap<PathBuf, Arc<Document>>,
}

/// A schema document, or a schema inside a WSDL, with the namespace that it is read under.
#[derive(Clone, Debug)]
pub(crate) struct SchemaSource {
    /// The `xs:schema` element.
    pub(crate) element: Element,
    /// Its target namespace; that of the including schema where it has none of its own (XSD 1.0 Part 1, 4.2.1).
    pub(crate) namespace: String,
}

/// What one WSDL, or one schema, brings in.
#[derive(Debug, Default)]
pub(crate) struct Loaded {
    /// The `wsdl:definitions`, the one that was asked for first.
    pub(crate) definitions: Vec<Element>,
    /// The schemas in the order in which they were met.
    pub(crate) schemas: Vec<SchemaSource>,
    /// Every document, in the order in which it was met.
    pub(crate) documents: Vec<Arc<Document>>,
    /// What was read more kindly than it deserves.
    pub(crate) warnings: Vec<Diagnostic>,
    /// For a document and the range of an attribute value in it: the document that the value leads to.
    pub(crate) links: Vec<Link>,
}

/// An import or include, as the place of its location attribute.
#[derive(Clone, Debug)]
pub(crate) struct Link {
    pub(crate) from: Arc<Document>,
    pub(crate) range: std::ops::Range<usize>,
    pub(crate) target: Arc<Document>,
}

impl Sources {
    /// No document yet; names will be relative to `root`.
    pub(crate) fn new(root: &Path) -> Self {
        Self {
            root: normal(root),
            documents: BTreeMap::new(),
        }
    }

    /// The files that were read, for `cargo::rerun-if-changed`.
    pub(crate) fn files(&self) -> impl Iterator<Item = &Path> {
        self.documents.keys().map(PathBuf::as_path)
    }

    /// Reads `entry`, a WSDL or a schema, and everything that it leads to.
    pub(crate) fn load(&mut self, entry: &Path) -> Result<Loaded, Error> {
        let document = self.open(&self.root.join(entry))?;
        let mut walk = Walk::new(self);
        let mut findings = Findings::default();
        let root = document.root();
        if root.is(WSDL, "definitions") {
            walk.definitions(root, &mut findings);
        } else if root.is(XSD, "schema") {
            let namespace = root.attribute("targetNamespace").unwrap_or("").to_owned();
            walk.schemas(
                SchemaSource {
                    element: root,
                    namespace,
                },
                &mut findings,
            );
        } else {
            return Err(no_contract(&root).into());
        }
        let mut loaded = walk.loaded;
        missing::add(&mut loaded, &mut findings);
        findings.finish(loaded)
    }

    fn open(&mut self, path: &Path) -> Result<Arc<Document>, Diagnostic> {
        let path = normal(path);
        if let Some(document) = self.documents.get(&path) {
            return Ok(Arc::clone(document));
        }
        let name = relative(&self.root, &path);
        let bytes = std::fs::read(&path)
            .map_err(|error| Diagnostic::new(format!("cannot read {name}: {error}")))?;
        let text = encoding::decode(bytes).map_err(|why| {
            Diagnostic::new(format!("{name} {why}"))
                .help("convert the file to UTF-8, its XML declaration too")
        })?;
        let document = Document::parse(&path, &name, &text)?;
        self.documents.insert(path, Arc::clone(&document));
        Ok(document)
    }
}

/// Why the document with the document element `root` is nothing to generate from.
fn no_contract(root: &Element) -> Diagnostic {
    if root.is(WSDL_20, "description") {
        let help = "only WSDL 1.1 is read; most tools that write WSDL 2.0 write that too";
        return Diagnostic::at(root.place(), "this is WSDL 2.0").help(help);
    }
    let message = format!("`{}` is neither a WSDL 1.1 nor a schema", root.name());
    Diagnostic::at(root.place(), message)
        .help("expected `wsdl:definitions` or `xs:schema` as the document element")
}

/// `path` without `.` and `..`, as far as that can be told without asking the file system.
pub(crate) fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir if normal.file_name().is_some() => {
                normal.pop();
            }
            other => normal.push(other),
        }
    }
    normal
}

/// `path` as seen from `root`, with `/` on every system.
fn relative(root: &Path, path: &Path) -> String {
    let mut ours = root.components().peekable();
    let mut theirs = path.components().peekable();
    while ours.peek().is_some() && ours.peek() == theirs.peek() {
        ours.next();
        theirs.next();
    }
    let up = ours.map(|_| "..".to_owned());
    let down = theirs.map(|component| component.as_os_str().to_string_lossy().into_owned());
    up.chain(down).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_relative(root: &str, path: &str, expected: &str) {
        assert_eq!(relative(Path::new(root), Path::new(path)), expected);
    }

    #[test]
    fn names_are_relative_to_the_root() {
        check_relative("/c/wsdl", "/c/wsdl/a/b.xsd", "a/b.xsd");
        check_relative("/c/wsdl", "/c/other/b.xsd", "../other/b.xsd");
        check_relative("wsdl", "wsdl/b.xsd", "b.xsd");
    }

    #[test]
    fn dots_are_folded() {
        assert_eq!(normal(Path::new("/a/./b/../c.xsd")), Path::new("/a/c.xsd"));
        assert_eq!(normal(Path::new("../c.xsd")), Path::new("../c.xsd"));
    }
}
