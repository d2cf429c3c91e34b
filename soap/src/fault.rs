//! Faults: what a peer is told when a call fails (SOAP 1.1, section 4.4; SOAP 1.2 Part 1, section 5.4).

mod parts;

use std::fmt;

use self::parts::{Code12, Details, Reason12, Text};
use crate::discreet;
use crate::envelope::{self, fault_name};
use crate::headers::Headers;
use crate::operation::Version;
use crate::value::QName;
use crate::xml::{Element, Name, Namespace, Reader, Refused, Unwritable, Writer, is_xml_char};

/// What the detail of a fault can be: one of the elements that the operation declares.
///
/// What a fault tells about a header of the request is a header block of the fault's message (SOAP 1.1, section 4.4), which
/// `soap:headerfault` declares (WSDL 1.1, section 3.7): it is the detail of the fault like any other, but for where it stands.
pub trait FaultDetail: Sized {
    /// The names of the details that are header blocks.
    const HEADERS: &'static [Name] = &[];

    /// Reads the next child of the detail; `None` if it is no declared one.
    ///
    /// # Errors
    /// It is declared, and its content is refused.
    fn read(reader: &mut Reader<'_>) -> Result<Option<Self>, Refused>;

    /// Reads the next header block, which has one of the names of `HEADERS`.
    ///
    /// # Errors
    /// Its content is refused.
    fn read_header(_: &mut Reader<'_>) -> Result<Option<Self>, Refused> {
        Ok(None)
    }

    /// Writes the detail's element.
    fn write(&self, writer: &mut Writer);

    /// The action of the message that tells of it, where the operation declares several (Web Services Addressing 1.0 - Metadata,
    /// 4.4.4).
    fn action(&self) -> Option<&'static str> {
        None
    }

    /// Whether the detail is a header block.
    fn is_header(&self) -> bool {
        false
    }
}

/// The detail of an operation that declares no fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Undeclared {}

impl FaultDetail for Undeclared {
    fn read(_: &mut Reader<'_>) -> Result<Option<Self>, Refused> {
        Ok(None)
    }

    fn write(&self, _: &mut Writer) {
        match *self {}
    }
}

/// Who or what a fault blames.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FaultCode {
    /// The message: sending it again as it is does not help. `Sender` in SOAP 1.2.
    Client,
    /// The one who answers: sending the message again may help. `Receiver` in SOAP 1.2.
    Server,
    /// The envelope is of a version that the receiver does not know.
    VersionMismatch,
    /// A header block had to be understood and is not.
    MustUnderstand,
    /// Codes of a standard that say what is wrong with the message, from the general to the special. In SOAP 1.1 the last one stands
    /// alone; in SOAP 1.2 each is a subcode of the one before, and the first of `Sender` (SOAP 1.2 Part 1, section 5.4.1). What is
    /// read is [`Other`](Self::Other) in SOAP 1.1 and [`Client`](Self::Client) in SOAP 1.2.
    ClientCodes(&'static [Name]),
    /// A code of the peer's own. In SOAP 1.2 it is the subcode of a `Receiver` fault.
    Other(QName),
}

/// A fault, with a detail that the contract declares or none.
///
/// ```
/// let fault = soap::Fault::<soap::Undeclared>::client("no such municipality");
/// let message = fault.write(soap::Version::Soap11);
/// assert!(message.contains("<faultcode>soap:Client</faultcode><faultstring>no such municipality</faultstring>"));
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Fault<D>(Box<Parts<D>>);

#[derive(Clone, PartialEq, Eq)]
struct Parts<D> {
    code: FaultCode,
    reason: String,
    /// The reason in other languages than English, each with its tag.
    translations: Vec<(String, String)>,
    actor: Option<String>,
    detail: Option<D>,
    other_details: Vec<String>,
}

impl<D> Fault<D> {
    /// A fault with this code and English text. Characters that XML 1.0 cannot carry become U+FFFD.
    pub fn new(code: FaultCode, reason: impl Into<String>) -> Self {
        Self(Box::new(Parts {
            code,
            reason: writable(reason.into()),
            translations: Vec::new(),
            actor: None,
            detail: None,
            other_details: Vec::new(),
        }))
    }

    /// The message is at fault.
    pub fn client(reason: impl Into<String>) -> Self {
        Self::new(FaultCode::Client, reason)
    }

    /// The one who answers is at fault.
    pub fn server(reason: impl Into<String>) -> Self {
        Self::new(FaultCode::Server, reason)
    }

    /// With the text in another language too, by its tag such as `da` (`xml:lang`; SOAP 1.2 Part 1, section 5.4.2.1). SOAP 1.1 has
    /// room for one `faultstring`, which stays English: there the detail is the place for another language.
    #[must_use]
    pub fn with_reason_in(mut self, language: &str, reason: impl Into<String>) -> Self {
        let translation = (writable(language.to_owned()), writable(reason.into()));
        self.0.translations.push(translation);
        self
    }

    /// With this detail.
    #[must_use]
    pub fn with_detail(mut self, detail: impl Into<D>) -> Self {
        self.0.detail = Some(detail.into());
        self
    }

