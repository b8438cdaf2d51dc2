//! A member's part in tokens that it cannot make alone: blinding, unblinding, and the tokens of version 2.
//!
//! ```text
//! x     = lp("veilmatch/2 oprf") || lp(coalition) || lp(kind id) || SHA-256(canonical bytes)
//! F     = the first 32 bytes of RFC 9497's Finalize(x, k·HashToGroup(x))
//! token = HMAC(token key of version 2, F)[0..16]
//! ```
//!
//! **Not for use yet**: [`crate::oprf`] says why. No command of the program uses it.
//!
//! [`key`](super::key) tells how that token key comes from the coalition's secret and the custodians' public key: both keys are
//! needed for a token. [`crate::oprf`] tells what the custodians do.

use std::fmt;

use dalek::traits::VartimeMultiscalarMul as _;
use dalek::{RistrettoPoint, Scalar};
use hmac::{Hmac, KeyInit as _, Mac as _};
use rayon::iter::{
    IndexedParallelIterator as _, IntoParallelIterator as _, IntoParallelRefIterator as _,
    ParallelIterator as _,
};
use rayon::slice::ParallelSlice as _;
use ring::digest::{SHA256, digest};
use sha2::Sha256;
use zeroize::Zeroize as _;

use crate::error::Error;
use crate::oprf::{
    Element, Points, Proof, PublicShare, TO_GROUP, TOGETHER, coefficients, encode_doubled, expand,
    random_scalar, sha512,
};
use crate::terms::{KeyContext, Name};
use crate::token::Token;

use super::key::TokenKey;

const INPUT_LABEL: &[u8] = b"veilmatch/2 oprf";

/// SHA-256 of an identifier's canonical bytes: what of it goes into the input of the function. It is as telling as the
/// identifier.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hashed([u8; 32]);

/// F: an identifier as custodians have evaluated it, unblinded. With the token key it makes a token, so it is as sensitive as
/// the rows.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Evaluated([u8; 32]);

/// The random numbers that hide identifiers from custodians; wiped when dropped, never shown.
///
/// Whoever has them and the requests can try out identifiers.
pub struct Blinds(Box<[Scalar]>);

/// What one custodian answered to a request.
pub struct Evaluation<'a> {
    /// The custodian, for messages.
    pub custodian: &'a Name,
    /// What is public of its share.
    pub share: PublicShare,
    /// The evaluations, in the order of the request.
    pub elements: &'a [Element],
    /// A proof for each [`MAX_BATCH`](crate::oprf::MAX_BATCH) of them.
    pub proofs: &'a [Proof],
}

/// Blinds and unblinds the identifiers of one coalition and kind.
///
/// ```
/// use veilmatch::member::CoalitionSecret;
/// use veilmatch::member::oprf::{Evaluation, Hashed, Oblivious, tokens};
/// use veilmatch::oprf::Holder;
/// use veilmatch::terms::{KeyContext, KindId, Name};
///
/// let context = KeyContext::new(Name::new("efc")?, 1, KindId::new("bank.iban/1")?)?;
/// let oblivious = Oblivious::new(&context);
/// let identifiers = [Hashed::of(b"DE89370400440532013000")];
/// let (request, blinds) = oblivious.blind(&identifiers)?;
///
/// // One custodian alone, which has the whole key: for trials.
/// let custodian = Holder::new(1, &mut zeroize::Zeroizing::new([7; 32]))?;
/// let (elements, proofs) = custodian.evaluate(&request)?;
///
/// let (name, key) = (Name::new("notary")?, custodian.public().key);
/// let answer = Evaluation { custodian: &name, share: custodian.public(), elements: &elements, proofs: &proofs };
/// let evaluated = oblivious.unblind(&identifiers, &request, blinds, &key, &[answer])?;
/// let secret = CoalitionSecret::generate()?;
/// let made = tokens(&secret.custody_token_key(&context, &key), &evaluated);
/// assert_eq!(made.len(), 1);
/// # Ok::<(), veilmatch::Error>(())
/// ```
#[derive(Debug)]
pub struct Oblivious {
    /// What stands before the hash of every identifier.
    prefix: Vec<u8>,
}

impl Hashed {
    /// Hashes canonical bytes.
    pub fn of(canonical: &[u8]) -> Self {
        let mut hash = [0; 32];
        hash.copy_from_slice(digest(&SHA256, canonical).as_ref());
        Self(hash)
    }
}

impl Evaluated {
    /// Returns the 32 bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl Oblivious {
    /// Takes the coalition and kind of a context. The epoch does not take part: custodians have another key in each.
    pub fn new(context: &KeyContext) -> Self {
        let parts =
            [INPUT_LABEL, context.coalition().as_str().as_bytes(), context.kind().as_str().as_bytes()];
        let lp = |part: &[u8]| [&(part.len() as u16).to_be_bytes(), part].concat();
        Self { prefix: parts.into_iter().flat_map(lp).collect() }
    }

