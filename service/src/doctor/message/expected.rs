//! What a message is held against: what was given, and where nothing was, what the message says itself.

use soap::security::{Certificate, CertificateError, Revocation, Token, TokenRules, Trust};

use super::token::Given;

/// What the message is held against; what is not given is taken from the message itself.
#[derive(Clone, Debug, Default)]
pub struct Expected {
    /// Whose signatures are believed: signers, or authorities that vouch for them. If there are none, those inside the message.
    pub trust: Vec<Certificate>,
    /// Revocation lists in PEM; with any, every authority between a signer and what is trusted must have one, and the holder of a
    /// token must be vouched for too.
    pub crls: Vec<Vec<u8>>,
    /// The entity id that a token must be for; without it, that of its audiences which is its recipient too.
    pub audience: Option<String>,
    /// The entity id that a token must be from.
    pub issuer: Option<String>,
    /// The address that a request must be for.
    pub to: Option<String>,
}

impl Expected {
    /// Whom to believe; `inside` are the certificates of the message.
    pub(super) fn trust_in(&self, inside: &[Certificate]) -> Result<Trust, CertificateError> {
        let revocation = if self.crls.is_empty() {
            Revocation::WhereKnown
        } else {
            Revocation::Required
        };
        let mut trust = Trust::new().with_revocation(revocation);
        for crl in &self.crls {
            trust = trust.with_revocations_pem(crl)?;
        }
        if self.trust.is_empty() {
            for certificate in inside {
                trust = trust.with_signer(certificate.clone());
            }
            return Ok(trust);
        }
        for certificate in &self.trust {
            trust = if certificate.is_authority() {
                trust.with_root(certificate)?
            } else {
                trust.with_signer(certificate.clone())
            };
        }
        Ok(trust)
    }

    /// What a token must be; one that cannot be read is nothing at all, and is held against no more.
    pub(super) fn token_rules(
        &self,
        inside: &[Certificate],
        token: Option<&Token>,
        given: Given,
    ) -> Result<TokenRules, CertificateError> {
        let issuer = self.issuer.clone().filter(|_| given.issuer);
        let own_issuer = || Some(token?.issuer.clone());
        let audience = self.audience.clone().filter(|_| given.audience);
        let own_audience = || Some(own_audience(token?)?.to_owned());
        Ok(TokenRules {
            issuer: issuer.or_else(own_issuer).unwrap_or_default(),
            trust: self.trust_in(inside)?,
            audience: audience.or_else(own_audience).unwrap_or_default(),
            holders: match self.crls.is_empty() {
                true => None,
                false => Some(self.trust_in(inside)?),
            },
            privilege: None,
        })
    }
}

/// The audience that is meant where none was given: the one that is the recipient, or is all but the recipient, or the first.
pub(super) fn own_audience(token: &Token) -> Option<&str> {
    let bare = |name: &str| name.trim_end_matches('/').to_ascii_lowercase();
    let recipient = bare(&token.recipient);
    let mut audiences = token.audiences.iter();
    let same = audiences.clone().find(|found| **found == token.recipient);
    let near = || audiences.find(|found| bare(found) == recipient);
    let found = same.or_else(near).or(token.audiences.first());
    found.map(String::as_str)
}
