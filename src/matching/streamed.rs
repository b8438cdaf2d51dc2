//! Writes files of type `overlaps` and `share` while sets are matched, never as a whole in memory.

use std::fmt;
use std::io::Write;

use crate::container::header::Header;
use crate::container::records::Records;
use crate::container::signature::Signer;
use crate::container::sizes::told_len;
use crate::container::{FileType, Metadata};
use crate::engine::holders::HolderTable;
use crate::error::Error;
use crate::terms::{ContentDigest, Disclosure, Name};
use crate::token::Token;

use super::encoding::{matched, names_block};
use super::{Holders, Query};

impl Query<'_> {
    /// Writes the file of [`Query::collect`]'s overlaps, without having them in memory. The bytes are those of
    /// [`Overlaps::write_to`](crate::Overlaps::write_to).
    ///
    /// It matches twice, because the header states the number of overlaps. Memory: [`Query::memory`], and the file's
    /// index.
    ///
    /// # Errors
    ///
    /// As [`Query::for_each`]; [`Error::Metadata`] for metadata that a header cannot hold, [`Error::Io`] where writing
    /// fails.
    pub fn write_overlaps_to(&self, metadata: &Metadata, out: &mut dyn Write) -> Result<(), Error> {
        let tokens = self.count()?;
        let members: Vec<Name> = self.members().cloned().collect();
        let names = names_block(&members);
        let mut header = Header::new(self.terms(), None, metadata, tokens)?;
        header.matched = Some(matched(self.threshold(), members.len(), Some(&names), None));
        let record_len = Token::LEN + HolderTable::row_len(members.len());
        let mut records = Records::begin(FileType::Overlaps, &header, &names, record_len, None, out)?;
        let mut record = Vec::with_capacity(record_len);
        self.for_each(|token, holders| {
            record.clear();
            record.extend_from_slice(token.as_bytes());
            record.extend_from_slice(holders.as_bytes());
            records.push(&record)
        })?;
        require_counted(tokens, records.finish()?)
    }
}

/// A member's share that is written while sets are matched, never in memory as a whole.
///
/// The bytes are those of [`Share::write_to`](crate::Share::write_to). It says which of the recipient's sets was matched
/// ([`Share::with_own_set`](crate::Share::with_own_set)).
///
/// ```
/// # use veilmatch::terms::{Name, Terms};
/// # let (terms, members) = (Terms::example(), [Name::new("bank-a")?, Name::new("bank-b")?]);
/// # let set = |name: &Name| veilmatch::TokenSet::from_tokens(terms.clone(), name.clone(), vec![Token::from_bytes([7; 16])]);
/// # let [a, b] = [set(&members[0]), set(&members[1])];
/// use veilmatch::matching::StreamedShare;
/// use veilmatch::{Disclosure, Intersection, Share, Token};
///
/// let query = Intersection::new().add(&a)?.add(&b)?.at_least(2)?;
/// let tokens = query.by_member()?[1];
/// let mut file = Vec::new();
/// let mut writer = StreamedShare::new(&query, &members[1], tokens, Disclosure::Holders)?.write_to(&mut file)?;
/// query.for_each(|token, holders| writer.push(token, holders))?;
/// writer.finish()?;
/// assert_eq!(Share::from_file_bytes(&file)?.recipient(), &members[1]);
/// # Ok::<(), veilmatch::Error>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "a share is there once it is written"]
pub struct StreamedShare<'a> {
    query: &'a Query<'a>,
    recipient: usize,
    tokens: u64,
    disclosure: Disclosure,
    metadata: Metadata,
}

impl<'a> StreamedShare<'a> {
    /// Describes the share of one member. `tokens` is the number of overlaps that it holds ([`Query::by_member`]).
    ///
    /// # Errors
    ///
    /// [`Error::NotAMember`] for a name that took no part.
    pub fn new(
        query: &'a Query<'a>,
        recipient: &Name,
        tokens: u64,
        disclosure: Disclosure,
    ) -> Result<Self, Error> {
        let position = query.members().position(|member| member.same(recipient));
        let recipient = position.ok_or_else(|| Error::NotAMember { member: recipient.clone() })?;
        Ok(Self { query, recipient, tokens, disclosure, metadata: Metadata::default() })
    }

