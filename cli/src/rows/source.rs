//! The source of raw identifiers: a file or standard input, as lines, as columns, or with a kind in each row.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use veilmatch::Error;
use veilmatch::member::identifier::{Canonicalizer, Kind, NationalPlan};
use veilmatch::member::rows::{Column, CsvRows, Rows};
use veilmatch::member::tokenize::Tokenizer;
use veilmatch::terms::KindId;
use zeroize::Zeroizing;

use crate::Failure;
use crate::arguments::{InputFormat, Source};
use crate::rows::raw_input::RawFile;
use crate::session::{Session, take_stdin};
use crate::terminal::bar::{Bar, Watched};

/// A kind and where its identifiers are.
#[derive(Clone)]
pub(crate) struct Wanted {
    pub(crate) kind: Kind,
    place: Place,
}

/// Where the identifiers of a kind are.
#[derive(Clone)]
enum Place {
    /// In a column of their own, or on lines.
    Column(Column),
    /// In the rows that name the kind; whether rows that name none are counted here.
    OwnRows { columns: Columns, rejecting_unknown: bool },
}

/// The columns of an export with a kind a row.
#[derive(Clone)]
struct Columns {
    kinds: Column,
    values: Column,
}

/// An input that is read once for each kind.
pub(crate) struct Input<'a> {
    source: &'a Source,
    csv: bool,
    pub(crate) wanted: Vec<Wanted>,
    plan: Option<NationalPlan>,
    /// The file, unless the input is a stream.
    file: Option<RawFile>,
    /// A stream that is needed more than once; wiped when dropped.
    buffered: Option<Zeroizing<Vec<u8>>>,
}

impl<'a> Input<'a> {
    /// Understands what is asked for; `passes` is the number of times each kind will be read. A column of kinds is read
    /// to see which kinds there are.
    pub(crate) fn open(session: &mut Session, source: &'a Source, passes: usize) -> Result<Self, Failure> {
        let ends_in_csv =
            || source.input.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("csv"));
        let csv = match source.format {
            Some(format) => format == InputFormat::Csv,
            None => !source.columns.is_empty() || source.kind_column.is_some() || ends_in_csv(),
        };
        if source.delimiter.is_some_and(|delimiter| !delimiter.is_ascii()) {
            return Err(Failure::Usage("--delimiter takes one ASCII character"));
        }
        let of_csv = source.delimiter.is_some() || source.quoted_lines.is_some();
        if !csv && (of_csv || source.no_header || source.no_quotes) {
            return Err(Failure::Usage(
                "--delimiter, --no-header, --no-quotes and --quoted-lines need a CSV export (--format csv)",
            ));
        }
        let wanted = wanted(source, csv)?;
        let plan = source.national_plan.as_deref().map(str::parse).transpose()?;
        let several_passes = passes * wanted.len() > 1 || source.kind_column.is_some();
        let buffered = if is_stream(&source.input) && several_passes {
            let mut bytes = Zeroizing::new(Vec::new());
            let read = open_stream(&source.input).and_then(|mut stream| stream.read_to_end(&mut bytes));
            read.map_err(|error| Error::from(error).at(source.input.display().to_string()))?;
            Some(bytes)
        } else {
            None
        };
        let file = match is_stream(&source.input) {
            true => None,
            false => Some(session.open_raw(&source.input)?),
        };
        let mut input = Self { source, csv, wanted, plan, file, buffered };
        if let Some(columns) = columns_of_rows(source)? {
            input.wanted = input.kinds_of_rows(&columns)?;
        }
        Ok(input)
    }

    /// The kinds that the rows name; the first in order of id counts the rows that name none.
    fn kinds_of_rows(&self, columns: &Columns) -> Result<Vec<Wanted>, Failure> {
        let named = |error: Error| error.at(self.name());
        let mut found = self.csv()?.kinds(columns.kinds.clone()).map_err(named)?.into_iter();
        let wanted = |kind, rejecting_unknown| {
            let columns = columns.clone();
            Wanted { kind, place: Place::OwnRows { columns, rejecting_unknown } }
        };
        let Some(first) = found.next() else {
            let message = format!("{}: no row names a kind of this build, such as card.pan", self.name());
            return Err(Failure::Refused { code: "unknown_kind", message });
        };
        Ok([wanted(first, true)].into_iter().chain(found.map(|kind| wanted(kind, false))).collect())
    }

    /// Returns where the identifiers of a kind are, if that was said.
    pub(crate) fn of_kind(&self, kind: &KindId) -> Option<Wanted> {
        let found = self.wanted.iter().find(|wanted| wanted.kind.kind_id() == *kind).cloned();
        found.or_else(|| {
            let columns = columns_of_rows(self.source).ok()??;
            let place = Place::OwnRows { columns, rejecting_unknown: false };
            Some(Wanted { kind: kind.as_str().parse().ok()?, place })
        })
    }

    /// Returns the name of the input in errors.
    pub(crate) fn name(&self) -> String {
        let path = &self.source.input;
        if is_stdin(path) { "standard input".to_owned() } else { path.display().to_string() }
    }

    /// Estimates the number of rows, from the length of a file and of the rows at its beginning. A stream gives no
    /// estimate. Neither does a file where each row names its kind: nothing tells how many rows are of one kind.
    pub(crate) fn estimated_rows(&self, wanted: &Wanted) -> Result<Option<u64>, Error> {
        let Some(file) = self.file.as_ref().filter(|_| matches!(wanted.place, Place::Column(_))) else {
            return Ok(None);
        };
        let estimate = || {
            let file = file.rewound()?;
            let total = file.metadata()?.len();
            let mut beginning = Zeroizing::new(Vec::with_capacity(SAMPLED));
            file.take(SAMPLED as u64).read_to_end(&mut beginning)?;
            let rows = beginning.iter().filter(|byte| **byte == b'\n').count().max(1) as u64;
            Ok(total.saturating_mul(rows) / (beginning.len() as u64).max(1) + 1)
        };
        estimate().map(Some).map_err(|error: std::io::Error| Error::from(error).at(self.name()))
    }

    /// Returns the rows of one kind, from the first.
    pub(crate) fn rows(&self, wanted: &Wanted) -> Result<Rows<'_>, Error> {
        let rows: Rows<'_> = match &wanted.place {
            Place::OwnRows { columns: Columns { kinds, values }, rejecting_unknown } => {
                let csv = self.csv()?.value_column(values.clone());
                let csv = match rejecting_unknown {
                    true => csv.kind_column_with_unknown(kinds.clone(), wanted.kind),
                    false => csv.kind_column(kinds.clone(), wanted.kind),
                };
                csv.into()
            }
            Place::Column(column) if self.csv => self.csv()?.value_column(column.clone()).into(),
            Place::Column(_) => Rows::lines(self.reader()?),
        };
        Ok(match self.source.expect_rows {
            Some(expected) => rows.expect_rows(expected),
            None => rows,
        })
    }

    /// The export, read as it is written.
    fn csv(&self) -> Result<CsvRows<'_>, Error> {
        let Source { delimiter, no_header, no_quotes, quoted_lines, .. } = self.source;
        let csv = CsvRows::new(self.reader()?).delimiter(delimiter.unwrap_or(',') as u8);
        let csv = if *no_header { csv.without_header() } else { csv };
        Ok(match quoted_lines {
            _ if *no_quotes => csv.without_quotes(),
            Some(lines) => csv.quoted_lines(*lines),
            None => csv,
        })
    }

    /// Returns a reader of the input, from its start.
    fn reader(&self) -> Result<Watched<Box<dyn Read + Send + '_>>, Error> {
        let named = |error: std::io::Error| Error::from(error).at(self.name());
        let (reader, total): (Box<dyn Read + Send + '_>, _) = match (&self.buffered, &self.file) {
            (Some(bytes), _) => (Box::new(&bytes[..]), Some(bytes.len() as u64)),
            (None, None) => (open_stream(&self.source.input).map_err(named)?, None),
            (None, Some(file)) => (file.reading().map_err(named)?, Some(file.len())),
        };
        Ok(Watched { reader, bar: Bar::of_bytes(total) })
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

