//! `sf209x pki`: a development PKI in a folder.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;

use super::{Error, Exit};
use crate::pki::folder;

#[derive(Debug, Args)]
pub(super) struct Pki {
    /// The folder to make; it must not be there yet, or be empty.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

pub(super) fn run(arguments: &Pki) -> Result<(), Error> {
    let folder = &arguments.folder;
    folder::mint(folder)
        .map_err(|error| Error::new(Exit::Io, format!("{}: {error}", folder.display())))?;
    let file = folder.join(folder::CONFIGURATION_FILE);
    writeln!(
        io::stdout(),
        "sf209x serve --role all --config {}",
        file.display()
    )?;
    Ok(())
}
