//! Who signed a message, and whether they are to be believed.

use std::sync::Arc;

use super::super::referred::{Referred, binary_security_token, key_reference};
use super::super::{CertificateRules, SignerRules, TokenRules};
use super::Examination;
use crate::security::fields::attribute;
use crate::security::layout::Layout;
use crate::security::signature::Signature;
use crate::security::token::{ReadToken, certificate};
use crate::security::{Cause, Certificate, Check, Part, Refusal, Token};
use crate::xml::{ElementId, Tree};

/// Who signed.
pub(super) struct Signer {
    pub(super) certificate: Certificate,
    pub(super) token: Option<Arc<Token>>,
}

impl Examination<'_, '_> {
    /// Finds out who signed, and whether they are to be believed.
    pub(super) fn signer(
        &mut self,
        tree: &Tree<'_>,
        layout: &Layout<'_>,
        signature: Option<&Signature<'_>>,
    ) -> Result<Option<Signer>, Refusal> {
        let referred = signature.map(|signature| {
            let key_info = signature.key_info.ok_or(Cause::KeyInfo)?;
            key_reference(tree, key_info, self.verifier.rules.profile)
        });
        let referred = match referred {
            Some(referred) => self.watch(Check::KeyInfo, |this| this.keep(referred))?,
            None => None,
        };
        match &self.verifier.rules.signer {
            SignerRules::Token(rules) => {
                let element = layout.token.ok_or(Cause::TokenMissing)?;
                let id = attribute(tree, element, "ID")?;
                if let Some(referred) = referred {
                    let own = matches!(referred, Referred::Token(other) if other == id);
                    let own = own.then_some(()).ok_or_else(|| Cause::HolderOfKey.into());
                    self.watch(Check::KeyInfo, |this| this.note(own))?;
                }
                self.token(tree, element, rules).map(Some)
            }
            SignerRules::Certificate(rules) => {
                let mut referred = referred;
                if layout.token.is_some() {
                    self.note(Err(Cause::TokenUnexpected.into()))?;
                    // It may well be signed with the key of that, which is nobody's here.
                    referred = referred.filter(|to| !matches!(to, Referred::Token(_)));
                }
                let Some(referred) = referred else {
                    return Ok(None);
                };
                let found = referred_certificate(tree, layout, rules, &referred);
                let found = self.watch(Check::KeyInfo, |this| this.keep(found))?;
                found
                    .map(|found| self.certificate(found, rules))
                    .transpose()
            }
        }
    }

    fn token(
        &mut self,
        tree: &Tree<'_>,
        element: ElementId,
        rules: &TokenRules,
    ) -> Result<Signer, Refusal> {
        let known = match self.passed.take() {
            Some((passed, known)) if passed == element => Some(known),
            _ => self.verifier.known_token(tree, element),
        };
        let token = match known {
            Some(known) => {
                self.trusts_issuer(rules, &known.signer)?;
                self.report.token_signature = Some(true);
                let token = Arc::clone(&known.token);
                self.known = Some(known);
                token
            }
            None => self.new_token(tree, element, rules)?,
        };
        self.report.certificate = Some(token.holder.clone());
        self.watch(Check::Token, |this| {
            let mut checks = token.check(rules, this.time, this.verifier.rules.skew);
            checks.try_for_each(|check| this.note(check))
        })?;
        let holder = match &rules.holders {
            Some(holders) => holders
                .verify(&token.holder, self.time)
                .map_err(Refusal::from),
            None if self.time > token.holder.not_after() => Err(Cause::SignerExpired.into()),
            None if self.time < token.holder.not_before() => Err(Cause::SignerNotYetValid.into()),
            None if !token.holder.may_sign() => Err(Cause::SignerUsage.into()),
            None => Ok(()),
        };
        self.watch(Check::Signer, |this| {
            this.note(holder)?;
            this.note(speaks(&token.holder))
        })?;
        Ok(Signer {
            certificate: token.holder.clone(),
            token: Some(token),
        })
    }

