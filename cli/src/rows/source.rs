//! The source of raw identifiers: files, folders or standard input, as lines, as columns, or with a kind in each row.

use std::collections::BTreeSet;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use veilmatch::member::identifier::{Canonicalizer, Kind, NationalPlan};
use veilmatch::member::rows::{Column, CsvRows, Encoding, Oddities, Rows};
use veilmatch::member::tokenize::Tokenizer;
use veilmatch::terms::KindId;
use veilmatch::{Counters, Error, Place};

use crate::Failure;
use crate::arguments::{Delimiter, InputFormat, Source};
use crate::files::folders;
use crate::rows::headers::{self, Header};
use crate::rows::layout::layout;
use crate::rows::one_file::OneFile;
use crate::rows::wanted::{Columns, Wanted, Where, column, columns_of_rows, spelt, wanted};
use crate::session::Session;
use crate::terminal::bar::{Bar, Watched};

/// Endings of the files that a folder of inputs may have.
pub(crate) const ENDINGS: [&str; 6] = ["csv", "CSV", "txt", "TXT", "parquet", "PARQUET"];

/// An input of one or more files that is read once for each kind and column.
pub(crate) struct Input<'a> {
    source: &'a Source,
    layout: InputFormat,
    pub(crate) wanted: Vec<Wanted>,
    plan: Option<NationalPlan>,
    encoding: Option<Encoding>,
    files: Vec<OneFile>,
}

impl<'a> Input<'a> {
    /// Understands what is asked for; `passes` is the number of times that each column will be read. A column of kinds is
    /// read to see which kinds there are.
    pub(crate) fn open(session: &mut Session, source: &'a Source, passes: usize) -> Result<Self, Failure> {
        let paths = folders::files_of(&source.inputs, &ENDINGS, source.skip_others)?;
        require_each_once(&paths)?;
        let wanted = wanted(source)?;
        let plan = source.national_plan.as_deref().map(str::parse).transpose();
        let plan = plan.map_err(|error: Error| error.at("--national-plan"))?;
        let encoding = source.encoding.as_deref().map(str::parse::<Encoding>).transpose();
        let encoding = encoding.map_err(|error| error.at("--encoding"))?;
        let columns: usize = wanted.iter().map(|wanted| wanted.columns().len()).sum();
        let is_read_again = passes * columns > 1 || source.kind_column.is_some();
        let files = paths.iter().map(|path| OneFile::open(session, path, source.format, is_read_again));
        let files = files.collect::<Result<Vec<_>, Error>>()?;
        let layout = layout(source, &files)?;
        let mut input = Self { source, layout, wanted, plan, encoding, files };
        input.require_encoding()?;
        input.require_headers(&[])?;
        if let Some(columns) = columns_of_rows(source)? {
            input.wanted = input.kinds_of_rows(&columns)?;
        }
        Ok(input)
    }

    /// Refuses a file that begins as UTF-8 text beyond ASCII where an encoding of single bytes was stated: each of its letters
    /// would become two others.
    fn require_encoding(&self) -> Result<(), Failure> {
        let Some(encoding) = self.encoding.filter(|encoding| !encoding.name().starts_with("utf-")) else {
            return Ok(());
        };
        for file in &self.files {
            if file.begins_as_utf8()? {
                let message = format!(
                    "{}: expected {encoding}, got UTF-8: export all files in one encoding, or convert this one",
                    file.name()
                );
                return Err(Failure::Refused { code: "encoding", message });
            }
        }
        Ok(())
    }

    /// Refuses a file that lacks one of the columns, before hours of reading. What a stream has, its reading will tell.
    pub(crate) fn require_headers(&self, more: &[&str]) -> Result<(), Failure> {
        let is_schema = self.layout == InputFormat::Parquet;
        if self.layout == InputFormat::Lines || self.source.no_header {
            return Ok(());
        }
        let mut headers = Vec::new();
        for file in &self.files {
            let columns = match file.beginning()? {
                _ if is_schema => file.parquet()?.columns(),
                Some(beginning) => {
                    let columns = self.csv(self.decoded(beginning)).header();
                    columns.map_err(|error| error.at(file.name()))?
                }
                None => continue,
            };
            headers.push(Header { file: file.name(), columns, is_schema });
        }
        let Source { kind_column, value_column, columns, .. } = self.source;
        let named = columns.iter().filter_map(|named| named.rsplit_once('=')).map(|(name, _)| name);
        let of_rows = kind_column.iter().chain(value_column).map(String::as_str);
        let wanted: Vec<&str> = named.chain(of_rows).chain(more.iter().copied()).collect();
        headers::require(&headers, &wanted)
    }

