//! Texts that a pattern matches.

use regex_syntax::hir::{Class, ClassUnicodeRange, Hir, HirKind};

use crate::pattern::Pattern;

/// How many turns are taken through one pattern.
const TEXTS: usize = 6;

/// Some texts that match `source`, a regular expression of XML Schema; none where it is none.
pub(super) fn matching(source: &str) -> Vec<String> {
    let parsed = Pattern::parse(source).ok();
    let Some(hir) = parsed.and_then(|pattern| regex_syntax::parse(&pattern.translated()).ok())
    else {
        return Vec::new();
    };
    let made = (0..TEXTS).flat_map(|turn| [0, 1].map(|step| text(&hir, Turn { turn, step })));
    let mut texts: Vec<String> = Vec::new();
    for text in made {
        if !texts.contains(&text) {
            texts.push(text);
        }
    }
    texts
}

/// Which of the branches, of the characters and of the counts there are.
#[derive(Clone, Copy)]
struct Turn {
    turn: usize,
    /// How much further each occurrence of what is repeated is.
    step: usize,
}

impl Turn {
    fn of<T>(self, all: &[T]) -> Option<&T> {
        all.get(self.turn % all.len().max(1))
    }
}

fn text(hir: &Hir, turn: Turn) -> String {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) | HirKind::Class(Class::Bytes(_)) => String::new(),
        HirKind::Literal(literal) => String::from_utf8_lossy(&literal.0).into_owned(),
        HirKind::Class(Class::Unicode(class)) => {
            let end = |range: &ClassUnicodeRange| match turn.turn % 2 {
                0 => range.start(),
                _ => range.end(),
            };
            turn.of(class.ranges())
                .map(end)
                .map(String::from)
                .unwrap_or_default()
        }
        HirKind::Repetition(repetition) => {
            let more = repetition
                .min
                .saturating_add(u32::from(!turn.turn.is_multiple_of(3)));
            let count = repetition.max.map_or(more, |max| more.min(max));
            let each = (0..count as usize).map(|index| Turn {
                turn: turn.turn + index * turn.step,
                ..turn
            });
            each.map(|turn| text(&repetition.sub, turn)).collect()
        }
        HirKind::Capture(capture) => text(&capture.sub, turn),
        HirKind::Concat(all) => all.iter().map(|one| text(one, turn)).collect(),
        HirKind::Alternation(all) => turn.of(all).map(|one| text(one, turn)).unwrap_or_default(),
    }
}
