//! `xsi:type`: elements that say of which type they are (XML Schema Part 1, sections 2.6.1 and 3.3.4).

use super::name::{XSI, XSI_NAMESPACE};
use super::reader::{Reader, Refused};
use super::{Name, Rule, Writer};
use crate::value::{QName, member};

impl Reader<'_> {
    /// The place among `types` of the one that `xsi:type` names; `None` if the open element does not say. Call it before the
    /// attributes are read.
    ///
    /// # Errors
    /// It names another, or is no name.
    pub fn xsi_type(&mut self, types: &[Name]) -> Result<Option<usize>, Refused> {
        let Some(named) = self.take_xsi_type()? else {
            return Ok(None);
        };
        match types.iter().position(|name| named == *name) {
            Some(index) => Ok(Some(index)),
            None => {
                let refusal = self.refuse_raw_attribute(XSI.name("type"), Rule::XSI_TYPE);
                Err(self.of_no_type(refusal))
            }
        }
    }

    /// Records that the open element is of an abstract type and does not say of which type it is instead.
    pub fn abstract_type(&mut self) -> Refused {
        let refusal = self.record_open(Rule::ABSTRACT_TYPE);
        self.of_no_type(refusal)
    }

    /// Passes over what is in the open element: of what type it is meant to be, nobody knows.
    fn of_no_type(&mut self, refusal: Refused) -> Refused {
        self.ignore_attributes();
        // What is not well-formed is recorded.
        let _ = self.skip_rest();
        refusal
    }

    pub(super) fn take_xsi_type(&mut self) -> Result<Option<QName>, Refused> {
        if self.fatal {
            return Err(Refused::RECORDED);
        }
        let Some(lexical) = self.take_raw_attribute(XSI_NAMESPACE, "type") else {
            return Ok(None);
        };
        member::<QName>(&lexical, &self.scope)
            .map(Some)
            .map_err(|rule| self.refuse_raw_attribute(XSI.name("type"), rule))
    }
}

impl Writer {
    /// Writes `xsi:type` on the open element. Call it before any content.
    pub fn xsi_type(&mut self, r#type: Name) {
        self.attribute(XSI.attribute("type"), &QName::from(r#type));
    }
}
