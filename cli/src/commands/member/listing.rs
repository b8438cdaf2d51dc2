//! What is listed of a resolved row: its place, its file and column, and what its owner asked to see.

use std::collections::BTreeMap;
use std::sync::Arc;

use veilmatch::member::resolve::Resolved;
use veilmatch::member::rows::Column;
use veilmatch::{Error, Place};
use zeroize::Zeroizing;

use crate::rows::source::Input;
use crate::rows::wanted::Wanted;

/// What is shown of each row besides its place.
pub(super) struct Show {
    /// The column of the subject.
    pub(super) subject: Option<Column>,
    pub(super) values: bool,
    /// Whether a spreadsheet is to take all of it for text.
    pub(super) as_text: bool,
}

/// The columns that the list has because of the input, or because they were asked for.
#[derive(Clone, Copy)]
pub(super) struct Columns {
    pub(super) files: bool,
    pub(super) columns: bool,
    pub(super) subjects: bool,
    pub(super) values: bool,
}

impl Columns {
    pub(super) fn of(input: &Input<'_>, wanted: &[Wanted], show: &Show) -> Self {
        let counts = || wanted.iter().map(|wanted| input.counts(wanted));
        Self {
            files: counts().any(|(_, files)| files > 1),
            columns: counts().any(|(columns, _)| columns > 1),
            subjects: show.subject.is_some(),
            values: show.values,
        }
    }
}

/// A resolved row.
pub(super) struct Listed {
    pub(super) place: Place,
    /// Index of its token in the share or notice.
    pub(super) index: usize,
    /// Name of the file, if there are several.
    pub(super) file: Option<Arc<str>>,
    /// Name of the column, if its kind has several.
    pub(super) column: Option<Arc<str>>,
    /// The order of its file among the files.
    at: usize,
    /// The cell of the subject's column, if it is asked for; wiped when dropped.
    pub(super) subject: Option<Zeroizing<Vec<u8>>>,
    /// The raw value, if it is asked for; wiped when dropped.
    pub(super) value: Option<Zeroizing<Vec<u8>>>,
}

impl Listed {
    /// The order of lines: by file, then by row.
    pub(super) fn order(&self) -> (usize, u64) {
        (self.at, self.place.row)
    }
}

/// Reads again what is to be shown of the resolved rows.
pub(super) fn of(
    input: &Input<'_>,
    wanted: &Wanted,
    show: &Show,
    resolved: &Resolved,
) -> Result<Vec<Listed>, Error> {
    let places: Vec<Place> = resolved.rows.iter().map(|found| found.place).collect();
    let values = match show.values {
        true => input.rows(wanted)?.select(&places)?,
        false => Vec::new(),
    };
    let subjects = match &show.subject {
        Some(column) => subjects(input, column, &places)?,
        None => BTreeMap::new(),
    };
    let mut names = BTreeMap::new();
    let shown = |text: Zeroizing<Vec<u8>>| if show.as_text { as_text(text) } else { text };
    let mut values = values.into_iter();
    let listed = resolved.rows.iter().map(|found| {
        let place = found.place;
        let (file, column) = names
            .entry(place.input)
            .or_insert_with(|| {
                let (file, column) = input.named(wanted, place.input);
                (file.map(Arc::from), column.map(Arc::from))
            })
            .clone();
        let in_file = input.in_file(place);
        let subject = subjects.get(&(in_file.input, in_file.row)).cloned();
        let (subject, value) = (subject.map(shown), values.next().map(shown));
        Listed { place, index: found.index, file, column, at: in_file.input, subject, value }
    });
    Ok(listed.collect())
}

/// Cells by file and number of the row.
type Subjects = BTreeMap<(usize, u64), Zeroizing<Vec<u8>>>;

/// The subject of each row.
fn subjects(input: &Input<'_>, column: &Column, places: &[Place]) -> Result<Subjects, Error> {
    // One row may be found in several columns.
    let rows: BTreeMap<(usize, u64), Place> = places
        .iter()
        .map(|place| input.in_file(*place))
        .map(|place| ((place.input, place.row), place))
        .collect();
    let rows: Vec<Place> = rows.into_values().collect();
    let subjects = input.subjects(column)?.select(&rows)?;
    Ok(rows.iter().map(|place| (place.input, place.row)).zip(subjects).collect())
}

/// Puts an apostrophe before a value that a spreadsheet could run as a formula. A value that begins with an apostrophe
/// gets one too, so that it can be taken away again.
fn as_text(value: Zeroizing<Vec<u8>>) -> Zeroizing<Vec<u8>> {
    const BEGINNINGS: [&str; 12] = ["=", "+", "-", "@", "\t", "\r", "\n", "'", "＝", "＋", "－", "＠"];
    match BEGINNINGS.iter().any(|beginning| value.starts_with(beginning.as_bytes())) {
        true => Zeroizing::new([b"'", value.as_slice()].concat()), // the old one is wiped
        false => value,
    }
}
