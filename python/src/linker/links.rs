//! Makes a member's links, as the program's `link` does.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use veilmatch::member::Rows;
use veilmatch::member::linking::{self, marks_seed};
use veilmatch::member::resolve::{Resolved, resolve};
use veilmatch::terms::{KindId, Pseudonym};
use veilmatch::trail::NewLinks;
use veilmatch::{Error, Share};

use super::Linker;
use super::columns::{Columns, Table};
use crate::column::Column;
use crate::error::invalid;
use crate::watch::Watch;

/// Makes the links, and counts the seeds that were marked.
pub(super) fn make(
    own: &Linker,
    shares: &[&Share],
    Columns(mut columns): Columns,
    subjects: Option<Column>,
    seeds: Option<Column>,
    watch: &Watch,
) -> Result<(NewLinks, usize), Error> {
    let mut table = Table::default();
    require_matching(own, shares, &columns)?;
    let marked = match seeds {
        Some(column) => table.read("seeds", column, watch, marked)?, // a wrong word is found before the work
        None => Vec::new(),
    };
    let mut matched: Vec<(&Share, Resolved)> = Vec::new();
    for share in shares {
        let kind = share.terms().context.kind();
        let column = columns.remove(kind).expect("required before");
        let tokenizer = own.tokenizer(kind)?;
        let work = |rows: Rows<'_>| resolve(tokenizer, &own.member, share, rows);
        matched.push((share, table.read(kind.as_str(), column, watch, work)?));
    }
    let found = matched.iter().flat_map(|(_, resolved)| &resolved.rows).map(|found| found.place.row);
    let rows = found.chain(marked.iter().copied()).collect();
    let subjects = Subjects::read(own, subjects, rows, &mut table, watch)?;
    let seeds: BTreeSet<Pseudonym> = marked.iter().map(|row| subjects.of(*row)).collect();
    let matched: Vec<(&Share, &Resolved)> =
        matched.iter().map(|(share, resolved)| (*share, resolved)).collect();
    let links = linking::links(
        own.round(),
        &own.member,
        &own.keys,
        &matched,
        |place| subjects.of(place.row),
        |subject| seeds.contains(subject),
    )?;
    Ok((links, seeds.len()))
}

/// Refuses shares without columns and columns without shares, before any row is read.
fn require_matching(
    own: &Linker,
    shares: &[&Share],
    columns: &BTreeMap<KindId, Column>,
) -> Result<(), Error> {
    let mut shared = BTreeSet::new();
    for share in shares {
        let kind = share.terms().context.kind();
        let named = |error: Error| error.at(kind.as_str());
        own.round().accept(share, &own.member).map_err(named)?;
        if !shared.insert(kind) {
            return Err(named(invalid("expected one share of a kind, got two")));
        }
        if !columns.contains_key(kind) {
            return Err(named(invalid(
                "expected a column of this kind, of which there is a share, or neither",
            )));
        }
    }
    match columns.keys().find(|kind| !shared.contains(kind)) {
        None => Ok(()),
        Some(kind) => {
            let problem = "expected a share of this kind, of which there is a column, or neither";
            Err(invalid(problem).at(kind.as_str()))
        }
    }
}

/// Finds the rows that mark a confirmed case, in order.
fn marked(rows: Rows<'_>) -> Result<Vec<u64>, Error> {
    let (mut marked, mut wrong) = (Vec::new(), None);
    rows.each(|place, cell| match marks_seed(cell) {
        Some(false) => {}
        Some(true) => marked.push(place.row),
        None => wrong = wrong.or(Some(place.row)),
    })?;
    match wrong {
        None => Ok(marked),
        Some(row) => {
            Err(invalid(&format!("row {row}: expected offender, victim, unknown, an empty value or None")))
        }
    }
}

/// Whose each of some rows is, in order.
struct Subjects(Vec<(u64, Pseudonym)>);

impl Subjects {
    fn read(
        own: &Linker,
        column: Option<Column>,
        mut rows: Vec<u64>,
        table: &mut Table,
        watch: &Watch,
    ) -> Result<Self, Error> {
        rows.sort_unstable();
        rows.dedup();
        let of = |row: u64, cell: &[u8]| (row, own.pseudonyms.of(cell, 0, row));
        let Some(column) = column else {
            return Ok(Self(rows.into_iter().map(|row| of(row, &[])).collect()));
        };
        let mut subjects = Vec::with_capacity(rows.len());
        table.read("subjects", column, watch, |all| {
            all.each(|place, cell| {
                if rows.get(subjects.len()) == Some(&place.row) {
                    subjects.push(of(place.row, cell));
                }
            })
        })?;
        Ok(Self(subjects))
    }

    fn of(&self, row: u64) -> Pseudonym {
        let at = self.0.binary_search_by_key(&row, |(row, _)| *row);
        self.0[at.expect("one of the rows that were read: all columns have equally many")].1
    }
}

/// What links have, for the member.
#[derive(Serialize)]
pub(super) struct Numbers {
    subjects: usize,
    seeds: usize,
    seeds_alone: usize,
    kinds: BTreeMap<String, OfKind>,
}

#[derive(Serialize)]
struct OfKind {
    tokens: u64,
    links: u64,
}

impl Numbers {
    /// `seeds` is the number of seeds that were marked.
    pub(super) fn of(links: &NewLinks, seeds: usize) -> Self {
        let kinds = links.kinds().map(|linked| {
            let of_kind = OfKind { tokens: linked.tokens, links: linked.links };
            (linked.kind.to_string(), of_kind)
        });
        let sent = links.seeds();
        Self { subjects: links.subjects(), seeds: sent, seeds_alone: seeds - sent, kinds: kinds.collect() }
    }
}
