//! Turns canonical bytes into tokens: one value, or a whole input in parallel. Needs the feature `member`.
//!
//! A token is the first 16 bytes of HMAC-SHA-256(token key, canonical bytes) (RFC 2104, FIPS 180-4).

#[doc(hidden)]
pub mod bench;
mod first;
mod lanes;
pub(crate) mod stream;
mod values;

use std::fmt;
use std::sync::{Arc, Mutex};

use crate::error::Error;
use crate::outcome::{Counters, Reason, Rejection};
use crate::set::{SetBuilder, TokenSet};
use crate::terms::{KeyContext, KeyId, Name, RoundDigest, Terms};
use crate::token::Token;

use super::identifier::{Canonical, Canonicalizer, Kind, NationalPlan, Outcome, SuppressionList};
use super::key::{CoalitionSecret, TokenKey};
use super::rows::{At, MAX_LINE, Oddities, Rows};
use lanes::{Batch, Lanes};
use values::Tokens;

pub(crate) use first::FirstRows;
pub use lanes::Backend;
#[cfg(all(feature = "oprf", feature = "seal"))]
pub(crate) use stream::each_form;
pub(crate) use stream::{Found, Part, Read, each_block, each_token};

/// Makes the tokens of one context. It stays at the member, because whoever has it can try identifiers.
///
/// Threads share it freely. There is no `Clone`, `Display` or `Serialize`; `Debug` shows the public terms only;
/// dropping wipes the keyed state.
///
/// ```
/// use veilmatch::terms::{KeyContext, Name};
/// use veilmatch::member::identifier::Kind;
/// use veilmatch::member::key::CoalitionSecret;
/// use veilmatch::member::rows::Rows;
/// use veilmatch::member::tokenize::Tokenizer;
///
/// let secret = CoalitionSecret::generate()?;
/// let context = KeyContext::new(Name::new("efc")?, 1, Kind::BankIban.kind_id())?;
/// let tokenizer = Tokenizer::new(&secret, context)?;
///
/// let export = "DE89 3704 0044 0532 0130 00\nde89370400440532013000\nDE88370400440532013000\n";
/// let tokenized = tokenizer.tokenize(&Name::new("bank-a")?, Rows::lines(export.as_bytes()))?;
/// assert_eq!(tokenized.set.len(), 1);
/// assert_eq!(tokenized.set.counters().duplicates, 1);
/// assert_eq!(tokenized.rejections[0].place.row, 3);
/// # Ok::<(), veilmatch::Error>(())
/// ```
pub struct Tokenizer {
    terms: Terms,
    canonicalizer: Canonicalizer,
    lanes: Lanes,
}

/// The result of a whole input.
///
/// See the example of [`Tokenizer`].
#[derive(Clone, Debug)]
pub struct Tokenized {
    /// The set, with its counters.
    pub set: TokenSet,
    /// Counters of each input, where several were chained; duplicates are not counted there.
    pub inputs: Vec<Counters>,
    /// The first [`Tokenizer::KEPT_REJECTIONS`] rejected rows, in order; the counters count all.
    pub rejections: Vec<Rejection>,
    /// How the lines of the input differ from its rows.
    pub oddities: Oddities,
}

impl Tokenizer {
    /// The number of rejected rows that are listed one by one.
    pub const KEPT_REJECTIONS: usize = 100;

    /// Makes a tokeniser of the context's kind, with the suppression list that ships with this crate.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownKind`] if this build has no rule for the context's kind; [`Error::SelfTest`] if HMAC
    /// is not computed correctly on this machine.
    pub fn new(secret: &CoalitionSecret, context: KeyContext) -> Result<Self, Error> {
        let (key, key_id) = (secret.token_key(&context), secret.key_id(&context));
        Self::from_token_key(&key, context, key_id)
    }

