//! `sf209x store`: backups, checks and exports of a party's store.

use std::io::{self, Write};
use std::path::Path;

use super::place::{Place, clock, say, who};
use super::{Error, Exit, StoreCommand, runtime};
use crate::store::NotCopied;

pub(super) fn run(place: &Place, command: &StoreCommand) -> Result<(), Error> {
    runtime()?.block_on(async {
        match command {
            StoreCommand::Backup { file } => backup(place, file).await,
            StoreCommand::Check => check(place).await,
            StoreCommand::Audit => audit(place).await,
            StoreCommand::Export { reveal } => export(place, *reveal).await,
        }
    })
}

async fn backup(place: &Place, file: &Path) -> Result<(), Error> {
    let store = place.open().await?;
    if !store.is_file() {
        let schema = store.name();
        let text = format!(
            "a database has tools of its own: pg_dump --schema={schema} --file={}",
            file.display()
        );
        return Err(Error::new(Exit::Config, text));
    }
    let done = store.backup(file, who(), store.now()).await;
    done.map_err(|error| match error {
        NotCopied::File(error) => {
            let text = format!("{}: the copy cannot be made: {error}", file.display());
            Error::new(Exit::Io, text)
        }
        NotCopied::Store(error) => place.failed(&error),
    })
}

async fn check(place: &Place) -> Result<(), Error> {
    let store = place.open().await?;
    let findings = store.check().await.map_err(|error| place.failed(&error))?;
    if findings.is_empty() {
        let mut out = io::stdout().lock();
        writeln!(out, "nothing is wrong")?;
        return Ok(out.flush()?);
    }
    Err(Error::new(Exit::Data, findings.join("\n")))
}

async fn audit(place: &Place) -> Result<(), Error> {
    let store = place.open().await?;
    let deeds = store.deeds().await.map_err(|error| place.failed(&error))?;
    let mut out = io::stdout().lock();
    for deed in &deeds {
        if place.json {
            say(&mut out, deed)?;
        } else {
            let at = clock(deed.at);
            writeln!(
                out,
                "{at}  {:<6}  {}  {}",
                deed.what, deed.subject, deed.who
            )?;
        }
    }
    Ok(out.flush()?)
}

/// One JSON object a line, a task each, in the order in which they were taken on.
async fn export(place: &Place, reveal: bool) -> Result<(), Error> {
    let store = place.open().await?;
    let reveal = reveal.then(who);
    let mut after = 0;
    loop {
        let page = store.page(after, reveal.as_deref(), store.now()).await;
        let page = page.map_err(|error| place.failed(&error))?;
        let Some((last, _)) = page.last() else {
            return Ok(());
        };
        after = *last;
        let mut out = io::stdout().lock();
        for (_, story) in &page {
            say(&mut out, story)?;
        }
        out.flush()?;
    }
}
