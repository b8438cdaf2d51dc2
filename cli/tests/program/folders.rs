//! Folders on the command line: they stand for the files in them where many files are taken, and are refused by the
//! option's name where one file is.

use std::fs;
use std::os::unix::fs::symlink;

use crate::support::coalition::{Coalition, HUB};

const COLUMNS: &str = "--column card=card.pan";
const AGREED: &str = "--round round.json --identity own.key";

/// Three members and a hub, which has their sets in `sets`, their handshakes in `hands`, and the same files as
/// `MEMBER.KIND.vms` and `MEMBER.KIND.vmh` beside.
fn coalition() -> Coalition {
    let coalition = Coalition::new(&["a", "b", "c"], true, "--at-least 2 --kind card.pan");
    for folder in ["sets", "hands"] {
        fs::create_dir(coalition.file(HUB, folder)).unwrap();
    }
    for who in ["a", "b", "c"] {
        coalition.write(who, "rows.csv", "card\n9999100000001562\n9999100000002933\n");
        for set in coalition.tokenize(who, COLUMNS) {
            coalition.carry(HUB, &set, HUB, &format!("sets/{set}"));
        }
        coalition.done(who, &format!("tokenize {} --handshake --out hands", coalition.part(who)));
        for hand in coalition.deliver(who, "hands") {
            coalition.carry(HUB, &hand, HUB, &format!("hands/{hand}"));
        }
    }
    coalition
}

fn refused(coalition: &Coalition, who: &str, arguments: &str, says: &str) {
    let run = coalition.run(who, arguments);
    assert_eq!((run.code, run.stdout.as_str()), (Some(1), ""), "{arguments}: {}", run.stderr);
    assert!(run.stderr.contains(says), "{arguments}: {}", run.stderr);
    assert!(!run.stderr.contains("os error"), "{arguments}: {}", run.stderr);
}

#[test]
fn a_folder_stands_for_its_files_in_order_of_name() {
    let coalition = coalition();
    let verified = coalition.done(HUB, &format!("verify {AGREED} sets")).stdout;
    let files: Vec<&str> = verified.lines().filter_map(|line| line.split(':').next()).collect();
    assert_eq!(files, ["sets/a.card.pan-1.vms", "sets/b.card.pan-1.vms", "sets/c.card.pan-1.vms"]);
    // Beside files, and where the files are of several types.
    let verified = coalition.done(HUB, &format!("verify {AGREED} hands/ round.json sets")).stdout;
    assert_eq!(verified.lines().count(), 7, "{verified}");

    let one_by_one = "a.card.pan-1.vms b.card.pan-1.vms c.card.pan-1.vms";
    let report = |files: &str, more: &str| {
        coalition.done(HUB, &format!("intersect {AGREED} {more} --force --out result {files}")).stdout
    };
    assert_eq!(report("sets", ""), report(one_by_one, ""));
    assert_eq!(report("sets", "--handshakes hands --memory 1KiB"), report(one_by_one, ""));
    assert_eq!(
        coalition
            .done(HUB, &format!("intersect {AGREED} --handshake hands"))
            .stdout
            .matches("agrees")
            .count(),
        3
    );
    // A link to a file is the file.
    symlink("../c.card.pan-1.vms", coalition.file(HUB, "sets/d.vms")).unwrap();
    refused(&coalition, HUB, &format!("intersect {AGREED} --out new sets"), "member c is there twice");
}

#[test]
fn notices_take_folders_of_sets_and_deltas() {
    let coalition = coalition();
    let part = coalition.part("a");
    for (rows, more) in
        [("9999100000001562\n9999100000002933", "1"), ("9999100000001562", "2 --follow kept-1")]
    {
        coalition.write("a", "rows.csv", format!("card\n{rows}\n"));
        let out = format!("--out sent-{} --keep kept-{more}", &more[..1]);
        coalition.done("a", &format!("tokenize {part} {COLUMNS} --input rows.csv {out}"));
    }
    let [base, new] = ["1", "2"].map(|kept| format!("kept-{kept}/card.pan-1.vms"));
    coalition.done("a", &format!("delta {AGREED} --member a --base {base} --new {new} --out a.vmd"));
    fs::create_dir(coalition.file(HUB, "deltas")).unwrap();
    coalition.carry("a", "a.vmd", HUB, "deltas/a.vmd");
    coalition.carry("a", "sent-1/card.pan-1.vms", HUB, "sets/a.card.pan-1.vms");
    coalition.done(HUB, &format!("intersect {AGREED} --out result sets"));
    let notices = format!("notices {AGREED} --hub-only result/hub-only.json --out notices");
    coalition.done(HUB, &format!("{notices} --delta deltas sets"));
    assert_eq!(coalition.names_in(HUB, "notices"), ["b.card.pan-1.vmn", "c.card.pan-1.vmn"]);
    refused(&coalition, HUB, &format!("{notices} --force --delta sets sets"), "expected files *.vmd alone");
}

