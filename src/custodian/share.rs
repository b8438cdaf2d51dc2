//! A custodian's shares of the keys, and their file.

use std::ops::Range;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::container::private_file::{self, Wording};
use crate::custody::PublicCustody;
use crate::error::Error;
use crate::oprf::Holder;
use crate::round::identity::Identity;
use crate::terms::{ContentDigest, CustodyDigest, KindId, Name};

use super::document::{self, Sort};
use super::{opened, sealed};
use crate::container::secret_hex::SecretHex;

const SORT: Sort = Sort {
    title: "veilmatch custodian share 1\n",
    word: "custodian-share",
    expected: "the first line of a custodian's share, `veilmatch custodian share 1`",
};

/// Longest content: 32 kinds take a sixth of it.
const LONGEST: usize = 1 << 16;

const WORDING: Wording = Wording {
    error: |expected| Error::Custody { expected },
    expected: "a custodian's share, as step 3 of the ceremony wrote it, whole and private to its owner",
};

/// A custodian's shares of the keys, one for each kind; wiped when dropped, never shown.
pub struct Share {
    content: Content,
    /// In the order of the content.
    holders: Vec<Holder>,
}

/// The line of JSON; the order of the fields is part of the format.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Content {
    custody: CustodyDigest,
    generation: u64,
    custodian: Name,
    ledger: ContentDigest,
    kinds: Vec<OfKind>,
}

/// The share of one kind's key.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OfKind {
    pub(super) kind: KindId,
    pub(super) share: SecretHex,
}

impl Share {
    /// Takes what the last step of a ceremony made.
    pub(super) fn new(
        (custody, generation): (CustodyDigest, u64),
        (custodian, index): (Name, u16),
        ledger: ContentDigest,
        kinds: Vec<OfKind>,
    ) -> Result<Self, Error> {
        Self::of(Content { custody, generation, custodian, ledger, kinds }, index)
    }

    fn of(content: Content, index: u16) -> Result<Self, Error> {
        let holder = |of: &OfKind| Holder::new(index, &mut of.share.0.clone());
        let holders = content.kinds.iter().map(holder).collect::<Result<_, _>>()?;
        Ok(Self { content, holders })
    }

    /// Returns the custodian whose shares these are.
    pub fn custodian(&self) -> &Name {
        &self.content.custodian
    }

    /// Returns the custody to whose keys these are shares.
    pub fn custody(&self) -> CustodyDigest {
        self.content.custody
    }

    /// Returns the start of the only ledger with which these shares are used.
    pub fn ledger(&self) -> ContentDigest {
        self.content.ledger
    }

    /// Returns where the bytes of the shares are, for a program that keeps their pages out of swap. They stay there until this is
    /// dropped.
    pub fn memory_ranges(&self) -> impl Iterator<Item = Range<*const u8>> {
        let read = self.content.kinds.iter().map(|of| of.share.0.as_ptr_range());
        read.chain(self.holders.iter().map(Holder::memory_range))
    }

    /// Returns the share of the key of a kind; none for a kind without a key.
    pub fn holder(&self, kind: &KindId) -> Option<&Holder> {
        let at = self.content.kinds.iter().position(|of| of.kind == *kind)?;
        Some(&self.holders[at])
    }

    /// Writes a new file that only its owner may read (mode 0600 on Unix), sealed to that custodian and signed by it, and syncs
    /// it.
    ///
    /// # Errors
    ///
    /// [`Error::Io`], also if the file exists: a share is never overwritten. Every error names the file.
    pub fn write_new_file(&self, path: &Path, identity: &Identity) -> Result<(), Error> {
        let written = document::write(&SORT, &self.content, identity, LONGEST)
            .and_then(|text| sealed(&identity.public_keys().seal, &text))
            .and_then(|file| private_file::write_new(path, &file));
        written.map_err(|error| error.at(path.display().to_string()))
    }

    /// Reads the file of a share, which must be of this custody.
    ///
    /// # Errors
    ///
    /// [`Error::Io`]; [`Error::Seal`] where it is not sealed to this identity; [`Error::Format`], [`Error::Signature`];
    /// [`Error::Custody`] where it is of another custody or generation, of no custodian of it, does not fit what is public of
    /// it, or others may read it. Every error names the file.
    pub fn read_file(path: &Path, identity: &Identity, custody: &PublicCustody) -> Result<Self, Error> {
        let read = || {
            let file = private_file::read(path, 2 * LONGEST, &WORDING)?;
            let text = opened(identity, &file, LONGEST, &WORDING)?;
            let unverified = document::read::<Content>(&SORT, &text)?;
            Self::fitting(unverified.verify(&SORT, identity.signer())?.0, custody)
        };
        read().map_err(|error: Error| error.at(path.display().to_string()))
    }

    fn fitting(content: Content, custody: &PublicCustody) -> Result<Self, Error> {
        let wrong = |expected| Error::Custody { expected };
        if (content.custody, content.generation) != (custody.digest(), custody.generation()) {
            return Err(wrong(
                "a share of the custody that was given, got one of another custody or generation",
            ));
        }
        let (index, _) = custody.custodian(&content.custodian)?;
        let share = Self::of(content, index)?;
        let fits = |(of, holder): (&OfKind, &Holder)| {
            let public = custody.kind(&of.kind).and_then(|(key, _)| key.share(index).ok());
            public == Some(&holder.public())
        };
        let fits = share.content.kinds.iter().zip(&share.holders).all(fits);
        if !fits || share.holders.len() != custody.ceremony().kinds().len() {
            return Err(wrong("shares of which the custody has the public part, one for each kind"));
        }
        Ok(share)
    }
}

impl std::fmt::Debug for Share {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Share").field("custodian", &self.content.custodian).finish_non_exhaustive()
    }
}
