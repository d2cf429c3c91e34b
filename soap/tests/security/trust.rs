use chrono::TimeDelta;
use soap::security::{Certificate, KeyError, Revocation, SigningKey, Trust, TrustError};

use crate::pki::{Pki, now, pki, self_signed};

#[track_caller]
fn check(trust: &Trust, certificate: &Certificate, days: i64, expected: Result<(), TrustError>) {
    let time = now() + TimeDelta::days(days);
    // The second time by the verdict that was kept.
    assert_eq!(trust.verify(certificate, time), expected);
    assert_eq!(trust.verify(certificate, time), expected);
}

#[test]
fn chains_times_and_revocations() {
    let trust = pki().trust();
    let caller = &pki().caller.certificate;
    check(&trust, caller, 0, Ok(()));
    check(&trust, caller, 366, Err(TrustError::Expired));
    check(&trust, caller, -401, Err(TrustError::NotYetValid));
    check(
        &trust,
        &pki().revoked.certificate,
        0,
        Err(TrustError::Revoked),
    );
    check(
        &trust,
        &pki().expired.certificate,
        0,
        Err(TrustError::Expired),
    );
    // The revocation list has an end too.
    check(&trust, caller, 30, Err(TrustError::NoRevocationList));
    let stranger = Certificate::from_der(&self_signed(&[])).expect("a certificate");
    check(&trust, &stranger, 0, Err(TrustError::UnknownIssuer));
    // Another authority that calls itself the same.
    check(
        &trust,
        &Pki::new().caller.certificate,
        0,
        Err(TrustError::Unsound),
    );
}

/// Of a signer that is believed by itself a known authority may still say that it is revoked: a list of that authority which does not
/// hold says nothing, and the signer is not believed.
#[test]
fn a_list_whose_signature_does_not_hold_makes_no_signer_believed() {
    let mut list = pki().revocations.clone();
    let trust = |list: &[u8]| {
        let trust = Trust::new().with_root(&pki().root).expect("a root");
        let trust = trust.with_revocations(list).expect("a list");
        let revoked = pki().revoked.certificate.clone();
        trust.with_signer(revoked).only_signers()
    };
    let revoked = &pki().revoked.certificate;
    check(&trust(&list), revoked, 0, Err(TrustError::Revoked));
    *list.last_mut().expect("a signature") ^= 1;
    check(&trust(&list), revoked, 0, Err(TrustError::Unsound));
}

#[test]
fn what_was_believed_is_not_when_its_time_is_over() {
    let caller = &pki().caller.certificate;
    let trust = Trust::new().with_signer(caller.clone());
    let end = caller.not_after();
    assert_eq!(trust.verify(caller, end), Ok(()));
    let later = end + TimeDelta::seconds(1);
    assert_eq!(trust.verify(caller, later), Err(TrustError::Expired));
}

#[test]
fn without_a_revocation_list_it_depends() {
    let root = || Trust::new().with_root(&pki().root).expect("a root");
    let caller = &pki().caller.certificate;
    check(&root(), caller, 0, Err(TrustError::NoRevocationList));
    check(
        &root().with_revocation(Revocation::WhereKnown),
        caller,
        0,
        Ok(()),
    );
    let known = pki().trust().with_revocation(Revocation::WhereKnown);
    // After its end a list is put up with, and what it says holds.
    for days in [0, 30] {
        check(&known, caller, days, Ok(()));
        let revoked = &pki().revoked.certificate;
        check(&known, revoked, days, Err(TrustError::Revoked));
    }
    let pinned = Trust::new().with_signer(caller.clone());
    check(&pinned, caller, 0, Ok(()));
    check(&pinned, caller, 366, Err(TrustError::Expired));
    check(
        &pinned,
        &pki().other.certificate,
        0,
        Err(TrustError::UnknownIssuer),
    );
    check(&Trust::new(), caller, 0, Err(TrustError::UnknownIssuer));
}

#[test]
fn a_key_is_that_of_its_certificate_and_never_shown() {
    let key = pki().caller.key();
    assert_eq!(key.certificate(), &pki().caller.certificate);
    let other = SigningKey::from_pkcs8(pki().other.certificate.clone(), &pki().caller.pkcs8);
    assert_eq!(other.expect_err("another's").id(), KeyError::Other.id());
    let elliptic = Certificate::from_der(&self_signed(&[])).expect("a certificate");
    let kind = SigningKey::from_pkcs8(elliptic, &pki().caller.pkcs8);
    assert_eq!(kind.expect_err("another kind").id(), KeyError::Kind.id());
    assert_eq!(
        format!("{key:?}"),
        "SigningKey { certificate: Certificate { subject: \"C=DK, organizationIdentifier=NTRDK-90000001, CN=caller\", \
         serial: \"01\", .. }, method: RsaSha256, .. }"
    );
    let pem = SigningKey::from_pem(
        pki().caller.certificate.clone(),
        b"-----BEGIN PRIVATE KEY-----\n",
    );
    assert_eq!(pem.expect_err("damaged").id(), KeyError::Pem.id());
}
