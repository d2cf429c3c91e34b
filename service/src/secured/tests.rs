//! The platform's door: what it lets in, what it does not, and that its answers can be believed. No sockets.

use std::sync::LazyLock;

use generated::kmd::ModtagForretningsSvar;
use generated::ksd_sygefravaer::SendForretningsSvar;
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::header::CONTENT_TYPE;
use hyper::{Request, StatusCode};
use soap::Operation;
use soap::security::{
    Addressing, Certificate, CertificateRules, IssuedToken, PrivilegeGroup, Response, Rules,
    SignerRules, Token,
};
use uuid::Uuid;

use super::*;
use crate::clearance::Callers;
use crate::config::Config;
use crate::http::App;
use crate::observe::Observer;
use crate::pki::folder;
use crate::platform::{self, Platform};
use crate::roles;
use crate::routing::{self, Agreements, Routes, Table};
use crate::secrets;
use crate::store::{Location, Store};
use crate::world::{LIMITS, NORD, SILENT, World};

mod astray;
mod attributed;
mod covered;
mod revocation;
mod unsigned;

/// The parties' credentials, and what they agree on of tokens.
struct Parties {
    ksd: Credentials,
    platform: Credentials,
    nord: Credentials,
    sts: Credentials,
    tokens: Tokens,
}

static PARTIES: LazyLock<Parties> = LazyLock::new(|| {
    let folder = std::env::temp_dir().join(format!("sf209x-{}", Uuid::new_v4()));
    folder::mint(&folder).unwrap();
    let of = |party| Credentials::load(folder::tls(&folder, party)).unwrap();
    let config = Config::load(Some(&folder.join(folder::CONFIGURATION_FILE))).unwrap();
    let parties = Parties {
        ksd: of("ksd"),
        platform: of("platform"),
        nord: of("nord"),
        sts: of("sts"),
        tokens: config.tokens.unwrap(),
    };
    std::fs::remove_dir_all(folder).unwrap();
    parties
});

/// A platform that KSD may call for `NORD`, with the Jobcenter of that municipality and KSD behind it.
struct Door {
    app: App,
    /// What lies behind the platform.
    _world: World,
}

impl Door {
    async fn new() -> Self {
        Self::remembering(&Taken::in_memory()).await
    }

    async fn remembering(taken: &Taken) -> Self {
        Self::watched(taken, Observer::none()).await
    }

    async fn watched(taken: &Taken, observer: Observer) -> Self {
        let world = World::new().await;
        let cvr = |digits: &str| digits.parse().unwrap();
        let mut agreements = Agreements::default();
        agreements.add(Endpoint::Fs1, cvr(folder::KSD), cvr(NORD));
        agreements.add(Endpoint::Jc2, cvr(folder::NORD), cvr(NORD));
        let nord = routing::Jobcenter {
            name: "nord".to_owned(),
            url: format!("http://nord{}", Endpoint::Jc1.path())
                .parse()
                .unwrap(),
            bound: routing::Bound::default(),
        };
        let routes = Routes::new([nord], [(cvr(NORD), "nord".to_owned())]).unwrap();
        let table = Table::new(routes.under(agreements));
        let ksd = format!("http://ksd{}", Endpoint::Fs2.path())
            .parse()
            .unwrap();
        let platform = Platform::new(
            table.clone(),
            Callers::Agreed(table),
            ksd,
            world.wire.clone(),
            Observer::none(),
        );
        let app = roles::platform(&platform, LIMITS, observer);
        Self {
            app: app.with_tokens(&PARTIES.tokens, &PARTIES.platform, taken),
            _world: world,
        }
    }

    /// Posts `message` over a connection that `caller` has proved itself on.
    async fn post(
        &self,
        endpoint: Endpoint,
        caller: &Credentials,
        message: &str,
    ) -> (StatusCode, String) {
        let mut request = Request::post(endpoint.path())
            .header(CONTENT_TYPE, "text/xml; charset=utf-8")
            .body(Full::new(Bytes::from(message.to_owned())))
            .unwrap();
        let certificate: Certificate = caller.current().certificate().clone();
        request.extensions_mut().insert(certificate);
        let peer = ([127, 0, 0, 1], 40_000).into();
        let response = self.app.answer(request, peer).await;
        let status = response.status();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }
}

