//! config init: a configuration from the first rows of an export, for the user to complete.

mod parquet;

use std::fmt::Write as _;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use toml::Value;
use veilmatch::Error;
use veilmatch::member::identifier::{Canonical, Canonicalizer, Kind, NationalPlan};
use veilmatch::member::profile::Profile;
use veilmatch::member::rows::{CsvRows, Encoding, Rows};
use veilmatch::{Place, Reason};
use zeroize::Zeroizing;

use crate::Failure;
use crate::arguments::{ConfigInit, Delimiter};
use crate::files::folders;
use crate::output::{Makes, Pending};
use crate::rows::headers;
use crate::rows::source::ENDINGS;
use crate::session::Session;

/// Number of files that are looked at, and of bytes of each.
const FILES: usize = 8;
const SAMPLED: u64 = 1 << 18;

pub(crate) fn run(session: &mut Session, arguments: &ConfigInit) -> Result<(), Failure> {
    let files = folders::files_of(&arguments.inputs, &ENDINGS, false)?;
    let looked_at = &files[..files.len().min(FILES)];
    let sample = Sample::read(looked_at, arguments)?;
    let columns = sample.columns(&files[0])?;
    let plan = arguments.national_plan.as_deref().map(str::parse::<NationalPlan>).transpose()?;
    let guesses = columns.iter().map(|name| Guess::of(&sample, name, plan)).collect::<Result<Vec<_>, _>>();
    let text = written(arguments, &sample, &columns, &guesses?);
    let file = Pending::file(&arguments.out, session.force, Makes::Config, |out| {
        Ok(out.write_all(text.as_bytes())?)
    })?;
    session.publish(file);
    session.result(format_args!(
        "{}: a configuration from {} of {} files, to be completed: see the lines with ?",
        arguments.out.display(),
        looked_at.len(),
        files.len()
    ));
    Ok(())
}

/// The beginnings of exports, as UTF-8 and with whole lines.
struct Sample {
    texts: Vec<Zeroizing<Vec<u8>>>,
    /// The names of the files.
    names: Vec<String>,
    delimiter: Delimiter,
    /// The encoding, unless it is UTF-8; and whether it was guessed from bytes that are not UTF-8.
    encoding: Option<(String, bool)>,
    /// Whether the texts were made of Parquet files, which have neither delimiter nor encoding.
    is_parquet: bool,
}

impl Sample {
    fn read(exports: &[PathBuf], arguments: &ConfigInit) -> Result<Self, Failure> {
        if parquet::begins(exports)? {
            let texts = exports.iter().map(|export| parquet::sample(export)).collect::<Result<_, _>>()?;
            let names = exports.iter().map(|export| export.display().to_string()).collect();
            return Ok(Self { texts, names, delimiter: Delimiter(b','), encoding: None, is_parquet: true });
        }
        let beginnings = exports.iter().map(|export| beginning(export)).collect::<Result<Vec<_>, _>>()?;
        let encoding = match &arguments.encoding {
            Some(stated) => Some((stated.clone(), false)),
            None => beginnings.iter().find_map(|bytes| guessed_encoding(bytes)),
        };
        let label = encoding.as_ref().map_or("utf-8", |(label, _)| label);
        let decoder: Encoding = label.parse().map_err(|error: Error| error.at("--encoding"))?;
        let texts: Vec<_> = beginnings.iter().map(|bytes| decoded(bytes, decoder)).collect();
        let delimiter = arguments.delimiter.unwrap_or_else(|| guessed_delimiter(&texts[0]));
        let names = exports.iter().map(|export| export.display().to_string()).collect();
        Ok(Self { texts, names, delimiter, encoding, is_parquet: false })
    }