    /// Makes a tokeniser with a key that is derived and kept elsewhere, in an HSM or a key service.
    ///
    /// Derive `key_id` in the same place, with the key: by it, sets under different keys refuse each other. Two keys
    /// under one mistaken id would match nothing, and nobody could tell.
    ///
    /// # Errors
    ///
    /// As [`Tokenizer::new`].
    pub fn from_token_key(key: &TokenKey, context: KeyContext, key_id: KeyId) -> Result<Self, Error> {
        let kind: Kind = context.kind().as_str().parse()?;
        let canonicalizer = Canonicalizer::new(kind);
        let terms = Terms {
            context,
            key_id,
            rules: kind.rule_digest(),
            suppression: canonicalizer.suppression().digest(),
            round: None,
        };
        Ok(Self { terms, canonicalizer, lanes: Lanes::new(key)? })
    }

    /// Replaces the suppression list; sets made under different lists refuse each other.
    #[must_use]
    pub fn with_suppression(mut self, list: Arc<SuppressionList>) -> Self {
        self.terms.suppression = list.digest();
        self.canonicalizer = self.canonicalizer.with_suppression(list);
        self
    }

    /// States how this member's own national phone numbers are dialled; other kinds ignore it.
    #[must_use]
    pub fn with_national_plan(mut self, plan: NationalPlan) -> Self {
        self.canonicalizer = self.canonicalizer.with_national_plan(plan);
        self
    }

    /// Binds the sets to a round by the digest of its manifest.
    #[must_use]
    pub fn with_round(mut self, round: RoundDigest) -> Self {
        self.terms.round = Some(round);
        self
    }

    /// Computes its HMACs by one back end rather than the best one: for tests, and to examine a machine.
    ///
    /// The tokens are the same. [`Backend::Portable`] still hashes a canonical form over 55 bytes, and every value that
    /// [`Tokenizer::token`] is given.
    ///
    /// # Errors
    ///
    /// [`Error::Backend`] if this machine lacks the instructions or does not compute correctly with them.
    pub fn with_backend(self, backend: Backend) -> Result<Self, Error> {
        Ok(Self { lanes: self.lanes.with_backend(backend)?, ..self })
    }

    /// Returns the back end that computes its HMACs.
    ///
    /// By default it is the first of [`Backend::available`]. Another one means that the better code failed its
    /// self-test: warn whoever runs the machine.
    pub fn backend(&self) -> Backend {
        self.lanes.backend()
    }

    /// Returns the terms of the sets that this tokeniser makes.
    pub fn terms(&self) -> &Terms {
        &self.terms
    }

    /// Makes the token of one value; returns nothing if the value is on the suppression list.
    ///
    /// # Errors
    ///
    /// The [`Reason`] why the value is not an identifier of this kind.
    pub fn token(&self, raw: &[u8]) -> Result<Option<Token>, Reason> {
        let mut canonical = Canonical::new();
        match self.canonicalize(raw, &mut canonical)? {
            Outcome::Accepted { .. } => Ok(Some(self.lanes.token(canonical.as_bytes()))),
            Outcome::Suppressed => Ok(None),
        }
    }

    /// Says what the rule makes of one value, without its token: whether it is accepted, and what is odd about it.
    ///
    /// # Errors
    ///
    /// The [`Reason`] why the value is not an identifier of this kind.
    ///
    /// ```
    /// # use veilmatch::member::{CoalitionSecret, Kind, Tokenizer};
    /// # use veilmatch::terms::{KeyContext, Name};
    /// # let context = KeyContext::new(Name::new("efc")?, 1, Kind::BankIban.kind_id())?;
    /// # let tokenizer = Tokenizer::new(&CoalitionSecret::generate()?, context)?;
    /// use veilmatch::Reason;
    /// use veilmatch::member::identifier::Outcome;
    ///
    /// let accepted = Ok(Outcome::Accepted { changed: true, warning: false });
    /// assert_eq!(tokenizer.outcome(b"DE89 3704 0044 0532 0130 00"), accepted);
    /// assert_eq!(tokenizer.outcome(b""), Err(Reason::Empty));
    /// # Ok::<(), veilmatch::Error>(())
    /// ```
    pub fn outcome(&self, raw: &[u8]) -> Result<Outcome, Reason> {
        self.canonicalize(raw, &mut Canonical::new())
    }

