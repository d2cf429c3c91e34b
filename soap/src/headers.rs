//! Header blocks that an operation declares (WSDL 1.1, section 3.7), and whether others must be understood (SOAP 1.1,
//! section 4.2; SOAP 1.2 Part 1, section 5.2).

use crate::operation::Version;
use crate::value::QName;
use crate::xml::{Name, Namespace, Reader, Refused, Rule, Writer};

/// The header block of WS-Security, by which a message speaks for its sender.
pub(crate) const SECURITY: Name = Namespace::new(
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd",
    "wsse",
)
.name("Security");

/// The headers that an operation declares for one direction; each may be absent.
pub trait Headers: Sized + Default {
    /// The names of the header blocks.
    const NAMES: &'static [Name];

    /// Reads the next header block into its field if it is a declared one, and says whether it was.
    ///
    /// # Errors
    /// It is declared, and its content is refused.
    fn read(reader: &mut Reader<'_>, headers: &mut Self) -> Result<bool, Refused>;

    /// Writes the header blocks that are there.
    fn write(&self, writer: &mut Writer);
}

/// No headers.
impl Headers for () {
    const NAMES: &'static [Name] = &[];

    fn read(_: &mut Reader<'_>, (): &mut Self) -> Result<bool, Refused> {
        Ok(false)
    }

    fn write(&self, _: &mut Writer) {}
}

/// What is to be known of the blocks of a header beside what those say that are declared.
#[derive(Debug, Default)]
pub(crate) struct Blocks {
    /// Those that are not declared and must be understood.
    pub(crate) not_understood: Vec<QName>,
    /// Whether there is one of WS-Security, whoever it is for.
    pub(crate) secured: bool,
}

/// Reads the header whose tag is next. What is wrong with a block is recorded, and reading goes on.
pub(crate) fn read<H: Headers>(
    reader: &mut Reader<'_>,
    version: Version,
    headers: &mut H,
) -> Blocks {
    let mut seen = vec![false; H::NAMES.len()];
    let mut blocks = Blocks::default();
    reader.enter_known(version.namespace().uri());
    reader.ignore_attributes();
    // A refusal that ends the loop is fatal, and every later call of the reader says so.
    while let Some((uri, local)) = reader.next_name() {
        blocks.secured |= local == SECURITY.local() && uri == SECURITY.namespace().uri();
        // A name that is none is refused when its block is skipped.
        let name = QName::new(uri, local, "").ok();
        if let Ok(true) = block(reader, version, headers, &mut seen) {
            blocks.not_understood.extend(name);
        }
    }
    let _ = reader.leave();
    blocks
}

/// Reads or skips one header block; says whether it had to be understood by us and is not.
fn block<H: Headers>(
    reader: &mut Reader<'_>,
    version: Version,
    headers: &mut H,
    seen: &mut [bool],
) -> Result<bool, Refused> {
    let namespace = version.namespace();
    let role = match version {
        Version::Soap11 => "actor",
        Version::Soap12 => "role",
    };
    let for_us = reader
        .take_raw_attribute(namespace.uri(), role)
        .is_none_or(|role| is_own_role(version, &role));
    for other in ["encodingStyle", "relay"] {
        reader.take_raw_attribute(namespace.uri(), other);
    }
    let must = reader.take_raw_attribute(namespace.uri(), "mustUnderstand");
    let must = match must.as_deref().map(|must| must.trim_matches(WHITE)) {
        None | Some("0" | "false") => false,
        Some("1" | "true") => true,
        Some(_) => {
            reader.enter_to_skip()?;
            let name = namespace.name("mustUnderstand");
            reader.refuse_raw_attribute(name, Rule::lexical("xs:boolean"));
            reader.skip_to_end()?;
            return Ok(false);
        }
    };
    if for_us && declared(reader, headers, seen)? {
        return Ok(false);
    }
    reader.skip()?;
    Ok(must && for_us)
}

/// Reads the next header block if it is a declared one.
fn declared<H: Headers>(
    reader: &mut Reader<'_>,
    headers: &mut H,
    seen: &mut [bool],
) -> Result<bool, Refused> {
    let Some(index) = H::NAMES.iter().position(|name| reader.at(*name)) else {
        return Ok(false);
    };
    if std::mem::replace(&mut seen[index], true) {
        return reader.skip_repeat().map(|()| true);
    }
    let start = reader.next_start();
    let read = H::read(reader, headers);
    // One that was refused unread is still next.
    if read.is_err() && reader.next_start() == start {
        reader.skip()?;
    }
    read
}

const WHITE: [char; 4] = [' ', '\t', '\n', '\r'];

/// Whether a block with this `actor` (SOAP 1.1, section 4.2.2) or `role` (SOAP 1.2 Part 1, section 2.2) is for us: whoever comes next,
/// and who comes last.
pub(crate) fn is_own_role(version: Version, role: &str) -> bool {
    let own = match version {
        Version::Soap11 => OWN_ROLES_11.as_slice(),
        Version::Soap12 => OWN_ROLES_12.as_slice(),
    };
    own.contains(&role.trim_matches(WHITE))
}

/// No role at all is that of the ultimate receiver.
const OWN_ROLES_11: [&str; 2] = ["", "http://schemas.xmlsoap.org/soap/actor/next"];

const OWN_ROLES_12: [&str; 3] = [
    "",
    "http://www.w3.org/2003/05/soap-envelope/role/next",
    "http://www.w3.org/2003/05/soap-envelope/role/ultimateReceiver",
];