/// A token for the holder of `credentials`.
fn token(holder: &Credentials, endpoint: Endpoint, municipality: &str) -> IssuedToken {
    let privilege = PARTIES.tokens.privilege(endpoint).unwrap().to_owned();
    token_with(holder, endpoint, municipality, vec![privilege])
}

fn token_with(
    holder: &Credentials,
    endpoint: Endpoint,
    municipality: &str,
    privileges: Vec<String>,
) -> IssuedToken {
    let token = claims(holder, endpoint, municipality, privileges);
    issued(&token, &PARTIES.sts)
}

/// The token as the holder of `credentials` issues it.
fn issued(token: &Token, credentials: &Credentials) -> IssuedToken {
    let current = credentials.current();
    let token = IssuedToken::issue(token, current.trust_signer().key()).unwrap();
    secrets::used_token(token.text());
    token
}

fn claims(
    holder: &Credentials,
    endpoint: Endpoint,
    municipality: &str,
    privileges: Vec<String>,
) -> Token {
    let tokens = &PARTIES.tokens;
    let service = tokens.entity_id(endpoint).to_owned();
    Token {
        id: format!("_{}", Uuid::new_v4()),
        issuer: tokens.issuer.clone(),
        issued: now(),
        holder: holder.current().certificate().clone(),
        recipient: service.clone(),
        audiences: vec![service],
        not_before: None,
        not_on_or_after: now() + chrono::TimeDelta::hours(8),
        municipality: municipality.parse().unwrap(),
        privileges: vec![PrivilegeGroup {
            scope: municipality.parse().unwrap(),
            privileges,
            constraints: Vec::new(),
        }],
    }
}

const OPRET: &str = "http://serviceplatformen.dk/xml/wsdl/soap11/Sygefravaer/Sygefravaer/2/Opret";

/// The address of the platform's EP_FS1.
const EP_FS1: &str = "https://127.0.0.1:8090/service/Sygefravaer/Sygefravaer/2";

/// The sample Opret for `municipality`, signed with a token.
fn signed(sender: &Credentials, token: &IssuedToken, municipality: &str, id: &str) -> String {
    let message = opret(municipality);
    let addressing = Addressing::request(OPRET, id, EP_FS1);
    let current = sender.current();
    current
        .signer()
        .sign(&message, &addressing, Some(token), now())
        .unwrap()
}

fn opret(municipality: &str) -> String {
    sample(
        include_str!("../../../wsdl/samples/Opret.request.xml"),
        municipality,
    )
}

/// A sample for `municipality` in place of its own.
fn sample(text: &str, municipality: &str) -> String {
    let named = "<Myndighed>90000019<";
    assert!(text.contains(named), "the sample names 90000019");
    text.replace(named, &format!("<Myndighed>{municipality}<"))
}

fn fresh() -> String {
    format!("urn:uuid:{}", Uuid::new_v4())
}

#[tokio::test]
async fn a_message_by_token_is_taken_once_and_its_answer_is_signed() {
    let door = Door::new().await;
    let (ksd, id) = (&PARTIES.ksd, fresh());
    let message = signed(ksd, &token(ksd, Endpoint::Fs1, NORD), NORD, &id);
    let (status, answer) = door.post(Endpoint::Fs1, ksd, &message).await;
    assert_eq!(status, 200, "{answer}");

    let signer = CertificateRules {
        trust: ksd.current().trust(),
        organisations: vec![folder::PLATFORM.parse().unwrap()],
    };
    let rules = Rules::new(&LIB_BAS, SignerRules::Certificate(signer));
    let verified = Verifier::new(rules).verify_response(answer.as_bytes(), &id, now());
    let Ok(Response::Verified(verified)) = verified else {
        panic!("{verified:?}");
    };
    let port_type =
        "http://serviceplatformen.dk/xml/wsdl/soap11/Sygefravaer/Sygefravaer/2/SygefravaerPortType";
    let action = verified.authority().action.as_deref();
    assert_eq!(action, Some(&*format!("{port_type}/OpretResponse")));

    let again = door.post(Endpoint::Fs1, ksd, &message).await;
    refused(again.clone(), "NotBelieved", "(replay)");
    refused(
        again,
        "ErrorCode>replay<",
        "ErrorText>beskeden er modtaget før<",
    );
}