    /// With the URI of the one who found the fault.
    #[must_use]
    pub fn with_actor(mut self, actor: impl Into<String>) -> Self {
        self.0.actor = Some(actor.into());
        self
    }

    /// The code.
    pub fn code(&self) -> &FaultCode {
        &self.0.code
    }

    /// The text for people: the English one, or the first where none says that it is English.
    pub fn reason(&self) -> &str {
        &self.0.reason
    }

    /// The text for people in another language, by its tag in any letter case.
    pub fn reason_in(&self, language: &str) -> Option<&str> {
        let mut translations = self.0.translations.iter();
        let found = translations.find(|(tag, _)| tag.eq_ignore_ascii_case(language));
        found.map(|(_, reason)| reason.as_str())
    }

    /// The URI of the one who found the fault: `faultactor`, or `Role` in SOAP 1.2.
    pub fn actor(&self) -> Option<&str> {
        self.0.actor.as_deref()
    }

    /// The declared detail.
    pub fn detail(&self) -> Option<&D> {
        self.0.detail.as_ref()
    }

    /// The declared detail.
    pub fn into_detail(self) -> Option<D> {
        self.0.detail
    }

    /// What else stood in the detail: elements as text, each of which declares the namespaces that it needs. They are the
    /// peer's own words and may hold anything.
    pub fn other_details(&self) -> &[String] {
        &self.0.other_details
    }

    /// The same fault without its details, or with a detail of another type.
    pub fn map<E>(self, detail: impl FnOnce(D) -> Option<E>) -> Fault<E> {
        let Parts {
            code,
            reason,
            translations,
            actor,
            detail: own,
            other_details,
        } = *self.0;
        Fault(Box::new(Parts {
            code,
            reason,
            translations,
            actor,
            detail: own.and_then(detail),
            other_details,
        }))
    }

    /// Whether sending the same message again may help.
    pub fn retry(&self) -> bool {
        matches!(self.0.code, FaultCode::Server)
    }
}

impl<D: FaultDetail> Fault<D> {
    /// The message that carries this fault.
    ///
    /// # Errors
    /// The detail or the actor cannot be written.
    pub fn try_write(&self, version: Version) -> Result<String, Unwritable> {
        let header = self.detail().filter(|detail| detail.is_header());
        let header = header.map_or(HeaderDetail::None, HeaderDetail::Written);
        envelope::write(version, &header, |writer| match version {
            Version::Soap11 => self.write_11(writer),
            Version::Soap12 => self.write_12(writer),
        })
    }

    /// The message that carries this fault; a detail that cannot be written is left out.
    pub fn write(&self, version: Version) -> String {
        let code = || self.0.code.clone();
        self.try_write(version).unwrap_or_else(|_| {
            let bare = Fault::<Undeclared>::new(code(), self.reason());
            bare.try_write(version).unwrap_or_default()
        })
    }

    fn write_11(&self, writer: &mut Writer) {
        let Parts {
            code,
            reason,
            actor,
            ..
        } = &*self.0;
        let fault = writer.start(fault_name(Version::Soap11));
        writer.required(
            Element::unqualified("faultcode"),
            &code.qualified(Version::Soap11),
        );
        writer.required(Element::unqualified("faultstring"), reason);
        writer.optional(Element::unqualified("faultactor"), actor.as_ref());
        self.write_detail(writer, Namespace::NONE.name("detail"));
        writer.end(fault);
    }

    fn write_12(&self, writer: &mut Writer) {
        const VERSION: Version = Version::Soap12;
        let Parts {
            code,
            reason,
            translations,
            actor,
            ..
        } = &*self.0;
        let namespace = VERSION.namespace();
        let fault = writer.start(fault_name(VERSION));
        writer.required(namespace.element("Code"), &Code12(code.clone()));
        writer.required(
            namespace.element("Reason"),
            &Reason12::of(reason, translations),
        );
        writer.optional(namespace.element("Role"), actor.as_ref());
        self.write_detail(writer, namespace.name("Detail"));
        writer.end(fault);
    }

    fn write_detail(&self, writer: &mut Writer, name: Name) {
        let Parts {
            detail,
            other_details,
            ..
        } = &*self.0;
        let detail = detail.as_ref().filter(|detail| !detail.is_header());
        if detail.is_none() && other_details.is_empty() {
            return;
        }
        let start = writer.start(name);
        if let Some(detail) = detail {
            detail.write(writer);
        }
        for other in other_details {
            writer.verbatim(other);
        }
        writer.end(start);
    }

    /// Reads the fault whose start tag is next; where its body has no declared detail it is the one in the header.
    pub(crate) fn read(
        reader: &mut Reader<'_>,
        version: Version,
        header: HeaderDetail<'_, D>,
    ) -> Result<Self, Refused> {
        reader.enter();
        let fault = match version {
            Version::Soap11 => Self::read_11(reader),
            Version::Soap12 => Self::read_12(reader),
        };
        let mut fault = reader.leave().and(fault)?;
        if let HeaderDetail::Read(detail) = header {
            fault.0.detail.get_or_insert(detail);
        }
        Ok(fault)
    }

