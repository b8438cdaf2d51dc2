//! The sizes of what follows the header of each type of file: the bytes of names, the number of records and their
//! length.

use crate::terms::{Disclosure, MAX_MEMBERS};
use crate::token::Token;

use super::FileType;
use super::frame::Sizes;
use super::header::{FilterLayout, Header};

/// Length in bytes of a delta's record: a token, and whether it was added or retracted.
pub(crate) const DELTA_RECORD: usize = Token::LEN + 1;

/// Length in bytes of a prefilter's record: both layouts have a whole number of records.
pub(crate) const FILTER_RECORD: usize = 16;

/// A bitmap of each layout has a whole number of blocks of these bytes.
pub(crate) const STANDARD_BLOCK: usize = 16;
pub(crate) const BLOCKED_BLOCK: usize = 32;

/// Length in bytes of a count of holders.
pub(crate) const COUNT_LEN: usize = 2;

/// Returns the sizes of what follows the header.
pub(crate) fn sizes(header: &Header, file_type: FileType) -> Result<Sizes, &'static str> {
    if header.document.is_some() != has_document(file_type) {
        return Err("a document in links, a trail, a statement, a request or a cache, and in no other type");
    }
    if header.evaluation.is_some() != (file_type == FileType::Evaluation) {
        return Err("who evaluated which request in an evaluation, and in no other type");
    }
    match file_type {
        FileType::Set | FileType::Handshake => of_set(header, file_type),
        FileType::Overlaps | FileType::Share | FileType::Notice => of_matched(header, file_type),
        FileType::Delta => of_delta(header),
        FileType::Prefilter => of_prefilter(header),
        FileType::Links | FileType::Trail | FileType::Statement | FileType::Request => {
            of_document(header, file_type)
        }
        FileType::Evaluation => of_evaluation(header),
        FileType::Cache | FileType::Pending => of_cache(header),
    }
}

/// Returns the sizes of what follows the header of a set or handshake.
fn of_set(header: &Header, file_type: FileType) -> Result<Sizes, &'static str> {
    require_set(header, file_type)?;
    Ok(Sizes { names: 0, record_len: Token::LEN as u64, records: header.tokens, ascending: false })
}

/// Refuses a header with fields of types other than sets and handshakes.
pub(crate) fn require_set(header: &Header, file_type: FileType) -> Result<(), &'static str> {
    let of_others = header.matched.is_some() || header.filter.is_some() || header.delta.is_some();
    let of_others = of_others || header.document.is_some() || header.evaluation.is_some();
    if of_others || (file_type == FileType::Handshake && header.follows.is_some()) {
        return Err("a set, without what belongs to other types");
    }
    Ok(())
}

/// Returns the sizes of what follows the header of overlaps, a share or a notice.
fn of_matched(header: &Header, file_type: FileType) -> Result<Sizes, &'static str> {
    let matched = header.matched.as_ref().ok_or("the threshold and number of members")?;
    if header.counters.is_some() || header.filter.is_some() || header.is_of_a_sequence() {
        return Err("a result, without what belongs to other types");
    }
    if header.member.is_some() == (file_type == FileType::Overlaps) {
        return Err("a recipient in a share or notice, and none in overlaps");
    }
    if file_type != FileType::Share && matched.own_set.is_some() {
        return Err("overlaps or a notice, without what belongs to a share");
    }
    let members = usize::from(matched.members);
    let plausible = (2..=MAX_MEMBERS).contains(&members)
        && (1..=matched.members).contains(&matched.at_least)
        && matched.names.is_some() == (matched.disclosure == Disclosure::Holders);
    if !plausible {
        return Err("2 to 2,048 members, a threshold among them, and their names where holders are named");
    }
    Ok(Sizes {
        names: matched.names.as_ref().map_or(0, |names| names.bytes),
        record_len: (Token::LEN + told_len(matched.disclosure, members)) as u64,
        records: header.tokens,
        ascending: false,
    })
}

/// Returns the bytes of a row of holders: one bit for each member.
pub(crate) const fn holders_len(members: usize) -> usize {
    members.div_ceil(8)
}

/// Returns the bytes that a record has about the holders of its token.
pub(crate) const fn told_len(disclosure: Disclosure, members: usize) -> usize {
    match disclosure {
        Disclosure::Holders => holders_len(members),
        Disclosure::Counts => COUNT_LEN,
    }
}

/// Returns the sizes of what follows the header of a delta.
fn of_delta(header: &Header) -> Result<Sizes, &'static str> {
    if header.matched.is_some() || header.filter.is_some() {
        return Err("a delta, without what belongs to other types");
    }
    let changes = header.delta.as_ref().ok_or("what a delta changes")?;
    if header.follows.is_none() || header.member.is_none() || header.counters.is_none() {
        return Err("a delta with member, counters, and the set that it follows");
    }
    if changes.signature.is_some() != header.signer.is_some() {
        return Err("the new set's signature where there is a signer");
    }
    let records = changes.added.checked_add(changes.retracted).ok_or("fewer changes")?;
    Ok(Sizes { names: 0, record_len: DELTA_RECORD as u64, records, ascending: false })
}

