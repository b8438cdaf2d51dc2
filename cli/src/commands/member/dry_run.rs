//! dry-run: what would become of the rows. It needs no secret and leaves nothing.

use std::collections::BTreeMap;
use std::io::Write;

use serde::Serialize;
use veilmatch::member::profile::{Finding, Hint, Profile};
use veilmatch::member::rows::Oddities;
use veilmatch::terms::KindId;
use veilmatch::{Counters, Error, Place, Reason};

use super::summary;
use crate::Failure;
use crate::arguments::{DryRun, OutputFormat};
use crate::commands::show;
use crate::rows::source::Input;
use crate::rows::wanted::Wanted;
use crate::session::Session;

/// The number of row numbers of a finding that are shown to people.
const SHOWN: usize = 10;

/// What became of one kind.
#[derive(Serialize)]
struct Answer {
    kind: KindId,
    counters: Counters,
    unique: u64,
    /// What became of each column, if the kind has several.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    columns: Vec<OfColumn>,
    /// Quoted fields of the export that span lines, in any column.
    multiline_fields: u64,
    /// Lines that are no rows.
    empty_lines: u64,
    /// Empty fields that rows of the export have behind the last column of the header.
    trailing_fields: u64,
    /// The hints as sentences.
    hints: Vec<String>,
    /// The first rejected rows, for whatever reason.
    rejected_rows: Vec<RejectedRow>,
    /// The first rows of each finding.
    changed_rows: Vec<RowOf>,
    warned_rows: Vec<RowOf>,
    suppressed_rows: Vec<RowOf>,
    rejected_rows_by_reason: BTreeMap<&'static str, Vec<RowOf>>,
    /// The hints as data, in the same order.
    mistakes: Vec<Mistake>,
}

#[derive(Serialize)]
struct OfColumn {
    column: String,
    counters: Counters,
}

/// Where a row stands. Several files are named, and so are several columns of the kind.
#[derive(Serialize)]
struct RowOf {
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<String>,
    row: u64,
    line: u64,
}

impl RowOf {
    fn new(input: &Input<'_>, wanted: &Wanted, place: Place) -> Self {
        let (file, column) = input.named(wanted, place.input);
        Self { file, column, row: place.row, line: place.line }
    }
}

impl std::fmt::Display for RowOf {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { file, column, row, line } = self;
        file.iter().try_for_each(|file| write!(f, "{file}, "))?;
        column.iter().try_for_each(|column| write!(f, "column {column:?}, "))?;
        Place { input: 0, row: *row, line: *line }.fmt(f)
    }
}

#[derive(Serialize)]
struct RejectedRow {
    #[serde(flatten)]
    row: RowOf,
    reason: String,
}

/// A hint for programs.
#[derive(Serialize)]
struct Mistake {
    code: &'static str,
    rows: u64,
    of: u64,
    /// The kind that the rows look like.
    #[serde(skip_serializing_if = "Option::is_none")]
    looks: Option<KindId>,
}

pub(crate) fn run(session: &mut Session, arguments: &DryRun) -> Result<(), Failure> {
    let list = session.suppression(arguments.suppression.as_deref())?;
    let input = Input::open(session, &arguments.source, 1)?;
    let mut answers = Vec::new();
    for wanted in &input.wanted {
        let rule = input.rule(wanted.kind).with_suppression(list.clone());
        let profile = Profile::read(&rule, input.rows(wanted)?);
        let profile = profile.map_err(|error| input.blame(error))?;
        session.count(format_args!("{}/rows", wanted.kind), profile.counters().rows);
        answers.push(Answer::of(&profile, &input, wanted));
    }
    match arguments.summary {
        OutputFormat::Json => show(session, move |out| {
            serde_json::to_writer(&mut *out, &answers)
                .map_err(|error| Error::from(std::io::Error::from(error)))?;
            Ok(writeln!(out)?)
        }),
        OutputFormat::Text => {
            show(session, move |out| answers.iter().try_for_each(|answer| answer.write(out)))
        }
    }
}

