//! Tokens that no member can make alone: what members and custodians compute, and every cheat.
#![cfg(all(feature = "member", feature = "oprf"))]

#[cfg(feature = "seal")]
mod cache;
mod cheats;
mod laws;
mod vectors;

#[path = "../support/mod.rs"]
mod support;

use dalek::Scalar;
use veilmatch::Error;
use veilmatch::member::oprf::{Checked, Evaluated, Evaluation, Hashed, Request};
use veilmatch::oprf::{Custody, Element, Holder, Proof};
use veilmatch::terms::{KeyContext, KindId, Name};

/// A key among holders; any `threshold` of them are enough.
struct Among {
    custody: Custody,
    holders: Vec<Holder>,
}

/// A number for tests, the same for the same seed.
fn number(seed: u64) -> Scalar {
    (Scalar::from(seed) + Scalar::from(1_000_003u64)).invert()
}

fn holder(index: u16, share: Scalar) -> Holder {
    Holder::new(index, &mut share.to_bytes()).unwrap()
}

/// The public key of a number.
fn public(key: Scalar) -> Element {
    holder(1, key).public().key
}

/// Shares of a key, the same for the same seed.
fn shares(seed: u64, threshold: u64, holders: u16) -> Vec<Holder> {
    let share = |index: u16| {
        let at = Scalar::from(u64::from(index));
        (0..threshold).rev().fold(Scalar::ZERO, |sum, power| sum * at + number(seed * 100 + power))
    };
    (1..=holders).map(|index| holder(index, share(index))).collect()
}

impl Among {
    fn new(seed: u64, threshold: u64, holders: u16) -> Self {
        let holders = shares(seed, threshold, holders);
        let all = holders.iter().map(Holder::public).collect();
        let custody = Custody::new(public(number(seed * 100)), threshold as usize, all).unwrap();
        Self { custody, holders }
    }

    /// What some holders answer, by their places.
    fn answers(&self, chosen: &[usize], request: &Request) -> Vec<Answered> {
        chosen.iter().map(|at| Answered::of(&self.holders[*at], request.elements())).collect()
    }
}

/// What a holder answered.
struct Answered {
    name: Name,
    index: u16,
    elements: Vec<Element>,
    proofs: Vec<Proof>,
}

impl Answered {
    fn of(holder: &Holder, blinded: &[Element]) -> Self {
        let (elements, proofs) = holder.evaluate(blinded).unwrap();
        let index = holder.public().index;
        Self { name: Name::new(&format!("custodian-{index}")).unwrap(), index, elements, proofs }
    }

    fn checked(&self, request: &Request, custody: &Custody) -> Result<Checked, Error> {
        let Self { name, index, elements, proofs } = self;
        request.check(custody, &Evaluation { custodian: name, index: *index, elements, proofs })
    }
}

fn context(coalition: &str, epoch: u64, kind: &str) -> KeyContext {
    KeyContext::new(Name::new(coalition).unwrap(), epoch, KindId::new(kind).unwrap()).unwrap()
}

fn hashed(identifiers: &[&str]) -> Vec<Hashed> {
    identifiers.iter().map(|identifier| Hashed::of(identifier.as_bytes())).collect()
}

fn finished(request: &Request, custody: &Custody, answers: &[Answered]) -> Result<Vec<Evaluated>, Error> {
    let checked = answers.iter().map(|answer| answer.checked(request, custody));
    request.finish(custody, &checked.collect::<Result<Vec<_>, _>>()?)
}

/// From identifiers to what the chosen holders make of them.
fn evaluated(
    among: &Among,
    chosen: &[usize],
    context: &KeyContext,
    identifiers: &[Hashed],
) -> Vec<Evaluated> {
    let request = Request::new(context, identifiers.to_vec()).unwrap();
    finished(&request, &among.custody, &among.answers(chosen, &request)).unwrap()
}