    fn read_11(reader: &mut Reader<'_>) -> Result<Self, Refused> {
        let code = reader.required::<QName>(Element::unqualified("faultcode"));
        let reason = reader.required::<Text>(Element::unqualified("faultstring"));
        let actor = reader.optional::<String>(Element::unqualified("faultactor"));
        let detail = reader.optional::<Details<D>>(Element::unqualified("detail"));
        Self::assemble(
            FaultCode::of(code?, Version::Soap11),
            Reason12(vec![reason?]),
            actor?,
            detail?,
        )
    }

    fn read_12(reader: &mut Reader<'_>) -> Result<Self, Refused> {
        let namespace = Version::Soap12.namespace();
        let code = reader.required::<Code12>(namespace.element("Code"));
        let reason = reader.required::<Reason12>(namespace.element("Reason"));
        let node = reader.optional::<String>(namespace.element("Node"));
        let role = reader.optional::<String>(namespace.element("Role"));
        let detail = reader.optional::<Details<D>>(namespace.element("Detail"));
        Self::assemble(code?.0, reason?, role?.or(node?), detail?)
    }

    fn assemble(
        code: FaultCode,
        Reason12(texts): Reason12,
        actor: Option<String>,
        details: Option<Details<D>>,
    ) -> Result<Self, Refused> {
        let Details { declared, others } = details.unwrap_or_default();
        let mut texts = texts;
        let english = texts
            .iter()
            .position(|text| text.language.eq_ignore_ascii_case("en"));
        let reason = if texts.is_empty() {
            String::new()
        } else {
            texts.remove(english.unwrap_or_default()).text
        };
        Ok(Self(Box::new(Parts {
            code,
            reason,
            translations: texts
                .into_iter()
                .map(|other| (other.language, other.text))
                .collect(),
            actor,
            detail: declared,
            other_details: others,
        })))
    }
}

/// `text` with U+FFFD for what XML 1.0 cannot carry.
fn writable(text: String) -> String {
    if text.chars().all(is_xml_char) {
        return text;
    }
    text.chars()
        .map(|c| if is_xml_char(c) { c } else { '\u{FFFD}' })
        .collect()
}

/// The detail of a fault as a header block of its message.
#[derive(Default)]
pub(crate) enum HeaderDetail<'f, D> {
    #[default]
    None,
    Read(D),
    Written(&'f D),
}

impl<D: FaultDetail> Headers for HeaderDetail<'_, D> {
    const NAMES: &'static [Name] = D::HEADERS;

    fn read(reader: &mut Reader<'_>, header: &mut Self) -> Result<bool, Refused> {
        let read = D::read_header(reader)?.map(Self::Read);
        let found = read.is_some();
        *header = read.unwrap_or_default();
        Ok(found)
    }

    fn write(&self, writer: &mut Writer) {
        if let Self::Written(detail) = self {
            detail.write(writer);
        }
    }
}

impl FaultCode {
    fn qualified(&self, version: Version) -> QName {
        let (code_11, code_12) = match self {
            Self::ClientCodes([.., last]) if version == Version::Soap11 => return (*last).into(),
            Self::Client | Self::ClientCodes(_) => ("Client", "Sender"),
            Self::Server => ("Server", "Receiver"),
            Self::VersionMismatch => ("VersionMismatch", "VersionMismatch"),
            Self::MustUnderstand => ("MustUnderstand", "MustUnderstand"),
            Self::Other(name) => return name.clone(),
        };
        let local = match version {
            Version::Soap11 => code_11,
            Version::Soap12 => code_12,
        };
        version.namespace().name(local).into()
    }

    fn of(name: QName, version: Version) -> Self {
        [
            Self::Client,
            Self::Server,
            Self::VersionMismatch,
            Self::MustUnderstand,
        ]
        .into_iter()
        .find(|code| code.qualified(version) == name)
        .unwrap_or(Self::Other(name))
    }
}

/// How much of a reason is shown, in characters.
const SHOWN: usize = 1000;

/// Shows code, reason and nothing of the details, as [`discreet`] shows what a peer wrote.
impl<D> fmt::Display for Fault<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reason = discreet(&self.0.reason, SHOWN);
        match &self.0.code {
            FaultCode::Other(name) => {
                write!(f, "fault {}: {reason}", discreet(&name.to_string(), SHOWN))
            }
            code => write!(f, "fault {code:?}: {reason}"),
        }
    }
}

/// Leaves out the undeclared details: they may hold anything.
impl<D: fmt::Debug> fmt::Debug for Fault<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Parts {
            code,
            reason,
            translations,
            actor,
            detail,
            other_details,
        } = &*self.0;
        f.debug_struct("Fault")
            .field("code", code)
            .field("reason", reason)
            .field("translations", translations)
            .field("actor", actor)
            .field("detail", detail)
            .field("other_details", &other_details.len())
            .finish()
    }
}

impl<D: fmt::Debug> std::error::Error for Fault<D> {}