    fn csv<'a>(&self, text: &'a [u8]) -> CsvRows<'a> {
        let csv = CsvRows::new(text).delimiter(self.delimiter.0);
        if self.is_parquet { csv.quoted_lines(u32::MAX) } else { csv } // a text of a table may have any lines
    }

    /// Returns the names of the columns; refuses what looks like a row.
    fn columns(&self, export: &Path) -> Result<Vec<String>, Failure> {
        let columns = self.csv(&self.texts[0]).header();
        let columns = columns.map_err(|error| error.at(export.display().to_string()))?;
        if headers::is_shown(&columns) {
            return Ok(columns);
        }
        let message = format!(
            "{}: expected a first line with the names of the columns, got what looks like a row; config init needs names, and \
             --no-header of the other commands takes columns by number",
            export.display()
        );
        Err(Failure::Refused { code: "header_is_row", message })
    }

    fn values(&self, column: &str) -> Result<Vec<Zeroizing<Vec<u8>>>, Error> {
        let mut values = Vec::new();
        for (text, name) in self.texts.iter().zip(&self.names) {
            let rows = || Rows::from(self.csv(text).value_column(column)).named(name.as_str());
            let rule = Canonicalizer::new(Kind::NetIp); // any: it only counts the rows
            let counted = Profile::read(&rule, rows())?.counters().rows;
            let places: Vec<Place> = (1..=counted).map(|row| Place { input: 0, row, line: row }).collect();
            values.extend(rows().select(&places)?);
        }
        values.retain(|value| !value.trim_ascii().is_empty());
        Ok(values)
    }
}

fn beginning(export: &Path) -> Result<Zeroizing<Vec<u8>>, Error> {
    let mut bytes = Zeroizing::new(Vec::new());
    let read = File::open(export).and_then(|file| file.take(SAMPLED).read_to_end(&mut bytes));
    read.map_err(|error| Error::from(error).at(export.display().to_string()))?;
    Ok(bytes)
}

/// Whole lines of a beginning, as UTF-8.
fn decoded(bytes: &[u8], encoding: Encoding) -> Zeroizing<Vec<u8>> {
    let mut text = Zeroizing::new(Vec::new());
    let _ = encoding.decode(bytes).read_to_end(&mut text); // it may end within a character
    if bytes.len() as u64 == SAMPLED {
        let end = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        text.truncate(end);
    }
    text
}

/// A mark, or bytes that are not UTF-8, tell an encoding.
fn guessed_encoding(bytes: &[u8]) -> Option<(String, bool)> {
    let marked = |label: &str| Some((label.to_owned(), false));
    match bytes {
        [0xff, 0xfe, ..] => return marked("utf-16le"),
        [0xfe, 0xff, ..] => return marked("utf-16be"),
        _ => {}
    }
    match std::str::from_utf8(bytes) {
        Err(error) if error.error_len().is_some() => Some(("windows-1252".to_owned(), true)),
        _ => None, // the sample may end within a character
    }
}

/// The delimiter that gives the header the most columns.
fn guessed_delimiter(text: &[u8]) -> Delimiter {
    let columns = |Delimiter(byte): &Delimiter| {
        CsvRows::new(text).delimiter(*byte).header().map_or(0, |columns| columns.len())
    };
    let tried = Delimiter::NAMED.into_iter().rev().map(|(delimiter, _)| delimiter);
    tried.max_by_key(columns).expect("several are tried")
}

/// What a column seems to be.
struct Guess {
    kind: Option<Kind>,
    /// Number of values of that kind, and of all that are not empty.
    rows: usize,
    of: usize,
    needs_plan: bool,
    /// Whether every value is another one.
    is_unique: bool,
}

impl Guess {
    fn of(sample: &Sample, column: &str, plan: Option<NationalPlan>) -> Result<Self, Error> {
        let values = sample.values(column)?;
        let mut canonical = Canonical::new();
        let kinds = Kind::ALL.iter().copied().filter(|kind| kind.is_telling() || *kind == Kind::EmailMailbox);
        let (mut best, mut national) = ((0, None), 0);
        for kind in kinds.filter(|kind| *kind != Kind::EmailStrict) {
            let rule = Canonicalizer::new(kind);
            let rule = match plan {
                Some(plan) => rule.with_national_plan(plan),
                None => rule,
            };
            let mut accepted = 0;
            for value in &values {
                match rule.canonicalize(value, &mut canonical) {
                    Ok(_) => accepted += 1,
                    Err(Reason::NoCountryCode) if seems_dialled(value) => national += 1,
                    Err(_) => {}
                }
            }
            if accepted > best.0 {
                best = (accepted, Some(kind));
            }
        }
        let needs_plan = 2 * national >= values.len();
        if needs_plan && 2 * best.0 < values.len() {
            best = (national, Some(Kind::PhoneE164));
        }
        let distinct: std::collections::BTreeSet<&[u8]> =
            values.iter().map(|value| value.as_slice()).collect();
        let is_unique = !values.is_empty() && distinct.len() == values.len();
        let kind = best.1.filter(|_| 2 * best.0 >= values.len());
        let needs_plan = needs_plan && kind == Some(Kind::PhoneE164);
        Ok(Self { kind, rows: best.0, of: values.len(), needs_plan, is_unique })
    }
}

