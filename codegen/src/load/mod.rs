//! Reads a WSDL and all that it imports and includes, from disk only.

pub(crate) mod catalogue;
mod document;
mod dtd;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

pub(crate) use self::document::{Document, Element, QName};

use crate::diagnostic::{Diagnostic, Error, Findings};

/// The namespace of WSDL 1.1.
pub(crate) const WSDL: &str = "http://schemas.xmlsoap.org/wsdl/";
/// The namespace of XML Schema 1.0.
pub(crate) const XSD: &str = "http://www.w3.org/2001/XMLSchema";

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
        let mut walk = Walk {
            sources: self,
            loaded: Loaded::default(),
        };
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
            let message = format!("`{}` is neither a WSDL 1.1 nor a schema", root.name());
            return Err(Diagnostic::at(root.place(), message)
                .help("expected `wsdl:definitions` or `xs:schema` as the document element")
                .into());
        }
        let mut loaded = walk.loaded;
        add_from_catalogue(&mut loaded, &mut findings);
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
        let text = String::from_utf8(bytes).map_err(|error| {
            let at = error.utf8_error().valid_up_to();
            Diagnostic::new(format!("{name} is not UTF-8 (byte {at})"))
                .help("convert the file to UTF-8, its XML declaration too")
        })?;
        let document = Document::parse(&path, &name, &text)?;
        self.documents.insert(path, Arc::clone(&document));
        Ok(document)
    }
}

/// Adds the schemas of the catalogue that a name in the documents asks for, and the documents do not bring themselves.
fn add_from_catalogue(loaded: &mut Loaded, findings: &mut Findings) {
    let mut used = BTreeSet::new();
    for document in &loaded.documents {
        namespaces_in(&document.root(), &mut used);
    }
    let mut missing: Vec<&str> = catalogue::namespaces()
        .filter(|namespace| loaded.schemas.iter().all(|own| own.namespace != *namespace))
        .collect();
    // One schema of the catalogue may ask for another.
    while let Some(index) = missing
        .iter()
        .position(|namespace| used.contains(*namespace))
    {
        let schema = catalogue::schema(missing.swap_remove(index));
        if let Some(schema) = schema.and_then(|schema| findings.keep(schema)) {
            namespaces_in(&schema.element, &mut used);
            loaded.schemas.push(schema);
        }
    }
}

/// The namespaces of all qualified names among the attribute values in `element`.
fn namespaces_in(element: &Element, used: &mut BTreeSet<String>) {
    for element in element.descendants() {
        for attribute in element.attributes() {
            for name in attribute.value.split_ascii_whitespace() {
                let prefix = name.split_once(':').map_or("", |(prefix, _)| prefix);
                let namespace = element.namespace_of(prefix);
                if let Some(namespace) = namespace.filter(|namespace| !used.contains(*namespace)) {
                    used.insert(namespace.to_owned());
                }
            }
        }
    }
}

/// One walk over imports and includes.
struct Walk<'s> {
    sources: &'s mut Sources,
    loaded: Loaded,
}