    /// The kinds that the rows name; the first in order of id counts the rows that name none.
    fn kinds_of_rows(&self, columns: &Columns) -> Result<Vec<Wanted>, Failure> {
        let mut found: Vec<Kind> = Vec::new();
        for file in &self.files {
            let kinds = match self.layout {
                InputFormat::Parquet => file.parquet()?.kinds(columns.kinds.clone()),
                _ => self.csv(self.reader(file, &self.bar(1))?).kinds(columns.kinds.clone()),
            };
            found.extend(kinds.map_err(|error| error.at(file.name()))?);
        }
        found.sort_unstable();
        found.dedup();
        if found.is_empty() {
            let message = format!("{}: no row names a kind of this build, such as card.pan", self.name());
            return Err(Failure::Refused { code: "unknown_kind", message });
        }
        let wanted = |(at, kind)| {
            let columns = columns.clone();
            Wanted { kind, place: Where::OwnRows { columns, rejecting_unknown: at == 0 } }
        };
        Ok(found.into_iter().enumerate().map(wanted).collect())
    }

    /// Returns where the identifiers of a kind are, if that was said.
    pub(crate) fn of_kind(&self, kind: &KindId) -> Option<Wanted> {
        let found = self.wanted.iter().find(|wanted| wanted.kind.kind_id() == *kind).cloned();
        found.or_else(|| {
            let columns = columns_of_rows(self.source).ok()??;
            let place = Where::OwnRows { columns, rejecting_unknown: false };
            Some(Wanted { kind: kind.as_str().parse().ok()?, place })
        })
    }

    /// Returns the name of the input in messages about all of it.
    pub(crate) fn name(&self) -> String {
        match &self.files[..] {
            [only] => only.name(),
            files => format!("{} files", files.len()),
        }
    }

    /// Names the input in an error about all of it; one about a file has its name.
    pub(crate) fn blame(&self, error: Error) -> Error {
        match error {
            named @ Error::At { .. } => named,
            unnamed => unnamed.at(self.name()),
        }
    }

    /// Returns the names of the file, if there are several, and of the column, if its kind has several.
    pub(crate) fn named(&self, wanted: &Wanted, input: usize) -> (Option<String>, Option<String>) {
        let (file, column) = (&self.files[input % self.files.len()], input / self.files.len());
        let file = (self.files.len() > 1).then(|| file.name());
        let column = match wanted.columns() {
            columns if columns.len() > 1 => columns.get(column).map(spelt),
            _ => None,
        };
        (file, column)
    }

    /// Returns the number of columns of a kind and of files.
    pub(crate) fn counts(&self, wanted: &Wanted) -> (usize, usize) {
        (wanted.columns().len(), self.files.len())
    }

    /// Adds up the counters of each column of a kind, of all files; with the column's name, if it has one.
    pub(crate) fn by_column(&self, wanted: &Wanted, inputs: &[Counters]) -> Vec<(Option<String>, Counters)> {
        let named = |column: &Column| (*column != Column::First).then(|| spelt(column));
        let of_columns = wanted.columns().iter().zip(inputs.chunks(self.files.len()));
        let added = |(column, of_files): (&Column, &[Counters])| {
            let mut all = Counters::default();
            of_files.iter().for_each(|of_file| all.add(of_file));
            (named(column), all)
        };
        of_columns.map(added).collect()
    }

    /// Returns what is odd about the files themselves: each is read once for each column.
    pub(crate) fn of_files_alone(&self, wanted: &Wanted, all: Oddities) -> Oddities {
        let times = wanted.columns().len() as u64;
        Oddities {
            multiline_fields: all.multiline_fields / times,
            empty_lines: all.empty_lines / times,
            trailing_fields: all.trailing_fields / times,
        }
    }

