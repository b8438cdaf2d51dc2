//! The border between a member's tags and the coalition's tokens of version 2. It is passed by a merge with the cache.
//!
//! ```text
//! rows -> tags -> sorted -> (merge with the cache) -> F -> token = HMAC(token key, F)[0..16] -> set for the hub
//! share's tokens -> (sweep over the cache) -> their tags -> rows that have them
//! ```

use std::fmt;
use std::io::Read;
use std::ops::Range;

use crate::container::TokenBuffer;
use crate::error::Error;
use crate::member::key::{CoalitionSecret, TokenKey};
use crate::member::tokenize::Tokenizer;
use crate::oprf::Element;
use crate::outcome::Counters;
use crate::prefilter::Blocked;
use crate::round::handshake::Handshake;
use crate::set::{SetBuilder, SetFile, TokenSet};
use crate::terms::{Name, Terms};
use crate::token::Token;

use super::cache::Cache;
use super::{Evaluated, tokens};

/// Makes tokens of tags by a member's cache, and tells the tags of tokens. It has the token key of version 2, so it stays at
/// the member.
pub struct Translator {
    key: TokenKey,
    /// The terms of the sets for the hub.
    terms: Terms,
    tags: Terms,
}

/// A set for the hub, made of a member's tags.
#[derive(Debug)]
pub struct Translated {
    /// The set. Its counters leave out what was not evaluated.
    pub set: TokenSet,
    /// Number of tags that the cache does not have.
    pub not_evaluated: u64,
}

impl Translator {
    /// Takes what makes the tags, the coalition's secret, and the custodians' public key for the kind.
    pub fn new(secret: &CoalitionSecret, tags: &Tokenizer, custody: &Element) -> Self {
        let tags = tags.terms().clone();
        let key = secret.custody_token_key(&tags.context, custody);
        let terms = Terms { key_id: secret.custody_key_id(&tags.context, custody), ..tags.clone() };
        Self { key, terms, tags }
    }

    /// Returns where the key is, for a program that keeps its page out of swap. It stays there until it is dropped.
    pub fn memory_range(&self) -> Range<*const u8> {
        self.key.as_bytes().as_ptr_range()
    }

    /// Returns the terms of the sets for the hub.
    pub fn terms(&self) -> &Terms {
        &self.terms
    }

    /// Makes the set for the hub of a set of tags. Memory: 16 bytes a token, besides the tags.
    ///
    /// A tag that the cache does not have is left out and counted. So are its rows; rows with the identifier of such a row
    /// stay counted as duplicates.
    ///
    /// # Errors
    ///
    /// [`Error::TermsDiffer`] for tags of other terms; those of reading the cache.
    pub fn set(&self, tags: &TokenSet, cache: Cache<impl Read>) -> Result<Translated, Error> {
        self.tags.require(tags.terms(), tags.member())?;
        let mut all = Vec::with_capacity(tags.len());
        let mut merge = Merge { key: &self.key, cache, waiting: Vec::new(), not_evaluated: 0 };
        let mut keep = |tokens: &[Token]| {
            all.extend_from_slice(tokens);
            Ok(())
        };
        merge.push(tags.tokens(), &mut keep)?;
        let not_evaluated = merge.finish(&mut keep)?;
        let counters = less(tags.counters(), not_evaluated);
        let set = TokenSet::from_counted(self.terms.clone(), tags.member().clone(), all, counters);
        Ok(Translated { set, not_evaluated })
    }

    /// Makes the set for the hub where neither tags nor tokens fit in memory: tokens go to a builder of this member's set.
    /// Returns the number of tags that the cache does not have; they are left out, as [`Translator::set`] does.
    ///
    /// # Errors
    ///
    /// As [`Translator::set`], and as [`SetBuilder::push`]. A builder with part of the tokens is not to be used.
    pub fn set_into(
        &self,
        builder: &SetBuilder<'_>,
        tags: &SetFile,
        cache: Cache<impl Read>,
    ) -> Result<u64, Error> {
        self.terms.require(builder.terms(), builder.member())?;
        self.tags.require(tags.header().terms(), tags.header().member())?;
        let mut merge = Merge { key: &self.key, cache, waiting: Vec::new(), not_evaluated: 0 };
        let mut push = |tokens: &[Token]| builder.push(tokens);
        let mut page = TokenBuffer::new();
        let mut all = || {
            for first in (0..tags.chunks()).step_by(TOGETHER) {
                tags.read(first..tags.chunks().min(first + TOGETHER), &mut page)?;
                merge.push(page.tokens(), &mut push)?;
            }
            Ok(())
        };
        // Part of the tokens would make a set that looks whole.
        let not_evaluated = all().and_then(|()| merge.finish(&mut push));
        let not_evaluated = not_evaluated.inspect_err(|error| builder.give_up(error))?;
        builder.count_anew(less(tags.header().counters(), not_evaluated));
        Ok(not_evaluated)
    }

