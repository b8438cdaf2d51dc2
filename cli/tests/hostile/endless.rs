//! Inputs that never end, never begin, are no files, or say that they are longer than any memory.

use std::fs::{File, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Child, Command, Stdio};

use crate::attack::{COLUMNS, SHARE, coalition, intersect, limited, refused, resolve};
use crate::support::coalition::{Coalition, HUB};

/// Longer than what the process may have, and on disk of no size.
const SPARSE: u64 = 3 << 30;

/// What is killed when the test ends, however it ends.
struct Feeder(Child);

impl Drop for Feeder {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn pipe(coalition: &Coalition, who: &str, name: &str) {
    assert!(Command::new("mkfifo").arg(coalition.file(who, name)).status().unwrap().success());
}

/// Writes into a pipe for ever.
fn feed(coalition: &Coalition, who: &str, name: &str) -> Feeder {
    let folder = coalition.of(who);
    let mut yes = Command::new("sh");
    yes.args(["-c", &format!("exec yes > {name}")]).current_dir(folder).stderr(Stdio::null());
    Feeder(yes.spawn().unwrap())
}

/// Every place of a file that comes from others: who reads it, with a command in which `FILE` stands for it.
fn places(coalition: &Coalition) -> Vec<(&'static str, String)> {
    let part = coalition.part("a");
    let at_hub = "--round round.json --identity own.key";
    vec![
        ("a", resolve(coalition, SHARE).replace("round.json", "FILE")),
        ("a", resolve(coalition, "FILE")),
        ("a", resolve(coalition, "FILE").replace("--share", "--notice")),
        ("a", resolve(coalition, SHARE).replace("--secret-file secret", "--secret-file FILE")),
        ("a", resolve(coalition, SHARE).replace("own.key", "FILE")),
        ("a", format!("{} --suppression FILE", resolve(coalition, SHARE))),
        ("a", format!("screen {part} --share FILE")),
        ("a", format!("screen {part} --set FILE")),
        ("a", format!("screen {part} --set FILE --memory 16MiB")),
        ("a", "split --secret-file FILE --threshold 2 --keepers 3 --out new".into()),
        ("a", "combine --out new FILE".into()),
        ("a", "inspect FILE".into()),
        ("a", "inspect FILE --identity own.key".into()),
        (
            "a",
            "round new --coalition efc --epoch 7 --at-least 2 --kind card.pan --out new.json \
             --member a=own.key.pub --member b=FILE --hub hub.pub"
                .into(),
        ),
        (HUB, intersect("FILE")),
        (HUB, intersect("FILE --memory 16MiB")),
        (HUB, intersect("a.card.pan-1.vms").replace("round.json", "FILE")),
        (HUB, format!("intersect {at_hub} --handshake FILE")),
        (HUB, format!("apply {at_hub} --base FILE --delta a.vmd --out new.vms")),
        (HUB, format!("apply {at_hub} --base a.card.pan-1.vms --delta FILE --out new.vms")),
    ]
}

/// A round that has a delta too, so that `apply` comes to its base.
fn with_delta() -> Coalition {
    let coalition = coalition();
    let tokenize = |more: &str| {
        coalition.done("a", &format!("tokenize {} {COLUMNS} --input later.csv {more}", coalition.part("a")));
    };
    coalition.write("a", "later.csv", "card\n9999100000001562\n9999100000002933\n");
    tokenize("--out one --keep kept-one");
    coalition.write("a", "later.csv", "card\n9999100000001562\n");
    tokenize("--out two --keep kept-two --follow kept-one");
    let [base, new] = ["kept-one", "kept-two"].map(|folder| format!("{folder}/card.pan-1.vms"));
    let delta = "delta --round round.json --member a --identity own.key --out a.vmd";
    coalition.done("a", &format!("{delta} --base {base} --new {new}"));
    coalition.carry("a", "a.vmd", HUB, "a.vmd");
    coalition
}

/// Codes of what is no file of its type, or none that has an end.
const CODES: [&str; 10] = [
    "io",
    "folder",
    "format",
    "identity",
    "manifest",
    "seal",
    "secret",
    "secret_shares",
    "strange_file",
    "suppression_list",
];

fn refused_everywhere(coalition: &Coalition, file: &str) {
    for (who, command) in places(coalition) {
        let refusal = refused(coalition, who, &command.replace("FILE", file));
        let said = refusal.said.contains(&format!("{file}: ")) && !refusal.said.contains("memory");
        assert!(said && CODES.contains(&refusal.code.as_str()), "{command}: {refusal:?}");
    }
    // These write no run record: one of them reads it.
    for command in [
        "verify FILE",
        "verify FILE --identity own.key",
        "verify --log FILE",
        "verify own.key.pub --round FILE",
    ] {
        let output = limited(&coalition.of(HUB), &command.replace("FILE", file)).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{command} with {file}: {said}");
        assert!(said.contains(&format!("{file}: ")) && !said.contains("memory"), "{command}: {said}");
    }
}

#[test]
fn a_device_or_folder_is_refused_in_every_place() {
    let coalition = with_delta();
    for what in ["/dev/zero", "/dev/null", "/dev/full", "/dev"] {
        refused_everywhere(&coalition, what);
    }
}

#[test]
fn a_pipe_that_never_ends_or_never_begins_is_refused_in_every_place() {
    let coalition = with_delta();
    for who in ["a", HUB] {
        pipe(&coalition, who, "endless");
        pipe(&coalition, who, "silent");
    }
    let _feeders = ["a", HUB].map(|who| feed(&coalition, who, "endless"));
    refused_everywhere(&coalition, "endless");
    refused_everywhere(&coalition, "silent");
}

#[test]
fn a_sparse_file_of_three_gibibytes_is_refused_within_memory_in_every_place() {
    let coalition = with_delta();
    for who in ["a", HUB] {
        let file = File::create(coalition.file(who, "sparse")).unwrap();
        file.set_len(SPARSE).unwrap();
        file.set_permissions(Permissions::from_mode(0o600)).unwrap();
    }
    refused_everywhere(&coalition, "sparse");
}
