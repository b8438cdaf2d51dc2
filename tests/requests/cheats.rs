//! Requests and answers that are not what they should be: refused, and nothing is charged for them.

use std::io::Cursor;

use veilmatch::Error;
use veilmatch::custodian::{Evaluator, LedgerFile};
use veilmatch::custody::{RequestFile, RequestWriter};
use veilmatch::oprf::Element;
use veilmatch::terms::CustodyDigest;

use crate::world::{World, kind, metadata, name};

fn code<T>(result: Result<T, Error>) -> &'static str {
    result.err().expect("refused").code()
}

#[test]
fn what_is_no_element_is_refused_with_its_place_and_not_charged() {
    let world = World::new();
    let minus_one = {
        let mut bytes = [0xff; 32];
        (bytes[0], bytes[31]) = (0xec, 0x7f); // p - 1, which is negative
        bytes
    };
    for wrong in [[0; 32], [0xff; 32], minus_one] {
        let mut elements = world.elements(3);
        elements[1] = Element(wrong);
        let request = world.request_with(&world.round, 0, &elements, Vec::new());
        match world.evaluate(0, &request) {
            Err(Error::Oprf { at: Some(1), .. }) => {}
            other => panic!("{:?}", other.map(|(done, _)| done)),
        }
        assert_eq!(world.custodians[0].read().charges().count(), 0);
    }
}

/// A request that its member did not write as it should.
fn written(world: &World, custody: CustodyDigest, member: &str, signer: Option<usize>) -> RequestFile {
    let terms = world.round.custody_terms(&kind(), &world.custody).unwrap();
    let mut file = Cursor::new(Vec::new());
    let mut writer = RequestWriter::begin(terms, name(member), custody, Vec::new(), &mut file).unwrap();
    writer.push(&world.elements(1)).unwrap();
    let signer = signer.map(|member| &world.members[member].1 as &dyn veilmatch::container::Signer);
    writer.finish(&metadata(), signer).unwrap();
    RequestFile::from_source(Box::new(file.into_inner()), "request.vmb").unwrap()
}

#[test]
fn a_request_is_its_members_own_for_this_round_and_these_custodians() {
    let world = World::new();
    let custody = world.custody.digest();
    assert!(world.evaluate(0, &written(&world, custody, "bank-a", Some(0))).is_ok());
    assert_eq!(code(world.evaluate(0, &written(&world, custody, "bank-a", None))), "unsigned");
    assert_eq!(code(world.evaluate(0, &written(&world, custody, "bank-a", Some(1)))), "wrong_signer");
    assert_eq!(code(world.evaluate(0, &written(&world, custody, "bank-c", Some(0)))), "not_in_round");
    assert_eq!(code(world.evaluate(0, &written(&world, custody, "BANK-A", Some(0)))), "not_in_round");
    let others = CustodyDigest([7; 32]);
    assert_eq!(code(world.evaluate(0, &written(&world, others, "bank-a", Some(0)))), "custody");
    // Of another round; and a round that was agreed with other custodians, or none.
    let other = world.round(|manifest| manifest.number = 2);
    assert_eq!(code(world.evaluate_in(&other, 0, &world.request(1))), "terms_differ");
    for custody in [Some(others), None] {
        let other = world.round(|manifest| manifest.custody = custody);
        assert_eq!(code(world.evaluate_in(&other, 0, &world.request(1))), "custody");
    }
    let empty = world.request_with(&world.round, 0, &[], Vec::new());
    assert_eq!(code(world.evaluate(0, &empty)), "custody");
    assert_eq!(world.custodians[0].read().charges().count(), 1);
}

#[test]
fn a_trial_round_in_which_nobody_can_be_charged_is_refused() {
    let world = World::new();
    let trial = world.round(|manifest| {
        manifest.hub = None;
        manifest.members.iter_mut().for_each(|member| member.keys = None);
    });
    let request = world.request_with(&trial, 0, &world.elements(1), Vec::new());
    assert_eq!(code(world.evaluate_in(&trial, 0, &request)), "custody");
}

