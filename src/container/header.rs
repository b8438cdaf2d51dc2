//! The header page: a magic line, one line of JSON with fixed fields in a fixed order, spaces, a newline.

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::outcome::Counters;
use crate::terms::{
    ContentDigest, CustodyDigest, Disclosure, KeyContext, KeyId, KindId, MAX_INTEGER, Name, RoundDigest,
    RuleDigest, Signature, SignerKey, SuppressionDigest, Terms,
};

use super::{FileType, HEADER_LEN, Metadata, Parent};

/// The JSON line of the header. The order of the fields is part of the format.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Header {
    pub(crate) format: u32,
    pub(crate) kind: KindId,
    pub(crate) coalition: Name,
    pub(crate) epoch: u64,
    pub(crate) key_id: KeyId,
    pub(crate) rules: RuleDigest,
    pub(crate) suppression: SuppressionDigest,
    pub(crate) round: Option<RoundDigest>,
    pub(crate) member: Option<Name>,
    pub(crate) signer: Option<SignerKey>,
    pub(crate) created: u64,
    pub(crate) not_before: Option<u64>,
    pub(crate) not_after: Option<u64>,
    pub(crate) purpose: String,
    pub(crate) log: Option<ContentDigest>,
    pub(crate) counters: Option<Counters>,
    pub(crate) matched: Option<Matched>,
    pub(crate) filter: Option<Filter>,
    /// The place of the set after its base. It is left out if there is none, unlike the fields before it: a set that
    /// follows no other set has the bytes that it had before there were deltas.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) follows: Option<Parent>,
    /// The part of a delta. It is left out if there is none. Without it, a delta's header is the header of the set that
    /// the delta makes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) delta: Option<Changes>,
    /// The document of a file that has one. It is left out if there is none, so other types keep their bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) document: Option<Names>,
    /// The part of an evaluation. It is left out if there is none, so other types keep their bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) evaluation: Option<Evaluated>,
    pub(crate) tokens: u64,
}

/// The part of the header that overlaps, shares and notices have besides.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Matched {
    pub(crate) at_least: u16,
    pub(crate) members: u16,
    pub(crate) disclosure: Disclosure,
    pub(crate) names: Option<Names>,
    pub(crate) own_set: Option<ContentDigest>,
}

/// A block between header and records: the members' names, or a document.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Names {
    pub(crate) bytes: u64,
    pub(crate) digest: ContentDigest,
}

/// The part of the header that a prefilter has besides.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Filter {
    pub(crate) layout: FilterLayout,
    pub(crate) hashes: u32,
    pub(crate) bytes: u64,
}

/// The part of the header that a delta has besides the header of the set that it makes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Changes {
    pub(crate) added: u64,
    pub(crate) retracted: u64,
    pub(crate) root: ContentDigest,
    pub(crate) signature: Option<Signature>,
}

/// The part of the header that an evaluation has besides: who evaluated which request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Evaluated {
    pub(crate) custody: CustodyDigest,
    pub(crate) custodian: Name,
    pub(crate) index: u16,
    pub(crate) request: ContentDigest,
    /// The head of the custodian's ledger once the request was charged, and its own signature.
    pub(crate) head: ContentDigest,
    pub(crate) head_signature: Signature,
}

/// The layouts of a prefilter.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum FilterLayout {
    Standard,
    Blocked,
}

/// Version of the layout.
const FORMAT: u32 = 1;

impl Header {
    /// Makes a header with what all files have; the caller adds what its type needs.
    pub(crate) fn new(
        terms: &Terms,
        member: Option<&Name>,
        metadata: &Metadata,
        tokens: u64,
    ) -> Result<Self, Error> {
        if !metadata.is_valid() {
            return Err(Error::Metadata);
        }
        Ok(Self {
            format: FORMAT,
            kind: terms.context.kind().clone(),
            coalition: terms.context.coalition().clone(),
            epoch: terms.context.epoch(),
            key_id: terms.key_id,
            rules: terms.rules,
            suppression: terms.suppression,
            round: terms.round,
            member: member.cloned(),
            signer: None,
            created: metadata.created,
            not_before: metadata.not_before,
            not_after: metadata.not_after,
            purpose: metadata.purpose.clone(),
            log: metadata.log,
            counters: None,
            matched: None,
            filter: None,
            follows: None,
            delta: None,
            document: None,
            evaluation: None,
            tokens,
        })
    }