    /// Verifies the signature of a token that has not been seen before. No key is computed with, and nothing kept, before its
    /// holder is believed.
    fn new_token(
        &mut self,
        tree: &Tree<'_>,
        element: ElementId,
        rules: &TokenRules,
    ) -> Result<Arc<Token>, Refusal> {
        let known = |written: &str| self.verifier.known_holder(written);
        let read = ReadToken::read_with(tree, element, known)?;
        let signer = read.signer(tree, &rules.trust)?;
        let is_trusted = self.trusts_issuer(rules, &signer)?;
        let verified = if self.inspects {
            read.look(tree, &signer, &mut self.canonicaliser)
        } else {
            read.verify(tree, &signer, &mut self.canonicaliser)
        };
        let holds = verified.is_ok();
        self.report.token_signature = Some(holds);
        self.note(verified)?;
        let token = Arc::new(read.token);
        if holds && is_trusted {
            self.verifier.keep_holder(&read.holder, &token.holder);
            let known = self.verifier.keep_token(tree, element, &token, signer);
            self.known = Some(known);
        }
        Ok(token)
    }

    fn trusts_issuer(&mut self, rules: &TokenRules, signer: &Certificate) -> Result<bool, Refusal> {
        self.report.token_certificate = Some(signer.clone());
        let trusted = rules.trust.verify(signer, self.time).map_err(Refusal::from);
        let is_trusted = trusted.is_ok();
        let trusted = trusted.map_err(|refusal| refusal.with_part(Part::IssuedToken));
        self.watch(Check::TokenSigner, |this| this.note(trusted))?;
        Ok(is_trusted)
    }

    fn certificate(
        &mut self,
        found: Certificate,
        rules: &CertificateRules,
    ) -> Result<Signer, Refusal> {
        self.report.certificate = Some(found.clone());
        let trusted = rules.trust.verify(&found, self.time).map_err(Refusal::from);
        let accepted = rules.organisations.is_empty()
            || found
                .cvr()
                .is_some_and(|cvr| rules.organisations.contains(&cvr));
        self.watch(Check::Signer, |this| {
            this.note(trusted)?;
            this.note(speaks(&found))?;
            let refused = || Refusal::new(Cause::SignerNotAccepted);
            this.note(accepted.then_some(()).ok_or_else(refused))
        })?;
        Ok(Signer {
            certificate: found,
            token: None,
        })
    }
}

/// The certificate that KeyInfo refers to. Whether it is believed is another question.
fn referred_certificate(
    tree: &Tree<'_>,
    layout: &Layout<'_>,
    rules: &CertificateRules,
    referred: &Referred<'_>,
) -> Result<Certificate, Refusal> {
    let refused = || Refusal::new(Cause::KeyInfo);
    let known_or_read = |der: &[u8]| {
        let mut known = rules.trust.signers().iter();
        let known = known.find(|known| known.der() == der).cloned();
        known.map_or_else(|| certificate(der), Ok)
    };
    match referred {
        Referred::Certificate(id) => {
            let element = layout.certificate.ok_or_else(refused)?;
            let place = layout.by_id(id).ok_or_else(refused)?;
            if place.element != element {
                return Err(refused());
            }
            known_or_read(&binary_security_token(tree, element)?)
        }
        Referred::Inline(der) => known_or_read(der),
        Referred::Known(name) => {
            let signers = rules.trust.signers().iter();
            let mut known = signers.filter(|known| name.names(known));
            match (known.next(), known.next()) {
                (Some(one), None) => Ok(one.clone()),
                _ => Err(Cause::UnknownIssuer.into()),
            }
        }
        Referred::Token(_) => Err(refused()),
    }
}

/// Systems call one another, and speak for organisations: a person's certificate proves that of nobody.
fn speaks(certificate: &Certificate) -> Result<(), Refusal> {
    if certificate.holder().is_personal() {
        return Err(Cause::SignerPersonal.into());
    }
    Ok(())
}
