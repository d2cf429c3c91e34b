//! Emits the modules that `wsdl/contracts.toml` names.

fn main() {
    codegen::Builder::new("../wsdl/contracts.toml")
        .strict(true)
        .build();
}
