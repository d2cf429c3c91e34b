//! Whatever the bytes of a WSDL or a schema are: it is generated or refused, without a panic.

#![no_main]

use std::fs;
use std::path::PathBuf;
use std::sync::LazyLock;

use codegen::Builder;
use libfuzzer_sys::fuzz_target;

/// The document of this process, in a folder that holds nothing else that an import could find.
static DOCUMENT: LazyLock<PathBuf> = LazyLock::new(|| {
    let folder = std::env::temp_dir().join(format!("codegen-fuzz-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a writable folder");
    folder.join("contract.wsdl")
});

fuzz_target!(|document: &[u8]| {
    fs::write(&*DOCUMENT, document).expect("a writable folder");
    let _ = Builder::of_file("contract", &*DOCUMENT).generate();
});
