//! The files come back as they were written, in batches, and are refused if anything of them is another.

use std::io::Cursor;

use veilmatch::custody::{
    By, EvaluationFile, EvaluationWriter, RequestFile, RequestWriter, SignedHead, key_id,
};
use veilmatch::oprf::{Element, MAX_BATCH, Proof};

use crate::world::{World, kind, metadata, name, strange};

/// Stands for elements: any bytes, each time others.
fn some(number: usize) -> Vec<Element> {
    let bytes = |at: usize| std::array::from_fn(|byte| (at >> (8 * (byte % 4))) as u8 ^ byte as u8);
    (0..number).map(|at| Element(bytes(at))).collect()
}

#[test]
fn requests_come_back_in_batches_whatever_they_were_pushed_in() {
    let world = World::new();
    let terms = world.round.custody_terms(&kind(), &world.custody).unwrap();
    for (number, piece) in [(1, 1), (5, 2), (MAX_BATCH, 1_000), (2 * MAX_BATCH + 3, MAX_BATCH + 1)] {
        let elements = some(number);
        let mut file = Cursor::new(Vec::new());
        let mut writer = RequestWriter::begin(
            terms.clone(),
            name("bank-a"),
            world.custody.digest(),
            Vec::new(),
            &mut file,
        )
        .unwrap();
        elements.chunks(piece).for_each(|piece| writer.push(piece).unwrap());
        writer.finish(&metadata(), Some(&world.members[0].1)).unwrap();

        let request = RequestFile::from_source(Box::new(file.into_inner()), "request.vmb").unwrap();
        assert_eq!(request.len(), number as u64);
        assert_eq!(request.terms().key_id, key_id(world.custody.kind(&kind()).unwrap().0.key()));
        let (mut read, mut batches) = (Vec::new(), request.batches());
        while let Some(batch) = batches.next().unwrap() {
            assert!(batch.len() == MAX_BATCH || read.len() + batch.len() == number);
            read.extend(batch);
        }
        assert!(read == elements);
    }
}

#[test]
fn evaluations_come_back_with_a_proof_for_each_batch() {
    let world = World::new();
    let terms = world.round.custody_terms(&kind(), &world.custody).unwrap();
    let notary = &world.custodians[2];
    for number in [1, MAX_BATCH - 1, MAX_BATCH, 2 * MAX_BATCH + 3] {
        let elements = some(number);
        let mut file = Cursor::new(Vec::new());
        let mut writer = EvaluationWriter::begin(&mut file).unwrap();
        for (at, batch) in elements.chunks(MAX_BATCH).enumerate() {
            writer.push(batch, &Proof([at as u8; 64])).unwrap();
        }
        let head = SignedHead::sign(notary.name.clone(), strange(), &notary.identity).unwrap();
        let by = By { custody: world.custody.digest(), index: 3, request: strange(), head };
        writer.finish(&terms, &name("bank-a"), by.clone(), &metadata(), &notary.identity).unwrap();

        let answer = EvaluationFile::from_source(Box::new(file.into_inner()), "answer.vme").unwrap();
        assert_eq!((answer.len(), answer.by()), (number as u64, &by));
        world.round.accept_evaluation(&answer, &name("bank-a"), &world.custody).unwrap();
        let (mut read, mut proofs, mut batches) = (Vec::new(), Vec::new(), answer.batches());
        while let Some((batch, proof)) = batches.next().unwrap() {
            read.extend(batch);
            proofs.push(proof);
        }
        assert!(read == elements);
        let expected = (0..number.div_ceil(MAX_BATCH)).map(|at| Proof([at as u8; 64]));
        assert!(proofs.into_iter().eq(expected));
    }
}

#[test]
fn the_first_lines_show_what_a_file_is_and_no_changed_byte_passes() {
    let world = World::new();
    let terms = world.round.custody_terms(&kind(), &world.custody).unwrap();
    let head = |of: usize| {
        SignedHead::sign(world.custodians[of].name.clone(), strange(), &world.custodians[of].identity)
    };
    let mut file = Cursor::new(Vec::new());
    let heads = vec![head(2).unwrap(), head(0).unwrap()];
    let mut writer =
        RequestWriter::begin(terms.clone(), name("bank-a"), world.custody.digest(), heads, &mut file)
            .unwrap();
    writer.push(&some(3)).unwrap();
    writer.finish(&metadata(), Some(&world.members[0].1)).unwrap();
    let request = file.into_inner();
    assert!(request.starts_with(b"veilmatch request 1\n{\"format\":1,"));

    let mut file = Cursor::new(Vec::new());
    let mut writer = EvaluationWriter::begin(&mut file).unwrap();
    writer.push(&some(3), &Proof([9; 64])).unwrap();
    let by = By { custody: world.custody.digest(), index: 1, request: strange(), head: head(0).unwrap() };
    writer.finish(&terms, &name("bank-a"), by, &metadata(), &world.custodians[0].identity).unwrap();
    let answer = file.into_inner();
    assert!(answer.starts_with(b"veilmatch evaluation 1\n{\"format\":1,"));

    let reads_request = |bytes: Vec<u8>| {
        let request = RequestFile::from_source(Box::new(bytes), "request")?;
        request.batches().next().map(drop)
    };
    let reads_answer = |bytes: Vec<u8>| {
        let answer = EvaluationFile::from_source(Box::new(bytes), "answer")?;
        answer.batches().next().map(drop)
    };
    reads_request(request.clone()).unwrap();
    reads_answer(answer.clone()).unwrap();
    for (bytes, reads) in [
        (&request, &reads_request as &dyn Fn(Vec<u8>) -> Result<(), veilmatch::Error>),
        (&answer, &reads_answer),
    ] {
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            assert!(reads(changed).is_err(), "byte {at}");
        }
        assert!(reads(bytes[..bytes.len() - 1].to_vec()).is_err());
        assert!(reads([&bytes[..], b"x"].concat()).is_err());
    }
    assert!(reads_request(answer).is_err() && reads_answer(request).is_err());
}

#[test]
fn a_request_has_one_head_of_each_custodian() {
    let world = World::new();
    let of = |head: u8| {
        let head = veilmatch::terms::ContentDigest([head; 32]);
        SignedHead::sign(world.custodians[0].name.clone(), head, &world.custodians[0].identity).unwrap()
    };
    let terms = world.round.custody_terms(&kind(), &world.custody).unwrap();
    let mut file = Cursor::new(Vec::new());
    let heads = vec![of(1), of(2)];
    let begun = RequestWriter::begin(terms, name("bank-a"), world.custody.digest(), heads, &mut file);
    assert_eq!(begun.err().unwrap().code(), "custody");
}
