//! Signatures as XML has them, under the one strict profile that is taken (XML Signature 1.1; WSS SOAP Message Security 1.1.1,
//! section 8).

use std::borrow::Cow;

use aws_lc_rs::digest::Digest;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::canonical::{Canonicaliser, Form};
use super::fields::{Fields, attribute, base64, text};
use super::vocabulary::{DS, ENVELOPED, EXC_C14N, STR_TRANSFORM, WSSE};
use super::{Cause, DigestMethod, Hint, NotTaken, Refusal, SignatureMethod};
use crate::xml::{ElementId, Name, Namespace, Tree};

/// The most references that a signature may have.
pub(super) const MOST_REFERENCES: usize = 24;

/// As many as most signatures have.
const USUAL_REFERENCES: usize = 10;

/// Octets of the longest digest, of SHA-512, in base64.
const LONGEST_DIGEST: usize = 88;

/// A `ds:Signature` as it was read; nothing is verified yet.
pub(super) struct Signature<'t> {
    signed_info: ElementId,
    form: Form,
    pub(super) method: SignatureMethod,
    pub(super) references: Vec<Reference<'t>>,
    value: Vec<u8>,
    pub(super) key_info: Option<ElementId>,
}

/// A `ds:Reference`.
pub(super) struct Reference<'t> {
    /// What stands after the `#` of its URI.
    pub(super) id: &'t str,
    pub(super) transform: Transform,
    pub(super) method: DigestMethod,
    /// In base64, as written.
    digest: Cow<'t, str>,
}

/// The transforms that references have, as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Transform {
    /// The element itself.
    Canonical(Form),
    /// What the SecurityTokenReference refers to.
    TokenReference(Form),
    /// The element around the signature, without the signature.
    Enveloped(Form),
}

const SIGNED_INFO: Name = DS.name("SignedInfo");
const CANONICALIZATION_METHOD: Name = DS.name("CanonicalizationMethod");
const SIGNATURE_METHOD: Name = DS.name("SignatureMethod");
const REFERENCE: Name = DS.name("Reference");
const TRANSFORMS: Name = DS.name("Transforms");
const TRANSFORM: Name = DS.name("Transform");
const DIGEST_METHOD: Name = DS.name("DigestMethod");
const DIGEST_VALUE: Name = DS.name("DigestValue");
const SIGNATURE_VALUE: Name = DS.name("SignatureValue");
const EC: Namespace = Namespace::new(EXC_C14N, "ec");

impl<'t> Signature<'t> {
    /// Reads the element `id`.
    ///
    /// # Errors
    /// It is not put together as the profile says, or uses what is not taken.
    pub(super) fn read(tree: &'t Tree<'_>, id: ElementId) -> Result<Self, Refusal> {
        let mut fields = Fields::of(tree, id, DS.name("Signature"));
        let signed_info = fields.required(SIGNED_INFO)?;
        let value = fields.required(SIGNATURE_VALUE)?;
        let key_info = fields.optional(DS.name("KeyInfo"));
        fields.end()?;

        let mut fields = Fields::of(tree, signed_info, SIGNED_INFO);
        let form = canonicalization_method(tree, fields.required(CANONICALIZATION_METHOD)?)?;
        let method = fields.required(SIGNATURE_METHOD)?;
        let method = algorithm(tree, method, SIGNATURE_METHOD, SignatureMethod::of)?;
        let mut references = Vec::with_capacity(USUAL_REFERENCES);
        while let Some(reference) = fields.optional(REFERENCE) {
            if references.len() == MOST_REFERENCES {
                return Err(Cause::TooManyReferences.into());
            }
            references.push(Reference::read(tree, reference)?);
        }
        fields.end()?;
        if references.is_empty() {
            return Err(Cause::NoReferences.into());
        }
        Ok(Self {
            signed_info,
            form,
            method,
            references,
            value: base64(&text(tree, value, SIGNATURE_VALUE)?, SIGNATURE_VALUE)?,
            key_info,
        })
    }

    /// What signers or those after them are known to have done, where the value is not that of `key`.
    pub(super) fn neighbour(&self, tree: &Tree<'_>, key: &super::PublicKey) -> Option<Hint> {
        let mut canonicaliser = Canonicaliser::default();
        let octets = canonicaliser.form(tree, self.signed_info, None, &self.form)?;
        let octets = without_indentation(octets);
        key.verifies(self.method, octets.as_bytes(), &self.value)
            .then_some(Hint::WhiteSpace)
    }

