//! One message, gone through from the outside in.

use std::borrow::Cow;

use chrono::{DateTime, Utc};

use super::super::canonical::canonicalise;
use super::super::fields::{Fields, attribute, base64, text};
use super::super::layout::{Envelope, Layout, Place, check_ids};
use super::super::signature::{Reference, Signature, Transform};
use super::super::token::{ReadToken, certificate};
use super::super::vocabulary::{DS, SAML_ID, WSSE, X509_SKI, X509_V3};
use super::super::{
    Authority, Body, Cause, Certificate, Part, ReferenceReport, Refusal, ReplayIdentity, Report,
    Token, Verified,
};
use super::addressing::{ALWAYS_SIGNED, Headers, Timestamp};
use super::{CertificateRules, Direction, SignerRules, TokenDigest, TokenRules, Verifier};
use crate::xml::{ElementId, Name, Tree};

/// A message that is being verified.
pub(super) struct Examination<'v, 'm> {
    verifier: &'v Verifier,
    time: DateTime<Utc>,
    direction: Direction<'m>,
    /// Whether to go on past what is wrong.
    inspects: bool,
    report: Report,
}

/// A reference and where it leads.
struct Led<'s, 't> {
    reference: &'s Reference<'t>,
    part: Part,
    apex: ElementId,
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
    token: Option<Token>,
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
        }
    }

    pub(super) fn verify<'a>(&mut self, message: &'a [u8]) -> Result<Verified<Body<'a>>, Refusal> {
        let tree = Tree::read(message, &self.verifier.rules.limits)?;
        self.tree(&tree)
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
            return self.signer(tree, layout, None, &[]);
        };
        let ids = signature.references.iter().map(|reference| reference.id);
        self.note(check_ids(tree, ids))?;
        let led = self.lead(tree, layout, &signature)?;
        self.covers(layout, &led)?;
        let signer = self.signer(tree, layout, Some(&signature), &led);
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
        let demanded =
            |name: &Name| ALWAYS_SIGNED.contains(name) || rules.parts.headers.contains(name);
        for place in &layout.parts {
            let (must, part) = match place.part {
                Part::Body | Part::Timestamp | Part::BinarySecurityToken => (true, place.part),
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
        led: &[Led<'_, '_>],
    ) -> Result<Option<Signer>, Refusal> {
        let referred = signature.map(|signature| {
            let key_info = signature.key_info.ok_or(Refusal::new(Cause::KeyInfo))?;
            key_reference(tree, key_info)
        });
        let referred = match referred {
            Some(referred) => self.keep(referred)?,
            None => None,
        };
        match &self.verifier.rules.signer {
            SignerRules::Token(rules) => {
                let element = layout.token.ok_or(Refusal::new(Cause::TokenMissing))?;
                let id = attribute(tree, element, "ID")?;
                let other = |referred| !matches!(referred, Referred::Token(other) if other == id);
                if referred.is_some_and(other) {
                    self.note(Err(Cause::HolderOfKey.into()))?;
                }
                self.token(tree, element, rules, led).map(Some)
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
        led: &[Led<'_, '_>],
    ) -> Result<Signer, Refusal> {
        let digest = token_digest(tree, led);
        let known = digest
            .as_ref()
            .and_then(|digest| self.verifier.known_token(digest));
        let (token, signer) = match known {
            Some(known) => known,
            None => {
                let read = ReadToken::read(tree, element)?;
                let signer = read.signer(tree, &rules.trust)?;
                let verified = read.verify(tree, &signer);
                let holds = verified.is_ok();
                self.report.token_signature = Some(holds);
                self.note(verified)?;
                if let (true, Some(digest)) = (holds, digest) {
                    self.verifier
                        .keep_token(digest, read.token.clone(), signer.clone());
                }
                (read.token, signer)
            }
        };
        self.report.token_signature.get_or_insert(true);
        self.report.token_certificate = Some(signer.clone());
        self.report.certificate = Some(token.holder.clone());
        let trusted = rules
            .trust
            .verify(&signer, self.time)
            .map_err(Refusal::from);
        self.note(trusted.map_err(|refusal| refusal.with_part(Part::IssuedToken)))?;
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
                known.cloned().ok_or(Refusal::new(Cause::UnknownIssuer))?
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
        let holds = signature.verifies(tree, signer.certificate.key());
        self.report.signature = Some(holds);
        let check = if holds {
            Ok(())
        } else {
            Err(Cause::Signature.into())
        };
        self.note(check)
    }

    fn digests(&mut self, tree: &Tree<'_>, led: &[Led<'_, '_>]) -> Result<(), Refusal> {
        for Led {
            reference,
            part,
            apex,
        } in led
        {
            let outcome = reference.check(tree, *apex, None);
            let outcome = outcome.map_err(|refusal| refusal.with_part(*part));
            self.report.references.push(ReferenceReport {
                part: *part,
                method: reference.method,
                outcome: outcome.clone(),
            });
            self.note(outcome)?;
        }
        Ok(())
    }
}

/// What a SecurityTokenReference refers to.
enum Referred<'t> {
    /// An assertion by its id.
    Token(Cow<'t, str>),
    /// A BinarySecurityToken by its id.
    Certificate(&'t str),
    /// A certificate by its subject key identifier.
    KeyIdentifier(Vec<u8>),
}

/// The one SecurityTokenReference of a KeyInfo.
fn key_reference<'t>(tree: &'t Tree<'_>, key_info: ElementId) -> Result<Referred<'t>, Refusal> {
    let read = || {
        let mut fields = Fields::of(tree, key_info, DS.name("KeyInfo"))?;
        let reference = fields.required(WSSE.name("SecurityTokenReference"))?;
        fields.end()?;
        token_reference(tree, reference)
    };
    read().map_err(|_| Refusal::new(Cause::KeyInfo))
}

fn token_reference<'t>(tree: &'t Tree<'_>, id: ElementId) -> Result<Referred<'t>, Refusal> {
    const KEY_IDENTIFIER: Name = WSSE.name("KeyIdentifier");
    let refused = || Refusal::new(Cause::KeyInfo);
    let mut fields = Fields::of(tree, id, WSSE.name("SecurityTokenReference"))?;
    let identifier = fields.optional(KEY_IDENTIFIER);
    let reference = fields.optional(WSSE.name("Reference"));
    fields.end()?;
    match (identifier, reference) {
        (Some(identifier), None) => {
            let value = text(tree, identifier, KEY_IDENTIFIER)?;
            match attribute(tree, identifier, "ValueType")? {
                SAML_ID => Ok(Referred::Token(value)),
                X509_SKI => Ok(Referred::KeyIdentifier(base64(&value, KEY_IDENTIFIER)?)),
                _ => Err(refused()),
            }
        }
        (None, Some(reference)) => {
            let target = attribute(tree, reference, "URI")?.strip_prefix('#');
            let target = target.ok_or_else(refused)?;
            match tree.attribute(reference, "", "ValueType") {
                Some(X509_V3) | None => Ok(Referred::Certificate(target)),
                Some(_) => Err(refused()),
            }
        }
        _ => Err(refused()),
    }
}

fn binary_security_token(tree: &Tree<'_>, id: ElementId) -> Result<Vec<u8>, Refusal> {
    const NAME: Name = WSSE.name("BinarySecurityToken");
    if attribute(tree, id, "ValueType")? != X509_V3 {
        return Err(Refusal::structure("ValueType"));
    }
    base64(&text(tree, id, NAME)?, NAME)
}

/// The digest that the message's own signature says the token has, if it does: it is that of the whole token.
fn token_digest(tree: &Tree<'_>, led: &[Led<'_, '_>]) -> Option<TokenDigest> {
    let covers = |led: &&Led<'_, '_>| led.part == Part::ReferencedToken || led.part == Part::Token;
    let led = led.iter().find(covers)?;
    let form = led.reference.transform.forms().next()?;
    let mut octets = String::with_capacity(tree.range(led.apex).len() + 256);
    if !canonicalise(tree, led.apex, None, &form, &mut octets) {
        return None;
    }
    let digest = led.reference.method.digest(octets.as_bytes());
    Some((led.reference.method, digest.as_ref().to_vec()))
}
