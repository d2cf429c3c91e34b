//! Reads WSDL 1.1 and XML Schema 1.0 and emits Rust: types, the trait of each port type, a server and a client for each
//! service.
//!
//! # Example
//!
//! A build script says where the contracts are; the emitted modules go to `OUT_DIR`:
//!
//! ```no_run
//! // The whole of `main` in build.rs:
//! codegen::Builder::new("../wsdl/contracts.toml").build();
//! ```
//!
//! and `lib.rs` takes them in: `include!(concat!(env!("OUT_DIR"), "/contracts.rs"));`. To look at what is emitted, or to
//! commit it, the command writes the same bytes: `codegen emit --out DIR`.
//!
//! ```
//! let folder = std::env::temp_dir().join("codegen-example");
//! std::fs::create_dir_all(&folder)?;
//! std::fs::write(folder.join("note.xsd"), r#"
//!     <xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:note" elementFormDefault="qualified">
//!       <xs:element name="Note"><xs:complexType><xs:sequence>
//!         <xs:element name="Text" type="xs:string" maxOccurs="unbounded"/>
//!       </xs:sequence></xs:complexType></xs:element>
//!     </xs:schema>"#)?;
//! let files = codegen::Builder::of_file("note", folder.join("note.xsd")).generate()?;
//! let (_, text) = files.iter().find(|(path, _)| *path == "note.rs").expect("the module");
//! assert!(text.contains("pub text: Vec<String>"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Map
//!
//! The stages, in the order in which [`Builder::generate`] runs them: `load` follows imports and includes on disk;
//! `syntax` is the contract as written (schemas through xsd-parser's syntax tree, WSDL and policies our own); `resolve`
//! makes the `model`, in which every name is looked up; `naming` with `names` gives Rust names; `render` fills small
//! templates; `files` holds the result and writes what differs. `config` reads `contracts.toml`, `pattern` translates
//! regular expressions, `diagnostic` is what all of them say when they cannot go on.
//!
//! # Invariants
//!
//! - What cannot be carried faithfully is an error with file, line and column; nothing is left out silently.
//! - The same input gives the same bytes: ordered maps, no dates, no absolute paths.
//! - Nothing is read but files on disk, and nothing over the network.
//! - Emitted code names the runtime as `soap::…`; this crate does not depend on it.

mod config;
mod diagnostic;
mod files;
mod load;
mod model;
mod names;
mod naming;
mod pattern;
mod render;
mod report;
mod resolve;
mod samples;
mod syntax;

use std::path::{Path, PathBuf};

use self::config::Config;
use self::diagnostic::Plain;
use self::load::Sources;
use self::naming::Naming;

pub use self::diagnostic::{Diagnostic, Error, Place};
pub use self::files::Files;
pub use self::report::{
    OperationReport, PortReport, PortTypeReport, Report, ServiceReport, TypeCounts,
};
pub use self::samples::{Sample, SampleValue};

/// What to generate, and the way to do it: from a build script by [`build`](Self::build), elsewhere by
/// [`generate`](Self::generate).
#[derive(Clone, Debug)]
pub struct Builder {
    input: Input,
    strict: bool,
    serde: bool,
}

#[derive(Clone, Debug)]
enum Input {
    Contracts(PathBuf),
    File { module: String, path: PathBuf },
}

impl Builder {
    /// All contracts that the file `contracts`, a `contracts.toml`, names.
    pub fn new(contracts: impl Into<PathBuf>) -> Self {
        Self {
            input: Input::Contracts(contracts.into()),
            strict: false,
            serde: false,
        }
    }

    /// The one WSDL or schema at `path`, as the module `module`.
    pub fn of_file(module: impl Into<String>, path: impl Into<PathBuf>) -> Self {
        Self {
            input: Input::File {
                module: module.into(),
                path: path.into(),
            },
            strict: false,
            serde: false,
        }
    }

    /// Makes every warning an error.
    #[must_use]
    pub const fn strict(mut self, strict: bool) -> Self {
        self.strict = strict;
        self
    }

