//! What the generator makes of a contract, and how much of it there is.

use std::fmt::Write as _;

use codegen::{Builder, Error, Files};
use roxmltree::{Document, ParsingOptions};

use super::contracts::Contract;

const XSD: &str = "http://www.w3.org/2001/XMLSchema";

/// The emitted code of a contract.
#[derive(Debug)]
pub struct Emitted {
    /// The files, of the module `contract`.
    pub files: Files,
    /// The operations of all port types.
    pub operations: usize,
    /// The types and groups.
    pub types: usize,
    /// Lines of Rust.
    pub lines: usize,
    /// Elements, attributes and wildcards that its schemas declare or refer to.
    pub particles: usize,
}

impl Emitted {
    /// Generates the code of `contract`.
    ///
    /// # Errors
    /// The generator refuses it.
    pub fn of(contract: &Contract) -> Result<Self, Error> {
        let files = Builder::of_file("contract", &contract.file).generate()?;
        let rust = files.iter().filter(|(path, _)| path.ends_with(".rs"));
        let lines: Vec<&str> = rust.flat_map(|(_, text)| text.lines()).collect();
        let schemas = files.iter().filter(|(path, _)| !path.ends_with(".rs"));
        let count = |item: &str| {
            let items = lines
                .iter()
                .filter(|line| line.trim_start().starts_with(item));
            items.count()
        };
        Ok(Self {
            operations: count("impl soap::Operation for "),
            types: count("impl soap::ReadXml for ") + count("impl soap::Value for "),
            lines: lines.len(),
            particles: schemas.map(|(_, text)| particles(text)).sum(),
            files,
        })
    }

    /// Emitted lines for each particle of the schemas.
    #[must_use]
    #[allow(clippy::cast_precision_loss, reason = "it is for reading")]
    pub fn density(&self) -> f64 {
        self.lines as f64 / self.particles.max(1) as f64
    }

    /// Glue that lets the messages of the contract run: the text of a module that has the emitted code as `contract`.
    #[must_use]
    pub fn glue(&self) -> String {
        let emitted = self.files.iter().find(|(path, _)| *path == "contract.rs");
        let Outline { roots, services } = Outline::of(emitted.map_or("", |(_, text)| text));
        let mut glue = String::new();
        let mut handles = Vec::new();
        for (index, operations) in services.iter().enumerate() {
            let mut arms = String::new();
            let mut facts = String::new();
            for (at, operation) in operations.iter().enumerate() {
                let _ = writeln!(facts, "        <{operation} as soap::Operation>::FACTS,");
                let _ = writeln!(
                    arms,
                    "            {at} => relay::relay::<{operation}>(call, &exchange).await,"
                );
            }
            let _ = writeln!(
                glue,
                "#[derive(Default)]\n\
                 struct S{index};\n\n\
                 impl soap::Service for S{index} {{\n    \
                     type Context = std::sync::Arc<relay::Exchange>;\n    \
                     const NAME: &'static str = \"relay\";\n    \
                     const OPERATIONS: &'static [soap::OperationFacts] = &[\n{facts}    ];\n    \
                     const BINDINGS: &'static [soap::Binding] = &[];\n    \
                     const DOCUMENTS: &'static [soap::Document] = &[];\n    \
                     async fn call(&self, call: soap::Call<'_>, exchange: Self::Context) -> Result<soap::Answer, soap::Rejection> {{\n        \
                         match call.operation() {{\n{arms}            _ => Err(call.unknown()),\n        }}\n    \
                     }}\n\
                 }}\n"
            );
            handles.push(format!("relay::handle::<S{index}>"));
        }
        let _ = writeln!(
            glue,
            "pub(crate) const ROOTS: &[&[&dyn soap::AnyRoot]] = &[{}];\n\
             pub(crate) const SERVICES: &[relay::Handle] = &[{}];",
            roots.join(", "),
            handles.join(", ")
        );
        glue
    }
}

/// The elements, attributes and wildcards of the schemas in a document.
fn particles(text: &str) -> usize {
    let options = ParsingOptions {
        allow_dtd: true,
        ..ParsingOptions::default()
    };
    let document = Document::parse_with_options(text, options);
    document.map_or(0, |document| {
        let nodes = document.descendants();
        let kinds = ["element", "any", "attribute", "anyAttribute"];
        nodes
            .filter(|node| kinds.iter().any(|kind| node.has_tag_name((XSD, *kind))))
            .count()
    })
}

/// The paths of items of emitted code.
#[derive(Debug, Default)]
struct Outline {
    /// The lists of elements.
    roots: Vec<String>,
    /// The operations of each service, in its order; those of no service are taken for one.
    services: Vec<Vec<String>>,
}

impl Outline {
    /// Reads formatted code by its lines: modules begin and end at the margin of what they stand in.
    fn of(text: &str) -> Self {
        let mut outline = Self::default();
        let mut modules: Vec<(usize, &str)> = Vec::new();
        let mut operations = Vec::new();
        for line in text.lines() {
            let inner = line.trim_start();
            let margin = line.len() - inner.len();
            if inner == "}" && modules.last().is_some_and(|(at, _)| *at == margin) {
                modules.pop();
            }
            let path = |name: &str| -> String {
                let modules = modules.iter().map(|(_, module)| format!("{module}::"));
                ["contract::".to_owned()]
                    .into_iter()
                    .chain(modules)
                    .chain([name.to_owned()])
                    .collect()
            };
            if inner.starts_with("pub static ALL: ") {
                outline.roots.push(path("ALL"));
            } else if inner.contains("soap::Service for ") {
                outline.services.push(Vec::new());
            } else if let Some((operation, _)) = inner
                .strip_prefix('<')
                .and_then(|rest| rest.split_once(" as soap::Operation>::FACTS"))
            {
                let service = outline.services.last_mut().into_iter();
                service.for_each(|service| service.push(path(operation)));
            } else if let Some(operation) = inner.strip_prefix("impl soap::Operation for ") {
                operations.push(path(operation.trim_end_matches(" {")));
            }
            let module = inner
                .strip_prefix("pub mod ")
                .and_then(|rest| rest.strip_suffix(" {"));
            modules.extend(module.map(|module| (margin, module)));
        }
        operations.retain(|operation| !outline.services.iter().flatten().any(|of| of == operation));
        outline.services.push(operations);
        outline
    }
}