/// Whether a value is written as people write telephone numbers, unlike a customer number of digits alone.
fn seems_dialled(value: &[u8]) -> bool {
    let digits = value.iter().filter(|byte| byte.is_ascii_digit()).count();
    let is_written = value.iter().any(|byte| b" -/.()".contains(byte));
    digits >= 6 && (value.trim_ascii().starts_with(b"0") || is_written)
}

/// Writes the configuration.
fn written(arguments: &ConfigInit, sample: &Sample, columns: &[String], guesses: &[Guess]) -> String {
    let quoted = |text: &str| Value::String(text.to_owned()).to_string();
    let mut out = String::new();
    let mut line = |text: String| {
        let _ = writeln!(out, "{text}");
    };
    line("# What tokenize, dry-run, resolve, link, screen, delta, blind and unblind need to know. Each key is the name of an option; an option on".into());
    line("# the command line counts in the place of its key. Paths begin where this file lies. Put no secret here.".into());
    line("# Look at each line with ?.\n".into());
    line("round = \"round.json\"              # ? the manifest".into());
    line("member = \"MEMBER\"                 # ? your name in the round".into());
    line("# known = \"efc.known\"            # ? names and keys that were compared once".into());
    line("identity = \"MEMBER.key\"           # ? your keys; leave it out in a trial".into());
    line("secret-file = \"coalition.secret\"  # ?\n".into());
    // Paths begin where the configuration lies.
    let is_here = arguments.out.parent().is_none_or(|folder| folder.as_os_str().is_empty());
    let path = |path: &PathBuf| match path.canonicalize() {
        Ok(path) if !is_here => path,
        _ => path.clone(),
    };
    let inputs: Vec<String> =
        arguments.inputs.iter().map(|of| quoted(&path(of).display().to_string())).collect();
    line(format!("input = [{}]", inputs.join(", ")));
    if !sample.is_parquet {
        line(format!("delimiter = {}", quoted(&sample.delimiter.to_string())));
    }
    match &sample.encoding {
        Some((label, true)) => {
            line(format!("encoding = {} # ? a guess: the export is not UTF-8", quoted(label)))
        }
        Some((label, false)) => line(format!("encoding = {}", quoted(label))),
        None => {}
    }
    match &arguments.national_plan {
        Some(plan) => line(format!("national-plan = {}", quoted(plan))),
        None if guesses.iter().any(|guess| guess.needs_plan) => {
            line(
                "# national-plan = \"49/0\" # ? how national numbers are dialled: calling code/trunk prefix"
                    .into(),
            );
        }
        None => {}
    }
    line("column = [".into());
    for (name, guess) in columns.iter().zip(guesses) {
        let Guess { kind, rows, of, needs_plan, .. } = guess;
        let count = format!("{rows} of the first {of} values");
        match kind {
            Some(kind) if *needs_plan => {
                let column = quoted(&format!("{name}={}", short(*kind)));
                line(format!("  {column}, # ? {count} are national numbers: they need the national plan"));
            }
            Some(kind) => line(format!("  {}, # ? {count}", quoted(&format!("{name}={}", short(*kind))))),
            None => {
                line(format!("  # {}, # of no kind that its values show", quoted(&format!("{name}=KIND"))))
            }
        }
    }
    line("]".into());
    let subject = columns.iter().zip(guesses).find(|(_, guess)| guess.kind.is_none() && guess.is_unique);
    if let Some((name, _)) = subject {
        line(format!(
            "\n# resolve shows it for each row, such as a customer number\nsubject-column = {} # ?",
            quoted(name)
        ));
    }
    line(
        "\n[tokenize]\nout = \"sets\"\n\n[resolve]\nshare = [\"shares\"] # ? a folder with what the hub sent"
            .into(),
    );
    out
}

/// A kind's name without its version.
fn short(kind: Kind) -> String {
    let id = kind.kind_id();
    id.as_str().split('/').next().unwrap_or_default().to_owned()
}
