//! The envelope: what stands around the body of a message (SOAP 1.1, section 4; SOAP 1.2 Part 1, section 5).

use crate::headers::{Block, Headers};
use crate::operation::Version;
use crate::value::QName;
use crate::xml::{Name, Reader, Refused, Unwritable, Writer};

/// Why a message's body was not reached.
#[derive(Debug)]
pub(crate) enum NotOpened {
    /// The reader has recorded why.
    Refused,
    /// It is an envelope, of no version that we know.
    Version,
    /// Header blocks that must be understood and are not.
    MustUnderstand(Version, Vec<QName>),
}

impl From<Refused> for NotOpened {
    fn from(_: Refused) -> Self {
        Self::Refused
    }
}

/// Reads up to the first child of the body.
///
/// Blocks whose names are `declared` are kept; whether they are understood is seen by who knows the operation.
pub(crate) fn open(reader: &mut Reader<'_>, declared: &[Name]) -> Result<Opened, NotOpened> {
    let version = enter_envelope(reader)?;
    let namespace = version.namespace();
    let mut opened = Opened {
        version,
        blocks: Vec::new(),
        kept: Vec::new(),
    };
    let not_understood = if reader.at(namespace.name("Header")) {
        read_header(reader, declared, &mut opened)?
    } else {
        Vec::new()
    };
    if !reader.at(namespace.name("Body")) {
        return Err(reader.expected(&[namespace.name("Body")]).into());
    }
    enter(reader);
    if not_understood.is_empty() {
        Ok(opened)
    } else {
        Err(NotOpened::MustUnderstand(version, not_understood))
    }
}

/// What stands before the body.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) version: Version,
    pub(crate) blocks: Vec<Block>,
    /// The names of `blocks`, with whether they must be understood.
    pub(crate) kept: Vec<(QName, bool)>,
}

/// Reads what follows the one child of the body: nothing.
pub(crate) fn close(reader: &mut Reader<'_>) -> Result<(), Refused> {
    reader.leave()?;
    reader.leave()
}

/// Writes an envelope around what `body` writes.
pub(crate) fn write<H: Headers>(
    version: Version,
    headers: &H,
    body: impl FnOnce(&mut Writer),
) -> Result<String, Unwritable> {
    let namespace = version.namespace();
    let mut writer = Writer::new();
    let envelope = writer.start(namespace.name("Envelope"));
    if !H::NAMES.is_empty() {
        let inside = writer.start(namespace.name("Header"));
        headers.write(&mut writer);
        writer.end(inside);
    }
    let inside = writer.start(namespace.name("Body"));
    body(&mut writer);
    writer.end(inside);
    writer.end(envelope);
    writer.finish()
}

fn enter_envelope(reader: &mut Reader<'_>) -> Result<Version, NotOpened> {
    let envelopes =
        [Version::Soap11, Version::Soap12].map(|version| version.namespace().name("Envelope"));
    let version = match reader.next_name() {
        Some((uri, "Envelope")) => Version::of(uri).ok_or(NotOpened::Version)?,
        _ => return Err(reader.expected(&envelopes).into()),
    };
    enter(reader);
    Ok(version)
}

/// Envelope, header and body may have any attributes.
fn enter(reader: &mut Reader<'_>) {
    reader.enter();
    reader.ignore_attributes();
}

/// Walks the header blocks and returns those that should have been understood.
fn read_header(
    reader: &mut Reader<'_>,
    declared: &[Name],
    opened: &mut Opened,
) -> Result<Vec<QName>, Refused> {
    let mut not_understood = Vec::new();
    enter(reader);
    while let Some((uri, local)) = reader.next_name() {
        // A name that is none is refused when its block is skipped.
        let name = QName::new(uri, local, "").ok();
        let kept = name
            .as_ref()
            .is_some_and(|name| declared.iter().any(|known| *name == *known));
        let before = reader.token_start();
        let prefixes = if kept {
            reader.declarations()
        } else {
            String::new()
        };
        let must = read_block(reader, opened.version)?;
        match name {
            Some(name) if kept => {
                let xml = reader.copied(before, &prefixes);
                opened.blocks.push(Block { xml });
                opened.kept.push((name, must));
            }
            Some(name) if must => not_understood.push(name),
            _ => {}
        }
    }
    reader.leave()?;
    Ok(not_understood)
}

/// Skips one header block; says whether it had to be understood by us.
fn read_block(reader: &mut Reader<'_>, version: Version) -> Result<bool, Refused> {
    let namespace = version.namespace();
    let (actor, own) = match version {
        Version::Soap11 => (
            "actor",
            ["", "http://schemas.xmlsoap.org/soap/actor/next"].as_slice(),
        ),
        Version::Soap12 => ("role", OWN_ROLES_12.as_slice()),
    };
    reader.enter_to_skip()?;
    let for_us = reader
        .take_raw_attribute(namespace.uri(), actor)
        .is_none_or(|actor| own.contains(&actor.trim_matches(WHITE)));
    let must = reader.take_raw_attribute(namespace.uri(), "mustUnderstand");
    let must = match must.as_deref().map(|must| must.trim_matches(WHITE)) {
        None | Some("0" | "false") => Ok(false),
        Some("1" | "true") => Ok(true),
        Some(_) => Err(reader.refuse_raw_attribute(
            namespace.name("mustUnderstand"),
            crate::Rule::lexical("xs:boolean"),
        )),
    };
    reader.skip_to_end()?;
    Ok(must? && for_us)
}

const WHITE: [char; 4] = [' ', '\t', '\n', '\r'];

/// Roles that we act in (SOAP 1.2 Part 1, section 2.2); no role at all is that of the ultimate receiver.
const OWN_ROLES_12: [&str; 3] = [
    "",
    "http://www.w3.org/2003/05/soap-envelope/role/next",
    "http://www.w3.org/2003/05/soap-envelope/role/ultimateReceiver",
];

/// The element of a fault.
pub(crate) const fn fault_name(version: Version) -> Name {
    version.namespace().name("Fault")
}
