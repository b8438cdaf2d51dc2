//! No command replaces what it reads, nor what another command made, `--force` or not.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use crate::support::coalition::{Coalition, HUB};

const COLUMNS: &str = "--column card=card.pan";
const SET: &str = "card.pan-1.vms";

/// Everything below a folder, by path.
fn tree(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        match path.is_dir() && !path.is_symlink() {
            true => {
                found.extend(tree(&path).into_iter().map(|(below, bytes)| (format!("{name}/{below}"), bytes)))
            }
            false => drop(found.insert(name, fs::read(&path).unwrap_or_default())),
        }
    }
    found
}

/// Refused by a message that says this, with everything as it was.
fn refused(coalition: &Coalition, who: &str, arguments: &str, says: &str) {
    let before = tree(&coalition.of(who));
    let run = coalition.run(who, arguments);
    assert_eq!((run.code, run.stdout.as_str()), (Some(1), ""), "{arguments}: {}", run.stderr);
    assert!(run.stderr.contains(says), "{arguments}: {}", run.stderr);
    let mut after = tree(&coalition.of(who));
    if let (Some(line), Some(record)) = (after.get("run.log"), before.get("run.log")) {
        assert!(line.starts_with(record)); // the refusal has its line
        after.insert("run.log".into(), record.clone());
    }
    assert!(after == before, "{arguments}: something changed");
}

/// Two members with kept sets, and a hub with their sets in `inbox` and a delta.
fn coalition(sealed: bool) -> Coalition {
    let coalition = Coalition::new(&["a", "b"], sealed, "--at-least 2 --kind card.pan");
    fs::create_dir(coalition.file(HUB, "inbox")).unwrap();
    for who in ["a", "b"] {
        coalition.write(who, "rows.csv", "card\n9999100000001562\n9999100000002933\n");
        let part = coalition.part(who);
        coalition.done(who, &format!("tokenize {part} {COLUMNS} --input rows.csv --out sets --keep kept"));
        coalition.carry(who, &format!("sets/{SET}"), HUB, &format!("inbox/{who}.{SET}"));
    }
    let part = coalition.part("a");
    coalition.write("a", "more.csv", "card\n9999100000001562\n9999100000005266\n");
    coalition.done(
        "a",
        &format!("tokenize {part} {COLUMNS} --input more.csv --out next --keep new --follow kept"),
    );
    let agreed = format!("--round round.json {}", coalition.identity());
    coalition
        .done("a", &format!("delta {agreed} --member a --base kept/{SET} --new new/{SET} --out change.vmd"));
    coalition.carry("a", "change.vmd", HUB, "change.vmd");
    coalition
}

#[test]
fn an_output_that_is_or_holds_an_input_is_refused() {
    for sealed in [true, false] {
        let coalition = coalition(sealed);
        let (part, identity) = (coalition.part("a"), coalition.identity());
        let sets = format!("inbox/a.{SET} inbox/b.{SET}");
        let intersect = format!("intersect --round round.json {identity} --force --out");
        refused(
            &coalition,
            HUB,
            &format!("{intersect} inbox {sets}"),
            "inbox: --out holds inbox/a.card.pan-1.vms",
        );
        // Under any name that leads there.
        symlink("inbox", coalition.file(HUB, "link")).unwrap();
        symlink(coalition.file(HUB, "inbox"), coalition.file(HUB, "absolute")).unwrap();
        fs::create_dir(coalition.file(HUB, "empty")).unwrap();
        for out in ["link", "absolute", "./inbox", "empty/../inbox", "../hub/inbox"] {
            refused(
                &coalition,
                HUB,
                &format!("{intersect} {out} {sets}"),
                "--out holds inbox/a.card.pan-1.vms",
            );
        }
        let through = sets.replace("inbox/", "link/");
        refused(
            &coalition,
            HUB,
            &format!("{intersect} inbox {through}"),
            "--out holds link/a.card.pan-1.vms",
        );
        // A set that the folder leads to is lost with it as well.
        fs::create_dir(coalition.file(HUB, "links")).unwrap();
        for who in ["a", "b"] {
            symlink(format!("../inbox/{who}.{SET}"), coalition.file(HUB, &format!("links/{who}.{SET}")))
                .unwrap();
        }
        let linked = sets.replace("inbox/", "links/");
        refused(
            &coalition,
            HUB,
            &format!("{intersect} links {linked}"),
            "--out holds links/a.card.pan-1.vms",
        );
        // Without --force, and where nothing is there yet, in an input.
        refused(
            &coalition,
            HUB,
            &format!("{} inbox {sets}", intersect.replace("--force ", "")),
            "--out holds inbox/",
        );
        let follow =
            format!("tokenize {part} {COLUMNS} --input rows.csv --force --keep again --follow kept --out");
        refused(&coalition, "a", &format!("{follow} kept/new"), "kept/new: --out lies in kept, which");
        refused(&coalition, "a", &format!("{follow} kept"), "kept: --out is kept, which");
        refused(
            &coalition,
            "a",
            &follow.replace("--keep again", "--keep kept").replace("--out", "--out x"),
            "--keep is kept",
        );
        // Round, keys, secret, record.
        coalition.done("a", &format!("inspect round.json {identity} --log run.log"));
        for file in ["round.json", "secret", "rows.csv", "run.log"] {
            let tokenize = format!("tokenize {part} {COLUMNS} --input rows.csv --force --log run.log");
            refused(&coalition, "a", &format!("{tokenize} --out {file}"), &format!("--out is {file}, which"));
            refused(&coalition, "a", &format!("{tokenize} --out ../a"), "--out holds ");
        }
    }
}

