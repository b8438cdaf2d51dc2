//! From identifiers to tokens by files: the same for every choice of custodians.

use std::io::Cursor;

use veilmatch::custody::{RequestFile, RequestWriter};
use veilmatch::member::CoalitionSecret;
use veilmatch::member::oprf::{Evaluation, Hashed, Request, tokens};

use crate::world::{World, kind, metadata, name};

#[test]
fn the_tokens_are_the_same_for_every_choice_of_custodians() {
    let world = World::new();
    let terms = world.round.custody_terms(&kind(), &world.custody).unwrap();
    let secret = CoalitionSecret::generate().unwrap();
    let (key, _) = world.custody.kind(&kind()).unwrap();
    let token_key = secret.custody_token_key(&terms.context, key.key());
    let mut made = Vec::new();
    for choice in [[0, 1], [0, 2], [1, 2]] {
        let identifiers: Vec<Hashed> = ["one", "two", "three"].map(|id| Hashed::of(id.as_bytes())).into();
        let request = Request::new(&terms.context, identifiers).unwrap();
        let mut file = Cursor::new(Vec::new());
        let custody = world.custody.digest();
        let mut writer =
            RequestWriter::begin(terms.clone(), name("bank-a"), custody, Vec::new(), &mut file).unwrap();
        writer.push(request.elements()).unwrap();
        writer.finish(&metadata(), Some(&world.members[0].1)).unwrap();
        let sent = RequestFile::from_source(Box::new(file.into_inner()), "request.vmb").unwrap();

        let checked = choice.map(|custodian| {
            let (_, answer) = world.evaluate(custodian, &sent).unwrap();
            let (elements, proof) = answer.batches().next().unwrap().unwrap();
            let custodian = &answer.by().head.custodian;
            let index = answer.by().index;
            let answer = Evaluation { custodian, index, elements: &elements, proofs: &[proof] };
            request.check(key, &answer).unwrap()
        });
        let evaluated = request.finish(key, &checked).unwrap();
        made.push(tokens(&token_key, &evaluated));
    }
    assert!(made[0].len() == 3 && made[0][0] != made[0][1]);
    assert!(made.iter().all(|tokens| *tokens == made[0]));
}
