//! Finds a member's own rows in an answer, as the program's `resolve --trail` does.

use std::path::Path;

use veilmatch::member::linking::OwnRows;
use veilmatch::terms::{Pseudonym, SealKey};
use veilmatch::{Error, Place};

use super::Linker;
use super::columns::{Columns, Table};
use crate::answer::Answer;
use crate::column::Column;
use crate::error::invalid;
use crate::file;
use crate::own_trails::OwnTrails;
use crate::watch::Watch;

/// For whom subjects are called what they are called in statements.
pub(super) struct Authority<'a> {
    key: SealKey,
    case: &'a str,
}

impl<'a> Authority<'a> {
    pub(super) fn of(path: Option<&Path>, case: Option<&'a str>) -> Result<Option<Self>, Error> {
        match (path, case) {
            (None, None) => Ok(None),
            (Some(path), Some(case)) => Ok(Some(Self { key: file::public_keys(path)?.seal, case })),
            _ => Err(invalid("expected authority= and case= together, or neither")),
        }
    }
}

pub(super) fn resolve(
    own: &Linker,
    answer: &Answer,
    Columns(mut columns): Columns,
    subjects: Option<Column>,
    authority: Option<Authority<'_>>,
    watch: &Watch,
) -> Result<OwnTrails, Error> {
    let mut rows = OwnRows::new(own.round(), &own.member, &own.keys, &answer.answer)?;
    let mut table = Table::default();
    for kind in rows.kinds() {
        let column = columns.remove(&kind).ok_or_else(|| {
            invalid("expected a column of this kind: the answer speaks of identifiers of it")
                .at(kind.as_str())
        })?;
        let tokenizer = own.tokenizer(&kind)?;
        table.read(kind.as_str(), column, watch, |column| {
            rows.read(tokenizer, &own.keys, column, |place| place)
        })?;
    }
    // The answer speaks of none of their identifiers; their rows are counted.
    for (kind, column) in columns {
        table.read(kind.as_str(), column, watch, |column| column.each(|_, _| {}))?;
    }
    let mut add = |place: Place, cell: &[u8]| rows.add(own.pseudonyms.of(cell, 0, place.row), place);
    match subjects {
        Some(column) => table.read("subjects", column, watch, |column| column.each(add))?,
        None => (1..=table.rows()).for_each(|row| add(Place { input: 0, row, line: row }, &[])),
    }
    rows.require()?;
    let stated = authority
        .as_ref()
        .map(|of| |subject: &Pseudonym| own.pseudonyms.for_authority(&of.key, of.case, subject));
    Ok(OwnTrails::new(answer.answer.clone(), own.round(), &rows, stated))
}
