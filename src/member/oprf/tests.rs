//! The vectors of RFC 9497 for ristretto255-SHA512 in mode VOPRF, with the whole key and with shares of it; the package `voprf`.
//! Both have the RFC's seed of a batch.

#[allow(dead_code, unreachable_pub, reason = "the tests of the folder `tests` use all of it")]
#[path = "../../../tests/support/shared.rs"]
mod shared;

use dalek::{RistrettoPoint, Scalar};
use rand_core_09::OsRng;
use serde_json::Value;
use voprf::{BlindedElement, EvaluationElement, Ristretto255, VoprfClient, VoprfServer};

use crate::oprf::{Batches, Custody, Element, Holder, OURS, Points, Proof, PublicShare, RFC, random_scalar};

use self::shared::shared;
use super::{Blinds, Checked, combine, finalize, hash_to_group};

fn hex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

fn several<const N: usize>(value: &Value) -> Vec<[u8; N]> {
    value.as_str().unwrap().split(',').map(|one| hex(one).try_into().unwrap()).collect()
}

fn scalar(bytes: [u8; 32]) -> Scalar {
    Option::from(Scalar::from_canonical_bytes(bytes)).unwrap()
}

/// The suite's vectors; nothing without the folder of shared vectors.
fn suite() -> Option<Value> {
    let path = shared("vectors/rfc9497_oprf.json")?;
    let all: Vec<Value> = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    all.into_iter().find(|suite| suite["identifier"] == "ristretto255-SHA512" && suite["mode"] == 1)
}

/// A polynomial whose value at 0 is the key, and what it gives the first `holders` holders.
fn split(key: Scalar, threshold: usize, holders: u16) -> Vec<Holder> {
    let mut coefficients = vec![key];
    coefficients.resize_with(threshold, || *random_scalar().unwrap());
    let at = |index: u16| {
        let powers = coefficients.iter().rev();
        powers.fold(Scalar::ZERO, |sum, coefficient| sum * Scalar::from(u64::from(index)) + coefficient)
    };
    (1..=holders).map(|index| Holder::new(index, &mut at(index).to_bytes()).unwrap()).collect()
}

/// All ways to choose `number` of the numbers below `of`.
fn choices(of: usize, number: usize) -> Vec<Vec<usize>> {
    let chosen = |mask: u32| (0..of).filter(|at| mask >> at & 1 == 1).collect::<Vec<_>>();
    (0..1u32 << of).map(chosen).filter(|choice| choice.len() == number).collect()
}

/// An answer of a holder, checked by whoever trusts it.
fn checked(index: u16, points: Points) -> Checked {
    Checked { of: ([0; 32], Element([0; 32])), index, points }
}

#[test]
fn the_vectors_of_rfc_9497_come_out_with_the_whole_key() {
    let Some(suite) = suite() else { return };
    let key = scalar(several(&suite["skSm"])[0]);
    let public = Element(several(&suite["pkSm"])[0]);
    assert_eq!(Element::from(RistrettoPoint::mul_base(&key)), public);
    let vectors = suite["vectors"].as_array().unwrap();
    assert_eq!(vectors.len(), 3);
    for vector in vectors {
        let inputs: Vec<Vec<u8>> = vector["Input"].as_str().unwrap().split(',').map(hex).collect();
        let blinds: Box<[Scalar]> = several(&vector["Blind"]).into_iter().map(scalar).collect();
        let hashed = inputs.iter().map(|input| hash_to_group(input));
        let points: Vec<RistrettoPoint> = hashed.zip(&*blinds).map(|(point, blind)| point * blind).collect();
        let blinded: Vec<Element> = points.iter().copied().map(Element::from).collect();
        assert_eq!(blinded, several(&vector["BlindedElement"]).into_iter().map(Element).collect::<Vec<_>>());

        let evaluated = crate::oprf::mul_all(&points, &key);
        let expected: Vec<Element> = several(&vector["EvaluationElement"]).into_iter().map(Element).collect();
        assert_eq!(evaluated, expected);
        let nonce = scalar(several(&vector["Proof"]["r"])[0]);
        let seed = (RFC.seed)(&public, &blinded, &evaluated);
        let proof = crate::oprf::prove(&seed, &key, &public, (&blinded, &points), &evaluated, &nonce);
        assert_eq!(proof.0.to_vec(), hex(vector["Proof"]["proof"].as_str().unwrap()));
        let share = PublicShare { index: 1, key: public };
        let read = share.read(RFC, (&blinded, &points), &evaluated, &[proof]).unwrap();
        assert!(share.verify(&blinded, &evaluated, &[proof]).is_err(), "ours has another seed");

        let outputs: Vec<[u8; 64]> = several(&vector["Output"]);
        let unblinded = combine(&[checked(1, read)], &Blinds(blinds).inverses());
        for ((input, element), output) in inputs.iter().zip(&unblinded).zip(&outputs) {
            assert_eq!(finalize(input, element), output[..32]);
        }
    }
}

