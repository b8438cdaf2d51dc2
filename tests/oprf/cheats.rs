//! Custodians and members that do not keep to the rules: refused, and blamed by name.

use dalek::RistrettoPoint;
use veilmatch::member::oprf::{Evaluated, Hashed, Oblivious};
use veilmatch::oprf::{Element, Holder};
use veilmatch::{Error, member::oprf::Blinds};
use zeroize::Zeroizing;

use super::{Answered, Custody, context, hashed, holder, number, unblind};

/// A request of three identifiers, and the answers of the first two of three custodians.
struct Asked {
    custody: Custody,
    oblivious: Oblivious,
    identifiers: Vec<Hashed>,
    blinded: Vec<Element>,
    blinds: Blinds,
    answers: Vec<Answered>,
}

fn asked() -> Asked {
    let custody = Custody::new(9, 2, 3);
    let oblivious = Oblivious::new(&context("efc", 7, "card.pan/1"));
    let identifiers = hashed(&["one", "two", "three"]);
    let (blinded, blinds) = oblivious.blind(&identifiers).unwrap();
    let answers = custody.answers(&[0, 1], &blinded);
    Asked { custody, oblivious, identifiers, blinded, blinds, answers }
}

impl Asked {
    fn unblinded(self) -> Result<Vec<Evaluated>, Error> {
        let request = (&self.blinded[..], self.blinds);
        unblind(&self.oblivious, &self.identifiers, request, &self.custody.key, &self.answers)
    }

    /// Changes something; unblinding must be refused with these words.
    fn refused(change: impl FnOnce(&mut Self), words: &[&str]) {
        let mut asked = asked();
        change(&mut asked);
        let error = asked.unblinded().expect_err("refused");
        assert_eq!(error.code(), "oprf");
        words.iter().for_each(|word| assert!(error.to_string().contains(word), "{word}: {error}"));
    }
}

/// Bytes that are no element: not below the field's order, negative, no square, and the identity.
fn no_elements() -> [Element; 4] {
    let mut negative = RistrettoPoint::mul_base(&number(3)).compress().0;
    negative[0] ^= 1;
    let no_square = (1u8..=255)
        .map(|byte| {
            let mut bytes = [0; 32];
            bytes[0] = 2 * (byte / 2);
            bytes[1] = byte;
            bytes
        })
        .find(|bytes| dalek::ristretto::CompressedRistretto(*bytes).decompress().is_none())
        .unwrap();
    [[0xff; 32], negative, no_square, [0; 32]].map(Element)
}

#[test]
fn honest_answers_are_taken() {
    assert_eq!(asked().unblinded().unwrap().len(), 3);
}

#[test]
fn a_wrong_evaluation_is_blamed_on_the_custodian_that_made_it() {
    let other = Element(RistrettoPoint::mul_base(&number(1)).compress().0);
    Asked::refused(|asked| asked.answers[1].elements[2] = other, &["custodian-2", "proof"]);
    Asked::refused(|asked| asked.answers[0].elements.swap(0, 1), &["custodian-1", "proof"]);
    // One key for all but one element, and a proof for that key.
    Asked::refused(
        |asked| {
            let (elements, _) = holder(2, number(77)).evaluate(&asked.blinded[..1]).unwrap();
            asked.answers[1].elements[0] = elements[0];
        },
        &["custodian-2", "proof"],
    );
}

#[test]
fn what_is_no_element_is_refused_with_its_place_by_members_and_custodians() {
    for wrong in no_elements() {
        let place = ["custodian-1", "element 1", "identity"];
        Asked::refused(|asked| asked.answers[0].elements[1] = wrong, &place);
        let mut blinded = asked().blinded;
        blinded[2] = wrong;
        let error = Custody::new(9, 2, 3).holders[0].evaluate(&blinded).expect_err("refused");
        assert!(error.to_string().contains("element 2"), "{error}");
    }
}

#[test]
fn a_proof_of_another_request_or_another_key_or_with_a_bit_changed_is_refused() {
    let other = asked();
    Asked::refused(
        |asked| asked.answers[1].proofs = other.answers[1].proofs.clone(),
        &["custodian-2", "proof"],
    );
    Asked::refused(
        |asked| asked.answers[0].proofs = asked.answers[1].proofs.clone(),
        &["custodian-1", "proof"],
    );
    for bit in 0..512 {
        Asked::refused(
            |asked| asked.answers[0].proofs[0].0[bit / 8] ^= 1 << (bit % 8),
            &["custodian-1", "proof"],
        );
    }
    // s is not reduced: the same number in another spelling.
    Asked::refused(|asked| asked.answers[0].proofs[0].0[63] |= 0x80, &["custodian-1", "below the order"]);
}

