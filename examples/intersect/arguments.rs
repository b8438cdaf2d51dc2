//! The command line of the example.

use std::path::{Path, PathBuf};

use lexopt::prelude::*;
use veilmatch::Error;
use veilmatch::member::identifier::NationalPlan;
use veilmatch::member::rows::Encoding;
use veilmatch::member::{Column, Kind};
use veilmatch::terms::Name;

use super::demo;
use super::trail::Case;

pub(crate) const USAGE: &str = "\
Usage: intersect                                          a demonstration
       intersect --kind KIND [options] FILE FILE...       one identifier per line;
                                                          of a .csv file the first column
       intersect --column NAME=KIND... [options] FILE...  columns of CSV exports;
                                                          those of one kind give one set

A member is a file, named by its stem. The text says what the first one learns about its own rows. Options:
  --delimiter C      what is between the fields of CSV exports: one ASCII character, or tab,
                     semicolon, comma (default) or pipe
  --encoding NAME    the files' encoding, such as latin1 or utf-16le (default UTF-8)
  --national-plan P  how the files' national phone numbers are dialled: calling code/trunk prefix, such as 44/0
  --no-header        the .csv files have no header: their first records are rows
  --at-least K       report what at least K members hold (default 2)
  --format FORMAT    text (default), or the report alone as json or as an html page
  --secret-file F    the coalition's secret; without it a fresh one, since all members are here

Kinds: bank.bic bank.iban card.pan card.par crypto.bch crypto.btc crypto.evm crypto.ltc crypto.trx crypto.xmr
       device.imei email.mailbox email.strict merchant.mid net.domain net.ip net.url paypal.id phone.e164, and opaque.NAME for any other
";

/// What to do.
pub(crate) enum Arguments {
    Help,
    Match(Job),
}

/// Whose rows to match, and how.
pub(crate) struct Job {
    pub(crate) members: Vec<Member>,
    /// The kinds, each with its columns.
    pub(crate) columns: Vec<(Kind, Vec<Column>)>,
    pub(crate) at_least: usize,
    pub(crate) format: Format,
    pub(crate) secret_file: Option<PathBuf>,
    /// The first record of a `.csv` file is a row.
    pub(crate) no_header: bool,
    pub(crate) delimiter: Option<u8>,
    pub(crate) encoding: Option<Encoding>,
    pub(crate) plan: Option<NationalPlan>,
    /// Where a trail begins.
    pub(crate) case: Option<Case>,
    /// What the text ends with.
    pub(crate) note: &'static str,
}

pub(crate) struct Member {
    pub(crate) name: Name,
    pub(crate) export: Export,
}

/// The form of what is printed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Text,
    Json,
    Html,
}

/// Where a member's rows are.
pub(crate) enum Export {
    File(String),
    BuiltIn(&'static str),
}

impl Default for Job {
    fn default() -> Self {
        Self {
            members: Vec::new(),
            columns: Vec::new(),
            at_least: 2,
            format: Format::Text,
            secret_file: None,
            no_header: false,
            delimiter: None,
            encoding: None,
            plan: None,
            case: None,
            note: "",
        }
    }
}

impl Member {
    /// A member's name is its file's stem.
    fn of_file(path: String) -> Result<Self, String> {
        let stem = Path::new(&path).file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        let name = Name::new(stem).map_err(|error| format!("{path}: its stem names a member: {error}"))?;
        Ok(Self { name, export: Export::File(path) })
    }

