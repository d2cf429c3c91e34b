//! `xsi:type`: which of several types an element has (XML Schema Part 1, section 2.6.1).

use super::name::XSI_NAMESPACE;
use super::{Name, Namespace, Reader, Refused, Rule, Writer};
use crate::value::{QName, Value};

const XSI: Namespace = Namespace::new(XSI_NAMESPACE, "xsi");

impl Reader<'_> {
    /// Which of `types` the open element names by `xsi:type`; none where it names none. Call it before any content.
    ///
    /// # Errors
    /// It names another type.
    pub fn xsi_type(&mut self, types: &[Name]) -> Result<Option<usize>, Refused> {
        if self.fatal {
            return Err(Refused::RECORDED);
        }
        let Some(written) = self.take_raw_attribute(XSI_NAMESPACE, "type") else {
            return Ok(None);
        };
        let named = QName::parse(written.trim_matches([' ', '\t', '\n', '\r']), &self.scope).ok();
        match named.and_then(|named| types.iter().position(|known| named == *known)) {
            Some(index) => Ok(Some(index)),
            None => Err(self.refuse_raw_attribute(XSI.name("type"), Rule::XSI_TYPE)),
        }
    }

    /// Records that the open element must say by `xsi:type` which type it has.
    pub fn abstract_type(&mut self) -> Refused {
        self.record_open(Rule::ABSTRACT_TYPE)
    }

    /// Takes an `xsi:type` that names the declared type itself; any other is left to be refused.
    pub(super) fn accept_type(&mut self, declared: Name) {
        let Some(written) = self.raw_attribute(XSI_NAMESPACE, "type") else {
            return;
        };
        let written = written.trim_matches([' ', '\t', '\n', '\r']).to_owned();
        if QName::parse(&written, &self.scope).is_ok_and(|named| named == declared) {
            let _ = self.take_raw_attribute(XSI_NAMESPACE, "type");
        }
    }
}

impl Writer {
    /// Says which type the open element has. Call it before any content.
    pub fn xsi_type(&mut self, name: Name) {
        self.attribute(XSI.attribute("type"), &QName::from(name));
    }
}
