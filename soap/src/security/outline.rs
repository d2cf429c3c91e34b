//! What a message says of itself, for people who look at one: nothing of it is verified.

use chrono::{DateTime, Utc};

use super::fields::{base64, instant, text};
use super::layout::Envelope;
use super::token::ReadToken;
use super::vocabulary::{
    ACTION, DS, FRAMEWORK, MESSAGE_ID, RELATES_TO, SAML, SECURITY, TO, WSSE, WSU,
};
use super::ws_trust::WST;
use super::{Certificate, IssuedToken, Refusal, Token, TokenRequest, TokenResponse};
use crate::operation::Version;
use crate::xml::{ElementId, Limits, Name, Tree};

/// What a message says of itself. Nothing of it is to be believed.
#[derive(Clone, Debug)]
pub struct Outline {
    /// The version of SOAP.
    pub version: Version,
    /// What the message is.
    pub kind: MessageKind,
    /// Whether it has the Framework header of Liberty Basic SOAP Binding.
    pub framework: bool,
    /// Its Action.
    pub action: Option<String>,
    /// Its MessageID.
    pub message_id: Option<String>,
    /// The MessageID of the request that it answers.
    pub relates_to: Option<String>,
    /// The address that it is sent to.
    pub to: Option<String>,
    /// When it was made.
    pub created: Option<DateTime<Utc>>,
    /// Until when it holds.
    pub expires: Option<DateTime<Utc>>,
    /// The local name of the element in its body.
    pub content: Option<String>,
    /// The token that its sender shows, or why it cannot be read.
    pub token: Option<Result<Token, Refusal>>,
    /// All other tokens in it but the one that a token service hands out: those on whose behalf one is asked for, that of an answer's
    /// sender, and whatever else there is.
    pub others: Vec<OtherToken>,
    /// Whether a token in it is encrypted for its receiver, who alone can look into it.
    pub encrypted_token: bool,
    /// All certificates in it that can be read, in order, each once.
    pub certificates: Vec<Certificate>,
}

/// A token that stands where none is taken, or where it proves nothing of the sender.
#[derive(Clone, Debug)]
pub struct OtherToken {
    /// The local name of the element that it stands in.
    pub within: String,
    /// The token, or why it cannot be read.
    pub token: Result<IssuedToken, Refusal>,
}

/// What a message is.
#[derive(Clone, Debug)]
pub enum MessageKind {
    /// A request to a service.
    Request,
    /// A service's answer.
    Response,
    /// A fault, whoever sent it.
    Fault,
    /// A request for a token, or what is wrong with it.
    TokenRequest(Result<TokenRequest, Refusal>),
    /// The answer with a token, in a collection or alone, or what is wrong with it.
    TokenResponse(Box<Result<TokenResponse, Refusal>>),
}

/// The most certificates of one message that are listed.
const MOST_CERTIFICATES: usize = 32;

impl Outline {
    /// The most tokens in [`others`](Self::others); with as many, there may be more.
    pub const MOST_OTHERS: usize = 16;

    /// Looks at an envelope of any version.
    ///
    /// # Errors
    /// The message is malformed, passes a limit or is no envelope.
    pub fn of(message: &[u8], limits: &Limits) -> Result<Self, Refusal> {
        let tree = Tree::read(message, limits)?;
        let version = Version::of(tree.name(tree.root()).0).unwrap_or_default();
        let envelope = Envelope::find(&tree, version)?;
        let value = |name: Name| {
            let block = envelope.block(&tree, name).ok().flatten()?;
            Some(text(&tree, block, name).ok()?.into_owned())
        };
        let action = value(ACTION);
        let relates_to = value(RELATES_TO);
        let security = envelope.block(&tree, SECURITY).ok().flatten();
        let inside = |uri: &'static str, local: &str| {
            let mut children = tree.children(security?);
            children.find(|id| tree.is(*id, uri, local))
        };
        let timestamp = inside(WSU.uri(), "Timestamp");
        let time = |local| {
            let mut children = tree.children(timestamp?);
            let id = children.find(|id| tree.is(*id, WSU.uri(), local))?;
            instant(text(&tree, id, WSU.name(local)).ok()?.as_ref())
        };
        let shown = inside(SAML.uri(), "Assertion");
        let content = tree.children(envelope.body).next();
        let relates = relates_to.is_some();
        let kind = kind(&tree, &envelope, action.as_deref(), relates, limits);
        let told = match &kind {
            MessageKind::Request | MessageKind::TokenRequest(_) => shown,
            MessageKind::TokenResponse(response) if response.is_ok() => {
                TokenResponse::assertion(&tree, envelope.body)
            }
            _ => None,
        };
        let token = shown.map(|id| ReadToken::read(&tree, id).map(|read| read.token));
        Ok(Self {
            version,
            kind,
            framework: matches!(envelope.block(&tree, FRAMEWORK), Ok(Some(_)) | Err(_)),
            message_id: value(MESSAGE_ID),
            to: value(TO),
            created: time("Created"),
            expires: time("Expires"),
            content: content.map(|id| tree.name(id).1.to_owned()),
            token,
            others: others(&tree, told, limits),
            encrypted_token: tree
                .elements()
                .any(|id| tree.is(id, SAML.uri(), "EncryptedAssertion")),
            certificates: certificates(&tree),
            action,
            relates_to,
        })
    }

    /// The token in it: that of the sender, or the one that it brings.
    pub fn any_token(&self) -> Option<&Token> {
        let shown = || self.token.as_ref()?.as_ref().ok();
        self.issued().map(IssuedToken::token).or_else(shown)
    }

    /// The token that it brings.
    pub fn issued(&self) -> Option<&IssuedToken> {
        match &self.kind {
            MessageKind::TokenResponse(response) => response
                .as_ref()
                .as_ref()
                .ok()
                .map(|response| &response.token),
            _ => None,
        }
    }
}