#[test]
fn a_custodian_uses_its_own_share_key_and_ledger() {
    let world = World::new();
    let request = world.request(1);
    let mut out = Cursor::new(Vec::new());
    let second = &world.custodians[1];
    let evaluator = world.evaluator(0, &world.round);
    let mut with = |evaluator: Evaluator<'_>, ledger: &mut LedgerFile| {
        evaluator.evaluate(&request, ledger, &metadata(), &mut out, &())
    };
    let mut ledger = second.open().unwrap();
    assert_eq!(code(with(evaluator, &mut ledger)), "custody");
    let other_key = Evaluator { signer: &second.identity, ..evaluator };
    assert_eq!(code(with(other_key, &mut ledger)), "wrong_signer");
    let other_share = Evaluator { share: &second.share, ..evaluator };
    assert_eq!(code(with(other_share, &mut ledger)), "wrong_signer");
    drop(ledger);
    assert!(world.custodians.iter().all(|custodian| custodian.read().charges().count() == 0));
}

#[test]
fn replayed_and_crossed_answers_are_refused_by_members() {
    let world = World::new();
    let (one, two) = (world.request(2), world.request(2));
    let of_b = world.request_with(&world.round, 1, &world.elements(2), Vec::new());
    let (_, answer) = world.evaluate(0, &one).unwrap();
    world.takes(0, &one, &answer).unwrap();
    // To another request; for another member; of another round.
    assert_eq!(code(world.takes(0, &two, &answer)), "custody");
    assert_eq!(code(world.takes(1, &of_b, &answer)), "wrong_recipient");
    let other = world.round(|_| {});
    let accepted = other.accept_evaluation(&answer, &name("bank-a"), &world.custody);
    assert_eq!(code(accepted), "terms_differ");
    // Its proofs fit no other request, whatever its header says.
    let key = world.custody.kind(&kind()).unwrap().0;
    let (elements, proof) = answer.batches().next().unwrap().unwrap();
    let asked = two.batches().next().unwrap().unwrap();
    assert_eq!(code(key.share(1).unwrap().verify(&asked, &elements, &[proof])), "oprf");
    // And no other custodian's share.
    let asked = one.batches().next().unwrap().unwrap();
    assert_eq!(code(key.share(2).unwrap().verify(&asked, &elements, &[proof])), "oprf");
}

#[test]
fn an_answer_is_signed_by_the_custodian_that_it_names() {
    use veilmatch::custody::{By, EvaluationFile, EvaluationWriter, SignedHead};
    let world = World::new();
    let request = world.request(1);
    let elements = request.batches().next().unwrap().unwrap();
    let first = &world.custodians[0];
    let answered = |index: u16, head_by: usize, signed_by: usize| {
        let (evaluated, proofs) = first.holder().evaluate(&elements).unwrap();
        let mut file = Cursor::new(Vec::new());
        let mut writer = EvaluationWriter::begin(&mut file).unwrap();
        writer.push(&evaluated, &proofs[0]).unwrap();
        let head = world.custodians[0].read().head().head;
        let head = SignedHead::sign(first.name.clone(), head, &world.custodians[head_by].identity).unwrap();
        let by = By { custody: world.custody.digest(), index, request: request.root(), head };
        let signer = &world.custodians[signed_by].identity;
        writer.finish(request.terms(), request.member(), by, &metadata(), signer).unwrap();
        EvaluationFile::from_source(Box::new(file.into_inner()), "answer.vme").unwrap()
    };
    world.takes(0, &request, &answered(1, 0, 0)).unwrap();
    assert_eq!(code(world.takes(0, &request, &answered(1, 0, 1))), "wrong_signer");
    assert_eq!(code(world.takes(0, &request, &answered(1, 1, 0))), "signature");
    assert_eq!(code(world.takes(0, &request, &answered(2, 0, 0))), "custody");
}
