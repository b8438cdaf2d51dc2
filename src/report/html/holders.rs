//! How many holders the tokens have.

use std::fmt::{self, Write as _};

use super::text::Cell;
use super::{EACH, Part, bars, table};

pub(super) fn write(out: &mut String, part: &Part<'_>) -> fmt::Result {
    writeln!(out, "<h3>How many members hold an identifier</h3>")?;
    let counts = &part.kind.by_holder_count.0;
    if counts.iter().all(Option::is_none) {
        return writeln!(out, "<p>Withheld.");
    }
    let many = counts.len() > EACH;
    let rows: Vec<(String, Option<u64>)> = (1..)
        .zip(counts)
        .filter(|(_, count)| !many || **count != Some(0))
        .map(|(holders, count): (u64, _)| (holders.to_string(), *count))
        .collect();
    let drawn = &rows[..rows.len().min(EACH)];
    write!(
        out,
        "<p class=note>Identifiers that exactly this number of members hold, whatever the threshold."
    )?;
    if many {
        write!(out, " Numbers of holders without any are left out.")?;
    }
    if drawn.len() < rows.len() {
        write!(out, " The first rows are drawn; the table has all.")?;
    }
    write!(out, "<div class=both>")?;
    bars::write(out, &format!("{}-holders", part.id), &part.label("numbers of holders"), drawn)?;
    table::open(out, &part.label("numbers of holders"), "By number of holders", "")?;
    table::write_heads(out, [":Holders", "Identifiers"])?;
    for (holders, count) in &rows {
        write!(out, "<tr><th scope=row>{holders}<td>{}", Cell(*count))?;
    }
    table::close(out)?;
    writeln!(out, "</div>")
}
