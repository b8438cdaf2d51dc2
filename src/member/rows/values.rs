//! Values in memory as blocks of rows.

use super::MAX_LINE;
use super::block::{Absent, Block, Field, Jumps, Layout};
use super::inputs::BlocksOf;

/// Rows and bytes of one block of values, whichever is reached first.
const BLOCK_ROWS: usize = 4096;
const BLOCK_BYTES: usize = 1 << 17;

/// Returns the blocks of the caller's own values.
pub(super) fn blocks<'a>(mut values: impl Iterator<Item: AsRef<[u8]>> + Send + 'a) -> BlocksOf<'a> {
    Box::new(std::iter::from_fn(move || {
        let mut fields = Fields::default();
        while !fields.is_full() {
            let Some(value) = values.next() else { break };
            fields.push(value.as_ref());
        }
        fields.into_block().map(Ok)
    }))
}

/// Collects values into a block.
#[derive(Default)]
pub(crate) struct Fields {
    bytes: Vec<u8>,
    fields: Vec<Field>,
    jumps: Jumps,
}

impl Fields {
    pub(crate) fn is_full(&self) -> bool {
        self.fields.len() >= BLOCK_ROWS || self.bytes.len() >= BLOCK_BYTES
    }

    /// Adds a value. One beyond any identifier is cut where it is certainly too long, so that a block stays within
    /// bounds.
    pub(crate) fn push(&mut self, value: &[u8]) {
        self.bytes.extend_from_slice(&value[..value.len().min(MAX_LINE + 1)]);
        self.fields.push(Field::Value(self.bytes.len() as u32));
    }

    /// Adds a row without a value of ours.
    pub(crate) fn push_none(&mut self, absent: Absent) {
        self.fields.push(Field::Absent(absent));
    }

    /// Adds lines that hold no row, or more of the last one.
    pub(crate) fn pass_lines(&mut self, lines: u64) {
        let rows = self.fields.len();
        match self.jumps.0.last_mut() {
            _ if lines == 0 => {}
            Some((before, more)) if *before == rows => *more += lines,
            _ => self.jumps.0.push((rows, lines)),
        }
    }

    /// Returns the block, unless nothing was added.
    pub(crate) fn into_block(self) -> Option<Block> {
        let Self { bytes, fields, jumps } = self;
        let is_empty = fields.is_empty() && jumps.0.is_empty();
        (!is_empty).then_some(Block { bytes, layout: Layout::Fields(fields, jumps), ..Block::default() })
    }
}