#[test]
fn shares_of_the_key_of_rfc_9497_give_its_outputs_for_every_choice_of_holders() {
    let Some(suite) = suite() else { return };
    let key = scalar(several(&suite["skSm"])[0]);
    let public = Element(several(&suite["pkSm"])[0]);
    for (threshold, number) in [(1, 1), (2, 2), (2, 3), (3, 5), (5, 5)] {
        let holders = split(key, threshold, number);
        let shares: Vec<PublicShare> = holders.iter().map(Holder::public).collect();
        assert!(Custody::new(public, threshold, shares).is_ok());
        for vector in suite["vectors"].as_array().unwrap() {
            let inputs: Vec<Vec<u8>> = vector["Input"].as_str().unwrap().split(',').map(hex).collect();
            let outputs: Vec<[u8; 64]> = several(&vector["Output"]);
            let blinds = Blinds::random(inputs.len()).unwrap();
            let blinded = inputs.iter().zip(&*blinds.0);
            let blinded: Vec<Element> =
                blinded.map(|(input, blind)| (hash_to_group(input) * blind).into()).collect();
            for choice in choices(number.into(), threshold) {
                let answers = choice.iter().map(|at| {
                    let (elements, _) = holders[*at].evaluate(&blinded).unwrap();
                    checked(holders[*at].public().index, Points::read(&elements).unwrap())
                });
                let unblinded = combine(&answers.collect::<Vec<_>>(), &blinds.inverses());
                for ((input, element), output) in inputs.iter().zip(&unblinded).zip(&outputs) {
                    assert_eq!(finalize(input, element), output[..32], "{choice:?} of {number}");
                }
            }
        }
    }
}

#[test]
fn requests_of_several_batches_have_a_proof_for_each_and_none_fits_another() {
    let holder = &split(*random_scalar().unwrap(), 1, 1)[0];
    let of_three = Batches { most: 3, ..OURS };
    for number in [1, 2, 3, 4, 6, 7, 300] {
        let blinds = Blinds::random(number).unwrap();
        let points: Vec<RistrettoPoint> = blinds.0.iter().map(RistrettoPoint::mul_base).collect();
        let blinded: Vec<Element> = points.iter().copied().map(Element::from).collect();
        let (elements, mut proofs) = holder.evaluate_in(of_three, &blinded).unwrap();
        assert_eq!(proofs.len(), number.div_ceil(3));
        let read = |proofs: &[Proof]| holder.public().read(of_three, (&blinded, &points), &elements, proofs);
        assert!(read(&proofs).is_ok());
        assert!(proofs.len() == 1 || read(&proofs[1..]).is_err());
        proofs.rotate_left(1);
        assert_eq!(read(&proofs).is_ok(), proofs.len() == 1);
    }
}

const BATCHES: [usize; 5] = [1, 2, 3, 17, 300];

#[test]
fn voprf_accepts_every_proof_of_ours_and_finds_the_same() {
    let key = *random_scalar().unwrap();
    let ours = &split(key, 1, 1)[0];
    let server = VoprfServer::<Ristretto255>::new_with_key(key.as_bytes()).unwrap();
    for batch in BATCHES {
        let inputs: Vec<Vec<u8>> = (0..batch).map(|at| vec![at as u8; at % 50]).collect();
        let blinded =
            inputs.iter().map(|input| VoprfClient::<Ristretto255>::blind(input, &mut OsRng).unwrap());
        let (states, messages): (Vec<_>, Vec<_>) = blinded.map(|one| (one.state, one.message)).unzip();
        let request: Vec<Element> = messages
            .iter()
            .map(|message| Element(message.serialize().as_slice().try_into().unwrap()))
            .collect();
        let (elements, proofs) = ours.evaluate_in(RFC, &request).unwrap();
        let elements: Vec<EvaluationElement<Ristretto255>> =
            elements.iter().map(|element| EvaluationElement::deserialize(&element.0).unwrap()).collect();
        let proof = voprf::Proof::<Ristretto255>::deserialize(&proofs[0].0).unwrap();
        let found = VoprfClient::batch_finalize(&inputs, &states, &elements, &proof, server.get_public_key());
        for (input, output) in inputs.iter().zip(found.expect("the proof holds")) {
            assert_eq!(output.unwrap(), server.evaluate(input).unwrap());
        }
    }
}

#[test]
fn every_proof_of_voprf_is_accepted_and_gives_its_outputs() {
    let key = *random_scalar().unwrap();
    let share = split(key, 1, 1)[0].public();
    let server = VoprfServer::<Ristretto255>::new_with_key(key.as_bytes()).unwrap();
    for batch in BATCHES {
        let inputs: Vec<[u8; 8]> = (0..batch as u64).map(u64::to_be_bytes).collect();
        let blinds = Blinds::random(batch).unwrap();
        let hashed = inputs.iter().map(|input| hash_to_group(input));
        let points: Vec<RistrettoPoint> =
            hashed.zip(&*blinds.0).map(|(point, blind)| point * blind).collect();
        let request: Vec<Element> = points.iter().copied().map(Element::from).collect();
        let messages: Vec<BlindedElement<Ristretto255>> =
            request.iter().map(|element| BlindedElement::deserialize(&element.0).unwrap()).collect();
        let answer = server.batch_blind_evaluate(&mut OsRng, &messages).unwrap();
        let elements: Vec<Element> = answer
            .messages
            .iter()
            .map(|message| Element(message.serialize().as_slice().try_into().unwrap()))
            .collect();
        let proofs = [Proof(answer.proof.serialize().as_slice().try_into().unwrap())];
        let read = share.read(RFC, (&request, &points), &elements, &proofs).unwrap();
        let unblinded = combine(&[checked(1, read)], &blinds.inverses());
        for (input, element) in inputs.iter().zip(&unblinded) {
            assert_eq!(finalize(input, element), server.evaluate(input).unwrap()[..32]);
        }
    }
}
