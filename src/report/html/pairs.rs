//! Who shares with whom: a heat map of pairs, which is a table at the same time; grouped where members are many.

use std::fmt::{self, Write as _};
use std::ops::Range;

use super::text::{Cell, Escaped, Number};
use super::{EACH, Part, table};
use crate::report::{KindReport, PairReport};

/// The number of groups of a map of more than [`EACH`] members, at most.
const GROUPS: usize = 32;

/// The number of pairs that the table of the largest lists, if members are grouped.
const LISTED: usize = 64;

/// The number of shades, as in the style: a cell is as dark as its number, rounded up to one of them.
const SHADES: u128 = 10;

/// The number of columns up to which their heads are written level.
const LEVEL: usize = 5;

pub(super) fn write(out: &mut String, part: &Part<'_>) -> fmt::Result {
    writeln!(out, "<h3>Who shares with whom</h3>")?;
    let kind = part.kind;
    if kind.pairs.iter().all(|pair| pair.overlap.is_none()) {
        return writeln!(out, "<p>Withheld.");
    }
    let map = Map::of(kind);
    write!(
        out,
        "<p class=note>Identifiers that both members hold, whatever the threshold: the more, the darker."
    )?;
    if map.grouped() {
        write!(
            out,
            " Members are grouped in order of name. A cell has the largest number that one member of each group shares \
             with one of the other; the second table has the largest pairs, and report.json has all."
        )?;
    }
    if map.cells.contains(&None) {
        write!(out, " Hatched cells are withheld.")?;
    }
    write!(out, "<div class=both>")?;
    map.write(out, part)?;
    if map.grouped() {
        write_largest(out, part)?;
    }
    writeln!(out, "</div>")
}

/// The cells of the map, which are pairs of members or of groups.
struct Map<'a> {
    kind: &'a KindReport,
    groups: Vec<Range<usize>>,
    names: Vec<String>,
    /// The lower triangle, row by row; with its diagonal if members are grouped.
    cells: Vec<Option<u64>>,
}

impl<'a> Map<'a> {
    fn of(kind: &'a KindReport) -> Self {
        let members = kind.members.len();
        let size = if members > EACH { members.div_ceil(GROUPS) } else { 1 };
        let groups: Vec<Range<usize>> =
            (0..members).step_by(size).map(|from| from..members.min(from + size)).collect();
        let name = |at: usize| kind.members[at].name.as_str();
        let named = |group: &Range<usize>| match group.len() {
            1 => name(group.start).to_owned(),
            _ => format!("{} to {}", name(group.start), name(group.end - 1)),
        };
        let names = groups.iter().map(named).collect();
        let mut map = Self { kind, groups, names, cells: Vec::new() };
        let diagonal = usize::from(map.grouped());
        for row in 0..map.groups.len() {
            for column in 0..row + diagonal {
                let cell = map.largest_of(row, column);
                map.cells.push(cell);
            }
        }
        map
    }

    fn grouped(&self) -> bool {
        self.groups.len() < self.kind.members.len()
    }

    /// Returns the largest number between two groups; none if every number that is not 0 is withheld. Pairs that are
    /// withheld beside others are smaller than these.
    fn largest_of(&self, row: usize, column: usize) -> Option<u64> {
        let (rows, columns) = (&self.groups[row], &self.groups[column]);
        let both = columns.clone().flat_map(|a| rows.clone().map(move |b| (a, b)).filter(|(a, b)| a < b));
        let mut largest = Some(0);
        for (a, b) in both {
            largest = match (largest, self.kind.pair_at(a, b)) {
                (Some(0), None) => None,
                (None, Some(0)) | (_, None) => largest,
                (largest, Some(overlap)) => largest.max(Some(overlap)),
            };
        }
        largest
    }

    fn write(&self, out: &mut String, part: &Part<'_>) -> fmt::Result {
        let largest = self.cells.iter().flatten().max().copied().unwrap_or(0);
        let caption = if self.grouped() { "Largest overlap between groups" } else { "Shared by two" };
        let class = if self.names.len() > LEVEL { "\"heat steep\"" } else { "heat" };
        table::open(out, &part.label("pairs of members"), caption, class)?;
        let diagonal = usize::from(self.grouped());
        let (rows, columns) = (&self.names[1 - diagonal..], &self.names[..self.names.len() - 1 + diagonal]);
        table::write_heads(out, [""].into_iter().chain(columns.iter().map(String::as_str)))?;
        let mut cells = self.cells.iter();
        for (row, head) in rows.iter().enumerate() {
            table::write_row_head(out, head)?;
            for cell in cells.by_ref().take(row + 1) {
                match *cell {
                    Some(0) => write!(out, "<td>0")?,
                    Some(count) => write!(out, "<td class=h{}>{}", shade(count, largest), Number(count))?,
                    None => write!(out, "<td class=h>withheld")?,
                }
            }
        }
        table::close(out)
    }
}

fn shade(count: u64, largest: u64) -> u128 {
    (u128::from(count) * SHADES).div_ceil(u128::from(largest.max(1)))
}

/// Writes the rules of the shades. Numbers must be readable on the darkest.
pub(super) fn write_shades(out: &mut String) -> fmt::Result {
    for shade in 1..=SHADES {
        write!(out, ".vm .h{shade}{{--o:.{:03}}}", shade * 500 / SHADES)?;
    }
    Ok(())
}

fn write_largest(out: &mut String, part: &Part<'_>) -> fmt::Result {
    let mut largest: Vec<&PairReport> =
        part.kind.pairs.iter().filter(|pair| pair.overlap.is_some_and(|overlap| overlap > 0)).collect();
    largest.sort_by_key(|pair| std::cmp::Reverse(pair.overlap));
    if largest.is_empty() {
        return Ok(());
    }
    table::open(out, &part.label("largest pairs"), "Largest pairs", "")?;
    table::write_heads(out, [":Member", ":Member", "Identifiers"])?;
    for pair in largest.iter().take(LISTED) {
        table::write_row_head(out, pair.a.as_str())?;
        write!(out, "<td class=t>{}<td>{}", Escaped(pair.b.as_str()), Cell(pair.overlap))?;
    }
    table::close(out)
}

impl KindReport {
    /// Returns the overlap of the members at two positions, the lower one first. Pairs are in order of names.
    fn pair_at(&self, a: usize, b: usize) -> Option<u64> {
        let members = self.members.len();
        let place = a * (2 * members - a - 1) / 2 + (b - a - 1);
        let names = (&self.members[a].name, &self.members[b].name);
        let is_it = |pair: &&PairReport| (&pair.a, &pair.b) == names;
        let found = self.pairs.get(place).filter(is_it).or_else(|| self.pairs.iter().find(is_it));
        found.map_or(Some(0), |pair| pair.overlap)
    }
}
