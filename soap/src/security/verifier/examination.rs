//! One message, gone through from the outside in.

mod signer;

use std::sync::Arc;

use chrono::{DateTime, Utc};

use self::signer::Signer;
use super::super::canonical::Canonicaliser;
use super::super::layout::{Envelope, Layout, Place, check_ids};
use super::super::signature::{Reference, Signature, Transform};
use super::super::{
    Authority, Body, Cause, Certificate, Check, Hint, Part, ReferenceReport, Refusal,
    ReplayIdentity, Report, Verified,
};
use super::addressing::{ALWAYS_SIGNED, Headers, Timestamp};
use super::known::{KnownToken, is_token_of_message};
use super::referred::{Referred, token_reference};
use super::{Direction, SignerRules, Verifier};
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
    /// The canonical form of the body, once its digest is that of a reference.
    body: Option<String>,
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
            body: None,
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
        let (Some(signer), Some(headers), Some(timestamp), Some(body)) = (
            checked.signer,
            checked.headers,
            checked.timestamp,
            self.body.take(),
        ) else {
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
            Body::of(tree, &checked.envelope, body, rules.limits),
            authority,
        ))
    }

    /// Every check in its order.
    fn check(&mut self, tree: &Tree<'_>) -> Result<Checked, Refusal> {
        let rules = &self.verifier.rules;
        let envelope = Envelope::find(tree, rules.profile.version)?;
        let found = Layout::find(tree, &envelope, &mut |refusal| self.note(Err(refusal)));
        let layout = self.keep(found)?;
        let headers = self.keep(Headers::read(tree, &envelope))?;
        let signer = match &layout {
            Some(layout) => self.signed(tree, layout)?,
            None => None,
        };
        let timestamp = match &layout {
            Some(layout) => self.watch(Check::Timestamp, |this| {
                this.keep(Timestamp::read(tree, layout))
            })?,
            None => None,
        };
        if let Some(headers) = &headers {
            self.watch(Check::Framework, |this| {
                this.note(headers.framework(tree, rules.profile.framework))
            })?;
            self.watch(Check::Addressing, |this| {
                let mut checks = headers.check(tree, &envelope, rules, this.direction);
                checks.try_for_each(|check| this.note(check))
            })?;
        }
        if let Some(timestamp) = &timestamp {
            self.watch(Check::Timestamp, |this| {
                let mut checks = timestamp.check(rules, this.time);
                checks.try_for_each(|check| this.note(check))
            })?;
        }
        Ok(Checked {
            envelope,
            signer,
            headers,
            timestamp,
        })
    }

    /// What is signed, and by whom.
    fn signed(&mut self, tree: &Tree<'_>, layout: &Layout<'_>) -> Result<Option<Signer>, Refusal> {
        let signature = layout.signature.map(|id| Signature::read(tree, id));
        let signature = match signature {
            Some(signature) => self.keep(signature)?,
            None => None,
        };
        let Some(signature) = signature else {
            let signer = self.signer(tree, layout, None);
            return self.keep(signer).map(Option::flatten);
        };
        // The token's id is led to by way of the SecurityTokenReferences.
        let token = layout.token.and_then(|id| tree.attribute(id, "", "ID"));
        let ids = signature.references.iter().map(|reference| reference.id);
        let ids = ids.chain(token);
        let passed = self.passed.as_ref();
        let passed = passed.map(|(element, known)| (*element, &known.ids[..]));
        let ids = check_ids(tree, ids, passed);
        let led = self.watch(Check::Coverage, |this| {
            this.note(ids)?;
            let led = this.lead(tree, layout, &signature)?;
            this.covers(layout, &led)?;
            Ok(led)
        })?;
        let signer = self.signer(tree, layout, Some(&signature));
        let signer = self.keep(signer)?.flatten();
        if let Some(signer) = &signer {
            self.signature(tree, &signature, signer)?;
        }
        self.digests(tree, &led)?;
        Ok(signer)
    }

    /// Runs `check`; an inspection notes that it looked, and whether it found nothing wrong.
    fn watch<T>(
        &mut self,
        check: Check,
        run: impl FnOnce(&mut Self) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        let before = self.report.refusals.len();
        let outcome = run(self)?;
        if self.inspects {
            self.report.looked_at(check, before);
        }
        Ok(outcome)
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
        layout: &Layout<'_>,
        signature: &'s Signature<'t>,
    ) -> Result<Vec<Led<'s, 't>>, Refusal> {
        let mut all = Vec::with_capacity(signature.references.len());
        for reference in &signature.references {
            let place = layout.by_id(reference.id);
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
        layout: &Layout<'_>,
        reference: &Reference<'_>,
        place: Place<'_>,
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
    fn covers(&mut self, layout: &Layout<'_>, led: &[Led<'_, '_>]) -> Result<(), Refusal> {
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
        self.report.references.reserve_exact(led.len());
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
            if outcome.is_ok() && led.part == Part::Body {
                self.body = Some(self.canonicaliser.written().to_owned());
            }
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