    /// Makes the tokens of the kind's public self-test inputs, whatever this member's own national plan.
    pub(crate) fn self_test_tokens(&self) -> Vec<Token> {
        self.self_test(|_, token| token)
    }

    /// Calls `each` with the canonical bytes and the token of every self-test input that has them.
    pub(crate) fn self_test<T>(&self, each: impl Fn(&[u8], Token) -> T) -> Vec<T> {
        let canonicalizer = self.canonicalizer.without_national_plan();
        let mut canonical = Canonical::new();
        let mut made = |input| match canonicalizer.canonicalize(input, &mut canonical) {
            Ok(Outcome::Accepted { .. }) => {
                let form = canonical.as_bytes();
                Some(each(form, self.lanes.token(form)))
            }
            Ok(Outcome::Suppressed) | Err(_) => None,
        };
        canonicalizer.kind().self_test_inputs().filter_map(&mut made).collect()
    }

    /// Tokenises an iterator of values on the current thread, in order. From about a dozen values on, this is faster
    /// than one by one.
    ///
    /// It reads up to 96 values ahead, to hash them together. It allocates room for those, 8 KiB, and nothing more.
    ///
    /// ```
    /// # use veilmatch::member::identifier::Kind;
    /// # use veilmatch::member::key::CoalitionSecret;
    /// # use veilmatch::member::tokenize::Tokenizer;
    /// # use veilmatch::terms::{KeyContext, Name};
    /// # let secret = CoalitionSecret::generate()?;
    /// # let context = KeyContext::new(Name::new("efc")?, 1, Kind::BankIban.kind_id())?;
    /// # let tokenizer = Tokenizer::new(&secret, context)?;
    /// let accounts = ["DE89 3704 0044 0532 0130 00", "DE88370400440532013000"];
    /// for (account, outcome) in accounts.iter().zip(tokenizer.tokens(&accounts)) {
    ///     assert!(outcome == tokenizer.token(account.as_bytes()));
    /// }
    /// # Ok::<(), veilmatch::Error>(())
    /// ```
    pub fn tokens<V: AsRef<[u8]>>(
        &self,
        values: impl IntoIterator<Item = V>,
    ) -> impl Iterator<Item = Result<Option<Token>, Reason>> {
        Tokens::new(self, values.into_iter())
    }

    /// Brings one value into canonical form, within the bounds of a row.
    #[inline]
    fn canonicalize(&self, raw: &[u8], canonical: &mut Canonical) -> Result<Outcome, Reason> {
        canonicalize_row(&self.canonicalizer, raw, canonical)
    }

    /// Brings one value into canonical form, within the bounds of a row, and stages it if it is accepted; there must be room.
    #[inline(always)]
    fn stage(
        &self,
        raw: &[u8],
        at: At,
        canonical: &mut Canonical,
        batch: &mut Batch,
    ) -> Result<Outcome, Reason> {
        if let Some(decided) = self.canonicalizer.decide_short(raw) {
            let (form, outcome) = decided?;
            batch.stage_short(form, at);
            return Ok(outcome);
        }
        self.stage_by_rule(raw, at, canonical, batch)
    }

    #[inline(never)]
    fn stage_by_rule(
        &self,
        raw: &[u8],
        at: At,
        canonical: &mut Canonical,
        batch: &mut Batch,
    ) -> Result<Outcome, Reason> {
        let outcome = self.canonicalize(raw, canonical)?;
        if let Outcome::Accepted { .. } = outcome {
            batch.stage(&self.lanes, canonical, at);
        }
        Ok(outcome)
    }

