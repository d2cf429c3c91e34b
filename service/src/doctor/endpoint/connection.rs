//! A connection that takes any server, and remembers what that one showed and asked for: what it is worth is judged afterwards.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use hyper::Uri;
use rustls::client::ResolvesClientCert;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::sign::CertifiedKey;
use rustls::{ClientConfig, DigitallySignedStruct, ProtocolVersion, SignatureScheme};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// What a server showed in its handshake.
#[derive(Clone, Debug)]
pub(super) struct Shown {
    pub(super) version: &'static str,
    pub(super) chain: Vec<CertificateDer<'static>>,
    pub(super) name: ServerName<'static>,
    /// Whether it asked for a certificate.
    pub(super) asked: bool,
}

/// Connects, by the client certificate of `identity` if it is asked for and there is one.
pub(super) async fn connect(
    url: &Uri,
    identity: Option<&ClientConfig>,
) -> io::Result<(TlsStream<TcpStream>, Shown)> {
    let host = url.host().unwrap_or_default();
    // An IPv6 address stands in brackets in a URL, and in no other place.
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let name = ServerName::try_from(host.to_owned()).map_err(io::Error::other)?;
    let witness = Arc::new(Witness {
        provider: aws_lc_rs::default_provider(),
        chain: Mutex::default(),
        asked: AtomicBool::new(false),
        identity: identity.map(|config| Arc::clone(&config.client_auth_cert_resolver)),
    });
    let config = ClientConfig::builder_with_provider(Arc::new(witness.provider.clone()))
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::clone(&witness) as Arc<dyn ServerCertVerifier>)
        .with_client_cert_resolver(Arc::clone(&witness) as Arc<dyn ResolvesClientCert>);
    let stream = TcpStream::connect((host, port(url))).await?;
    let connector = TlsConnector::from(Arc::new(config));
    let stream = connector.connect(name.clone(), stream).await?;
    let version = match stream.get_ref().1.protocol_version() {
        Some(ProtocolVersion::TLSv1_3) => "TLS 1.3",
        Some(ProtocolVersion::TLSv1_2) => "TLS 1.2",
        _ => "another version of TLS",
    };
    let shown = Shown {
        version,
        chain: witness
            .chain
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone(),
        name,
        asked: witness.asked.load(Ordering::Relaxed),
    };
    Ok((stream, shown))
}

/// The port of a URL, or that of its scheme.
pub(super) fn port(url: &Uri) -> u16 {
    let of_scheme = if url.scheme_str() == Some("https") {
        443
    } else {
        80
    };
    url.port_u16().unwrap_or(of_scheme)
}

#[derive(Debug)]
struct Witness {
    provider: CryptoProvider,
    chain: Mutex<Vec<CertificateDer<'static>>>,
    asked: AtomicBool,
    identity: Option<Arc<dyn ResolvesClientCert>>,
}

impl ServerCertVerifier for Witness {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let chain = std::iter::once(end_entity).chain(intermediates);
        let chain = chain.map(|certificate| certificate.clone().into_owned());
        *self.chain.lock().unwrap_or_else(PoisonError::into_inner) = chain.collect();
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        let algorithms = &self.provider.signature_verification_algorithms;
        algorithms.supported_schemes()
    }
}

impl ResolvesClientCert for Witness {
    fn resolve(&self, hints: &[&[u8]], schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.asked.store(true, Ordering::Relaxed);
        self.identity.as_ref()?.resolve(hints, schemes)
    }

    fn has_certs(&self) -> bool {
        true
    }
}
