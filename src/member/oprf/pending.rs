//! What is pending: identifiers that were blinded and whose answers are awaited. It stays at the member, and goes once they
//! are unblinded.

use std::fmt;
use std::io::{Read, Write};

use serde::{Deserialize, Serialize};
use zeroize::{Zeroize as _, Zeroizing};

use crate::container::secret_hex::SecretHex;
use crate::container::{FileType, Metadata, Signer, document};
use crate::custody::{EvaluationFile, RequestFile, RequestWriter};
use crate::error::Error;
use crate::oprf::{Custody, MAX_BATCH};
use crate::terms::{ContentDigest, CustodyDigest, KeyContext};
use crate::token::Token;

use super::cache::{Cache, CacheOf, Entries, Union, Writer};
use super::{Evaluation, Hashed, Request, Seed};

/// What stands between the header and the entries.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    custody: CustodyDigest,
    key: String,
    request: ContentDigest,
    seed: SecretHex,
}

/// Identifiers that were blinded in one request, in its order, which is that of their tags; with the seed of the blinds.
/// Read once, from the first to the last. It is as sensitive as the member's rows.
pub struct Pending<R> {
    entries: Entries<R>,
    request: ContentDigest,
    seed: Seed,
    /// Number of identifiers that were taken.
    taken: u64,
}

impl<R: Read> Pending<R> {
    /// Opens a file of type [`FileType::Pending`]: reads and checks its header.
    ///
    /// # Errors
    ///
    /// As [`Cache::open`].
    pub fn open(reader: R, of: &CacheOf) -> Result<Self, Error> {
        let mut entries = Entries::open(reader, FileType::Pending, of)?;
        let read = document::read::<Document>(entries.document());
        entries.document().zeroize();
        let Document { custody, key, request, seed } = read?;
        if (custody, key) != of.custody() {
            return Err(Error::Cache { expected: "what is pending at these custodians" });
        }
        Ok(Self { entries, request, seed: Seed(seed), taken: 0 })
    }

    /// Returns the root of the request that they were sent in.
    pub fn request(&self) -> ContentDigest {
        self.request
    }

