//! Tags: what a member calls its identifiers in its own cache.
//!
//! ```text
//! tag key = HKDF-Expand(PRK of the member, lp("veilmatch/2 tag")    || context || PK, 32)
//! tag id  = HKDF-Expand(PRK of the member, lp("veilmatch/2 tag id") || context || PK, 32)[0..8]
//! tag     = HMAC(tag key, canonical bytes)[0..16]
//! ```
//!
//! The PRK of a member is HKDF-Extract(salt = "veilmatch/1", ikm = the seed of its signing key). A tag is to a member what a
//! token of version 1 is to a coalition, so whatever makes tokens of rows makes tags too. Other members, the hub and
//! custodians cannot make them.

use std::io::Read;

use zeroize::Zeroizing;

use crate::error::Error;
use crate::member::key::TokenKey;
use crate::member::rows::{Oddities, Rows};
use crate::member::tokenize::{Tokenizer, each_form};
use crate::oprf::Element;
use crate::outcome::{Counters, Rejection};
use crate::round::identity::Identity;
use crate::terms::{KeyContext, KeyId};
use crate::token::Token;

use super::Hashed;
use super::cache::{Cache, Entries};
use super::pending::Pending;

const SALT: &[u8] = b"veilmatch/1";
const LABEL: &[u8] = b"veilmatch/2 tag";
const ID_LABEL: &[u8] = b"veilmatch/2 tag id";

impl Tokenizer {
    /// Makes a tokeniser whose tokens are tags: it needs no secret of the coalition, and its sets match nothing. `custody` is
    /// the custodians' public key for the context. [`Translator`](super::Translator) makes tokens of tags.
    ///
    /// # Errors
    ///
    /// As [`Tokenizer::new`].
    pub fn of_tags(identity: &Identity, context: KeyContext, custody: &Element) -> Result<Self, Error> {
        let expand = |label: &[u8]| {
            let lp = |part: &[u8]| (part.len() as u16).to_be_bytes();
            let (coalition, kind) =
                (context.coalition().as_str().as_bytes(), context.kind().as_str().as_bytes());
            let mut out = Zeroizing::new([0; 32]);
            let info: [&[u8]; 8] = [
                &lp(label),
                label,
                &lp(coalition),
                coalition,
                &context.epoch().to_be_bytes(),
                &lp(kind),
                kind,
                &custody.0,
            ];
            identity.expand(SALT, &info, &mut out);
            out
        };
        let key = TokenKey::from_bytes(&mut expand(LABEL));
        let mut id = [0; 8];
        id.copy_from_slice(&expand(ID_LABEL)[..8]);
        Self::from_token_key(&key, context, KeyId(id))
    }
}

/// The different identifiers of an input, by tag, and what became of its rows.
///
/// Memory: 48 bytes an identifier. They are as sensitive as the rows.
pub struct Tagged {
    identifiers: Vec<(Token, Hashed)>,
    /// Counters of all rows; duplicates are not counted.
    pub counters: Counters,
    /// Counters of each input, where several were chained.
    pub inputs: Vec<Counters>,
    /// The first [`Tokenizer::KEPT_REJECTIONS`] rejected rows, in order.
    pub rejections: Vec<Rejection>,
    /// How the lines of the input differ from its rows.
    pub oddities: Oddities,
}

impl Tagged {
    /// Tags the rows of a whole input, in the pool of threads. The inputs of the kind's self-test table are among the
    /// identifiers, for the handshake.
    ///
    /// # Errors
    ///
    /// Those of the input, and [`Error::Cancelled`].
    pub fn of<'r>(tags: &Tokenizer, rows: impl Into<Rows<'r>>) -> Result<Self, Error> {
        let push = |all: &mut Vec<_>, form: &[u8], tag| all.push((tag, Hashed::of(form)));
        let read = each_form::<Vec<(Token, Hashed)>>(tags, rows.into(), push)?;
        let mut identifiers = tags.self_test(|form, tag| (tag, Hashed::of(form)));
        read.parts.into_iter().for_each(|part| identifiers.extend(part.found));
        identifiers.sort_unstable();
        identifiers.dedup();
        let (counters, inputs) = (read.counters, read.inputs);
        Ok(Self { identifiers, counters, inputs, rejections: read.rejections, oddities: read.oddities })
    }

    /// Drops what a cache has.
    ///
    /// # Errors
    ///
    /// Those of reading the cache.
    pub fn without(self, cache: Cache<impl Read>) -> Result<Self, Error> {
        self.without_entries(cache.entries)
    }

    /// Drops what is pending.
    ///
    /// # Errors
    ///
    /// Those of reading what is pending.
    pub fn without_pending(self, pending: Pending<impl Read>) -> Result<Self, Error> {
        self.without_entries(pending.entries)
    }

    fn without_entries(mut self, mut entries: Entries<impl Read>) -> Result<Self, Error> {
        let mut failed = Ok(());
        self.identifiers.retain(|(tag, _)| {
            let mut is_new = || {
                while entries.peek()?.is_some_and(|(before, _)| before < *tag) {
                    entries.next()?;
                }
                Ok(entries.peek()?.is_none_or(|(next, _)| next != *tag))
            };
            failed.is_ok()
                && is_new().unwrap_or_else(|error: Error| {
                    failed = Err(error);
                    false
                })
        });
        failed?;
        entries.finish()?;
        Ok(self)
    }

    /// Keeps the first identifiers, in order of tag, and drops the others: those are for another request.
    #[must_use]
    pub fn at_most(mut self, identifiers: u64) -> Self {
        self.identifiers.truncate(usize::try_from(identifiers).unwrap_or(usize::MAX));
        self
    }

    /// Returns tag and hash of each identifier, in order of tag.
    pub fn identifiers(&self) -> &[(Token, Hashed)] {
        &self.identifiers
    }
}

impl std::fmt::Debug for Tagged {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tagged").field("identifiers", &self.identifiers.len()).finish_non_exhaustive()
    }
}
