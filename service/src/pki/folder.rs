//! A folder with a whole development PKI: authorities, a certificate and key for each party, revocation lists, and a configuration
//! that uses them.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::time::Duration;

use super::{Authority, Error, Holder, Issued, Shape, failed};
use crate::config::{Identity, Revocation, Tls, Trust};

/// A configuration of every role over TLS with the files of such a folder.
pub const CONFIGURATION: &str = include_str!("sf209x.toml");

/// The name under which [`mint`] writes [`CONFIGURATION`].
pub const CONFIGURATION_FILE: &str = "sf209x.toml";

/// Who gets a certificate: the name of the files, the organisation, and the generation of its certificate. Both are about.
const PARTIES: [(&str, &str, Shape); 5] = [
    ("sts", STS, Shape::Oces3),
    ("platform", PLATFORM, Shape::Oces3),
    ("ksd", KSD, Shape::Oces2),
    ("nord", NORD, Shape::Oces3),
    ("syd", SYD, Shape::Oces2),
];

/// The organisation that runs the platform, by its CVR number.
pub(crate) const PLATFORM: &str = "90000035";
/// The one that runs KSD.
pub(crate) const KSD: &str = "90000051";
/// The one that runs the security token service.
const STS: &str = "90000094";
/// The vendor of the Jobcenter solution Nord.
pub(crate) const NORD: &str = "90000060";
/// The vendor of the Jobcenter solution Syd.
pub(crate) const SYD: &str = "90000078";

/// Long enough for a quarter of work, too short for production.
const VALID: Duration = Duration::from_secs(90 * 86_400);

/// Makes `folder`, which must not be there or be empty, and all that belongs into it. Keys are readable by their owner only.
///
/// # Errors
/// The folder holds something already or cannot be written, or a certificate cannot be made.
pub fn mint(folder: &Path) -> io::Result<()> {
    private().recursive(true).create(folder)?;
    if fs::read_dir(folder)?.next().is_some() {
        return Err(io::Error::new(
            io::ErrorKind::AlreadyExists,
            "the folder is not empty, and nothing in it is overwritten",
        ));
    }
    let (oces2, oces3) = std::thread::scope(|threads| {
        let oces2 = threads.spawn(|| Generation::mint(Shape::Oces2));
        (joined(oces2.join()), Generation::mint(Shape::Oces3))
    });
    let (oces2, oces3) = (oces2.map_err(made)?, oces3.map_err(made)?);
    for (file, issued) in oces2.issued.iter().chain(&oces3.issued) {
        let chain = issued.chain_pem().map_err(made)?;
        fs::write(folder.join(format!("{file}.pem")), chain)?;
        let key = issued.key_pem().map_err(made)?;
        write_private(&folder.join(format!("{file}.key")), key.as_bytes())?;
    }
    let authorities = [&oces2.root, &oces2.issuing, &oces3.root, &oces3.issuing];
    let [roots, intermediates] = [[&oces2.root, &oces3.root], [&oces2.issuing, &oces3.issuing]]
        .map(|authorities| all(&authorities, Authority::certificate_pem));
    fs::write(folder.join("roots.pem"), roots?)?;
    fs::write(folder.join("intermediates.pem"), intermediates?)?;
    let crls = all(&authorities, |authority| authority.crl([], VALID))?;
    fs::write(folder.join("crls.pem"), crls)?;
    fs::write(folder.join(CONFIGURATION_FILE), CONFIGURATION)
}

/// What the party `name` proves itself with, and whom it trusts, in the folder that [`mint`] has made.
pub fn tls(folder: &Path, name: &str) -> Tls {
    let trust = Trust {
        roots: vec![folder.join("roots.pem")],
        intermediates: vec![folder.join("intermediates.pem")],
        revocation: Revocation::Required(vec![folder.join("crls.pem")]),
    };
    Tls {
        identity: Identity::Pem {
            certificate: folder.join(format!("{name}.pem")),
            key: folder.join(format!("{name}.key")),
        },
        callers: trust.clone(),
        servers: trust,
    }
}

/// The authorities of one generation and what they issued, by the names of the files.
struct Generation {
    root: Authority,
    issuing: Authority,
    issued: Vec<(&'static str, Issued)>,
}

impl Generation {
    fn mint(shape: Shape) -> Result<Self, Error> {
        let (root, issuing) = match shape {
            Shape::Oces2 => ("SF209X OCES Primary CA", "SF209X OCES CA IV"),
            Shape::Oces3 => ("SF209X OCES rod-CA", "SF209X OCES udstedende-CA 1"),
        };
        let root = Authority::root(shape, root)?;
        let issuing = root.below(issuing)?;
        let parties = PARTIES.iter().filter(|(_, _, its)| *its == shape);
        let issue = |(file, cvr, _): &(&'static str, &str, Shape)| {
            let cvr = cvr.parse().map_err(failed)?;
            let holder = Holder {
                name: &format!("sf209x-{file}"),
                cvr,
                valid: Some(VALID),
            };
            Ok((*file, issuing.issue(&holder)?))
        };
        let issued = parties.map(issue).collect::<Result<_, Error>>()?;
        Ok(Self {
            root,
            issuing,
            issued,
        })
    }
}

fn all(
    authorities: &[&Authority],
    pem: impl Fn(&Authority) -> Result<String, Error>,
) -> io::Result<String> {
    let texts: Result<Vec<String>, Error> = authorities.iter().map(|one| pem(one)).collect();
    Ok(texts.map_err(made)?.concat())
}

fn joined<T>(outcome: std::thread::Result<Result<T, Error>>) -> Result<T, Error> {
    outcome.unwrap_or_else(|_| Err(failed("a thread stopped by a defect")))
}

fn made(error: Error) -> io::Error {
    io::Error::other(error)
}

fn private() -> DirBuilder {
    #[cfg_attr(not(unix), expect(unused_mut, reason = "only Unix has modes"))]
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
}

fn write_private(file: &Path, content: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(file)?.write_all(content)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::config::Config;
    use crate::tls::Credentials;

    #[test]
    fn the_folder_is_a_configuration_of_every_role_and_is_not_overwritten() {
        let folder = std::env::temp_dir().join(format!("sf209x-{}", Uuid::new_v4()));
        mint(&folder).unwrap();
        let config = Config::load(Some(&folder.join(CONFIGURATION_FILE))).unwrap();
        let (ksd, platform) = (config.ksd.unwrap(), config.platform.unwrap());
        let tls = [ksd.tls, platform.tls].into_iter();
        let jobcenters = config.jobcenters.into_iter();
        for tls in tls.chain(jobcenters.map(|jobcenter| jobcenter.tls)) {
            Credentials::load(tls.unwrap()).unwrap();
        }
        let again = mint(&folder).unwrap_err();
        assert_eq!(again.kind(), io::ErrorKind::AlreadyExists);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = |file: &str| fs::metadata(folder.join(file)).unwrap().permissions();
            assert_eq!(mode("ksd.key").mode() & 0o777, 0o600);
            assert_eq!(mode("").mode() & 0o777, 0o700);
        }
        fs::remove_dir_all(folder).unwrap();
    }
}
