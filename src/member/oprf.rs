//! A member's part in tokens that it cannot make alone: blinding, unblinding, and the tokens of version 2.
//!
//! ```text
//! x     = lp("veilmatch/2 oprf") || context || SHA-256(canonical bytes)
//! F     = the first 32 bytes of RFC 9497's Finalize(x, k·HashToGroup(x))
//! token = HMAC(token key of version 2, F)[0..16]
//! ```
//!
//! **A draft that nobody outside has reviewed: not for use in earnest** ([`crate::oprf`]).
//!
//! [`key`](super::key) tells what the context is, and how that token key comes from the coalition's secret and the custodians'
//! public key: both keys are needed for a token. [`crate::oprf`] tells what the custodians do.
//!
//! Blinds are wiped. Identifiers, unblinded elements and F are not, as rows are not.

#[cfg(feature = "seal")]
mod cache;
#[cfg(feature = "seal")]
mod pending;
#[cfg(feature = "seal")]
mod resolve;
mod seed;
#[cfg(feature = "seal")]
mod tags;
#[cfg(test)]
mod tests;
#[cfg(feature = "seal")]
mod translate;

use std::fmt;

use dalek::traits::VartimeMultiscalarMul as _;
use dalek::{RistrettoPoint, Scalar};
use hmac::{Hmac, KeyInit as _, Mac as _};
use rayon::iter::{
    IndexedParallelIterator as _, IntoParallelIterator as _, IntoParallelRefIterator as _,
    IntoParallelRefMutIterator as _, ParallelIterator as _,
};
use rayon::slice::{ParallelSlice as _, ParallelSliceMut as _};
use ring::digest::{Context, SHA256};
use sha2::Sha256;
use zeroize::{Zeroize as _, Zeroizing};

use crate::error::Error;
use crate::oprf::{
    Custody, Element, OURS, Points, Proof, TO_GROUP, TOGETHER, coefficients, encode_doubled, expand,
    random_scalar, sha512,
};
use crate::terms::{KeyContext, Name};
use crate::token::Token;

use super::key::TokenKey;

#[cfg(feature = "seal")]
pub use cache::{Cache, CacheOf};
#[cfg(feature = "seal")]
pub use pending::{Pending, blind, unblind};
pub use seed::Seed;
#[cfg(feature = "seal")]
pub use tags::Tagged;
#[cfg(feature = "seal")]
pub use translate::{Tags, Translated, Translator};

const INPUT_LABEL: &[u8] = b"veilmatch/2 oprf";

/// SHA-256 of an identifier's canonical bytes: what of it goes into the input of the function. It is as telling as the
/// identifier.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hashed([u8; 32]);

/// F: an identifier as custodians have evaluated it, unblinded. With the token key it makes a token, so it is as sensitive as
/// the rows.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Evaluated([u8; 32]);

/// What one custodian answered to a request.
pub struct Evaluation<'a> {
    /// The custodian, for messages.
    pub custodian: &'a Name,
    /// The index of its share.
    pub index: u16,
    /// The evaluations, in the order of the request.
    pub elements: &'a [Element],
    /// A proof for each [`MAX_BATCH`](crate::oprf::MAX_BATCH) of them.
    pub proofs: &'a [Proof],
}

/// Identifiers of one coalition, epoch and kind, blinded: what custodians are asked, and what unblinding needs.
///
/// Whoever has the blinds and the answers can try out identifiers: a request is as sensitive as the rows, but for its
/// [`elements`](Request::elements). Memory: 256 bytes an identifier.
///
/// ```
/// use veilmatch::member::CoalitionSecret;
/// use veilmatch::member::oprf::{Evaluation, Hashed, Request, tokens};
/// use veilmatch::oprf::{Custody, Holder};
/// use veilmatch::terms::{KeyContext, KindId, Name};
///
/// // One custodian alone, which has the whole key: for trials.
/// let (custodian, name) = (Holder::new(1, &mut [7; 32])?, Name::new("notary")?);
/// let custody = Custody::new(custodian.public().key, 1, vec![custodian.public()])?;
///
/// let context = KeyContext::new(Name::new("efc")?, 1, KindId::new("bank.iban/1")?)?;
/// let request = Request::new(&context, vec![Hashed::of(b"DE89370400440532013000")])?;
///
/// let (elements, proofs) = custodian.evaluate(request.elements())?;
///
/// let answer = Evaluation { custodian: &name, index: 1, elements: &elements, proofs: &proofs };
/// let evaluated = request.finish(&custody, &[request.check(&custody, &answer)?])?;
/// let key = CoalitionSecret::generate()?.custody_token_key(&context, custody.key());
/// assert_eq!(tokens(&key, &evaluated).len(), 1);
/// # Ok::<(), veilmatch::Error>(())
/// ```
pub struct Request {
    /// What stands before the hash of every identifier.
    prefix: Vec<u8>,
    identifiers: Vec<Hashed>,
    elements: Vec<Element>,
    points: Vec<RistrettoPoint>,
    blinds: Blinds,
}