#[tokio::test]
async fn a_repeat_is_refused_by_every_instance_and_after_a_restart() {
    let folder = tempfile::TempDir::new().unwrap();
    let location = Location::Directory(folder.path().to_owned());
    let open = async || Store::open(&location, platform::STORE).await.unwrap();
    let door = async || Door::remembering(&Taken::in_store(open().await)).await;
    let ksd = &PARTIES.ksd;
    let token = token(ksd, Endpoint::Fs1, NORD);
    let sign = |id: &str| signed(ksd, &token, NORD, id);

    let message = sign(&fresh());
    {
        let (one, other) = (door().await, door().await);
        let (first, second) = tokio::join!(
            one.post(Endpoint::Fs1, ksd, &message),
            other.post(Endpoint::Fs1, ksd, &message),
        );
        let taken = [&first, &second].map(|(status, _)| *status == StatusCode::OK);
        assert!(taken[0] != taken[1], "{first:?} {second:?}");
        let late = other.post(Endpoint::Fs1, ksd, &message).await;
        refused(late, "NotBelieved", "(replay)");
    }
    let again = door().await;
    refused(
        again.post(Endpoint::Fs1, ksd, &message).await,
        "NotBelieved",
        "(replay)",
    );
    // Whoever got no answer signs the message anew, and is heard.
    let (status, answer) = again.post(Endpoint::Fs1, ksd, &sign(&fresh())).await;
    assert_eq!(status, 200, "{answer}");
}

#[tokio::test]
async fn what_is_not_believed_is_not_remembered() {
    let door = Door::new().await;
    let (ksd, id) = (&PARTIES.ksd, fresh());
    let token = token(ksd, Endpoint::Fs1, NORD);
    let message = signed(ksd, &token, NORD, &id);
    let named = |municipality| format!("<Myndighed>{municipality}<");
    let changed = message.replace(&named(NORD), &named(SILENT));
    let forged = door.post(Endpoint::Fs1, ksd, &changed).await;
    refused(forged, "NotBelieved", "(digest)");
    let (status, answer) = door.post(Endpoint::Fs1, ksd, &message).await;
    assert_eq!(status, 200, "{answer}");
}

#[track_caller]
fn refused((status, answer): (StatusCode, String), code: &str, text: &str) {
    assert_eq!(status, 500, "{answer}");
    assert!(
        answer.contains(code) && answer.contains(text),
        "no {code} {text} in {answer}"
    );
}

#[tokio::test]
async fn what_does_not_prove_one_municipality_is_refused() {
    let door = Door::new().await;
    let (ksd, nord) = (&PARTIES.ksd, &PARTIES.nord);
    let good = token(ksd, Endpoint::Fs1, NORD);
    let post = async |caller, message: String| door.post(Endpoint::Fs1, caller, &message).await;

    refused(post(ksd, opret(NORD)).await, "NotBelieved", "(not-signed)");
    let elsewhere = signed(ksd, &good, SILENT, &fresh());
    refused(
        post(ksd, elsewhere).await,
        "AuthorityMismatch",
        "The token is that of 90000001, but Header/Myndighed is 90000002.",
    );
    let unagreed = signed(ksd, &token(ksd, Endpoint::Fs1, SILENT), SILENT, &fresh());
    refused(post(ksd, unagreed).await, "CallerNotAllowed", "90000002");
    let other_service = signed(ksd, &token(ksd, Endpoint::Fs2, NORD), NORD, &fresh());
    refused(
        post(ksd, other_service).await,
        "NotBelieved",
        "(token-audience)",
    );
    // The connection is that of another organisation than the message.
    let message = signed(ksd, &good, NORD, &fresh());
    refused(post(nord, message).await, "CallerNotAllowed", folder::NORD);
    let stranger = signed(nord, &token(nord, Endpoint::Fs1, NORD), NORD, &fresh());
    refused(
        post(ksd, stranger).await,
        "CallerUnknown",
        "are not of one organisation",
    );
    let created = now().format("<wsu:Created>%Y-").to_string();
    let message = signed(ksd, &good, NORD, &fresh());
    let changed = message.replace(&created, "<wsu:Created>1999-");
    assert_ne!(changed, message);
    refused(post(ksd, changed).await, "NotBelieved", "(digest)");
}

