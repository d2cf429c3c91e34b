//! Reading certificates, keys and revocation lists from files.

use std::fs;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{
    CertificateDer, CertificateRevocationListDer, PrivateKeyDer, PrivatePkcs1KeyDer,
    PrivatePkcs8KeyDer, PrivateSec1KeyDer,
};
use soap::security::{Certificate, CertificateError, SigningKey, Trust as Believed};
use zeroize::Zeroizing;

use super::{Error, lists};
use crate::config::{Identity, Revocation, Tls, Trust};

/// What stands in the files of a role.
#[derive(Hash)]
pub(super) struct Material {
    pub(super) chain: Vec<CertificateDer<'static>>,
    pub(super) key: Key,
    pub(super) callers: Anchors,
    pub(super) servers: Anchors,
    /// The file of the key, for errors.
    pub(super) origin: PathBuf,
}

/// A private key, wiped from memory when it is dropped.
pub(super) struct Key(Zeroizing<PrivateKeyDer<'static>>);

/// Whose certificates are taken.
#[derive(Hash)]
pub(super) struct Anchors {
    pub(super) roots: Vec<CertificateDer<'static>>,
    /// Authorities between the roots and who signs messages; in TLS, each side brings its own.
    pub(super) intermediates: Vec<CertificateDer<'static>>,
    pub(super) crls: Vec<CertificateRevocationListDer<'static>>,
    /// Whether an authority without a list is put up with.
    pub(super) lenient: bool,
    /// The first file, for errors.
    pub(super) origin: PathBuf,
}

impl Material {
    pub(super) fn read(settings: &Tls) -> Result<Self, Error> {
        let (chain, key, origin) = identity(&settings.identity)?;
        let material = Self {
            chain,
            key,
            origin,
            callers: Anchors::read(&settings.callers)?,
            servers: Anchors::read(&settings.servers)?,
        };
        let authorities = material.authorities();
        for (trust, anchors) in [
            (&settings.callers, &material.callers),
            (&settings.servers, &material.servers),
        ] {
            let file = trust.crls().first().unwrap_or(&anchors.origin);
            for list in &anchors.crls {
                lists::check(list, &authorities).map_err(|what| {
                    Error::new(file, format!("this file, or another, holds {what}"))
                })?;
            }
        }
        Ok(material)
    }

    /// All authorities that are known, the role's own with them.
    pub(super) fn authorities(&self) -> Vec<CertificateDer<'static>> {
        let anchors = [&self.callers, &self.servers].into_iter();
        let theirs = anchors.flat_map(|anchors| anchors.roots.iter().chain(&anchors.intermediates));
        theirs.chain(&self.chain).cloned().collect()
    }

    /// The key with its certificate, for signing messages.
    pub(super) fn signing_key(&self) -> Result<SigningKey, Error> {
        SigningKey::from_der(self.certificate()?, self.key.der())
            .map_err(|error| Error::new(&self.origin, error.to_string()))
    }

    /// The certificate that the key belongs to.
    pub(super) fn certificate(&self) -> Result<Certificate, Error> {
        let first = self.chain.first().map_or(&[][..], AsRef::as_ref);
        Certificate::from_der(first)
            .map_err(|error| Error::new(&self.origin, format!("its certificate: {error}")))
    }
}

impl Key {
    pub(super) fn der(&self) -> &PrivateKeyDer<'static> {
        &self.0
    }
}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.secret_der().hash(state);
    }
}

impl Anchors {
    fn read(trust: &Trust) -> Result<Self, Error> {
        let lenient = !matches!(trust.revocation, Revocation::Required(_));
        let anchors = Self {
            roots: all(&trust.roots, "certificate")?,
            intermediates: all(&trust.intermediates, "certificate")?,
            crls: lists::newest(all(trust.crls(), "revocation list")?),
            lenient,
            origin: trust.roots.first().cloned().unwrap_or_default(),
        };
        // What can be read now can be read whenever a verifier is made of it.
        anchors
            .believed()
            .map_err(|error| Error::new(&anchors.origin, error.to_string()))?;
        Ok(anchors)
    }

    /// Whom to believe who signs messages.
    pub(super) fn trust(&self) -> Believed {
        // Nobody, where the check that was made on reading did not hold.
        self.believed().unwrap_or_default()
    }

    fn believed(&self) -> Result<Believed, CertificateError> {
        let mut trust = Believed::new().with_revocation(if self.lenient {
            soap::security::Revocation::WhereKnown
        } else {
            soap::security::Revocation::Required
        });
        for root in &self.roots {
            trust = trust.with_root(&Certificate::from_der(root)?)?;
        }
        for intermediate in &self.intermediates {
            trust = trust.with_intermediate(&Certificate::from_der(intermediate)?);
        }
        for crl in &self.crls {
            trust = trust.with_revocations(crl)?;
        }
        Ok(trust)
    }
}

/// Every PEM block of its kind in `files`; a file without one is wrong.
fn all<T: PemObject>(files: &[PathBuf], kind: &str) -> Result<Vec<T>, Error> {
    let mut found = Vec::new();
    for file in files {
        let before = found.len();
        let pem = read(file)?;
        if !is_whole(&pem) {
            return Err(Error::new(file, "is damaged PEM"));
        }
        for block in T::pem_slice_iter(&pem) {
            found.push(block.map_err(|_| Error::new(file, "is damaged PEM"))?);
        }
        if found.len() == before {
            return Err(Error::new(file, format!("holds no {kind} in PEM")));
        }
    }
    Ok(found)
}

