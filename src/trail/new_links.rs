//! Links as a member makes them.

use std::fmt;
use std::io::Write;

use crate::container::body::Content;
use crate::container::document;
use crate::container::header::Header;
use crate::container::sizes::LINK_RECORD;
use crate::container::{FileType, Metadata, Signer};
use crate::error::Error;
use crate::terms::{ContentDigest, KindId, Name, Pseudonym, Terms};
use crate::token::Token;

use super::encoding::{Document, SEED};
use super::links::LinkedKind;

/// Which of a member's subjects have which of its shares' tokens, to be written for the hub.
///
/// Memory: 20 bytes a subject and a link.
///
/// See the example of [`Links`](super::Links).
pub struct NewLinks {
    terms: Terms,
    member: Name,
    metadata: Metadata,
    /// In order of pseudonym; whether it is a seed.
    subjects: Vec<(Pseudonym, bool)>,
    kinds: Vec<(LinkedKind, Vec<(Token, u32)>)>,
}

impl NewLinks {
    /// Begins with the subjects, in any order; whoever is a seed once is a seed. `terms` are those of
    /// [`Round::trail_terms`](crate::Round::trail_terms).
    ///
    /// # Errors
    ///
    /// [`Error::Trail`] for more subjects than 32 bits can number.
    pub fn new(terms: Terms, member: Name, mut subjects: Vec<(Pseudonym, bool)>) -> Result<Self, Error> {
        // The seed comes first of its equals, and the first one stays.
        subjects.sort_unstable_by_key(|(pseudonym, seed)| (*pseudonym, !seed));
        subjects.dedup_by_key(|(pseudonym, _)| *pseudonym);
        if u32::try_from(subjects.len()).is_err() {
            return Err(Error::Trail { expected: "fewer than 2^32 subjects" });
        }
        Ok(Self { terms, member, metadata: Metadata::default(), subjects, kinds: Vec::new() })
    }

    /// States date and purpose for the file.
    #[must_use]
    pub fn with_metadata(self, metadata: Metadata) -> Self {
        Self { metadata, ..self }
    }

    /// Adds the links of a kind: link tokens and the subjects that have them, in any order. `own_set` is the set that was
    /// matched, as the share states it.
    ///
    /// # Errors
    ///
    /// [`Error::Trail`] for a second call with one kind, or a link of a subject that is not there.
    pub fn add(
        &mut self,
        kind: KindId,
        own_set: Option<ContentDigest>,
        links: impl IntoIterator<Item = (Token, Pseudonym)>,
    ) -> Result<(), Error> {
        if self.kinds.iter().any(|(before, _)| before.kind == kind) {
            return Err(Error::Trail { expected: "the links of each kind once" });
        }
        let place = |pseudonym: &Pseudonym| self.subjects.binary_search_by_key(pseudonym, |(one, _)| *one);
        let numbered = links.into_iter().map(|(token, of)| Ok((token, place(&of)? as u32)));
        let links: Result<Vec<(Token, u32)>, usize> = numbered.collect();
        let mut links =
            links.map_err(|_| Error::Trail { expected: "links of the subjects that were given" })?;
        links.sort_unstable();
        links.dedup();
        let tokens = links.chunk_by(|a, b| a.0 == b.0).count() as u64;
        self.kinds.push((LinkedKind { kind, own_set, tokens, links: links.len() as u64 }, links));
        self.kinds.sort_by(|(a, _), (b, _)| a.kind.cmp(&b.kind));
        Ok(())
    }

    /// Returns the number of subjects.
    pub fn subjects(&self) -> usize {
        self.subjects.len()
    }

    /// Returns the number of seeds.
    pub fn seeds(&self) -> usize {
        self.subjects.iter().filter(|(_, seed)| *seed).count()
    }

    /// Returns the kinds, in order.
    pub fn kinds(&self) -> impl Iterator<Item = &LinkedKind> {
        self.kinds.iter().map(|(kind, _)| kind)
    }

    /// Writes the file, unsigned, for the hub alone.
    ///
    /// # Errors
    ///
    /// [`Error::Metadata`] for metadata that a header cannot hold, [`Error::Io`] where writing fails.
    pub fn write_to(&self, out: &mut dyn Write) -> Result<(), Error> {
        self.write(None, out)
    }

    /// Writes the file with the member's signature.
    ///
    /// # Errors
    ///
    /// As [`NewLinks::write_to`]; those of the signer, and [`Error::Signature`] where it does not sign well.
    pub fn sign_to(&self, signer: &dyn Signer, out: &mut dyn Write) -> Result<(), Error> {
        self.write(Some(signer), out)
    }

    fn write(&self, signer: Option<&dyn Signer>, out: &mut dyn Write) -> Result<(), Error> {
        let kinds = self.kinds.iter().map(|(kind, _)| kind.clone()).collect();
        let document = Document { subjects: self.subjects.len() as u64, seeds: self.seeds() as u64, kinds };
        let pages = document::pages(&document)?;
        let records = self.subjects.len() + self.kinds.iter().map(|(_, links)| links.len()).sum::<usize>();
        let mut header = Header::new(&self.terms, Some(&self.member), &self.metadata, records as u64)?;
        header.document = Some(document::stated(&pages));
        let content = Content { header: &header, names: &pages, record_len: LINK_RECORD, records };
        let mut links = self.kinds.iter().flat_map(|(_, links)| links);
        content.write(FileType::Links, signer, out, |at, chunk| match self.subjects.get(at) {
            Some((pseudonym, seed)) => {
                chunk.extend_from_slice(&pseudonym.0);
                chunk.extend_from_slice(&(if *seed { SEED } else { 0 }).to_be_bytes());
            }
            None => {
                let (token, subject) = links.next().expect("as many records as were counted");
                chunk.extend_from_slice(token.as_bytes());
                chunk.extend_from_slice(&subject.to_be_bytes());
            }
        })
    }
}

impl fmt::Debug for NewLinks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewLinks")
            .field("member", &self.member)
            .field("subjects", &self.subjects.len())
            .field("kinds", &self.kinds().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}
