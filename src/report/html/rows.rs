//! What became of each member's rows: from rows read to distinct tokens, with the reasons of rejection.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};

use super::drawing::{BAR, Drawing, ROW, length, widest, write_label};
use super::text::{Escaped, Number};
use super::{EACH, Part, table};
use crate::outcome::Reason;
use crate::report::{KindReport, MemberReport};

/// What becomes of rows: the class of its mark, its word, and what the word means.
const PARTS: [(&str, &str); 4] = [
    ("u", "unique: distinct identifiers"),
    ("d", "duplicate: seen before"),
    ("s", "suppressed: would match for no reason, as test cards do"),
    ("r", "rejected: no such identifier"),
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
    for (class, meaning) in PARTS {
        write!(out, "<li><svg width=14 height=12 aria-hidden=true><rect class={class} ")?;
        write!(out, "x=.5 y=.5 width=13 height=11 /></svg>{meaning}")?;
    }
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
        width: left + BAR as usize + 110,
        height: drawn.len() * ROW + 4,
        title: &part.label("rows of each member"),
        description: "One bar for each member, as long as its number of rows read. Its parts are rows that became distinct \
                      identifiers, duplicates, suppressed rows and rejected rows.",
    };
    drawing.write(out, |out| {
        write!(out, "<g class=f>")?;
        for (at, member) in drawn.iter().enumerate() {
            let top = at * ROW + 4;
            write_label(out, format_args!("class=end x={} y={}", left - 8, top + 11), member.name.as_str())?;
            // Ends of the parts are rounded, not their lengths, so that the bar has its length.
            let mut end = 0;
            let mut from = 0.0;
            let rest = [member.unique, member.duplicates, member.suppressed, member.rejected.total()];
            for ((class, _), rows) in PARTS.iter().zip(rest) {
                end += rows;
                let to = length(end, most, BAR);
                if rows > 0 && to > from {
                    let (x, long) = (left as f64 + from, ((to - from) * 10.0).round() / 10.0);
                    write!(out, "<rect class={class} x={x:.1} y={top} width={long} />")?;
                }
                from = to;
            }
            let x = left as f64 + from + 6.0;
            write!(out, "<text x={x:.1} y={}>{}</text>", top + 11, Number(member.rows))?;
        }
        write!(out, "</g>")
    })
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
        write!(out, "<td class=t>")?;
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
    writeln!(
        out,
        "<dt>changed<dd>accepted, though not written in the usual spelling; it matches all the same"
    )?;
    writeln!(out, "<dt>warned<dd>accepted, though something about the value is odd")?;
    for reason in reasons.values() {
        writeln!(out, "<dt>{}<dd>{}", Escaped(reason.name()), Escaped(reason.meaning()))?;
    }
    writeln!(out, "</dl>")
}
