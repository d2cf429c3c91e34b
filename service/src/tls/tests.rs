//! Handshakes without sockets, with certificates that are made for the occasion.

use std::fs;
use std::path::PathBuf;
use std::sync::LazyLock;
use std::time::Duration;

use rustls::pki_types::ServerName;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_rustls::{TlsAcceptor, TlsConnector};
use uuid::Uuid;

use super::*;
use crate::config::{Identity, Revocation, Trust};
use crate::pki::{Authority, Holder, Issued, Shape};
use crate::world::log::Log;

mod reload;

const DAY: Duration = Duration::from_secs(86_400);

/// One PKI for all tests: keys take time.
static PKI: LazyLock<Pki> = LazyLock::new(Pki::mint);

struct Pki {
    root: Authority,
    issuing: Authority,
    platform: Issued,
    jobcenter: Issued,
    renewed: Issued,
    revoked: Issued,
    expired: Issued,
    old_root: Authority,
    old: Issued,
}

impl Pki {
    fn mint() -> Self {
        let root = Authority::root(Shape::Oces3, "SF209X OCES rod-CA").unwrap();
        let issuing = root.below("SF209X OCES udstedende-CA 1").unwrap();
        let old_root = Authority::root(Shape::Oces2, "SF209X Systemtest CA").unwrap();
        let day = Some(DAY);
        let issue = |authority: &Authority, name, valid| {
            let cvr = "90000035".parse().unwrap();
            authority.issue(&Holder { name, cvr, valid }).unwrap()
        };
        Self {
            platform: issue(&issuing, "platform", day),
            jobcenter: issue(&issuing, "jobcenter", day),
            renewed: issue(&issuing, "renewed", day),
            revoked: issue(&issuing, "revoked", day),
            expired: issue(&issuing, "expired", None),
            old: issue(&old_root, "old", day),
            root,
            issuing,
            old_root,
        }
    }

    fn crls(&self) -> [String; 3] {
        [
            self.root.crl([], DAY).unwrap(),
            self.issuing.crl([&self.revoked], DAY).unwrap(),
            self.old_root.crl([], DAY).unwrap(),
        ]
    }
}

/// A folder of its own for a test, with the files of one party.
struct Party {
    folder: PathBuf,
}

impl Party {
    fn new(issued: &Issued) -> Self {
        let folder = std::env::temp_dir().join(format!("sf209x-{}", Uuid::new_v4()));
        fs::create_dir(&folder).unwrap();
        let party = Self { folder };
        party.write_certificate(issued);
        party.write_key(issued);
        let roots = [&PKI.root, &PKI.old_root].map(|root| root.certificate_pem().unwrap());
        party.write("roots.pem", &roots.concat());
        party.write("crls.pem", &PKI.crls().concat());
        party
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.folder.join(name), text).unwrap();
    }

    fn write_certificate(&self, issued: &Issued) {
        self.write("certificate.pem", &issued.chain_pem().unwrap());
    }

    fn write_key(&self, issued: &Issued) {
        self.write("key.pem", &issued.key_pem().unwrap());
    }

    fn settings(&self) -> Tls {
        let trust = Trust {
            roots: vec![self.folder.join("roots.pem")],
            intermediates: Vec::new(),
            revocation: Revocation::Required(vec![self.folder.join("crls.pem")]),
        };
        Tls {
            identity: Identity::Pem {
                certificate: self.folder.join("certificate.pem"),
                key: self.folder.join("key.pem"),
            },
            callers: trust.clone(),
            servers: trust,
        }
    }

    fn credentials(&self) -> Credentials {
        Credentials::load(self.settings()).unwrap()
    }
}

