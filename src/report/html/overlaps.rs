//! The number of overlaps of each kind.

use std::fmt::{self, Write as _};

use super::text::{Cell, Escaped};
use super::{Report, bars, table};

pub(super) fn write(out: &mut String, report: &Report) -> fmt::Result {
    writeln!(out, "<h2>Overlaps by kind</h2>")?;
    if report.kinds.is_empty() {
        return writeln!(out, "<p>No kind was matched.");
    }
    let rows: Vec<(&str, Option<u64>)> =
        report.kinds.iter().map(|kind| (kind.kind.as_str(), kind.overlaps)).collect();
    writeln!(out, "<p class=note>Identifiers that at least {} members hold.", report.at_least)?;
    write!(out, "<div class=both>")?;
    bars::write(out, "overlaps", "Overlaps by kind", &rows)?;
    table::open(out, "Overlaps by kind", "Overlaps by kind", "")?;
    table::write_heads(out, [":Kind", "Overlaps"])?;
    for (number, (kind, overlaps)) in (1..).zip(&rows) {
        write!(out, "<tr><th scope=row><a href=#k{number}>{}</a><td>{}", Escaped(kind), Cell(*overlaps))?;
    }
    let unmatched = report.took_part.iter().filter(|part| part.matched.is_empty());
    for part in unmatched {
        table::write_row_head(out, part.kind.as_str())?;
        write!(out, "<td>not matched")?;
    }
    table::close(out)?;
    writeln!(out, "</div>")
}
