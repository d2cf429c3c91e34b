//! Stores of other versions: those before this one are moved forward, and what no way leads on from is refused as it is.

use super::shared::on_both;
use super::*;

/// What a program brings along that is one form ahead of this one.
const NEXT: Form = (
    "notes",
    "ALTER TABLE task ADD COLUMN note TEXT; CREATE TABLE note (seq {key}, content {octets} NOT NULL)",
);

fn ahead() -> Vec<Form> {
    [FORMS, &[NEXT]].concat()
}

/// Opens the store with `forms`, and sees that message 1 is in it and that it is of as many forms.
async fn holds_message(location: &Location, party: &str, forms: &[Form]) {
    let store = Store::open_as(location, party, forms, Patience::DEFAULT)
        .await
        .unwrap();
    let kept = store.open_tasks(Kind::Message, 10).await.unwrap();
    assert_eq!(kept[0].transaction, Uuid::from_u128(1).to_string());
    let content = store.content(Kind::Message, Uuid::from_u128(1)).await;
    assert_eq!(content.unwrap().as_deref(), Some(b"<1/>".as_slice()));
    let applied = sqlx::query("SELECT version FROM _sqlx_migrations").fetch_all(&store.pool);
    assert_eq!(applied.await.unwrap().len(), forms.len());
    sound(&store).await;
}

async fn with_message(location: &Location, party: &str) {
    let store = Store::open(location, party).await.unwrap();
    store.submit(message(1, "a"), at(0)).await.unwrap();
}

#[tokio::test]
async fn a_store_moves_forward_with_what_is_in_it_and_not_back() {
    on_both(async |location, party| {
        with_message(location, party).await;
        holds_message(location, party, &ahead()).await;
        let error = Store::serve(location, party).await.unwrap_err();
        assert_eq!((error.kind(), error.retry()), (Failure::Newer, false));
        holds_message(location, party, &ahead()).await;
    })
    .await;
}

#[tokio::test]
async fn a_form_that_was_never_released_is_refused() {
    on_both(async |location, party| {
        with_message(location, party).await;
        let [(description, text), ..] = FORMS else {
            panic!("no forms");
        };
        let other = text.replace("Times are", "All times are").leak();
        let changed = [(*description, &*other), NEXT];
        let error = Store::open_as(location, party, &changed, Patience::DEFAULT)
            .await
            .unwrap_err();
        assert_eq!((error.kind(), error.retry()), (Failure::Unreleased, false));
        holds_message(location, party, FORMS).await;
    })
    .await;
}

#[tokio::test]
async fn a_step_that_breaks_off_is_taken_again_from_its_beginning() {
    on_both(async |location, party| {
        with_message(location, party).await;
        let broken = format!("{}; INSERT INTO nothing VALUES (1)", NEXT.1).leak();
        let broken = [FORMS, &[(NEXT.0, &*broken)]].concat();
        Store::open_as(location, party, &broken, Patience::DEFAULT)
            .await
            .unwrap_err();
        holds_message(location, party, FORMS).await;
        holds_message(location, party, &ahead()).await;
    })
    .await;
}

#[tokio::test]
async fn who_open_a_store_at_once_all_open_it() {
    on_both(async |location, party| {
        let forms = ahead();
        let open = || Store::open_as(location, party, &forms, Patience::DEFAULT);
        let opened = tokio::join!(open(), open(), open(), open());
        for store in <[_; 4]>::from(opened) {
            sound(&store.unwrap()).await;
        }
    })
    .await;
}
