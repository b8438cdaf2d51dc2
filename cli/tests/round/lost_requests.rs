//! Requests that were lost on the way, and commands that ended before they had erased what was pending.

use std::fs;
use std::io::Cursor;
use std::process::Stdio;
use std::slice;

use veilmatch::custody::{RequestFile, RequestWriter};
use veilmatch::{Metadata, Round};

use crate::custodied::{
    COLUMN, CUSTODIANS, TERMS, agreed, blind, coalition, evaluate, identity, part, sealed, unblind, unsealed,
};
use crate::support::coalition::Coalition;
use crate::support::work::wallets;

const PENDING: [&str; 3] = ["crypto.evm-1.vmb", "crypto.evm-1.vmc", "crypto.evm-1.vmw"];

/// Number of charges in a custodian's ledger.
fn charges(all: &Coalition, custodian: &str) -> usize {
    let ledger = fs::read_to_string(all.file(custodian, &format!("step-3/{custodian}.ledger"))).unwrap();
    ledger.lines().count() - 1
}

fn copy(all: &Coalition, from: &str, to: &str) {
    fs::create_dir_all(all.file("a", to)).unwrap();
    for name in all.names_in("a", from) {
        all.carry("a", &format!("{from}/{name}"), "a", &format!("{to}/{name}"));
    }
}

#[test]
fn a_lost_request_is_written_again_and_charged_once() {
    let all = coalition();
    all.write("a", "rows.csv", wallets(0, 10));
    all.write("a", "more.csv", wallets(0, 15));
    assert_eq!(blind(&all, "a", "rows.csv").code, Some(0));
    let sent: Vec<_> = CUSTODIANS
        .iter()
        .map(|who| fs::read(all.file("a", &format!("asked/crypto.evm-1.a.{who}.vmb"))).unwrap())
        .collect();
    evaluate(&all, "court", "a");
    fs::remove_dir_all(all.file("a", "asked")).unwrap();
    fs::remove_file(all.file("a", "crypto.evm-1.a.court.vme")).unwrap();

    // The export has grown meanwhile.
    let again = blind(&all, "a", "more.csv");
    assert_eq!(again.code, Some(0), "{}", again.stderr);
    assert!(again.stderr.contains("the same request is written again"), "{}", again.stderr);
    assert!(again.stderr.contains("5 are left for a next request"), "{}", again.stderr);
    let written =
        CUSTODIANS.map(|who| fs::read(all.file("a", &format!("asked/crypto.evm-1.a.{who}.vmb"))).unwrap());
    assert!(written.iter().zip(&sent).all(|(now, before)| now != before), "sealed anew");
    let answers = ["court", "auditor"].map(|custodian| evaluate(&all, custodian, "a"));
    assert_eq!(["court", "auditor", "registry"].map(|who| charges(&all, who)), [1, 1, 0]);
    assert_eq!(unblind(&all, "a", &answers).code, Some(0));
    assert_eq!(all.names_in("a", "cache"), PENDING[1..2]);
    all.done("a", &format!("tokenize {} {COLUMN} --input rows.csv --out sets", part(&all, "a")));
    let next = blind(&all, "a", "more.csv");
    assert!(next.stderr.contains("5 identifiers to be evaluated"), "{}", next.stderr);
}

#[test]
fn a_request_that_is_not_there_is_not_written_again() {
    let all = coalition();
    all.write("a", "rows.csv", wallets(0, 10));
    assert_eq!(blind(&all, "a", "rows.csv").code, Some(0));
    fs::remove_dir_all(all.file("a", "asked")).unwrap();
    fs::remove_file(all.file("a", "cache/crypto.evm-1.vmb")).unwrap();
    let not_there = blind(&all, "a", "rows.csv");
    assert_eq!(not_there.code, Some(1));
    assert!(not_there.stderr.contains("cache/crypto.evm-1.vmb: "), "{}", not_there.stderr);
    assert!(!all.file("a", "asked").exists());
    assert_eq!(all.names_in("a", "cache"), PENDING[2..]);
}

const WAY_OUT: &str = "remove cache/crypto.evm-1.vmw and run blind again";

