//! Custodians and members that do not keep to the rules: refused, and blamed by name.

use veilmatch::Error;
use veilmatch::member::oprf::{Evaluated, Request};
use veilmatch::oprf::{Custody, Element, Holder, Proof, PublicShare};

use super::{Among, Answered, context, finished, hashed, holder, number, public, shares};

/// A request of three identifiers, and the answers of the first two of three custodians.
struct Asked {
    among: Among,
    request: Request,
    answers: Vec<Answered>,
}

fn asked() -> Asked {
    let among = Among::new(9, 2, 3);
    let request = Request::new(&context("efc", 7, "card.pan/1"), hashed(&["one", "two", "three"])).unwrap();
    let answers = among.answers(&[0, 1], &request);
    Asked { among, request, answers }
}

impl Asked {
    fn finished(&self) -> Result<Vec<Evaluated>, Error> {
        finished(&self.request, &self.among.custody, &self.answers)
    }

    /// Changes something; it must be refused with these words.
    fn refused(change: impl FnOnce(&mut Self), words: &[&str]) {
        let mut asked = asked();
        change(&mut asked);
        refused(asked.finished(), words);
    }
}

fn refused<T: std::fmt::Debug>(result: Result<T, Error>, words: &[&str]) {
    let error = result.expect_err("refused");
    assert_eq!(error.code(), "oprf");
    words.iter().for_each(|word| assert!(error.to_string().contains(word), "{word}: {error}"));
}

/// Bytes that are no element: not below the field's order, negative, no square, and the identity.
fn no_elements() -> [Element; 4] {
    let mut negative = public(number(3)).0;
    negative[0] ^= 1;
    let candidates = (1u8..=255).map(|byte| {
        let mut bytes = [0; 32];
        (bytes[0], bytes[1]) = (2 * (byte / 2), byte);
        bytes
    });
    let is_none = |bytes: &[u8; 32]| dalek::ristretto::CompressedRistretto(*bytes).decompress().is_none();
    let no_square = candidates.into_iter().find(is_none).unwrap();
    [[0xff; 32], negative, no_square, [0; 32]].map(Element)
}

#[test]
fn honest_answers_are_taken_and_a_bad_one_does_not_spoil_the_request() {
    let mut asked = asked();
    let made = asked.finished().unwrap();
    assert_eq!(made.len(), 3);
    asked.answers[1].proofs.clear();
    assert!(asked.finished().is_err());
    asked.answers[1] = Answered::of(&asked.among.holders[2], asked.request.elements());
    assert!(asked.finished().unwrap() == made, "another custodian is asked");
}

#[test]
fn a_wrong_evaluation_is_blamed_on_the_custodian_that_made_it() {
    Asked::refused(|asked| asked.answers[1].elements[2] = public(number(1)), &["custodian-2", "proof"]);
    Asked::refused(|asked| asked.answers[0].elements.swap(0, 1), &["custodian-1", "proof"]);
    // One key for all but one element.
    let another_key = |asked: &mut Asked| {
        let (elements, _) = holder(2, number(77)).evaluate(&asked.request.elements()[..1]).unwrap();
        asked.answers[1].elements[0] = elements[0];
    };
    Asked::refused(another_key, &["custodian-2", "proof"]);
}

#[test]
fn what_is_no_element_is_refused_with_its_place_by_members_and_custodians() {
    for wrong in no_elements() {
        Asked::refused(
            |asked| asked.answers[0].elements[1] = wrong,
            &["custodian-1", "element 1", "identity"],
        );
        let asked = asked();
        let mut blinded = asked.request.elements().to_vec();
        blinded[2] = wrong;
        refused(asked.among.holders[0].evaluate(&blinded), &["element 2"]);
    }
}

#[test]
fn a_proof_of_another_request_or_another_key_or_with_a_bit_changed_is_refused() {
    let other = asked();
    let swapped = |asked: &mut Asked| asked.answers[1].proofs = other.answers[1].proofs.clone();
    Asked::refused(swapped, &["custodian-2", "proof"]);
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
    let replayed = |asked: &mut Asked| {
        asked.answers[0].elements = other.answers[0].elements.clone();
        asked.answers[0].proofs = other.answers[0].proofs.clone();
    };
    Asked::refused(replayed, &["custodian-1", "proof"]);
    Asked::refused(
        |asked| asked.answers[1].elements.truncate(2),
        &["custodian-2", "each blinded identifier"],
    );
    Asked::refused(|asked| asked.answers[1].proofs.clear(), &["custodian-2", "a proof for each"]);
    let one_more = |asked: &mut Asked| {
        let proof = asked.answers[1].proofs[0];
        asked.answers[1].proofs.push(proof);
    };
    Asked::refused(one_more, &["custodian-2", "a proof for each"]);
    let crossed = |asked: &mut Asked| {
        let (one, other) = asked.answers.split_at_mut(1);
        std::mem::swap(&mut one[0].elements, &mut other[0].elements);
    };
    Asked::refused(crossed, &["custodian-1", "proof"]);
    Asked::refused(|asked| asked.answers[0].index = 4, &["custodian-1", "the index of a holder"]);
}

