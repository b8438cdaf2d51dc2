//! What became of rows, in words: counts by reason, never a value.

use veilmatch::domain::KindId;
use veilmatch::{Counters, Reason};

/// One line for people.
pub(crate) fn line(kind: &KindId, counters: &Counters, unique: u64) -> String {
    let Counters { rows, accepted, suppressed, rejected, .. } = counters;
    let mut line = format!("{kind}: {rows} rows, {accepted} accepted, {unique} distinct");
    if *suppressed > 0 {
        line += &format!(", {suppressed} suppressed");
    }
    let reasons: Vec<String> = rejected.iter().map(|(reason, count)| format!("{reason} {count}")).collect();
    if !reasons.is_empty() {
        line += &format!(", {} rejected: {}", rejected.total(), reasons.join(", "));
    }
    line
}

/// What the commonest mistakes look like, and what to do about them.
pub(crate) fn hints(counters: &Counters) -> Vec<String> {
    let of = |reason| counters.rejected.of(reason);
    let rows = counters.rows;
    let mut hints = Vec::new();
    let mut hint = |count: u64, what: &str| {
        if count > 0 {
            hints.push(format!("{count} of {rows} rows {what}"));
        }
    };
    hint(
        of(Reason::LooksHashed),
        "look like SHA-256 digests: raw identifiers are needed, not hashes of them",
    );
    hint(of(Reason::NoCountryCode), "lack a country code: --national-plan says how they are dialled");
    hint(of(Reason::Masked), "are masked card numbers, which match nothing");
    hint(of(Reason::ExpiryAttached), "have something like an expiry date attached");
    hint(of(Reason::MissingField), "have too few fields for the column: is the delimiter right?");
    if rows > 0 && counters.accepted == 0 {
        hints.push("no row is an identifier of this kind: is it the right kind and column?".to_owned());
    }
    hints
}
