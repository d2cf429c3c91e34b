//! The internal entities of a document type declaration (XML 1.0, 4.2.1): schemas of the W3C use them for their namespaces.
//!
//! Nothing external is read, and what entities expand to is bounded: a schema on disk is not trusted more than that.

use std::collections::BTreeMap;

/// The most characters that one entity may expand to.
const LENGTH: usize = 64 * 1024;
/// How deep entities may refer to each other.
const DEPTH: usize = 8;

/// Internal general entities and their replacement texts, references in them expanded.
#[derive(Clone, Debug, Default)]
pub(crate) struct Entities {
    texts: BTreeMap<String, String>,
}

impl Entities {
    /// Reads the declarations in `declaration`, what stands between `<!DOCTYPE` and `>`.
    ///
    /// # Errors
    ///
    /// In words, what is not a declaration, or expands too far.
    pub(crate) fn parse(declaration: &str) -> Result<Self, String> {
        let mut written = BTreeMap::new();
        let mut rest = declaration.split_once('[').map_or("", |(_, subset)| subset);
        while let Some(start) = rest.find("<!") {
            rest = &rest[start..];
            if let Some(comment) = rest.strip_prefix("<!--") {
                rest = comment
                    .split_once("-->")
                    .ok_or("a comment that is not closed")?
                    .1;
                continue;
            }
            let end = end_of(rest).ok_or("a declaration that is not closed")?;
            let entity = rest[..end].strip_prefix("<!ENTITY").and_then(internal);
            if let Some((name, text)) = entity {
                // The first declaration of an entity holds (XML 1.0, 4.2).
                written
                    .entry(name.to_owned())
                    .or_insert_with(|| text.to_owned());
            }
            rest = &rest[end..];
        }
        let mut texts = BTreeMap::new();
        for (name, text) in &written {
            texts.insert(name.clone(), expanded(text, &written, DEPTH)?);
        }
        Ok(Self { texts })
    }

    /// The replacement text of the entity `name`; that of a predefined one too.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        let declared = self.texts.get(name).map(String::as_str);
        declared.or_else(|| quick_xml::escape::resolve_predefined_entity(name))
    }

    /// `xml` with every reference to a declared entity replaced.
    pub(crate) fn expand(&self, xml: String) -> String {
        let mut expanded = xml;
        for (name, text) in &self.texts {
            expanded = expanded.replace(&format!("&{name};"), text);
        }
        expanded
    }
}

/// Where the declaration that `text` begins with ends: past the `>` outside of quotes.
fn end_of(text: &str) -> Option<usize> {
    let mut quote = None;
    for (index, c) in text.char_indices() {
        match (quote, c) {
            (None, '>') => return Some(index + 1),
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), c) if open == c => quote = None,
            _ => {}
        }
    }
    None
}

/// Name and literal of an internal general entity; none for parameter and external entities.
fn internal(entity: &str) -> Option<(&str, &str)> {
    let (name, rest) = entity.trim_start().split_once(char::is_whitespace)?;
    let rest = rest.trim_start();
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let text = rest[1..].split(quote).next()?;
    (name != "%").then_some((name, text))
}

fn expanded(
    text: &str,
    written: &BTreeMap<String, String>,
    depth: usize,
) -> Result<String, String> {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, reference)) = rest.split_once('&') {
        out.push_str(before);
        let (name, after) = reference
            .split_once(';')
            .ok_or("a `&` that begins no reference")?;
        match written.get(name) {
            Some(inner) if depth > 0 => out.push_str(&expanded(inner, written, depth - 1)?),
            Some(_) => return Err(format!("entities refer to each other deeper than {DEPTH}")),
            None => {
                out.push('&');
                out.push_str(name);
                out.push(';');
            }
        }
        if out.len() > LENGTH {
            return Err(format!(
                "an entity expands to more than {LENGTH} characters"
            ));
        }
        rest = after;
    }
    out.push_str(rest);
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(declaration: &str, name: &str, expected: Option<&str>) {
        let entities = Entities::parse(declaration).expect("well formed");
        assert_eq!(entities.text(name), expected);
    }

    #[test]
    fn internal_entities_are_read() {
        check(r#" s [<!ENTITY a 'b'>]"#, "a", Some("b"));
        check(
            r#" s [<!-- <!ENTITY a 'b'> --><!ENTITY c "&a;>">]"#,
            "c",
            Some("&a;>"),
        );
        check(r#" s [<!ENTITY % p ''><!ENTITY x SYSTEM "f">]"#, "p", None);
        check(
            r#" s [<!ENTITY a "1"><!ENTITY b "&a;&a;">]"#,
            "b",
            Some("11"),
        );
        check(r#" s PUBLIC "p" "u""#, "amp", Some("&"));
    }

    #[test]
    fn a_bomb_is_refused() {
        let mut bomb = String::from(" s [<!ENTITY a0 \"0123456789\">");
        for index in 1..20 {
            let inner = format!("&a{};", index - 1).repeat(20);
            bomb.push_str(&format!("<!ENTITY a{index} \"{inner}\">"));
        }
        bomb.push(']');
        assert!(Entities::parse(&bomb).is_err());
        assert!(Entities::parse(" s [<!ENTITY a \"&a;\">]").is_err());
    }
}
