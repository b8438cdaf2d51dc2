//! The vectors of RFC 9497 for ristretto255-SHA512 in mode VOPRF, with the whole key and with shares of it.

use std::path::PathBuf;

use dalek::{RistrettoPoint, Scalar};
use serde_json::Value;
use zeroize::Zeroizing;

use crate::oprf::{Element, Holder, Points, PublicShare, random_scalar};

use super::{combine, finalize, hash_to_group};

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
    let folder = std::env::var_os("VEILMATCH_SHARED")
        .map_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared")), PathBuf::from);
    let path = folder.join("vectors/rfc9497_oprf.json");
    if !path.exists() {
        let required = std::env::var("VEILMATCH_REQUIRE_SHARED").is_ok_and(|value| value == "1");
        assert!(!required, "no {}", path.display());
        eprintln!("skipped: no {} (VEILMATCH_SHARED)", path.display());
        return None;
    }
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
    (1..=holders)
        .map(|index| Holder::new(index, &mut Zeroizing::new(at(index).to_bytes())).unwrap())
        .collect()
}

/// All choices of so many of so many.
fn choices(of: usize, number: usize) -> Vec<Vec<usize>> {
    let chosen = |mask: u32| (0..of).filter(|at| mask >> at & 1 == 1).collect::<Vec<_>>();
    (0..1u32 << of).map(chosen).filter(|choice| choice.len() == number).collect()
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
        let blinds: Vec<Scalar> = several(&vector["Blind"]).into_iter().map(scalar).collect();
        let hashed: Vec<RistrettoPoint> = inputs.iter().map(|input| hash_to_group(input)).collect();
        let points: Vec<RistrettoPoint> =
            hashed.iter().zip(&blinds).map(|(point, blind)| point * blind).collect();
        let blinded: Vec<Element> = points.iter().copied().map(Element::from).collect();
        assert_eq!(blinded, several(&vector["BlindedElement"]).into_iter().map(Element).collect::<Vec<_>>());

        let evaluated = crate::oprf::mul_all(&points, &key);
        let expected: Vec<Element> = several(&vector["EvaluationElement"]).into_iter().map(Element).collect();
        assert_eq!(evaluated, expected);
        let nonce = scalar(several(&vector["Proof"]["r"])[0]);
        let proof = crate::oprf::prove(&key, &public, (&blinded, &points), &evaluated, &nonce);
        assert_eq!(proof.0.to_vec(), hex(vector["Proof"]["proof"].as_str().unwrap()));
        let read = Points::read(&evaluated).unwrap();
        PublicShare { index: 1, key: public }.verify(&blinded, &evaluated, &[proof]).unwrap();

        let inverses: Vec<Scalar> = blinds.iter().map(Scalar::invert).collect();
        let outputs: Vec<[u8; 64]> = several(&vector["Output"]);
        let unblinded = combine(&[(1, &read)], &inverses);
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
    for (threshold, number) in [(1, 1), (1, 3), (2, 2), (2, 3), (3, 5), (5, 5)] {
        let holders = split(key, threshold, number);
        for vector in suite["vectors"].as_array().unwrap() {
            let inputs: Vec<Vec<u8>> = vector["Input"].as_str().unwrap().split(',').map(hex).collect();
            let outputs: Vec<[u8; 64]> = several(&vector["Output"]);
            let blinds: Vec<Scalar> = inputs.iter().map(|_| *random_scalar().unwrap()).collect();
            let blinded: Vec<Element> = inputs
                .iter()
                .zip(&blinds)
                .map(|(input, blind)| (hash_to_group(input) * blind).into())
                .collect();
            let inverses: Vec<Scalar> = blinds.iter().map(Scalar::invert).collect();
            for choice in choices(number.into(), threshold) {
                let shares: Vec<PublicShare> = choice.iter().map(|at| holders[*at].public()).collect();
                assert!(PublicShare::are_of(&shares, &public));
                assert!(
                    threshold == 1 || !PublicShare::are_of(&shares[1..], &public),
                    "fewer than the threshold"
                );
                let evaluated: Vec<Points> = choice
                    .iter()
                    .map(|at| Points::read(&holders[*at].evaluate(&blinded).unwrap().0).unwrap())
                    .collect();
                let evaluated: Vec<(u16, &Points)> =
                    shares.iter().zip(&evaluated).map(|(share, points)| (share.index, points)).collect();
                for ((input, element), output) in
                    inputs.iter().zip(combine(&evaluated, &inverses)).zip(&outputs)
                {
                    assert_eq!(finalize(input, &element), output[..32], "{choice:?} of {number}");
                }
            }
        }
    }
}
