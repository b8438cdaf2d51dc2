//! What was found, in words.

use std::fmt;

use veilmatch::member::Column;
use veilmatch::terms::Name;
use veilmatch::{Place, Report};

/// Number of lines of a listing that are shown; exports have millions of rows.
const SHOWN: usize = 50;

/// Small numbers as a sentence has them.
const WORDS: [&str; 13] =
    ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"];

pub(crate) struct Outcome {
    pub(crate) first: Name,
    pub(crate) report: Report,
    pub(crate) rejected: Listing,
    pub(crate) learned: Listing,
    /// What a trail tells; nothing where none was followed.
    pub(crate) trail: String,
    pub(crate) note: &'static str,
}

/// Lines about single rows, up to a number.
#[derive(Default)]
pub(crate) struct Listing {
    lines: Vec<String>,
    /// Number of further rows.
    pub(crate) more: u64,
}

impl Listing {
    pub(crate) fn push(&mut self, line: fmt::Arguments<'_>) {
        match self.lines.len() < SHOWN {
            true => self.lines.push(line.to_string()),
            false => self.more += 1,
        }
    }
}

impl fmt::Display for Listing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.lines.iter().try_for_each(|line| writeln!(f, "  {line}"))?;
        match self.more {
            0 if self.lines.is_empty() => writeln!(f, "  none"),
            0 => Ok(()),
            more => writeln!(f, "  and {more} more"),
        }
    }
}

/// The column of a row, where its kind has several.
pub(crate) fn column(columns: &[Column], place: Place) -> String {
    match columns {
        [_, _, ..] => match &columns[place.input] {
            Column::Named(name) => format!(" ({name})"),
            _ => String::new(),
        },
        _ => String::new(),
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { first, report, rejected, learned, trail, note } = self;
        let word =
            |number: usize| WORDS.get(number).map_or_else(|| number.to_string(), |word| (*word).into());
        let organisations = word(report.members.len());
        let (initial, others) = organisations.split_at(1);
        let identifiers = match report.kinds.iter().filter_map(|kind| kind.overlaps).sum() {
            0_u64 => "no identifiers".to_owned(),
            1 => "1 identifier".to_owned(),
            found => format!("{found} identifiers"),
        };
        let have = if report.at_least == 1 { "has" } else { "have" };
        writeln!(
            f,
            "{}{others} organisations found {identifiers} that at least {} of them {have}, without showing each \
             other their lists.",
            initial.to_uppercase(),
            word(report.at_least),
        )?;
        write!(f, "\n{report}\nrejected rows, never with their values\n{rejected}\n")?;
        write!(f, "what {first} learns about its own rows from its share\n{learned}{trail}{note}")
    }
}
