//! What a fault is made of on the wire.

use super::{FaultCode, FaultDetail};
use crate::operation::Version;
use crate::value::QName;
use crate::xml::{
    Attribute, Element, Namespace, ReadXml, Reader, Refused, WriteXml, Writer, XML_NAMESPACE,
};

/// `faultstring`, which may say its language.
pub(super) struct Reason11(pub(super) String);

impl ReadXml for Reason11 {
    fn read(reader: &mut Reader<'_>) -> Result<Self, Refused> {
        reader.ignore_attributes();
        reader.text().map(Self)
    }
}

/// `Code` of SOAP 1.2: a value, and perhaps a subcode inside.
pub(super) struct Code12(pub(super) FaultCode);

const CODE_12: [Element; 2] = [
    Version::Soap12.namespace().element("Value"),
    Version::Soap12.namespace().element("Subcode"),
];

impl ReadXml for Code12 {
    fn read(reader: &mut Reader<'_>) -> Result<Self, Refused> {
        let [value, subcode] = CODE_12;
        let name = reader.required::<QName>(value)?;
        let subcode = reader.optional::<Subcode12>(subcode)?;
        let code = FaultCode::of(name, Version::Soap12);
        Ok(Self(match (code, subcode) {
            (FaultCode::Server, Some(Subcode12(subcode))) => FaultCode::Other(subcode),
            (code, _) => code,
        }))
    }
}

impl WriteXml for Code12 {
    fn write(&self, writer: &mut Writer) {
        let [value, subcode] = CODE_12;
        if let FaultCode::Other(name) = &self.0 {
            writer.required(value, &FaultCode::Server.qualified(Version::Soap12));
            writer.required(subcode, &Subcode12(name.clone()));
        } else {
            writer.required(value, &self.0.qualified(Version::Soap12));
        }
    }
}

/// `Subcode` of SOAP 1.2; what is nested in it says more than we tell apart.
struct Subcode12(QName);

impl ReadXml for Subcode12 {
    fn read(reader: &mut Reader<'_>) -> Result<Self, Refused> {
        let [value, subcode] = CODE_12;
        let name = reader.required(value)?;
        reader.skip_optional(subcode.name())?;
        Ok(Self(name))
    }
}

impl WriteXml for Subcode12 {
    fn write(&self, writer: &mut Writer) {
        writer.required(CODE_12[0], &self.0);
    }
}

/// `Reason` of SOAP 1.2: the text in one language or several, of which the first is kept.
pub(super) struct Reason12(pub(super) String);

const TEXT_12: Element = Version::Soap12.namespace().element("Text");
const LANGUAGE: Attribute = Namespace::new(XML_NAMESPACE, "xml").attribute("lang");

impl ReadXml for Reason12 {
    fn read(reader: &mut Reader<'_>) -> Result<Self, Refused> {
        let texts = reader.repeated::<Reason11>(TEXT_12, 1..)?;
        Ok(Self(
            texts
                .into_iter()
                .next()
                .map(|text| text.0)
                .unwrap_or_default(),
        ))
    }
}

impl WriteXml for Reason12 {
    fn write(&self, writer: &mut Writer) {
        writer.required(TEXT_12, &EnglishText(&self.0));
    }
}

struct EnglishText<'a>(&'a String);

impl WriteXml for EnglishText<'_> {
    fn write(&self, writer: &mut Writer) {
        writer.attribute(LANGUAGE, &"en".to_owned());
        writer.text(self.0);
    }
}

/// The content of a detail: the first declared element, and all others as text.
pub(super) struct Details<D> {
    pub(super) declared: Option<D>,
    pub(super) others: Vec<String>,
}

impl<D> Default for Details<D> {
    fn default() -> Self {
        Self {
            declared: None,
            others: Vec::new(),
        }
    }
}

impl<D: FaultDetail> ReadXml for Details<D> {
    fn read(reader: &mut Reader<'_>) -> Result<Self, Refused> {
        let mut details = Self::default();
        reader.ignore_attributes();
        while reader.next_name().is_some() {
            if details.declared.is_none() {
                details.declared = D::read(reader)?;
                if details.declared.is_some() {
                    continue;
                }
            }
            details.others.push(reader.keep_text()?);
        }
        Ok(details)
    }
}