/// An answer whose proofs hold.
pub struct Checked {
    /// The request that it answers, and the key.
    of: ([u8; 32], Element),
    index: u16,
    points: Points,
}

/// The random numbers that hide identifiers from custodians; wiped when dropped.
struct Blinds(Box<[Scalar]>);

impl Hashed {
    /// Hashes canonical bytes.
    pub fn of(canonical: &[u8]) -> Self {
        Self(sha256(&[canonical]))
    }
}

impl Evaluated {
    /// Returns the 32 bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl Request {
    /// Blinds identifiers, in their order. In the pool of threads.
    ///
    /// # Errors
    ///
    /// [`Error::Random`].
    pub fn new(context: &KeyContext, identifiers: Vec<Hashed>) -> Result<Self, Error> {
        let blinds = Blinds::random(identifiers.len())?;
        Ok(Self::blinded(context, identifiers, blinds))
    }

    /// Blinds part of a longer list of identifiers by the list's seed; `first` is the place of its first, from 0. In the pool of
    /// threads.
    pub fn of_seed(context: &KeyContext, identifiers: Vec<Hashed>, seed: &Seed, first: u64) -> Self {
        let blinds = Blinds::of_seed(identifiers.len(), seed, first);
        Self::blinded(context, identifiers, blinds)
    }

    /// Makes a request again that [`Request::of_seed`] made, of the elements that it gave. That takes a tenth of the time.
    ///
    /// # Errors
    ///
    /// [`Error::Oprf`] where these are no elements, or as far as the first of them shows not those of the identifiers and seed.
    pub fn restored(
        context: &KeyContext,
        identifiers: Vec<Hashed>,
        elements: Vec<Element>,
        seed: &Seed,
        first: u64,
    ) -> Result<Self, Error> {
        let points = Points::read(&elements)?.0;
        let beginning = Self::of_seed(context, identifiers[..identifiers.len().min(1)].to_vec(), seed, first);
        if identifiers.len() != elements.len() || elements.first() != beginning.elements.first() {
            let expected = "the elements of these identifiers";
            return Err(Error::Oprf { at: None, expected });
        }
        let blinds = Blinds::of_seed(identifiers.len(), seed, first);
        Ok(Self { prefix: beginning.prefix, identifiers, elements, points, blinds })
    }

    fn blinded(context: &KeyContext, identifiers: Vec<Hashed>, blinds: Blinds) -> Self {
        let lp = |part: &[u8]| [&(part.len() as u16).to_be_bytes(), part].concat();
        let (coalition, kind) = (context.coalition().as_str(), context.kind().as_str());
        let epoch = context.epoch().to_be_bytes();
        let prefix =
            [lp(INPUT_LABEL), lp(coalition.as_bytes()), epoch.to_vec(), lp(kind.as_bytes())].concat();
        let halves = identifiers.par_iter().zip(&*blinds.0).map(|(identifier, blind)| {
            *Zeroizing::new(blind.div_by_2()) * hash_to_group(&input(&prefix, identifier))
        });
        let halves: Vec<RistrettoPoint> = halves.collect();
        let elements = halves.par_chunks(TOGETHER).flat_map_iter(encode_doubled).collect();
        let points = halves.par_iter().map(|half| half + half).collect();
        Self { prefix, identifiers, elements, points, blinds }
    }

    /// Returns the blinded identifiers: what goes to every custodian.
    pub fn elements(&self) -> &[Element] {
        &self.elements
    }

    /// Checks what a custodian answered to this request. If it is refused, another custodian can be asked. In the pool of
    /// threads.
    ///
    /// # Errors
    ///
    /// [`Error::At`] the custodian: [`Error::Oprf`] for evaluations that are no elements, too few or too many, or not proven.
    pub fn check(&self, custody: &Custody, answer: &Evaluation<'_>) -> Result<Checked, Error> {
        let read = || {
            let share = custody.share(answer.index)?;
            share.read(OURS, (&self.elements, &self.points), answer.elements, answer.proofs)
        };
        let points = read().map_err(|error: Error| error.at(answer.custodian.as_str()))?;
        Ok(Checked { of: (self.digest(), *custody.key()), index: answer.index, points })
    }

    /// Combines the answers of as many custodians as the threshold says and takes the blinds away: what the custodians' key
    /// makes of each identifier, in their order. In the pool of threads.
    ///
    /// # Errors
    ///
    /// [`Error::Oprf`] for more or fewer answers, for two of one custodian, and for answers to another request or of another
    /// key.
    pub fn finish(&self, custody: &Custody, answers: &[Checked]) -> Result<Vec<Evaluated>, Error> {
        let of = (self.digest(), *custody.key());
        let is_again = |at: usize| answers[..at].iter().any(|before| before.index == answers[at].index);
        if answers.len() != custody.threshold()
            || (0..answers.len()).any(is_again)
            || answers.iter().any(|answer| answer.of != of)
        {
            let expected = "answers to this request of as many custodians as the threshold says, each once";
            return Err(Error::Oprf { at: None, expected });
        }
        let elements = combine(answers, &self.blinds.inverses());
        let finalized = self.identifiers.par_iter().zip(&elements);
        let finalized = finalized
            .map(|(identifier, element)| Evaluated(finalize(&input(&self.prefix, identifier), element)));
        Ok(finalized.collect())
    }

