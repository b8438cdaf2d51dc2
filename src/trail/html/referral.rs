//! The authority's page: whom to address for what.

use std::fmt::{self, Write as _};
use std::io;

use crate::report::html::text::{Escaped, List, Number, counted};
use crate::report::html::{frame, table};
use crate::terms::utc;
use crate::trail::referral::{Referral, Referred};

impl Referral {
    /// Writes the referral as an HTML page: what [`Referral::write_json`] has. It opens offline, under the same policy as
    /// [`Report::write_html`](crate::Report::write_html).
    ///
    /// # Errors
    ///
    /// Those of `out`.
    ///
    /// ```
    /// # use veilmatch::round::{Manifest, TrailRules};
    /// # use veilmatch::terms::{Name, SealKey, Terms};
    /// # use veilmatch::trail::Referral;
    /// # use veilmatch::Round;
    /// # let members = vec![Name::new("bank-a")?, Name::new("bank-b")?];
    /// # let round = Round::new(Manifest::trial(Name::new("efc")?, 1, vec![(&Terms::example()).into()], members)?)?;
    /// # let authority = SealKey::new("age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj")?;
    /// let referral = Referral::new(&round, &authority, [])?;
    /// let mut page = Vec::new();
    /// referral.write_html(&mut page)?;
    /// assert!(String::from_utf8_lossy(&page).contains("it is no order"));
    /// # Ok::<(), veilmatch::Error>(())
    /// ```
    pub fn write_html(&self, out: &mut dyn io::Write) -> io::Result<()> {
        let title = format!("{}, epoch {}, round {}", self.coalition, self.epoch, self.number);
        frame::write_page(out, "Referral", &title, |page| self.write_parts(page))
    }

    fn write_parts(&self, out: &mut String) -> fmt::Result {
        writeln!(out, "<p>{}</p>", Escaped(self.request))?;
        table::open(out, "What it is about", "The round and the authority", "about")?;
        write!(out, "<tbody>")?;
        write_line(out, "Purpose", Escaped(&self.purpose))?;
        let bounds = [self.period.not_before, self.period.not_after];
        let [from, to] = bounds.map(|bound| bound.map_or("open".to_owned(), time));
        write_line(out, "Period", format_args!("{from} to {to}"))?;
        write_line(out, "Manifest", format_args!("<span class=digest>{}</span>", self.round))?;
        let authority = Escaped(self.authority.as_str());
        write_line(out, "Authority", format_args!("<span class=digest>{authority}</span>"))?;
        table::close(out)?;
        (1..).zip(&self.trails).try_for_each(|(number, trail)| write_trail(out, number, trail))
    }
}

fn write_line(out: &mut String, head: &str, text: impl fmt::Display) -> fmt::Result {
    table::write_row_head(out, head)?;
    write!(out, "<td class=t>{text}")
}

fn write_trail(out: &mut String, number: usize, trail: &Referred) -> fmt::Result {
    writeln!(out, "<h2 id=t{number}>Case {}, trail {number}</h2>", Escaped(&trail.case))?;
    let stated = trail.statements.len() as u64;
    write!(out, "<p>Statements of {} of {}", Number(stated), counted(trail.members, "member"))?;
    match (&trail.missing.names, trail.missing.members) {
        (_, 0) => {}
        (Some(names), _) => write!(out, "; missing: {}", List(names))?,
        (None, members) => write!(out, "; {} missing, who are not named", Number(members))?,
    }
    writeln!(out, ". Id <span class=digest>{}</span></p>", trail.trail)?;
    let label = |what: &str| format!("Trail {number}: {what}");
    table::open(out, &label("members"), "Whom to address", "")?;
    table::write_heads(
        out,
        [":Member", ":Contact", ":Legal channel", "Subjects", ":Made", ":Digest of its answer"],
    )?;
    for stated in &trail.statements {
        table::write_row_head(out, stated.member.as_str())?;
        let channel = stated.channel.as_deref().unwrap_or("none named");
        write!(out, "<td class=t>{}<td class=t>{}", Escaped(&stated.contact), Escaped(channel))?;
        write!(out, "<td>{}<td class=t>{}", Number(stated.subjects.len() as u64), time(stated.made))?;
        match stated.answer {
            Some(answer) => write!(out, "<td class=t><span class=digest>{answer}</span>")?,
            None => write!(out, "<td class=t>not sealed")?,
        }
    }
    table::close(out)?;
    table::open(out, &label("subjects"), "For what: subjects under names for this case alone", "")?;
    table::write_heads(out, [":Member", ":Subject", "Distance", ":Kinds that lead on"])?;
    for stated in &trail.statements {
        for subject in &stated.subjects {
            table::write_row_head(out, stated.member.as_str())?;
            write!(out, "<td class=t><span class=digest>{}</span>", subject.pseudonym)?;
            write!(out, "<td>{}<td class=t>", subject.distance)?;
            let kinds: Vec<&str> = subject.kinds.iter().map(|kind| kind.as_str()).collect();
            write!(out, "{}", Escaped(&if kinds.is_empty() { "none".to_owned() } else { kinds.join(", ") }))?;
        }
    }
    table::close(out)
}

/// A moment as people read it; its seconds where no calendar has it.
fn time(seconds: u64) -> String {
    utc::format(seconds).unwrap_or_else(|| seconds.to_string())
}
