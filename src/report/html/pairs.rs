//! Who shares with whom: a heat map of pairs, grouped where members are many.

use std::fmt::{self, Write as _};
use std::ops::Range;

use super::drawing::{Drawing, label, widest, width, write_label};
use super::text::{Cell, Escaped, Number};
use super::{EACH, Part, table};
use crate::report::{KindReport, PairReport};

/// The number of groups of a map of more than [`EACH`] members, at most.
const GROUPS: usize = 32;

/// The number of pairs that the table lists, if members are grouped.
const LISTED: usize = 64;

/// The height of a cell, in pixels, as in the style.
const HEIGHT: usize = 24;

/// How opaque the cell of the largest number is, in thousandths: numbers must be readable on it.
const DARKEST: u64 = 500;

pub(super) fn write(out: &mut String, part: &Part<'_>) -> fmt::Result {
    writeln!(out, "<h3>Who shares with whom</h3>")?;
    let kind = part.kind;
    if kind.pairs.iter().all(|pair| pair.overlap.is_none()) {
        return writeln!(out, "<p>Withheld.");
    }
    let map = Map::of(kind);
    write!(out, "<p class=note>Identifiers that both members hold, whatever the threshold.")?;
    if map.grouped() {
        write!(
            out,
            " Members are grouped in order of name. A cell has the largest number that one member of each group shares \
             with one of the other; the second table has the largest pairs, and report.json all."
        )?;
    }
    if map.cells().any(|(.., cell)| cell.is_none()) {
        write!(out, " Hatched cells are withheld.")?;
    }
    write!(out, "<div class=both>")?;
    map.draw(out, part)?;
    map.write_table(out, part)?;
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
        map.cells = map.places().map(|(row, column)| map.largest_of(row, column)).collect();
        map
    }

    fn grouped(&self) -> bool {
        self.groups.len() < self.kind.members.len()
    }

    fn places(&self) -> impl Iterator<Item = (usize, usize)> + use<> {
        let diagonal = usize::from(self.grouped());
        (0..self.groups.len()).flat_map(move |row| (0..row + diagonal).map(move |column| (row, column)))
    }

    fn cells(&self) -> impl Iterator<Item = (usize, usize, Option<u64>)> + '_ {
        self.places().zip(&self.cells).map(|((row, column), cell)| (row, column, *cell))
    }

    /// Returns the cell of two groups, if there is one.
    fn cell(&self, a: usize, b: usize) -> Option<Option<u64>> {
        let (row, column) = (a.max(b), a.min(b));
        let before = if self.grouped() { row * (row + 1) / 2 } else { row * row.saturating_sub(1) / 2 };
        let there = column < row || self.grouped();
        there.then(|| self.cells[before + column])
    }

    /// Returns the largest number between two groups; none if every number that is not 0 is withheld. Pairs that are
    /// withheld beside others are smaller than these.
    fn largest_of(&self, row: usize, column: usize) -> Option<u64> {
        let (rows, columns) = (&self.groups[row], &self.groups[column]);
        let both = rows.clone().flat_map(|a| columns.clone().map(move |b| (b, a)).filter(|(b, a)| b < a));
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

    fn draw(&self, out: &mut String, part: &Part<'_>) -> fmt::Result {
        let largest = self.cells.iter().flatten().max().copied().unwrap_or(0);
        let cell = (width(&Number(largest).to_string()) + 14).max(38);
        let diagonal = usize::from(self.grouped());
        let rows = &self.names[1 - diagonal..];
        let columns = &self.names[..self.names.len() + diagonal - 1];
        let below = widest(columns.iter().map(String::as_str)) * 71 / 100 + 18;
        // Labels below the columns lean to the left, as far as the first of them needs.
        let lean = |(at, name): (usize, &String)| {
            (width(&label(name)) * 71 / 100).saturating_sub(at * cell + cell / 2)
        };
        let lean = columns.iter().enumerate().map(lean).max().unwrap_or(0);
        let left = (widest(rows.iter().map(String::as_str)) + 12).max(lean + 4);
        let drawing = Drawing {
            id: &format!("{}-pairs", part.id),
            class: "heat",
            width: left + columns.len() * cell + 4,
            height: rows.len() * HEIGHT + below,
            title: &part.label("pairs of members"),
            description: "One cell for each pair, with its number. The more two share, the darker the cell.",
        };
        drawing.write(out, |out| {
            write!(out, "<style>#{}-pairs-m rect{{width:{cell}px}}</style>", part.id)?;
            write!(out, "<g id={}-pairs-m class=\"cells mid\">", part.id)?;
            for (at, name) in rows.iter().enumerate() {
                let row = at + 1 - diagonal;
                write!(out, "<g transform=\"translate({left} {})\">", at * HEIGHT + 16)?;
                write_label(out, format_args!("class=end x=-8"), name)?;
                for column in 0..row + diagonal {
                    write_cell(out, column * cell, cell, self.cell(row, column).flatten(), largest)?;
                }
                write!(out, "</g>")?;
            }
            write!(out, "</g>")?;
            for (at, name) in columns.iter().enumerate() {
                let (x, y) = (left + at * cell + cell / 2 + 4, rows.len() * HEIGHT + 12);
                let place = format_args!("class=end transform=\"translate({x} {y})rotate(-45)\"");
                write_label(out, place, name)?;
            }
            Ok(())
        })
    }

    fn write_table(&self, out: &mut String, part: &Part<'_>) -> fmt::Result {
        let caption = if self.grouped() { "Largest overlap between groups" } else { "Shared by two" };
        table::open(out, &part.label("pairs of members"), caption, "")?;
        table::write_heads(out, [""].into_iter().chain(self.names.iter().map(String::as_str)))?;
        for (row, name) in self.names.iter().enumerate() {
            table::write_row_head(out, name)?;
            for column in 0..self.names.len() {
                match self.cell(row, column) {
                    Some(cell) => write!(out, "<td>{}", Cell(cell))?,
                    None => write!(out, "<td>–")?,
                }
            }
        }
        table::close(out)
    }
}

fn write_cell(out: &mut String, x: usize, cell: usize, count: Option<u64>, largest: u64) -> fmt::Result {
    let middle = x + cell / 2;
    match count {
        None => write!(out, "<rect class=h x={x} />"),
        Some(0) => write!(out, "<text class=soft x={middle}>0</text>"),
        Some(count) => {
            let opacity = u128::from(count) * u128::from(DARKEST) / u128::from(largest);
            write!(out, "<rect x={x} fill-opacity=.{opacity:03} /><text x={middle}>{}</text>", Number(count))
        }
    }
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