impl Answer {
    fn of(profile: &Profile, input: &Input<'_>, wanted: &Wanted) -> Self {
        let row = |place: &Place| RowOf::new(input, wanted, *place);
        let rows = |finding| profile.rows(finding).iter().map(row).collect::<Vec<_>>();
        let columns = input.by_column(wanted, profile.inputs());
        let columns = columns.into_iter().filter(|_| input.counts(wanted).0 > 1);
        let rejected = profile.rejections().into_iter();
        let reasons = profile.counters().rejected.iter();
        let odd = input.of_files_alone(wanted, profile.oddities());
        let Oddities { multiline_fields, empty_lines, trailing_fields } = odd;
        Self {
            kind: profile.kind().kind_id(),
            counters: profile.counters().clone(),
            unique: profile.counters().unique(),
            columns: columns
                .map(|(column, counters)| OfColumn { column: column.unwrap_or_default(), counters })
                .collect(),
            multiline_fields,
            empty_lines,
            trailing_fields,
            hints: profile.hints().iter().map(Hint::to_string).collect(),
            rejected_rows: rejected
                .map(|rejection| RejectedRow {
                    row: row(&rejection.place),
                    reason: rejection.reason.to_string(),
                })
                .collect(),
            changed_rows: rows(Finding::Changed),
            warned_rows: rows(Finding::Warned),
            suppressed_rows: rows(Finding::Suppressed),
            rejected_rows_by_reason: reasons
                .map(|(reason, _)| (reason.name(), rows(Finding::Rejected(reason))))
                .collect(),
            mistakes: profile.hints().iter().map(Mistake::of).collect(),
        }
    }

    fn write(&self, out: &mut dyn Write) -> Result<(), Error> {
        writeln!(out, "{}", summary::line(&self.kind, &self.counters, self.unique))?;
        for OfColumn { column, counters } in &self.columns {
            let what = format!("  column {column:?}");
            writeln!(
                out,
                "{}",
                summary::of(&what, counters, &format!("{} empty", counters.rejected.of(Reason::Empty)))
            )?;
        }
        let Self { multiline_fields, empty_lines, trailing_fields, .. } = *self;
        for line in summary::oddities(Oddities { multiline_fields, empty_lines, trailing_fields }) {
            writeln!(out, "  {line}")?;
        }
        for hint in &self.hints {
            writeln!(out, "  {hint}")?;
        }
        for (what, rows, count) in [
            ("changed", &self.changed_rows, self.counters.changed),
            ("warned", &self.warned_rows, self.counters.warnings),
            ("suppressed", &self.suppressed_rows, self.counters.suppressed),
        ] {
            write_rows(out, what, rows, count)?;
        }
        for RejectedRow { row, reason } in &self.rejected_rows {
            writeln!(out, "  {row}: {reason}")?;
        }
        let more = self.counters.rejected.total() - self.rejected_rows.len() as u64;
        if more > 0 {
            writeln!(out, "  and {more} more")?;
        }
        Ok(())
    }
}

/// One line with the first rows of a finding, if there are any.
fn write_rows(out: &mut dyn Write, what: &str, rows: &[RowOf], count: u64) -> Result<(), Error> {
    let shown = &rows[..rows.len().min(SHOWN)];
    let more = match count - shown.len() as u64 {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    if !shown.is_empty() {
        writeln!(out, "  {what}: {}{more}", listed(shown))?;
    }
    Ok(())
}

/// Rows of one input by their numbers and lines, those of several by their places.
fn listed(rows: &[RowOf]) -> String {
    let joined = |of: fn(&RowOf) -> String, by: &str| rows.iter().map(of).collect::<Vec<_>>().join(by);
    if rows.iter().any(|row| row.file.is_some() || row.column.is_some()) {
        return joined(RowOf::to_string, "; ");
    }
    let lines = match rows.iter().any(|row| row.line != row.row) {
        true => format!(" (lines {})", joined(|row| row.line.to_string(), ", ")),
        false => String::new(),
    };
    format!("rows {}{lines}", joined(|row| row.row.to_string(), ", "))
}

impl Mistake {
    fn of(hint: &Hint) -> Self {
        let (rows, of, looks) = match hint {
            Hint::Rejected { rows, of, .. } => (*rows, *of, None),
            Hint::OtherKind { rows, of, looks, .. } => (*rows, *of, Some(looks.kind_id())),
            Hint::Header { of } => (1, *of, None),
            Hint::NotUtf8 { rows, of } => (*rows, *of, None),
            Hint::NoneAccepted { rows } => (*rows, *rows, None),
            _ => (0, 0, None), // of a later version of the library
        };
        Self { code: hint.code(), rows, of, looks }
    }
}
