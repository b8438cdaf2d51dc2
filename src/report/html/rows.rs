//! What became of each member's rows: from rows read to distinct tokens, with the reasons of rejection.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};

use super::drawing::{BAR, Drawing, ROW, length, widest, write_label};
use super::text::{Escaped, Number};
use super::{EACH, Part, table};
use crate::outcome::Reason;
use crate::report::{KindReport, MemberReport};

/// What becomes of rows: the class of its mark, and its word.
const PARTS: [(&str, &str); 4] =
    [("u", "unique"), ("d", "duplicate"), ("s", "suppressed"), ("r", "rejected")];

/// What the words of the tables mean that do not say it.
const WORDS: [(&str, &str); 6] = [
    ("accepted", "became a token: unique and duplicate rows"),
    ("unique", "a distinct identifier"),
    ("duplicate", "an identifier that was there before"),
    ("changed", "accepted, though not written in the usual spelling; it matches all the same"),
    ("warned", "accepted, though something about the value is odd"),
    ("suppressed", "left out, since the value would match for no reason, as test cards do"),
];

pub(super) fn write(out: &mut String, part: &Part<'_>) -> fmt::Result {
    writeln!(out, "<h3>What became of each member’s rows</h3>")?;
    let members = &part.kind.members;
    let mut drawn: Vec<&MemberReport> = members.iter().collect();
    if members.len() > EACH {
        drawn.sort_by_key(|member| std::cmp::Reverse(member.rows));
        drawn.truncate(EACH);
        writeln!(out, "<p class=note>Members with most rows are drawn; the table has all.</p>")?;
    }
    write!(out, "<ul class=key>")?;
    PARTS.iter().try_for_each(|(class, word)| write!(out, "<li><i class={class}></i>{word}"))?;
    write!(out, "</ul><div class=both>")?;
    draw(out, part, &drawn)?;
    write_table(out, part)?;
    writeln!(out, "</div>")
}

fn draw(out: &mut String, part: &Part<'_>, drawn: &[&MemberReport]) -> fmt::Result {
    let most = drawn.iter().map(|member| member.rows).max().unwrap_or(0);
    let left = widest(drawn.iter().map(|member| member.name.as_str())) + 12;
    let drawing = Drawing {
        id: &format!("{}-rows", part.id),
        class: "rows",
        width: left + BAR as usize + 2,
        height: drawn.len() * ROW + 4,
        title: &part.label("rows of each member"),
        description: "A bar for each member, as long as its rows read; the empty part was rejected.",
    };
    let middle = |row: usize| row * ROW + ROW / 2 + 2;
    let long = |rows: u64| length(rows, most, BAR);
    let mut marks = [const { String::new() }; 3];
    let mut whole = String::new();
    for (row, member) in drawn.iter().enumerate() {
        let mut end = 0;
        for (marks, rows) in marks.iter_mut().zip([member.unique, member.duplicates, member.suppressed]) {
            // Ends are rounded, not lengths, so that the parts end where the bar does.
            let from = left as f64 + long(end);
            end += rows;
            let to = left as f64 + long(end);
            if to > from {
                write!(marks, "M{} {}H{}", tenths(from), middle(row), tenths(to))?;
            }
        }
        let high = ROW - 8;
        let long = long(member.rows);
        write!(whole, "M{left} {}h{long}v{high}h-{long}z", middle(row) - high / 2)?;
    }
    drawing.write(out, |out| {
        write!(out, "<g class=end>")?;
        for (row, member) in drawn.iter().enumerate() {
            write_label(out, format_args!("x={} y={}", left - 8, middle(row) + 4), member.name.as_str())?;
        }
        write!(out, "</g>")?;
        for ((class, _), marks) in PARTS.iter().zip(marks) {
            write!(out, "<path class={class} d=\"{marks}\"/>")?;
        }
        write!(out, "<path class=whole d=\"{whole}\"/>")
    })
}

/// Sums of tenths are not exact.
fn tenths(length: f64) -> f64 {
    (length * 10.0).round() / 10.0
}

fn write_table(out: &mut String, part: &Part<'_>) -> fmt::Result {
    table::open(out, &part.label("rows of each member"), "Rows of each member", "")?;
    let heads = ["Read", "Accepted", "Unique", "Duplicate", "Changed", "Warned", "Suppressed", ":Rejected"];
    table::write_heads(out, [":Member"].into_iter().chain(heads))?;
    for member in &part.kind.members {
        table::write_row_head(out, member.name.as_str())?;
        let MemberReport { rows, accepted, unique, duplicates, changed, warnings, suppressed, .. } = member;
        for count in [rows, accepted, unique, duplicates, changed, warnings, suppressed] {
            write!(out, "<td>{}", Number(*count))?;
        }
        write!(out, "<td class=n>")?;
        for (at, (reason, count)) in member.rejected.iter().enumerate() {
            let comma = if at > 0 { ", " } else { "" };
            write!(out, "{comma}{} {}", Number(count), Escaped(reason.name()))?;
        }
    }
    table::close(out)
}

/// Says what the words of the tables of rows mean.
pub(super) fn write_reasons(out: &mut String, kinds: &[KindReport]) -> fmt::Result {
    if kinds.is_empty() {
        return Ok(());
    }
    let members = kinds.iter().flat_map(|kind| &kind.members);
    let reasons: BTreeMap<u16, Reason> = members
        .flat_map(|member| member.rejected.iter())
        .map(|(reason, _)| (reason.code(), reason))
        .collect();
    writeln!(out, "<h2>Words of the tables</h2>\n<dl>")?;
    for (word, meaning) in WORDS {
        writeln!(out, "<dt>{word}<dd>{meaning}")?;
    }
    for reason in reasons.values() {
        writeln!(out, "<dt>{}<dd>{}", Escaped(reason.name()), Escaped(reason.meaning()))?;
    }
    writeln!(out, "</dl>")
}