    /// Returns the number of identifiers.
    pub fn len(&self) -> u64 {
        self.entries.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Takes the next identifiers, as many as one proof is about.
    fn next_batch(&mut self) -> Result<(Vec<Token>, Vec<Hashed>), Error> {
        let (mut tags, mut identifiers) = (Vec::new(), Vec::new());
        while tags.len() < MAX_BATCH {
            let Some((tag, hashed)) = self.entries.next()? else { break };
            tags.push(tag);
            identifiers.push(Hashed(hashed));
        }
        Ok((tags, identifiers))
    }

    /// Counts the entries that the cache has not, and reads both to their ends.
    fn new_to(mut self, cache: Option<Cache<R>>) -> Result<u64, Error> {
        let Some(Cache { entries: mut cache, .. }) = cache else {
            let all = self.len();
            return self.entries.finish().map(|()| all);
        };
        let mut new = 0;
        while let Some((tag, _)) = self.entries.next()? {
            while cache.peek()?.is_some_and(|(before, _)| before < tag) {
                cache.next()?;
            }
            new += u64::from(cache.peek()?.is_none_or(|(next, _)| next != tag));
        }
        self.entries.finish()?;
        cache.finish()?;
        Ok(new)
    }
}

impl Pending<std::io::Empty> {
    /// Writes what is pending as a file of type [`FileType::Pending`], signed. `request` is the root of the request;
    /// `identifiers` are in its order.
    ///
    /// # Errors
    ///
    /// [`Error::Metadata`], [`Error::Io`]; those of the signer.
    pub fn write(
        of: &CacheOf,
        (request, seed): (ContentDigest, Seed),
        identifiers: &[(Token, Hashed)],
        metadata: &Metadata,
        signer: &dyn Signer,
        out: &mut dyn Write,
    ) -> Result<(), Error> {
        let (custody, key) = of.custody();
        let document = Document { custody, key, request, seed: seed.0 };
        let pages = Zeroizing::new(document::pages(&document)?);
        let header = of.header(metadata, identifiers.len() as u64, &pages)?;
        let mut writer = Writer::begin(FileType::Pending, &header, &pages, signer, out)?;
        identifiers.iter().try_for_each(|(tag, hashed)| writer.push(tag, &hashed.0))?;
        writer.finish().map(drop)
    }
}

/// Blinds identifiers, in their order, and adds them to a request. `seed` is fresh. Memory: some 20 MB, whatever their number.
///
/// # Errors
///
/// As [`RequestWriter::push`].
pub fn blind(
    context: &KeyContext,
    identifiers: &[(Token, Hashed)],
    seed: &Seed,
    request: &mut RequestWriter<'_>,
) -> Result<(), Error> {
    for (first, identifiers) in (0..).step_by(MAX_BATCH).zip(identifiers.chunks(MAX_BATCH)) {
        let hashed = identifiers.iter().map(|(_, hashed)| *hashed).collect();
        request.push(Request::of_seed(context, hashed, seed, first).elements())?;
    }
    Ok(())
}

/// Unblinds the answers to a request, and writes a cache that has them besides the entries of an older one. Returns their number.
///
/// The evaluations are of different custodians, at least as many as the threshold says, and accepted by the round
/// ([`Round::accept_evaluation`](crate::Round::accept_evaluation)). All of them are checked. `twice` opens what is pending and
/// the older cache, if there is one: it is asked two times, first to count. Memory: about 40 MB and 20 MB a custodian, whatever the
/// number of identifiers. Nothing of what was written is to be used after an error.
///
/// # Errors
///
/// [`Error::Cache`] where the request is not the pending one, and where the older cache has another answer to an identifier;
/// [`Error::At`] the custodian: [`Error::Cache`] for an answer to another request, [`Error::Oprf`] for one that is not proven. That
/// custodian did not evaluate what it was asked, and request and evaluation show it to everybody. [`Error::Oprf`] for too few
/// custodians; those of the readers and of the signer.
pub fn unblind<R: Read>(
    of: &CacheOf,
    custody: &Custody,
    twice: impl Fn() -> Result<(Pending<R>, Option<Cache<R>>), Error>,
    (request, evaluations): (&RequestFile, &[EvaluationFile]),
    (metadata, signer): (&Metadata, &dyn Signer),
    out: &mut dyn Write,
) -> Result<u64, Error> {
    let (pending, old) = twice()?;
    if (pending.request(), pending.len()) != (request.root(), request.len()) {
        return Err(Error::Cache { expected: "the request that is pending" });
    }
    for evaluation in evaluations {
        if (evaluation.by().request, evaluation.len()) != (request.root(), request.len()) {
            let expected = "an answer to the request that is pending, got one to another request";
            return Err(Error::Cache { expected }.at(evaluation.by().head.custodian.as_str()));
        }
    }
    let before = old.as_ref().map_or(0, Cache::len);
    let number = before + pending.new_to(old)?;
    let (mut pending, old) = twice()?;
    let heads = evaluations.iter().map(|evaluation| evaluation.by().head.clone()).collect();
    let mut union = Union::begin(of, old, (number, heads), metadata, signer, out)?;
    let mut asked = request.batches();
    let mut answers: Vec<_> =
        evaluations.iter().map(|evaluation| (evaluation.by(), evaluation.batches())).collect();
    let short = || Error::Cache { expected: "as many elements as identifiers are pending" };
    loop {
        let (tags, identifiers) = pending.next_batch()?;
        if tags.is_empty() {
            break;
        }
        let first = pending.taken;
        pending.taken += tags.len() as u64;
        let elements = asked.next()?.ok_or_else(short)?;
        let request = Request::restored(&of.terms.context, identifiers, elements, &pending.seed, first)?;
        let mut checked = Vec::with_capacity(answers.len());
        for (by, answers) in &mut answers {
            let (elements, proof) = answers.next()?.ok_or_else(short)?;
            let (custodian, index, proofs) = (&by.head.custodian, by.index, &[proof]);
            let answer = Evaluation { custodian, index, elements: &elements, proofs };
            checked.push(request.check(custody, &answer)?);
        }
        checked.truncate(custody.threshold());
        let evaluated = request.finish(custody, &checked)?;
        tags.iter().zip(&evaluated).try_for_each(|(tag, evaluated)| union.push(tag, evaluated))?;
    }
    pending.entries.finish()?;
    union.finish()
}

impl<R> fmt::Debug for Pending<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pending").field("request", &self.request).finish_non_exhaustive()
    }
}