impl Drop for Party {
    fn drop(&mut self) {
        // What is left behind in the folder for temporary files does no harm.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// The certificates that client and server saw of each other.
type Seen = (Vec<u8>, Vec<u8>);

async fn handshake(
    server: &Arc<ServerConfig>,
    client: &Arc<ClientConfig>,
    name: &'static str,
) -> Result<Seen, String> {
    let (near, far) = tokio::io::duplex(64 << 10);
    let serve = async {
        let mut stream = TlsAcceptor::from(Arc::clone(server)).accept(far).await?;
        stream.write_all(b"!").await?;
        stream.flush().await?;
        let caller = stream.get_ref().1.peer_certificates().unwrap()[0].to_vec();
        std::io::Result::Ok(caller)
    };
    let call = async {
        let name = ServerName::try_from(name).unwrap();
        let connector = TlsConnector::from(Arc::clone(client));
        let mut stream = connector.connect(name, near).await?;
        // A client of TLS 1.3 learns what the server thinks of its certificate when it reads.
        stream.read_u8().await?;
        let server = stream.get_ref().1.peer_certificates().unwrap()[0].to_vec();
        std::io::Result::Ok(server)
    };
    let (caller, server) = tokio::join!(serve, call);
    match (caller, server) {
        (Ok(caller), Ok(server)) => Ok((server, caller)),
        (Err(error), _) if !error.to_string().contains("received fatal alert") => {
            Err(error.to_string())
        }
        (_, Err(error)) | (Err(error), _) => Err(error.to_string()),
    }
}

/// How a platform takes the caller that `caller` is.
async fn taken(platform: &Tls, caller: &Issued) -> Result<(), String> {
    let server = Credentials::load(platform.clone()).unwrap();
    let party = Party::new(caller);
    let client = party.credentials();
    let seen = handshake(
        server.current().server(),
        client.current().client(),
        "localhost",
    )
    .await?;
    assert_eq!(seen.0, PKI.platform.certificate_der().unwrap());
    assert_eq!(seen.1, caller.certificate_der().unwrap());
    Ok(())
}

#[tokio::test]
async fn both_sides_prove_themselves_by_chains_of_either_generation() {
    let platform = Party::new(&PKI.platform);
    for caller in [&PKI.jobcenter, &PKI.old] {
        assert_eq!(taken(&platform.settings(), caller).await, Ok(()));
    }
}

#[tokio::test]
async fn a_caller_without_a_certificate_is_refused() {
    let platform = Party::new(&PKI.platform).credentials();
    let current = platform.current();
    let outcome = handshake(current.server(), current.anonymous(), "localhost").await;
    assert_eq!(outcome.unwrap_err(), "peer sent no certificates");
}

#[tokio::test]
async fn revoked_expired_and_strange_callers_are_refused() {
    let platform = Party::new(&PKI.platform);
    let stranger = Authority::root(Shape::Oces2, "Elsewhere").unwrap();
    let stranger = stranger
        .issue(&Holder {
            name: "stranger",
            cvr: "90000035".parse().unwrap(),
            valid: Some(Duration::from_secs(60)),
        })
        .unwrap();
    for (caller, expected) in [
        (&PKI.revoked, "Revoked"),
        (&PKI.expired, "expired"),
        (&stranger, "UnknownIssuer"),
    ] {
        let refused = taken(&platform.settings(), caller).await.unwrap_err();
        assert!(refused.contains(expected), "{refused}");
    }
}

#[tokio::test]
async fn an_authority_without_a_list_is_put_up_with_only_where_that_is_said() {
    let platform = Party::new(&PKI.platform);
    let [root, issuing, _] = PKI.crls();
    platform.write("crls.pem", &root);
    let mut settings = platform.settings();
    let refused = taken(&settings, &PKI.jobcenter).await.unwrap_err();
    assert!(refused.contains("UnknownRevocationStatus"), "{refused}");

    let crls = vec![platform.folder.join("crls.pem")];
    settings.callers.revocation = Revocation::WhereKnown(crls);
    assert_eq!(taken(&settings, &PKI.jobcenter).await, Ok(()));
    assert_eq!(taken(&settings, &PKI.revoked).await, Ok(()));
    platform.write("crls.pem", &issuing);
    let refused = taken(&settings, &PKI.revoked).await.unwrap_err();
    assert!(refused.contains("Revoked"), "{refused}");

    settings.callers.revocation = Revocation::Unchecked;
    assert_eq!(taken(&settings, &PKI.revoked).await, Ok(()));
}

#[tokio::test]
async fn a_server_is_taken_by_its_name_and_its_roots() {
    let platform = Party::new(&PKI.platform).credentials();
    let caller = Party::new(&PKI.jobcenter);
    let client = caller.credentials();
    let (server, client) = (platform.current(), client.current());
    for name in ["localhost", "127.0.0.1"] {
        let outcome = handshake(server.server(), client.client(), name).await;
        assert!(outcome.is_ok(), "{outcome:?}");
    }
    let outcome = handshake(server.server(), client.client(), "example.org").await;
    let refused = outcome.unwrap_err();
    assert!(refused.contains("not valid for name"), "{refused}");

    caller.write("roots.pem", &PKI.old_root.certificate_pem().unwrap());
    let client = caller.credentials().current();
    let outcome = handshake(server.server(), client.client(), "localhost").await;
    let refused = outcome.unwrap_err();
    assert!(refused.contains("UnknownIssuer"), "{refused}");
}

#[cfg(unix)]
#[test]
fn a_key_that_others_may_read_is_warned_of() {
    use std::os::unix::fs::PermissionsExt as _;

    let platform = Party::new(&PKI.platform);
    let key = platform.folder.join("key.pem");
    let log = Log::default();
    let _kept = log.keep();
    let text = "others than its owner may read a secret";
    for (mode, told) in [
        (0o644, Some("0644")),
        (0o640, Some("0640")),
        (0o600, None),
        (0o400, None),
    ] {
        fs::set_permissions(&key, fs::Permissions::from_mode(mode)).unwrap();
        platform.credentials();
        let lines = log.lines(text);
        let modes: Vec<_> = lines.iter().map(|line| line["mode"].as_str()).collect();
        assert_eq!(
            modes,
            told.map(Some).into_iter().collect::<Vec<_>>(),
            "{mode:o}"
        );
        for line in lines {
            assert_eq!(line["file"].as_str(), key.to_str());
        }
    }
}

#[test]
fn a_line_that_only_resembles_one_of_pem_is_damage() {
    let platform = Party::new(&PKI.platform);
    let crls = PKI.crls().concat();
    for (line, damaged) in [
        ("-----BEGIN X509 CRL-----", "----BEGIN X509 CRL-----"),
        ("-----BEGIN X509 CRL-----", "-----BEGIN X509 CRL----"),
        ("-----BEGIN X509 CRL-----", "-----BEGIN CERTIFICATE-----"),
        ("-----BEGIN X509 CRL-----", ""),
        ("-----END X509 CRL-----", ""),
        ("-----END X509 CRL-----", "-----END X509 CRL------"),
    ] {
        platform.write("crls.pem", &crls.replacen(line, damaged, 1));
        let error = Credentials::load(platform.settings()).unwrap_err();
        assert!(
            error.to_string().ends_with("crls.pem: is damaged PEM"),
            "{error}"
        );
    }
    let told = format!("issuer: CN = SF209X\n---\n{crls}\r\n-- the end\n");
    platform.write("crls.pem", &told);
    assert!(Credentials::load(platform.settings()).is_ok());
}

#[test]
fn what_is_wrong_with_a_file_is_said_without_its_content() {
    let party = Party::new(&PKI.platform);
    let secret = PKI.platform.key_pem().unwrap();
    let encrypted = secret.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY");
    let twice = secret.repeat(2);
    let garbled = secret.replacen("MII", "AAA", 1);
    for (file, text, expected) in [
        ("key.pem", "", "key.pem: holds no private key in PEM"),
        (
            "key.pem",
            &encrypted,
            "key.pem: holds an encrypted key; one with a password is taken as PKCS#12",
        ),
        (
            "key.pem",
            &twice,
            "key.pem: holds more than one private key",
        ),
        (
            "key.pem",
            &garbled,
            "key.pem: holds a key that is damaged or of a kind that is not taken",
        ),
        (
            "certificate.pem",
            &secret,
            "certificate.pem: holds no certificate in PEM",
        ),
        ("crls.pem", "", "crls.pem: holds no revocation list in PEM"),
    ] {
        party.write_key(&PKI.platform);
        party.write(file, text);
        let error = Credentials::load(party.settings()).unwrap_err().to_string();
        assert!(error.ends_with(expected), "{error}");
        party.write_certificate(&PKI.platform);
    }
    fs::remove_file(party.folder.join("roots.pem")).unwrap();
    let error = Credentials::load(party.settings()).unwrap_err().to_string();
    assert!(error.contains("roots.pem: cannot be read"), "{error}");
}

#[test]
fn nothing_of_a_key_is_printed() {
    let party = Party::new(&PKI.platform);
    let credentials = party.credentials();
    let key = PKI.platform.key_pem().unwrap();
    let line = key.lines().nth(3).unwrap();
    let printed = format!(
        "{credentials:?} {:?} {:?}",
        credentials.current(),
        PKI.platform
    );
    assert!(
        !printed.contains(line) && printed.contains("key.pem"),
        "{printed}"
    );
}

#[cfg(feature = "pkcs12")]
#[tokio::test]
async fn a_pkcs12_file_is_taken_with_its_password_and_not_without() {
    use p12_keystore::{Certificate, KeyStore, KeyStoreEntry, PrivateKey, PrivateKeyChain};
    use rustls::pki_types::pem::PemObject;
    use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};

    let party = Party::new(&PKI.platform);
    let key = PKI.platform.key_pem().unwrap();
    let key = PrivatePkcs8KeyDer::from_pem_slice(key.as_bytes()).unwrap();
    let key = PrivateKey::from_der(key.secret_pkcs8_der()).unwrap();
    let chain = PKI.platform.chain_pem().unwrap();
    let chain = CertificateDer::pem_slice_iter(chain.as_bytes())
        .map(|der| Certificate::from_der(&der.unwrap()).unwrap());
    let mut store = KeyStore::new();
    let entry = PrivateKeyChain::new("platform", key, chain);
    store.add_entry("platform", KeyStoreEntry::PrivateKeyChain(entry));
    for password in ["hemmelig", "forkert"] {
        crate::secrets::used("password", password.as_bytes());
    }
    let sealed = store.writer("hemmelig").write().unwrap();
    fs::write(party.folder.join("platform.p12"), sealed).unwrap();
    party.write("password.txt", "hemmelig\n");

    let mut settings = party.settings();
    settings.identity = Identity::Pkcs12 {
        file: party.folder.join("platform.p12"),
        password: party.folder.join("password.txt"),
    };
    assert_eq!(taken(&settings, &PKI.jobcenter).await, Ok(()));

    party.write("password.txt", "forkert\n");
    let error = Credentials::load(settings).unwrap_err().to_string();
    assert!(
        error.ends_with("platform.p12: is no PKCS#12 that the password opens"),
        "{error}"
    );
    assert!(!error.contains("forkert"), "{error}");
}
