//! What was matched: the round, the members, who was missing, what is withheld.

use std::fmt::{self, Write as _};

use crate::terms::Name;

use super::text::{Escaped, List, Number, counted};
use super::{EACH, Report, table};
use crate::report::{KindReport, TookPart};

pub(super) fn write(out: &mut String, report: &Report) -> fmt::Result {
    writeln!(out, "<h2>What was matched</h2>")?;
    table::open(out, "What was matched", "The match", "about")?;
    write!(out, "<tbody>")?;
    if let Some(of) = &report.of_round {
        write_line(out, "Coalition", Escaped(of.coalition.as_str()))?;
        write_line(out, "Epoch", Number(of.epoch))?;
        write_line(out, "Round", Number(of.number))?;
        write_line(out, "Purpose", Escaped(&of.purpose))?;
    }
    let members = counted(report.members.len() as u64, "member");
    match report.members.len() > EACH {
        true => write_line(out, "Members", members)?,
        false => write_line(out, "Members", format_args!("{members}: {}", List(&report.members)))?,
    }
    write_line(out, "Overlap", format_args!("an identifier that at least {} members hold", report.at_least))?;
    match report.min_result {
        0 | 1 => write_line(out, "Withheld", "nothing")?,
        min => write_line(out, "Withheld", Withheld { min, kinds: &report.kinds })?,
    }
    if let Some(of) = &report.of_round {
        write_line(out, "Manifest", format_args!("<span class=digest>{}</span>", of.round))?;
        if let Some(log) = of.log {
            write_line(out, "Run record before", format_args!("<span class=digest>{log}</span>"))?;
        }
    }
    table::close(out)?;
    if report.took_part.is_empty() { Ok(()) } else { write_took_part(out, &report.took_part) }
}

fn write_line(out: &mut String, head: &str, text: impl fmt::Display) -> fmt::Result {
    table::write_row_head(out, head)?;
    write!(out, "<td class=t>{text}")
}

/// Says what is withheld of each kind.
struct Withheld<'a> {
    min: u64,
    kinds: &'a [KindReport],
}

impl fmt::Display for Withheld<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "results from 1 to under {}, with what would give them back", Number(self.min))?;
        for kind in self.kinds {
            let mut what = Vec::new();
            if kind.overlaps.is_none() {
                what.push("overlaps and numbers of holders");
            }
            let hidden = kind.pairs.iter().filter(|pair| pair.overlap.is_none()).count();
            match hidden {
                0 => {}
                _ if hidden == kind.pairs.len() => what.push("all pairs"),
                _ => what.push("small pairs"),
            }
            if kind.combinations.is_none() {
                what.push("combinations of holders (small, or too many)");
            }
            let what = if what.is_empty() { "nothing".to_owned() } else { what.join("; ") };
            write!(f, "<br>{}: {what}", Escaped(kind.kind.as_str()))?;
        }
        Ok(())
    }
}

fn write_took_part(out: &mut String, parts: &[TookPart]) -> fmt::Result {
    writeln!(out, "<h3>Who took part</h3>")?;
    table::open(out, "Who took part", "Members that were to bring a set of each kind", "wide")?;
    table::write_heads(out, [":Kind", "Matched", ":Left out, under the round’s smallest", ":Without"])?;
    for part in parts {
        table::write_row_head(out, part.kind.as_str())?;
        write!(out, "<td>{}", counted(part.matched.len() as u64, "member"))?;
        for names in [&part.left_out, &part.without] {
            write!(out, "<td class=t>{}", Missing(names))?;
        }
    }
    table::close(out)
}

struct Missing<'a>(&'a [Name]);

impl fmt::Display for Missing<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() { f.write_str("nobody") } else { List(self.0).fmt(f) }
    }
}
