//! Canonical forms of single values, nothing suppressed.

use veilmatch::Reason;
use veilmatch::member::identifier::{Canonical, Canonicalizer, Kind, Outcome, SuppressionList};

/// Runs the rule of a kind: canonical bytes, changed, warning.
pub fn run(kind: Kind, raw: impl AsRef<[u8]>) -> Result<(Vec<u8>, bool, bool), Reason> {
    let mut out = Canonical::new();
    let rule = Canonicalizer::new(kind).with_suppression(SuppressionList::none());
    match rule.canonicalize(raw.as_ref(), &mut out)? {
        Outcome::Accepted { changed, warning } => Ok((out.as_bytes().to_vec(), changed, warning)),
        Outcome::Suppressed => panic!("an empty list suppresses nothing"),
    }
}

pub fn canonical(kind: Kind, raw: impl AsRef<[u8]>) -> Result<Vec<u8>, Reason> {
    run(kind, raw).map(|(bytes, ..)| bytes)
}

pub fn assert_text(kind: Kind, raw: &str, expected: &str) {
    let found = canonical(kind, raw).map(|bytes| String::from_utf8(bytes).unwrap());
    assert_eq!(found.as_deref(), Ok(expected), "{kind} {raw:?}");
}

pub fn assert_refused(kind: Kind, raw: &str, expected: Reason) {
    assert_eq!(canonical(kind, raw), Err(expected), "{kind} {raw:?}");
}

/// A canonical text is its own canonical form, unchanged and unwarned of.
pub fn assert_fixed_point(kind: Kind, raw: &str) {
    if let Ok(once) = canonical(kind, raw) {
        assert_eq!(run(kind, &once), Ok((once.clone(), false, false)), "{kind} {raw:?}");
    }
}
