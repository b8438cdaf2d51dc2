//! The hub's page: each trail as rings, with members and kinds only.

use std::fmt::{self, Write as _};
use std::io;

use crate::report::OfRound;
use crate::report::html::text::{Escaped, Number, counted};
use crate::report::html::{frame, table};
use crate::trail::overview::{Overview, Seen};

use super::DRAWN;
use super::rings::{self, Dot};

impl Overview {
    /// Writes the hub's page: what `trails.json` has, drawn. It stays at the hub, as that does.
    ///
    /// It opens offline, under the same policy as [`Report::write_html`](crate::Report::write_html). It draws the first
    /// 100 trails.
    ///
    /// # Errors
    ///
    /// Those of `out`.
    pub fn write_html(&self, of: &OfRound, out: &mut dyn io::Write) -> io::Result<()> {
        let title = format!("{}, epoch {}, round {}", of.coalition, of.epoch, of.number);
        frame::write_page(out, "Trails, for the hub alone", &title, |page| self.write_parts(of, page))
    }

    fn write_parts(&self, of: &OfRound, out: &mut String) -> fmt::Result {
        rings::write_style(out)?;
        writeln!(out, "<p>Purpose: {}</p>", Escaped(&of.purpose))?;
        writeln!(
            out,
            "<p>A trail is a lead and never a verdict: it says that subjects share identifiers with a confirmed case, and \
             not why. Victims are in it too.</p>"
        )?;
        self.write_members(out)?;
        writeln!(out, "<h2>Trails</h2>")?;
        if self.trails.is_empty() {
            return writeln!(out, "<p>No seed has a trail that may be given out.</p>");
        }
        if self.trails.len() > DRAWN {
            writeln!(
                out,
                "<p class=note>The first {DRAWN} of {} are drawn; trails.json has all.</p>",
                Number(self.trails.len() as u64)
            )?;
        }
        for (number, trail) in (1..).zip(self.trails.iter().take(DRAWN)) {
            self.write_trail(out, number, trail)?;
        }
        Ok(())
    }

    fn write_members(&self, out: &mut String) -> fmt::Result {
        writeln!(out, "<h2>What members sent</h2>")?;
        table::open(out, "What members sent", "Links by member, and what was left out of them", "")?;
        let left_out = ["Too common for it", "Too common for all"];
        let heads = [":Member", "Subjects", "Links", "Seeds", "Trails too large"];
        table::write_heads(out, heads.into_iter().chain(left_out))?;
        for sent in &self.members {
            table::write_row_head(out, sent.member.as_str())?;
            let numbers =
                [sent.subjects, sent.links, sent.seeds, sent.too_large, sent.dropped, sent.dropped_for_all];
            for number in numbers {
                write!(out, "<td>{}", Number(number))?;
            }
        }
        table::close(out)
    }

    fn write_trail(&self, out: &mut String, number: usize, trail: &Seen) -> fmt::Result {
        let subjects: u64 = trail.rings.iter().map(|ring| ring.subjects()).sum();
        writeln!(
            out,
            "<h3 id=t{number}>Trail {number}, of a seed of {}</h3>",
            Escaped(trail.seed_of.as_str())
        )?;
        writeln!(
            out,
            "<p class=note>{} in all. Id <span class=digest>{}</span></p>\n<div class=both>",
            counted(subjects, "subject"),
            trail.id
        )?;
        let mut dots: Vec<Vec<Dot<'_>>> = (0..=self.max_hops).map(|_| Vec::new()).collect();
        for ring in &trail.rings {
            let of_ring =
                ring.members.iter().map(|one| Dot { label: one.member.as_str(), subjects: one.subjects });
            if let Some(dots) = dots.get_mut(usize::from(ring.distance)) {
                dots.extend(of_ring);
            }
        }
        let label = format!("Trail {number}: subjects by distance from the seed");
        rings::write(out, &format!("t{number}-r"), &label, &dots)?;
        table::open(out, &label, "Subjects by distance from the seed", "")?;
        table::write_heads(out, [":Member", "Distance", "Subjects"])?;
        for (ring, one) in trail.rings.iter().flat_map(|ring| ring.members.iter().map(move |one| (ring, one)))
        {
            table::write_row_head(out, one.member.as_str())?;
            write!(out, "<td>{}<td>{}", ring.distance, Number(one.subjects))?;
        }
        table::close(out)?;
        table::open(out, &format!("Trail {number}: kinds"), "Identifiers that several of them have", "")?;
        table::write_heads(out, [":Kind", "Identifiers"])?;
        for (kind, tokens) in &trail.joined_by {
            table::write_row_head(out, kind.as_str())?;
            write!(out, "<td>{}", Number(*tokens))?;
        }
        table::close(out)?;
        writeln!(out, "</div>")
    }
}
