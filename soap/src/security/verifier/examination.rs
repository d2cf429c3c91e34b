//! One message, gone through from the outside in.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::super::canonical::Canonicaliser;
use super::super::fields::attribute;
use super::super::layout::{Envelope, Layout, Place, check_ids};
use super::super::signature::{Reference, Signature, Transform};
use super::super::token::{ReadToken, certificate};
use super::super::{
    Authority, Body, Cause, Certificate, Hint, Part, ReferenceReport, Refusal, ReplayIdentity,
    Report, Token, Verified,
};
use super::addressing::{ALWAYS_SIGNED, Headers, Timestamp};
use super::known::{KnownToken, is_token_of_message};
use super::referred::{Referred, binary_security_token, key_reference, token_reference};
use super::{CertificateRules, Direction, SignerRules, TokenRules, Verifier};
use crate::xml::{ElementId, Name, Tree};

/// A message that is being verified.
pub(super) struct Examination<'v, 'm> {
    verifier: &'v Verifier,
    time: DateTime<Utc>,
    direction: Direction<'m>,
    /// Whether to go on past what is wrong.
    inspects: bool,
    report: Report,
    /// The element whose content was passed over, since it is a known token's.
    passed: Option<(ElementId, Arc<KnownToken>)>,
    /// The token of the message, once its issuer's signature holds.
    known: Option<Arc<KnownToken>>,
    canonicaliser: Canonicaliser,
}

/// A reference and where it leads.
struct Led<'s, 't> {
    reference: &'s Reference<'t>,
    part: Part,
    apex: ElementId,
}

impl Led<'_, '_> {
    fn is_token(&self) -> bool {
        matches!(self.part, Part::ReferencedToken | Part::Token)
    }
}

/// What came of all checks; of a message that is to be believed, nothing is missing.
struct Checked {
    envelope: Envelope,
    signer: Option<Signer>,
    headers: Option<Headers>,
    timestamp: Option<Timestamp>,
}

/// Who signed.
struct Signer {
    certificate: Certificate,
    token: Option<Arc<Token>>,
}

impl<'v, 'm> Examination<'v, 'm> {
    pub(super) fn new(
        verifier: &'v Verifier,
        time: DateTime<Utc>,
        direction: Direction<'m>,
    ) -> Self {
        Self {
            verifier,
            time,
            direction,
            inspects: false,
            report: Report::default(),
            passed: None,
            known: None,
            canonicaliser: Canonicaliser::default(),
        }
    }

