//! The report for a person: what was found, who shares with whom, what was rejected and why.

use std::fmt;

use crate::terms::Name;

use super::{Combinations, KindReport, Report, TookPart};

/// The number of members up to which the pairs are drawn as a triangle; beyond, those that share something are listed.
const TRIANGLE: usize = 12;

/// The number of combinations that are listed.
const COMBINATIONS: usize = 8;

/// What the columns of rows mean whose titles do not say it.
const LEGEND: &str = "
changed: accepted, though not written in the usual spelling; it matches all the same
warned: accepted, though something about the value is odd
suppressed: left out, since the value would match for no reason, as test cards do
";

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(of) = &self.of_round {
            writeln!(
                f,
                "{}, epoch {}, round {} ({}): {}",
                of.coalition, of.epoch, of.number, of.round, of.purpose
            )?;
        }
        let members = counted(self.members.len(), "member");
        writeln!(f, "{members}; an overlap is held by at least {}", self.at_least)?;
        if self.min_result > 1 {
            writeln!(f, "results under {} are withheld, with what would give them back", self.min_result)?;
        }
        for kind in &self.kinds {
            let overlaps = if kind.overlaps == Some(1) { "overlap" } else { "overlaps" };
            writeln!(f, "\n{}: {} {overlaps}", kind.kind, Cell(kind.overlaps))?;
            self.took_part
                .iter()
                .filter(|part| part.kind == kind.kind)
                .try_for_each(|part| write_part(f, part))?;
            write_holder_counts(f, kind)?;
            write_combinations(f, kind)?;
            write_pairs(f, kind)?;
            write_members(f, kind)?;
        }
        for part in self.took_part.iter().filter(|part| part.matched.is_empty()) {
            writeln!(f, "\n{}: not matched", part.kind)?;
            write_part(f, part)?;
        }
        if self.kinds.is_empty() { Ok(()) } else { f.write_str(LEGEND) }
    }
}

/// Writes a number with its noun.
fn counted(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// Writes which members were matched, of those that were to bring a set.
fn write_part(f: &mut fmt::Formatter<'_>, part: &TookPart) -> fmt::Result {
    let were = if part.matched.len() == 1 { "was" } else { "were" };
    write!(f, "  {} of {} {were} matched", part.matched.len(), counted(part.expected(), "member"))?;
    for (what, members) in [("left out", &part.left_out), ("without", &part.without)] {
        if !members.is_empty() {
            write!(f, "; {what}: {}", members.iter().map(Name::as_str).collect::<Vec<_>>().join(", "))?;
        }
    }
    writeln!(f)
}

/// Writes a count, or the word in its place.
struct Cell(Option<u64>);

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(count) => count.fmt(f),
            None => f.pad("withheld"),
        }
    }
}

fn write_holder_counts(f: &mut fmt::Formatter<'_>, kind: &KindReport) -> fmt::Result {
    if kind.by_holder_count.0.iter().all(Option::is_none) {
        return writeln!(f, "  by number of holders: withheld");
    }
    for (holders, count) in (1..).zip(&kind.by_holder_count.0) {
        if *count != Some(0) {
            writeln!(f, "  {:>10} held by {holders}", Cell(*count))?;
        }
    }
    Ok(())
}

/// Writes who holds the same tokens, the largest combinations first. Withheld ones have no line: that they are withheld
/// is no result.
fn write_combinations(f: &mut fmt::Formatter<'_>, kind: &KindReport) -> fmt::Result {
    let Some(Combinations { largest, more, .. }) = &kind.combinations else { return Ok(()) };
    for one in largest.iter().take(COMBINATIONS) {
        let names = one.holders.iter().map(Name::as_str).collect::<Vec<_>>().join(", ");
        writeln!(f, "  {:>10} held by {names} alone", one.count)?;
    }
    match more.saturating_add(largest.len().saturating_sub(COMBINATIONS) as u64) {
        0 => Ok(()),
        more => writeln!(f, "  {:>10} and {more} more combinations", ""),
    }
}

fn write_pairs(f: &mut fmt::Formatter<'_>, kind: &KindReport) -> fmt::Result {
    let shared = || kind.pairs.iter().filter(|pair| pair.overlap != Some(0));
    let width = name_width(kind);
    if shared().next().is_none() {
        return Ok(());
    }
    if kind.pairs.iter().all(|pair| pair.overlap.is_none()) {
        return writeln!(f, "  shared by two: withheld");
    }
    writeln!(f, "  shared by two")?;
    if kind.members.len() > TRIANGLE {
        return shared().try_for_each(|pair| {
            writeln!(f, "  {:width$}  {:width$}  {:>10}", pair.a, pair.b, Cell(pair.overlap))
        });
    }
    let column = |name: &str| name.len().max(8);
    let largest = kind.pairs.iter().filter_map(|pair| pair.overlap).max().unwrap_or(0);
    for (row, member) in kind.members.iter().enumerate().skip(1) {
        write!(f, "  {:width$}", member.name)?;
        for other in &kind.members[..row] {
            let pair = kind.pairs.iter().find(|pair| pair.a == other.name && pair.b == member.name);
            let overlap = pair.map_or(Some(0), |pair| pair.overlap);
            let (begin, end) = if f.alternate() { colour(overlap, largest) } else { ("", "") };
            write!(f, "  {begin}{:>1$}{end}", Cell(overlap), column(other.name.as_str()))?;
        }
        writeln!(f)?;
    }
    write!(f, "  {:width$}", "")?;
    for other in &kind.members[..kind.members.len() - 1] {
        write!(f, "  {:>1$}", other.name, column(other.name.as_str()))?;
    }
    writeln!(f)
}

/// Returns what a terminal is sent before and after a number of the matrix (ECMA-48, SGR): faint for nothing and for what
/// is withheld, bold for the larger half.
fn colour(overlap: Option<u64>, largest: u64) -> (&'static str, &'static str) {
    let begin = match overlap {
        None | Some(0) => "\x1b[2m",
        Some(overlap) if overlap > largest / 2 => "\x1b[1;36m",
        Some(_) => "\x1b[36m",
    };
    (begin, "\x1b[0m")
}

fn write_members(f: &mut fmt::Formatter<'_>, kind: &KindReport) -> fmt::Result {
    let width = name_width(kind);
    write!(f, "  {:width$}", "rows")?;
    let titles = ["read", "accepted", "unique", "duplicate", "changed", "warned", "suppressed", "rejected"];
    titles.iter().try_for_each(|title| write!(f, "  {title:>10}"))?;
    writeln!(f)?;
    for member in &kind.members {
        write!(f, "  {:width$}", member.name)?;
        let counts = [
            member.rows,
            member.accepted,
            member.unique,
            member.duplicates,
            member.changed,
            member.warnings,
            member.suppressed,
            member.rejected.total(),
        ];
        counts.iter().try_for_each(|count| write!(f, "  {count:>10}"))?;
        writeln!(f)?;
    }
    for member in &kind.members {
        for (reason, count) in member.rejected.iter() {
            writeln!(f, "  {:width$}  {count:>10} {reason}: {}", member.name, reason.meaning())?;
        }
    }
    Ok(())
}

fn name_width(kind: &KindReport) -> usize {
    kind.members.iter().map(|member| member.name.as_str().len()).max().unwrap_or(0).max("rows".len())
}
