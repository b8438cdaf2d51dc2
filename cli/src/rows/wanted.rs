//! Which kinds are wanted of an input, and where their identifiers are.

use veilmatch::member::identifier::Kind;
use veilmatch::member::rows::Column;

use crate::Failure;
use crate::arguments::{Source, mistyped};

/// A kind and where its identifiers are.
#[derive(Clone)]
pub(crate) struct Wanted {
    pub(crate) kind: Kind,
    pub(super) place: Where,
}

/// Where the identifiers of a kind are.
#[derive(Clone)]
pub(super) enum Where {
    /// In columns of their own, or on lines.
    Columns(Vec<Column>),
    /// In the rows that name the kind; whether rows that name none are counted here.
    OwnRows { columns: Columns, rejecting_unknown: bool },
}

/// The columns of an export with a kind a row.
#[derive(Clone)]
pub(super) struct Columns {
    pub(super) kinds: Column,
    pub(super) values: Column,
}

impl Wanted {
    pub(super) fn columns(&self) -> &[Column] {
        match &self.place {
            Where::Columns(columns) => columns,
            Where::OwnRows { columns, .. } => std::slice::from_ref(&columns.values),
        }
    }
}

/// A column as the user names it.
pub(super) fn spelt(column: &Column) -> String {
    match column {
        Column::First => "1".to_owned(),
        Column::Number(number) => number.to_string(),
        Column::Named(name) => name.clone(),
    }
}

/// The columns of kinds and of values, where the export has a kind a row.
pub(super) fn columns_of_rows(source: &Source) -> Result<Option<Columns>, Failure> {
    let (Some(kinds), Some(values)) = (&source.kind_column, &source.value_column) else { return Ok(None) };
    let (kinds, values) = (column(source, kinds)?, column(source, values)?);
    Ok(Some(Columns { kinds, values }))
}

/// Returns a column by its name, or without a header by its number.
pub(super) fn column(source: &Source, name: &str) -> Result<Column, Failure> {
    if !source.no_header {
        return Ok(Column::Named(name.trim().to_owned()));
    }
    match name.trim().parse() {
        Ok(number) if number > 0 => Ok(Column::Number(number)),
        _ => Err(Failure::Usage(
            "with --no-header a column is given by its number, from 1, such as 3=card.pan",
        )),
    }
}

/// Where each kind is: on lines, or in its columns.
pub(super) fn wanted(source: &Source) -> Result<Vec<Wanted>, Failure> {
    let mut wanted: Vec<Wanted> = Vec::new();
    if let Some(kind) = &source.kind {
        wanted.push(Wanted { kind: mistyped::kind(kind)?, place: Where::Columns(vec![Column::First]) });
    }
    for named in &source.columns {
        let (name, kind) = named
            .rsplit_once('=')
            .ok_or(Failure::Usage("--column takes NAME=KIND, such as card=card.pan"))?;
        let (kind, column) = (mistyped::kind(kind)?, column(source, name)?);
        match wanted.iter_mut().find(|wanted| wanted.kind == kind) {
            None => wanted.push(Wanted { kind, place: Where::Columns(vec![column]) }),
            Some(Wanted { place: Where::Columns(columns), .. }) if !columns.contains(&column) => {
                columns.push(column)
            }
            Some(_) => return Err(Failure::Usage("each column is given once for a kind")),
        }
    }
    let of_rows = source.kind_column.is_some(); // which kinds, the rows will tell
    if wanted.is_empty() && !of_rows {
        Err(Failure::Usage("expected --kind KIND, --column NAME=KIND or --kind-column NAME"))
    } else {
        Ok(wanted)
    }
}
