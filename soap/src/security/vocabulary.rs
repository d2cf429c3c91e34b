//! The names and URIs of the standards that secured messages are made of.

pub(super) use crate::headers::SECURITY;
use crate::xml::{Name, Namespace};

/// WS-Addressing 1.0.
pub(super) const WSA: Namespace = Namespace::new("http://www.w3.org/2005/08/addressing", "wsa");
/// Liberty ID-WSF SOAP Binding 2.0, as its basic profile is used.
pub(super) const SBF: Namespace = Namespace::new("urn:liberty:sb:2006-08", "sbf");
/// The namespace of the attribute of `Framework` that names the profile.
pub(super) const SB_PROFILE: &str = "urn:liberty:sb:profile";
/// WSS SOAP Message Security.
pub(super) const WSSE: Namespace = SECURITY.namespace();
pub(super) const WSSE11: &str =
    "http://docs.oasis-open.org/wss/oasis-wss-wssecurity-secext-1.1.xsd";
/// Ids and timestamps of WSS.
pub(super) const WSU: Namespace = Namespace::new(
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd",
    "wsu",
);
/// XML Signature.
pub(super) const DS: Namespace = Namespace::new("http://www.w3.org/2000/09/xmldsig#", "ds");
/// SAML 2.0 assertions.
pub(super) const SAML: Namespace = Namespace::new("urn:oasis:names:tc:SAML:2.0:assertion", "saml2");
/// The privileges of OIO, Basic Privilege Profile.
pub(super) const BPP: Namespace =
    Namespace::new("http://itst.dk/oiosaml/basic_privilege_profile", "bpp");

/// Exclusive canonicalisation, as an algorithm and as the namespace of `InclusiveNamespaces`.
pub(super) const EXC_C14N: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";
pub(super) const STR_TRANSFORM: &str = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#STR-Transform";
pub(super) const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
pub(super) const BASE64: &str = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#Base64Binary";
pub(super) const X509_V3: &str =
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-x509-token-profile-1.0#X509v3";
pub(super) const X509_SKI: &str = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-x509-token-profile-1.0#X509SubjectKeyIdentifier";
/// A certificate by the SHA-1 digest of its octets.
pub(super) const THUMBPRINT: &str =
    "http://docs.oasis-open.org/wss/oasis-wss-soap-message-security-1.1#ThumbprintSHA1";
pub(super) const SAML_ID: &str =
    "http://docs.oasis-open.org/wss/oasis-wss-saml-token-profile-1.1#SAMLID";
pub(super) const SAML_V2: &str =
    "http://docs.oasis-open.org/wss/oasis-wss-saml-token-profile-1.1#SAMLV2.0";

/// What the profiles have a say in of WS-Addressing, and LIB-BAS's own header.
pub(super) const ACTION: Name = WSA.name("Action");
pub(super) const MESSAGE_ID: Name = WSA.name("MessageID");
pub(super) const TO: Name = WSA.name("To");
pub(super) const FROM: Name = WSA.name("From");
pub(super) const REPLY_TO: Name = WSA.name("ReplyTo");
pub(super) const FAULT_TO: Name = WSA.name("FaultTo");
pub(super) const RELATES_TO: Name = WSA.name("RelatesTo");
pub(super) const FRAMEWORK: Name = SBF.name("Framework");

/// The address of whoever waits for the answer on the same connection.
pub(super) const ANONYMOUS: &str = "http://www.w3.org/2005/08/addressing/anonymous";

/// The address of nobody: what is sent there is not sent (Web Services Addressing 1.0 - Core, section 2.1).
pub(super) const NONE: &str = "http://www.w3.org/2005/08/addressing/none";

/// What is wrong where the answer is to go elsewhere, from the general to the special (Web Services Addressing 1.0 - SOAP Binding,
/// section 6.4.1.7).
pub(super) const ONLY_ANONYMOUS: &[Name] = &[
    WSA.name("InvalidAddressingHeader"),
    WSA.name("OnlyAnonymousAddressSupported"),
];

/// The header blocks that verification understands, those first that most messages have.
pub(crate) const UNDERSTOOD: &[Name] = &[
    ACTION, MESSAGE_ID, TO, SECURITY, FRAMEWORK, REPLY_TO, RELATES_TO, FROM, FAULT_TO,
];
