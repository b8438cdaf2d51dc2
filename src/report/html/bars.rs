//! Bars: one a row, with its label before it and its number after it.

use std::fmt::{self, Write as _};

use super::drawing::{BAR, Drawing, ROW, length, widest, write_label};
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
        width: left + BAR as usize + 110,
        height: rows.len() * ROW + 4,
        title,
        description: "One bar for each row of the table. Its length is proportional to the number.",
    };
    drawing.write(out, |out| {
        write!(out, "<path class=axis d=\"M{left}.5 0V{}\"/>", drawing.height)?;
        for (at, (label, count)) in rows.iter().enumerate() {
            let middle = at * ROW + ROW / 2 + 2;
            let (x, y) = (left - 8, middle + 4);
            write_label(out, format_args!("class=end x={x} y={y}"), label.as_ref())?;
            let long = length(count.unwrap_or(0), largest, BAR);
            if long > 0.0 {
                write!(out, "<path class=bar d=\"M{left} {middle}h{long}\"/>")?;
            }
            write!(out, "<text x={} y={y}>{}</text>", left as f64 + long + 6.0, Cell(*count))?;
        }
        Ok(())
    })
}
