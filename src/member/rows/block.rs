//! Blocks: pieces of the input with whole rows in them.

use std::sync::Arc;

use crate::error::Error;
use crate::outcome::Reason;

use super::lines;

/// A piece of an input with whole rows in it.
#[derive(Default)]
pub(crate) struct Block {
    /// Index of the input, where several were chained.
    pub(crate) input: usize,
    /// Name of the input in errors, if it has one.
    pub(crate) name: Option<Arc<str>>,
    pub(crate) bytes: Vec<u8>,
    pub(crate) layout: Layout,
    /// What is known of it so far: empty lines that are no CSV are still to be counted.
    pub(crate) oddities: Oddities,
}

/// What a reader of row numbers should know of an input: how its lines differ from its rows.
///
/// ```
/// # use veilmatch::member::identifier::{Canonicalizer, Kind};
/// # use veilmatch::member::profile::Profile;
/// use veilmatch::member::Rows;
///
/// # let rule = Canonicalizer::new(Kind::BankIban);
/// let export = "\nDE89 3704 0044 0532 0130 00\n";
/// let profile = Profile::read(&rule, Rows::lines(export.as_bytes()))?;
/// assert_eq!((profile.counters().rows, profile.oddities().empty_lines), (1, 1));
/// # Ok::<(), veilmatch::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Oddities {
    /// Quoted fields of a CSV export that span lines, in any column. Above 0 it is worth a look: a quote that was left
    /// open ends at the next one.
    pub multiline_fields: u64,
    /// Empty lines. They are no rows, so rows behind them have lower numbers than lines have.
    pub empty_lines: u64,
    /// Fields, all empty, that the first row of a CSV export has beyond those of the header. Above 0 every row is taken
    /// to end in that number of delimiters, and that is worth a look: a value with a delimiter in it gives a row the same
    /// fields.
    pub trailing_fields: u64,
}

impl Oddities {
    /// Adds those of another part of the input.
    pub(crate) fn add(&mut self, other: Oddities) {
        self.multiline_fields += other.multiline_fields;
        self.empty_lines += other.empty_lines;
        self.trailing_fields += other.trailing_fields;
    }
}

/// A place within a block, or within one input: the number of a row, and the line on which it begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct At {
    pub(crate) row: u64,
    pub(crate) line: u64,
}

impl At {
    /// Returns the place in the input of a place within a block, by what stands before the block.
    pub(crate) fn after(self, before: At) -> At {
        At { row: before.row + self.row, line: before.line + self.line }
    }
}

/// The form in which rows lie in a block.
#[derive(Default)]
pub(crate) enum Layout {
    /// Lines, still to be split.
    #[default]
    Lines,
    /// Values one after the other, and the lines that are not one a row.
    Fields(Vec<Field>, Jumps),
    /// One line that was too long to be kept.
    TooLongLine,
    /// Rows of a column. Their bytes stay where the column is.
    Cells(Box<dyn Cells>),
}

/// Some rows of a column, read by whoever works on them.
pub(crate) trait Cells: Send + Sync {
    /// Calls `row` with each row's value, or what it is instead.
    fn each(&self, row: &mut CellRow<'_>) -> Result<(), Error>;
}

/// What is done with each row of a column.
pub(crate) type CellRow<'a> = dyn FnMut(Result<&[u8], Absent>) + 'a;

/// The part of a record of a CSV export that matters.
#[derive(Clone, Copy)]
pub(crate) enum Field {
    /// A value, which ends at this byte of the block.
    Value(u32),
    /// No value.
    Absent(Absent),
}

/// Why a row has no value of ours.
#[derive(Clone, Copy)]
pub(crate) enum Absent {
    /// It is rejected for this reason.
    Rejected(Reason),
    /// Its value is of another kind: it is not one of these rows but has a number.
    OfOtherKind,
}

/// The lines of a block beyond one a row: each is the number of rows before them, and their number. There are few.
#[derive(Default)]
pub(crate) struct Jumps(pub(crate) Vec<(usize, u64)>);

impl Block {
    /// Calls `row` with the place of each row within the block, from 1, and its value or the reason why there is none.
    /// Returns the number of rows and lines.
    #[inline]
    pub(crate) fn each(&self, mut row: impl FnMut(At, Result<&[u8], Reason>)) -> Result<At, Error> {
        let mut at = At::default();
        match &self.layout {
            Layout::Lines => lines::each(&self.bytes, |line| {
                at.line += 1;
                if !line.is_empty() {
                    at.row += 1;
                    row(at, Ok(line));
                }
            }),
            Layout::Fields(fields, Jumps(jumps)) => {
                let mut jumps = jumps.iter().copied();
                let mut next = jumps.next();
                let mut start = 0;
                for (before, field) in fields.iter().enumerate() {
                    if let Some((_, lines)) = next.filter(|(rows, _)| *rows == before) {
                        at.line += lines;
                        next = jumps.next();
                    }
                    at = At { row: at.row + 1, line: at.line + 1 };
                    match *field {
                        Field::Value(end) => {
                            row(at, Ok(&self.bytes[start..end as usize]));
                            start = end as usize;
                        }
                        Field::Absent(Absent::Rejected(reason)) => row(at, Err(reason)),
                        Field::Absent(Absent::OfOtherKind) => {}
                    }
                }
                at.line += next.map_or(0, |(_, lines)| lines);
            }
            Layout::TooLongLine => {
                at = At { row: 1, line: 1 };
                row(at, Err(Reason::RowTooLong));
            }
            Layout::Cells(cells) => {
                let read = cells.each(&mut |cell| {
                    at = At { row: at.row + 1, line: at.line + 1 };
                    match cell {
                        Ok(value) => row(at, Ok(value)),
                        Err(Absent::Rejected(reason)) => row(at, Err(reason)),
                        Err(Absent::OfOtherKind) => {}
                    }
                });
                match (read, &self.name) {
                    (Err(error), Some(name)) => return Err(error.at(&**name)),
                    (read, _) => read?,
                }
            }
        }
        Ok(at)
    }

    /// What is odd about the block, if it has these rows and lines.
    pub(crate) fn oddities(&self, all: At) -> Oddities {
        let uncounted = match self.layout {
            Layout::Lines => all.line - all.row,
            Layout::Fields(..) | Layout::TooLongLine | Layout::Cells(_) => 0,
        };
        Oddities { empty_lines: self.oddities.empty_lines + uncounted, ..self.oddities }
    }
}
