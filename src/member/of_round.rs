//! What a member makes for a round: its tokeniser, and its handshake.

use std::sync::Arc;

use crate::error::Error;
use crate::round::Round;
use crate::round::handshake::Handshake;
use crate::set::TokenSet;
use crate::terms::{KeyContext, KindId, Name};

use super::identifier::SuppressionList;
use super::key::CoalitionSecret;
use super::tokenize::Tokenizer;

impl Round {
    /// Makes the tokeniser of a kind of this round, with the suppression list that ships with this crate.
    ///
    /// # Errors
    ///
    /// [`Error::KindNotInRound`]; [`Error::NotBrought`] where the manifest says that `member` brings no set of this
    /// kind; [`Error::Custody`] where the manifest names a custody, since the secret alone makes no tokens then;
    /// [`Error::TermsDiffer`] where this build has other rules than the manifest names; those of [`Tokenizer::new`].
    pub fn tokenizer(
        &self,
        secret: &CoalitionSecret,
        kind: &KindId,
        member: &Name,
    ) -> Result<Tokenizer, Error> {
        let standard = SuppressionList::standard();
        self.tokenizer_with_suppression(secret, kind, member, standard)
    }

    /// Makes the tokeniser of a kind with another suppression list, which the manifest must name by its digest.
    ///
    /// # Errors
    ///
    /// As [`Round::tokenizer`].
    pub fn tokenizer_with_suppression(
        &self,
        secret: &CoalitionSecret,
        kind: &KindId,
        member: &Name,
        list: Arc<SuppressionList>,
    ) -> Result<Tokenizer, Error> {
        if self.manifest().custody.is_some() {
            let expected = "a round without custodians; under this manifest the secret alone makes no tokens";
            return Err(Error::Custody { expected });
        }
        let context = self.brought(kind, member)?;
        self.of_this_round(Tokenizer::new(secret, context)?, member, list)
    }

    /// Makes what makes the tags of a kind of this round, whose tokens need custodians. The manifest names the suppression list by
    /// its digest.
    ///
    /// # Errors
    ///
    /// As [`Round::tokenizer`]; those of [`PublicCustody::require_round`](crate::custody::PublicCustody::require_round).
    #[cfg(all(feature = "oprf", feature = "seal"))]
    pub fn tags(
        &self,
        identity: &crate::round::identity::Identity,
        custody: &crate::custody::PublicCustody,
        kind: &KindId,
        member: &Name,
        list: Arc<SuppressionList>,
    ) -> Result<Tokenizer, Error> {
        custody.require_round(self.manifest())?;
        let context = self.brought(kind, member)?;
        let (key, _) = custody.kind(kind).ok_or_else(|| Error::KindNotInRound { kind: kind.clone() })?;
        self.of_this_round(Tokenizer::of_tags(identity, context, key.key())?, member, list)
    }

    /// Returns what a key of a kind is for, if the member brings a set of it.
    fn brought(&self, kind: &KindId, member: &Name) -> Result<KeyContext, Error> {
        let kind = self.kind(kind)?.kind.clone();
        if let Ok(listed) = self.member(member) {
            self.require_brings(listed, &kind)?;
        }
        KeyContext::new(self.manifest().coalition.clone(), self.manifest().epoch, kind)
    }

    fn of_this_round(
        &self,
        tokenizer: Tokenizer,
        member: &Name,
        list: Arc<SuppressionList>,
    ) -> Result<Tokenizer, Error> {
        let tokenizer = tokenizer.with_suppression(list).with_round(self.digest());
        self.require_terms(tokenizer.terms(), member)?;
        Ok(tokenizer)
    }
}

impl Handshake {
    /// Tokenises the inputs of the kind's self-test table, which `spec/selftest-1.tsv` lists.
    pub fn new(tokenizer: &Tokenizer, member: Name) -> Self {
        Self(TokenSet::from_tokens(tokenizer.terms().clone(), member, tokenizer.self_test_tokens()))
    }
}
