//! The list of resolved rows: CSV, or Parquet with the same columns.

use std::fmt::Write as _;
use std::io;
use std::sync::Arc;

use rayon::iter::ParallelIterator as _;
use rayon::slice::ParallelSlice as _;
use veilmatch::container::{ParquetCell, ParquetType, ParquetWriter};
use veilmatch::{Disclosure, Error};
use zeroize::Zeroizing;

use super::{Answer, Found};
use crate::commands::member::listing::{Columns, Listed};

/// Which columns there are besides those of every list.
struct Shown {
    names: bool,
    withdrawn: bool,
    of_input: Columns,
}

impl Shown {
    fn of(found: &[Found], of_input: &Columns) -> Self {
        let names = found.iter().any(|found| found.word.disclosure() == Disclosure::Holders);
        let withdrawn = found.iter().any(|found| matches!(found.word, Answer::Notice(_)));
        Self { names, withdrawn, of_input: *of_input }
    }

    /// Returns the names and types of the columns, in order.
    fn columns(&self) -> Vec<(&'static str, ParquetType)> {
        let Columns { files, columns, subjects, values } = self.of_input;
        let mut all = Vec::new();
        all.extend(files.then_some(("file", ParquetType::Text)));
        all.extend([
            ("row", ParquetType::Integer),
            ("line", ParquetType::Integer),
            ("kind", ParquetType::Text),
        ]);
        all.extend(columns.then_some(("column", ParquetType::Text)));
        all.push((if self.withdrawn { "withdrawn" } else { "holders" }, ParquetType::Integer));
        all.extend(self.names.then_some(("names", ParquetType::Texts)));
        all.extend(subjects.then_some(("subject", ParquetType::Text)));
        all.extend(values.then_some(("value", ParquetType::Text)));
        all
    }

    /// Calls `row` with the cells of each of these rows.
    fn each(
        &self,
        lines: &[Line<'_>],
        mut row: impl FnMut(&[ParquetCell<'_>]) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let Columns { files, columns, subjects, values } = self.of_input;
        let mut names: Vec<&str> = Vec::new();
        for (listed, word) in lines {
            names.clear();
            names.extend(word.names(listed.index));
            let mut cells = Vec::with_capacity(9);
            cells.extend(files.then(|| text(&listed.file)));
            cells.extend([listed.place.row, listed.place.line].map(ParquetCell::Integer));
            cells.push(ParquetCell::Text(word.kind().as_str().as_bytes()));
            cells.extend(columns.then(|| text(&listed.column)));
            cells.push(ParquetCell::Integer(word.count(listed.index) as u64));
            cells.extend(self.names.then_some(ParquetCell::Texts(&names)));
            cells.extend(subjects.then(|| bytes(&listed.subject)));
            cells.extend(values.then(|| bytes(&listed.value)));
            row(&cells)?;
        }
        Ok(())
    }
}

/// A row found, and what was said of it.
type Line<'a> = (&'a Listed, &'a Answer);

/// Returns all rows found, in order of file, row and kind.
fn lines(found: &[Found]) -> Vec<Line<'_>> {
    let mut lines = Vec::new();
    for Found { word, listed, .. } in found {
        lines.extend(listed.iter().map(|listed| (listed, word)));
    }
    lines.sort_by_key(|(listed, _)| listed.order()); // stable: the words are in order of kind, as they were given
    lines
}

fn text(text: &Option<Arc<str>>) -> ParquetCell<'_> {
    ParquetCell::Text(text.as_deref().unwrap_or_default().as_bytes())
}

fn bytes(bytes: &Option<Zeroizing<Vec<u8>>>) -> ParquetCell<'_> {
    ParquetCell::Text(bytes.as_ref().map_or(&[], |bytes| bytes.as_slice()))
}

/// The bytes of lines that a thread writes at a time, about.
const TOGETHER: usize = 1 << 18;

/// The longest line of a list without names, subjects and values, and the longest name.
const LINE: usize = 64;
const NAME: usize = 65;

/// Writes one header line, then a line for each row found. Names are separated by spaces.
pub(super) fn csv(out: &mut dyn io::Write, found: &[Found], columns: &Columns) -> Result<(), Error> {
    let shown = Shown::of(found, columns);
    let mut csv = csv::Writer::from_writer(&mut *out);
    csv.write_record(shown.columns().iter().map(|(name, _)| name)).map_err(io::Error::from)?;
    csv.flush()?;
    drop(csv);
    let lines = lines(found);
    let names =
        lines.iter().map(|(listed, word)| if shown.names { word.count(listed.index) } else { 0 }).max();
    let together = (TOGETHER / (LINE + NAME * names.unwrap_or(0))).max(1);
    for lines in lines.chunks(rayon::current_num_threads() * together) {
        let written = lines.par_chunks(together).map(|lines| csv_lines(&shown, lines));
        let written: Vec<Zeroizing<Vec<u8>>> = written.collect::<Result<_, Error>>()?;
        written.iter().try_for_each(|lines| out.write_all(lines))?;
    }
    Ok(())
}

fn csv_lines(shown: &Shown, lines: &[Line<'_>]) -> Result<Zeroizing<Vec<u8>>, Error> {
    let mut csv = csv::Writer::from_writer(Vec::with_capacity(TOGETHER + TOGETHER / 8));
    let mut field = String::new();
    shown.each(lines, |cells| {
        for cell in cells {
            field.clear();
            let written: &[u8] = match cell {
                ParquetCell::Text(text) => text,
                ParquetCell::Integer(integer) => {
                    let _ = write!(field, "{integer}");
                    field.as_bytes()
                }
                ParquetCell::Texts(names) => {
                    for name in *names {
                        field.push_str(if field.is_empty() { "" } else { " " });
                        field.push_str(name);
                    }
                    field.as_bytes()
                }
                ParquetCell::Token(_) => unreachable!("no list has tokens"),
            };
            csv.write_field(written).map_err(io::Error::from)?;
        }
        Ok(csv.write_record(None::<&[u8]>).map_err(io::Error::from)?)
    })?;
    let written = csv.into_inner().map_err(|error| error.into_error())?;
    Ok(Zeroizing::new(written)) // subjects and values are among it
}

/// Writes a Parquet file with the same columns. A text that is not UTF-8 is refused: Parquet has no other text.
pub(super) fn parquet(out: &mut dyn io::Write, found: &[Found], columns: &Columns) -> Result<(), Error> {
    let shown = Shown::of(found, columns);
    let mut writer = ParquetWriter::begin(&shown.columns(), &[], out)?;
    shown.each(&lines(found), |cells| writer.push(cells))?;
    writer.finish()
}
