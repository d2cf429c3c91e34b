//! The documents of a contract, as a service publishes them.

/// A WSDL or schema document, embedded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Document {
    /// Its path inside the contract, with `/`.
    pub path: &'static str,
    /// Its text as the contract has it.
    pub text: &'static str,
    /// Where it leads to other documents, in the order of the text.
    pub links: &'static [Link],
    /// Where it names the service's address, in octets of the text from and to, in its order.
    pub addresses: &'static [(usize, usize)],
}

/// A place in a document that names another document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    start: usize,
    end: usize,
    target: &'static str,
}

impl Link {
    /// The octets from `start` to before `end` of the text name the document whose path is `target`.
    pub const fn new(start: usize, end: usize, target: &'static str) -> Self {
        Self { start, end, target }
    }

    /// The path of the document that is named.
    pub const fn target(&self) -> &'static str {
        self.target
    }
}

impl Document {
    /// The text with each link as `{endpoint}?doc={target}` and each address as `{endpoint}`.
    ///
    /// ```
    /// static DOCUMENT: soap::Document = soap::Document {
    ///     path: "a.wsdl",
    ///     text: r#"<import location="b.xsd"/><address location="http://x"/>"#,
    ///     links: &[soap::Link::new(18, 23, "xsd/b.xsd")],
    ///     addresses: &[(45, 53)],
    /// };
    /// assert_eq!(
    ///     DOCUMENT.publish("https://host/s?a&b"),
    ///     r#"<import location="https://host/s?a&amp;b?doc=xsd/b.xsd"/><address location="https://host/s?a&amp;b"/>"#,
    /// );
    /// ```
    pub fn publish(&self, endpoint: &str) -> String {
        let endpoint = escaped(endpoint);
        let links = self
            .links
            .iter()
            .map(|link| (link.start, link.end, Some(link.target)));
        let addresses = self
            .addresses
            .iter()
            .map(|(start, end)| (*start, *end, None));
        let mut places: Vec<_> = links.chain(addresses).collect();
        places.sort_unstable();
        let mut text =
            String::with_capacity(self.text.len() + places.len() * (endpoint.len() + 32));
        let mut copied = 0;
        for (start, end, target) in places {
            text.push_str(self.text.get(copied..start).unwrap_or_default());
            text.push_str(&endpoint);
            if let Some(target) = target {
                text.push_str("?doc=");
                text.push_str(&escaped(target));
            }
            copied = end;
        }
        text.push_str(self.text.get(copied..).unwrap_or_default());
        text
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('"', "&quot;")
        .replace('\'', "&apos;")
}