    /// Makes the set of a whole input, which is read once and in parallel, in the caller's rayon pool.
    ///
    /// Memory: 16 bytes an accepted row, some hundredths of that more while the set is sorted, and about 1 MiB a
    /// thread. The set does not depend on the number of threads.
    ///
    /// # Errors
    ///
    /// Those of the input ([`Rows`]) and [`Error::Cancelled`]. A row that is not an identifier is no error:
    /// it is counted and, among the first, listed.
    pub fn tokenize<'r>(&self, member: &Name, rows: impl Into<Rows<'r>>) -> Result<Tokenized, Error> {
        let all = Mutex::new(Vec::new());
        let push = |tokens: &mut Vec<Token>, _, token| tokens.push(token);
        let keep = |tokens: Vec<Token>| {
            all.lock().expect("no panic while it is held").extend_from_slice(&tokens);
            Ok(())
        };
        let read = each_token(self, rows.into(), push, keep)?;
        let all = all.into_inner().expect("no panic while it was held");
        let set = TokenSet::from_counted(self.terms.clone(), member.clone(), all, read.counters);
        Ok(Tokenized { set, inputs: read.inputs, rejections: read.rejections, oddities: read.oddities })
    }

    /// Tokenises rows into a set larger than memory: tokens go to a builder, which writes the file.
    ///
    /// The builder counts what became of the rows. Memory: about 1 MiB a thread, besides the builder's.
    ///
    /// # Errors
    ///
    /// As [`Tokenizer::tokenize`], and as [`SetBuilder::push`]; [`Error::TermsDiffer`] for a builder of other terms. A
    /// builder with part of an input is not to be used.
    pub fn tokenize_into<'r>(
        &self,
        builder: &SetBuilder<'_>,
        rows: impl Into<Rows<'r>>,
    ) -> Result<Spilled, Error> {
        self.terms.require(builder.terms(), builder.member())?;
        let push = |tokens: &mut Vec<Token>, _, token| tokens.push(token);
        let read = each_token(self, rows.into(), push, |tokens| builder.push(&tokens));
        // A part of an input would make a set that looks whole.
        let read = read.inspect_err(|error| builder.give_up(error))?;
        let Read { counters, inputs, rejections, oddities, .. } = read;
        builder.count(&counters);
        Ok(Spilled { counters, inputs, rejections, oddities })
    }
}

/// The result for an input whose tokens went to a [`SetBuilder`].
///
/// ```
/// # use veilmatch::member::{CoalitionSecret, Kind, Rows, Tokenizer};
/// # use veilmatch::terms::{KeyContext, Name};
/// # let context = KeyContext::new(Name::new("efc")?, 1, Kind::BankIban.kind_id())?;
/// # let tokenizer = Tokenizer::new(&CoalitionSecret::generate()?, context)?;
/// # let parent = tempfile::tempdir()?;
/// # let folder = parent.path().join("spill");
/// use veilmatch::SetBuilder;
///
/// let (terms, member) = (tokenizer.terms().clone(), Name::new("bank-a")?);
/// let builder = SetBuilder::new(terms, member, SetBuilder::LEAST_MEMORY, &folder)?;
/// let spilled = tokenizer.tokenize_into(&builder, Rows::values(["DE89 3704 0044 0532 0130 00", "?"]))?;
/// assert_eq!((spilled.counters.accepted, spilled.rejections[0].place.row), (1, 2));
/// assert_eq!(builder.write_to(&mut std::io::Cursor::new(Vec::new()))?.tokens(), 1);
/// # Ok::<(), veilmatch::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Spilled {
    /// Counters of the rows; duplicates are not known before the set is complete.
    pub counters: Counters,
    /// Counters of each input, where several were chained.
    pub inputs: Vec<Counters>,
    /// The first [`Tokenizer::KEPT_REJECTIONS`] rejected rows, in order.
    pub rejections: Vec<Rejection>,
    /// How the lines of the input differ from its rows.
    pub oddities: Oddities,
}

/// Brings one value into canonical form, within the bounds of a row.
#[inline]
pub(crate) fn canonicalize_row(
    rule: &Canonicalizer,
    raw: &[u8],
    canonical: &mut Canonical,
) -> Result<Outcome, Reason> {
    if raw.len() > MAX_LINE {
        return Err(Reason::RowTooLong);
    }
    rule.canonicalize(raw, canonical)
}

impl fmt::Debug for Tokenizer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokenizer").field("terms", &self.terms).finish_non_exhaustive()
    }
}
