//! Emits the modules that `wsdl/contracts.toml` names.

fn main() {
    let serde = std::env::var_os("CARGO_FEATURE_SERDE").is_some();
    codegen::Builder::new("../wsdl/contracts.toml")
        .strict(true)
        .serde(serde)
        .build();
}
