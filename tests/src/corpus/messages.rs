//! The messages of a corpus.

use std::fs;
use std::path::{Path, PathBuf};

use roxmltree::Document;
use serde_json::{Value, json};

use super::contracts::Contract;

const ENVELOPES: [&str; 2] = [
    "http://schemas.xmlsoap.org/soap/envelope/",
    "http://www.w3.org/2003/05/soap-envelope",
];

/// One or two messages that are run together.
#[derive(Debug)]
pub enum Job {
    /// An element that stands alone.
    Element(Message),
    /// A request, and the response to it where there is one.
    Exchange {
        /// The request, in its envelope.
        request: Message,
        /// The response, in its envelope.
        response: Option<Message>,
    },
}

/// A message.
#[derive(Clone, Debug)]
pub struct Message {
    /// Its path in the corpus, with `/`.
    pub name: String,
    /// Its text.
    pub text: String,
}

/// The messages of `contract`, which are the XML files beside its WSDL and in the folders there that have no WSDL.
///
/// `response.xml` is the response to whatever stands beside it. Where there is none, an envelope is the request and the
/// response, unless it is `request.xml`. Any other element stands alone.
#[must_use]
pub fn messages(corpus: &Path, contract: &Contract) -> Vec<Job> {
    let folder = contract.file.parent().unwrap_or(&contract.file);
    let inner = super::contracts::wsdls(folder);
    let is_another = |file: &Path| {
        let others = inner.iter().filter_map(|wsdl| wsdl.parent());
        let mut others = others.filter(|other| *other != folder);
        others.any(|other| file.starts_with(other))
    };
    let mut jobs = Vec::new();
    let files = files(folder, "xml");
    let answers = |file: &Path| {
        let mut others = files.iter().filter(|other| *other != file);
        file.ends_with("response.xml") && others.any(|other| other.parent() == file.parent())
    };
    let own = files
        .iter()
        .filter(|file| !is_another(file) && !answers(file));
    for file in own {
        let read = |file: &Path| {
            let text = fs::read_to_string(file).ok()?;
            let name = Contract::new(corpus, file.to_owned()).name;
            Some(Message { name, text })
        };
        let Some(message) = read(file) else {
            continue;
        };
        let beside = file.with_file_name("response.xml");
        jobs.push(if message.is_element() {
            Job::Element(message)
        } else if *file != beside && (beside.exists() || file.ends_with("request.xml")) {
            let (request, response) = (message, read(&beside));
            Job::Exchange { request, response }
        } else {
            let (request, response) = (message.clone(), Some(message));
            Job::Exchange { request, response }
        });
    }
    jobs
}

impl Message {
    /// Whether it is well-formed and not an envelope.
    #[must_use]
    pub fn is_element(&self) -> bool {
        Document::parse(&self.text).is_ok_and(|document| {
            let root = document.root_element();
            let mut envelopes = ENVELOPES.iter();
            !envelopes.any(|envelope| root.has_tag_name((*envelope, "Envelope")))
        })
    }

    /// The folder that it is in.
    #[must_use]
    pub fn folder(&self) -> &str {
        self.name.rsplit_once('/').map_or("", |(folder, _)| folder)
    }
}

impl Job {
    /// The job as [`relay::run`](super::relay::run) takes it, for the module `contract`.
    #[must_use]
    pub fn line(&self, contract: &str) -> Value {
        match self {
            Self::Element(message) => {
                let document = Document::parse(&message.text);
                let name = document
                    .as_ref()
                    .map(|document| document.root_element().tag_name());
                json!({
                    "contract": contract,
                    "element": message.text,
                    "namespace": name.as_ref().ok().and_then(roxmltree::ExpandedName::namespace),
                    "local": name.as_ref().ok().map(roxmltree::ExpandedName::name),
                })
            }
            Self::Exchange { request, response } => json!({
                "contract": contract,
                "request": request.text,
                "response": response.as_ref().map(|response| &response.text),
            }),
        }
    }

    /// The messages, each with the key that it has in what [`relay::run`](super::relay::run) tells.
    pub fn parts(&self) -> impl Iterator<Item = (&'static str, &Message)> {
        let (key, first, second) = match self {
            Self::Element(element) => ("element", element, None),
            Self::Exchange { request, response } => ("request", request, response.as_ref()),
        };
        let second = second.map(|response| ("response", response));
        [(key, first)].into_iter().chain(second)
    }
}

/// The files under `folder` with this extension, sorted.
#[must_use]
pub fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|found| found == extension) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}
