//! A member's own page: what its shares say of its own rows.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};
use std::io;

use super::text::{Escaped, List, Number, counted};
use super::{bars, frame, table};
use crate::report::OfRound;
use crate::terms::{KindId, Name};

/// What a member learns from its shares about its own rows, in numbers; with the rows themselves only if they are put in.
///
/// ```
/// use veilmatch::report::{OwnKind, OwnReport};
/// use veilmatch::terms::{KindId, Name};
///
/// let mut kind = OwnKind::new(KindId::new("card.pan/1")?, 2);
/// kind.add(3, &[Name::new("bank-b")?, Name::new("bank-c")?]);
/// let own = OwnReport { member: Name::new("bank-a")?, of_round: None, kinds: vec![kind], rows: None };
/// let mut page = Vec::new();
/// own.write_html(&mut page)?;
/// assert!(String::from_utf8_lossy(&page).contains("<th scope=row>bank-c<td>1"));
/// # Ok::<(), veilmatch::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct OwnReport {
    /// The member.
    pub member: Name,
    /// The round, if there was one.
    pub of_round: Option<OfRound>,
    /// One entry for each share.
    pub kinds: Vec<OwnKind>,
    /// The rows, if the page is to list them with their values.
    pub rows: Option<Vec<OwnRow>>,
}

/// The rows of one kind that other members hold too.
///
/// See the example of [`OwnReport`].
#[derive(Clone, Debug)]
pub struct OwnKind {
    /// The kind.
    pub kind: KindId,
    /// The threshold k.
    pub at_least: usize,
    /// Numbers of rows by number of holders, the member itself among them.
    pub by_holder_count: BTreeMap<usize, u64>,
    /// Numbers of rows that each other member holds too, if holders are named.
    pub others: BTreeMap<Name, u64>,
}

/// One row, with what it holds.
///
/// See the example of [`OwnReport`].
#[derive(Clone, Debug)]
pub struct OwnRow {
    /// Where the row stands: its file, number and line, as they are to be shown.
    pub place: String,
    /// The kind.
    pub kind: KindId,
    /// Number of holders.
    pub holders: usize,
    /// The other holders, if holders are named.
    pub others: Vec<Name>,
    /// The value, as it is to be shown.
    pub value: String,
}

impl OwnKind {
    /// Begins without rows.
    pub fn new(kind: KindId, at_least: usize) -> Self {
        Self { kind, at_least, by_holder_count: BTreeMap::new(), others: BTreeMap::new() }
    }

    /// Counts a row with its number of holders, and the other holders if they are named.
    pub fn add<'a>(&mut self, holders: usize, others: impl IntoIterator<Item = &'a Name>) {
        *self.by_holder_count.entry(holders).or_default() += 1;
        for name in others {
            *self.others.entry(name.clone()).or_default() += 1;
        }
    }
}

impl OwnReport {
    /// Writes an HTML page, under the same policy as [`Report::write_html`](crate::Report::write_html).
    ///
    /// # Errors
    ///
    /// Those of `out`.
    pub fn write_html(&self, out: &mut dyn io::Write) -> io::Result<()> {
        let subject = match &self.of_round {
            Some(of) => format!("{}: {}, epoch {}, round {}", self.member, of.coalition, of.epoch, of.number),
            None => self.member.to_string(),
        };
        frame::write_page(out, "What others hold too", &subject, |page| self.write_parts(page))
    }

    fn write_parts(&self, out: &mut String) -> fmt::Result {
        if let Some(of) = &self.of_round {
            writeln!(out, "<p>Purpose: {}</p>", Escaped(&of.purpose))?;
        }
        for (number, kind) in (1..).zip(&self.kinds) {
            kind.write(out, &format!("k{number}"))?;
        }
        self.rows.as_deref().map_or(Ok(()), |rows| write_rows(out, rows))
    }
}

impl OwnKind {
    fn write(&self, out: &mut String, id: &str) -> fmt::Result {
        writeln!(out, "<h2 id={id}>{}</h2>", Escaped(self.kind.as_str()))?;
        let rows = self.by_holder_count.values().sum();
        writeln!(
            out,
            "<p>{} hold what at least {} members hold.</p>",
            counted(rows, "own row"),
            self.at_least
        )?;
        if rows == 0 {
            return Ok(());
        }
        let counts: Vec<(String, Option<u64>)> =
            self.by_holder_count.iter().map(|(holders, rows)| (holders.to_string(), Some(*rows))).collect();
        writeln!(out, "<h3>By number of holders</h3>\n<p class=note>You are one of them.</p>")?;
        self.write_both(out, &format!("{id}-holders"), "by number of holders", ":Holders", &counts)?;
        if self.others.is_empty() {
            return Ok(());
        }
        let others: Vec<(String, Option<u64>)> =
            self.others.iter().map(|(name, rows)| (name.to_string(), Some(*rows))).collect();
        writeln!(out, "<h3>Who else</h3>")?;
        self.write_both(out, &format!("{id}-others"), "by other holder", ":Member", &others)
    }

    fn write_both(
        &self,
        out: &mut String,
        id: &str,
        what: &str,
        head: &str,
        rows: &[(String, Option<u64>)],
    ) -> fmt::Result {
        let label = format!("{}: own rows {what}", self.kind);
        write!(out, "<div class=both>")?;
        bars::write(out, id, &label, rows)?;
        table::open(out, &label, &format!("Own rows {what}"), "")?;
        table::write_heads(out, [head, "Rows"])?;
        for (head, rows) in rows {
            table::write_row_head(out, head)?;
            write!(out, "<td>{}", Number(rows.unwrap_or(0)))?;
        }
        table::close(out)?;
        writeln!(out, "</div>")
    }
}

fn write_rows(out: &mut String, rows: &[OwnRow]) -> fmt::Result {
    writeln!(out, "<h2>The rows</h2>")?;
    table::open(out, "The rows", "Own rows that others hold too, with their values", "")?;
    table::write_heads(out, [":Row", ":Kind", "Holders", ":Others", ":Value"])?;
    for row in rows {
        table::write_row_head(out, &row.place)?;
        write!(out, "<td class=t>{}<td>{}", Escaped(row.kind.as_str()), row.holders)?;
        write!(out, "<td class=t>{}<td class=t>{}", List(&row.others), Escaped(&row.value))?;
    }
    table::close(out)
}
