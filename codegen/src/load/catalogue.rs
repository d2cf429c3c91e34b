//! Namespaces that contracts import without saying where their schemas are: short schemas of our own stand in for those of the
//! standards, so that nothing has to be fetched.

use std::path::Path;
use std::sync::Arc;

use super::SchemaSource;
use super::document::Document;
use crate::diagnostic::Diagnostic;

/// Namespace, name and text of each schema.
const SCHEMAS: [(&str, &str, &str); 10] = [
    // XML 1.0, 2.10 and 2.12; XML Base; xml:id.
    (
        super::document::XML,
        "catalogue/xml.xsd",
        include_str!("catalogue/xml.xsd"),
    ),
    // WS-I Attachments Profile 1.0, 4.4.
    (
        "http://ws-i.org/profiles/basic/1.1/xsd",
        "catalogue/swaref.xsd",
        include_str!("catalogue/swaref.xsd"),
    ),
    // Describing Media Content of Binary Data in XML (W3C Note, 4 May 2005).
    (
        "http://www.w3.org/2005/05/xmlmime",
        "catalogue/xmlmime.xsd",
        include_str!("catalogue/xmlmime.xsd"),
    ),
    // Web Services Addressing 1.0, Core.
    (
        "http://www.w3.org/2005/08/addressing",
        "catalogue/addressing.xsd",
        include_str!("catalogue/addressing.xsd"),
    ),
    // Web Services Addressing, W3C Member Submission of 10 August 2004.
    (
        "http://schemas.xmlsoap.org/ws/2004/08/addressing",
        "catalogue/addressing-2004.xsd",
        include_str!("catalogue/addressing-2004.xsd"),
    ),
    // XML-binary Optimized Packaging, 2.1.
    (
        "http://www.w3.org/2004/08/xop/include",
        "catalogue/xop.xsd",
        include_str!("catalogue/xop.xsd"),
    ),
    // Web Services Security: SOAP Message Security 1.0, the header with its content left open.
    (
        "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd",
        "catalogue/security.xsd",
        include_str!("catalogue/security.xsd"),
    ),
    (
        "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd",
        "catalogue/utility.xsd",
        include_str!("catalogue/utility.xsd"),
    ),
    // SOAP 1.1, 4: its attributes may be declared on header blocks.
    (
        "http://schemas.xmlsoap.org/soap/envelope/",
        "catalogue/envelope.xsd",
        include_str!("catalogue/envelope.xsd"),
    ),
    // SOAP 1.1, section 5: literal contracts borrow its attributes.
    (
        "http://schemas.xmlsoap.org/soap/encoding/",
        "catalogue/encoding.xsd",
        include_str!("catalogue/encoding.xsd"),
    ),
];

/// Whether there is a schema for `namespace`.
pub(crate) fn knows(namespace: &str) -> bool {
    SCHEMAS.iter().any(|(known, ..)| *known == namespace)
}

/// The schema for `namespace`, if there is one.
pub(super) fn schema(namespace: &str) -> Option<Result<SchemaSource, Diagnostic>> {
    let (namespace, name, text) = SCHEMAS.iter().find(|(known, ..)| *known == namespace)?;
    Some(
        Document::parse(Path::new(name), name, text).map(|document: Arc<Document>| SchemaSource {
            element: document.root(),
            namespace: (*namespace).to_owned(),
        }),
    )
}

/// The namespaces that there are schemas for.
pub(super) fn namespaces() -> impl Iterator<Item = &'static str> {
    SCHEMAS.iter().map(|(namespace, ..)| *namespace)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::xsd::Schema;

    #[test]
    fn every_schema_is_read() {
        for namespace in namespaces() {
            let source = schema(namespace)
                .expect("it is listed")
                .expect("it is well-formed");
            assert_eq!(source.element.attribute("targetNamespace"), Some(namespace));
            Schema::read(source).expect("it is a schema");
        }
    }
}
