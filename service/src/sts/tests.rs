//! Asking for tokens, over TLS on loopback.

use std::net::Ipv4Addr;

use super::*;
use crate::config::Config;
use crate::endpoint::Endpoint;
use crate::http::{Listener, Stopper};
use crate::pki::folder;
use crate::tokens::TokenSource;

/// Answers whatever it is asked with the same message, as whoever sits between might.
struct Saying(String);

impl Respond for Saying {
    fn limits(&self) -> &Limits {
        &Limits::DEFAULT
    }

    async fn respond(&self, _: Request<Incoming>, _: SocketAddr) -> Response<Full<Bytes>> {
        http::soap12(StatusCode::OK, self.0.clone())
    }
}

/// A service that runs, and one of its callers.
struct Running {
    source: TokenSource,
    tokens: Tokens,
    _stopper: Stopper,
}

impl Running {
    async fn start() -> Self {
        Self::serving(|granted, _, sts| {
            SecurityTokenService::new(granted.clone(), sts.clone(), Limits::DEFAULT)
        })
        .await
    }

    /// Serves what is made of what is granted, KSD's credentials and the service's own.
    async fn serving<R: Respond + 'static>(
        make: impl FnOnce(&Granted, &Credentials, &Credentials) -> R,
    ) -> Self {
        let folder = std::env::temp_dir().join(format!("sf209x-{}", Uuid::new_v4()));
        folder::mint(&folder).unwrap();
        let of = |party| Credentials::load(folder::tls(&folder, party)).unwrap();
        let config = Config::load(Some(&folder.join(folder::CONFIGURATION_FILE))).unwrap();
        let (ksd, sts) = (of("ksd"), of("sts"));
        std::fs::remove_dir_all(&folder).unwrap();
        let here = (Ipv4Addr::LOCALHOST, 0).into();
        let listener = Listener::bind_open_tls(here, sts.clone()).await.unwrap();
        let mut tokens = config.tokens.unwrap();
        tokens.sts = format!("https://{}/sts", listener.address())
            .parse()
            .unwrap();
        let granted = Granted {
            tokens: tokens.clone(),
            agreements: config.sts.unwrap().agreements,
        };
        let service = make(&granted, &ksd, &sts);
        let (stopper, stop) = Stopper::new();
        tokio::spawn(listener.serve(service, stop));
        Self {
            source: TokenSource::new(&tokens, &ksd, Limits::DEFAULT),
            tokens,
            _stopper: stopper,
        }
    }

    async fn ask(&self, endpoint: Endpoint, municipality: &str) -> Result<String, String> {
        let municipality = municipality.parse().unwrap();
        let audience = self.tokens.entity_id(endpoint);
        let token = self.source.token(municipality, audience).await;
        token
            .map(|token| token.token().id.clone())
            .map_err(|error| format!("{error} {}", error.retry()))
    }
}

#[tokio::test]
async fn a_token_is_asked_for_once_for_each_municipality() {
    let running = Running::start().await;
    let here = || running.ask(Endpoint::Fs1, "90000001");
    let (one, two, three) = tokio::join!(here(), here(), here());
    let one = one.unwrap();
    assert_eq!((two, three), (Ok(one.clone()), Ok(one.clone())));
    let there = running.ask(Endpoint::Fs1, "90000002").await.unwrap();
    assert_ne!(there, one);
    assert_eq!(here().await, Ok(one));
}

/// A body with faults, and then the token that is asked for, which no one signed for an answer.
fn unsigned(granted: &Granted, ksd: &Credentials, sts: &Credentials, faults: usize) -> Saying {
    let request = TokenRequest {
        context: None,
        applies_to: granted.tokens.entity_id(Endpoint::Fs1).to_owned(),
        municipality: "90000001".parse().unwrap(),
        holder: ksd.current().certificate().clone(),
    };
    let signer = Arc::clone(sts.current().trust_signer());
    let answer = granted.issue(&request, &request.holder, signer.key(), now());
    let answer = answer.unwrap().write().unwrap();
    let fault = fault(101, "The caller is not known.").write(Version::Soap12);
    let (start, end) = (fault.find("<soap:Fault>"), fault.find("</soap:Body>"));
    let fault = &fault[start.unwrap()..end.unwrap()];
    Saying(answer.replacen(
        "<soap:Body>",
        &format!("<soap:Body>{}", fault.repeat(faults)),
        1,
    ))
}

