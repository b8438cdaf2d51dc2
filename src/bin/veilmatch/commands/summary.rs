//! What became of rows, in words: counts by reason, never a value.

use veilmatch::Counters;
use veilmatch::domain::KindId;

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
