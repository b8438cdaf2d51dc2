//! Blocks: pieces of the input with whole rows in them.

use crate::outcome::Reason;

use super::lines;

/// A piece of the input with whole rows in it.
#[derive(Default)]
pub(crate) struct Block {
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

/// The form in which rows lie in a block.
#[derive(Default)]
pub(crate) enum Layout {
    /// Lines, still to be split.
    #[default]
    Lines,
    /// Values one after the other.
    Fields(Vec<Field>),
    /// One line that was too long to be kept.
    TooLongLine,
}

/// The part of a record of a CSV export that matters.
#[derive(Clone, Copy)]
pub(crate) enum Field {
    /// A value, which ends at this byte of the block.
    Value(u32),
    /// No value, for this reason.
    Absent(Reason),
    /// A value of another kind, which is not one of these rows but has a number.
    OfOtherKind,
}

impl Block {
    /// Calls `row` with the number of each row within the block, from 1, and its value or the reason why there is none.
    /// Returns the count of numbers.
    #[inline]
    pub(crate) fn each<'a>(&'a self, mut row: impl FnMut(u64, Result<&'a [u8], Reason>)) -> u64 {
        let mut number = 0;
        match &self.layout {
            Layout::Lines => lines::split(&self.bytes).for_each(|line| {
                number += 1;
                row(number, Ok(line));
            }),
            Layout::Fields(fields) => {
                let mut start = 0;
                for field in fields {
                    number += 1;
                    match *field {
                        Field::Value(end) => {
                            row(number, Ok(&self.bytes[start..end as usize]));
                            start = end as usize;
                        }
                        Field::Absent(reason) => row(number, Err(reason)),
                        Field::OfOtherKind => {}
                    }
                }
            }
            Layout::TooLongLine => {
                number = 1;
                row(number, Err(Reason::RowTooLong));
            }
        }
        number
    }

    /// What is odd about the block, if it has `rows` rows.
    pub(crate) fn oddities(&self, rows: u64) -> Oddities {
        let uncounted = match self.layout {
            Layout::Lines => lines::count(&self.bytes) - rows,
            Layout::Fields(_) | Layout::TooLongLine => 0,
        };
        Oddities { empty_lines: self.oddities.empty_lines + uncounted, ..self.oddities }
    }
}
