//! Small tables for notebooks: HTML without script and style, every cell escaped.

use std::fmt::Write as _;

use veilmatch::report::Escaped;

/// Writes a table with a title. The first cell of a row is its heading.
pub(crate) fn table<const N: usize>(title: &str, head: [&str; N], rows: &[[String; N]]) -> String {
    let mut html = format!("<table><caption>{}</caption><thead><tr>", Escaped(title));
    for cell in head {
        let _ = write!(html, "<th scope=\"col\">{}</th>", Escaped(cell));
    }
    html.push_str("</tr></thead><tbody>");
    for row in rows {
        html.push_str("<tr>");
        for (at, cell) in row.iter().enumerate() {
            let cell = Escaped(cell);
            let _ = match at {
                0 => write!(html, "<th scope=\"row\">{cell}</th>"),
                _ => write!(html, "<td>{cell}</td>"),
            };
        }
        html.push_str("</tr>");
    }
    html + "</tbody></table>"
}