    /// Tells requests apart.
    fn digest(&self) -> [u8; 32] {
        let parts: Vec<&[u8]> = self.elements.iter().map(|element| &element.0[..]).collect();
        sha256(&parts)
    }
}

impl Blinds {
    fn random(number: usize) -> Result<Self, Error> {
        let mut blinds = Self(vec![Scalar::ZERO; number].into_boxed_slice());
        blinds.0.par_iter_mut().try_for_each(|blind| random_scalar().map(|random| *blind = *random))?;
        Ok(blinds)
    }

    fn of_seed(number: usize, seed: &Seed, first: u64) -> Self {
        let mut blinds = Self(vec![Scalar::ZERO; number].into_boxed_slice());
        let places = blinds.0.par_iter_mut().enumerate();
        places.for_each(|(place, blind)| *blind = *seed.blind(first + place as u64));
        blinds
    }

    /// Returns their inverses; some together cost one inversion.
    fn inverses(&self) -> Self {
        let mut inverses = Self(self.0.clone());
        let together = inverses.0.par_chunks_mut(TOGETHER);
        together.for_each(|inverses| Scalar::invert_batch_alloc(inverses).zeroize());
        inverses
    }
}

impl Drop for Blinds {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = Context::new(&SHA256);
    parts.iter().for_each(|part| hash.update(part));
    let mut out = [0; 32];
    out.copy_from_slice(hash.finish().as_ref());
    out
}

/// Returns x of an identifier.
fn input(prefix: &[u8], identifier: &Hashed) -> Vec<u8> {
    [prefix, &identifier.0].concat()
}

/// HashToGroup of RFC 9497.
fn hash_to_group(input: &[u8]) -> RistrettoPoint {
    RistrettoPoint::from_uniform_bytes(&expand(&[input], TO_GROUP))
}

/// The last step of the RFC's Finalize, cut to 32 bytes. `element` is the unblinded one.
fn finalize(input: &[u8], element: &Element) -> [u8; 32] {
    let input_len = (input.len() as u16).to_be_bytes();
    let hash = sha512(&[&input_len, input, &[0, 32], &element.0, b"Finalize"]);
    let mut cut = [0; 32];
    cut.copy_from_slice(&hash[..32]);
    cut
}

/// Sums the evaluations of t holders and takes the blinds away: the elements of RFC 9497's Finalize, encoded.
///
/// The sums are in variable time: blinded, they say nothing.
fn combine(answers: &[Checked], inverses: &Blinds) -> Vec<Element> {
    let indices: Vec<u16> = answers.iter().map(|answer| answer.index).collect();
    let coefficients = coefficients(&indices, 0);
    let combined = |at: usize| {
        let points = answers.iter().map(|answer| answer.points.0[at]);
        let sum = match answers {
            [alone] => alone.points.0[at],
            _ => RistrettoPoint::vartime_multiscalar_mul(&coefficients, points),
        };
        *Zeroizing::new(inverses.0[at].div_by_2()) * sum
    };
    let number = inverses.0.len();
    let chunk = |first: usize| {
        let halves: Vec<RistrettoPoint> = (first..number.min(first + TOGETHER)).map(combined).collect();
        encode_doubled(&halves)
    };
    let firsts = (0..number.div_ceil(TOGETHER)).into_par_iter().map(|chunk| chunk * TOGETHER);
    firsts.flat_map_iter(chunk).collect()
}

/// Makes the tokens of evaluated identifiers, in their order. `key` is of version 2
/// ([`CoalitionSecret::custody_token_key`](super::CoalitionSecret::custody_token_key)).
pub fn tokens(key: &TokenKey, evaluated: &[Evaluated]) -> Vec<Token> {
    let keyed = Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect("HMAC takes keys of any length");
    let token = |evaluated: &Evaluated| {
        let mut mac = keyed.clone();
        mac.update(&evaluated.0);
        let mut cut = [0; 16];
        cut.copy_from_slice(&mac.finalize().into_bytes()[..16]);
        Token::from_bytes(cut)
    };
    evaluated.par_iter().map(token).collect()
}

impl fmt::Debug for Hashed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hashed")
    }
}

impl fmt::Debug for Evaluated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Evaluated")
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request").field("identifiers", &self.identifiers.len()).finish_non_exhaustive()
    }
}

impl fmt::Debug for Checked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Checked").field("index", &self.index).finish_non_exhaustive()
    }
}

impl fmt::Debug for Evaluation<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Evaluation").field("custodian", &self.custodian).finish_non_exhaustive()
    }
}
