//! What a fault is made of on the wire.

use super::{FaultCode, FaultDetail};
use crate::operation::Version;
use crate::value::QName;
use crate::xml::{
    Attribute, Element, Name, Namespace, ProcessContents, ReadXml, Reader, Refused, WriteXml,
    Writer, XML_NAMESPACE,
};

/// `faultstring`, or `Text` of SOAP 1.2: a text that may say its language (WS-I Basic Profile 1.1, R1016).
pub(super) struct Text {
    /// The tag of the language; empty where none is said.
    pub(super) language: String,
    pub(super) text: String,
}

const LANGUAGE: Attribute = Namespace::new(XML_NAMESPACE, "xml").attribute("lang");

impl ReadXml for Text {
    fn read(reader: &mut Reader<'_>) -> Result<Self, Refused> {
        let language = reader.optional_attribute::<String>(LANGUAGE);
        reader.ignore_attributes();
        Ok(Self {
            text: reader.text()?,
            language: language?.unwrap_or_default(),
        })
    }
}

impl WriteXml for Text {
    fn write(&self, writer: &mut Writer) {
        writer.attribute(LANGUAGE, &self.language);
        writer.text(&self.text);
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
            return;
        }
        writer.required(value, &self.0.qualified(Version::Soap12));
        if let FaultCode::ClientCodes(codes) = self.0 {
            writer.optional(subcode, Subcodes12::of(codes).as_ref());
        }
    }
}

/// Codes of which each is a subcode of the one before.
struct Subcodes12(Name, &'static [Name]);

impl Subcodes12 {
    fn of(codes: &'static [Name]) -> Option<Self> {
        let (first, rest) = codes.split_first()?;
        Some(Self(*first, rest))
    }
}

impl WriteXml for Subcodes12 {
    fn write(&self, writer: &mut Writer) {
        let [value, subcode] = CODE_12;
        writer.required(value, &QName::from(self.0));
        writer.optional(subcode, Self::of(self.1).as_ref());
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

/// `Reason` of SOAP 1.2: the text in one language or several.
pub(super) struct Reason12(pub(super) Vec<Text>);

const TEXT_12: Element = Version::Soap12.namespace().element("Text");

impl Reason12 {
    /// The English `reason`, and its translations.
    pub(super) fn of(reason: &str, translations: &[(String, String)]) -> Self {
        let english = Text {
            language: "en".to_owned(),
            text: reason.to_owned(),
        };
        let others = translations.iter().map(|(language, text)| Text {
            language: language.clone(),
            text: text.clone(),
        });
        Self(std::iter::once(english).chain(others).collect())
    }
}

impl ReadXml for Reason12 {
    fn read(reader: &mut Reader<'_>) -> Result<Self, Refused> {
        reader.repeated(TEXT_12, 1..).map(Self)
    }
}

impl WriteXml for Reason12 {
    fn write(&self, writer: &mut Writer) {
        writer.repeated(TEXT_12, 1.., &self.0);
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
            details
                .others
                .push(reader.keep_text(ProcessContents::Skip)?);
        }
        Ok(details)
    }
}
