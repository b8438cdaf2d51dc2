//! What is pending: identifiers that were blinded and whose answers are awaited. It stays at the member, and goes once they
//! are unblinded.

use std::fmt;
use std::io::{Read, Write};

use serde::{Deserialize, Serialize};
use zeroize::{Zeroize as _, Zeroizing};

use crate::container::secret_hex::SecretHex;
use crate::container::{FileType, Metadata, Signer, document};
use crate::custody::{self, By, EvaluationFile, RequestFile, RequestWriter};
use crate::error::Error;
use crate::oprf::{Custody, MAX_BATCH};
use crate::terms::{ContentDigest, CustodyDigest, KeyContext};
use crate::token::Token;

use super::cache::{Cache, CacheOf, Entries, Latest, Union, Writer};
use super::{Checked, Evaluation, Hashed, Request, Seed};

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
    pub(super) entries: Entries<R>,
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
        entries.document().as_mut_slice().zeroize(); // its length still counts
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

    /// Returns the number of identifiers that a cache does not have. It is 0 once the answers were unblinded.
    ///
    /// # Errors
    ///
    /// Those of reading both.
    pub fn new_to(mut self, cache: Option<Cache<R>>) -> Result<u64, Error> {
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
/// The evaluations were accepted by the round ([`Round::accept_evaluation`](crate::Round::accept_evaluation)). All of them are
/// checked; right ones of as many custodians as the threshold says are enough. Each that is wrong is told to `wrong` by its place
/// among them, once, and left out: [`Error::At`] the custodian: [`Error::Cache`] for an answer to another request, [`Error::Oprf`]
/// for one that is not proven. The latter custodian did not evaluate what it was asked, and request and evaluation show it to
/// everybody.
///
/// `twice` opens what is pending and the older cache, if there is one: it is asked two times, first to count. Memory: about 40 MB
/// and 20 MB an evaluation, whatever the number of identifiers. Nothing of what was written is to be used after an error.
///
/// # Errors
///
/// [`Error::Cache`] where the request is not the pending one, and where the older cache has another answer to an identifier;
/// [`Error::Oprf`] for right answers of too few custodians; those of the readers and of the signer.
pub fn unblind<R: Read>(
    (of, custody): (&CacheOf, &Custody),
    twice: impl Fn() -> Result<(Pending<R>, Option<Cache<R>>), Error>,
    (request, evaluations): (&RequestFile, &[EvaluationFile]),
    wrong: &mut dyn FnMut(usize, Error),
    (metadata, signer): (&Metadata, &dyn Signer),
    out: &mut dyn Write,
) -> Result<u64, Error> {
    let (pending, old) = twice()?;
    if (pending.request(), pending.len()) != (request.root(), request.len()) {
        return Err(Error::Cache { expected: "the request that is pending" });
    }
    let before = old.as_ref().map_or(0, Cache::len);
    let number = before + pending.new_to(old)?;
    let (mut pending, old) = twice()?;
    let mut answers = Answers::of(request, evaluations, wrong);
    let heads = (number, answers.heads(), request.heads());
    let mut union = Union::begin(of, old, heads, metadata, signer, out)?;
    let mut asked = request.batches();
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
        let checked = answers.checked(custody, &request, wrong)?;
        let evaluated = request.finish(custody, &checked)?;
        tags.iter().zip(&evaluated).try_for_each(|(tag, evaluated)| union.push(tag, evaluated))?;
    }
    pending.entries.finish()?;
    union.finish()
}

/// The answers that were not found wrong yet, each with its place among all.
struct Answers<'a>(Vec<(usize, &'a EvaluationFile, custody::Answers<'a>)>);

impl<'a> Answers<'a> {
    /// Takes those to this request.
    fn of(request: &RequestFile, all: &'a [EvaluationFile], wrong: &mut dyn FnMut(usize, Error)) -> Self {
        let mut answers = Vec::with_capacity(all.len());
        for (place, evaluation) in all.iter().enumerate() {
            let by = evaluation.by();
            if (by.request, evaluation.len()) == (request.root(), request.len()) {
                answers.push((place, evaluation, evaluation.batches()));
                continue;
            }
            let expected = "an answer to the request that is pending, got one to another request";
            wrong(place, Error::Cache { expected }.at(by.head.custodian.as_str()));
        }
        Self(answers)
    }

    /// Returns the head that came with each.
    fn heads(&self) -> Vec<Latest> {
        let head = |evaluation: &EvaluationFile| Latest {
            answered: evaluation.metadata().created,
            head: evaluation.by().head.clone(),
        };
        self.0.iter().map(|(_, evaluation, _)| head(evaluation)).collect()
    }

    /// Checks the next batch of all, and drops those that are wrong. Returns as many as the threshold says, of different
    /// custodians; fewer if there are no more. What each batch is made of need not be of the same custodians: all that are proven
    /// give the same.
    fn checked(
        &mut self,
        custody: &Custody,
        request: &Request,
        wrong: &mut dyn FnMut(usize, Error),
    ) -> Result<Vec<Checked>, Error> {
        let mut checked: Vec<Checked> = Vec::with_capacity(self.0.len());
        let mut unread = None;
        self.0.retain_mut(|(place, evaluation, answers)| {
            let By { head, index, .. } = evaluation.by();
            let mut check = || {
                let short = || Error::Cache { expected: "as many evaluations as were asked for" };
                let (elements, proof) = answers.next()?.ok_or_else(|| short().at(head.custodian.as_str()))?;
                let (custodian, index, proofs) = (&head.custodian, *index, &[proof]);
                request.check(custody, &Evaluation { custodian, index, elements: &elements, proofs })
            };
            match check() {
                Ok(answer) if checked.iter().any(|before| before.index == answer.index) => true,
                Ok(answer) => {
                    checked.push(answer);
                    true
                }
                // That this machine cannot read is no custodian's fault.
                Err(error @ Error::Io(_)) => {
                    unread.get_or_insert(error);
                    true
                }
                Err(error) => {
                    wrong(*place, error);
                    false
                }
            }
        });
        checked.truncate(custody.threshold());
        unread.map_or(Ok(checked), Err)
    }
}

impl<R> fmt::Debug for Pending<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pending").field("request", &self.request).finish_non_exhaustive()
    }
}
