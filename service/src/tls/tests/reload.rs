//! What is read again while a role runs, and what is not taken then.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustls::pki_types::CertificateRevocationListDer;
use rustls::pki_types::pem::PemObject as _;

use super::*;

#[tokio::test]
async fn a_half_written_pair_is_not_taken_and_callers_must_prove_themselves_ever_after() {
    let platform = Party::new(&PKI.platform);
    let credentials = platform.credentials();
    let caller = Party::new(&PKI.jobcenter).credentials().current();
    let serves = async |issued: &Issued| {
        let current = credentials.current();
        let seen = handshake(current.server(), caller.client(), "localhost").await;
        assert_eq!(seen.unwrap().0, issued.certificate_der().unwrap());
        let outcome = handshake(current.server(), caller.anonymous(), "localhost").await;
        assert_eq!(outcome.unwrap_err(), "peer sent no certificates");
    };
    serves(&PKI.platform).await;

    platform.write_certificate(&PKI.renewed);
    let error = credentials.reload().unwrap_err().to_string();
    assert!(
        error.ends_with("key.pem: the key is not that of the certificate"),
        "{error}"
    );
    assert_eq!(credentials.failures(), 1);
    serves(&PKI.platform).await;

    let whole = PKI.renewed.key_pem().unwrap();
    platform.write("key.pem", &whole[..whole.len() / 2]);
    let error = credentials.reload().unwrap_err().to_string();
    assert!(error.ends_with("key.pem: is damaged PEM"), "{error}");
    serves(&PKI.platform).await;

    platform.write_key(&PKI.renewed);
    assert_eq!(credentials.reload(), Ok(true));
    serves(&PKI.renewed).await;
    assert_eq!(credentials.reload(), Ok(false));
    assert_eq!(credentials.failures(), 2);
}

#[tokio::test]
async fn a_caller_that_is_revoked_later_is_refused_from_then_on() {
    let platform = Party::new(&PKI.platform);
    let credentials = platform.credentials();
    let caller = Party::new(&PKI.jobcenter).credentials().current();
    let before = handshake(credentials.current().server(), caller.client(), "localhost").await;
    assert!(before.is_ok(), "{before:?}");

    let [root, _, old] = PKI.crls();
    let revoked = PKI
        .issuing
        .crl([&PKI.revoked, &PKI.jobcenter], DAY)
        .unwrap();
    platform.write("crls.pem", &[root, revoked, old].concat());
    assert_eq!(credentials.reload(), Ok(true));
    let after = handshake(credentials.current().server(), caller.client(), "localhost").await;
    assert!(after.unwrap_err().contains("Revoked"));
}

/// RFC 5280, section 5.2.3.
#[tokio::test]
async fn an_older_revocation_list_takes_no_newer_ones_place() {
    let platform = Party::new(&PKI.platform);
    let caller = Party::new(&PKI.jobcenter).credentials().current();
    let [root, _, old] = PKI.crls();
    let write = |number, revoked: &[&Issued]| {
        let revoked = revoked.iter().copied();
        let list = PKI.issuing.numbered_crl(number, revoked, DAY).unwrap();
        platform.write("crls.pem", &[&*root, &list, &old].concat());
    };
    write(255, &[&PKI.jobcenter]);
    let credentials = platform.credentials();
    let refused = async || {
        let current = credentials.current();
        let outcome = handshake(current.server(), caller.client(), "localhost").await;
        outcome.is_err_and(|error| error.contains("Revoked"))
    };
    assert!(refused().await);

    let log = Log::default();
    let kept = log.keep();
    write(254, &[]);
    for again in [Credentials::reload, Credentials::refresh] {
        assert_eq!(again(&credentials), Ok(false));
        assert!(refused().await);
        let text = "an older revocation list is not taken: the newer one stays in force";
        // For callers and for servers.
        let lines = log.lines(text);
        assert_eq!(lines.len(), 2, "{lines:?}");
        let list = lines[0]["list"].as_str().unwrap();
        assert!(
            list.contains("CN=SF209X OCES udstedende-CA 1") && list.ends_with(", number fe"),
            "{list}"
        );
    }
    drop(kept);
    // One more octet is more, whatever they are; and what else is new is taken beside an older list.
    write(256, &[]);
    assert_eq!(credentials.refresh(), Ok(true));
    assert!(!refused().await);
    write(255, &[&PKI.jobcenter]);
    platform.write_certificate(&PKI.renewed);
    platform.write_key(&PKI.renewed);
    assert_eq!(credentials.refresh(), Ok(true));
    assert!(!refused().await);
}

