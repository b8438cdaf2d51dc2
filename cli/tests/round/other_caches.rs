//! Caches of another epoch, member or custody, and older and later ones: refused before anything is written.

use std::collections::BTreeMap;
use std::fs;

use crate::custodied::{COLUMN, TERMS, agree, agreed, blind, coalition, evaluate, learn, part, parties};
use crate::support::coalition::{Coalition, HUB};
use crate::support::work::wallets;

/// All that lies in a member's folder, and in the folders in it.
fn all_of(all: &Coalition, who: &str) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for name in all.names_in(who, ".") {
        match all.file(who, &name).is_dir() {
            true => all.names_in(who, &name).into_iter().for_each(|inner| {
                let path = format!("{name}/{inner}");
                found.insert(path.clone(), fs::read(all.file(who, &path)).unwrap());
            }),
            false => drop(found.insert(name.clone(), fs::read(all.file(who, &name)).unwrap())),
        }
    }
    found
}

fn set_aside(all: &Coalition, name: &str) {
    assert_eq!(blind(all, "a", "more.csv").code, Some(0));
    fs::rename(all.file("a", "cache"), all.file("a", name)).unwrap();
}

#[test]
fn a_cache_of_another_epoch_member_or_custody_is_refused_by_every_command() {
    let all = parties();
    let terms = format!("{TERMS} --trail");
    for (seed, who) in (0..).zip(["a", "b"]) {
        all.write(who, "rows.csv", wallets(seed, 10));
        all.write(who, "more.csv", wallets(seed, 15));
    }
    for (epoch, name) in [(8, "epoch"), (7, "custody")] {
        agree(&all, epoch, &terms);
        learn(&all, "a", "rows.csv", &["court", "auditor"]);
        set_aside(&all, name);
    }
    agree(&all, 7, &terms);
    let mut sets = Vec::new();
    for who in ["a", "b"] {
        learn(&all, who, "rows.csv", &["court", "auditor"]);
        let tokenize =
            format!("tokenize {} {COLUMN} --input rows.csv --keep kept --out sets", part(&all, who));
        all.done(who, &tokenize);
        sets.extend(all.deliver(who, "sets"));
    }
    let matched = all.run(
        HUB,
        &format!(
            "intersect --round round.json --identity own.key --without c --out result {}",
            sets.join(" ")
        ),
    );
    assert_eq!(matched.code, Some(0), "{}", matched.stderr);
    all.carry(HUB, "result/a.crypto.evm-1.vsh", "a", "own.vsh");
    for who in ["a", "b"] {
        assert_eq!(blind(&all, who, "more.csv").code, Some(0));
    }
    let answers = ["court", "auditor"].map(|custodian| evaluate(&all, custodian, "a")).join(" ");
    fs::create_dir(all.file("a", "member")).unwrap();
    for name in all.names_in("b", "cache") {
        all.carry("b", &format!("cache/{name}"), "a", &format!("member/{name}"));
    }
    // What is pending is the member's own, and the cache beside it is not.
    for name in ["epoch", "custody", "member"] {
        let mixed = format!("{name}-mixed");
        fs::create_dir(all.file("a", &mixed)).unwrap();
        all.carry("a", &format!("{name}/crypto.evm-1.vmc"), "a", &format!("{mixed}/crypto.evm-1.vmc"));
        for ending in ["vmw", "vmb"] {
            let file = format!("crypto.evm-1.{ending}");
            all.carry("a", &format!("cache/{file}"), "a", &format!("{mixed}/{file}"));
        }
    }
    let before = all_of(&all, "a");
    let rows = format!("{COLUMN} --input rows.csv");
    let (own, asking) = (part(&all, "a"), agreed("a"));
    let commands = [
        format!("tokenize {own} {rows} --out new"),
        format!("tokenize {own} --handshake --out new"),
        format!("resolve {own} {rows} --share own.vsh"),
        format!("resolve {own} {rows} --share own.vsh --memory 4MiB"),
        format!("link {own} {rows} --share own.vsh --out new"),
        format!("screen {own} --share own.vsh"),
        format!("screen {own} --set kept/crypto.evm-1.vms"),
        format!("blind {asking} {rows} --out new"),
        format!("unblind {asking} {answers}"),
    ];
    let others = [
        ("epoch", "a cache of this member, coalition, epoch and kind"),
        ("custody", "a cache under this key file and these custodians' key"),
        ("member", "crypto.evm-1.vm"),
    ];
    for (name, words) in others {
        for command in &commands {
            for folder in [name.to_owned(), format!("{name}-mixed")] {
                let command = command.replace("--cache cache", &format!("--cache {folder}"));
                let run = all.run("a", &command);
                assert_eq!((run.code, run.stdout.as_str()), (Some(1), ""), "{command}: {}", run.stderr);
                assert!(run.stderr.contains(words), "{command}: {}", run.stderr);
                assert!(
                    run.stderr.contains(&format!("{folder}/crypto.evm-1.vm")),
                    "{command}: {}",
                    run.stderr
                );
                println!("{name}: {}", run.stderr.lines().last().unwrap_or_default());
            }
        }
    }
    assert!(all_of(&all, "a") == before, "nothing was written");
    commands.iter().take(7).for_each(|command| {
        all.done("a", &command.replace("--out new", "--force --out new-own"));
        let _ = fs::remove_dir_all(all.file("a", "new-own"));
    });
    all.done("a", &commands[8]);
}

#[test]
fn a_later_cache_than_the_rounds_is_named_where_rows_were_left_out() {
    let all = coalition();
    for (seed, who) in (0..).zip(["a", "b", "c"]) {
        all.write(who, "rows.csv", wallets(seed, 20));
        all.write(who, "some.csv", wallets(seed, 15));
        learn(&all, who, "some.csv", &["court", "auditor"]);
    }
    let mut sets = Vec::new();
    for who in ["a", "b", "c"] {
        let tokenize =
            format!("tokenize {} {COLUMN} --input rows.csv --allow-unevaluated --out sets", part(&all, who));
        all.done(who, &tokenize);
        sets.extend(all.deliver(who, "sets"));
    }
    assert_eq!(all.intersect(&sets).code, Some(0));
    all.carry(HUB, "result/a.crypto.evm-1.vsh", "a", "own.vsh");
    fs::create_dir(all.file("a", "of-round")).unwrap();
    all.carry("a", "cache/crypto.evm-1.vmc", "a", "of-round/crypto.evm-1.vmc");
    learn(&all, "a", "rows.csv", &["court", "auditor"]);
    let resolve = format!("resolve {} {COLUMN} --input rows.csv --share own.vsh", part(&all, "a"));
    for memory in ["", "--memory 4MiB"] {
        let later = all.run("a", &format!("{resolve} {memory}"));
        assert_eq!((later.code, later.stdout.as_str()), (Some(1), ""), "{}", later.stderr);
        let words = "--cache is another than the set was made with";
        assert!(later.stderr.contains(words), "{}", later.stderr);
    }
    let rows = all.done("a", &resolve.replace("--cache cache", "--cache of-round")).stdout;
    assert!(rows.lines().count() > 3, "{rows}");
}