/// The number of bytes from which the length of a row is estimated.
const SAMPLED: usize = 1 << 20;

fn is_stdin(path: &Path) -> bool {
    path == Path::new("-")
}

/// Whether an input can be read only once: standard input, a pipe, anything that is not a regular file.
fn is_stream(path: &Path) -> bool {
    is_stdin(path) || path.metadata().is_ok_and(|metadata| !metadata.is_file())
}

fn open_stream(path: &Path) -> std::io::Result<Box<dyn Read + Send>> {
    Ok(if is_stdin(path) { Box::new(take_stdin()?) } else { Box::new(File::open(path)?) })
}

/// The columns of kinds and of values, where the export has a kind a row.
fn columns_of_rows(source: &Source) -> Result<Option<Columns>, Failure> {
    let (Some(kinds), Some(values)) = (&source.kind_column, &source.value_column) else { return Ok(None) };
    let (kinds, values) = (column(source, kinds)?, column(source, values)?);
    Ok(Some(Columns { kinds, values }))
}

/// Returns a column by its name, or without a header by its number.
fn column(source: &Source, name: &str) -> Result<Column, Failure> {
    if !source.no_header {
        return Ok(Column::Named(name.to_owned()));
    }
    match name.trim().parse() {
        Ok(number) if number > 0 => Ok(Column::Number(number)),
        _ => Err(Failure::Usage(
            "with --no-header a column is given by its number, from 1, such as 3=card.pan",
        )),
    }
}

fn wanted(source: &Source, csv: bool) -> Result<Vec<Wanted>, Failure> {
    let mut wanted = Vec::new();
    if let Some(kind) = &source.kind {
        wanted.push(Wanted { kind: kind.parse()?, place: Place::Column(Column::First) });
    }
    for named in &source.columns {
        let (name, kind) = named
            .rsplit_once('=')
            .ok_or(Failure::Usage("--column takes NAME=KIND, such as card=card.pan"))?;
        wanted.push(Wanted { kind: kind.parse()?, place: Place::Column(column(source, name)?) });
    }
    let repeated =
        wanted.iter().enumerate().any(|(at, one)| wanted[..at].iter().any(|other| other.kind == one.kind));
    let of_rows = source.kind_column.is_some(); // which kinds, the rows will tell
    if wanted.is_empty() && !of_rows {
        Err(Failure::Usage("expected --kind KIND, --column NAME=KIND or --kind-column NAME"))
    } else if !csv && (of_rows || !source.columns.is_empty()) {
        Err(Failure::Usage("--column and --kind-column need a CSV export"))
    } else if repeated {
        Err(Failure::Usage("each kind is given once"))
    } else {
        Ok(wanted)
    }
}
