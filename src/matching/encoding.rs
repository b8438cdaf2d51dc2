//! Files of type `overlaps`, `share` and `notice`. A record is a token and what is told about its holders.

use std::io::Write;

use crate::container::body::{Content, Opened};
use crate::container::digest::sha256;
use crate::container::header::{Header, Matched, Names};
use crate::container::signature::Signer;
use crate::container::sizes::{COUNT_LEN, sizes, told_len};
use crate::container::{FileType, HEADER_LEN, body};
use crate::engine::holders::HolderTable;
use crate::error::Error;
use crate::set::encoding::read_tokens;
use crate::terms::{ContentDigest, Disclosure, Name};
use crate::token::Token;

use super::share::Told;
use super::{Notice, Overlaps, Share};

impl Overlaps {
    /// Writes the overlaps as a file of type [`FileType::Overlaps`], for the hub alone.
    ///
    /// # Errors
    ///
    /// [`Error::Metadata`] for metadata that a header cannot hold, [`Error::Io`] where writing fails.
    pub fn write_to(&self, out: &mut dyn Write) -> Result<(), Error> {
        let names = names_block(self.members());
        let mut header = Header::new(self.terms(), None, self.metadata(), self.len() as u64)?;
        header.matched = Some(matched(self.at_least(), self.members().len(), Some(&names), None));
        let record_len = Token::LEN + HolderTable::row_len(self.members().len());
        let content = Content { header: &header, names: &names, record_len, records: self.len() };
        content.write(FileType::Overlaps, None, out, |at, chunk| {
            chunk.extend_from_slice(self.tokens()[at].as_bytes());
            chunk.extend_from_slice(self.holder_bytes(at));
        })
    }

    /// Reads a whole file of type [`FileType::Overlaps`] and validates every byte of it.
    ///
    /// # Errors
    ///
    /// [`Error::Format`], with the offset at which the fault shows; [`Error::Signature`].
    pub fn from_file_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let file = read(bytes, FileType::Overlaps)?;
        let Told::Holders { members, table } = file.told else {
            return Err(Error::Format { offset: 0, expected: "overlaps that name their holders" });
        };
        let terms = file.header.terms()?;
        let overlaps = Self::from_checked(terms, file.at_least, members, file.tokens, table);
        Ok(overlaps.with_metadata(file.header.metadata()))
    }
}

impl Share {
    /// Writes the share as a file of type [`FileType::Share`], unsigned, for its recipient alone.
    ///
    /// # Errors
    ///
    /// [`Error::Metadata`] for metadata that a header cannot hold, [`Error::Io`] where writing fails.
    pub fn write_to(&self, out: &mut dyn Write) -> Result<(), Error> {
        self.write(FileType::Share, None, out)
    }

    /// Writes the share as a file of type [`FileType::Share`] with the hub's signature.
    ///
    /// # Errors
    ///
    /// As [`Share::write_to`]; those of the signer, and [`Error::Signature`] where it does not sign well.
    pub fn sign_to(&self, signer: &dyn Signer, out: &mut dyn Write) -> Result<(), Error> {
        self.write(FileType::Share, Some(signer), out)
    }

    fn write(
        &self,
        file_type: FileType,
        signer: Option<&dyn Signer>,
        out: &mut dyn Write,
    ) -> Result<(), Error> {
        let (members, names) = match self.told() {
            Told::Holders { members, .. } => (members.len(), Some(names_block(members))),
            Told::Counts { members, .. } => (*members, None),
        };
        let mut header =
            Header::new(self.terms(), Some(self.recipient()), self.metadata(), self.len() as u64)?;
        header.matched = Some(matched(self.at_least(), members, names.as_deref(), self.own_set()));
        let names = names.unwrap_or_default();
        let record_len = Token::LEN + told_len(self.disclosure(), members);
        let content = Content { header: &header, names: &names, record_len, records: self.len() };
        content.write(file_type, signer, out, |at, chunk| {
            chunk.extend_from_slice(self.tokens()[at].as_bytes());
            match self.told() {
                Told::Holders { table, .. } => chunk.extend_from_slice(table.row_bytes(at)),
                Told::Counts { counts, .. } => chunk.extend_from_slice(&counts[at].to_be_bytes()),
            }
        })
    }