    /// Whether the header has what only sets and deltas have.
    pub(crate) fn is_of_a_sequence(&self) -> bool {
        self.follows.is_some() || self.delta.is_some()
    }

    pub(crate) fn terms(&self) -> Result<Terms, Error> {
        Ok(Terms {
            context: KeyContext::new(self.coalition.clone(), self.epoch, self.kind.clone())?,
            key_id: self.key_id,
            rules: self.rules,
            suppression: self.suppression,
            round: self.round,
        })
    }

    pub(crate) fn metadata(&self) -> Metadata {
        Metadata {
            created: self.created,
            not_before: self.not_before,
            not_after: self.not_after,
            purpose: self.purpose.clone(),
            log: self.log,
        }
    }

    /// Returns the page, or nothing if the content does not fit.
    pub(crate) fn to_page(&self, file_type: FileType) -> Option<Vec<u8>> {
        let mut page = file_type.magic().as_bytes().to_vec();
        serde_json::to_writer(&mut page, self).ok()?;
        page.push(b'\n');
        if page.len() >= HEADER_LEN {
            return None;
        }
        page.resize(HEADER_LEN - 1, b' ');
        page.push(b'\n');
        Some(page)
    }

    /// Reads a page and accepts only the bytes that a writer would have written.
    ///
    /// The parsed header is written again and compared. This finds everything that a JSON reader lets through: missing
    /// nulls, other orders and spaces, escapes, repeated fields.
    pub(crate) fn from_page(page: &[u8], file_type: FileType) -> Result<Self, Error> {
        let magic = file_type.magic().as_bytes();
        if !page.starts_with(magic) {
            return Err(Error::Format { offset: 0, expected: file_type.expected() });
        }
        let start = magic.len();
        let len = page[start..].iter().position(|byte| *byte == b'\n').unwrap_or(page.len() - start);
        let header: Header = serde_json::from_slice(&page[start..start + len]).map_err(|error| {
            let offset = (start + error.column().saturating_sub(1)) as u64;
            Error::Format { offset, expected: "one line of JSON with the known fields, each once" }
        })?;
        let canonical = header.to_page(file_type).unwrap_or_default();
        if let Some(offset) = (0..page.len()).find(|&at| canonical.get(at) != Some(&page[at])) {
            let expected = "the header in its one canonical spelling";
            return Err(Error::Format { offset: offset as u64, expected });
        }
        header.require_bounds(start as u64)?;
        Ok(header)
    }

    fn require_bounds(&self, offset: u64) -> Result<(), Error> {
        let counters = self.counters.as_ref();
        // The other counters are not larger than `rows`: the sums ensure it.
        let integers = [self.epoch, self.created, self.tokens, counters.map_or(0, |counters| counters.rows)];
        let sequence = self.follows.map_or(1, |follows| follows.sequence);
        let expected = if self.format != FORMAT {
            "format 1"
        } else if integers.iter().any(|integer| *integer > MAX_INTEGER) || !self.metadata().is_valid() {
            "integers of at most 2^53 - 1 and a purpose of printable ASCII"
        } else if !(1..=MAX_INTEGER).contains(&sequence) {
            "a sequence from 1 to 2^53 - 1 where a set follows another"
        } else if counters.is_some_and(|counters| !counters.consistent_with(self.tokens)) {
            "counters whose sums hold"
        } else {
            return self.signer.map_or(Ok(()), |signer| signer.require_verifiable());
        };
        Err(Error::Format { offset, expected })
    }
}