/// Wherever in the files they stand.
#[tokio::test]
async fn of_several_editions_of_a_revocation_list_the_newest_counts() {
    let platform = Party::new(&PKI.platform);
    let caller = Party::new(&PKI.jobcenter).credentials().current();
    let [root, _, old] = PKI.crls();
    let before = PKI.issuing.numbered_crl(4, [], DAY).unwrap();
    let after = PKI.issuing.numbered_crl(5, [&PKI.jobcenter], DAY).unwrap();
    for lists in [[&before, &after], [&after, &before]] {
        let [first, second] = lists;
        platform.write("crls.pem", &[&*root, first, second, &old].concat());
        let current = platform.credentials().current();
        let outcome = handshake(current.server(), caller.client(), "localhost").await;
        assert!(outcome.unwrap_err().contains("Revoked"));
    }
}

/// A list that its authority has not signed would refuse everybody, and by its number keep every other out.
#[test]
fn a_revocation_list_that_its_authority_has_not_signed_is_not_taken() {
    let party = Party::new(&PKI.platform);
    let credentials = party.credentials();
    let [_, issuing, old] = PKI.crls();
    let write = |root: &str| party.write("crls.pem", &[root, &issuing, &old].concat());
    let list = |number| PKI.root.numbered_crl(number, [], DAY).unwrap();
    let mut forged = CertificateRevocationListDer::from_pem_slice(list(1 << 40).as_bytes())
        .unwrap()
        .to_vec();
    *forged.last_mut().unwrap() ^= 1;
    let forged = STANDARD.encode(forged);
    write(&format!(
        "-----BEGIN X509 CRL-----\n{forged}\n-----END X509 CRL-----\n"
    ));
    let text = "crls.pem: this file, or another, holds a revocation list of CN=SF209X OCES rod-CA";
    for refused in [
        credentials.reload().map(drop),
        Credentials::load(party.settings()).map(drop),
    ] {
        let error = refused.unwrap_err().to_string();
        assert!(
            error.contains(text) && error.contains("that it has not signed"),
            "{error}"
        );
    }
    write(&list(1 << 39));
    assert_eq!(credentials.reload(), Ok(true));
}

#[tokio::test]
async fn files_that_change_are_read_again_by_themselves() {
    let platform = Party::new(&PKI.platform);
    let credentials = platform.credentials();
    let mut changes = credentials.changes();
    let reloaded = Reloaded {
        credentials: vec![credentials.clone()],
        signers: None,
    };
    let watcher = Watcher::new(reloaded).unwrap();
    let watching = tokio::spawn(watcher.run());
    platform.write_certificate(&PKI.renewed);
    platform.write_key(&PKI.renewed);
    changes.changed().await.unwrap();
    watching.abort();
    let caller = Party::new(&PKI.jobcenter).credentials().current();
    let seen = handshake(credentials.current().server(), caller.client(), "localhost").await;
    assert_eq!(seen.unwrap().0, PKI.renewed.certificate_der().unwrap());
}

#[test]
fn what_is_cut_between_two_blocks_is_taken_only_if_somebody_asks() {
    let platform = Party::new(&PKI.platform);
    let credentials = platform.credentials();
    let refused = |words: &str| {
        let error = credentials.refresh().unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
    };
    let chain = PKI.platform.chain_pem().unwrap();
    let (leaf, _) = chain.split_at(chain.rfind("-----BEGIN").unwrap());
    platform.write("certificate.pem", leaf);
    refused("certificate.pem: has fewer authorities above the certificate than before");
    platform.write("certificate.pem", &chain);
    assert_eq!(credentials.refresh(), Ok(false));

    let [root, issuing, old] = PKI.crls();
    platform.write("crls.pem", &root);
    refused("crls.pem: has revocation lists of fewer authorities than before");
    let newer = PKI.root.crl([], DAY).unwrap();
    platform.write("crls.pem", &[newer, issuing, old].concat());
    assert_eq!(credentials.refresh(), Ok(true));

    platform.write("crls.pem", &root);
    platform.write("certificate.pem", leaf);
    assert_eq!(credentials.reload(), Ok(true));
    platform.write("certificate.pem", &chain);
    platform.write("crls.pem", &PKI.crls().concat());
    assert_eq!(credentials.refresh(), Ok(true));
}
