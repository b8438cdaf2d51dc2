//! The command line of the example.

use std::path::{Path, PathBuf};

use lexopt::prelude::*;
use veilmatch::member::identifier::Kind;
use veilmatch::terms::Name;

pub(crate) const USAGE: &str = "\
Usage: intersect                                          a demonstration
       intersect --kind KIND [options] FILE FILE...       one identifier per line;
                                                          of a .csv file the first column
       intersect --column NAME=KIND... [options] FILE...  columns of CSV exports

A member is a file, named by its stem. Options:
  --no-header        the .csv files have no header: their first records are rows
  --at-least K       report what at least K members hold (default 2)
  --format FORMAT    text (default) or json
  --secret-file F    the coalition's secret; without it a fresh one, since all members are here

Kinds: bank.bic bank.iban card.pan card.par crypto.bch crypto.btc crypto.evm crypto.ltc crypto.trx crypto.xmr
       device.imei email.mailbox email.strict merchant.mid net.domain net.ip net.url paypal.id phone.e164, and opaque.NAME for any other
";

/// What to do.
pub(crate) enum Arguments {
    Help,
    Demonstration,
    Match(Job),
}

/// Whose files to match, and how.
pub(crate) struct Job {
    pub(crate) columns: Vec<(Source, Kind)>,
    pub(crate) at_least: usize,
    pub(crate) json: bool,
    pub(crate) secret_file: Option<PathBuf>,
    pub(crate) members: Vec<(Name, String)>,
    /// The first record of a `.csv` file is a row.
    pub(crate) no_header: bool,
}

/// Where in a file the identifiers are.
pub(crate) enum Source {
    /// Lines, or the first column of a `.csv` file.
    Identifiers,
    /// The column of that name.
    Column(String),
}

/// Reads the command line, or says in one line what is wrong with it.
pub(crate) fn parse() -> Result<Arguments, lexopt::Error> {
    let mut columns: Vec<(Source, Kind)> = Vec::new();
    let (mut at_least, mut json, mut secret_file, mut files) = (2, false, None, Vec::new());
    let mut no_header = false;
    let mut parser = lexopt::Parser::from_env();
    let mut any = false;
    while let Some(argument) = parser.next()? {
        any = true;
        match argument {
            Long("help") | Short('h') => return Ok(Arguments::Help),
            Long("kind") => columns.push((Source::Identifiers, kind(&parser.value()?.string()?)?)),
            Long("column") => {
                let value = parser.value()?.string()?;
                let (name, of) = value.split_once('=').ok_or("--column takes NAME=KIND")?;
                columns.push((Source::Column(name.to_owned()), kind(of)?));
            }
            Long("at-least") => at_least = parser.value()?.parse()?,
            Long("format") => {
                json = match parser.value()?.string()?.as_str() {
                    "json" => true,
                    "text" => false,
                    _ => return Err("--format takes text or json".into()),
                };
            }
            Long("no-header") => no_header = true,
            Long("secret-file") => secret_file = Some(PathBuf::from(parser.value()?)),
            Value(file) => files.push(file.string()?),
            other => return Err(other.unexpected()),
        }
    }
    if !any {
        return Ok(Arguments::Demonstration);
    }
    if columns.is_empty() {
        return Err("expected --kind KIND or --column NAME=KIND".into());
    }
    if columns.len() > 1 && columns.iter().any(|(source, _)| matches!(source, Source::Identifiers)) {
        return Err("--kind is given once, and not beside --column".into());
    }
    if no_header && columns.iter().any(|(source, _)| matches!(source, Source::Column(_))) {
        return Err("--no-header goes with --kind: without a header no column has a name".into());
    }
    if files.is_empty() {
        return Err("expected the members' files".into());
    }
    let members = files.into_iter().map(|path| Ok((member(&path)?, path))).collect::<Result<_, String>>()?;
    Ok(Arguments::Match(Job { columns, at_least, json, secret_file, members, no_header }))
}

fn kind(text: &str) -> Result<Kind, String> {
    text.parse().map_err(|error| format!("{error}; see the list of kinds"))
}

/// A member's name is its file's stem.
fn member(path: &str) -> Result<Name, String> {
    let stem = Path::new(path).file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    Name::new(stem).map_err(|error| format!("{path}: its stem names a member: {error}"))
}