    /// Reads a whole file of type [`FileType::Share`] and validates every byte of it.
    ///
    /// A signature must be made by the key that the file names. Whether that key is the hub's, the round checks
    /// ([`Round::accept`](crate::Round::accept)).
    ///
    /// # Errors
    ///
    /// [`Error::Format`], with the offset at which the fault shows; [`Error::Signature`].
    pub fn from_file_bytes(bytes: &[u8]) -> Result<Self, Error> {
        Self::read(bytes, FileType::Share)
    }

    fn read(bytes: &[u8], file_type: FileType) -> Result<Self, Error> {
        let file = read(bytes, file_type)?;
        let recipient = file.header.member.clone();
        let recipient = recipient.ok_or(Error::Format { offset: 0, expected: "a recipient" })?;
        if let Told::Holders { members, table } = &file.told {
            let wrong = |offset: usize, expected| Error::Format { offset: offset as u64, expected };
            let position = members.iter().position(|member| *member == recipient);
            let position = position.ok_or(wrong(HEADER_LEN, "the recipient among the members"))?;
            let (is_told, expected) = match file_type {
                FileType::Notice => (false, "the recipient not among those who withdrew a token"),
                _ => (true, "the recipient among the holders of each token"),
            };
            if let Some(at) = (0..file.tokens.len()).find(|at| table.row(*at).contains(position) != is_told) {
                return Err(wrong(file.records_offset + at * file.record_len, expected));
            }
        }
        let terms = file.header.terms()?;
        let own_set = file.header.matched.as_ref().and_then(|matched| matched.own_set);
        let share = Self::from_checked(terms, recipient, file.at_least, file.tokens, file.told);
        Ok(share.with_metadata(file.header.metadata()).with_origin(own_set, file.header.signer))
    }
}

impl Notice {
    /// Writes the notice as a file of type [`FileType::Notice`], unsigned, for its recipient alone.
    ///
    /// # Errors
    ///
    /// [`Error::Metadata`] for metadata that a header cannot hold, [`Error::Io`] where writing fails.
    pub fn write_to(&self, out: &mut dyn Write) -> Result<(), Error> {
        self.laid_out().write(FileType::Notice, None, out)
    }

    /// Writes the notice as a file of type [`FileType::Notice`] with the hub's signature.
    ///
    /// # Errors
    ///
    /// As [`Notice::write_to`]; those of the signer, and [`Error::Signature`] where it does not sign well.
    pub fn sign_to(&self, signer: &dyn Signer, out: &mut dyn Write) -> Result<(), Error> {
        self.laid_out().write(FileType::Notice, Some(signer), out)
    }

    /// Reads a whole file of type [`FileType::Notice`] and validates every byte of it.
    ///
    /// Whether a signature is the hub's, the round checks ([`Round::accept_notice`](crate::Round::accept_notice)).
    ///
    /// # Errors
    ///
    /// [`Error::Format`], with the offset at which the fault shows; [`Error::Signature`].
    pub fn from_file_bytes(bytes: &[u8]) -> Result<Self, Error> {
        Share::read(bytes, FileType::Notice).map(Self::from_checked)
    }
}

/// The content that these types have in common, once validated.
struct Read {
    header: Header,
    at_least: usize,
    tokens: Vec<Token>,
    told: Told,
    record_len: usize,
    records_offset: usize,
}