    /// States date, purpose and dates of use for the share's file.
    pub fn with_metadata(self, metadata: Metadata) -> Self {
        Self { metadata, ..self }
    }

    /// Begins the file, unsigned.
    ///
    /// # Errors
    ///
    /// [`Error::Metadata`] for metadata that a header cannot hold, [`Error::Io`] where writing fails.
    pub fn write_to<'w>(&self, out: &'w mut dyn Write) -> Result<ShareWriter<'w>, Error> {
        self.begin(None, out)
    }

    /// Begins the file, which [`ShareWriter::finish`] signs.
    ///
    /// # Errors
    ///
    /// Those of [`StreamedShare::write_to`].
    pub fn sign_to<'w>(
        &self,
        signer: &'w dyn Signer,
        out: &'w mut dyn Write,
    ) -> Result<ShareWriter<'w>, Error> {
        self.begin(Some(signer), out)
    }

    fn begin<'w>(
        &self,
        signer: Option<&'w dyn Signer>,
        out: &'w mut dyn Write,
    ) -> Result<ShareWriter<'w>, Error> {
        let Self { query, recipient, tokens, disclosure, .. } = *self;
        let members: Vec<Name> = query.members().cloned().collect();
        let names = (disclosure == Disclosure::Holders).then(|| names_block(&members));
        let mut header = Header::new(query.terms(), Some(&members[recipient]), &self.metadata, tokens)?;
        let own_set = query.content_digest_of(recipient);
        header.matched = Some(matched(query.threshold(), members.len(), names.as_deref(), Some(own_set)));
        let record_len = Token::LEN + told_len(disclosure, members.len());
        let names = names.unwrap_or_default();
        let records = Records::begin(FileType::Share, &header, &names, record_len, signer, out)?;
        Ok(ShareWriter {
            records,
            recipient,
            disclosure,
            own_set,
            tokens,
            record: Vec::with_capacity(record_len),
        })
    }
}

/// The file of a [`StreamedShare`], token by token.
///
/// It is given every overlap in order ([`Query::for_each`]), and takes those that its recipient holds. Memory: some chunks
/// and the index, 48 bytes for each 1,024 tokens.
///
/// See the example of [`StreamedShare`].
#[must_use = "the file is complete once `finish` says so"]
pub struct ShareWriter<'a> {
    records: Records<'a>,
    recipient: usize,
    disclosure: Disclosure,
    own_set: ContentDigest,
    /// The number of tokens that the header states.
    tokens: u64,
    record: Vec<u8>,
}

impl ShareWriter<'_> {
    /// Returns the digest of the recipient's tokens that were matched, as the share states it.
    pub fn own_set(&self) -> ContentDigest {
        self.own_set
    }

    /// Returns the number of tokens that the share has.
    pub fn tokens(&self) -> u64 {
        self.tokens
    }

    /// Takes the next overlap, if the recipient holds it.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] where writing fails.
    pub fn push(&mut self, token: Token, holders: Holders<'_>) -> Result<(), Error> {
        if !holders.contains(self.recipient) {
            return Ok(());
        }
        self.record.clear();
        self.record.extend_from_slice(token.as_bytes());
        match self.disclosure {
            Disclosure::Holders => self.record.extend_from_slice(holders.as_bytes()),
            Disclosure::Counts => {
                let count = holders.count() as u16; // at most 2,048
                self.record.extend_from_slice(&count.to_be_bytes());
            }
        }
        self.records.push(&self.record)
    }

    /// Completes the file.
    ///
    /// # Errors
    ///
    /// [`Error::Recounted`] if the recipient holds another number of overlaps than was given at the beginning;
    /// [`Error::Io`] where writing fails, [`Error::Signature`] where the signer does not sign well.
    pub fn finish(self) -> Result<(), Error> {
        require_counted(self.tokens, self.records.finish()?)
    }
}

impl fmt::Debug for ShareWriter<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ShareWriter").field("tokens", &self.tokens).finish_non_exhaustive()
    }
}

fn require_counted(expected: u64, found: u64) -> Result<(), Error> {
    if expected == found { Ok(()) } else { Err(Error::Recounted { expected, found }) }
}
