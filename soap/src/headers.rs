//! Header blocks that a contract declares (WSDL 1.1, section 3.7).

use crate::xml::{Limits, Name, Reader, Refused, Violations, Writer};

/// The header blocks that one direction of an operation declares; each may be absent.
pub trait Headers: Default + Send {
    /// Their names: blocks of these names are understood.
    const NAMES: &'static [Name];

    /// Reads the block that is next if it is one of these; says whether it was.
    ///
    /// # Errors
    /// Its content is refused.
    fn read(reader: &mut Reader<'_>, headers: &mut Self) -> Result<bool, Refused>;

    /// Writes the blocks that are there.
    fn write(&self, writer: &mut Writer);
}

/// No header is declared.
impl Headers for () {
    const NAMES: &'static [Name] = &[];

    fn read(_: &mut Reader<'_>, (): &mut Self) -> Result<bool, Refused> {
        Ok(false)
    }

    fn write(&self, _: &mut Writer) {}
}

/// A header block as it came, able to stand on its own; the operation that it belongs to is known later.
#[derive(Debug)]
pub(crate) struct Block {
    pub(crate) xml: String,
}

/// Reads `blocks` as the headers `H`.
pub(crate) fn read<H: Headers>(blocks: &[Block], limits: &Limits) -> Result<H, Violations> {
    let mut headers = H::default();
    for block in blocks {
        let mut reader = Reader::new(block.xml.as_bytes(), limits)?;
        let taken = H::read(&mut reader, &mut headers);
        if taken != Ok(false) {
            reader.finish(taken)?;
        }
    }
    Ok(headers)
}