fn read(bytes: &[u8], file_type: FileType) -> Result<Read, Error> {
    let opened = body::open(bytes, file_type, |header| sizes(header, file_type))?;
    let Opened { header, names, records, records_offset, .. } = opened;
    let Some(Matched { at_least, members, disclosure, .. }) = &header.matched else {
        return Err(Error::Format { offset: 0, expected: "the threshold and number of members" });
    };
    let (at_least, members, disclosure) = (usize::from(*at_least), usize::from(*members), *disclosure);
    let record_len = Token::LEN + told_len(disclosure, members);
    let tokens = read_tokens(records, record_len, records_offset)?;
    let names = if disclosure == Disclosure::Holders { read_names(&names, members)? } else { Vec::new() };
    let mut told = Told::nothing_yet(&names, disclosure);
    if let Told::Counts { members: of, .. } = &mut told {
        *of = members;
    }
    for (at, record) in records.chunks_exact(record_len).enumerate() {
        let record = &record[Token::LEN..];
        let holders = match &mut told {
            Told::Holders { table, .. } => {
                let members_only = table.push_row(record);
                if members_only { table.row(at).count() } else { 0 }
            }
            Told::Counts { counts, .. } => {
                let count = u16::from_be_bytes([record[0], record[1]]);
                counts.push(count);
                usize::from(count)
            }
        };
        let (plausible, expected) = match file_type {
            FileType::Notice => (1..members, "one or more who withdrew the token, all of them other members"),
            _ => (at_least..members + 1, "as many holders as the threshold asks, all of them members"),
        };
        if !plausible.contains(&holders) {
            let offset = (records_offset + at * record_len + Token::LEN) as u64;
            return Err(Error::Format { offset, expected });
        }
    }
    Ok(Read { header, at_least, tokens, told, record_len, records_offset })
}

pub(crate) fn matched(
    at_least: usize,
    members: usize,
    names: Option<&[u8]>,
    own_set: Option<ContentDigest>,
) -> Matched {
    let describe =
        |names: &[u8]| Names { bytes: names.len() as u64, digest: ContentDigest(sha256(&[names])) };
    Matched {
        at_least: at_least as u16, // both at most Intersection::MAX_SETS
        members: members as u16,
        disclosure: if names.is_some() { Disclosure::Holders } else { Disclosure::Counts },
        names: names.map(describe),
        own_set,
    }
}

/// Returns the block of names: lp(name) of each member in order, then zeros up to a whole page, so that records start
/// on a page.
pub(crate) fn names_block(names: &[Name]) -> Vec<u8> {
    let mut block = Vec::new();
    for name in names {
        block.extend_from_slice(&(name.as_str().len() as u16).to_be_bytes());
        block.extend_from_slice(name.as_str().as_bytes());
    }
    block.resize(block.len().next_multiple_of(HEADER_LEN), 0);
    block
}

/// Reads the names of a block. It must be the block that [`names_block`] writes for them, in ascending order.
fn read_names(block: &[u8], members: usize) -> Result<Vec<Name>, Error> {
    let wrong = || Error::Format {
        offset: HEADER_LEN as u64,
        expected: "the members' names, valid, in order, unique ignoring case, padded with zeros",
    };
    let mut rest = block;
    let mut names: Vec<Name> = Vec::new();
    for _ in 0..members {
        let (len, after) = rest.split_first_chunk::<COUNT_LEN>().ok_or_else(wrong)?;
        let (name, after) =
            after.split_at_checked(usize::from(u16::from_be_bytes(*len))).ok_or_else(wrong)?;
        let name = std::str::from_utf8(name).ok().and_then(|name| Name::new(name).ok()).ok_or_else(wrong)?;
        names.push(name);
        rest = after;
    }
    let mut folded: Vec<String> = names.iter().map(|name| name.as_str().to_ascii_lowercase()).collect();
    folded.sort_unstable();
    let unique = folded.windows(2).all(|pair| pair[0] != pair[1]);
    if !unique || !names.is_sorted() || names_block(&names) != block {
        return Err(wrong());
    }
    Ok(names)
}