    /// Whether the value is that of `key` over what was signed.
    pub(super) fn verifies(
        &self,
        tree: &Tree<'_>,
        key: &super::PublicKey,
        canonicaliser: &mut Canonicaliser,
    ) -> bool {
        let octets = canonicaliser.form(tree, self.signed_info, None, &self.form);
        octets.is_some_and(|octets| key.verifies(self.method, octets.as_bytes(), &self.value))
    }
}

/// A canonical form without the white space that stands alone between two tags. No attribute has a `<` in it.
fn without_indentation(octets: &str) -> String {
    let mut out = String::with_capacity(octets.len());
    for (index, piece) in octets.split('<').enumerate() {
        if index > 0 {
            out.push('<');
        }
        let kept = piece.trim_end_matches([' ', '\t', '\n']);
        out.push_str(if kept.ends_with('>') { kept } else { piece });
    }
    out
}

impl<'t> Reference<'t> {
    fn read(tree: &'t Tree<'_>, id: ElementId) -> Result<Self, Refusal> {
        let target = tree.attribute(id, "", "URI").unwrap_or_default();
        let target = target.strip_prefix('#').filter(|id| {
            !id.is_empty() && memchr::memchr3(b'#', b'(', b')', id.as_bytes()).is_none()
        });
        let target = target.ok_or(Cause::ExternalReference)?;
        let mut fields = Fields::of(tree, id, REFERENCE);
        let transforms = fields.optional(TRANSFORMS);
        let method = fields.required(DIGEST_METHOD)?;
        let digest = fields.required(DIGEST_VALUE)?;
        fields.end()?;
        // Without any, what is digested would be the inclusive canonical form.
        let transforms = transforms.ok_or(Cause::Transform)?;
        Ok(Self {
            id: target,
            transform: Transform::read(tree, transforms)?,
            method: algorithm(tree, method, DIGEST_METHOD, DigestMethod::of)?,
            digest: text(tree, digest, DIGEST_VALUE)?,
        })
    }

    /// The digest of `apex` in the form that is tried first; none if a comment stands in the middle of a value.
    pub(super) fn digest(
        &self,
        tree: &Tree<'_>,
        apex: ElementId,
        canonicaliser: &mut Canonicaliser,
    ) -> Option<Digest> {
        let form = self.transform.forms().next().unwrap_or_default();
        let octets = canonicaliser.form(tree, apex, None, &form)?;
        Some(self.method.digest(octets.as_bytes()))
    }

    /// Whether `digest` is the one that the reference has.
    pub(super) fn has(&self, digest: &Digest) -> bool {
        // Most write it in one line, and base64 takes less to write than to read.
        let mut written = [0; LONGEST_DIGEST];
        let length = STANDARD.encode_slice(digest, &mut written).unwrap_or(0);
        written[..length] == *self.digest.as_bytes()
            || base64(&self.digest, DIGEST_VALUE).is_ok_and(|octets| octets == digest.as_ref())
    }

    /// Whether the digest is that of `apex`, in the reference's own form or in another that is as good.
    ///
    /// # Errors
    /// It is not.
    pub(super) fn check(
        &self,
        tree: &Tree<'_>,
        apex: ElementId,
        without: Option<ElementId>,
        canonicaliser: &mut Canonicaliser,
    ) -> Result<(), Refusal> {
        for form in self.transform.forms() {
            let octets = canonicaliser.form(tree, apex, without, &form);
            let octets = octets.ok_or(Cause::Comment)?;
            if self.has(&self.method.digest(octets.as_bytes())) {
                return Ok(());
            }
        }
        let hint = self.neighbour(tree, apex, without, canonicaliser);
        Err(Refusal::new(Cause::Digest).with_hint(hint))
    }

    /// What signers are known to have done instead.
    fn neighbour(
        &self,
        tree: &Tree<'_>,
        apex: ElementId,
        without: Option<ElementId>,
        canonicaliser: &mut Canonicaliser,
    ) -> Option<Hint> {
        let everything = Form {
            inclusive: tree
                .prefixes()
                .take(MOST_PREFIXES)
                .map(str::to_owned)
                .collect(),
            bare_apex: false,
        };
        let tried = [
            (Form::default(), Hint::WithoutPrefixes),
            (everything, Hint::InclusiveCanonicalisation),
        ];
        for (form, hint) in tried {
            let octets = canonicaliser.form(tree, apex, without, &form)?;
            if self.has(&self.method.digest(octets.as_bytes())) {
                return Some(hint);
            }
        }
        for form in self.transform.forms() {
            let octets = canonicaliser.form(tree, apex, without, &form)?;
            let plain = without_indentation(octets);
            if self.has(&self.method.digest(plain.as_bytes())) {
                return Some(Hint::WhiteSpace);
            }
        }
        let raw = &tree.message()[tree.range(apex)];
        self.has(&self.method.digest(raw.as_bytes()))
            .then_some(Hint::NotCanonicalised)
    }
}