#[test]
fn what_does_not_belong_in_a_folder_is_refused_by_name_or_skipped_with_a_warning() {
    let coalition = coalition();
    let intersect = format!("intersect {AGREED} --force --out result sets");
    let verify = format!("verify {AGREED} sets");
    for (name, what) in [
        ("notes.txt", "another file"),
        ("a.vmh", "another file"),
        ("b.vms", "a folder"),
        (".old", "another file"),
    ] {
        let path = coalition.file(HUB, &format!("sets/{name}"));
        if what == "a folder" {
            fs::create_dir(&path).unwrap();
            fs::copy(coalition.file(HUB, "a.card.pan-1.vms"), path.join("inner.vms")).unwrap();
        } else {
            fs::write(&path, "").unwrap();
        }
        let says =
            format!("sets: expected files *.vms alone in this folder, got {what}, {name}; name the files");
        refused(&coalition, HUB, &intersect, &says);
        assert!(!coalition.file(HUB, "result").exists());
        let done = coalition.done(HUB, &format!("{intersect} --skip-others"));
        let says = format!(
            "warning: sets: expected files *.vms alone in this folder, got {what}, {name}; it is skipped"
        );
        assert!(done.stderr.contains(&says), "{}", done.stderr);
        fs::remove_dir_all(coalition.file(HUB, "result")).unwrap();
        // To verify, every file of a round belongs.
        if name != "a.vmh" {
            refused(&coalition, HUB, &verify, "sets: expected files *.vms or *.vmd or ");
            assert_eq!(coalition.done(HUB, &format!("{verify} --skip-others")).stdout.lines().count(), 3);
        }
        let _ = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    }
}

#[test]
fn what_has_the_right_name_in_a_folder_is_never_skipped() {
    let coalition = coalition();
    symlink("nowhere", coalition.file(HUB, "sets/d.vms")).unwrap();
    let run = coalition.run(HUB, &format!("intersect {AGREED} --skip-others --out result sets"));
    assert!(run.code == Some(1) && run.stderr.contains("sets/d.vms: No such file"), "{}", run.stderr);
}

#[test]
fn a_folder_without_files_is_refused_even_if_others_are_skipped() {
    let coalition = coalition();
    fs::create_dir(coalition.file(HUB, "empty")).unwrap();
    for (arguments, endings) in [
        (format!("intersect {AGREED} --out result empty"), "*.vms"),
        (format!("intersect {AGREED} --out result sets empty"), "*.vms"),
        (format!("intersect {AGREED} --handshake empty"), "*.vmh"),
        (format!("intersect {AGREED} --out result --handshakes empty -- sets"), "*.vmh"),
        (format!("intersect {AGREED} --handshake --skip-others sets"), "*.vmh"),
        (
            format!("verify {AGREED} empty"),
            "*.vms or *.vmd or *.vmh or *.vsh or *.vmn or *.vml or *.vmt or *.vma or *.vmb or *.vme or *.vmx",
        ),
    ] {
        refused(
            &coalition,
            HUB,
            &arguments,
            &format!("expected a folder with files {endings}, got none in it"),
        );
    }
}

