//! What is listed of a resolved row: its place, its file and column, and what its owner asked to see.

use std::collections::BTreeMap;

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

/// What is listed of the resolved rows besides their places. Rows are told by their place in that list.
pub(super) struct Listing {
    /// The file and column of each input.
    inputs: Vec<Named>,
    /// The cells of the subject's column, if they are asked for, one for each row; wiped when dropped.
    subjects: Vec<Option<Zeroizing<Vec<u8>>>>,
    /// The raw values, if they are asked for, one for each row; wiped when dropped.
    values: Vec<Zeroizing<Vec<u8>>>,
}

/// Names of an input.
pub(super) struct Named {
    /// The order of its file among the files.
    at: usize,
    /// Name of the file, if there are several.
    pub(super) file: Option<String>,
    /// Name of the column, if its kind has several.
    pub(super) column: Option<String>,
}

impl Listing {
    /// Returns the names of the input in which a resolved row stands.
    pub(super) fn named(&self, place: Place) -> &Named {
        &self.inputs[place.input]
    }

    /// Returns the order of a line: by file, then by row.
    pub(super) fn order(&self, place: Place) -> (usize, u64) {
        (self.named(place).at, place.row)
    }

    pub(super) fn subject(&self, row: usize) -> Option<&[u8]> {
        self.subjects.get(row)?.as_ref().map(|subject| subject.as_slice())
    }

    pub(super) fn value(&self, row: usize) -> Option<&[u8]> {
        self.values.get(row).map(|value| value.as_slice())
    }
}

/// Reads again what is to be shown of the resolved rows.
pub(super) fn of(
    input: &Input<'_>,
    wanted: &Wanted,
    show: &Show,
    resolved: &Resolved,
) -> Result<Listing, Error> {
    let places = || resolved.rows.iter().map(|found| found.place);
    let inputs = places().map(|place| place.input + 1).max().unwrap_or(0);
    let named = |of: usize| {
        let (file, column) = input.named(wanted, of);
        let at = input.in_file(Place { input: of, row: 0, line: 0 }).input;
        Named { at, file, column }
    };
    let shown = |text: Zeroizing<Vec<u8>>| if show.as_text { as_text(text) } else { text };
    let values = match show.values {
        true => input.rows(wanted)?.select(&places().collect::<Vec<_>>())?,
        false => Vec::new(),
    };
    let subjects = match &show.subject {
        Some(column) => {
            let of_rows = subjects(input, column, &places().collect::<Vec<_>>())?;
            let subject = |place| {
                let in_file = input.in_file(place);
                of_rows.get(&(in_file.input, in_file.row)).cloned().map(shown)
            };
            places().map(subject).collect()
        }
        None => Vec::new(),
    };
    let values = values.into_iter().map(shown).collect();
    Ok(Listing { inputs: (0..inputs).map(named).collect(), subjects, values })
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
