//! A round whose tokens need custodians: three members, three custodians of whom two are needed, and a hub.

use std::fs;

use crate::custodied::{COLUMN, MEMBERS, TERMS, agreed, blind, coalition, evaluate, learn, part, unblind};
use crate::support::coalition::HUB;
use crate::support::run::Run;
use crate::support::work::wallets;

#[test]
fn a_round_with_custodians_tells_each_member_what_one_without_tells_it() {
    let all = coalition();
    let chosen = [["auditor", "court"], ["court", "registry"], ["auditor", "registry"]];
    for ((seed, who), custodians) in (0..).zip(MEMBERS).zip(chosen) {
        all.write(who, "rows.csv", wallets(seed, 40));
        learn(&all, who, "rows.csv", &custodians);
        assert_eq!(all.names_in(who, "cache"), ["crypto.evm-1.vmc"], "what was pending is erased");
    }
    let matched = |part: &dyn Fn(&str) -> String, memory: &str| {
        let mut sets = Vec::new();
        for who in MEMBERS {
            all.done(
                who,
                &format!("tokenize {} {COLUMN} {memory} --input rows.csv --out sets --force", part(who)),
            );
            sets.extend(all.deliver(who, "sets"));
        }
        let run = all.intersect(&sets);
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        MEMBERS.map(|who| {
            let share = format!("{who}.crypto.evm-1.vsh");
            all.carry(HUB, &format!("result/{share}"), who, &share);
            let resolve = format!("resolve {} {COLUMN} {memory} --input rows.csv --share {share}", part(who));
            all.done(who, &resolve).stdout
        })
    };
    let by_cache = |who: &str| part(&all, who);
    let second = matched(&by_cache, "");
    assert!(second[0].lines().count() > 10, "{}", second[0]);
    assert_eq!(matched(&by_cache, "--memory 4MiB"), second);

    let mut shaken = Vec::new();
    for who in MEMBERS {
        all.done(who, &format!("tokenize {} --handshake --out shaken", part(&all, who)));
        shaken.extend(all.deliver(who, "shaken"));
    }
    let handshakes =
        format!("intersect --round round.json --identity own.key --handshake {}", shaken.join(" "));
    all.done(HUB, &handshakes);

    let stream = format!("screen {} --share a.crypto.evm-1.vsh", part(&all, "a"));
    let mut screen = all.command("a", &stream);
    screen.stdin(fs::File::open(all.file("a", "rows.csv")).unwrap());
    let screened: Run = screen.output().unwrap().into();
    assert_eq!(screened.code, Some(0), "{}", screened.stderr);
    let hits = |text: &str| text.lines().count();
    assert_eq!(hits(&screened.stdout), hits(&second[0]), "every row that resolve lists is a hit");

    let refused =
        all.run("a", &format!("tokenize {} {COLUMN} --input rows.csv --out sets --force", all.part("a")));
    assert!(refused.stderr.contains("expected --custody and --cache"), "{}", refused.stderr);

    all.new_round(TERMS);
    let first = matched(&|who: &str| all.part(who), "");
    assert_eq!(first, second);
}

#[test]
fn only_what_is_new_is_asked_and_what_is_not_evaluated_is_an_error() {
    let all = coalition();
    all.write("a", "rows.csv", wallets(0, 10));
    all.write("a", "more.csv", wallets(0, 15));
    learn(&all, "a", "rows.csv", &["auditor", "court"]);
    fs::create_dir(all.file("a", "older")).unwrap();
    all.carry("a", "cache/crypto.evm-1.vmc", "a", "older/crypto.evm-1.vmc");
    let tokenize = format!("tokenize {} {COLUMN} --input more.csv --out sets", part(&all, "a"));
    let refused = all.run("a", &tokenize);
    assert_eq!(refused.code, Some(1));
    assert!(refused.stderr.contains("crypto.evm/1: 5 identifiers"), "{}", refused.stderr);
    assert!(!all.file("a", "sets").exists());
    let allowed = all.done("a", &format!("{tokenize} --allow-unevaluated"));
    assert!(allowed.stderr.contains("5 identifiers are left out"), "{}", allowed.stderr);
    assert!(allowed.stderr.contains("10 rows, 10 accepted, 10 distinct"), "{}", allowed.stderr);

    let again = blind(&all, "a", "rows.csv");
    assert!(again.stderr.contains("nothing is asked"), "{}", again.stderr);
    let asked = blind(&all, "a", "more.csv");
    assert!(asked.stderr.contains("5 identifiers to be evaluated"), "{}", asked.stderr);
    let answers = ["registry", "court"].map(|custodian| evaluate(&all, custodian, "a"));
    let too_few = unblind(&all, "a", &answers[..1]);
    assert!(too_few.stderr.contains("as many custodians as the threshold says"), "{}", too_few.stderr);
    assert_eq!(all.names_in("a", "cache").len(), 3, "what is pending stays");
    assert_eq!(unblind(&all, "a", &answers).code, Some(0));
    all.done("a", &format!("{tokenize} --force"));
    // Under an older cache five of the tokens would be no hits.
    all.done("a", &format!("{tokenize} --force --keep kept"));
    let screen = format!("screen {} --set kept/crypto.evm-1.vms", part(&all, "a"));
    all.done("a", &screen);
    let older = all.run("a", &screen.replace("--cache cache", "--cache older"));
    assert_eq!(older.code, Some(1));
    assert!(older.stderr.contains("the cache lacks 5 identifiers of the 15"), "{}", older.stderr);
    let done_before = unblind(&all, "a", &answers);
    assert!(done_before.stderr.contains("these answers were unblinded before"), "{}", done_before.stderr);
}

#[test]
fn a_request_beyond_a_custodians_part_is_refused_and_can_be_split() {
    let all = coalition();
    all.write("a", "rows.csv", wallets(0, 800));
    let asked = blind(&all, "a", "rows.csv");
    assert_eq!(asked.code, Some(1));
    let (_, text) = asked.stderr.split_once("--at-most ").unwrap();
    let most: u64 = text.split(',').next().unwrap().parse().unwrap();
    assert!((667..800).contains(&most), "{most}: two thirds of 1,000 and of the test identifiers");
    for chosen in [["auditor", "court"], ["court", "registry"], ["auditor", "registry"]] {
        let some = all.run(
            "a",
            &format!("blind {} {COLUMN} --input rows.csv --out asked --force --at-most 300", agreed("a")),
        );
        assert_eq!(some.code, Some(0), "{}", some.stderr);
        let answers = chosen.map(|custodian| evaluate(&all, custodian, "a"));
        assert_eq!(unblind(&all, "a", &answers).code, Some(0));
    }
    all.done("a", &format!("tokenize {} {COLUMN} --input rows.csv --out sets", part(&all, "a")));
}