#[test]
fn a_folder_in_the_place_of_a_file_is_refused_by_the_options_name() {
    let coalition = coalition();
    for who in ["a", HUB] {
        fs::create_dir(coalition.file(who, "folder")).unwrap();
    }
    let part = coalition.part("a");
    let rows = format!("{COLUMNS} --input rows.csv");
    let new = "round new --coalition c --epoch 1 --at-least 2 --kind card.pan --member b=own.key.pub";
    let (intersect, apply) = (format!("intersect {AGREED} --out result sets"), format!("apply {AGREED}"));
    let lines = [
        (
            "a",
            format!("tokenize {} {rows} --out x", part.replace("round.json", "folder")),
            "--round: The manifest",
        ),
        (
            "a",
            format!("tokenize {} {rows} --out x", part.replace("secret ", "folder ")),
            "--secret-file: File of the",
        ),
        (
            "a",
            format!("tokenize {} {rows} --out x", part.replace("own.key", "folder")),
            "--identity: Key file of",
        ),
        ("a", format!("tokenize {part} {rows} --out x --suppression folder"), "--suppression: "),
        ("a", format!("tokenize {part} {rows} --out x --known folder"), "--known: Names and keys"),
        ("a", format!("tokenize {part} {rows} --out x --log folder"), "--log: Append one line"),
        ("a", format!("screen {part} --share folder"), "--share: "),
        ("a", format!("screen {part} --set folder"), "--set: "),
        ("a", format!("delta {AGREED} --member a --base folder --new folder --out x"), "--base: "),
        ("a", format!("cross-check make {AGREED} --member a --share folder --out x"), "--share: "),
        ("a", format!("cross-check compare {AGREED} --member a --share folder folder"), ": "),
        (
            "a",
            format!(
                "release {AGREED} --member a --trail folder --trail-id 07 --authority b --case 1 --contact c --out x"
            )
            .replace("07", &"07".repeat(16)),
            "--trail: The answer from the hub",
        ),
        ("a", "keygen --out folder".to_owned(), "--out: Where to write the secret"),
        ("a", "keygen --identity --out folder".to_owned(), "--out: Where"),
        ("a", "split --secret-file folder --threshold 2 --keepers 2 --out x".to_owned(), "--secret-file: "),
        ("a", "combine --out x folder folder".to_owned(), "SHARE: The keepers' shares"),
        ("a", format!("{new} --hub own.key.pub --member a=folder --out x"), "--member: A member, with its"),
        ("a", format!("{new} --hub folder --member a=own.key.pub --out x"), "--hub: The hub's public keys"),
        ("a", format!("{new} --hub own.key.pub --member a=own.key.pub --out folder --force"), "--out: Where"),
        ("a", "known add --known folder --round round.json".to_owned(), "--known: "),
        ("a", "known add --known x --coalition c --hub folder".to_owned(), "--hub: "),
        ("a", "known list --known folder".to_owned(), "--known: "),
        ("a", "inspect folder".to_owned(), "FILE: A set, delta"),
        ("a", "verify --round folder rows.csv".to_owned(), "--round: "),
        ("a", "verify --log folder".to_owned(), "--log: "),
        ("a", "verify --log run.log --signer folder".to_owned(), "--signer: "),
        (HUB, intersect.replace("round.json", "folder"), "--round: The manifest of the round\n"),
        (HUB, intersect.replace("own.key", "folder"), "--identity: "),
        (HUB, format!("{intersect} --log folder"), "--log: "),
        (HUB, format!("{apply} --base folder --delta x --out y"), "--base: The member's last set\n"),
        (HUB, format!("{apply} --base x --delta folder --out y"), "--delta: The delta that"),
        (HUB, format!("{apply} --base x --delta y --out folder"), "--out: Where to write"),
        (HUB, format!("notices {AGREED} --hub-only folder --delta x --out y sets"), "--hub-only: "),
    ];
    for (who, arguments, says) in &lines {
        let says = format!("veilmatch: folder: expected a regular file, got a folder; {says}");
        refused(
            &coalition,
            who,
            arguments,
            if says.ends_with("; : ") { &says[..says.len() - 2] } else { &says },
        );
    }
    for who in ["a", HUB] {
        assert!(coalition.names_in(who, "folder").is_empty());
    }
    // The refusal has its line in the record, signed where the key file is one.
    refused(
        &coalition,
        HUB,
        &format!("{} --log run.log", intersect.replace("round.json", "folder")),
        "--round: ",
    );
    let record = fs::read_to_string(coalition.file(HUB, "run.log")).unwrap();
    assert!(record.contains(r#""outcome":"folder""#), "{record}");
    coalition.done(HUB, "verify --log run.log --signer own.key.pub --every-line");
    // Wrong use is told first; its line cannot be written.
    let run = coalition.run("a", "tokenize --log folder");
    assert!(!run.stderr.contains("os error"), "{}", run.stderr);
}
