//! The envelope: what stands around the body of a message (SOAP 1.1, section 4; SOAP 1.2 Part 1, section 5).

use crate::headers::{self, Blocks, Headers};
use crate::operation::Version;
use crate::xml::{Name, Reader, Refused, Unwritable, Writer};

/// An envelope that has been read up to its body.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) version: Version,
    pub(crate) blocks: Blocks,
}

/// Why a message's body was not reached.
#[derive(Debug)]
pub(crate) enum NotOpened {
    /// The reader has recorded why.
    Refused,
    /// It is an envelope, of no version that we know.
    Version,
}

impl From<Refused> for NotOpened {
    fn from(_: Refused) -> Self {
        Self::Refused
    }
}

/// Reads up to the content of the body.
pub(crate) fn open<H: Headers>(
    reader: &mut Reader<'_>,
    headers: &mut H,
) -> Result<Opened, NotOpened> {
    let version = enter_envelope(reader)?;
    let namespace = version.namespace();
    let blocks = if reader.at(namespace.name("Header")) {
        headers::read(reader, version, headers)
    } else {
        Blocks::default()
    };
    if !reader.at(namespace.name("Body")) {
        return Err(reader.expected(&[namespace.name("Body")]).into());
    }
    reader.enter_known(namespace.uri());
    reader.inherit();
    // They may be anything, and may be those of a message part that describes the body itself.
    reader.spare_attributes();
    Ok(Opened { version, blocks })
}

/// Reads what follows the content of the body: nothing.
pub(crate) fn close(reader: &mut Reader<'_>) -> Result<(), Refused> {
    reader.leave()?;
    reader.leave()
}

/// Writes an envelope with these headers around what `body` writes.
pub(crate) fn write<H: Headers>(
    version: Version,
    headers: &H,
    body: impl FnOnce(&mut Writer),
) -> Result<String, Unwritable> {
    let namespace = version.namespace();
    let mut writer = Writer::new();
    let envelope = writer.start(namespace.name("Envelope"));
    if !H::NAMES.is_empty() {
        let header = writer.start(namespace.name("Header"));
        headers.write(&mut writer);
        writer.end_unless_empty(header);
    }
    let inside = writer.start(namespace.name("Body"));
    body(&mut writer);
    writer.end(inside);
    writer.end(envelope);
    writer.finish()
}

/// Writes an envelope without headers of about `octets` around what `body` writes, with these attributes on its body.
pub(crate) fn write_around(
    version: Version,
    octets: usize,
    attributes: &str,
    body: impl FnOnce(&mut Writer),
) -> Result<String, Unwritable> {
    let namespace = version.namespace();
    let mut writer = Writer::with_capacity(octets);
    let envelope = writer.start(namespace.name("Envelope"));
    let inside = writer.start(namespace.name("Body"));
    writer.verbatim_attributes(attributes);
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
    reader.enter_known(version.namespace().uri());
    reader.inherit();
    reader.ignore_attributes();
    Ok(version)
}

/// The element of a fault.
pub(crate) const fn fault_name(version: Version) -> Name {
    version.namespace().name("Fault")
}
