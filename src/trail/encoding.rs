//! The documents of files of type `links` and `trail`, and the check of every record of links.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::container::chunked::Chunked;
use crate::container::sizes::LINK_RECORD;
use crate::container::{CHUNK_RECORDS, HEADER_LEN};
use crate::error::Error;
use crate::token::Token;

use super::links::LinkedKind;

/// The number in a subject's record if it is a seed; otherwise it is 0.
pub(super) const SEED: u32 = 1;

/// The document of links.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Document {
    /// The first records are the subjects.
    pub(super) subjects: u64,
    pub(super) seeds: u64,
    /// The records of each kind follow, in this order.
    pub(super) kinds: Vec<LinkedKind>,
}

impl Document {
    /// Refuses a document that does not fit the number of records.
    pub(super) fn require(&self, records: u64) -> Result<(), Error> {
        let sum = { self.kinds.iter() }.try_fold(self.subjects, |sum, kind| sum.checked_add(kind.links));
        let ordered = self.kinds.is_sorted_by(|a, b| a.kind < b.kind);
        let plausible =
            |kind: &LinkedKind| kind.tokens <= kind.links && (kind.tokens == 0) == (kind.links == 0);
        match ordered
            && sum == Some(records)
            && self.kinds.iter().all(plausible)
            && records <= u64::from(u32::MAX)
        {
            true => Ok(()),
            false => Err(Error::Format {
                offset: HEADER_LEN as u64,
                expected: "kinds in order, each once, with as many links as there are records, fewer than 2^32",
            }),
        }
    }

    /// Returns the records of each kind.
    pub(super) fn ranges(&self) -> Vec<Range<u64>> {
        let mut from = self.subjects;
        let range = |kind: &LinkedKind| {
            let range = from..from + kind.links;
            from = range.end;
            range
        };
        self.kinds.iter().map(range).collect()
    }
}

/// Takes a record apart: 16 bytes, and a number.
pub(super) fn record(bytes: &[u8]) -> (Token, u32) {
    let (first, number) = bytes.split_at(Token::LEN);
    let mut token = [0; Token::LEN];
    token.copy_from_slice(first);
    let mut subject = [0; 4];
    subject.copy_from_slice(number);
    (Token::from_bytes(token), u32::from_be_bytes(subject))
}

/// Checks every record of links. Returns the numbers of the seeds, in order.
pub(super) fn check(document: &Document, records: &Chunked) -> Result<Vec<u32>, Error> {
    let ranges = document.ranges();
    let mut state = Checked { document, ranges, at: 0, kind: 0, last: None, tokens: 0, seeds: Vec::new() };
    let mut result = Ok(());
    let mut buffer = Vec::new();
    records.read(0..records.index().chunks(), &mut buffer, |chunk| {
        for bytes in chunk.chunks_exact(LINK_RECORD) {
            if result.is_ok() {
                result = state.next(record(bytes));
            }
        }
    })?;
    let offset = |at: u64| {
        let chunk = (at / CHUNK_RECORDS as u64) as usize;
        records.index().start(chunk) + at % CHUNK_RECORDS as u64 * LINK_RECORD as u64
    };
    let result = result.and_then(|()| state.end());
    result.map_err(|expected| Error::Format { offset: offset(state.at), expected }.at(records.name()))?;
    Ok(state.seeds)
}

struct Checked<'a> {
    document: &'a Document,
    ranges: Vec<Range<u64>>,
    at: u64,
    kind: usize,
    last: Option<(Token, u32)>,
    tokens: u64,
    seeds: Vec<u32>,
}

impl Checked<'_> {
    fn next(&mut self, record: (Token, u32)) -> Result<(), &'static str> {
        if self.at < self.document.subjects {
            self.subject(record)?;
        } else {
            self.link(record)?;
        }
        (self.last, self.at) = (Some(record), self.at + 1);
        Ok(())
    }

    fn subject(&mut self, (pseudonym, flag): (Token, u32)) -> Result<(), &'static str> {
        if self.last.is_some_and(|(last, _)| last >= pseudonym) {
            return Err("subjects in ascending order, each once");
        }
        match flag {
            0 => {}
            SEED if (self.seeds.len() as u64) < self.document.seeds => self.seeds.push(self.at as u32),
            _ => return Err("0 for a subject and 1 for a seed, and as many seeds as were told"),
        }
        Ok(())
    }

    fn link(&mut self, (token, subject): (Token, u32)) -> Result<(), &'static str> {
        if self.at == self.document.subjects {
            self.last = None;
        }
        while self.at == self.ranges[self.kind].end {
            self.end_of_kind()?;
        }
        if self.last.is_some_and(|last| last >= (token, subject)) {
            return Err("the links of a kind in ascending order, each once");
        }
        if u64::from(subject) >= self.document.subjects {
            return Err("the number of a subject");
        }
        self.tokens += u64::from(self.last.is_none_or(|(last, _)| last != token));
        Ok(())
    }

    fn end_of_kind(&mut self) -> Result<(), &'static str> {
        if self.tokens != self.document.kinds[self.kind].tokens {
            return Err("as many tokens of each kind as were told");
        }
        (self.kind, self.last, self.tokens) = (self.kind + 1, None, 0);
        Ok(())
    }

    fn end(&mut self) -> Result<(), &'static str> {
        while self.kind < self.ranges.len() {
            self.end_of_kind()?;
        }
        match self.seeds.len() as u64 == self.document.seeds {
            true => Ok(()),
            false => Err("as many seeds as were told"),
        }
    }
}