/// Whether each block of `pem` begins and ends (RFC 7468, section 3), and no line only resembles one with which blocks do. What stands
/// between blocks is for people.
fn is_whole(pem: &[u8]) -> bool {
    let mut open: Option<&str> = None;
    for line in pem.split(|octet| *octet == b'\n') {
        let line = str::from_utf8(line).unwrap_or_default().trim();
        let resembles =
            line.starts_with("--") && (line.contains("BEGIN ") || line.contains("END "));
        if !resembles {
            continue;
        }
        let inner = line
            .strip_prefix("-----")
            .and_then(|line| line.strip_suffix("-----"));
        let inner = inner.filter(|inner| !inner.starts_with('-') && !inner.ends_with('-'));
        let (begin, end) = match inner {
            None => return false,
            Some(inner) => (inner.strip_prefix("BEGIN "), inner.strip_prefix("END ")),
        };
        open = match (open, begin, end) {
            (None, Some(label), _) => Some(label),
            (Some(label), _, Some(ended)) if label == ended => None,
            _ => return false,
        };
    }
    open.is_none()
}

/// The content of `file`, wiped when it is dropped.
pub(super) fn read(file: &Path) -> Result<Zeroizing<Vec<u8>>, Error> {
    let content = fs::read(file);
    content
        .map(Zeroizing::new)
        .map_err(|error| Error::new(file, format!("cannot be read: {error}")))
}

/// The mode of `file`, where that lets others than its owner do something with it.
#[cfg(unix)]
pub(super) fn open_to_others(file: &Path) -> Option<u32> {
    let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(file).ok()?.permissions());
    (mode & 0o077 != 0).then_some(mode & 0o7777)
}

/// Modes are those of Unix.
#[cfg(not(unix))]
pub(super) fn open_to_others(_: &Path) -> Option<u32> {
    None
}

type Pair = (Vec<CertificateDer<'static>>, Key, PathBuf);

fn identity(identity: &Identity) -> Result<Pair, Error> {
    match identity {
        Identity::Pem { certificate, key } => {
            let chain = all(std::slice::from_ref(certificate), "certificate")?;
            let private = pem_key(&read(key)?).map_err(|reason| Error::new(key, reason))?;
            Ok((chain, private, key.clone()))
        }
        #[cfg(feature = "pkcs12")]
        Identity::Pkcs12 { file, password } => pkcs12(file, password),
    }
}

/// The one private key in `pem` (RFC 7468), decoded without leaving a copy behind.
fn pem_key(pem: &[u8]) -> Result<Key, &'static str> {
    let text = std::str::from_utf8(pem).map_err(|_| "is not PEM")?;
    let mut keys = text
        .match_indices("-----BEGIN ")
        .filter_map(|(at, begin)| text[at + begin.len()..].split_once("-----"))
        .filter(|(label, _)| label.ends_with("PRIVATE KEY"));
    let (label, rest) = keys.next().ok_or("holds no private key in PEM")?;
    if keys.next().is_some() {
        return Err("holds more than one private key");
    }
    let (body, _) = rest.split_once("-----END").ok_or("is damaged PEM")?;
    let body: Zeroizing<Vec<u8>> = {
        let mut packed = Zeroizing::new(Vec::with_capacity(body.len()));
        packed.extend(body.bytes().filter(|octet| !octet.is_ascii_whitespace()));
        packed
    };
    let mut der = Zeroizing::new(vec![0; body.len()]);
    let length = STANDARD.decode_slice(&*body, &mut der);
    let der = der[..length.map_err(|_| "is damaged PEM")?].to_vec();
    let key = match label {
        "PRIVATE KEY" => PrivateKeyDer::from(PrivatePkcs8KeyDer::from(der)),
        "RSA PRIVATE KEY" => PrivateKeyDer::from(PrivatePkcs1KeyDer::from(der)),
        "EC PRIVATE KEY" => PrivateKeyDer::from(PrivateSec1KeyDer::from(der)),
        "ENCRYPTED PRIVATE KEY" => {
            return Err("holds an encrypted key; one with a password is taken as PKCS#12");
        }
        _ => return Err("holds a private key of an unknown kind"),
    };
    Ok(Key(Zeroizing::new(key)))
}

/// The key and its chain in the PKCS#12 `file`. Our copy of the key is wiped; those that p12-keystore decrypts and decodes it through are
/// freed as they are, so that where a memory dump is feared the key belongs into a PEM file.
#[cfg(feature = "pkcs12")]
fn pkcs12(file: &Path, password: &Path) -> Result<Pair, Error> {
    use p12_keystore::{KeyStore, Pkcs12ImportPolicy};

    let secret = read(password)?;
    let secret = std::str::from_utf8(&secret)
        .map_err(|_| Error::new(password, "is not a password on one line"))?;
    let store = KeyStore::from_pkcs12(
        &read(file)?,
        secret.trim_end_matches(['\r', '\n']),
        Pkcs12ImportPolicy::Strict,
    );
    let store = store.map_err(|_| {
        let reason = "is no PKCS#12 that the password opens";
        Error::new(file, reason)
    })?;
    let (_, entry) = store
        .private_key_chain()
        .ok_or_else(|| Error::new(file, "holds no key with its certificate"))?;
    let chain = entry
        .certs()
        .iter()
        .map(|certificate| CertificateDer::from(certificate.as_der().to_vec()))
        .collect();
    let key = PrivatePkcs8KeyDer::from(entry.key().as_der().to_vec());
    let key = Key(Zeroizing::new(PrivateKeyDer::from(key)));
    Ok((chain, key, file.to_owned()))
}
