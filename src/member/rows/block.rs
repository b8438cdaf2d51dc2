//! Blocks: pieces of the input with whole rows in them.

use crate::outcome::Reason;

use super::lines;

/// A piece of the input with whole rows in it.
#[derive(Default)]
pub(crate) struct Block {
    pub(crate) bytes: Vec<u8>,
    pub(crate) layout: Layout,
    /// Quoted fields that span lines, in this block or where it begins.
    pub(crate) multiline_fields: u64,
    /// Empty lines of a CSV export, in this block or around it; those of other lines are still to be counted.
    pub(crate) empty_lines: u64,
    /// Fields that rows of a CSV export have more than the header, in the first block alone.
    pub(crate) trailing_fields: u64,
}

/// How rows lie in a block.
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

/// What a record of a CSV export has for us.
#[derive(Clone, Copy)]
pub(crate) enum Field {
    /// A value, which ends at this byte of the block.
    Value(u32),
    /// No value, for this reason.
    Absent(Reason),
    /// A value of another kind, which is no row of ours but has a number.
    OfOtherKind,
}

impl Block {
    /// Calls `row` with the number of each row within the block, from 1, and its value or why there is none;
    /// returns how many numbers there are.
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

    /// Number of empty lines, if the block has `rows` rows.
    pub(crate) fn empty_lines(&self, rows: u64) -> u64 {
        match self.layout {
            Layout::Lines => self.empty_lines + lines::count(&self.bytes) - rows,
            Layout::Fields(_) | Layout::TooLongLine => self.empty_lines,
        }
    }
}
