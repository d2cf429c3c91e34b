use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use chrono::TimeDelta;
use soap::security::{SigningKey, Token};

use super::*;
use crate::pki::{Authority, Holder, Issued, Shape};

static HOLDER: LazyLock<(Certificate, Issued)> = LazyLock::new(|| {
    let holder = Holder {
        name: "caller",
        cvr: "90000060".parse().unwrap(),
        valid: Some(Duration::from_secs(86_400)),
    };
    let authority = Authority::root(Shape::Oces2, "SF209X CA").unwrap();
    let issued = authority.issue(&holder).unwrap();
    let certificate = Certificate::from_der(&issued.certificate_der().unwrap()).unwrap();
    (certificate, issued)
});

fn at(minute: i64) -> DateTime<Utc> {
    DateTime::<Utc>::UNIX_EPOCH + TimeDelta::minutes(minute)
}

fn purpose(audience: &str) -> Purpose {
    Purpose {
        municipality: "90000001".parse().unwrap(),
        audience: audience.to_owned(),
        holder: HOLDER.0.clone(),
    }
}

fn token() -> IssuedToken {
    let (holder, issued) = &*HOLDER;
    let key = issued.key_pem().unwrap();
    let key = SigningKey::from_pem(holder.clone(), key.as_bytes()).unwrap();
    let token = Token {
        id: "_1".to_owned(),
        issuer: "urn:example:issuer".to_owned(),
        issued: at(0),
        holder: holder.clone(),
        recipient: "urn:example:service".to_owned(),
        audiences: vec!["urn:example:service".to_owned()],
        not_before: None,
        not_on_or_after: at(480),
        municipality: "90000001".parse().unwrap(),
        privileges: Vec::new(),
    };
    IssuedToken::issue(&token, &key).unwrap()
}

#[test]
fn what_is_kept_is_found_until_it_expires() {
    let mut shelf: Shelf<&str, &str> = Shelf::new(2);
    let first = purpose("first");
    assert_eq!(shelf.find(&first, at(0)), Found::Nothing);
    shelf.ask(first.clone(), "answer");
    assert_eq!(shelf.find(&first, at(0)), Found::Asked("answer"));
    shelf.keep(first.clone(), "token", at(10), at(0));
    assert_eq!(shelf.find(&first, at(9)), Found::Kept("token"));
    assert_eq!(shelf.find(&first, at(10)), Found::Nothing);
    shelf.forget(&first);
    assert_eq!(shelf.find(&first, at(9)), Found::Kept("token"));
}

#[test]
fn what_failed_is_forgotten() {
    let mut shelf: Shelf<&str, &str> = Shelf::new(2);
    shelf.ask(purpose("first"), "answer");
    shelf.forget(&purpose("first"));
    assert_eq!(shelf.find(&purpose("first"), at(0)), Found::Nothing);
}

#[test]
fn without_room_the_expired_go_and_then_who_expires_first() {
    let mut shelf: Shelf<&str, &str> = Shelf::new(3);
    shelf.ask(purpose("asked"), "answer");
    shelf.keep(purpose("short"), "short", at(5), at(0));
    shelf.keep(purpose("long"), "long", at(50), at(0));
    shelf.keep(purpose("third"), "third", at(20), at(6));
    assert_eq!(shelf.find(&purpose("short"), at(4)), Found::Nothing);
    assert_eq!(shelf.find(&purpose("third"), at(6)), Found::Kept("third"));
    shelf.keep(purpose("fourth"), "fourth", at(30), at(6));
    assert_eq!(shelf.find(&purpose("third"), at(6)), Found::Nothing);
    assert_eq!(shelf.find(&purpose("long"), at(6)), Found::Kept("long"));
    assert_eq!(shelf.find(&purpose("asked"), at(6)), Found::Asked("answer"));
    assert_eq!(shelf.places.len(), 3);
}

#[tokio::test]
async fn all_who_wait_share_one_request_and_its_answer() {
    let cache = TokenCache::new();
    let asked = Arc::new(AtomicUsize::new(0));
    let (open, opened) = watch::channel(false);
    let ask = |outcome: Result<IssuedToken, TokenError>| {
        let (asked, mut opened) = (Arc::clone(&asked), opened.clone());
        async move {
            asked.fetch_add(1, Ordering::SeqCst);
            opened.wait_for(|open| *open).await.unwrap();
            outcome.map(|token| (token, at(10)))
        }
    };
    let failure = || Err(TokenError::unanswered());
    let calls = (0..8).map(|_| {
        tokio::spawn({
            let (cache, ask) = (cache.clone(), ask(failure()));
            async move { cache.token(purpose("service"), at(0), ask).await }
        })
    });
    let calls: Vec<_> = calls.collect();
    while asked.load(Ordering::SeqCst) == 0 {
        tokio::task::yield_now().await;
    }
    // One of them gives up, be it the one who asked.
    calls[0].abort();
    open.send_replace(true);
    for call in calls.into_iter().skip(1) {
        assert_eq!(call.await.unwrap(), failure());
    }
    assert_eq!(asked.load(Ordering::SeqCst), 1);

    // A failure is nobody's but theirs.
    let good = cache
        .token(purpose("service"), at(1), ask(Ok(token())))
        .await;
    assert_eq!(good, Ok(token()));
    let kept = cache.token(purpose("service"), at(9), ask(failure())).await;
    assert_eq!(kept, Ok(token()));
    assert_eq!(asked.load(Ordering::SeqCst), 2);
    let over = cache
        .token(purpose("service"), at(10), ask(failure()))
        .await;
    assert_eq!(over, failure());
}

#[tokio::test]
async fn a_request_that_goes_under_is_not_waited_for() {
    let cache = TokenCache::new();
    let lost = cache.token(purpose("service"), at(0), async { panic!("a defect") });
    assert_eq!(lost.await, Err(TokenError::unanswered()));
    let good = cache.token(purpose("service"), at(0), async { Ok((token(), at(1))) });
    assert_eq!(good.await, Ok(token()));
}
