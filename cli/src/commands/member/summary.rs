//! What became of rows, in words: counts by reason, never a value.

use std::fmt::Display;

use veilmatch::Counters;
use veilmatch::member::rows::Oddities;
use veilmatch::terms::KindId;

/// Returns the line for people about one kind, with the number of distinct tokens.
pub(crate) fn line(kind: &KindId, counters: &Counters, unique: u64) -> String {
    of(kind, counters, &format!("{unique} distinct"))
}

/// Returns the line for people about one kind; `more` stands in the place of the number of distinct tokens.
pub(crate) fn of(kind: impl Display, counters: &Counters, more: &str) -> String {
    let Counters { rows, accepted, suppressed, rejected, .. } = counters;
    let mut line = format!("{kind}: {rows} rows, {accepted} accepted, {more}");
    if *suppressed > 0 {
        line += &format!(", {suppressed} suppressed");
    }
    let reasons: Vec<String> = rejected.iter().map(|(reason, count)| format!("{reason} {count}")).collect();
    if !reasons.is_empty() {
        line += &format!(", {} rejected: {}", rejected.total(), reasons.join(", "));
    }
    line
}

/// What is to be said of quoted fields that span lines, of empty lines, and of empty fields behind the last column, if
/// there are any.
pub(crate) fn oddities(oddities: Oddities) -> impl Iterator<Item = String> {
    let Oddities { multiline_fields, empty_lines, trailing_fields } = oddities;
    let multiline =
        (multiline_fields > 0).then(|| format!("{multiline_fields} quoted fields span several lines"));
    let empty =
        (empty_lines > 0).then(|| format!("{empty_lines} empty lines are no rows and have no row number"));
    let trailing = (trailing_fields > 0).then(|| {
        format!(
            "the first row has {trailing_fields} empty fields more than the header: taken for delimiters at the end of \
             all rows, not for values with a delimiter in them"
        )
    });
    multiline.into_iter().chain(empty).chain(trailing)
}