    /// Names the file in an error about it.
    pub(crate) fn blame(&self, error: Error) -> Error {
        match &self.export {
            Export::File(path) => error.at(path),
            Export::BuiltIn(_) => error.at(self.name.as_str()),
        }
    }
}

impl Export {
    pub(crate) fn is_csv(&self) -> bool {
        match self {
            Self::File(path) => path.to_ascii_lowercase().ends_with(".csv"),
            Self::BuiltIn(_) => true,
        }
    }
}

/// Reads the command line, or says in one line what is wrong with it.
pub(crate) fn parse() -> Result<Arguments, lexopt::Error> {
    let mut job = Job::default();
    let mut parser = lexopt::Parser::from_env();
    let mut any = false;
    while let Some(argument) = parser.next()? {
        any |= argument != Long("format"); // the demonstration has forms too
        match argument {
            Long("help") | Short('h') => return Ok(Arguments::Help),
            Long("kind") => add(&mut job, Column::First, &parser.value()?.string()?)?,
            Long("column") => {
                let value = parser.value()?.string()?;
                let (name, kind) = value.rsplit_once('=').ok_or("--column takes NAME=KIND")?;
                add(&mut job, name.into(), kind)?;
            }
            Long("at-least") => job.at_least = parser.value()?.parse()?,
            Long("format") => {
                job.format = match parser.value()?.string()?.as_str() {
                    "text" => Format::Text,
                    "json" => Format::Json,
                    "html" => Format::Html,
                    _ => return Err("--format takes text, json or html".into()),
                };
            }
            Long("no-header") => job.no_header = true,
            Long("delimiter") => job.delimiter = Some(delimiter(&parser.value()?.string()?)?),
            Long("encoding") => job.encoding = Some(parsed("--encoding", &parser.value()?.string()?)?),
            Long("national-plan") => job.plan = Some(parsed("--national-plan", &parser.value()?.string()?)?),
            Long("secret-file") => job.secret_file = Some(PathBuf::from(parser.value()?)),
            Value(file) => job.members.push(Member::of_file(file.string()?)?),
            other => return Err(other.unexpected()),
        }
    }
    match any {
        true => check(&job).map(|()| Arguments::Match(job)).map_err(Into::into),
        false => Ok(Arguments::Match(Job { format: job.format, ..demo::job() })),
    }
}

/// Says what the options lack, or which of them do not go together.
fn check(job: &Job) -> Result<(), &'static str> {
    let by_name = job.columns.iter().flat_map(|(_, columns)| columns).any(|column| *column != Column::First);
    if job.columns.is_empty() {
        return Err("expected --kind KIND or --column NAME=KIND");
    }
    if job.no_header && by_name {
        return Err("--no-header goes with --kind: without a header no column has a name");
    }
    if job.members.is_empty() {
        return Err("expected the members' files");
    }
    if job.delimiter.is_some() && !by_name && !job.members.iter().any(|member| member.export.is_csv()) {
        return Err("--delimiter goes with CSV exports: name their columns, or end the files' names in .csv");
    }
    Ok(())
}

/// Adds a column to those of its kind.
fn add(job: &mut Job, column: Column, kind: &str) -> Result<(), String> {
    let kind: Kind = kind.parse().map_err(|error| format!("{error}; see the list of kinds"))?;
    let all = || job.columns.iter().flat_map(|(_, columns)| columns);
    if all().any(|other| *other == Column::First || column == Column::First) {
        return Err("--kind is given once, and not beside --column".to_owned());
    }
    match job.columns.iter_mut().find(|(of, _)| *of == kind) {
        Some((_, columns)) if columns.contains(&column) => {
            return Err(format!("--column gives a column of {kind} twice"));
        }
        Some((_, columns)) => columns.push(column),
        None => job.columns.push((kind, vec![column])),
    }
    Ok(())
}

fn delimiter(text: &str) -> Result<u8, &'static str> {
    match (text, text.as_bytes()) {
        ("tab", _) => Ok(b'\t'),
        ("semicolon", _) => Ok(b';'),
        ("comma", _) => Ok(b','),
        ("pipe", _) => Ok(b'|'),
        (_, [byte]) if byte.is_ascii() && !b"\"\r\n".contains(byte) => Ok(*byte),
        _ => Err("--delimiter takes one ASCII character, no quote, or tab, semicolon, comma or pipe"),
    }
}

fn parsed<T: std::str::FromStr<Err = Error>>(option: &str, text: &str) -> Result<T, String> {
    text.parse().map_err(|error| format!("{option}: {error}"))
}
