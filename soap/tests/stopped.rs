//! Where reading stops, at what is malformed or at a limit, nothing more is read, and nothing of the tag that it stopped at is
//! looked at again.

mod contract;

use contract::{CONTENT, ORDER, order};
use soap::{Limits, Namespace, ReadXml, Reader, Refused, Root};

/// Found by fuzzing: what a tag that is none declares was looked up when its parent had been left.
#[test]
fn a_faulty_tag_leaves_nothing_behind() {
    for faulty in [
        "<a:X=y n:y='1' xmlns:n='urn:n'>",
        "<a:X xmlns:n='urn:n' n:y='1' n:y='2'>",
        "<a:X =''n:y='1' xmlns:n='urn:n'>",
        "<a:X n:y='1' xmlns:n='urn:n' b=>",
    ] {
        for inside in [
            "<a:Nope>",
            "<a:Nope xmlns:m='urn:m'><b:O xmlns:b='urn:b'>",
            "<a:Header>",
            "<a:Item>",
            "<a:Header><a:Nope>",
        ] {
            let message = order(&format!("{inside}{faulty}"));
            let violations = ORDER
                .read(message.as_bytes(), &Limits::default())
                .unwrap_err();
            let last = violations.iter().last().map(|one| one.rule.id());
            assert_eq!(last, Some("malformed"), "{message}");
            assert!(
                ORDER
                    .read(
                        order(&format!("{CONTENT}{inside}{faulty}")).as_bytes(),
                        &Limits::default()
                    )
                    .is_err()
            );
        }
    }
}

const NS: Namespace = Namespace::new("urn:n", "n");

/// One child, which has no content.
#[derive(Debug)]
struct Holder;

#[derive(Debug)]
struct Nothing;

impl ReadXml for Holder {
    fn read(reader: &mut Reader<'_>) -> Result<Self, Refused> {
        reader.required::<Nothing>(NS.element("Nothing"))?;
        Ok(Self)
    }
}

impl ReadXml for Nothing {
    fn read(reader: &mut Reader<'_>) -> Result<Self, Refused> {
        reader.empty()?;
        Ok(Self)
    }
}

#[test]
fn no_tag_is_read_behind_the_last_violation() {
    const HOLDER: Root<Holder> = Root::new(NS.element("Holder"), &[NS]);
    let message =
        "<Holder xmlns='urn:n'><Nothing>text<m:X xmlns:m='urn:m' m:x='1'/></Nothing></Holder>";
    for most in 1..=3 {
        let limits = Limits {
            violations: most,
            ..Limits::default()
        };
        let violations = HOLDER.read(message.as_bytes(), &limits).unwrap_err();
        assert_eq!(violations.iter().count(), most.min(2), "{violations}");
    }
}
