//! The package `voprf` as an oracle: it takes our proofs and we take its.

use rand_core_09::OsRng;
use veilmatch::member::oprf::{Evaluation, Hashed, Oblivious};
use veilmatch::oprf::{Element, Holder, Proof};
use veilmatch::terms::Name;
use voprf::{BlindedElement, EvaluationElement, Ristretto255, VoprfClient, VoprfServer};
use zeroize::Zeroizing;

use super::{context, number};

const BATCHES: [usize; 5] = [1, 2, 3, 17, 300];

#[test]
fn voprf_accepts_every_proof_of_ours_and_finds_the_same() {
    let key = number(42);
    let ours = Holder::new(1, &mut Zeroizing::new(key.to_bytes())).unwrap();
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
        let (elements, proofs) = ours.evaluate(&request).unwrap();
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
    let key = number(43);
    let public = Holder::new(1, &mut Zeroizing::new(key.to_bytes())).unwrap().public();
    let server = VoprfServer::<Ristretto255>::new_with_key(key.as_bytes()).unwrap();
    let (oblivious, name) = (Oblivious::new(&context("efc", 7, "card.pan/1")), Name::new("notary").unwrap());
    for batch in BATCHES {
        let canonical: Vec<[u8; 8]> = (0..batch as u64).map(u64::to_be_bytes).collect();
        let identifiers: Vec<Hashed> = canonical.iter().map(|bytes| Hashed::of(bytes)).collect();
        let (request, blinds) = oblivious.blind(&identifiers).unwrap();
        let messages: Vec<BlindedElement<Ristretto255>> =
            request.iter().map(|element| BlindedElement::deserialize(&element.0).unwrap()).collect();
        let answer = server.batch_blind_evaluate(&mut OsRng, &messages).unwrap();
        let elements: Vec<Element> = answer
            .messages
            .iter()
            .map(|message| Element(message.serialize().as_slice().try_into().unwrap()))
            .collect();
        let proofs = [Proof(answer.proof.serialize().as_slice().try_into().unwrap())];
        let evaluation = Evaluation { custodian: &name, share: public, elements: &elements, proofs: &proofs };
        let found = oblivious.unblind(&identifiers, &request, blinds, &public.key, &[evaluation]).unwrap();
        for (bytes, evaluated) in canonical.iter().zip(found) {
            let lp = |part: &[u8]| [&(part.len() as u16).to_be_bytes(), part].concat();
            let hash = ring::digest::digest(&ring::digest::SHA256, bytes);
            let input =
                [lp(b"veilmatch/2 oprf"), lp(b"efc"), lp(b"card.pan/1"), hash.as_ref().to_vec()].concat();
            assert_eq!(evaluated.as_bytes(), &server.evaluate(&input).unwrap()[..32]);
        }
    }
}