impl Transform {
    fn read(tree: &Tree<'_>, id: ElementId) -> Result<Self, Refusal> {
        let refused = || Refusal::new(Cause::Transform);
        let mut fields = Fields::of(tree, id, TRANSFORMS);
        let first = fields.required(TRANSFORM)?;
        let second = fields.optional(TRANSFORM);
        fields.end().map_err(|_| refused())?;
        let uri = |id| attribute(tree, id, "Algorithm");
        match (uri(first)?, second) {
            (EXC_C14N, None) => Ok(Self::Canonical(prefixes(tree, first, TRANSFORM)?)),
            (STR_TRANSFORM, None) => {
                let parameters = WSSE.name("TransformationParameters");
                let mut fields = Fields::of(tree, first, TRANSFORM);
                let inside = fields.required(parameters)?;
                fields.end()?;
                let mut fields = Fields::of(tree, inside, parameters);
                let method = fields.required(CANONICALIZATION_METHOD)?;
                fields.end()?;
                Ok(Self::TokenReference(canonicalization_method(tree, method)?))
            }
            (ENVELOPED, Some(second)) if uri(second)? == EXC_C14N => {
                Fields::of(tree, first, TRANSFORM).end()?;
                Ok(Self::Enveloped(prefixes(tree, second, TRANSFORM)?))
            }
            (other, _) => Err(refused().with_hint(other_canonicalisation(other))),
        }
    }

    /// The forms that are as good as each other. WSS4J canonicalises what a SecurityTokenReference refers to with the default
    /// namespace included and `xmlns=""` on the apex, WCF without either.
    fn forms(&self) -> impl Iterator<Item = Form> {
        let (first, second) = match self {
            Self::Canonical(form) | Self::Enveloped(form) => (form.clone(), None),
            Self::TokenReference(form) => {
                let mut java = form.clone();
                java.inclusive.push(String::new());
                java.bare_apex = true;
                (java, Some(form.clone()))
            }
        };
        std::iter::once(first).chain(second)
    }
}

/// What canonicalisation with this URI is called, where it is one that is not taken.
fn other_canonicalisation(uri: &str) -> Option<Hint> {
    Some(Hint::Algorithm(match uri {
        "http://www.w3.org/TR/2001/REC-xml-c14n-20010315" => "inclusive canonicalisation",
        "http://www.w3.org/2006/12/xml-c14n11" => "inclusive canonicalisation 1.1",
        "http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments"
        | "http://www.w3.org/2006/12/xml-c14n11#WithComments" => {
            "inclusive canonicalisation with comments"
        }
        "http://www.w3.org/2001/10/xml-exc-c14n#WithComments" => {
            "exclusive canonicalisation with comments"
        }
        _ => return None,
    }))
}

fn canonicalization_method(tree: &Tree<'_>, id: ElementId) -> Result<Form, Refusal> {
    let uri = attribute(tree, id, "Algorithm")?;
    if uri != EXC_C14N {
        return Err(Refusal::new(Cause::Canonicalisation).with_hint(other_canonicalisation(uri)));
    }
    prefixes(tree, id, CANONICALIZATION_METHOD)
}

/// The `ec:InclusiveNamespaces` of a canonicalisation.
fn prefixes(tree: &Tree<'_>, id: ElementId, name: Name) -> Result<Form, Refusal> {
    let mut fields = Fields::of(tree, id, name);
    let inclusive = fields.optional(EC.name("InclusiveNamespaces"));
    fields.end()?;
    let Some(inclusive) = inclusive else {
        return Ok(Form::default());
    };
    let form = Form::with_prefixes(attribute(tree, inclusive, "PrefixList")?);
    if form.inclusive.len() > MOST_PREFIXES {
        return Err(Refusal::structure("PrefixList"));
    }
    Ok(form)
}

/// The most prefixes of one list: each is looked for at every element.
const MOST_PREFIXES: usize = 32;

/// The algorithm of a method that takes no parameters.
fn algorithm<T>(
    tree: &Tree<'_>,
    id: ElementId,
    name: Name,
    of: impl FnOnce(&str) -> Result<T, NotTaken>,
) -> Result<T, Refusal> {
    let uri = attribute(tree, id, "Algorithm")?;
    let taken = of(uri).map_err(|NotTaken(known)| {
        Refusal::new(Cause::Algorithm).with_hint(known.map(Hint::Algorithm))
    })?;
    Fields::of(tree, id, name).end()?;
    Ok(taken)
}