impl Walk<'_> {
    fn definitions(&mut self, first: Element, findings: &mut Findings) {
        let mut pending = vec![first];
        while let Some(root) = pending.pop() {
            if self
                .loaded
                .definitions
                .iter()
                .any(|known| same_document(known, &root))
            {
                continue;
            }
            self.met(root.document());
            self.loaded.definitions.push(root.clone());
            let inline: Vec<Element> = root
                .children_named(WSDL, "types")
                .flat_map(|types| types.children_named(XSD, "schema").collect::<Vec<_>>())
                .collect();
            for element in inline {
                let namespace = element
                    .attribute("targetNamespace")
                    .unwrap_or("")
                    .to_owned();
                self.schemas(SchemaSource { element, namespace }, findings);
            }
            for import in root.children_named(WSDL, "import") {
                let followed = self.follow(&import, "location");
                let Some(Some(document)) = findings.keep(followed) else {
                    continue;
                };
                let target = document.root();
                if target.is(WSDL, "definitions") {
                    pending.push(target);
                } else if target.is(XSD, "schema") {
                    let namespace = target.attribute("targetNamespace").unwrap_or("").to_owned();
                    self.schemas(
                        SchemaSource {
                            element: target,
                            namespace,
                        },
                        findings,
                    );
                } else {
                    findings.keep::<()>(Err(Diagnostic::at(
                        import.place(),
                        format!("`{}` is neither a WSDL 1.1 nor a schema", document.name),
                    )));
                }
            }
        }
    }

    fn schemas(&mut self, first: SchemaSource, findings: &mut Findings) {
        let mut pending = vec![first];
        while let Some(source) = pending.pop() {
            let known = self.loaded.schemas.iter().any(|known| {
                known.namespace == source.namespace
                    && same_document(&known.element, &source.element)
                    && known.element.range() == source.element.range()
            });
            if known {
                continue;
            }
            self.met(source.element.document());
            let referrals: Vec<Element> = source.element.children().collect();
            for referral in referrals {
                let referred = self.referred(&source, &referral);
                if let Some(Some(target)) = findings.keep(referred) {
                    pending.push(target);
                }
            }
            self.loaded.schemas.push(source);
        }
    }

    /// The schema that an `xs:import`, `xs:include` or `xs:redefine` of `source` leads to.
    fn referred(
        &mut self,
        source: &SchemaSource,
        referral: &Element,
    ) -> Result<Option<SchemaSource>, Diagnostic> {
        let include = referral.is(XSD, "include") || referral.is(XSD, "redefine");
        if !include && !referral.is(XSD, "import") {
            return Ok(None);
        }
        let followed = self.follow(referral, "schemaLocation");
        let document = match followed {
            Ok(Some(document)) => document,
            Ok(None) => return Ok(None),
            Err(error) if include => return Err(error),
            Err(error) => {
                // What the document would declare is missed where it is used, if it is.
                let namespace = referral.attribute("namespace").unwrap_or("");
                let help = if catalogue::knows(namespace) {
                    "the catalogue's schema of that namespace is used"
                } else {
                    "the import is passed over"
                };
                self.loaded.warnings.push(error.help(help));
                return Ok(None);
            }
        };
        let element = document.root();
        if !element.is(XSD, "schema") {
            let message = format!("`{}` is not a schema", document.name);
            return Err(Diagnostic::at(referral.place(), message));
        }
        let own = element.attribute("targetNamespace");
        let namespace = match (include, own) {
            (true, None) => source.namespace.clone(),
            (_, own) => own.unwrap_or("").to_owned(),
        };
        let expected = if include {
            source.namespace.as_str()
        } else {
            referral.attribute("namespace").unwrap_or("")
        };
        if namespace != expected {
            let message = format!(
                "`{}` has the target namespace `{namespace}`, expected `{expected}`",
                document.name
            );
            return Err(Diagnostic::at(referral.place(), message)
                .help("an included schema has the namespace of the including one or none; an imported one that of the import"));
        }
        Ok(Some(SchemaSource { element, namespace }))
    }

    /// Opens the document that the attribute `location` of `referral` names; none where it has no such attribute.
    fn follow(
        &mut self,
        referral: &Element,
        location: &str,
    ) -> Result<Option<Arc<Document>>, Diagnostic> {
        let Some(attribute) = referral
            .attributes()
            .iter()
            .find(|a| a.name == QName::new("", location))
        else {
            return Ok(None);
        };
        let value = attribute.value.trim();
        if value.contains("://") {
            let message = format!("`{value}` is not on disk");
            return Err(Diagnostic::at(referral.place(), message)
                .help("put the document beside the contract and name it by a relative path"));
        }
        let folder = referral.document().path.parent().unwrap_or(Path::new(""));
        let target = self.sources.open(&folder.join(value)).map_err(|error| {
            if error.place().is_some() {
                return error;
            }
            Diagnostic::at(referral.place(), error.message())
        })?;
        self.met(&target);
        self.loaded.links.push(Link {
            from: Arc::clone(referral.document()),
            range: attribute.range.clone(),
            target: Arc::clone(&target),
        });
        Ok(Some(target))
    }

    fn met(&mut self, document: &Arc<Document>) {
        if !self
            .loaded
            .documents
            .iter()
            .any(|known| Arc::ptr_eq(known, document))
        {
            self.loaded.documents.push(Arc::clone(document));
        }
    }
}

fn same_document(a: &Element, b: &Element) -> bool {
    Arc::ptr_eq(a.document(), b.document())
}

/// `path` without `.` and `..`, as far as that can be told without asking the file system.
fn normal(path: &Path) -> PathBuf {
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