#[tokio::test]
async fn an_answer_may_come_by_certificate_as_well() {
    let door = Door::new().await;
    let nord = &PARTIES.nord;
    let answer = include_str!("../../../wsdl/samples/SendForretningsSvar.request.xml");
    let answer = sample(answer, NORD);
    let without = door.post(Endpoint::Jc2, nord, &answer).await;
    refused(without, "AuthorityMissing", "");
    let by_another = door.post(Endpoint::Jc2, &PARTIES.ksd, &answer).await;
    refused(by_another, "CallerNotAllowed", folder::KSD);

    let token = token(nord, Endpoint::Jc2, NORD);
    let action = SendForretningsSvar::FACTS.action;
    let to = &PARTIES.tokens.addresses(Endpoint::Jc2)[0];
    let addressing = Addressing::request(action, &fresh(), to);
    let current = nord.current();
    let signed = current
        .signer()
        .sign(&answer, &addressing, Some(&token), now());
    // It is taken, and KSD has not sent the message that it answers.
    let (status, answer) = door.post(Endpoint::Jc2, nord, &signed.unwrap()).await;
    assert!(answer.contains("FEJL"), "{status} {answer}");
}

#[tokio::test]
async fn ksd_takes_answers_by_token_for_the_municipality_that_they_name() {
    let world = World::new().await;
    let platform = &PARTIES.platform;
    let only = Callers::Only([folder::PLATFORM.parse().unwrap()].into());
    let app = roles::ksd(&world.ksd, only, Callers::Anyone, LIMITS, Observer::none());
    let door = Door {
        app: app.with_tokens(&PARTIES.tokens, &PARTIES.ksd, &Taken::in_memory()),
        _world: world,
    };
    let answer = include_str!("../../../wsdl/samples/ModtagForretningsSvar.request.xml");
    let token = token(platform, Endpoint::Fs2, NORD);
    let signed = |municipality| {
        let action = ModtagForretningsSvar::FACTS.action;
        let to = &PARTIES.tokens.addresses(Endpoint::Fs2)[0];
        let addressing = Addressing::request(action, &fresh(), to);
        let (current, answer) = (platform.current(), sample(answer, municipality));
        let signed = current
            .signer()
            .sign(&answer, &addressing, Some(&token), now());
        signed.unwrap()
    };
    refused(
        door.post(Endpoint::Fs2, platform, &signed(SILENT)).await,
        "AuthorityMismatch",
        "The token is that of 90000001, but Header/Myndighed is 90000002.",
    );
    let unsigned = door
        .post(Endpoint::Fs2, platform, &sample(answer, NORD))
        .await;
    refused(unsigned, "NotBelieved", "(not-signed)");
    let by_another = door.post(Endpoint::Fs2, &PARTIES.nord, &signed(NORD)).await;
    refused(by_another, "CallerNotAllowed", folder::NORD);
    // It is taken, and KSD has not sent the message that it answers.
    let (status, answer) = door.post(Endpoint::Fs2, platform, &signed(NORD)).await;
    assert!(
        status == 200 && answer.contains("FEJL"),
        "{status} {answer}"
    );
}
