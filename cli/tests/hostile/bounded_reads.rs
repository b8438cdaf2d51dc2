//! What others send is read within bounds: sparse files, endless ones, and what is no file at all.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};

use crate::support::coalition::{Coalition, HUB};
use crate::support::run::Run;
use veilmatch::container::{FileHeader, FileType};

/// Every place of a command in which a file of somebody else's stands, as STRANGE; who runs it.
fn places(coalition: &Coalition, set: &str) -> Vec<(&'static str, String)> {
    let identity = coalition.identity();
    let part = coalition.part("a");
    let new = "round new --coalition c --epoch 1 --at-least 2 --kind card.pan --member b --out new.json";
    let source = "--column card=card.pan --input rows.csv";
    vec![
        ("a", "inspect STRANGE".to_owned()),
        ("a", "verify STRANGE".to_owned()),
        ("a", "verify --round STRANGE own.key.pub".to_owned()),
        ("a", "verify --log STRANGE".to_owned()),
        ("a", "verify --log run.log --signer STRANGE".to_owned()),
        ("a", format!("{new} --member a=STRANGE")),
        ("a", format!("{new} --member a --hub STRANGE")),
        ("a", format!("{new} --member a --suppression STRANGE")),
        ("a", format!("tokenize {part} {source} --suppression STRANGE --out sets")),
        ("a", format!("tokenize {} {source} --out sets", part.replace("round.json", "STRANGE"))),
        ("a", format!("tokenize {} {source} --out sets", part.replace("secret ", "STRANGE "))),
        ("a", format!("resolve {part} {source} --share STRANGE")),
        ("a", format!("resolve {part} {source} --notice STRANGE")),
        ("a", format!("screen {part} --share STRANGE")),
        ("a", format!("screen {part} --set STRANGE")),
        ("a", format!("screen {part} --set STRANGE --memory 1MiB")),
        (
            "a",
            format!(
                "delta --round round.json --member a {identity} --base STRANGE --new kept-2/card.pan-1.vms --out new.vmd"
            ),
        ),
        (HUB, format!("intersect --round round.json {identity} --out new {set} STRANGE")),
        (HUB, format!("intersect --round round.json {identity} --memory 1KiB --out new {set} STRANGE")),
        (HUB, format!("intersect --round round.json {identity} --handshake STRANGE")),
        (HUB, format!("apply --round round.json {identity} --base {set} --delta STRANGE --out new")),
        (HUB, format!("apply --round round.json {identity} --base STRANGE --delta 1.vmd --out new")),
    ]
}

/// A round of three, one set of which is at the hub.
fn coalition(sealed: bool) -> (Coalition, String) {
    let coalition = Coalition::new(&["a", "b"], sealed, "--at-least 2 --kind card.pan");
    coalition.write("a", "rows.csv", "card\n9999100000001562\n9999100000002933\n");
    let tokenize = format!("tokenize {} --column card=card.pan --input rows.csv", coalition.part("a"));
    coalition.done("a", &format!("{tokenize} --out first --keep kept-1"));
    let set = coalition.deliver("a", "first").remove(0);
    coalition.write("a", "rows.csv", "card\n9999100000001562\n");
    coalition.done("a", &format!("{tokenize} --out second --keep kept-2 --follow kept-1"));
    let [base, new] = ["kept-1", "kept-2"].map(|kept| format!("{kept}/card.pan-1.vms"));
    let identity = coalition.identity();
    let delta =
        format!("delta --round round.json --member a {identity} --base {base} --new {new} --out 1.vmd");
    coalition.done("a", &delta);
    coalition.carry("a", "1.vmd", HUB, "1.vmd");
    coalition.done("a", "inspect --log run.log own.key.pub");
    (coalition, set)
}

/// Runs the program with less memory than the strange file has, and less time than it would take to wait for ever.
fn bounded(coalition: &Coalition, who: &str, arguments: &str, stdin: Stdio) -> Run {
    let program = env!("CARGO_BIN_EXE_veilmatch");
    let script = format!("ulimit -v 400000; exec timeout 20 {program} --threads 1 {arguments}");
    let mut command = Command::new("sh");
    command.args(["-c", &script]).current_dir(coalition.of(who)).stdin(stdin).output().unwrap().into()
}

