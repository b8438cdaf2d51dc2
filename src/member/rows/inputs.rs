//! Several inputs, one after the other: whose block comes next, and whether each has the rows that it should.

use std::ops::Range;
use std::sync::Arc;

use crate::error::Error;
use crate::member::identifier::Kind;

use super::block::{At, Block};
use super::csv_rows::CsvRows;
use super::lines::Lines;
#[cfg(feature = "parquet")]
use super::parquet_rows::ParquetRows;

/// One input, and its name in errors.
pub(super) struct Input<'a> {
    pub(super) source: Source<'a>,
    pub(super) name: Option<String>,
}

pub(super) enum Source<'a> {
    Lines(Lines<'a>),
    Csv(CsvRows<'a>),
    Values(BlocksOf<'a>),
    Column(BlocksOf<'a>),
    #[cfg(feature = "parquet")]
    Parquet(ParquetRows),
}

pub(super) type BlocksOf<'a> = Box<dyn Iterator<Item = Result<Block, Error>> + Send + 'a>;

impl<'a> Input<'a> {
    fn open(self, kind_of: impl FnMut(&[u8]) -> Option<Kind>) -> Open<'a> {
        let blocks = match self.source {
            Source::Lines(lines) => Ok(Box::new(lines) as BlocksOf<'a>),
            Source::Csv(csv) => csv.open(kind_of).map(|csv| Box::new(csv) as BlocksOf<'a>),
            Source::Values(blocks) | Source::Column(blocks) => Ok(blocks),
            #[cfg(feature = "parquet")]
            Source::Parquet(parquet) => {
                parquet.open(kind_of).map(|pieces| Box::new(pieces.map(Ok)) as BlocksOf<'a>)
            }
        };
        let blocks = blocks.unwrap_or_else(|error| Box::new(std::iter::once(Err(error))));
        Open { blocks, name: self.name.map(Arc::from) }
    }
}

struct Open<'a> {
    blocks: BlocksOf<'a>,
    name: Option<Arc<str>>,
}

/// The blocks of all inputs. Each is opened when the one before is read to its end.
pub(super) struct Blocks<'a, K> {
    inputs: std::vec::IntoIter<Input<'a>>,
    open: Option<Open<'a>>,
    opened: usize,
    kind_of: K,
}

impl<'a, K> Blocks<'a, K> {
    /// `kind_of` says of which kind a row with such a value would be.
    pub(super) fn new(inputs: Vec<Input<'a>>, kind_of: K) -> Self {
        Self { inputs: inputs.into_iter(), open: None, opened: 0, kind_of }
    }
}

impl<K: FnMut(&[u8]) -> Option<Kind>> Iterator for Blocks<'_, K> {
    type Item = Result<Block, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(Open { blocks, name }) = &mut self.open
                && let Some(block) = blocks.next()
            {
                let input = self.opened - 1;
                return Some(match (block, name) {
                    (Ok(block), name) => Ok(Block { input, name: name.clone(), ..block }),
                    (Err(error), Some(name)) => Err(error.at(&**name)),
                    (Err(error), None) => Err(error),
                });
            }
            self.open = Some(self.inputs.next()?.open(&mut self.kind_of));
            self.opened += 1;
        }
    }
}

/// The number of rows that some of the inputs have together.
#[derive(Debug)]
pub(super) struct Expected {
    pub(super) inputs: Range<usize>,
    pub(super) rows: u64,
}

/// Counts the rows and lines of each input, block by block, and holds them to what was expected.
pub(crate) struct Tally {
    expected: Vec<Expected>,
    /// Of each input.
    inputs: Vec<At>,
}

impl Tally {
    pub(super) fn new(inputs: usize, expected: Vec<Expected>) -> Self {
        Self { expected, inputs: vec![At::default(); inputs] }
    }

    /// Returns the number of inputs.
    pub(crate) fn inputs(&self) -> usize {
        self.inputs.len()
    }

    /// Counts the next block of an input. Returns what its input had before.
    pub(crate) fn add(&mut self, input: usize, of_block: At) -> At {
        let before = self.inputs[input];
        self.inputs[input] = of_block.after(before);
        before
    }

    /// Returns the rows and lines of an input so far.
    pub(super) fn before(&self, input: usize) -> At {
        self.inputs[input]
    }

    /// Returns the rows of an input so far.
    pub(super) fn rows(&self, input: usize) -> u64 {
        self.inputs[input].row
    }

    /// Refuses another number of rows than was expected.
    pub(crate) fn require_expected(&self) -> Result<(), Error> {
        for Expected { inputs, rows: expected } in &self.expected {
            let (expected, found) = (*expected, inputs.clone().map(|input| self.rows(input)).sum());
            if found != expected {
                return Err(Error::RowCount { expected, found });
            }
        }
        Ok(())
    }
}