#[test]
fn files_are_guarded_like_folders_and_apply_may_replace_its_base() {
    let coalition = coalition(true);
    let agreed = "--round round.json --identity own.key --force";
    let delta = format!("delta {agreed} --member a --base kept/{SET} --new new/{SET} --out");
    refused(&coalition, "a", &format!("{delta} kept/{SET}"), "--out is kept/card.pan-1.vms, which");
    refused(&coalition, "a", &format!("{delta} new/{SET}"), "--out is new/card.pan-1.vms, which");
    fs::hard_link(coalition.file("a", &format!("kept/{SET}")), coalition.file("a", "hard.vmd")).unwrap();
    refused(&coalition, "a", &format!("{delta} hard.vmd"), "--out is kept/card.pan-1.vms, which");
    refused(&coalition, "a", &format!("{delta} own.key"), "--out is own.key, which");
    let member = "round new --coalition efc --epoch 7 --at-least 2 --kind card.pan --force";
    let keys = "--member a=own.key.pub --member b=own.key.pub --hub own.key.pub --out own.key.pub";
    refused(&coalition, "a", &format!("{member} {keys}"), "--out is own.key.pub, which");

    let apply = format!("apply {agreed} --base inbox/a.{SET} --delta change.vmd --out");
    refused(&coalition, HUB, &format!("{apply} change.vmd"), "--out is change.vmd, which");
    refused(&coalition, HUB, &format!("{apply} round.json"), "--out is round.json, which");
    refused(
        &coalition,
        HUB,
        &format!("apply {agreed} --base inbox/a.{SET} --delta inbox/b.{SET} --out inbox/b.{SET}"),
        "--out is inbox/b.",
    );
    let before = fs::read(coalition.file(HUB, &format!("inbox/a.{SET}"))).unwrap();
    coalition.done(HUB, &format!("{apply} inbox/../inbox/a.{SET}"));
    assert!(fs::read(coalition.file(HUB, &format!("inbox/a.{SET}"))).unwrap() != before);
}

#[test]
fn what_another_command_made_is_not_replaced() {
    for sealed in [true, false] {
        let coalition = coalition(sealed);
        let (part, identity) = (coalition.part("a"), coalition.identity());
        coalition.done("a", &format!("tokenize {part} --handshake --out hands"));
        let sets = format!("inbox/a.{SET} inbox/b.{SET}");
        let intersect = format!("intersect --round round.json {identity} --force {sets} --out");
        coalition.done(HUB, &format!("{intersect} result"));
        fs::create_dir(coalition.file("a", "result")).unwrap();
        coalition.carry(HUB, "result/report.json", "a", "result/report.json");
        coalition.carry("a", &format!("sets/{SET}"), HUB, SET);
        fs::create_dir(coalition.file(HUB, "sets")).unwrap();
        fs::rename(coalition.file(HUB, SET), coalition.file(HUB, &format!("sets/{SET}"))).unwrap();

        let more = "more than earlier output of this command; nothing is replaced";
        let tokenize = format!("tokenize {part} {COLUMNS} --input rows.csv --force");
        let shake = format!("tokenize {part} --handshake --force --out");
        for other in ["kept", "hands", "result"] {
            refused(&coalition, "a", &format!("{tokenize} --out {other}"), more);
        }
        for other in ["sets", "hands", "result"] {
            refused(&coalition, "a", &format!("{tokenize} --out x --keep {other}"), more);
        }
        for other in ["sets", "kept", "result"] {
            refused(&coalition, "a", &format!("{shake} {other}"), more);
        }
        refused(&coalition, HUB, &format!("{intersect} sets"), more);
        let delta = format!(
            "delta --round round.json {identity} --member a --base kept/{SET} --new new/{SET} --force --out"
        );
        for other in [format!("sets/{SET}"), "hands/card.pan-1.vmh".into()] {
            refused(&coalition, "a", &format!("{delta} {other}"), more);
        }
        refused(
            &coalition,
            "a",
            &format!("{delta} sets"),
            "sets: expected a regular file, got a folder; --out",
        );
        // What the same command made is.
        coalition.done("a", &format!("{shake} hands"));
        coalition.done("a", &format!("{delta} change.vmd"));
        coalition.done("a", &format!("{tokenize} --out sets --keep kept"));
        coalition.done(HUB, &format!("{intersect} result"));
        // The mark is no obstacle to those who read the folder.
        assert_eq!(coalition.names_in("a", "kept"), [SET, "kept.txt"]);
        coalition.done("a", &format!("{tokenize} --out sent --keep newer --follow kept"));
    }
}