fn kind(
    tree: &Tree<'_>,
    envelope: &Envelope,
    action: Option<&str>,
    relates: bool,
    limits: &Limits,
) -> MessageKind {
    let content = tree.children(envelope.body).next();
    match content.map(|id| tree.name(id)) {
        Some((uri, "RequestSecurityToken")) if uri == WST.uri() => {
            MessageKind::TokenRequest(TokenRequest::of(tree, envelope.body))
        }
        Some((uri, "RequestSecurityTokenResponseCollection")) if uri == WST.uri() => {
            let response = TokenResponse::of(tree, envelope.body, limits);
            MessageKind::TokenResponse(Box::new(response))
        }
        Some((uri, "RequestSecurityTokenResponse")) if uri == WST.uri() => {
            let response = TokenResponse::alone(tree, envelope.body, limits);
            MessageKind::TokenResponse(Box::new(response))
        }
        _ if envelope.fault(tree).is_some() => MessageKind::Fault,
        _ if relates || action.is_some_and(|action| action.ends_with("Response")) => {
            MessageKind::Response
        }
        _ => MessageKind::Request,
    }
}

/// All assertions in it but `told`, of any version of SAML, outside of others; in order.
fn others(tree: &Tree<'_>, told: Option<ElementId>, limits: &Limits) -> Vec<OtherToken> {
    let mut found = Vec::new();
    let mut open: Vec<ElementId> = Vec::new();
    // Where the last one ends.
    let mut past = 0;
    for element in tree.elements() {
        let range = tree.range(element);
        while open
            .last()
            .is_some_and(|id| tree.range(*id).end <= range.start)
        {
            open.pop();
        }
        let within = open.last().map(|id| tree.name(*id).1.to_owned());
        open.push(element);
        let (uri, local) = tree.name(element);
        let is = local == "Assertion" && uri.starts_with("urn:oasis:names:tc:SAML:");
        if !is || range.start < past {
            continue;
        }
        past = range.end;
        if told == Some(element) {
            continue;
        }
        if found.len() == Outline::MOST_OTHERS {
            break;
        }
        found.push(OtherToken {
            within: within.unwrap_or_default(),
            token: IssuedToken::of(tree, element, limits),
        });
    }
    found
}

/// All certificates in it that can be read, in order, each once.
pub(super) fn certificates(tree: &Tree<'_>) -> Vec<Certificate> {
    let mut found: Vec<Certificate> = Vec::new();
    for element in tree.elements() {
        let name = match tree.name(element) {
            (uri, "X509Certificate") if uri == DS.uri() => DS.name("X509Certificate"),
            (uri, "BinarySecurityToken") if uri == WSSE.uri() => WSSE.name("BinarySecurityToken"),
            _ => continue,
        };
        let Some(certificate) = certificate(tree, element, name) else {
            continue;
        };
        if !found.contains(&certificate) {
            found.push(certificate);
        }
        if found.len() == MOST_CERTIFICATES {
            break;
        }
    }
    found
}

fn certificate(tree: &Tree<'_>, element: ElementId, name: Name) -> Option<Certificate> {
    let der = base64(&text(tree, element, name).ok()?, name).ok()?;
    Certificate::from_der(&der).ok()
}
