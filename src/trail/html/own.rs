//! A member's page: its own subjects in each trail.

use std::fmt::{self, Write as _};
use std::io;

use crate::report::OfRound;
use crate::report::html::text::{Cell, Escaped, List, Number, counted};
use crate::report::html::{frame, table};
use crate::terms::Pseudonym;
use crate::trail::answer::{Answer, OwnSubject, OwnTrail};

use super::DRAWN;
use super::rings::{self, Dot};

/// A member's answer, to be drawn for its own people.
///
/// ```
/// # use veilmatch::terms::{ContentDigest, Name, Pseudonym, Terms, TrailId};
/// # use veilmatch::trail::{Answer, OwnSubject, OwnTrail};
/// use veilmatch::trail::OwnPage;
///
/// # let own = vec![OwnSubject { pseudonym: Pseudonym([3; 16]), distance: 1, leads: Vec::new() }];
/// # let trail = OwnTrail { id: TrailId([7; 16]), subjects: None, members: 2, names: None, slip: None, own };
/// # let answer = Answer {
/// #     terms: Terms::example(), recipient: Name::new("bank-a")?, metadata: Default::default(), signer: None,
/// #     links: ContentDigest([0; 32]), without: 0, trails: vec![trail], too_large: vec![], dropped: vec![],
/// # };
/// let page = OwnPage { answer: &answer, of_round: None, rows: &|_| "rows 4 and 9".to_owned() };
/// let mut html = Vec::new();
/// page.write_html(&mut html)?;
/// assert!(String::from_utf8_lossy(&html).contains("rows 4 and 9"));
/// # Ok::<(), veilmatch::Error>(())
/// ```
pub struct OwnPage<'a> {
    /// The answer.
    pub answer: &'a Answer,
    /// The round, if it is to be named.
    pub of_round: Option<&'a OfRound>,
    /// Says which rows a subject has, as the page is to show them.
    pub rows: &'a (dyn Fn(&Pseudonym) -> String + Send + Sync),
}

impl OwnPage<'_> {
    /// Writes an HTML page, under the same policy as [`Report::write_html`](crate::Report::write_html). It draws the first
    /// 100 trails and lists the own subjects of all.
    ///
    /// # Errors
    ///
    /// Those of `out`.
    pub fn write_html(&self, out: &mut dyn io::Write) -> io::Result<()> {
        let member = &self.answer.recipient;
        let subject = match self.of_round {
            Some(of) => format!("{member}: {}, epoch {}, round {}", of.coalition, of.epoch, of.number),
            None => member.to_string(),
        };
        frame::write_page(out, "Own subjects in trails", &subject, |page| self.write_parts(page))
    }

    fn write_parts(&self, out: &mut String) -> fmt::Result {
        rings::write_style(out)?;
        if let Some(of) = self.of_round {
            writeln!(out, "<p>Purpose: {}</p>", Escaped(&of.purpose))?;
        }
        writeln!(
            out,
            "<p>A trail is a lead and never a verdict: victims are in it too. Do not let anybody concerned know of it.</p>"
        )?;
        let Answer { trails, too_large, dropped, without, .. } = self.answer;
        writeln!(
            out,
            "<p>{} with own subjects; {} whose trail is too large to be given out; {} left out as too common.</p>",
            counted(trails.len() as u64, "trail"),
            counted(too_large.len() as u64, "own seed"),
            counted(dropped.len() as u64, "own identifier")
        )?;
        if *without > 0 {
            let members = counted(*without, "member");
            writeln!(
                out,
                "<p><strong>Links of {members} are missing, all or those of a kind: what leads through these is not found.</strong></p>"
            )?;
        }
        (1..).zip(trails).try_for_each(|(number, trail)| self.write_trail(out, number, trail))
    }

    fn write_trail(&self, out: &mut String, number: usize, trail: &OwnTrail) -> fmt::Result {
        writeln!(out, "<h2 id=t{number}>Trail {number}</h2>")?;
        writeln!(out, "<p class=note>Id <span class=digest>{}</span></p>", trail.id)?;
        write!(out, "<p>{} of {}", counted(trail.own.len() as u64, "own subject"), Cell(trail.subjects))?;
        write!(out, " at {}", counted(trail.members, "member"))?;
        if let Some(names) = &trail.names {
            write!(out, ": {}", List(names))?;
        }
        writeln!(out, ".</p>\n<div class=both>")?;
        let label = format!("Trail {number}: own subjects by distance from the seed");
        if number <= DRAWN {
            let farthest = trail.own.iter().map(|own| own.distance).max().unwrap_or(0).max(1);
            let own = |distance: u8| trail.own.iter().filter(|own| own.distance == distance).count() as u64;
            let dots = (0..=farthest).map(|distance| match own(distance) {
                0 => Vec::new(),
                subjects => vec![Dot { label: "own", subjects }],
            });
            rings::write(out, &format!("t{number}-r"), &label, &dots.collect::<Vec<_>>())?;
        }
        table::open(
            out,
            &label,
            "Own subjects, and which of their identifiers others in the trail have",
            "",
        )?;
        table::write_heads(out, [":Rows", "Distance", ":Kind", "Subjects of others"])?;
        for own in &trail.own {
            self.write_subject(out, own)?;
        }
        table::close(out)?;
        writeln!(out, "</div>")
    }

    fn write_subject(&self, out: &mut String, own: &OwnSubject) -> fmt::Result {
        let rows = (self.rows)(&own.pseudonym);
        if own.leads.is_empty() {
            table::write_row_head(out, &rows)?;
            return write!(out, "<td>{}<td class=t>none<td>", own.distance);
        }
        for lead in &own.leads {
            table::write_row_head(out, &rows)?;
            let (distance, kind) = (Number(own.distance.into()), Escaped(lead.kind.as_str()));
            write!(out, "<td>{distance}<td class=t>{kind}<td>{}", Cell(lead.behind))?;
        }
        Ok(())
    }
}

impl fmt::Debug for OwnPage<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OwnPage").field("answer", self.answer).finish_non_exhaustive()
    }
}