    /// Estimates the number of rows. A stream gives no estimate. Neither does a file where each row names its kind:
    /// nothing tells how many rows are of one kind.
    pub(crate) fn estimated_rows(&self, wanted: &Wanted) -> Result<Option<u64>, Error> {
        let Where::Columns(columns) = &wanted.place else { return Ok(None) };
        let of_file = |file: &OneFile| match self.layout {
            InputFormat::Parquet => Ok(Some(file.parquet()?.rows())),
            _ => file.estimated_rows(),
        };
        let rows: Option<u64> = self.files.iter().map(of_file).sum::<Result<_, Error>>()?;
        Ok(rows.map(|rows| rows.saturating_mul(columns.len() as u64)))
    }

    /// Returns the rows of one kind, from the first: all files for the first column, then for the next.
    pub(crate) fn rows(&self, wanted: &Wanted) -> Result<Rows<'_>, Error> {
        let columns = wanted.columns();
        let bar = self.bar(columns.len() as u64);
        let rows = columns.iter().map(|column| {
            self.of_files(|file| {
                Ok(match (self.layout, &wanted.place) {
                    (InputFormat::Parquet, place) => {
                        let rows = file.parquet()?.value_column(column.clone());
                        match place {
                            Where::OwnRows { columns: Columns { kinds, .. }, rejecting_unknown: true } => {
                                rows.kind_column_with_unknown(kinds.clone(), wanted.kind).into()
                            }
                            Where::OwnRows { columns: Columns { kinds, .. }, rejecting_unknown: false } => {
                                rows.kind_column(kinds.clone(), wanted.kind).into()
                            }
                            Where::Columns(_) => rows.into(),
                        }
                    }
                    (_, Where::OwnRows { columns: Columns { kinds, .. }, rejecting_unknown }) => {
                        let csv = self.csv(self.reader(file, &bar)?).value_column(column.clone());
                        let csv = match rejecting_unknown {
                            true => csv.kind_column_with_unknown(kinds.clone(), wanted.kind),
                            false => csv.kind_column(kinds.clone(), wanted.kind),
                        };
                        csv.into()
                    }
                    (InputFormat::Csv, Where::Columns(_)) => {
                        self.csv(self.reader(file, &bar)?).value_column(column.clone()).into()
                    }
                    (InputFormat::Lines, Where::Columns(_)) => Rows::lines(self.reader(file, &bar)?),
                })
            })
        });
        chained(rows)
    }

    /// Returns the column of the subject, which every file has.
    pub(crate) fn subject(&self, name: &str) -> Result<Column, Failure> {
        self.beside(name, "--subject-column needs a CSV export or a Parquet file")
    }

    /// Returns the column that marks confirmed cases, which every file has.
    pub(crate) fn seeds(&self, name: &str) -> Result<Column, Failure> {
        self.beside(name, "--seed-column needs a CSV export or a Parquet file")
    }

    fn beside(&self, name: &str, needs: &'static str) -> Result<Column, Failure> {
        if self.layout == InputFormat::Lines {
            return Err(Failure::Usage(needs));
        }
        self.require_headers(&[name])?;
        column(self.source, name)
    }

    /// Returns all rows, whatever their kind, with what some column says of them.
    pub(crate) fn all_rows(&self) -> Result<Rows<'_>, Error> {
        match self.layout {
            InputFormat::Lines => {
                let bar = self.bar(1);
                self.of_files(|file| Ok(Rows::lines(self.reader(file, &bar)?)))
            }
            _ => self.subjects(&self.wanted[0].columns()[0]),
        }
    }

    /// Returns what another column says of rows, which have the places that [`Input::in_file`] gives them.
    pub(crate) fn subjects(&self, column: &Column) -> Result<Rows<'_>, Error> {
        let bar = self.bar(1);
        self.of_files(|file| {
            Ok(match self.layout {
                // Customers have numbers; the zeros before such a number are no part of it.
                InputFormat::Parquet => file.parquet()?.with_integers().value_column(column.clone()).into(),
                _ => self.csv(self.reader(file, &bar)?).value_column(column.clone()).into(),
            })
        })
    }

    /// Returns the number of files.
    pub(crate) fn files(&self) -> usize {
        self.files.len()
    }

    /// Returns the name of the file of a row.
    pub(crate) fn file_of(&self, place: Place) -> String {
        self.files[self.in_file(place).input].name()
    }

    /// Returns the place of a row whatever the column.
    pub(crate) fn in_file(&self, place: Place) -> Place {
        Place { input: place.input % self.files.len(), ..place }
    }

    /// The rows of all files, as `rows` gives those of one.
    fn of_files<'s>(
        &'s self,
        rows: impl Fn(&'s OneFile) -> Result<Rows<'s>, Error>,
    ) -> Result<Rows<'s>, Error> {
        let all = chained(self.files.iter().map(|file| Ok(rows(file)?.named(file.name()))))?;
        Ok(match self.source.expect_rows {
            Some(expected) => all.expect_rows(expected),
            None => all,
        })
    }

    /// The export, read as it is written.
    fn csv<'r>(&self, reader: impl Read + Send + 'r) -> CsvRows<'r> {
        let Source { delimiter, no_header, no_quotes, quoted_lines, .. } = self.source;
        let csv = CsvRows::new(reader).delimiter(delimiter.map_or(b',', |Delimiter(byte)| byte));
        let csv = if *no_header { csv.without_header() } else { csv };
        match quoted_lines {
            _ if *no_quotes => csv.without_quotes(),
            Some(lines) => csv.quoted_lines(*lines),
            None => csv,
        }
    }

    /// Returns a reader of a file as UTF-8, from its start.
    fn reader<'s>(&'s self, file: &'s OneFile, bar: &Arc<Bar>) -> Result<Box<dyn Read + Send + 's>, Error> {
        Ok(self.decoded(Watched { reader: file.reader()?, bar: Arc::clone(bar) }))
    }

    fn decoded<'r>(&self, reader: impl Read + Send + 'r) -> Box<dyn Read + Send + 'r> {
        match self.encoding {
            Some(encoding) => encoding.decode(reader),
            None => Box::new(reader),
        }
    }

    /// Makes the bar for reading all files this number of times.
    fn bar(&self, times: u64) -> Arc<Bar> {
        let total: Option<u64> = self.files.iter().map(OneFile::len).sum();
        Arc::new(Bar::of_bytes(total.map(|total| total.saturating_mul(times))))
    }

    /// Returns the rule of a kind, with the knowledge of how this input's phone numbers are dialled.
    pub(crate) fn rule(&self, kind: Kind) -> Canonicalizer {
        let rule = Canonicalizer::new(kind);
        match &self.plan {
            Some(plan) => rule.with_national_plan(*plan),
            None => rule,
        }
    }

    /// Returns a tokeniser that knows how this input's phone numbers are dialled.
    pub(crate) fn planned(&self, tokenizer: Tokenizer) -> Tokenizer {
        match &self.plan {
            Some(plan) => tokenizer.with_national_plan(*plan),
            None => tokenizer,
        }
    }
}

/// Refuses a file that is given twice, by itself and in a folder for instance: its rows would count twice.
fn require_each_once(paths: &[PathBuf]) -> Result<(), Failure> {
    let mut known = BTreeSet::new();
    let is_file = |path: &&PathBuf| *path != Path::new("-"); // a second reader of standard input is refused anyway
    match paths
        .iter()
        .filter(is_file)
        .find(|path| !known.insert(path.canonicalize().unwrap_or_else(|_| path.to_path_buf())))
    {
        None => Ok(()),
        Some(twice) => {
            let message = format!("{}: expected each file of --input once, got it twice", twice.display());
            Err(Failure::Refused { code: "input_twice", message })
        }
    }
}

/// One input after the other.
fn chained<'r>(rows: impl Iterator<Item = Result<Rows<'r>, Error>>) -> Result<Rows<'r>, Error> {
    let mut all: Option<Rows<'r>> = None;
    for rows in rows {
        let rows = rows?;
        all = Some(match all {
            Some(before) => before.chain(rows),
            None => rows,
        });
    }
    Ok(all.unwrap_or_else(|| Rows::values([""; 0])))
}