    fn input(&self, identifier: &Hashed) -> Vec<u8> {
        [&self.prefix[..], &identifier.0].concat()
    }

    /// Blinds identifiers: what goes to every custodian, and what stays until their answers are back. In the pool of threads.
    ///
    /// # Errors
    ///
    /// [`Error::Random`].
    pub fn blind(&self, identifiers: &[Hashed]) -> Result<(Vec<Element>, Blinds), Error> {
        let blinds = Blinds::random(identifiers.len())?;
        let blinded = identifiers.par_chunks(TOGETHER).zip(blinds.0.par_chunks(TOGETHER));
        let blinded = blinded.flat_map_iter(|(identifiers, blinds)| {
            let halves = identifiers.iter().zip(blinds).map(|(identifier, blind)| {
                blind.div_by_2() * hash_to_group(&self.input(identifier)) // encoding doubles
            });
            encode_doubled(&halves.collect::<Vec<_>>())
        });
        Ok((blinded.collect(), blinds))
    }

    /// Checks the answers of t custodians to a request, combines them and takes the blinds away. In the pool of threads.
    ///
    /// `blinded` is the request for `identifiers`, `key` the public key that all custodians' shares are of.
    ///
    /// # Errors
    ///
    /// [`Error::At`] a custodian: [`Error::Oprf`] for evaluations that are no elements, too few, or not proven. [`Error::Oprf`]
    /// where the answers are fewer than the key needs, of one custodian twice, or of another key. That a threshold was agreed,
    /// and which shares are whose, the caller has to know: it asks for the answers of exactly t.
    ///
    /// # Panics
    ///
    /// Where `identifiers`, `blinded` and `blinds` differ in length. If they are of different requests, the results are wrong
    /// and nothing shows it.
    pub fn unblind(
        &self,
        identifiers: &[Hashed],
        blinded: &[Element],
        blinds: Blinds,
        key: &Element,
        answers: &[Evaluation<'_>],
    ) -> Result<Vec<Evaluated>, Error> {
        assert!(identifiers.len() == blinded.len() && blinds.0.len() == blinded.len(), "of one request");
        let shares: Vec<PublicShare> = answers.iter().map(|answer| answer.share).collect();
        if !PublicShare::are_of(&shares, key) {
            let expected =
                "answers of enough custodians, each once, whose shares are of the custodians' one key";
            return Err(Error::Oprf { at: None, expected });
        }
        let points = Points::read(blinded)?;
        let read = answers.iter().map(|answer| {
            let read = answer.share.read(blinded, &points, answer.elements, answer.proofs);
            Ok((answer.share.index, read.map_err(|error| error.at(answer.custodian.as_str()))?))
        });
        let read: Vec<(u16, Points)> = read.collect::<Result<_, Error>>()?;
        let read: Vec<(u16, &Points)> = read.iter().map(|(index, points)| (*index, points)).collect();
        let elements = combine(&read, &blinds.inverses().0);
        let finalized = identifiers
            .par_iter()
            .zip(&elements)
            .map(|(identifier, element)| Evaluated(finalize(&self.input(identifier), element)));
        Ok(finalized.collect())
    }
}

impl Blinds {
    fn random(number: usize) -> Result<Self, Error> {
        let mut blinds = vec![Scalar::ZERO; number].into_boxed_slice();
        for blind in &mut blinds {
            *blind = *random_scalar()?;
        }
        Ok(Self(blinds))
    }

    /// Returns their inverses; they cost one inversion together.
    fn inverses(mut self) -> Self {
        if !self.0.is_empty() {
            Scalar::invert_batch_alloc(&mut self.0).zeroize();
        }
        self
    }
}

impl Drop for Blinds {
    fn drop(&mut self) {
        self.0.zeroize();
    }
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

/// Combines the evaluations of t holders and takes the blinds away: the elements of RFC 9497's Finalize, encoded.
///
/// `inverses` are those of the blinds. The sums are in variable time: blinded, they say nothing.
fn combine(evaluations: &[(u16, &Points)], inverses: &[Scalar]) -> Vec<Element> {
    let indices: Vec<u16> = evaluations.iter().map(|(index, _)| *index).collect();
    let coefficients = coefficients(&indices);
    let combined = |at: usize| {
        let points = evaluations.iter().map(|(_, points)| points.0[at]);
        let sum = match &coefficients[..] {
            [_] => evaluations[0].1.0[at],
            several => RistrettoPoint::vartime_multiscalar_mul(several, points),
        };
        inverses[at].div_by_2() * sum
    };
    let chunk = |first: usize| {
        let halves: Vec<RistrettoPoint> =
            (first..inverses.len().min(first + TOGETHER)).map(combined).collect();
        encode_doubled(&halves)
    };
    let firsts = (0..inverses.len().div_ceil(TOGETHER)).into_par_iter().map(|chunk| chunk * TOGETHER);
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

impl fmt::Debug for Blinds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Blinds")
    }
}

impl fmt::Debug for Evaluation<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Evaluation").field("custodian", &self.custodian).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