    pub(super) fn verify<'a>(&mut self, message: &'a [u8]) -> Result<Verified<Body<'a>>, Refusal> {
        let (verifier, limits) = (self.verifier, &self.verifier.rules.limits);
        let mut passed = None;
        let read = Tree::read_past(message, limits, |tree, element| {
            let passes = passed.is_none() && is_token_of_message(tree, element);
            let known = passes.then(|| verifier.known_token(tree, element))??;
            let octets = known.octets();
            passed = Some((element, known));
            Some(octets)
        });
        let past_any = passed.is_some();
        self.passed = passed;
        let verdict = read
            .map_err(Refusal::from)
            .and_then(|tree| self.tree(&tree));
        if verdict.is_ok() || !past_any {
            return verdict;
        }
        // What is wrong is said of the whole message.
        *self = Self::new(self.verifier, self.time, self.direction);
        self.tree(&Tree::read(message, limits)?)
    }

    pub(super) fn inspect(&mut self, message: &[u8]) -> Report {
        self.inspects = true;
        let tree = Tree::read(message, &self.verifier.rules.limits).map_err(Refusal::from);
        if let Err(refusal) = tree.and_then(|tree| self.check(&tree)) {
            self.report.refusals.push(refusal);
        }
        std::mem::take(&mut self.report)
    }

    pub(super) fn tree<'a>(&mut self, tree: &Tree<'a>) -> Result<Verified<Body<'a>>, Refusal> {
        let rules = &self.verifier.rules;
        let checked = self.check(tree)?;
        let (Some(signer), Some(headers), Some(timestamp)) =
            (checked.signer, checked.headers, checked.timestamp)
        else {
            // What is missing has been refused, unless what is wrong is only noted.
            return Err(Cause::NotSigned.into());
        };
        let message_id = headers.message_id.as_deref().unwrap_or_default();
        let expires = timestamp.end(rules) + rules.skew;
        let replay = ReplayIdentity::new(signer.certificate.key(), message_id, expires);
        let authority = Authority {
            certificate: signer.certificate,
            token: signer.token,
            message_id: headers.message_id,
            action: headers.action,
            created: timestamp.created,
            replay,
            report: std::mem::take(&mut self.report),
        };
        Ok(Verified::new(
            Body::of(tree, &checked.envelope, rules.limits),
            authority,
        ))
    }

    /// Every check in its order.
    fn check(&mut self, tree: &Tree<'_>) -> Result<Checked, Refusal> {
        let rules = &self.verifier.rules;
        let envelope = Envelope::find(tree, rules.profile.version)?;
        let layout = self.keep(Layout::find(tree, &envelope))?;
        let headers = self.keep(Headers::read(tree, &envelope))?;
        let signer = match &layout {
            Some(layout) => self.signed(tree, layout)?,
            None => None,
        };
        let timestamp = match &layout {
            Some(layout) => self.keep(Timestamp::read(tree, layout))?,
            None => None,
        };
        if let Some(headers) = &headers {
            for check in headers.check(tree, rules, self.direction) {
                self.note(check)?;
            }
        }
        if let Some(timestamp) = &timestamp {
            for check in timestamp.check(rules, self.time) {
                self.note(check)?;
            }
        }
        Ok(Checked {
            envelope,
            signer,
            headers,
            timestamp,
        })
    }

    /// What is signed, and by whom.
    fn signed(&mut self, tree: &Tree<'_>, layout: &Layout) -> Result<Option<Signer>, Refusal> {
        let Some(signature) = self.keep(Signature::read(tree, layout.signature))? else {
            return self.signer(tree, layout, None);
        };
        let ids = signature.references.iter().map(|reference| reference.id);
        let passed = self.passed.as_ref();
        let passed = passed.map(|(element, known)| (*element, &known.ids[..]));
        self.note(check_ids(tree, ids, passed))?;
        let led = self.lead(tree, layout, &signature)?;
        self.covers(layout, &led)?;
        let signer = self.signer(tree, layout, Some(&signature));
        let signer = self.keep(signer)?.flatten();
        if let Some(signer) = &signer {
            self.signature(tree, &signature, signer)?;
        }
        self.digests(tree, &led)?;
        Ok(signer)
    }

    /// Ends with what is wrong, or notes it and goes on without.
    fn keep<T>(&mut self, outcome: Result<T, Refusal>) -> Result<Option<T>, Refusal> {
        match outcome {
            Ok(value) => Ok(Some(value)),
            Err(refusal) => self.note(Err(refusal)).map(|()| None),
        }
    }

    /// Ends with what is wrong, or notes it.
    fn note(&mut self, check: Result<(), Refusal>) -> Result<(), Refusal> {
        match check {
            Err(refusal) if self.inspects => {
                self.report.refusals.push(refusal);
                Ok(())
            }
            check => check,
        }
    }

    /// Follows each reference to the part that stands where such a part may stand.
    fn lead<'s, 't>(
        &mut self,
        tree: &Tree<'_>,
        layout: &Layout,
        signature: &'s Signature<'t>,
    ) -> Result<Vec<Led<'s, 't>>, Refusal> {
        let mut all = Vec::with_capacity(signature.references.len());
        for reference in &signature.references {
            let place = layout.by_id(tree, reference.id);
            let led = match place {
                Some(place) => self.lead_to(tree, layout, reference, place),
                None => Err(Cause::ReferenceTarget.into()),
            };
            match led {
                Ok((part, apex)) => all.push(Led {
                    reference,
                    part,
                    apex,
                }),
                Err(refusal) => self.note(Err(refusal))?,
            }
        }
        Ok(all)
    }

    fn lead_to(
        &self,
        tree: &Tree<'_>,
        layout: &Layout,
        reference: &Reference<'_>,
        place: Place,
    ) -> Result<(Part, ElementId), Refusal> {
        let refused = |cause| Err(Refusal::new(cause).with_part(place.part));
        match (&reference.transform, place.part) {
            (Transform::TokenReference(_), Part::ReferencedToken) => {
                let target = token_reference(tree, place.element)
                    .map_err(|refusal| refusal.with_part(place.part))?;
                match (target, layout.token, layout.certificate) {
                    (Referred::Token(id), Some(token), _)
                        if tree.attribute(token, "", "ID") == Some(&*id) =>
                    {
                        Ok((Part::ReferencedToken, token))
                    }
                    _ => refused(Cause::ReferenceTarget),
                }
            }
            // The reference alone says nothing of what it refers to.
            (Transform::Canonical(_), Part::ReferencedToken) => refused(Cause::Transform),
            (Transform::Canonical(_), part) => Ok((part, place.element)),
            (Transform::TokenReference(_) | Transform::Enveloped(_), _) => {
                refused(Cause::Transform)
            }
        }
    }

    /// Whether all is signed that must be.
    fn covers(&mut self, layout: &Layout, led: &[Led<'_, '_>]) -> Result<(), Refusal> {
        let rules = &self.verifier.rules;
        let demanded = |name: &Name| ALWAYS_SIGNED.contains(name) || rules.parts.has_header(name);
        for place in &layout.parts {
            let (must, part) = match place.part {
                Part::Body | Part::Timestamp => (true, place.part),
                Part::BinarySecurityToken => (rules.profile.protects_certificate, place.part),
                Part::Header(name) => (demanded(&name), place.part),
                // Through a reference to it, or by its own id.
                Part::Token => {
                    let held = led.iter().any(|led| led.part == Part::ReferencedToken);
                    (!held, Part::Token)
                }
                _ => (false, place.part),
            };
            let held = led
                .iter()
                .any(|led| led.part == part && led.apex == place.element);
            if must && !held {
                self.note(Err(Refusal::new(Cause::NotCovered).with_part(part)))?;
            }
        }
        Ok(())
    }

    /// Finds out who signed, and whether they are to be believed.
    fn signer(
        &mut self,
        tree: &Tree<'_>,
        layout: &Layout,
        signature: Option<&Signature<'_>>,
    ) -> Result<Option<Signer>, Refusal> {
        let referred = signature.map(|signature| {
            let key_info = signature.key_info.ok_or(Cause::KeyInfo)?;
            key_reference(tree, key_info)
        });
        let referred = match referred {
            Some(referred) => self.keep(referred)?,
            None => None,
        };
        match &self.verifier.rules.signer {
            SignerRules::Token(rules) => {
                let element = layout.token.ok_or(Cause::TokenMissing)?;
                let id = attribute(tree, element, "ID")?;
                let other = |referred| !matches!(referred, Referred::Token(other) if other == id);
                if referred.is_some_and(other) {
                    self.note(Err(Cause::HolderOfKey.into()))?;
                }
                self.token(tree, element, rules).map(Some)
            }
            SignerRules::Certificate(rules) => {
                if layout.token.is_some() {
                    self.note(Err(Cause::TokenUnexpected.into()))?;
                }
                let certificate =
                    referred.map(|referred| self.certificate(tree, layout, rules, &referred));
                certificate.transpose()
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
        for check in token.check(rules, self.time, self.verifier.rules.skew) {
            self.note(check)?;
        }
        let holder = match &rules.holders {
            Some(holders) => holders
                .verify(&token.holder, self.time)
                .map_err(Refusal::from),
            None if self.time > token.holder.not_after() => Err(Cause::SignerExpired.into()),
            None if self.time < token.holder.not_before() => Err(Cause::SignerNotYetValid.into()),
            None if !token.holder.may_sign() => Err(Cause::SignerUsage.into()),
            None => Ok(()),
        };
        self.note(holder)?;
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
        let verified = read.verify(tree, &signer, &mut self.canonicaliser);
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
        self.note(trusted.map_err(|refusal| refusal.with_part(Part::IssuedToken)))?;
        Ok(is_trusted)
    }

    fn certificate(
        &mut self,
        tree: &Tree<'_>,
        layout: &Layout,
        rules: &CertificateRules,
        referred: &Referred<'_>,
    ) -> Result<Signer, Refusal> {
        let refused = || Refusal::new(Cause::KeyInfo);
        let found = match referred {
            Referred::Certificate(id) => {
                let element = layout.certificate.ok_or_else(refused)?;
                let place = layout.by_id(tree, id).ok_or_else(refused)?;
                if place.element != element {
                    return Err(refused());
                }
                let der = binary_security_token(tree, element)?;
                let known = rules
                    .trust
                    .signers()
                    .iter()
                    .find(|known| known.der() == der);
                known.cloned().map_or_else(|| certificate(&der), Ok)?
            }
            Referred::KeyIdentifier(identifier) => {
                let is = |known: &&Certificate| {
                    known.subject_key_identifier() == Some(identifier.as_slice())
                };
                let known = rules.trust.signers().iter().find(is);
                known.cloned().ok_or(Cause::UnknownIssuer)?
            }
            Referred::Token(_) => return Err(refused()),
        };
        self.report.certificate = Some(found.clone());
        let trusted = rules.trust.verify(&found, self.time).map_err(Refusal::from);
        self.note(trusted)?;
        let accepted = rules.organisations.is_empty()
            || found
                .cvr()
                .is_some_and(|cvr| rules.organisations.contains(&cvr));
        if !accepted {
            self.note(Err(Cause::SignerNotAccepted.into()))?;
        }
        Ok(Signer {
            certificate: found,
            token: None,
        })
    }

    fn signature(
        &mut self,
        tree: &Tree<'_>,
        signature: &Signature<'_>,
        signer: &Signer,
    ) -> Result<(), Refusal> {
        let key = signer.certificate.key();
        let holds = signature.verifies(tree, key, &mut self.canonicaliser);
        self.report.signature = Some(holds);
        if holds {
            return Ok(());
        }
        let refusal = Refusal::new(Cause::Signature);
        if !self.inspects {
            return Err(refusal);
        }
        let trust = match &self.verifier.rules.signer {
            SignerRules::Token(rules) => &rules.trust,
            SignerRules::Certificate(rules) => &rules.trust,
        };
        let hint = signature.neighbour(tree, key).or_else(|| {
            let mut keys = trust.signers().iter().map(Certificate::key);
            let another = keys.any(|key| signature.verifies(tree, key, &mut self.canonicaliser));
            another.then_some(Hint::AnotherKey)
        });
        self.note(Err(refusal.with_hint(hint)))
    }

    fn digests(&mut self, tree: &Tree<'_>, led: &[Led<'_, '_>]) -> Result<(), Refusal> {
        for led in led {
            let known = self.known.as_ref().filter(|_| led.is_token());
            let (reference, canonicaliser) = (led.reference, &mut self.canonicaliser);
            let held = known
                .is_some_and(|known| known.has_digest(reference, tree, led.apex, canonicaliser));
            let outcome = if held {
                Ok(())
            } else {
                reference.check(tree, led.apex, None, canonicaliser)
            };
            let outcome = outcome.map_err(|refusal| refusal.with_part(led.part));
            self.report.references.push(ReferenceReport {
                part: led.part,
                method: led.reference.method,
                outcome: outcome.clone(),
            });
            self.note(outcome)?;
        }
        Ok(())
    }
}
