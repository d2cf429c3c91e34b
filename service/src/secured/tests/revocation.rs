//! What is known of a token must not outlive the belief in those who signed it and with it.

use std::path::Path;
use std::time::Duration;

use soap::security::Cause;
use tempfile::TempDir;

use super::*;
use crate::config::{Identity, Revocation, Tls, Trust};
use crate::pki::{Authority, Holder, Issued, Shape};

const DAY: Duration = Duration::from_secs(86_400);

/// An authority, and a folder with the files of the platform and of a caller that it has issued certificates to.
struct Issuing {
    authority: Authority,
    caller: Issued,
    sts: Issued,
    folder: TempDir,
}

impl Issuing {
    fn new() -> Self {
        let authority = Authority::root(Shape::Oces3, "SF209X CA").unwrap();
        let folder = TempDir::new().unwrap();
        let issue = |name, cvr: &str| {
            let cvr = cvr.parse().unwrap();
            let valid = Some(DAY);
            let issued = authority.issue(&Holder { name, cvr, valid }).unwrap();
            let file = |kind| folder.path().join(format!("{name}.{kind}"));
            std::fs::write(file("pem"), issued.chain_pem().unwrap()).unwrap();
            std::fs::write(file("key"), issued.key_pem().unwrap()).unwrap();
            issued
        };
        issue("platform", folder::PLATFORM);
        let caller = issue("ksd", folder::KSD);
        let sts = issue("sts", "90000094");
        let roots = authority.certificate_pem().unwrap();
        std::fs::write(folder.path().join("roots.pem"), roots).unwrap();
        let issuing = Self {
            authority,
            caller,
            sts,
            folder,
        };
        issuing.revoke(&[]);
        issuing
    }

    /// Writes a list of those whose certificates are revoked.
    fn revoke(&self, revoked: &[&Issued]) {
        let list = self.authority.crl(revoked.iter().copied(), DAY).unwrap();
        std::fs::write(self.folder.path().join("crls.pem"), list).unwrap();
    }

    fn credentials(&self, name: &str) -> Credentials {
        let file = |name: &str| self.folder.path().join(name);
        let trust = Trust {
            roots: vec![file("roots.pem")],
            intermediates: Vec::new(),
            revocation: Revocation::Required(vec![file("crls.pem")]),
        };
        let identity = Identity::Pem {
            certificate: file(&format!("{name}.pem")),
            key: file(&format!("{name}.key")),
        };
        let (callers, servers) = (trust.clone(), trust);
        Credentials::load(Tls {
            identity,
            callers,
            servers,
        })
        .unwrap()
    }
}

/// Why a message is kept out, if it is.
async fn refusal(gate: &Gate, message: &str) -> Option<Cause> {
    match gate.enter(message.as_bytes(), None).await {
        Ok(entered) => {
            assert!(entered.is_some(), "it is signed");
            None
        }
        Err(Kept::Out(refusal)) => Some(refusal.cause()),
        Err(Kept::Waiting) => panic!("memory does not fail"),
    }
}

#[tokio::test]
async fn who_is_revoked_is_refused_though_the_token_is_known() {
    let issuing = Issuing::new();
    let (platform, ksd) = (issuing.credentials("platform"), issuing.credentials("ksd"));
    let taken = Taken::in_memory();
    let gate = Gate::at(Endpoint::Fs1, &PARTIES.tokens, &platform, &taken, LIMITS).unwrap();
    let token = token(&ksd, Endpoint::Fs1, NORD);
    let message = || signed(&ksd, &token, NORD, &fresh());
    // The second time by what is known of the token, and of its holder.
    assert_eq!(refusal(&gate, &message()).await, None);
    assert_eq!(refusal(&gate, &message()).await, None);

    issuing.revoke(&[&issuing.caller]);
    assert_eq!(platform.reload(), Ok(true));
    assert_eq!(refusal(&gate, &message()).await, Some(Cause::SignerRevoked));
    issuing.revoke(&[]);
    assert_eq!(platform.reload(), Ok(true));
    assert_eq!(refusal(&gate, &message()).await, None);
}

#[tokio::test]
async fn tokens_of_a_service_whose_certificate_is_revoked_are_refused() {
    let issuing = Issuing::new();
    let [platform, ksd, sts] = ["platform", "ksd", "sts"].map(|name| issuing.credentials(name));
    let mut tokens = PARTIES.tokens.clone();
    tokens.signers = Signers::load(vec![issuing.folder.path().join("sts.pem")]).unwrap();
    let taken = Taken::in_memory();
    let gate = Gate::at(Endpoint::Fs1, &tokens, &platform, &taken, LIMITS).unwrap();
    let privilege = tokens.privilege(Endpoint::Fs1).unwrap().to_owned();
    let token = claims(&ksd, Endpoint::Fs1, NORD, vec![privilege]);
    let token = issued(&token, &sts);
    let message = || signed(&ksd, &token, NORD, &fresh());
    assert_eq!(refusal(&gate, &message()).await, None);

    issuing.revoke(&[&issuing.sts]);
    assert_eq!(platform.reload(), Ok(true));
    assert_eq!(refusal(&gate, &message()).await, Some(Cause::SignerRevoked));
    issuing.revoke(&[]);
    assert_eq!(platform.reload(), Ok(true));
    assert_eq!(refusal(&gate, &message()).await, None);

    // Those who issue certificates are not believed as token services for it.
    let another = issued(
        &claims(&ksd, Endpoint::Fs1, NORD, Vec::new()),
        &issuing.credentials("platform"),
    );
    let message = signed(&ksd, &another, NORD, &fresh());
    assert_eq!(refusal(&gate, &message).await, Some(Cause::UnknownIssuer));
}

#[tokio::test]
async fn tokens_of_a_service_that_is_no_longer_believed_are_refused_though_they_are_known() {
    let issuing = Issuing::new();
    let (platform, ksd) = (issuing.credentials("platform"), issuing.credentials("ksd"));
    let signer = issuing.folder.path().join("sts.pem");
    let pem = |certificate: &Certificate| {
        use base64::Engine as _;
        let der = base64::engine::general_purpose::STANDARD.encode(certificate.der());
        format!("-----BEGIN CERTIFICATE-----\n{der}\n-----END CERTIFICATE-----\n")
    };
    let write = |file: &Path, certificate: &Certificate| {
        std::fs::write(file, pem(certificate)).unwrap();
    };
    write(&signer, PARTIES.sts.current().certificate());
    let mut tokens = PARTIES.tokens.clone();
    tokens.signers = Signers::load(vec![signer.clone()]).unwrap();
    let gate = Gate::at(
        Endpoint::Fs1,
        &tokens,
        &platform,
        &Taken::in_memory(),
        LIMITS,
    )
    .unwrap();
    let token = token(&ksd, Endpoint::Fs1, NORD);
    let message = || signed(&ksd, &token, NORD, &fresh());
    assert_eq!(refusal(&gate, &message()).await, None);
    assert_eq!(refusal(&gate, &message()).await, None);

    write(&signer, PARTIES.platform.current().certificate());
    assert_eq!(tokens.signers.reload(), Ok(true));
    assert_eq!(refusal(&gate, &message()).await, Some(Cause::UnknownIssuer));
}
