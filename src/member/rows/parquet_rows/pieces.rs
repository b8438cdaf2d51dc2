//! Pieces of a Parquet file: row groups, or parts of large ones. Whoever works on a piece reads and decodes it.

use std::ops::Range;
use std::sync::Arc;

use parquet::basic::Compression;

use crate::container::parquet::ParquetFile;
use crate::error::Error;
use crate::member::rows::block::{Absent, Block, CellRow, Cells, Layout};
use crate::member::rows::export::OfKind;
use crate::outcome::Reason;

use super::decoding::{Decoding, first_page_rows};
use super::leaf::Leaf;

/// Number of rows of a piece. A page that two pieces share is decompressed by both. Most pages have a tenth of these rows or
/// fewer; a row group with larger ones, such as DuckDB's, stays whole.
const PIECE: u64 = 1 << 18;

/// Number of values that are decoded at a time.
const TOGETHER: usize = 1 << 10;

/// The rows of a file, piece by piece.
pub(super) struct Pieces {
    columns: Arc<Columns>,
    /// The next piece: its row group, and its first row there.
    group: usize,
    row: u64,
    /// Number of rows that are still wanted.
    left: u64,
}

/// What all pieces read.
struct Columns {
    file: Arc<ParquetFile>,
    values: Leaf,
    of_kind: Option<(Leaf, OfKind)>,
}

impl Pieces {
    /// Begins before the first row; `most` is the number of rows that are wanted.
    pub(super) fn new(
        file: Arc<ParquetFile>,
        values: Leaf,
        of_kind: Option<(Leaf, OfKind)>,
        most: u64,
    ) -> Result<Self, Error> {
        let columns = Columns { file, values, of_kind };
        for group in 0..columns.file.metadata().num_row_groups() {
            columns.leaves().try_for_each(|leaf| require_compression(&columns.file, group, leaf))?;
        }
        Ok(Self { columns: Arc::new(columns), group: 0, row: 0, left: most })
    }
}

impl Iterator for Pieces {
    type Item = Block;

    fn next(&mut self) -> Option<Block> {
        while self.left > 0 {
            let group = self.columns.file.metadata().row_groups().get(self.group)?;
            let rows = group.num_rows() as u64;
            if self.row == rows {
                (self.group, self.row) = (self.group + 1, 0);
                continue;
            }
            let piece = if self.has_large_pages(rows) { rows } else { PIECE };
            let rows = self.row..rows.min(self.row + piece.min(self.left));
            self.left -= rows.end - rows.start;
            self.row = rows.end;
            let piece = Piece { columns: self.columns.clone(), group: self.group, rows };
            return Some(Block { layout: Layout::Cells(Box::new(piece)), ..Block::default() });
        }
        None
    }
}

impl Pieces {
    /// Whether parts of the row group would share a page, so that each would decompress it and hold it.
    fn has_large_pages(&self, rows: u64) -> bool {
        let Columns { file, values, .. } = &*self.columns;
        rows > PIECE && first_page_rows(file, self.group, values).is_none_or(|of_page| of_page > PIECE / 4)
    }
}

impl Columns {
    fn leaves(&self) -> impl Iterator<Item = &Leaf> {
        [&self.values].into_iter().chain(self.of_kind.iter().map(|(leaf, _)| leaf))
    }
}

fn require_compression(file: &ParquetFile, group: usize, leaf: &Leaf) -> Result<(), Error> {
    let columns = file.metadata().row_group(group).columns();
    let problem = match columns.get(leaf.index).map(|column| column.compression()) {
        Some(Compression::UNCOMPRESSED | Compression::SNAPPY | Compression::ZSTD(_)) => return Ok(()),
        Some(Compression::GZIP(_)) => {
            "it is compressed by gzip: write it with Snappy, Zstandard or no compression"
        }
        Some(Compression::BROTLI(_)) => {
            "it is compressed by Brotli: write it with Snappy, Zstandard or no compression"
        }
        Some(Compression::LZ4 | Compression::LZ4_RAW) => {
            "it is compressed by LZ4: write it with Snappy, Zstandard or no compression"
        }
        Some(_) => "its compression is not known: write it with Snappy, Zstandard or no compression",
        None => "the row group lacks the column",
    };
    Err(Error::Parquet { place: Some(file.place(group, &leaf.name)), problem })
}

/// Some rows of a row group.
struct Piece {
    columns: Arc<Columns>,
    group: usize,
    rows: Range<u64>,
}

impl Cells for Piece {
    fn each(&self, row: &mut CellRow<'_>) -> Result<(), Error> {
        let open = |leaf| Decoding::begin(&self.columns.file, self.group, leaf, self.rows.start);
        let mut values = open(&self.columns.values)?;
        let mut kinds = match &self.columns.of_kind {
            None => None,
            Some((leaf, of_kind)) => Some((open(leaf)?, of_kind)),
        };
        let mut left = self.rows.end - self.rows.start;
        while left > 0 {
            let together = left.min(TOGETHER as u64) as usize;
            values.decode(together)?;
            match &mut kinds {
                None => values.each(|value| row(value.ok_or(Absent::Rejected(Reason::Empty)))),
                Some((kinds, of_kind)) => {
                    kinds.decode(together)?;
                    let mut admitted = Vec::with_capacity(together);
                    kinds.each(|kind| admitted.push(of_kind.admit(kind)));
                    let mut admitted = admitted.into_iter();
                    values.each(|value| {
                        let admitted = admitted.next().expect("both columns gave as many rows");
                        row(admitted.and_then(|()| value.ok_or(Absent::Rejected(Reason::Empty))));
                    });
                }
            }
            left -= together as u64;
        }
        Ok(())
    }
}
