//! Asking for tokens, over TLS on loopback.

use std::net::{IpAddr, Ipv4Addr};

use serde_json::Value;

use super::*;
use crate::config::Config;
use crate::endpoint::Endpoint;
use crate::http::{Listener, Stopper};
use crate::pki::folder;
use crate::tokens::TokenSource;
use crate::world::log::Log;

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
    ksd: Credentials,
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
            ksd,
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

/// What is granted, the service's credentials, those of KSD, and those of a KSD that other authorities vouch for.
fn parties() -> (Granted, Credentials, Credentials, Credentials) {
    let folder = std::env::temp_dir().join(format!("sf209x-{}", Uuid::new_v4()));
    let [known, stranger] = ["known", "stranger"].map(|name| folder.join(name));
    let [ksd, stranger] = [&known, &stranger].map(|folder| {
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
    (granted, sts, ksd, stranger)
}

/// A request of `caller` for a token for `municipality`, as it is and signed.
fn request(granted: &Granted, caller: &Credentials, municipality: &str) -> (String, String) {
    let current = caller.current();
    let request = TokenRequest {
        context: None,
        applies_to: granted.tokens.entity_id(Endpoint::Fs1).to_owned(),
        municipality: municipality.parse().unwrap(),
        holder: current.certificate().clone(),
    };
    let id = format!("urn:uuid:{}", Uuid::new_v4());
    let to = granted.tokens.sts.to_string();
    let addressing = Addressing::request(TokenRequest::ACTION, &id, &to);
    let (signer, body) = (current.trust_signer(), request.write().unwrap());
    let signed = signer.sign(&body, &addressing, None, now()).unwrap();
    (body, signed)
}

const PEER: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 40_000);

/// What is not believed has the shape of what is not granted, and tells the caller whose fault it is.
#[tokio::test]
async fn a_request_that_is_not_believed_is_refused_by_number() {
    let (granted, sts, ksd, stranger) = parties();
    let service = SecurityTokenService::new(granted.clone(), sts, Limits::DEFAULT);
    let (unsigned, signed) = request(&granted, &ksd, "90000001");
    let changed = signed.replace("90000001", "90000002");
    assert_ne!(changed, signed);
    for (message, text) in [
        (&*changed, ">103: the message's signature"),
        (&*unsigned, ">103: the message does not follow"),
        ("<", ">103: the message does not follow"),
        (
            &*request(&granted, &stranger, "90000001").1,
            ">101: the message's token or certificate",
        ),
    ] {
        let (answer, is_fault) = service.answer(message.as_bytes(), PEER).await;
        assert!(is_fault && answer.contains(text), "{text}: {answer}");
        assert!(answer.contains(":Sender<"), "{answer}");
    }
    let (answer, is_fault) = service.answer(signed.as_bytes(), PEER).await;
    assert!(!is_fault, "{answer}");
    let (answer, is_fault) = service.answer(signed.as_bytes(), PEER).await;
    assert!(is_fault && answer.contains(">103: the message or its token"));
    assert!(answer.contains("(replay)"), "{answer}");
    // Whoever lacks a revocation list is the service.
    assert_eq!(number(Cause::NoRevocationList), 100);
}

/// Web Services Addressing 1.0 - SOAP Binding, section 6.
#[tokio::test]
async fn a_signed_fault_has_the_action_of_a_fault() {
    let (granted, sts, ksd, _) = parties();
    let service = SecurityTokenService::new(granted.clone(), sts, Limits::DEFAULT);
    for (municipality, fails, action) in [
        ("90000001", false, TokenResponse::ACTION),
        (
            "90000003",
            true,
            "http://www.w3.org/2005/08/addressing/soap/fault",
        ),
    ] {
        let (_, signed) = request(&granted, &ksd, municipality);
        let (answer, is_fault) = service.answer(signed.as_bytes(), PEER).await;
        assert_eq!(is_fault, fails, "{answer}");
        assert!(answer.contains("<ds:Signature "), "{answer}");
        let said = format!(">{action}</wsa:Action>");
        assert!(answer.contains(&said), "no {said} in {answer}");
    }
}

#[tokio::test]
async fn the_log_says_who_asked_whatever_came_of_it() {
    let (granted, sts, ksd, stranger) = parties();
    let service = SecurityTokenService::new(granted.clone(), sts, Limits::DEFAULT);
    let of_ksd = ksd.current().certificate().attribution().to_owned();
    let log = Log::default();
    let _kept = log.keep();
    for (caller, municipality, message, holder, cause) in [
        (
            &ksd,
            "90000001",
            "a token is handed out",
            Some(&*of_ksd),
            None,
        ),
        (
            &ksd,
            "90000003",
            "no token is handed out",
            Some(&*of_ksd),
            None,
        ),
        (
            &stranger,
            "90000001",
            "a request for a token is not to be believed",
            None,
            Some("signer-not-trusted"),
        ),
    ] {
        let (_, signed) = request(&granted, caller, municipality);
        service.answer(signed.as_bytes(), PEER).await;
        let line = log.line(message);
        let field = |name: &str| line.get(name).and_then(Value::as_str);
        assert_eq!(field("peer"), Some("127.0.0.1:40000"), "{line}");
        assert_eq!((field("holder"), field("cause")), (holder, cause), "{line}");
    }
}

/// Nobody is told of a repeat that was none.
#[tokio::test]
async fn while_no_more_can_be_remembered_callers_are_to_come_again() {
    let (granted, sts, ksd, _) = parties();
    let mut service = SecurityTokenService::new(granted.clone(), sts, Limits::DEFAULT);
    service.replays = MemoryReplays::new(0);
    let (_, signed) = request(&granted, &ksd, "90000001");
    let (answer, is_fault) = service.answer(signed.as_bytes(), PEER).await;
    assert!(is_fault && answer.contains(":Receiver<"), "{answer}");
    assert!(
        answer.contains(">100: ") && answer.contains("try again later"),
        "{answer}"
    );
}

#[tokio::test]
async fn messages_are_read_within_the_limits_of_the_configuration() {
    // A certificate is longer than that.
    let narrow = Limits {
        text_bytes: 1024,
        ..Limits::DEFAULT
    };
    let (granted, sts, ksd, _) = parties();
    let service = SecurityTokenService::new(granted.clone(), sts, narrow);
    let (_, signed) = request(&granted, &ksd, "90000001");
    let (answer, _) = service.answer(signed.as_bytes(), PEER).await;
    assert!(answer.contains("(malformed)"), "{answer}");

    let running = Running::start().await;
    let credentials = running.ksd.clone();
    let running = Running {
        source: TokenSource::new(&running.tokens, &credentials, narrow),
        ..running
    };
    let refused = running.ask(Endpoint::Fs1, "90000001").await.unwrap_err();
    assert!(refused.contains("passes a limit"), "{refused}");
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
