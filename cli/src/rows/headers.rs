//! The headers of CSV exports: the wanted columns are there, and all files have the same ones.

use veilmatch::member::identifier::{Canonical, Canonicalizer, Kind};

use crate::Failure;
use crate::arguments::Delimiter;

/// The header of one file.
pub(crate) struct Header {
    /// The name of the file.
    pub(crate) file: String,
    pub(crate) columns: Vec<String>,
    /// Whether these are names of a schema, and not the first line of a file, which may be a row.
    pub(crate) is_schema: bool,
}

/// Longest name of a column that is shown.
const LONGEST: usize = 64;

/// Refuses a column that a header lacks, and headers that differ.
pub(crate) fn require(headers: &[Header], wanted: &[&str]) -> Result<(), Failure> {
    for header in headers {
        let wanted: Vec<&str> = wanted.iter().map(|name| name.trim()).collect();
        wanted.iter().try_for_each(|name| require_column(header, name, &wanted))?;
    }
    let Some((first, others)) = headers.split_first() else { return Ok(()) };
    others.iter().try_for_each(|other| require_equal(first, other))
}

/// Refuses a header without this column, one of `all` that are wanted.
///
/// The first line may be a row, so its cells are shown only if one of them is a column that is wanted, or close to one.
fn require_column(header: &Header, wanted: &str, all: &[&str]) -> Result<(), Failure> {
    let Header { file, columns, is_schema } = header;
    if columns.iter().any(|column| column == wanted) {
        return Ok(()); // a column that is there twice is refused when it is read
    }
    let there = if columns.is_empty() || columns.iter().all(String::is_empty) {
        "got a file without a header line".to_owned()
    } else if let Some(other) = other_delimiter(columns).filter(|_| !is_schema) {
        let shown =
            match is_shown(columns) && columns[0].split(other.0).any(|part| all.contains(&part.trim())) {
                true => format!(" {:?}", columns[0]),
                false => String::new(),
            };
        format!("got one column{shown}: is it --delimiter {}?", other.1)
    } else if *is_schema && !is_shown(columns) {
        format!(
            "got {} columns of other names, which are not shown as they may be what a row has",
            columns.len()
        )
    } else if !is_schema && (!is_shown(columns) || !all.iter().any(|name| near(columns, name).is_some())) {
        format!(
            "got {} columns of other names, which are not shown as the first line may be a row; --no-header takes it for \
             one, and then columns have numbers",
            columns.len()
        )
    } else {
        let near = near(columns, wanted).map(|near| format!(": did you mean {near:?}?")).unwrap_or_default();
        let all: Vec<String> = columns.iter().map(|column| format!("{column:?}")).collect();
        format!("got {}{near}", all.join(", "))
    };
    let message = format!("{file}: expected a column {}, {there}", quoted(wanted));
    Err(Failure::Refused { code: "missing_column", message })
}

fn require_equal(first: &Header, other: &Header) -> Result<(), Failure> {
    let lacks = |of: &Header, than: &Header| -> Vec<String> {
        than.columns.iter().filter(|column| !of.columns.contains(column)).cloned().collect()
    };
    let (less, more) = (lacks(other, first), lacks(first, other));
    if less.is_empty() && more.is_empty() && first.columns.len() == other.columns.len() {
        return Ok(());
    }
    let named = |what: &str, columns: &[String]| match is_shown(columns) {
        _ if columns.is_empty() => String::new(),
        true => format!(
            ", {what} {}",
            columns.iter().map(|name| format!("{name:?}")).collect::<Vec<_>>().join(", ")
        ),
        false => format!(", {what} {} columns", columns.len()),
    };
    let message = format!(
        "{}: expected the columns of {}{}{}; export the files alike, or leave one out",
        other.file,
        first.file,
        named("it lacks", &less),
        named("it has besides", &more)
    );
    Err(Failure::Refused { code: "headers_differ", message })
}

/// Whether the cells look like names of columns. Nothing that may be an identifier is shown.
pub(crate) fn is_shown(columns: &[String]) -> bool {
    let canonical = std::cell::RefCell::new(Canonical::new());
    let rules: Vec<Canonicalizer> =
        Kind::ALL.iter().copied().filter(|kind| kind.is_telling()).map(Canonicalizer::new).collect();
    let is_name = |column: &String| {
        let digits = column.bytes().filter(u8::is_ascii_digit).count();
        column.len() <= LONGEST
            && digits < 4
            && !column.contains('@')
            && !column.chars().any(char::is_control)
            && !rules
                .iter()
                .any(|rule| rule.canonicalize(column.as_bytes(), &mut canonical.borrow_mut()).is_ok())
    };
    columns.iter().all(is_name)
}

/// A name as the user typed it, unless it may be an identifier.
fn quoted(wanted: &str) -> String {
    match is_shown(&[wanted.to_owned()]) {
        true => format!("{wanted:?}"),
        false => "of that name".to_owned(),
    }
}

/// The delimiter that splits a header of one column into several.
fn other_delimiter(columns: &[String]) -> Option<(char, &'static str)> {
    let [only] = columns else { return None };
    let named = Delimiter::NAMED.into_iter().map(|(Delimiter(byte), name)| (char::from(byte), name));
    named.rev().find(|(delimiter, _)| only.contains(*delimiter)) // a comma is the likeliest part of a name
}

/// The column that differs in case, spaces and signs alone, or else is nearest to what was typed.
fn near<'a>(columns: &'a [String], wanted: &str) -> Option<&'a str> {
    let plain = |text: &str| -> String {
        text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
    };
    let wanted = plain(wanted);
    let alike = |column: &&String| strsim::jaro_winkler(&plain(column), &wanted);
    let nearest = columns.iter().filter(|column| alike(column) > 0.85);
    nearest.max_by(|one, other| alike(one).total_cmp(&alike(other))).map(String::as_str)
}