    /// Finds the tags of some tokens: of those of a share, for instance. It reads the whole cache. Memory: 34 bytes a token found.
    ///
    /// # Errors
    ///
    /// Those of reading the cache, and those of `wanted`.
    pub fn tags(
        &self,
        wanted: impl Fn(&Token) -> Result<bool, Error>,
        cache: Cache<impl Read>,
    ) -> Result<Tags, Error> {
        let Cache { entries: mut cache, .. } = cache;
        let (mut tags, mut of) = (Vec::new(), Vec::new());
        loop {
            let (mut piece, mut evaluated) = (Vec::new(), Vec::new());
            while piece.len() < PIECE {
                let Some((tag, value)) = cache.next()? else { break };
                piece.push(tag);
                evaluated.push(Evaluated(value));
            }
            if piece.is_empty() {
                break;
            }
            for (tag, token) in piece.into_iter().zip(tokens(&self.key, &evaluated)) {
                if wanted(&token)? {
                    tags.push(tag);
                    of.push(token);
                }
            }
        }
        cache.finish()?;
        let filter = Blocked::build(&tags, 0.01)?;
        Ok(Tags { terms: self.tags.clone(), filter, tags, tokens: of })
    }

    /// Makes the handshake of a member: the tokens of its kind's self-test table, which a first request includes.
    ///
    /// # Errors
    ///
    /// [`Error::NotEvaluated`] where the cache lacks one; those of reading it.
    pub fn handshake(
        &self,
        tags: &Tokenizer,
        member: Name,
        cache: Cache<impl Read>,
    ) -> Result<Handshake, Error> {
        let of_tags = TokenSet::from_tokens(self.tags.clone(), member, tags.self_test_tokens());
        let Translated { set, not_evaluated } = self.set(&of_tags, cache)?;
        match not_evaluated {
            0 => Ok(Handshake(set)),
            identifiers => Err(Error::NotEvaluated { identifiers }),
        }
    }
}

/// The counters of rows without some that were accepted.
fn less(counters: &Counters, rows: u64) -> Counters {
    let accepted = counters.accepted - rows;
    Counters {
        rows: counters.rows - rows,
        accepted,
        changed: counters.changed.min(accepted),
        warnings: counters.warnings.min(accepted),
        ..counters.clone()
    }
}

/// The number of chunks of tags that are read at a time.
const TOGETHER: usize = 64;

/// The number of tokens that are made at a time, in parallel.
const PIECE: usize = 1 << 16;

/// The merge of sorted tags with the cache.
struct Merge<'a, R> {
    key: &'a TokenKey,
    cache: Cache<R>,
    waiting: Vec<Evaluated>,
    not_evaluated: u64,
}

impl<R: Read> Merge<'_, R> {
    /// Takes the next tags, in order.
    fn push(
        &mut self,
        tags: &[Token],
        out: &mut dyn FnMut(&[Token]) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let cache = &mut self.cache.entries;
        for tag in tags {
            while cache.peek()?.is_some_and(|(before, _)| before < *tag) {
                cache.next()?;
            }
            match cache.peek()? {
                Some((found, value)) if found == *tag => self.waiting.push(Evaluated(value)),
                _ => self.not_evaluated += 1,
            }
            if self.waiting.len() == PIECE {
                out(&tokens(self.key, &self.waiting))?;
                self.waiting.clear();
            }
        }
        Ok(())
    }

    /// Hands on what is left, and reads the cache to its end. Returns the number of tags that it does not have.
    fn finish(self, out: &mut dyn FnMut(&[Token]) -> Result<(), Error>) -> Result<u64, Error> {
        self.cache.entries.finish()?;
        out(&tokens(self.key, &self.waiting))?;
        Ok(self.not_evaluated)
    }
}

/// The tags of some tokens, to find these by tag.
pub struct Tags {
    pub(crate) terms: Terms,
    filter: Blocked,
    /// In order.
    tags: Vec<Token>,
    /// The token of each tag.
    tokens: Vec<Token>,
}

impl Tags {
    /// Returns the token of a tag, if it is one of those wanted.
    #[inline]
    pub fn token(&self, tag: &Token) -> Option<Token> {
        let at = self.filter.may_contain(tag).then(|| self.tags.binary_search(tag).ok()).flatten()?;
        Some(self.tokens[at])
    }

    /// Returns the number of tokens.
    pub fn len(&self) -> usize {
        self.tokens.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.tokens.is_empty()
    }
}

impl fmt::Debug for Translator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Translator").field("terms", &self.terms).finish_non_exhaustive()
    }
}

impl fmt::Debug for Tags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tags").field("tags", &self.tags.len()).finish_non_exhaustive()
    }
}