/// Refused by its name, with nothing made.
fn require_refused(coalition: &Coalition, who: &str, arguments: &str, expected: &str) {
    let before = coalition.names_in(who, ".");
    let run = bounded(coalition, who, arguments, Stdio::null());
    assert_eq!((run.code, run.stdout.as_str()), (Some(1), ""), "{arguments}: {}", run.stderr);
    assert!(run.stderr.contains("strange") && run.stderr.contains(expected), "{arguments}: {}", run.stderr);
    assert!(!run.stderr.contains("os error"), "{arguments}: {}", run.stderr);
    assert_eq!(coalition.names_in(who, "."), before, "{arguments}");
}

#[test]
fn a_sparse_file_costs_no_memory_wherever_it_stands() {
    for sealed in [false, true] {
        let (coalition, set) = coalition(sealed);
        for who in ["a", HUB] {
            File::create(coalition.file(who, "strange")).unwrap().set_len(3 << 30).unwrap();
            let own = std::os::unix::fs::PermissionsExt::from_mode(0o600);
            fs::set_permissions(coalition.file(who, "strange"), own).unwrap(); // as a secret's
        }
        for (who, arguments) in places(&coalition, &set) {
            require_refused(&coalition, who, &arguments.replace("STRANGE", "strange"), "strange");
        }
        // Those that begin as they should are as sparse.
        for head in
            ["{", "veilmatch public keys 1\n", "# a list\n", "veilmatch set 1\n", "age-encryption.org/v1\n"]
        {
            for who in ["a", HUB] {
                let file = File::options().write(true).open(coalition.file(who, "strange")).unwrap();
                std::os::unix::fs::FileExt::write_all_at(&file, head.as_bytes(), 0).unwrap();
            }
            for (who, arguments) in places(&coalition, &set) {
                require_refused(&coalition, who, &arguments.replace("STRANGE", "strange"), "strange");
            }
        }
    }
}

type Make = fn(&Path);

#[test]
fn what_is_no_regular_file_is_refused_at_once_wherever_it_stands() {
    let (coalition, set) = coalition(true);
    let make: [(&str, Make); 4] = [
        ("a pipe", |path| assert!(Command::new("mkfifo").arg(path).status().unwrap().success())),
        ("a folder", |path| fs::create_dir(path).unwrap()),
        ("a device", |path| std::os::unix::fs::symlink("/dev/zero", path).unwrap()),
        ("a socket", |path| drop(std::os::unix::net::UnixListener::bind(path).unwrap())),
    ];
    for (what, make) in make {
        for who in ["a", HUB] {
            make(&coalition.file(who, "strange"));
        }
        for (who, arguments) in places(&coalition, &set) {
            let private = what == "a device" && arguments.contains("--secret-file STRANGE");
            // Some commands take a folder for the files in it.
            let many = what == "a folder"
                && ["verify STRANGE", "intersect", "resolve"].iter().any(|of| arguments.starts_with(of));
            let expected = match (private, many) {
                (true, _) => "got a symbolic link",
                (_, true) => "expected a folder with files",
                (false, false) => "expected a regular file",
            };
            require_refused(&coalition, who, &arguments.replace("STRANGE", "strange"), expected);
        }
        for who in ["a", HUB] {
            let path = coalition.file(who, "strange");
            let _ = if what == "a folder" { fs::remove_dir(path) } else { fs::remove_file(path) };
        }
    }
}

#[test]
fn endless_standard_input_is_refused_at_the_length_of_its_type() {
    let (coalition, set) = coalition(true);
    let zero = || Stdio::from(File::open("/dev/zero").unwrap());
    for (who, arguments) in places(&coalition, &set) {
        // Where `-` is read at all; rows of `screen` come from there.
        let by_name =
            ["--log STRANGE", "--secret-file STRANGE", "screen"].iter().any(|of| arguments.contains(of));
        if !by_name {
            let run = bounded(&coalition, who, &arguments.replace("STRANGE", "-"), zero());
            assert_eq!((run.code, run.stdout.as_str()), (Some(1), ""), "{arguments}: {}", run.stderr);
            assert!(run.stderr.contains("-: "), "{arguments}: {}", run.stderr);
        }
    }
}