#[test]
fn answers_that_were_checked_are_of_one_request_and_key_each_once_and_as_many_as_the_threshold() {
    let (asked, other) = (asked(), asked());
    let custody = &asked.among.custody;
    let check = |at: usize| asked.answers[at].checked(&asked.request, custody).unwrap();
    let words = ["to this request", "each once"];
    assert!(asked.request.finish(custody, &[check(0), check(1)]).is_ok());
    refused(asked.request.finish(custody, &[]), &words);
    refused(asked.request.finish(custody, &[check(0)]), &words);
    refused(asked.request.finish(custody, &[check(0), check(0)]), &words);
    let third = Answered::of(&asked.among.holders[2], asked.request.elements());
    let third = third.checked(&asked.request, custody).unwrap();
    refused(asked.request.finish(custody, &[check(0), check(1), third]), &words);
    let of_other = other.answers[1].checked(&other.request, custody).unwrap();
    refused(asked.request.finish(custody, &[check(0), of_other]), &words);
    // The same holders under another key.
    let strange = Among::new(10, 2, 3);
    let of_strange = strange.answers(&[0, 1], &asked.request);
    let of_strange =
        of_strange.iter().map(|answer| answer.checked(&asked.request, &strange.custody).unwrap());
    refused(asked.request.finish(custody, &of_strange.collect::<Vec<_>>()), &words);
}

#[test]
fn a_custody_whose_shares_are_not_of_its_key_and_threshold_is_refused() {
    let all = |seed, threshold, holders| -> Vec<PublicShare> {
        shares(seed, threshold, holders).iter().map(Holder::public).collect()
    };
    let key = public(number(900));
    assert!(Custody::new(key, 2, all(9, 2, 3)).is_ok());
    assert!(Custody::new(key, 3, all(9, 3, 3)).is_ok());
    assert!(Custody::new(key, 1, all(9, 1, 1)).is_ok(), "one holder with the whole key");
    let threshold = ["a threshold from 2"];
    for (least, shares) in
        [(0, all(9, 2, 3)), (1, all(9, 1, 3)), (4, all(9, 2, 3)), (0, vec![]), (1, vec![]), (2, vec![])]
    {
        refused(Custody::new(key, least, shares), &threshold);
    }
    refused(Custody::new(key, 2, vec![PublicShare { index: 1, key }; 256]), &threshold);
    let of_key = ["shares of the one key"];
    refused(Custody::new(public(number(1)), 2, all(9, 2, 3)), &of_key);
    refused(Custody::new(key, 2, all(9, 3, 3)), &of_key); // three are needed
    refused(Custody::new(key, 2, all(10, 2, 3)), &of_key);
    let mut one_wrong = all(9, 2, 4);
    one_wrong[3].key = public(number(5));
    refused(Custody::new(key, 2, one_wrong), &of_key);
    let mut moved = all(9, 2, 3);
    moved[2].index = 4; // right at another place
    refused(Custody::new(key, 2, moved), &of_key);
    for index in [0, 2] {
        let mut again = all(9, 2, 3);
        again[0].index = index;
        refused(Custody::new(key, 2, again), &["each index once"]);
    }
    for wrong in no_elements() {
        refused(Custody::new(wrong, 2, all(9, 2, 3)), &["not the identity"]);
        let mut shares = all(9, 2, 3);
        shares[1].key = wrong;
        refused(Custody::new(key, 2, shares), &["not the identity"]);
    }
}

#[test]
fn a_share_that_is_no_number_below_the_order_is_refused() {
    let mut order = [0; 32];
    order[..16].copy_from_slice(&27_742_317_777_372_353_535_851_937_790_883_648_493u128.to_le_bytes());
    order[31] = 0x10;
    for (index, mut bytes) in [(1, order), (1, [0xff; 32]), (1, [0; 32]), (0, [7; 32])] {
        refused(Holder::new(index, &mut bytes), &["a share that is a number"]);
        assert_eq!(bytes, [0; 32], "the caller's copy is wiped");
    }
}

#[test]
fn nothing_secret_is_shown() {
    let asked = asked();
    let checked = asked.answers[1].checked(&asked.request, &asked.among.custody).unwrap();
    let shown = format!("{:?} {:?} {:?}", hashed(&["one"]), asked.request, checked);
    assert_eq!(shown, "[Hashed] Request { identifiers: 3, .. } Checked { index: 2, .. }");
    assert_eq!(format!("{:?}", asked.among.holders[0]), "Holder { index: 1, .. }");
    assert_eq!(format!("{:?}", asked.finished().unwrap()), "[Evaluated, Evaluated, Evaluated]");
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
        let (request, answer) = (asked.request.elements(), &asked.answers[0]);
        let mut elements: Vec<Element> = elements.into_iter().map(Element).collect();
        elements.extend(answer.elements.iter().copied().take(good));
        let proofs: Vec<Proof> = proofs.into_iter().map(|bytes| Proof(bytes.try_into().unwrap())).collect();
        let _ = asked.among.holders[0].evaluate(&elements);
        let share = PublicShare { index, key: Element(key) };
        proptest::prop_assert!(share.verify(request, &elements, &proofs).is_err());
        let honest = asked.among.holders[0].public();
        proptest::prop_assert!(honest.verify(request, &answer.elements, &proofs).is_err());
        proptest::prop_assert!(Custody::new(*asked.among.custody.key(), 2, vec![share, honest]).is_err());
    }
}