#[test]
fn an_answer_to_another_request_and_one_that_is_cut_are_refused() {
    let other = asked();
    Asked::refused(
        |asked| {
            asked.answers[0].elements = other.answers[0].elements.clone();
            asked.answers[0].proofs = other.answers[0].proofs.clone();
        },
        &["custodian-1", "proof"],
    );
    Asked::refused(
        |asked| asked.answers[1].elements.truncate(2),
        &["custodian-2", "each blinded identifier"],
    );
    Asked::refused(|asked| asked.answers[1].proofs.clear(), &["custodian-2", "a proof for each"]);
    Asked::refused(
        |asked| {
            let proof = asked.answers[1].proofs[0];
            asked.answers[1].proofs.push(proof);
        },
        &["custodian-2", "a proof for each"],
    );
    // The answers of two custodians, each under the name and share of the other.
    Asked::refused(
        |asked| {
            let (one, other) = asked.answers.split_at_mut(1);
            std::mem::swap(&mut one[0].elements, &mut other[0].elements);
        },
        &["custodian-1", "proof"],
    );
}

#[test]
fn fewer_custodians_than_the_threshold_one_twice_and_shares_of_another_key_are_refused() {
    let words = ["enough custodians", "one key"];
    Asked::refused(|asked| drop(asked.answers.pop()), &words);
    Asked::refused(|asked| asked.answers.clear(), &words);
    Asked::refused(
        |asked| asked.answers[1] = Answered::of(&asked.custody.holders[0], &asked.blinded),
        &words,
    );
    let strange = Custody::new(10, 2, 3);
    Asked::refused(|asked| asked.answers = strange.answers(&[0, 1], &asked.blinded), &words);
    Asked::refused(|asked| asked.answers[1] = Answered::of(&strange.holders[1], &asked.blinded), &words);
    Asked::refused(|asked| asked.custody.key = strange.key, &words);
    // A key that is no key: no answers would do, and everybody could make F.
    Asked::refused(
        |asked| {
            asked.answers.clear();
            asked.custody.key = Element([0; 32]);
        },
        &words,
    );
    // A share that is right at another place.
    Asked::refused(|asked| asked.answers[1].share.index = 3, &words);
}

#[test]
fn a_share_that_is_no_number_below_the_order_is_refused() {
    let mut order = [0; 32];
    order[..16].copy_from_slice(&27_742_317_777_372_353_535_851_937_790_883_648_493u128.to_le_bytes());
    order[31] = 0x10;
    for (index, bytes) in [(1, order), (1, [0xff; 32]), (1, [0; 32]), (0, [7; 32])] {
        let mut bytes = Zeroizing::new(bytes);
        assert_eq!(Holder::new(index, &mut bytes).expect_err("refused").code(), "oprf");
        assert_eq!(*bytes, [0; 32], "the caller's copy is wiped");
    }
}

#[test]
fn nothing_secret_is_shown() {
    let asked = asked();
    let shown = format!(
        "{:?} {:?} {:?} {:?}",
        asked.identifiers,
        asked.blinds,
        asked.custody.holders,
        asked.oblivious.blind(&asked.identifiers).map(|(_, blinds)| blinds)
    );
    let expected = "[Hashed, Hashed, Hashed] Blinds [Holder { index: 1, .. }, Holder { index: 2, .. }, \
                    Holder { index: 3, .. }] Ok(Blinds)";
    assert_eq!(shown, expected);
    let evaluated = asked.unblinded().unwrap();
    assert_eq!(format!("{evaluated:?}"), "[Evaluated, Evaluated, Evaluated]");
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]

    #[test]
    fn hostile_elements_proofs_and_keys_are_refused_and_never_a_panic(
        elements in proptest::collection::vec(proptest::array::uniform32(0u8..), 0..5),
        proofs in proptest::collection::vec(proptest::collection::vec(0u8.., 64), 0..3),
        key in proptest::array::uniform32(0u8..),
        index in 0u16..5,
        good in 0usize..4,
    ) {
        let asked = asked();
        let mut elements: Vec<Element> = elements.into_iter().map(Element).collect();
        elements.extend(asked.answers[0].elements.iter().copied().take(good));
        let proofs: Vec<veilmatch::oprf::Proof> =
            proofs.into_iter().map(|bytes| veilmatch::oprf::Proof(bytes.try_into().unwrap())).collect();
        let share = veilmatch::oprf::PublicShare { index, key: Element(key) };
        let _ = asked.custody.holders[0].evaluate(&elements);
        proptest::prop_assert!(share.verify(&asked.blinded, &elements, &proofs).is_err());
        let honest = asked.answers[0].share;
        proptest::prop_assert!(honest.verify(&asked.blinded, &asked.answers[0].elements, &proofs).is_err());
        proptest::prop_assert!(!veilmatch::oprf::PublicShare::are_of(&[share, honest], &asked.custody.key));
    }
}
