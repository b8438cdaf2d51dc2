//! Output is whole or absent, nothing that is not ours is removed, and no two commands make the same.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::coalition::Coalition;

const ROWS: &str = "card\n9999100000001562\n9999100000002933\n";
const COLUMNS: &str = "--column card=card.pan --format csv";

fn coalition() -> Coalition {
    let coalition = Coalition::new(&["a", "b"], false, "--at-least 2 --kind card.pan");
    coalition.write("a", "rows.csv", ROWS);
    coalition.tokenize("a", COLUMNS);
    coalition
}

fn tokenize(coalition: &Coalition, more: &str) -> String {
    format!("tokenize {} {COLUMNS} {more}", coalition.part("a"))
}

fn refused(coalition: &Coalition, arguments: &str, says: &str) {
    let run = coalition.run("a", arguments);
    assert_eq!((run.code, run.stdout.as_str()), (Some(1), ""), "{arguments}: {}", run.stderr);
    assert!(run.stderr.contains(says), "{arguments}: {} does not say {says}", run.stderr);
}

fn wait_for(path: &Path) {
    let start = Instant::now();
    while !path.exists() {
        assert!(start.elapsed() < Duration::from_secs(60), "{} does not appear", path.display());
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// A command whose rows come from a pipe that the caller holds.
fn waiting(coalition: &Coalition, more: &str) -> Child {
    let arguments = tokenize(coalition, &format!("--input - {more}"));
    coalition.command("a", &arguments).stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

fn go_on(mut child: Child) -> (bool, String) {
    child.stdin.take().unwrap().write_all(ROWS.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    (output.status.success(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn a_second_command_with_the_same_output_is_refused_and_the_first_completes() {
    let coalition = coalition();
    let first = waiting(&coalition, "--out new");
    wait_for(&coalition.file("a", ".new.part"));
    let second = tokenize(&coalition, "--input rows.csv --out new");
    // Between making the folder and holding it there is a moment in which it is a leftover for all that others know.
    std::thread::sleep(Duration::from_millis(100));
    refused(&coalition, &second, "new: another command is making this output");
    let (done, said) = go_on(first);
    assert!(done, "{said}");
    assert_eq!(coalition.names_in("a", "new"), ["card.pan-1.vms"]);
    refused(&coalition, &second, "new: is there already");
}

#[test]
fn what_a_killed_command_left_is_removed_and_what_others_left_is_not() {
    let coalition = coalition();
    let part = coalition.file("a", ".new.part");
    let arguments = tokenize(&coalition, "--input rows.csv --out new --force");
    fs::create_dir(&part).unwrap();
    coalition.write("a", ".new.part/card.pan-1.vms", "half a set");
    coalition.done("a", &arguments);
    assert!(!part.exists());

    for (strange, is_folder) in [(".new.part", true), (".new.old", true), (".new.part", false)] {
        let path = coalition.file("a", strange);
        let notes = if is_folder { path.join("notes.txt") } else { path.clone() };
        if is_folder {
            fs::create_dir(&path).unwrap();
        }
        fs::write(&notes, "mine").unwrap();
        for name_is_free in [false, true] {
            refused(&coalition, &arguments, "is in the way, and no leftover of this program");
            assert_eq!(fs::read_to_string(&notes).unwrap(), "mine");
            if !name_is_free {
                fs::rename(coalition.file("a", "new"), coalition.file("a", "away")).unwrap();
            }
        }
        fs::rename(coalition.file("a", "away"), coalition.file("a", "new")).unwrap();
        if is_folder { fs::remove_dir_all(&path) } else { fs::remove_file(&path) }.unwrap();
    }
    coalition.done("a", &arguments);
}

#[test]
fn what_came_into_old_output_meanwhile_is_not_thrown_away() {
    let coalition = coalition();
    let before = fs::read(coalition.file("a", "sets/card.pan-1.vms")).unwrap();
    let child = waiting(&coalition, "--out sets --force");
    wait_for(&coalition.file("a", ".sets.part"));
    std::thread::sleep(Duration::from_millis(100));
    coalition.write("a", "sets/notes.txt", "mine");
    let (done, said) = go_on(child);
    assert!(!done && said.contains("more than earlier output"), "{said}");
    assert_eq!(coalition.names_in("a", "sets"), ["card.pan-1.vms", "notes.txt"]);
    assert!(fs::read(coalition.file("a", "sets/card.pan-1.vms")).unwrap() == before);
    assert!(
        coalition.names_in("a", ".").iter().all(|name| !name.ends_with(".part") && !name.ends_with(".old"))
    );
}

/// A program that may write no byte to a file is killed as it writes the first (SIGXFSZ).
fn killed_at_the_first_byte(coalition: &Coalition, arguments: &str) {
    let script = format!("ulimit -f 0; exec {} {arguments}", env!("CARGO_BIN_EXE_veilmatch"));
    let status = Command::new("sh").args(["-c", &script]).current_dir(coalition.of("a")).status().unwrap();
    assert!(!status.success());
}

#[test]
fn keys_whose_making_was_cut_off_can_be_made_again() {
    let coalition = coalition();
    coalition.done("a", "split --secret-file secret --threshold 2 --keepers 2 --out shares");
    let combine = "combine --out restored shares/share-1 shares/share-2";
    for (arguments, made) in [
        ("keygen --out fresh", "fresh"),
        ("keygen --identity --out fresh.key", "fresh.key"),
        ("split --secret-file secret --threshold 2 --keepers 2 --out more", "more"),
        (combine, "restored"),
    ] {
        killed_at_the_first_byte(&coalition, arguments);
        assert!(!coalition.file("a", made).exists(), "{arguments}: under its name though it is not whole");
        coalition.done("a", arguments);
        assert!(coalition.file("a", made).exists());
        let names = coalition.names_in("a", ".");
        assert!(names.iter().all(|name| !name.ends_with(".part")), "{names:?}");
    }
    // Killed between the two files of a pair.
    let (key, public) = (coalition.file("a", "fresh.key"), coalition.file("a", "fresh.key.pub"));
    let before = (fs::read(&key).unwrap(), fs::read(&public).unwrap());
    fs::remove_file(&public).unwrap();
    coalition.done("a", "keygen --identity --out fresh.key");
    assert!((fs::read(&key).unwrap(), fs::read(&public).unwrap()) == before);
    refused(&coalition, "keygen --identity --out fresh.key", "exists");
}

#[test]
fn a_secret_is_not_written_over_what_is_no_leftover_of_one() {
    let coalition = coalition();
    coalition.write("a", ".fresh.part", "my notes");
    refused(&coalition, "keygen --out fresh", "it is no leftover");
    assert_eq!(fs::read(coalition.file("a", ".fresh.part")).unwrap(), b"my notes");
    let outside = coalition.file("a", "outside");
    fs::write(&outside, "untouched").unwrap();
    std::os::unix::fs::symlink(&outside, coalition.file("a", ".linked.part")).unwrap();
    refused(&coalition, "keygen --out linked", "it is no leftover");
    assert_eq!(fs::read(&outside).unwrap(), b"untouched");
    // Another process is writing it.
    coalition.write("a", ".held.part", "vmsecret");
    let held = File::open(coalition.file("a", ".held.part")).unwrap();
    held.lock().unwrap();
    refused(&coalition, "keygen --out held", "another process is writing it");
    held.unlock().unwrap(); // also where another test has it between fork and exec
    coalition.done("a", "keygen --out held");
}

#[test]
fn no_result_comes_without_its_line_in_the_record() {
    let coalition = coalition();
    let sets = [coalition.deliver("a", "sets"), {
        coalition.write("b", "rows.csv", ROWS);
        coalition.tokenize("b", COLUMNS)
    }]
    .concat();
    assert_eq!(coalition.intersect(&sets).code, Some(0));
    coalition.carry("hub", "result/a.card.pan-1.vsh", "a", "share.vsh");
    let resolve =
        format!("resolve {} {COLUMNS} --input rows.csv --share share.vsh --with-values", coalition.part("a"));
    assert_eq!(coalition.done("a", &resolve).stdout.lines().count(), 3);
    refused(&coalition, &format!("{resolve} --log nowhere/run.log"), "nowhere/run.log: ");
    refused(&coalition, "keygen --out fresh --log nowhere/run.log", "nowhere/run.log: ");
    assert!(!coalition.file("a", "fresh").exists());
    // A record that is full when the line comes.
    fs::write(coalition.file("a", "run.log"), "").unwrap();
    let script = format!(
        "ulimit -f 0; trap '' XFSZ; exec {} {resolve} --log run.log",
        env!("CARGO_BIN_EXE_veilmatch")
    );
    let output = Command::new("sh").args(["-c", &script]).current_dir(coalition.of("a")).output().unwrap();
    assert_eq!((output.status.code(), output.stdout.len()), (Some(1), 0));
}

#[test]
fn sets_from_standard_input_are_read_once_and_none_from_a_pipe() {
    for sealed in [false, true] {
        let coalition = Coalition::new(&["a", "b"], sealed, "--at-least 2 --kind card.pan");
        let mut sets = Vec::new();
        for who in ["a", "b"] {
            coalition.write(who, "rows.csv", ROWS);
            sets.extend(coalition.tokenize(who, COLUMNS));
        }
        let identity = coalition.identity();
        let script = format!(
            "cat {} | {} intersect --round round.json {identity} --out result - {}",
            sets[0],
            env!("CARGO_BIN_EXE_veilmatch"),
            sets[1]
        );
        let run = Command::new("sh").args(["-c", &script]).current_dir(coalition.of("hub")).output().unwrap();
        assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
        assert!(String::from_utf8_lossy(&run.stdout).contains("card.pan/1: 2 overlaps"));
        // It would wait for a writer.
        let made = Command::new("mkfifo").arg("pipe").current_dir(coalition.of("hub")).status().unwrap();
        assert!(made.success());
        let piped = format!("intersect --round round.json {identity} --out other pipe {}", sets[1]);
        let refused = coalition.run("hub", &piped);
        assert_eq!(refused.code, Some(1), "{}", refused.stderr);
        assert!(refused.stderr.contains("pipe: expected a regular file"), "{}", refused.stderr);
    }
}

#[test]
fn a_sealed_set_that_is_opened_on_disk_gives_the_same_and_is_stated_as_it_came() {
    let coalition = Coalition::new(&["a", "b"], true, "--at-least 2 --kind card.pan");
    let mut sets = Vec::new();
    for who in ["a", "b"] {
        coalition.write(who, "rows.csv", ROWS);
        sets.extend(coalition.tokenize(who, COLUMNS));
    }
    let arguments = format!(
        "intersect --round round.json --identity own.key --memory 1KiB --log run.log --out result {}",
        sets.join(" ")
    );
    assert!(coalition.done("hub", &arguments).stdout.contains("card.pan/1: 2 overlaps"));
    let record = fs::read_to_string(coalition.file("hub", "run.log")).unwrap();
    for set in &sets {
        let bytes = fs::read(coalition.file("hub", set)).unwrap();
        assert!(
            record.contains(&crate::support::files::hex(&crate::support::files::sha256(&[&bytes]))),
            "{set}"
        );
    }
}

#[test]
fn rows_from_a_pipe_are_read_once_and_resolved_with_their_values() {
    let coalition = coalition();
    let sets = [coalition.deliver("a", "sets"), {
        coalition.write("b", "rows.csv", ROWS);
        coalition.tokenize("b", COLUMNS)
    }]
    .concat();
    assert_eq!(coalition.intersect(&sets).code, Some(0));
    coalition.carry("hub", "result/a.card.pan-1.vsh", "a", "share.vsh");
    let resolve = |input: &str| {
        format!(
            "{} resolve {} {COLUMNS} --input {input} --share share.vsh --with-values --log run.log",
            env!("CARGO_BIN_EXE_veilmatch"),
            coalition.part("a")
        )
    };
    let script = format!("mkfifo pipe; cat rows.csv > pipe & {}", resolve("pipe"));
    let piped = Command::new("sh").args(["-c", &script]).current_dir(coalition.of("a")).output().unwrap();
    assert!(piped.status.success(), "{}", String::from_utf8_lossy(&piped.stderr));
    let whole = Command::new("sh").args(["-c", &resolve("rows.csv")]).current_dir(coalition.of("a")).output();
    assert_eq!(String::from_utf8(piped.stdout).unwrap(), String::from_utf8(whole.unwrap().stdout).unwrap());
    // Standard input serves one argument.
    let twice = tokenize(&coalition, "--input - --out new").replace("round.json", "-");
    let mut child = coalition.command("a", &twice);
    let manifest = File::open(coalition.file("a", "round.json")).unwrap();
    let output = child.stdin(manifest).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.code() == Some(1) && said.contains("- is given twice"), "{said}");
    assert!(!coalition.file("a", "new").exists());
}

const SET: &str = "card.pan-1.vms";

/// A trial's member who has two days and the delta to the second; and what makes files of them, after that delta.
fn updated() -> (Coalition, [String; 2]) {
    let coalition = coalition();
    coalition.done("a", &tokenize(&coalition, "--input rows.csv --out sets-0 --keep kept-0"));
    coalition.write("a", "next.csv", "card\n9999100000001562\n");
    let next = "--input next.csv --out sets-1 --keep kept-1 --follow kept-0";
    coalition.done("a", &tokenize(&coalition, next));
    let delta = format!("delta --round round.json --member a --base kept-0/{SET} --new kept-1/{SET}");
    coalition.done("a", &format!("{delta} --out 1.vmd"));
    let apply = format!("apply --round round.json --base kept-0/{SET} --delta 1.vmd");
    (coalition, [delta, apply])
}

/// The program by a shell in the folder of `a`, after a limit.
fn limited(coalition: &Coalition, limit: &str, arguments: &str) -> (Option<i32>, String) {
    let script = format!("{limit}; exec timeout 60 {} {arguments}", env!("CARGO_BIN_EXE_veilmatch"));
    let mut command = Command::new("sh");
    let output = command.args(["-c", &script]).current_dir(coalition.of("a")).output().unwrap();
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn a_pipe_or_device_is_no_output_to_be_replaced_and_nothing_is_read_of_it() {
    let (coalition, [delta, apply]) = updated();
    let made = Command::new("mkfifo").arg("pipe").current_dir(coalition.of("a")).status().unwrap();
    assert!(made.success());
    let before = coalition.names_in("a", ".");
    let round = "round new --coalition c --epoch 1 --at-least 2 --kind card.pan --member a --member b";
    for arguments in [round, &delta, &apply] {
        // Of the pipe nothing ever comes, of the device more than there is memory.
        for out in ["pipe", "/dev/full"] {
            let arguments = format!("{arguments} --force --out {out}");
            let (code, said) = limited(&coalition, "ulimit -v 4000000", &arguments);
            assert_eq!(code, Some(1), "{arguments}: {said}");
            assert!(said.contains(&format!("{out}: ")), "{arguments}: {said}");
        }
    }
    assert_eq!(coalition.names_in("a", "."), before);
    assert!(!Path::new("/dev/.full.part").exists() && !fs::metadata("/dev/full").unwrap().is_file());
}

#[test]
fn an_update_has_no_name_where_the_record_has_no_room_for_its_line() {
    let (coalition, commands) = updated();
    // Longer than the output will be.
    while fs::metadata(coalition.file("a", "run.log")).map_or(0, |found| found.len()) < 16 << 10 {
        coalition.done("a", "inspect round.json --log run.log");
    }
    let record = fs::read(coalition.file("a", "run.log")).unwrap();
    let before = coalition.names_in("a", ".");
    let limit = format!("trap '' XFSZ; ulimit -f {}", record.len() / 512);
    for (command, out) in commands.iter().zip(["new.vmd", "new.vms"]) {
        let arguments = format!("{command} --log run.log --out {out}");
        let (code, said) = limited(&coalition, &limit, &arguments);
        assert!(code == Some(1) && said.contains("run.log: File too large"), "{arguments}: {said}");
        let mut after = coalition.names_in("a", ".");
        after.retain(|name| name != "run.log.nonce"); // of a trial's record, and kept as long as it
        assert_eq!(after, before, "{arguments}");
        coalition.done("a", "verify --log run.log");
    }
    for (command, out) in commands.iter().zip(["new.vmd", "new.vms"]) {
        coalition.done("a", &format!("{command} --log run.log --out {out}"));
    }
    coalition.done("a", "verify --log run.log");
    let made = fs::read(coalition.file("a", "new.vms")).unwrap();
    assert!(made == fs::read(coalition.file("a", &format!("kept-1/{SET}"))).unwrap());
}
