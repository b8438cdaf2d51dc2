//! Bars: one a row, with its label before it and its number after it.

use std::fmt::{self, Write as _};

use super::drawing::{BAR, Drawing, ROW, length, widest, width, write_label};
use super::text::Cell;

/// Writes bars whose lengths are proportional to the numbers.
pub(super) fn write(
    out: &mut String,
    id: &str,
    title: &str,
    rows: &[(impl AsRef<str>, Option<u64>)],
) -> fmt::Result {
    let largest = rows.iter().filter_map(|(_, count)| *count).max().unwrap_or(0);
    let left = widest(rows.iter().map(|(label, _)| label.as_ref())) + 12;
    let drawing = Drawing {
        id,
        class: "bars",
        width: left + BAR as usize + after(rows.iter().map(|(_, count)| *count)),
        height: rows.len() * ROW + 4,
        title,
        description: "A bar for each row of the table, as long as its number.",
    };
    let middle = |at: usize| at * ROW + ROW / 2 + 2;
    let long = |count: Option<u64>| length(count.unwrap_or(0), largest, BAR);
    drawing.write(out, |out| {
        write!(out, "<g class=end>")?;
        for (at, (label, _)) in rows.iter().enumerate() {
            write_label(out, format_args!("x={} y={}", left - 8, middle(at) + 4), label.as_ref())?;
        }
        write!(out, "</g><path class=axis d=\"M{left}.5 0V{}\"/><path class=bar d=\"", drawing.height)?;
        for (at, (_, count)) in rows.iter().enumerate().filter(|(_, (_, count))| long(*count) > 0.0) {
            write!(out, "M{left} {}h{}", middle(at), long(*count))?;
        }
        write!(out, "\"/>")?;
        for (at, (_, count)) in rows.iter().enumerate() {
            write!(out, "<text x={:.0} ", left as f64 + long(*count) + 6.0)?;
            write!(out, "y={}>{}</text>", middle(at) + 4, Cell(*count))?;
        }
        Ok(())
    })
}

/// Returns the room that numbers after bars need.
pub(super) fn after(counts: impl Iterator<Item = Option<u64>>) -> usize {
    counts.map(|count| width(&Cell(count).to_string()) + 12).max().unwrap_or(0)
}
