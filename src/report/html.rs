//! The report as a page: pictures in SVG, each with a table of the same numbers; no script, and nothing to fetch.

mod about;
mod bars;
mod combinations;
pub(crate) mod drawing;
pub(crate) mod frame;
mod holders;
mod overlaps;
mod own;
mod pairs;
mod rows;
pub(crate) mod table;
pub(crate) mod text;

use std::fmt::{self, Write as _};
use std::io;

use super::{KindReport, Report};

pub use own::{OwnKind, OwnReport, OwnRow};
pub use text::Escaped;

/// The number of members up to which pictures and tables have a place for each.
const EACH: usize = 64;

impl Report {
    /// Writes the report as an HTML page that opens offline: what [`Report::to_json`] has, drawn.
    ///
    /// The page has its own style, no script, and a policy by which a browser fetches nothing. All text is escaped. It
    /// shows what the report has, so a report is withheld first ([`Report::withholding`]). For more than 64 members,
    /// pairs are grouped, and the page says what it leaves out (SPEC.md, section 9).
    ///
    /// # Errors
    ///
    /// Those of `out`.
    ///
    /// ```
    /// use veilmatch::Report;
    /// use veilmatch::report::OfRound;
    /// use veilmatch::terms::{Name, RoundDigest};
    ///
    /// let mut report = Report::new(2, vec![Name::new("bank-a")?, Name::new("bank-b")?]);
    /// report.of_round = Some(OfRound {
    ///     round: RoundDigest([7; 32]),
    ///     log: None,
    ///     coalition: Name::new("efc")?,
    ///     epoch: 7,
    ///     number: 12,
    ///     purpose: "<b>fraud</b>".into(),
    /// });
    /// let mut page = Vec::new();
    /// report.write_html(&mut page)?;
    /// assert!(String::from_utf8_lossy(&page).contains("<td class=t>&lt;b>fraud&lt;/b>"));
    /// # Ok::<(), veilmatch::Error>(())
    /// ```
    pub fn write_html(&self, out: &mut dyn io::Write) -> io::Result<()> {
        let title = match &self.of_round {
            Some(of) => format!("{}, epoch {}, round {}", of.coalition, of.epoch, of.number),
            None => "What members have in common".to_owned(),
        };
        frame::write_page(out, "Match report", &title, |page| self.write_parts(page))
    }

    /// Writes the same as a fragment, for a notebook or another page: a style and a `div` of the class `vm`. Its headings
    /// begin with `h2`.
    ///
    /// # Errors
    ///
    /// Those of `out`.
    ///
    /// ```
    /// # use veilmatch::Report;
    /// # use veilmatch::terms::Name;
    /// let report = Report::new(2, vec![Name::new("bank-a")?, Name::new("bank-b")?]);
    /// let mut fragment = Vec::new();
    /// report.write_html_fragment(&mut fragment)?;
    /// assert!(fragment.starts_with(b"<style>") && fragment.ends_with(b"</div>\n"));
    /// # Ok::<(), veilmatch::Error>(())
    /// ```
    pub fn write_html_fragment(&self, out: &mut dyn io::Write) -> io::Result<()> {
        frame::write_fragment(out, |page| self.write_parts(page))
    }

    fn write_parts(&self, page: &mut String) -> fmt::Result {
        about::write(page, self)?;
        overlaps::write(page, self)?;
        for (number, kind) in (1..).zip(&self.kinds) {
            let id = format!("k{number}");
            writeln!(page, "<h2 id={id}>{}</h2>", Escaped(kind.kind.as_str()))?;
            let part = Part { id: &id, kind };
            pairs::write(page, &part)?;
            combinations::write(page, &part, self)?;
            holders::write(page, &part)?;
            rows::write(page, &part)?;
        }
        rows::write_reasons(page, &self.kinds)
    }
}

/// The part of the page that is about one kind.
struct Part<'a> {
    /// The first letters of ids in this part.
    id: &'a str,
    kind: &'a KindReport,
}

impl Part<'_> {
    /// Says what a picture or table shows of this kind.
    fn label(&self, what: &str) -> String {
        format!("{}: {what}", self.kind.kind)
    }
}
