//! `contracts.toml`: which WSDL becomes which module, and what a contract cannot say itself.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::diagnostic::Diagnostic;

/// Overrides of Rust names, by the path of what they name: `Type`, `Type/Field` or `Type/code`; an operation, a port type or
/// a service by its name, or `PortType/operation` and `Service/PortType` where the Rust name has both.
pub(crate) type Names = BTreeMap<String, String>;

/// What is to be generated, checked.
#[derive(Debug, Default)]
pub(crate) struct Config {
    pub(crate) contracts: Vec<ContractConfig>,
    pub(crate) shared: Vec<SharedConfig>,
    /// Types whose values never print, as `{namespace}name`.
    pub(crate) personal: Vec<String>,
    pub(crate) conversions: Vec<ConversionConfig>,
}

/// One contract: a module and the WSDL of each variant.
#[derive(Debug)]
pub(crate) struct ContractConfig {
    pub(crate) module: String,
    /// The variant's name (empty where there is one) and its file, relative to the folder of the contracts.
    pub(crate) variants: Vec<(String, PathBuf)>,
    pub(crate) names: Names,
}

/// Namespaces that several contracts use: their types are emitted once, in `module`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SharedConfig {
    pub(crate) module: String,
    pub(crate) namespaces: Vec<String>,
    #[serde(default)]
    pub(crate) names: Names,
}

/// Types that are alike in two modules and are converted both ways.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ConversionConfig {
    pub(crate) modules: [String; 2],
    /// The XML names of the types; the same in both modules.
    pub(crate) types: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawConfig {
    contract: Vec<RawContract>,
    #[serde(default)]
    shared: Vec<SharedConfig>,
    #[serde(default)]
    personal: Vec<RawPersonal>,
    #[serde(default)]
    conversion: Vec<ConversionConfig>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawContract {
    module: String,
    wsdl: RawWsdl,
    #[serde(default)]
    names: Names,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum RawWsdl {
    One(PathBuf),
    Variants(toml::Table),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawPersonal {
    types: Vec<String>,
}

impl Config {
    /// Reads `contracts.toml`, whose content is `text`.
    pub(crate) fn parse(text: &str) -> Result<Self, Diagnostic> {
        let raw: RawConfig = toml::from_str(text)
            .map_err(|error| Diagnostic::new(format!("contracts.toml: {error}")))?;
        let contracts = raw.contract.into_iter().map(ContractConfig::checked);
        let config = Self {
            contracts: contracts.collect::<Result<_, _>>()?,
            shared: raw.shared,
            personal: raw.personal.into_iter().flat_map(|p| p.types).collect(),
            conversions: raw.conversion,
        };
        config.check()?;
        Ok(config)
    }

    /// The configuration of one WSDL or schema on its own.
    pub(crate) fn of_file(module: &str, file: &Path) -> Self {
        Self {
            contracts: vec![ContractConfig {
                module: module.to_owned(),
                variants: vec![(String::new(), file.to_owned())],
                names: Names::new(),
            }],
            ..Self::default()
        }
    }

    /// All modules, the shared ones first.
    pub(crate) fn modules(&self) -> impl Iterator<Item = &str> {
        let shared = self.shared.iter().map(|shared| shared.module.as_str());
        shared.chain(
            self.contracts
                .iter()
                .map(|contract| contract.module.as_str()),
        )
    }

    fn check(&self) -> Result<(), Diagnostic> {
        let modules: Vec<&str> = self.modules().collect();
        for (index, module) in modules.iter().enumerate() {
            if syn::parse_str::<syn::Ident>(module).is_err() {
                return Err(Diagnostic::new(format!(
                    "contracts.toml: `{module}` cannot be the name of a module"
                )));
            }
            if modules[..index].contains(module) {
                return Err(Diagnostic::new(format!(
                    "contracts.toml: the module `{module}` is there twice"
                )));
            }
        }
        let overrides = self.shared.iter().map(|shared| &shared.names);
        let overrides = overrides.chain(self.contracts.iter().map(|contract| &contract.names));
        for (xml, name) in overrides.flatten() {
            // Keywords are no identifiers to it either.
            if syn::parse_str::<syn::Ident>(name).is_err() {
                let text = format!("contracts.toml: `{name}`, for `{xml}`, is no name in Rust");
                return Err(Diagnostic::new(text));
            }
        }
        let unknown = self
            .conversions
            .iter()
            .flat_map(|conversion| &conversion.modules)
            .find(|module| !modules.contains(&module.as_str()));
        match unknown {
            None => Ok(()),
            Some(module) => Err(Diagnostic::new(format!(
                "contracts.toml: a conversion names the module `{module}`, which is not there"
            ))),
        }
    }
}

impl ContractConfig {
    fn checked(raw: RawContract) -> Result<Self, Diagnostic> {
        let variants = match raw.wsdl {
            RawWsdl::One(file) => vec![(String::new(), file)],
            RawWsdl::Variants(table) => table
                .into_iter()
                .map(|(variant, file)| match file {
                    toml::Value::String(file) => Ok((variant, PathBuf::from(file))),
                    _ => Err(Diagnostic::new(format!(
                        "contracts.toml: the WSDL of variant `{variant}` of `{}` is not a path",
                        raw.module
                    ))),
                })
                .collect::<Result<_, _>>()?,
        };
        Ok(Self {
            module: raw.module,
            variants,
            names: raw.names,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_refused(text: &str, expected: &str) {
        let error = Config::parse(text)
            .expect_err("should be refused")
            .to_string();
        assert!(error.contains(expected), "{error}");
    }

    #[test]
    fn a_configuration_is_checked() {
        check_refused("contract = 1", "contracts.toml");
        check_refused(
            "[[contract]]\nmodule = \"a b\"\nwsdl = \"a.wsdl\"",
            "cannot be the name",
        );
        check_refused(
            "[[contract]]\nmodule = \"a\"\nwsdl = \"a.wsdl\"\n[[contract]]\nmodule = \"a\"\nwsdl = \"b.wsdl\"",
            "twice",
        );
        check_refused(
            "[[contract]]\nmodule = \"a\"\nwsdl = \"a.wsdl\"\n[[conversion]]\nmodules = [\"a\", \"b\"]\ntypes = []",
            "`b`, which is not there",
        );
        for name in ["a b", "type", ""] {
            let names = format!("names = {{ \"A\" = \"{name}\" }}");
            check_refused(
                &format!("[[contract]]\nmodule = \"a\"\nwsdl = \"a.wsdl\"\n{names}"),
                "is no name in Rust",
            );
        }
    }
}
