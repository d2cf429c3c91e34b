//! The walk over imports and includes.

use std::path::Path;
use std::sync::Arc;

use super::{
    Document, Element, Link, Loaded, QName, SchemaSource, Sources, WSDL, XSD, catalogue,
    no_contract,
};
use crate::diagnostic::{Diagnostic, Findings};

/// One walk over imports and includes.
pub(super) struct Walk<'s> {
    sources: &'s mut Sources,
    pub(super) loaded: Loaded,
}

impl<'s> Walk<'s> {
    pub(super) fn new(sources: &'s mut Sources) -> Self {
        Self {
            sources,
            loaded: Loaded::default(),
        }
    }

    /// Follows a WSDL, those that it imports, and all their schemas.
    pub(super) fn definitions(&mut self, first: Element, findings: &mut Findings) {
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
                let document = match findings.keep(followed) {
                    Some(Some(document)) => document,
                    Some(None) => {
                        let text = "an import without a location";
                        let help = "it is passed over (WS-I Basic Profile 1.1, R2007)";
                        let warning = Diagnostic::at(import.place(), text);
                        self.loaded.warnings.push(warning.help(help));
                        continue;
                    }
                    None => continue,
                };
                let target = document.root();
                self.loaded
                    .warnings
                    .extend(other_namespace(&import, &target));
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
                    findings.keep::<()>(Err(no_contract(&target)));
                }
            }
        }
    }

    /// Follows a schema, and those that it imports and includes.
    pub(super) fn schemas(&mut self, first: SchemaSource, findings: &mut Findings) {
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
                let mut help = error
                    .hint()
                    .map_or_else(String::new, |hint| format!("{hint}; "));
                help.push_str(if catalogue::knows(namespace) {
                    "the catalogue's schema of that namespace is used"
                } else {
                    "the import is passed over"
                });
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
            let told = Diagnostic::at(referral.place(), message);
            if include {
                return Err(told.help(
                    "an included schema has the namespace of the including one or none (XSD 1.0 Part 1, 4.2.1)",
                ));
            }
            // What is declared is found by its own namespace, whatever the import says.
            let help = "that of the document holds (XSD 1.0 Part 1, 4.2.3)";
            self.loaded.warnings.push(told.help(help));
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
        let target = self.open(referral, attribute.value.trim())?;
        self.met(&target);
        self.loaded.links.push(Link {
            from: Arc::clone(referral.document()),
            range: attribute.range.clone(),
            target: Arc::clone(&target),
        });
        Ok(Some(target))
    }

    /// Opens the document at `location`, as `referral` says.
    fn open(&mut self, referral: &Element, location: &str) -> Result<Arc<Document>, Diagnostic> {
        let path = location.strip_prefix("file://").unwrap_or(location);
        if path.contains("://") {
            return self.beside(referral, location).ok_or_else(|| {
                let message = format!("`{location}` is not on disk");
                let help = "put the document beside the contract, under the name that it has there";
                Diagnostic::at(referral.place(), message).help(help)
            });
        }
        let folder = referral.document().path.parent().unwrap_or(Path::new(""));
        // A location is a URI reference, whose characters may be escaped; some are paths of Windows.
        let spellings = [path.to_owned(), unescaped(path), path.replace('\\', "/")];
        let on_disk = spellings
            .iter()
            .find(|spelling| folder.join(spelling).is_file());
        let target = self
            .sources
            .open(&folder.join(on_disk.map_or(path, String::as_str)));
        target.map_err(|error| {
            if error.place().is_some() {
                return error;
            }
            let told = Diagnostic::at(referral.place(), error.message());
            match (error.hint(), path.split_once('?')) {
                (Some(help), _) => told.help(help),
                (None, Some(_)) => told.help(
                    "the location is that of a server: save its answer beside the contract, and name that file here",
                ),
                (None, None) => told,
            }
        })
    }

    /// The copy beside `referral` of the document at `address`, which is elsewhere: the file of the same name, if there is one
    /// and, for an import, it is of the namespace.
    fn beside(&mut self, referral: &Element, address: &str) -> Option<Arc<Document>> {
        let name = address.split(['?', '#']).next()?.rsplit('/').next()?;
        let path = referral.document().path.with_file_name(name);
        if name.is_empty() || path == referral.document().path {
            return None;
        }
        let document = self.sources.open(&path).ok()?;
        let root = document.root();
        if referral.is(XSD, "import")
            && root.attribute("targetNamespace") != referral.attribute("namespace")
        {
            return None;
        }
        let help = format!("`{}`, which has its name, is taken for it", document.name);
        let warning = Diagnostic::at(referral.place(), format!("`{address}` is not on disk"));
        self.loaded.warnings.push(warning.help(help));
        Some(document)
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

/// A warning if `import` names another namespace than its `target` has (WS-I Basic Profile 1.1, R2005).
fn other_namespace(import: &Element, target: &Element) -> Option<Diagnostic> {
    let (named, own) = (
        import.attribute("namespace")?,
        target.attribute("targetNamespace")?,
    );
    let text = format!("the document has the target namespace `{own}`, the import says `{named}`");
    let warning = Diagnostic::at(import.place(), text).help("that of the document holds");
    (named != own).then_some(warning)
}

/// `location` with its `%20` and the like as the characters that they stand for (RFC 3986, 2.1).
fn unescaped(location: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = location.as_bytes();
    while let [first, after @ ..] = rest {
        let escaped = match rest {
            [b'%', high, low, ..] => std::str::from_utf8(&[*high, *low])
                .ok()
                .and_then(|digits| u8::from_str_radix(digits, 16).ok()),
            _ => None,
        };
        bytes.push(escaped.unwrap_or(*first));
        rest = if escaped.is_some() { &rest[3..] } else { after };
    }
    String::from_utf8(bytes).unwrap_or_else(|_| location.to_owned())
}
