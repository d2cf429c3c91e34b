use std::sync::Arc;

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::*;
use crate::pki::{Authority, Holder, Shape};

/// What is found of a server at a URL of plain HTTP that makes `answer` of what it is asked, or a handshake of TLS.
async fn visit(answer: Option<&'static str>) -> Report {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/x", listener.local_addr().unwrap());
    let acceptor = TlsAcceptor::from(tls());
    let serving = tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            match answer {
                None => {
                    let _ = acceptor.accept(stream).await;
                }
                Some(answer) => {
                    let _ = stream.read(&mut [0; 1024]).await;
                    let _ = stream.write_all(answer.as_bytes()).await;
                }
            }
        }
    });
    let report = Visitor::default().endpoint(&url.parse().unwrap()).await;
    serving.abort();
    report.unwrap()
}

fn tls() -> Arc<ServerConfig> {
    let authority = Authority::root(Shape::Oces3, "SF209X CA").unwrap();
    let holder = Holder {
        name: "server",
        cvr: "90000060".parse().unwrap(),
        valid: Some(Duration::from_secs(86_400)),
    };
    let issued = authority.issue(&holder).unwrap();
    let chain = vec![CertificateDer::from(issued.certificate_der().unwrap())];
    let key = PrivateKeyDer::from_pem_slice(issued.key_pem().unwrap().as_bytes()).unwrap();
    let builder = ServerConfig::builder_with_provider(aws_lc_rs::default_provider().into());
    let builder = builder.with_safe_default_protocol_versions().unwrap();
    let config = builder.with_no_client_auth().with_single_cert(chain, key);
    config.unwrap().into()
}

/// The words of each finding on the connection.
fn said(report: &Report) -> Vec<&str> {
    let findings = report.sections[0].findings.iter();
    findings.map(|finding| finding.text.as_str()).collect()
}

#[tokio::test]
async fn what_is_answered_without_tls_is_judged() {
    let plain = visit(Some(
        "HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
    ));
    let plain = plain.await;
    let text = "It answers in plain HTTP: anyone on the way can read and change what is said.";
    assert_eq!(said(&plain), [text]);
    assert!(plain.sections.len() > 1 && plain.holds(), "{plain:?}");

    let secured = visit(None).await;
    let text = "It does not answer in plain HTTP, but speaks TLS 1.3: its URL begins with https.";
    assert_eq!(said(&secured), [text]);
    assert!(!secured.holds(), "{secured:?}");

    let other = visit(Some("220 ready\r\n")).await;
    let text = "It does not answer in HTTP: ";
    assert!(said(&other)[0].starts_with(text), "{other:?}");
    assert!(!other.holds(), "{other:?}");
}
