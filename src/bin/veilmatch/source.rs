//! Where raw identifiers come from: a file or standard input, as lines or as columns.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use veilmatch::Error;
use veilmatch::identifier::{Kind, NationalPlan};
use veilmatch::tokenize::{Column, Rows, Tokenizer};
use zeroize::Zeroizing;

use crate::Failure;
use crate::arguments::{InputFormat, Source};
use crate::bar::{Bar, Watched};
use crate::session::take_stdin;

/// A kind and the column that holds its identifiers.
pub(crate) struct Wanted {
    pub(crate) kind: Kind,
    column: Column,
}

/// An input that is read once for each kind.
pub(crate) struct Input<'a> {
    source: &'a Source,
    csv: bool,
    pub(crate) wanted: Vec<Wanted>,
    plan: Option<NationalPlan>,
    /// A stream that is needed more than once; wiped when dropped.
    buffered: Option<Zeroizing<Vec<u8>>>,
}

impl<'a> Input<'a> {
    /// Understands what is asked for; `passes` is how often each kind will be read.
    pub(crate) fn open(source: &'a Source, passes: usize) -> Result<Self, Failure> {
        let ends_in_csv =
            || source.input.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("csv"));
        let csv = match source.format {
            Some(format) => format == InputFormat::Csv,
            None => !source.columns.is_empty() || ends_in_csv(),
        };
        if !source.delimiter.is_ascii() {
            return Err(Failure::Usage("--delimiter takes one ASCII character"));
        }
        let wanted = wanted(source, csv)?;
        let plan = source.national_plan.as_deref().map(str::parse).transpose()?;
        let buffered = if is_stream(&source.input) && passes * wanted.len() > 1 {
            let mut bytes = Zeroizing::new(Vec::new());
            let read = open_stream(&source.input).and_then(|mut stream| stream.read_to_end(&mut bytes));
            read.map_err(|error| Error::from(error).at(source.input.display().to_string()))?;
            Some(bytes)
        } else {
            None
        };
        Ok(Self { source, csv, wanted, plan, buffered })
    }

    /// The file, unless it is a stream, which is gone once it is read.
    pub(crate) fn path(&self) -> Option<&Path> {
        (!is_stream(&self.source.input)).then_some(&self.source.input)
    }

    /// What errors call it.
    pub(crate) fn name(&self) -> String {
        let path = &self.source.input;
        if is_stdin(path) { "standard input".to_owned() } else { path.display().to_string() }
    }

    /// The rows of one kind, from the first.
    pub(crate) fn rows(&self, wanted: &Wanted) -> Result<Rows<'_>, Error> {
        let (reader, total): (Box<dyn Read + Send + '_>, _) = match (&self.buffered, self.path()) {
            (Some(bytes), _) => (Box::new(&bytes[..]), Some(bytes.len() as u64)),
            (None, None) => {
                let stream = open_stream(&self.source.input);
                (stream.map_err(|error| Error::from(error).at(self.name()))?, None)
            }
            (None, Some(path)) => {
                let file = File::open(path).map_err(|error| Error::from(error).at(self.name()))?;
                let total = file.metadata().ok().map(|metadata| metadata.len());
                (Box::new(file), total)
            }
        };
        let reader = Watched { reader, bar: Bar::of_bytes(total) };
        Ok(if self.csv {
            Rows::csv(reader, wanted.column.clone()).delimited_by(self.source.delimiter as u8)
        } else {
            Rows::lines(reader)
        })
    }

    /// A tokeniser that knows how this input's phone numbers are dialled.
    pub(crate) fn planned(&self, tokenizer: Tokenizer) -> Tokenizer {
        match &self.plan {
            Some(plan) => tokenizer.with_national_plan(*plan),
            None => tokenizer,
        }
    }
}

fn is_stdin(path: &Path) -> bool {
    path == Path::new("-")
}

/// Whether an input can be read but once: standard input, a pipe, whatever is no regular file.
fn is_stream(path: &Path) -> bool {
    is_stdin(path) || path.metadata().is_ok_and(|metadata| !metadata.is_file())
}

fn open_stream(path: &Path) -> std::io::Result<Box<dyn Read + Send>> {
    Ok(if is_stdin(path) { Box::new(take_stdin()?) } else { Box::new(File::open(path)?) })
}

fn wanted(source: &Source, csv: bool) -> Result<Vec<Wanted>, Failure> {
    let mut wanted = Vec::new();
    if let Some(kind) = &source.kind {
        wanted.push(Wanted { kind: kind.parse()?, column: Column::First });
    }
    for column in &source.columns {
        let (name, kind) = column
            .rsplit_once('=')
            .ok_or(Failure::Usage("--column takes NAME=KIND, such as card=card.pan"))?;
        wanted.push(Wanted { kind: kind.parse()?, column: Column::Named(name.to_owned()) });
    }
    let repeated =
        wanted.iter().enumerate().any(|(at, one)| wanted[..at].iter().any(|other| other.kind == one.kind));
    if wanted.is_empty() {
        Err(Failure::Usage("expected --kind KIND or --column NAME=KIND"))
    } else if !csv && !source.columns.is_empty() {
        Err(Failure::Usage("--column needs a CSV export"))
    } else if repeated {
        Err(Failure::Usage("each kind is given once"))
    } else {
        Ok(wanted)
    }
}