    /// Makes the emitted types implement serde's `Serialize` and `Deserialize`: fields and variants go by their names in the
    /// contract, values are checked as they are in XML. The crate that takes the modules in needs `soap` with its feature
    /// `serde`; a contract crate hands its own feature on:
    ///
    /// ```no_run
    /// let serde = std::env::var_os("CARGO_FEATURE_SERDE").is_some();
    /// codegen::Builder::new("../wsdl/contracts.toml").serde(serde).build();
    /// ```
    #[must_use]
    pub const fn serde(mut self, serde: bool) -> Self {
        self.serde = serde;
        self
    }

    /// Reads the contracts and renders their modules.
    ///
    /// # Errors
    ///
    /// Everything that keeps the contracts from being carried, with places and hints.
    pub fn generate(&self) -> Result<Files, Error> {
        Ok(self.run()?.files)
    }

    /// Reads the contracts and tells what they hold, and what was passed over; everything is rendered on the way, so that
    /// what is not refused here can be generated.
    ///
    /// # Errors
    ///
    /// As [`generate`](Self::generate).
    pub fn inspect(&self) -> Result<(Vec<Report>, Vec<Diagnostic>), Error> {
        let done = self.run()?;
        Ok((done.reports, done.files.warnings().to_vec()))
    }

    /// Reads the contracts and makes messages from them: valid ones, and ones in which one rule is broken.
    ///
    /// The same contracts give the same messages. They are meant for judges: for another validator, or for an endpoint that
    /// should refuse what breaks its contract.
    ///
    /// # Errors
    ///
    /// As [`generate`](Self::generate), but for what only rendering tells.
    pub fn samples(&self) -> Result<Vec<Sample>, Error> {
        let (_, config) = self.config()?;
        let model = resolve::resolve(&mut Sources::new(self.folder()), &config.contracts)?;
        Ok(samples::samples(&model))
    }

    /// Generates into `OUT_DIR` and tells Cargo which files to watch; for build scripts.
    ///
    /// On failure the process ends with the diagnostics on standard error, which Cargo shows.
    pub fn build(&self) {
        let out = std::env::var_os("OUT_DIR")
            .map(PathBuf::from)
            .unwrap_or_default();
        let written = self.run().and_then(|Done { files, read, .. }| {
            for path in read {
                println!("cargo::rerun-if-changed={}", path.display());
            }
            for warning in files.warnings() {
                println!(
                    "cargo::warning={}",
                    Plain(warning).to_string().replace('\n', " ")
                );
            }
            files.write(&out)
        });
        if let Err(error) = written {
            // What was read before the failure is unknown here: the whole folder is watched.
            println!("cargo::rerun-if-changed={}", self.folder().display());
            eprintln!("{error}");
            std::process::exit(1);
        }
    }

    /// The folder that names are relative to.
    fn folder(&self) -> &Path {
        let (Input::Contracts(path) | Input::File { path, .. }) = &self.input;
        path.parent().unwrap_or(Path::new(""))
    }

    /// The configuration, and the file that it was read from.
    fn config(&self) -> Result<(Option<PathBuf>, Config), Error> {
        match &self.input {
            Input::File { module, path } => {
                let name = path.file_name().map(PathBuf::from).unwrap_or_default();
                Ok((None, Config::of_file(module, &name)))
            }
            Input::Contracts(path) => {
                let text = std::fs::read_to_string(path).map_err(|error| {
                    Diagnostic::new(format!("cannot read {}: {error}", path.display()))
                })?;
                Ok((Some(path.clone()), Config::parse(&text)?))
            }
        }
    }

    /// The stages one after the other.
    fn run(&self) -> Result<Done, Error> {
        let (read, config) = self.config()?;
        let mut read = Vec::from_iter(read);
        let mut sources = Sources::new(self.folder());
        let mut model = resolve::resolve(&mut sources, &config.contracts)?;
        let warnings = std::mem::take(&mut model.warnings);
        if self.strict {
            Error::if_any(&warnings)?;
        }
        let naming = Naming::new(&model, &config)?;
        let modules = render::render(&model, &naming, &config, self.serde)?;
        read.extend(sources.files().map(Path::to_owned));
        Ok(Done {
            files: Files::of(modules, warnings),
            read,
            reports: Report::of(&model),
        })
    }
}

/// What one run makes.
struct Done {
    files: Files,
    /// Every file that was read.
    read: Vec<PathBuf>,
    reports: Vec<Report>,
}
