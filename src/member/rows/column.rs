//! A column in memory. Nothing of it is copied.

use std::ops::Range;
use std::sync::Arc;

use crate::error::Error;
use crate::outcome::Reason;

use super::block::{Absent, Block, CellRow, Cells, Layout};
use super::inputs::BlocksOf;

/// Number of rows of one block: little beside what a thread does, much beside handing it out.
const BLOCK_ROWS: usize = 1 << 13;

/// A piece of a column: its values by the number of their row.
///
/// See the example of [`Rows::column`](super::Rows::column).
pub trait ColumnChunk: Send + Sync {
    /// Returns the number of rows.
    fn rows(&self) -> usize;

    /// Returns the value of a row, which is counted from 0, or nothing where it is null.
    fn value(&self, row: usize) -> Option<&[u8]>;
}

/// Returns the blocks of chunks.
pub(super) fn blocks<'a, C: ColumnChunk + 'static>(
    mut chunks: impl Iterator<Item = Result<C, Error>> + Send + 'a,
) -> BlocksOf<'a> {
    let mut present: Option<(Arc<C>, usize)> = None; // a chunk, and the number of its rows that have been given out
    Box::new(std::iter::from_fn(move || {
        loop {
            if let Some((chunk, given)) = &mut present
                && *given < chunk.rows()
            {
                let rows = *given..chunk.rows().min(*given + BLOCK_ROWS);
                *given = rows.end;
                let cells = Box::new(Slice { chunk: chunk.clone(), rows });
                return Some(Ok(Block { layout: Layout::Cells(cells), ..Block::default() }));
            }
            match chunks.next()? {
                Ok(chunk) => present = Some((Arc::new(chunk), 0)),
                Err(error) => return Some(Err(error)),
            }
        }
    }))
}

/// Some rows of a chunk.
struct Slice<C> {
    chunk: Arc<C>,
    rows: Range<usize>,
}

impl<C: ColumnChunk> Cells for Slice<C> {
    fn each(&self, row: &mut CellRow<'_>) -> Result<(), Error> {
        self.rows.clone().for_each(|at| row(self.chunk.value(at).ok_or(Absent::Rejected(Reason::Empty))));
        Ok(())
    }
}
