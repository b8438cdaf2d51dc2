//! Answers that are wrong: left out and named, as long as right ones of enough custodians are there.

use std::fs;
use std::io::Cursor;

use veilmatch::Metadata;
use veilmatch::custody::{EvaluationFile, EvaluationWriter, RequestFile};
use veilmatch::oprf::Holder;

use crate::custodied::{
    COLUMN, agreed, blind, coalition, evaluate, identity, part, sealed, unblind, unsealed,
};
use crate::support::coalition::Coalition;
use crate::support::work::wallets;

/// The custodian, which has answered, answers again by another key than its share, and signs that.
fn lie(all: &Coalition, custodian: &str) -> String {
    let [own, member] = [custodian, "a"].map(|who| identity(all, who));
    let request = unsealed(all, "a", &format!("asked/crypto.evm-1.a.{custodian}.vmb"), &own);
    let request = RequestFile::from_source(Box::new(request), "request").unwrap();
    let answer = unsealed(all, "a", &format!("crypto.evm-1.a.{custodian}.vme"), &member);
    let by = EvaluationFile::from_source(Box::new(answer), "answer").unwrap().by().clone();
    let batch = request.batches().next().unwrap().unwrap();
    let (elements, proofs) = Holder::new(by.index, &mut [7; 32]).unwrap().evaluate(&batch).unwrap();
    let mut file = Cursor::new(Vec::new());
    let mut writer = EvaluationWriter::begin(&mut file).unwrap();
    writer.push(&elements, &proofs[0]).unwrap();
    let metadata = Metadata::default();
    writer.finish(request.terms(), request.member(), by, &metadata, &own).unwrap();
    let lie = format!("lie.{custodian}.vme");
    all.write("a", &lie, sealed(&member.public_keys(), &file.into_inner()));
    lie
}

#[test]
fn any_right_answers_of_enough_custodians_do_and_each_wrong_one_is_named() {
    let all = coalition();
    all.write("a", "rows.csv", wallets(0, 10));
    all.write("a", "more.csv", wallets(0, 15));
    assert_eq!(blind(&all, "a", "rows.csv").code, Some(0));
    let right = ["auditor", "court", "registry"].map(|custodian| evaluate(&all, custodian, "a"));
    let lies = ["court", "registry"].map(|custodian| lie(&all, custodian));
    all.write("a", "torn.vme", "age-encryption.org/v1\n");
    let torn = "torn.vme".to_owned();

    let [first, second] = lies.clone();
    let too_few = unblind(&all, "a", &[first, right[0].clone(), second]);
    assert_eq!(too_few.code, Some(1));
    for words in
        ["lie.court.vme: court: ", "lie.registry.vme: registry: ", "as many custodians as the threshold says"]
    {
        assert!(too_few.stderr.contains(words), "{words}: {}", too_few.stderr);
    }
    assert!(!too_few.stderr.contains("left out"), "it does not go on: {}", too_few.stderr);
    let again = "give it to the next unblind too, which keeps it and the request";
    assert_eq!(too_few.stderr.matches(again).count(), 2, "{}", too_few.stderr);
    let nothing = unblind(&all, "a", std::slice::from_ref(&torn));
    assert_eq!(nothing.code, Some(1));
    assert!(nothing.stderr.contains("torn.vme: "), "{}", nothing.stderr);
    assert!(!nothing.stderr.contains("left out"), "{}", nothing.stderr);
    assert_eq!(all.names_in("a", "cache"), ["crypto.evm-1.vmb", "crypto.evm-1.vmw"], "what is pending stays");

    let request = unsealed(&all, "a", "cache/crypto.evm-1.vmb", &identity(&all, "a"));
    // The liar's own right answer counts, and is counted once.
    let [first, second] = lies;
    let answers = [first, second, torn, right[1].clone(), right[1].clone(), right[0].clone()];
    let done = all.run("a", &format!("unblind {} --log run.log {}", agreed("a"), answers.join(" ")));
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    assert_eq!(done.stderr.matches(": this answer is left out").count(), 3, "{}", done.stderr);
    let record = fs::read_to_string(all.file("a", "run.log")).unwrap();
    for count in ["\"crypto.evm/1/wrong_answers\":2", "\"unread_answers\":1"] {
        assert!(record.contains(count), "{count}: {record}");
    }
    for words in ["lie.court.vme: court: ", "lie.registry.vme: registry: ", "torn.vme: "] {
        assert!(done.stderr.contains(words), "{words}: {}", done.stderr);
    }
    // Evidence has names of its own: the request, and what each of the two answered.
    let own = identity(&all, "a");
    let request = RequestFile::from_source(Box::new(request), "request").unwrap();
    let of_request = format!("cache/crypto.evm-1.{}", &request.root().to_string()[..16]);
    let evidence = ["court.vme", "registry.vme", "vmb"].map(|ending| format!("{of_request}.{ending}"));
    let in_cache = || {
        let names = all.names_in("a", "cache").into_iter().map(|name| format!("cache/{name}"));
        names.collect::<Vec<_>>()
    };
    assert_eq!(in_cache(), [&evidence[..], &["cache/crypto.evm-1.vmc".to_owned()]].concat());
    for ((kept, given), who) in evidence.iter().zip(&answers).zip(["court", "registry"]) {
        let [kept, given] = [kept, given].map(|name| unsealed(&all, "a", name, &own));
        assert!(kept == given, "{who}");
        assert!(done.stderr.contains(&format!("{}.{who}.vme and ", of_request)), "{}", done.stderr);
    }
    let kept = RequestFile::from_source(Box::new(unsealed(&all, "a", &evidence[2], &own)), "kept").unwrap();
    assert_eq!(kept.root(), request.root());
    let evidence_before: Vec<_> =
        evidence.iter().map(|name| fs::read(all.file("a", name)).unwrap()).collect();
    all.done("a", &format!("tokenize {} {COLUMN} --input rows.csv --out sets", part(&all, "a")));

    // One head of each custodian goes with the next request; an answer to the first one is none to it.
    let next = blind(&all, "a", "more.csv");
    assert_eq!(next.code, Some(0), "{}", next.stderr);
    let old = right[0].clone();
    let right = ["auditor", "registry"].map(|custodian| evaluate_beside(&all, custodian));
    let done = unblind(&all, "a", &[vec![old], right.to_vec()].concat());
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    assert!(
        done.stderr.contains("auditor: expected an answer to the request that is pending"),
        "{}",
        done.stderr
    );
    assert_eq!(in_cache(), [&evidence[..], &["cache/crypto.evm-1.vmc".to_owned()]].concat());
    let evidence_now: Vec<_> = evidence.iter().map(|name| fs::read(all.file("a", name)).unwrap()).collect();
    assert!(evidence_now == evidence_before, "neither the next blind nor the next unblind touches evidence");
}

/// Lets the answer to the request before lie where it is.
fn evaluate_beside(all: &Coalition, custodian: &str) -> String {
    let before = format!("crypto.evm-1.a.{custodian}.vme");
    let kept = fs::read(all.file("a", &before)).ok();
    let answer = evaluate(all, custodian, "a");
    let beside = format!("second.{custodian}.vme");
    fs::rename(all.file("a", &answer), all.file("a", &beside)).unwrap();
    kept.into_iter().for_each(|bytes| all.write("a", &before, bytes));
    beside
}