#[test]
fn a_request_of_another_round_is_refused_with_both_ways_out_and_each_of_them_is_one() {
    let all = coalition();
    all.write("a", "rows.csv", wallets(0, 10));
    assert_eq!(blind(&all, "a", "rows.csv").code, Some(0));
    let answers = ["court", "auditor"].map(|custodian| evaluate(&all, custodian, "a"));
    fs::remove_dir_all(all.file("a", "asked")).unwrap();
    copy(&all, "cache", "kept");
    all.carry("a", "round.json", "a", "first.json");
    all.new_round(&format!("{TERMS} --custody custody.json --number 2"));
    CUSTODIANS.iter().for_each(|who| all.carry("a", "round.json", who, "round.json"));
    let first = Round::from_bytes(&fs::read(all.file("a", "first.json")).unwrap()).unwrap();
    let made_in = format!("made in another round, {}: run unblind with its manifest", first.digest());
    for refused in [blind(&all, "a", "rows.csv"), unblind(&all, "a", &answers)] {
        assert_eq!(refused.code, Some(1));
        for words in ["cache/crypto.evm-1.vmb: ", &made_in, WAY_OUT] {
            assert!(refused.stderr.contains(words), "{words}: {}", refused.stderr);
        }
        assert!(!all.file("a", "asked").exists());
        assert_eq!(all.names_in("a", "cache"), [PENDING[0], PENDING[2]]);
    }

    let unblinding = format!("unblind {} {}", agreed("a"), answers.join(" "));
    all.done("a", &unblinding.replace("round.json", "first.json"));
    let nothing = blind(&all, "a", "rows.csv");
    assert!(nothing.stderr.contains("nothing is asked"), "{}", nothing.stderr);

    fs::remove_dir_all(all.file("a", "cache")).unwrap();
    copy(&all, "kept", "cache");
    fs::remove_file(all.file("a", "cache/crypto.evm-1.vmw")).unwrap();
    assert_eq!(blind(&all, "a", "rows.csv").code, Some(0));
    let answers = ["court", "auditor"].map(|custodian| evaluate(&all, custodian, "a"));
    assert_eq!(charges(&all, "court"), 2, "charged once more");
    assert_eq!(unblind(&all, "a", &answers).code, Some(0));
}

#[test]
fn a_request_whose_time_is_over_is_refused_with_the_way_out() {
    let all = coalition();
    all.write("a", "rows.csv", wallets(0, 10));
    assert_eq!(blind(&all, "a", "rows.csv").code, Some(0));
    let answers = ["court", "auditor"].map(|custodian| evaluate(&all, custodian, "a"));
    fs::remove_dir_all(all.file("a", "asked")).unwrap();
    // The pending request with another date.
    let (own, name) = (identity(&all, "a"), "cache/crypto.evm-1.vmb");
    let request = unsealed(&all, "a", name, &own);
    let request = RequestFile::from_source(Box::new(request), "request").unwrap();
    let (terms, mut file) = (request.terms().clone(), Cursor::new(Vec::new()));
    let member = request.member().clone();
    let mut writer = RequestWriter::begin(terms, member, request.custody(), Vec::new(), &mut file).unwrap();
    writer.push(&request.batches().next().unwrap().unwrap()).unwrap();
    let metadata = Metadata { not_after: Some(1_000_000_000), ..Metadata::default() };
    writer.finish(&metadata, Some(&own)).unwrap();
    all.write("a", name, sealed(&own.public_keys(), &file.into_inner()));

    for refused in [blind(&all, "a", "rows.csv"), unblind(&all, "a", &answers)] {
        assert_eq!(refused.code, Some(1));
        for words in [name, "not to be used after 2001-09-09", WAY_OUT] {
            assert!(refused.stderr.contains(words), "{words}: {}", refused.stderr);
        }
        assert!(!refused.stderr.contains("run unblind"), "{}", refused.stderr);
        assert!(!all.file("a", "asked").exists());
        assert_eq!(all.names_in("a", "cache"), [PENDING[0], PENDING[2]]);
    }
}