/// Length in bytes of a record of links: 16 bytes, and a number.
pub(crate) const LINK_RECORD: usize = Token::LEN + 4;

/// Longest document in bytes of links, which list kinds, and of requests and caches, which list heads; and of answers and statements,
/// which list subjects.
const MAX_SMALL_DOCUMENT: u64 = 1 << 20;
const MAX_DOCUMENT: u64 = 1 << 30;

fn has_document(file_type: FileType) -> bool {
    use FileType::{Cache, Links, Pending, Request, Statement, Trail};
    matches!(file_type, Links | Trail | Statement | Request | Cache | Pending)
}

/// Returns the sizes of what follows the header of links, a trail, a statement or a request.
fn of_document(header: &Header, file_type: FileType) -> Result<Sizes, &'static str> {
    let of_others = header.matched.is_some() || header.filter.is_some() || header.is_of_a_sequence();
    if of_others || header.counters.is_some() || header.member.is_none() || header.round.is_none() {
        return Err("a document of one member and a round, without what belongs to other types");
    }
    let document = header.document.as_ref().ok_or("a document")?;
    if matches!(file_type, FileType::Trail | FileType::Statement) && header.tokens != 0 {
        return Err("a document without records");
    }
    // Room is made for a document before its digest is known to be right, and for the index of its records.
    let (longest, most) = match file_type {
        FileType::Links | FileType::Request => (MAX_SMALL_DOCUMENT, u64::from(u32::MAX)),
        _ => (MAX_DOCUMENT, 0),
    };
    if document.bytes > longest || header.tokens > most {
        return Err("a document of at most 1 GiB, of links and requests 1 MiB, and fewer than 2^32 records");
    }
    let record_len = if file_type == FileType::Request { ELEMENT_LEN } else { LINK_RECORD } as u64;
    let names = document.bytes;
    Ok(Sizes { names, record_len, records: header.tokens, ascending: false })
}

/// Length in bytes of a record of a cache, or of what is pending: a tag, and what belongs to it.
pub(crate) const CACHE_RECORD: usize = Token::LEN + 32;

/// Returns the sizes of what follows the header of a cache, or of what is pending.
fn of_cache(header: &Header) -> Result<Sizes, &'static str> {
    let of_others = header.matched.is_some() || header.filter.is_some() || header.is_of_a_sequence();
    if of_others || header.counters.is_some() || header.member.is_none() || header.round.is_some() {
        return Err("a cache of one member and no round, without what belongs to other types");
    }
    let document = header.document.as_ref().ok_or("a document")?;
    if document.bytes > MAX_SMALL_DOCUMENT {
        return Err("a document of at most 1 MiB");
    }
    let (names, record_len) = (document.bytes, CACHE_RECORD as u64);
    Ok(Sizes { names, record_len, records: header.tokens, ascending: false })
}

/// Length in bytes of an element, which is a record of requests and evaluations.
pub(crate) const ELEMENT_LEN: usize = 32;

/// Most elements of one proof, and the records that a proof takes.
pub(crate) const BATCH: u64 = 65_535;
pub(crate) const PROOF_RECORDS: u64 = 2;

/// Returns the sizes of what follows the header of an evaluation: each batch of elements, then its proof.
fn of_evaluation(header: &Header) -> Result<Sizes, &'static str> {
    let of_others = header.matched.is_some() || header.filter.is_some() || header.is_of_a_sequence();
    if of_others || header.counters.is_some() || header.member.is_none() || header.round.is_none() {
        return Err("an evaluation for one member and a round, without what belongs to other types");
    }
    if header.tokens > u64::from(u32::MAX) {
        return Err("fewer than 2^32 elements");
    }
    let records = header.tokens + PROOF_RECORDS * header.tokens.div_ceil(BATCH);
    Ok(Sizes { names: 0, record_len: ELEMENT_LEN as u64, records, ascending: false })
}

/// Returns the sizes of what follows the header of a prefilter.
fn of_prefilter(header: &Header) -> Result<Sizes, &'static str> {
    let filter = header.filter.as_ref().ok_or("a filter's layout")?;
    if header.counters.is_some() || header.matched.is_some() || header.is_of_a_sequence() {
        return Err("a prefilter, without what belongs to other types");
    }
    let block = match filter.layout {
        FilterLayout::Standard => STANDARD_BLOCK,
        FilterLayout::Blocked => BLOCKED_BLOCK,
    };
    if !filter.bytes.is_multiple_of(block as u64) {
        return Err("a bitmap of whole blocks");
    }
    let records = filter.bytes / FILTER_RECORD as u64;
    Ok(Sizes { names: 0, record_len: FILTER_RECORD as u64, records, ascending: false })
}