#[tokio::test]
async fn no_token_is_taken_from_an_answer_that_no_one_signed() {
    for faults in 0..3 {
        let running = Running::serving(|granted, ksd, sts| unsigned(granted, ksd, sts, faults));
        let refused = running.await.ask(Endpoint::Fs1, "90000001").await;
        let refused = refused.unwrap_err();
        assert!(
            refused.contains("the message is not signed"),
            "{faults} faults: {refused}"
        );
    }
}

/// What is not believed has the shape of what is not granted, and tells the caller whose fault it is.
#[tokio::test]
async fn a_request_that_is_not_believed_is_refused_by_number() {
    let folder = std::env::temp_dir().join(format!("sf209x-{}", Uuid::new_v4()));
    let [known, stranger] = ["known", "stranger"].map(|name| folder.join(name));
    let ksd = [&known, &stranger].map(|folder| {
        folder::mint(folder).unwrap();
        Credentials::load(folder::tls(folder, "ksd")).unwrap()
    });
    let sts = Credentials::load(folder::tls(&known, "sts")).unwrap();
    let config = Config::load(Some(&known.join(folder::CONFIGURATION_FILE))).unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
    let granted = Granted {
        tokens: config.tokens.unwrap(),
        agreements: config.sts.unwrap().agreements,
    };
    let service = SecurityTokenService::new(granted.clone(), sts, Limits::DEFAULT);
    let request = |caller: &Credentials| {
        let current = caller.current();
        let request = TokenRequest {
            context: None,
            applies_to: granted.tokens.entity_id(Endpoint::Fs1).to_owned(),
            municipality: "90000001".parse().unwrap(),
            holder: current.certificate().clone(),
        };
        let id = format!("urn:uuid:{}", Uuid::new_v4());
        let to = granted.tokens.sts.to_string();
        let addressing = Addressing::request(TokenRequest::ACTION, &id, &to);
        let (signer, body) = (current.trust_signer(), request.write().unwrap());
        let signed = signer.sign(&body, &addressing, None, now()).unwrap();
        (body, signed)
    };
    let [ksd, stranger] = ksd;
    let (unsigned, signed) = request(&ksd);
    let changed = signed.replace("90000001", "90000002");
    assert_ne!(changed, signed);
    for (message, text) in [
        (&*changed, ">103: the message's signature"),
        (&*unsigned, ">103: the message does not follow"),
        ("<", ">103: the message does not follow"),
        (
            &*request(&stranger).1,
            ">101: the message's token or certificate",
        ),
    ] {
        let (answer, is_fault) = service.answer(message.as_bytes()).await;
        assert!(is_fault && answer.contains(text), "{text}: {answer}");
        assert!(answer.contains(":Sender<"), "{answer}");
    }
    let (answer, is_fault) = service.answer(signed.as_bytes()).await;
    assert!(!is_fault, "{answer}");
    let (answer, is_fault) = service.answer(signed.as_bytes()).await;
    assert!(is_fault && answer.contains(">103: The request has been here"));
    // Whoever lacks a revocation list is the service.
    assert_eq!(number(Cause::NoRevocationList), 100);
}

#[tokio::test]
async fn what_is_not_granted_is_refused_for_good() {
    let running = Running::start().await;
    for (endpoint, municipality) in [(Endpoint::Fs1, "90000003"), (Endpoint::Fs2, "90000001")] {
        let refused = running.ask(endpoint, municipality).await.unwrap_err();
        assert!(
            refused.contains("(101): The caller") && refused.ends_with("false"),
            "{refused}"
        );
    }
    let municipality = "90000001".parse().unwrap();
    let unknown = running.source.token(municipality, "urn:unknown").await;
    let unknown = unknown.unwrap_err().to_string();
    assert!(
        unknown.contains("(101): The service in AppliesTo is not known."),
        "{unknown}"
    );
}
