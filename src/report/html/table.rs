//! Tables: each scrolls where it does not fit, and says what it shows.

use std::fmt::{self, Write as _};

use super::text::Escaped;

/// Opens a table. `label` names it among all tables of the page, `class` may be empty.
pub(crate) fn open(out: &mut String, label: &str, caption: &str, class: &str) -> fmt::Result {
    write!(out, "<div class=scroll tabindex=0 role=region aria-label=\"{}, table\">", Escaped(label))?;
    let class = if class.is_empty() { String::new() } else { format!(" class={class}") };
    write!(out, "<table{class}><caption>{}</caption>", Escaped(caption))
}

/// Writes the heads of columns; of those that hold text the head begins with `:`.
pub(crate) fn write_heads<T: AsRef<str>>(
    out: &mut String,
    heads: impl IntoIterator<Item = T>,
) -> fmt::Result {
    write!(out, "<thead><tr>")?;
    for head in heads {
        match (head.as_ref(), head.as_ref().strip_prefix(':')) {
            ("", _) => write!(out, "<td></td>")?,
            (_, Some(text)) => write!(out, "<th scope=col class=t>{}", Escaped(text))?,
            (number, None) => write!(out, "<th scope=col>{}", Escaped(number))?,
        }
    }
    write!(out, "<tbody>")
}

pub(crate) fn write_row_head(out: &mut String, head: &str) -> fmt::Result {
    write!(out, "<tr><th scope=row>{}", Escaped(head))
}

pub(crate) fn close(out: &mut String) -> fmt::Result {
    writeln!(out, "</table></div>")
}