#[test]
fn nothing_is_longer_than_its_type_can_be() {
    let (coalition, _) = coalition(true);
    let keys = fs::read_to_string(coalition.file("a", "own.key.pub")).unwrap();
    let round = fs::read_to_string(coalition.file("a", "round.json")).unwrap();
    coalition.write("a", "strange", format!("{keys}{}", " ".repeat(513 - keys.len())));
    require_refused(
        &coalition,
        "a",
        "verify --log run.log --signer strange",
        "at byte 512 expected the end of the file",
    );
    coalition.write("a", "strange", format!("{keys}{}", " ".repeat(512 - keys.len())));
    let new = "round new --coalition c --epoch 1 --at-least 2 --kind card.pan";
    coalition.done("a", &format!("{new} --member a=strange --member b=b.pub --hub hub.pub --out new.json"));
    coalition.write("a", "strange", format!("{round}{}", " ".repeat((1 << 20) + 1 - round.len())));
    require_refused(
        &coalition,
        "a",
        "verify --round strange own.key.pub",
        "at byte 1048576 expected the end of the file",
    );
    require_refused(&coalition, "a", "inspect strange", "at most 1 MiB");
    // Comments are text: a list does not end in silence where a sparse file goes on.
    let list = format!("net.ip/1 9.9.9.9\n# {}\0 and so on\n", "x".repeat(2 << 20));
    coalition.write("a", "strange", &list);
    let new = "round new --coalition c --epoch 1 --at-least 2 --kind net.ip --member a --member b --suppression strange --out n";
    require_refused(&coalition, "a", new, "expected text, which has no zero byte");
}

#[test]
fn a_file_of_another_length_than_its_header_tells_is_refused_before_it_is_read() {
    let (coalition, set) = coalition(false);
    coalition.write("b", "rows.csv", "card\n9999100000001562\n");
    let sets = [set, coalition.tokenize("b", "--column card=card.pan").remove(0)];
    assert_eq!(coalition.intersect(&sets).code, Some(0));
    coalition.carry(HUB, "result/a.card.pan-1.vsh", "a", "strange");
    let share = File::options().write(true).open(coalition.file("a", "strange")).unwrap();
    share.set_len(3 << 30).unwrap();
    let resolve =
        format!("resolve {} --column card=card.pan --input rows.csv --share strange", coalition.part("a"));
    for arguments in ["inspect strange", "verify strange", &resolve] {
        let expected = "at byte 3221225472 expected exactly the length that the header tells";
        require_refused(&coalition, "a", arguments, expected);
    }
}

#[test]
fn a_sparse_file_whose_header_tells_its_length_is_refused_at_its_first_hole() {
    let (coalition, set) = coalition(false);
    coalition.write("b", "rows.csv", "card\n9999100000001562\n");
    let sets = [set, coalition.tokenize("b", "--column card=card.pan").remove(0)];
    assert_eq!(coalition.intersect(&sets).code, Some(0));
    // The header of a share that tells of 150,000,000 tokens, and nothing after it.
    let mut page = fs::read(coalition.file(HUB, "result/a.card.pan-1.vsh")).unwrap();
    page.truncate(4096);
    let header =
        String::from_utf8(page).unwrap().replacen("\"tokens\":1}\n        ", "\"tokens\":150000000}\n", 1);
    let told = FileHeader::read(header.as_bytes(), FileType::Share).unwrap().file_len();
    assert!(told > 2 << 30, "{told}");
    coalition.write("a", "strange", &header);
    File::options().write(true).open(coalition.file("a", "strange")).unwrap().set_len(told).unwrap();
    let resolve =
        format!("resolve {} --column card=card.pan --input rows.csv --share strange", coalition.part("a"));
    for arguments in ["inspect strange", "verify strange", &resolve] {
        let expected = "at byte 4096 expected tokens in ascending order, each once";
        require_refused(&coalition, "a", arguments, expected);
    }
}
