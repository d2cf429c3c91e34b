//! What is wrong with a configuration, and where.

use std::borrow::Cow;
use std::fmt;
use std::path::PathBuf;

use soap::discreet;

/// What is wrong with a configuration: the file, the key in it and the rule that is broken.
///
/// `Display` shows a value that breaks a rule as far as it may be shown: a URL may hold a password, and a key may have been put where its
/// file belongs.
#[derive(Debug)]
pub struct Error {
    pub(super) file: PathBuf,
    pub(super) key: Option<String>,
    pub(super) reason: String,
}

/// How much of a reason is shown, in characters.
const SHOWN: usize = 1000;

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.file.display())?;
        if let Some(key) = &self.key {
            write!(f, "{key}: ")?;
        }
        f.write_str(&discreet(&without_user(&self.reason), SHOWN))
    }
}

/// `text` without who, by what password, the first URL in it is for.
fn without_user(text: &str) -> Cow<'_, str> {
    let (before, rest) = text.split_once("://").unwrap_or((text, ""));
    match rest.rsplit_once('@') {
        Some((_, host)) => format!("{before}://[…]@{host}").into(),
        None => text.into(),
    }
}

impl std::error::Error for Error {}

/// What TOML says, on one line, with the line of the file.
pub(super) fn located(error: &toml::de::Error, text: &str) -> String {
    let start = error.span().map_or(0, |span| span.start);
    let line = text.get(..start).unwrap_or(text).matches('\n').count() + 1;
    format!(
        "line {line}: {}",
        error.message().trim_end().replace('\n', ", ")
    )
}

/// A broken rule and the key that breaks it; the file joins at the top.
pub(super) struct Wrong {
    pub(super) key: String,
    pub(super) reason: String,
}

pub(super) fn wrong(key: impl Into<String>, reason: impl Into<String>) -> Wrong {
    Wrong {
        key: key.into(),
        reason: reason.into(),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::config::{Config, SAMPLE};

    const KEY: &str = "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg4x1";

    #[track_caller]
    fn check(old: &str, new: &str) {
        let text = SAMPLE.replacen(old, new, 1);
        assert_ne!(text, SAMPLE);
        let error = Config::parse(&text, Path::new("test.toml")).unwrap_err();
        let told = error.to_string();
        assert!(
            !told.contains("hemmelig") && !told.contains("MIGH"),
            "{told}"
        );
    }

    #[test]
    fn no_password_and_no_key_is_repeated() {
        let url = "\"http://127.0.0.1:8091/";
        for wrong in [
            "\"http://platform:hemmelig@example.org/",
            "\"https://platform:hemmelig@example.org/",
            "\"ftp://platform:hemmelig@example.org/",
            "\"platform:hemmelig@example.org ",
        ] {
            check(url, wrong);
        }
        check("listen = \"", &format!("listen = \"{KEY}"));
        check("listen = \"", "listens = \"-----BEGIN PRIVATE KEY-----\\n");
        check(
            "message_bytes = 1048576",
            &format!("message_bytes = \"{KEY}\""),
        );
        let wrong = "message_bytes = \"postgres://platform:hemmelig@example.org/\"";
        check("message_bytes = 1048576", wrong);
    }
}
