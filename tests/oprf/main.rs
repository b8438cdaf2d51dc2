//! Tokens that no member can make alone: what members and custodians compute, and every cheat.
#![cfg(all(feature = "member", feature = "oprf"))]

mod cheats;
mod laws;
mod rival;
mod vectors;

#[path = "../support/mod.rs"]
mod support;

use dalek::Scalar;
use veilmatch::Error;
use veilmatch::member::oprf::{Blinds, Evaluated, Evaluation, Hashed, Oblivious};
use veilmatch::oprf::{Element, Holder, Proof};
use veilmatch::terms::{KeyContext, KindId, Name};
use zeroize::Zeroizing;

/// A key among holders; any `threshold` of them are enough.
struct Custody {
    key: Element,
    holders: Vec<Holder>,
}

/// A number for tests, the same for the same seed.
fn number(seed: u64) -> Scalar {
    (Scalar::from(seed) + Scalar::from(1_000_003u64)).invert()
}

fn holder(index: u16, share: Scalar) -> Holder {
    Holder::new(index, &mut Zeroizing::new(share.to_bytes())).unwrap()
}

impl Custody {
    fn new(seed: u64, threshold: u64, holders: u16) -> Self {
        let share = |index: u16| {
            let at = Scalar::from(u64::from(index));
            (0..threshold).rev().fold(Scalar::ZERO, |sum, power| sum * at + number(seed * 100 + power))
        };
        let key = holder(1, number(seed * 100)).public().key;
        Self { key, holders: (1..=holders).map(|index| holder(index, share(index))).collect() }
    }

    /// What some holders answer, by their places.
    fn answers(&self, chosen: &[usize], blinded: &[Element]) -> Vec<Answered> {
        chosen.iter().map(|at| Answered::of(&self.holders[*at], blinded)).collect()
    }
}

/// What a holder answered.
struct Answered {
    name: Name,
    share: veilmatch::oprf::PublicShare,
    elements: Vec<Element>,
    proofs: Vec<Proof>,
}

impl Answered {
    fn of(holder: &Holder, blinded: &[Element]) -> Self {
        let (elements, proofs) = holder.evaluate(blinded).unwrap();
        let share = holder.public();
        Self { name: Name::new(&format!("custodian-{}", share.index)).unwrap(), share, elements, proofs }
    }
}

fn context(coalition: &str, epoch: u64, kind: &str) -> KeyContext {
    KeyContext::new(Name::new(coalition).unwrap(), epoch, KindId::new(kind).unwrap()).unwrap()
}

fn hashed(identifiers: &[&str]) -> Vec<Hashed> {
    identifiers.iter().map(|identifier| Hashed::of(identifier.as_bytes())).collect()
}

fn unblind(
    oblivious: &Oblivious,
    identifiers: &[Hashed],
    (blinded, blinds): (&[Element], Blinds),
    key: &Element,
    answers: &[Answered],
) -> Result<Vec<Evaluated>, Error> {
    let answers: Vec<Evaluation<'_>> = answers
        .iter()
        .map(|answer| Evaluation {
            custodian: &answer.name,
            share: answer.share,
            elements: &answer.elements,
            proofs: &answer.proofs,
        })
        .collect();
    oblivious.unblind(identifiers, blinded, blinds, key, &answers)
}

/// From identifiers to what the chosen holders make of them.
fn evaluated(
    custody: &Custody,
    chosen: &[usize],
    context: &KeyContext,
    identifiers: &[Hashed],
) -> Vec<Evaluated> {
    let oblivious = Oblivious::new(context);
    let (blinded, blinds) = oblivious.blind(identifiers).unwrap();
    let answers = custody.answers(chosen, &blinded);
    unblind(&oblivious, identifiers, (&blinded, blinds), &custody.key, &answers).unwrap()
}
