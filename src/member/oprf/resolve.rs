//! Finds which of a member's own rows a share of version 2 speaks of, by the member's cache.

use std::fs::File;
use std::io::Read;
use std::sync::{Mutex, RwLock};

use crate::error::Error;
use crate::matching::{Notice, Share};
use crate::member::resolve::{FindInShare, Resolved, resolve_by};
use crate::member::rows::Rows;
use crate::member::tokenize::Tokenizer;
use crate::set::{SetBuilder, SetFile, TokenSet};
use crate::terms::Name;
use crate::token::Token;

use super::{Cache, Tags, Translated, Translator};

impl Translator {
    /// Tags the rows again and finds those of the share ([`resolve`](crate::member::resolve::resolve)). `cache` opens the cache;
    /// it is asked twice if the share states which set was matched. Rows that were not evaluated are in no share.
    ///
    /// Memory: 34 bytes a token of the share and 16 a row found, and 32 bytes an accepted row where the share states which set
    /// was matched.
    ///
    /// # Errors
    ///
    /// As [`resolve`](crate::member::resolve::resolve); those of reading the cache.
    pub fn resolve<'r, R: Read>(
        &self,
        tags: &Tokenizer,
        member: &Name,
        share: &Share,
        rows: impl Into<Rows<'r>>,
        cache: impl Fn() -> Result<Cache<R>, Error>,
    ) -> Result<Resolved, Error> {
        let found = self.of_share(tags, member, share, &cache)?;
        let all = Mutex::new(Vec::new());
        let keep = |tags: &[Token]| {
            all.lock().expect("no panic while it is held").extend_from_slice(tags);
            Ok(())
        };
        let digest = || {
            let all = std::mem::take(&mut *all.lock().expect("no panic while it is held"));
            let of_tags = TokenSet::from_tokens(tags.terms().clone(), member.clone(), all);
            let Translated { set, .. } = self.set(&of_tags, cache()?)?;
            Ok(set.content_digest())
        };
        resolve_by(tags, member, share, rows.into(), &ByTag { found, share }, (keep, digest))
    }

    /// Resolves a share where neither tags nor tokens of the rows fit in memory: a builder collects each, and `scratch` is a file
    /// for the tags between them.
    ///
    /// # Errors
    ///
    /// As [`Translator::resolve`], and as [`SetBuilder::push`].
    pub fn resolve_within<'r, R: Read>(
        &self,
        tags: &Tokenizer,
        share: &Share,
        rows: impl Into<Rows<'r>>,
        ([of_tags, builder], mut scratch): ([SetBuilder<'_>; 2], File),
        cache: impl Fn() -> Result<Cache<R>, Error>,
    ) -> Result<Resolved, Error> {
        let member = builder.member().clone();
        tags.terms().require(of_tags.terms(), of_tags.member())?;
        let found = self.of_share(tags, &member, share, &cache)?;
        let of_tags = RwLock::new(Some(of_tags));
        let keep = |all: &[Token]| {
            let builder = of_tags.read().expect("no panic while it is held");
            builder.as_ref().map_or(Ok(()), |builder| builder.push(all))
        };
        let digest = || {
            let of_tags = of_tags.write().expect("no panic while it is held").take();
            of_tags.expect("asked once").write_to(&mut scratch)?;
            let file = SetFile::from_file(scratch, "the tags of the rows".to_owned())?;
            self.set_into(&builder, &file, cache()?)?;
            builder.content_digest()
        };
        resolve_by(tags, &member, share, rows.into(), &ByTag { found, share }, (keep, digest))
    }

    /// Finds the rows whose tokens others have withdrawn ([`resolve_notice`](crate::member::resolve::resolve_notice)).
    ///
    /// # Errors
    ///
    /// As [`Translator::resolve`].
    pub fn resolve_notice<'r, R: Read>(
        &self,
        tags: &Tokenizer,
        member: &Name,
        notice: &Notice,
        rows: impl Into<Rows<'r>>,
        cache: impl Fn() -> Result<Cache<R>, Error>,
    ) -> Result<Resolved, Error> {
        self.resolve(tags, member, notice.laid_out(), rows, cache)
    }

    /// Finds the tags of a share's tokens.
    fn of_share<R: Read>(
        &self,
        tags: &Tokenizer,
        member: &Name,
        share: &Share,
        cache: &impl Fn() -> Result<Cache<R>, Error>,
    ) -> Result<Tags, Error> {
        share.require_recipient(member)?;
        self.terms().require(share.terms(), share.recipient())?;
        let found = self.tags(|token| Ok(share.tokens().binary_search(token).is_ok()), cache()?)?;
        found.terms.require(tags.terms(), member)?;
        Ok(found)
    }
}

/// Finds the tokens of tags in a share.
struct ByTag<'a> {
    found: Tags,
    share: &'a Share,
}

impl FindInShare for ByTag<'_> {
    fn may_contain(&self, _: &Token) -> bool {
        true
    }

    fn find(&self, tag: &Token) -> Option<usize> {
        self.found.token(tag).and_then(|token| self.share.tokens().binary_search(&token).ok())
    }
}