#[test]
fn what_was_unblinded_and_not_erased_is_no_request_any_more() {
    let all = coalition();
    all.write("a", "rows.csv", wallets(0, 10));
    all.write("a", "more.csv", wallets(0, 15));
    assert_eq!(blind(&all, "a", "rows.csv").code, Some(0));
    let answers = ["court", "auditor"].map(|custodian| evaluate(&all, custodian, "a"));
    copy(&all, "cache", "before");
    assert_eq!(unblind(&all, "a", &answers).code, Some(0));
    // Killed once the cache had its name: it can be run again.
    copy(&all, "before", "cache");
    let again = unblind(&all, "a", &answers);
    assert_eq!(again.code, Some(0), "{}", again.stderr);
    assert_eq!(all.names_in("a", "cache"), PENDING[1..2]);
    // Killed between the two that it erases.
    all.carry("a", "before/crypto.evm-1.vmb", "a", "cache/crypto.evm-1.vmb");
    let done = unblind(&all, "a", &answers);
    assert!(done.stderr.contains("these answers were unblinded before"), "{}", done.stderr);
    // Neither keeps anybody from asking for what is new.
    copy(&all, "before", "cache");
    let next = blind(&all, "a", "more.csv");
    assert_eq!(next.code, Some(0), "{}", next.stderr);
    assert!(next.stderr.contains("5 identifiers to be evaluated"), "{}", next.stderr);
    assert_eq!(all.names_in("a", "cache"), PENDING);
    let old = unblind(&all, "a", &answers);
    assert!(old.stderr.contains("got one to another request"), "{}", old.stderr);
    let answers = ["registry", "auditor"].map(|custodian| evaluate(&all, custodian, "a"));
    assert_eq!(unblind(&all, "a", &answers).code, Some(0));
    all.done("a", &format!("tokenize {} {COLUMN} --input more.csv --out sets", part(&all, "a")));
}

#[test]
fn two_commands_at_the_same_time_end_as_one_does() {
    let all = coalition();
    all.write("a", "rows.csv", wallets(0, 300));
    assert_eq!(blind(&all, "a", "rows.csv").code, Some(0));
    let answers = ["court", "auditor"].map(|custodian| evaluate(&all, custodian, "a")).join(" ");
    let held = all.file("a", "cache/.crypto.evm-1.vmw.part");
    fs::create_dir(&held).unwrap();
    #[cfg(unix)]
    {
        let holding = fs::File::open(&held).unwrap();
        holding.lock().unwrap();
        for busy in [unblind(&all, "a", slice::from_ref(&answers)), blind(&all, "a", "rows.csv")] {
            assert_eq!(busy.code, Some(1));
            assert!(busy.stderr.contains("another command is making this output"), "{}", busy.stderr);
        }
    }
    let command = format!("unblind {} {answers}", agreed("a"));
    let both = [(); 2].map(|()| all.command("a", &command).stderr(Stdio::null()).spawn().unwrap());
    let well = both.map(|mut child| child.wait().unwrap().success());
    assert!(well.contains(&true));
    assert_eq!(all.names_in("a", "cache"), PENDING[1..2]);
    all.done("a", &format!("tokenize {} {COLUMN} --input rows.csv --out sets", part(&all, "a")));

    all.write("b", "rows.csv", wallets(0, 300));
    let command = |out: &str| format!("blind {} {COLUMN} --input rows.csv --out {out}", agreed("b"));
    let both =
        ["one", "two"].map(|out| all.command("b", &command(out)).stderr(Stdio::null()).spawn().unwrap());
    let well = both.map(|mut child| child.wait().unwrap().success());
    assert!(well.contains(&true));
    // Whichever wrote the request, it is one: what each command sent is what the cache has.
    let root = |bytes: Vec<u8>| RequestFile::from_source(Box::new(bytes), "request").unwrap().root();
    let pending = root(unsealed(&all, "b", "cache/crypto.evm-1.vmb", &identity(&all, "b")));
    let mut sent = 0;
    for (folder, well) in ["one", "two"].iter().zip(well) {
        assert_eq!(all.file("b", folder).exists(), well, "{folder}");
        for who in CUSTODIANS.iter().filter(|_| well) {
            let name = format!("{folder}/crypto.evm-1.b.{who}.vmb");
            assert_eq!(root(unsealed(&all, "b", &name, &identity(&all, who))), pending, "{name}");
            sent += 1;
        }
    }
    assert!(sent >= CUSTODIANS.len());
    learn_from(&all, &["one", "two"]);
}

/// The first folder of requests that is there is answered, and fits what is pending.
fn learn_from(all: &Coalition, folders: &[&str]) {
    let folder = folders.iter().find(|folder| all.file("b", folder).exists()).unwrap();
    fs::rename(all.file("b", folder), all.file("b", "asked")).unwrap();
    let answers = ["court", "auditor"].map(|custodian| evaluate(all, custodian, "b"));
    assert_eq!(unblind(all, "b", &answers).code, Some(0));
}
