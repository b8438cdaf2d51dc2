//! The list of resolved rows: CSV, or Parquet with the same columns.

use std::io;

use rayon::iter::ParallelIterator as _;
use rayon::slice::ParallelSlice as _;
use veilmatch::container::{ParquetCell, ParquetType, ParquetWriter};
use veilmatch::{Disclosure, Error};
use zeroize::Zeroizing;

use super::{Answer, Found};
use crate::commands::member::listing::Columns;

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
        for &(found, at) in lines {
            let Found { word, resolved, listed, .. } = found;
            let (place, index) = (resolved.rows[at].place, resolved.rows[at].index);
            names.clear();
            names.extend(word.names(index));
            let mut cells = Vec::with_capacity(9);
            cells.extend(files.then(|| text(&listed.named(place).file)));
            cells.extend([place.row, place.line].map(ParquetCell::Integer));
            cells.push(ParquetCell::Text(word.kind().as_str().as_bytes()));
            cells.extend(columns.then(|| text(&listed.named(place).column)));
            cells.push(ParquetCell::Integer(word.count(index) as u64));
            cells.extend(self.names.then_some(ParquetCell::Texts(&names)));
            cells.extend(subjects.then(|| bytes(listed.subject(at))));
            cells.extend(values.then(|| bytes(listed.value(at))));
            row(&cells)?;
        }
        Ok(())
    }
}

/// What a share or notice says, and the place of a row among those that it has found.
type Line<'a> = (&'a Found, usize);

/// Returns all rows found, in order of file, row and kind.
fn lines(found: &[Found]) -> Vec<Line<'_>> {
    let mut lines = Vec::with_capacity(found.iter().map(|found| found.resolved.rows.len()).sum());
    for of_word in found {
        lines.extend((0..of_word.resolved.rows.len()).map(|at| (of_word, at)));
    }
    // Stable: the words are in order of kind, as they were given.
    lines.sort_by_key(|(found, at)| found.listed.order(found.resolved.rows[*at].place));
    lines
}

fn text(text: &Option<String>) -> ParquetCell<'_> {
    ParquetCell::Text(text.as_deref().unwrap_or_default().as_bytes())
}

fn bytes(bytes: Option<&[u8]>) -> ParquetCell<'_> {
    ParquetCell::Text(bytes.unwrap_or_default())
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
    let names = |found: &Found| found.resolved.rows.iter().map(|row| found.word.count(row.index)).max();
    let names = if shown.names { found.iter().filter_map(names).max() } else { None };
    let together = (TOGETHER / (LINE + NAME * names.unwrap_or(0))).max(1);
    for lines in lines.chunks(rayon::current_num_threads() * together) {
        let written = lines.par_chunks(together).map(|lines| csv_lines(&shown, lines));
        let written: Vec<Zeroizing<Vec<u8>>> = written.collect::<Result<_, Error>>()?;
        written.iter().try_for_each(|lines| out.write_all(lines))?;
    }
    Ok(())
}

/// Most lines have numbers and plain words alone. They are written here, in a fifth of the time that the package for CSV takes.
fn csv_lines(shown: &Shown, lines: &[Line<'_>]) -> Result<Zeroizing<Vec<u8>>, Error> {
    // Subjects and values are among it: it must not grow, since what it leaves behind would not be wiped.
    let Columns { files, columns, subjects, values } = shown.of_input;
    let len = |field: Option<&[u8]>| field.map_or(0, |field| 2 * field.len() + 2); // all of it quotes, at worst
    let name = |name: &Option<String>| len(name.as_deref().map(str::as_bytes));
    let of_input = lines.iter().map(|&(Found { resolved, listed, .. }, at)| {
        let named = listed.named(resolved.rows[at].place);
        let of = |shown: bool, len: usize| if shown { len } else { 0 };
        of(files, name(&named.file))
            + of(columns, name(&named.column))
            + of(subjects, len(listed.subject(at)))
            + of(values, len(listed.value(at)))
    });
    let room = TOGETHER + TOGETHER / 8 + of_input.sum::<usize>();
    let mut out = Zeroizing::new(Vec::with_capacity(room));
    shown.each(lines, |cells| {
        for (at, cell) in cells.iter().enumerate() {
            if at > 0 {
                out.push(b',');
            }
            match cell {
                ParquetCell::Text(text) => push_field(&mut out, text),
                ParquetCell::Integer(integer) => push_decimal(&mut out, *integer),
                ParquetCell::Texts(names) => {
                    for (at, name) in names.iter().enumerate() {
                        out.extend_from_slice(if at > 0 { b" " } else { b"" });
                        out.extend_from_slice(name.as_bytes()); // a name has no character that needs quotes
                    }
                }
                ParquetCell::Token(_) => unreachable!("no list has tokens"),
            }
        }
        out.push(b'\n');
        Ok(())
    })?;
    Ok(out)
}

/// Writes a field, in quotes if it needs them (RFC 4180).
fn push_field(out: &mut Vec<u8>, field: &[u8]) {
    if !field.iter().any(|byte| matches!(byte, b',' | b'"' | b'\r' | b'\n')) {
        return out.extend_from_slice(field);
    }
    out.push(b'"');
    for byte in field {
        out.extend_from_slice(if *byte == b'"' { b"\"\"" } else { std::slice::from_ref(byte) });
    }
    out.push(b'"');
}

fn push_decimal(out: &mut Vec<u8>, mut number: u64) {
    let mut digits = [0; 20]; // as many as the largest number has
    let mut from = digits.len();
    loop {
        from -= 1;
        digits[from] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            return out.extend_from_slice(&digits[from..]);
        }
    }
}

/// Writes a Parquet file with the same columns. A text that is not UTF-8 is refused: Parquet has no other text.
pub(super) fn parquet(out: &mut dyn io::Write, found: &[Found], columns: &Columns) -> Result<(), Error> {
    let shown = Shown::of(found, columns);
    let mut writer = ParquetWriter::begin(&shown.columns(), &[], out)?;
    shown.each(&lines(found), |cells| writer.push(cells))?;
    writer.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_written_as_the_package_for_csv_writes_them() {
        let fields =
            ["", "a", "a b", "a,b", ",", "\"", "a\"b\"", "a\rb", "a\n", "=1;2", "'é", " a ", "\t", "#"];
        let mut expected = csv::Writer::from_writer(Vec::new());
        expected.write_record(fields).unwrap();
        let mut out = Vec::new();
        for (at, field) in fields.iter().enumerate() {
            out.extend_from_slice(if at > 0 { b"," } else { b"" });
            push_field(&mut out, field.as_bytes());
        }
        out.push(b'\n');
        assert_eq!(String::from_utf8(out), String::from_utf8(expected.into_inner().unwrap()));
    }

    #[test]
    fn numbers_are_written_in_full() {
        let powers = (0..20).map(|exponent| 10u64.pow(exponent));
        for number in powers.flat_map(|power| [power - 1, power, power + 1]).chain([u64::MAX]) {
            let mut out = Vec::new();
            push_decimal(&mut out, number);
            assert_eq!(out, number.to_string().into_bytes());
        }
    }
}
