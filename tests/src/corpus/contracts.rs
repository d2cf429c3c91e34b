//! Which files of a folder are contracts.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Component, Path, PathBuf};

use roxmltree::{Document, ParsingOptions};

const WSDL: &str = "http://schemas.xmlsoap.org/wsdl/";

/// A contract of a corpus.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Contract {
    /// Its path in the corpus, with `/`.
    pub name: String,
    /// The WSDL.
    pub file: PathBuf,
}

impl Contract {
    /// The contract in `file`, which is in `folder`.
    #[must_use]
    pub fn new(folder: &Path, file: PathBuf) -> Self {
        let inside = file.strip_prefix(folder).unwrap_or(&file);
        let name = inside.to_string_lossy().replace('\\', "/");
        Self { name, file }
    }
}

/// The contracts under `folder`, in the order of their names: the WSDLs that its `index.tsv` lists in the first column, and those
/// that no other WSDL imports.
#[must_use]
pub fn contracts(folder: &Path) -> Vec<Contract> {
    let index = fs::read_to_string(folder.join("index.tsv")).unwrap_or_default();
    let listed: BTreeSet<PathBuf> = index
        .lines()
        .filter_map(|line| line.split('\t').next())
        .map(|path| folder.join(path))
        .collect();
    let wsdls = wsdls(folder);
    let imported: BTreeSet<PathBuf> = wsdls.iter().flat_map(|wsdl| imports(wsdl)).collect();
    let mut contracts: Vec<Contract> = wsdls
        .into_iter()
        .filter(|wsdl| listed.contains(wsdl) || !imported.contains(wsdl))
        .map(|wsdl| Contract::new(folder, wsdl))
        .collect();
    contracts.sort();
    contracts
}

/// The WSDLs under `folder`.
#[must_use]
pub fn wsdls(folder: &Path) -> Vec<PathBuf> {
    super::messages::files(folder, "wsdl")
}

/// The WSDLs that `wsdl` imports; none where it is not well-formed.
fn imports(wsdl: &Path) -> Vec<PathBuf> {
    let text = fs::read_to_string(wsdl).unwrap_or_default();
    let options = ParsingOptions {
        allow_dtd: true,
        ..ParsingOptions::default()
    };
    let Ok(document) = Document::parse_with_options(&text, options) else {
        return Vec::new();
    };
    let folder = wsdl.parent().unwrap_or(wsdl);
    document
        .descendants()
        .filter(|node| node.has_tag_name((WSDL, "import")))
        .filter_map(|import| import.attribute("location"))
        .map(|location| lexically(&folder.join(location)))
        .filter(|imported| imported != wsdl)
        .collect()
}

/// `path` without `.` and `..`.
fn lexically(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                plain.pop();
            }
            component => plain.push(component),
        }
    }
    plain
}
