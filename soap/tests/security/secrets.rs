//! The secrets that tests make, written down for whoever searches what the tests print: `.ci/run` does.

use std::fs::OpenOptions;
use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Notes a secret of this kind, `key`, `token` or `password`, in the file that `SF209X_SECRETS` names.
pub(crate) fn used(kind: &str, octets: &[u8]) {
    let Some(file) = std::env::var_os("SF209X_SECRETS") else {
        return;
    };
    let line = format!("{kind} {}\n", STANDARD.encode(octets));
    let file = OpenOptions::new().create(true).append(true).open(file);
    let noted = file.and_then(|mut file| file.write_all(line.as_bytes()));
    noted.expect("a file that can be written");
}

/// Notes a token by the value of its issuer's signature.
pub(crate) fn used_token(token: &str) {
    let value = token.split("SignatureValue>").nth(1).unwrap_or_default();
    let value = value.split('<').next().unwrap_or_default();
    used("token", &STANDARD.decode(value).expect("base64"));
}
