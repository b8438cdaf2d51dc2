//! Runs an attack against the program and takes down how it was refused.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use veilmatch::Round;
use veilmatch::round::identity::Identity;
use veilmatch::round::seal;

use crate::support::coalition::{Coalition, HUB};

/// What a process may have in all, in KiB.
const MEMORY: u64 = 64 << 10;
/// How long it may take, in seconds. A machine that does much else is slow, not hung.
const LONGEST: u64 = 60;
const LOG: &str = "attack.log";

pub(crate) const COLUMNS: &str = "--column card=card.pan";
pub(crate) const SHARE: &str = "a.card.pan-1.vsh";

/// How the program refused.
#[derive(Debug)]
pub(crate) struct Refusal {
    /// The outcome in the run record.
    pub(crate) code: String,
    /// What it said on standard error.
    pub(crate) said: String,
}

/// The program with its memory and time limited, on one thread: what threads reserve is not what is measured.
pub(crate) fn limited(folder: &Path, arguments: &str) -> Command {
    let script = format!(
        "ulimit -v {MEMORY} && exec timeout --signal=KILL {LONGEST} {} {arguments}",
        env!("CARGO_BIN_EXE_veilmatch")
    );
    let mut command = Command::new("sh");
    command.args(["-c", &script]).current_dir(folder).stdin(Stdio::null());
    command.env("RAYON_NUM_THREADS", "1").env("MALLOC_ARENA_MAX", "1");
    command
}

/// Runs an attack in a role's folder, which must be refused there without a trace but its line in a run record.
pub(crate) fn refused(coalition: &Coalition, who: &str, arguments: &str) -> Refusal {
    let before = coalition.names_in(who, ".");
    let output = limited(&coalition.of(who), &format!("{arguments} --log {LOG}")).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{arguments}: {said}");
    assert!(output.stdout.is_empty(), "{arguments} printed an answer");
    assert!(said.contains("veilmatch: ") && !said.contains("panicked"), "{arguments}: {said}");
    assert!(said.len() < 2_000, "{arguments}: {said}");
    let log = coalition.file(who, LOG);
    let record = fs::read_to_string(&log).unwrap_or_default();
    let line = record.lines().last().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let code = line.map_or_else(String::new, |line| line["outcome"].as_str().unwrap().to_owned());
    let _ = fs::remove_file(log);
    assert_eq!(coalition.names_in(who, "."), before, "{arguments} left something");
    Refusal { code, said }
}

/// Attacks of one theme, and what each must come to.
pub(crate) struct Attacks<'a>(pub(crate) &'a Coalition);

impl Attacks<'_> {
    /// Each line: who runs what, the code of its refusal, and words of its message.
    pub(crate) fn check(&self, cases: &[(&str, String, &str, &str)]) {
        let mut wrong = Vec::new();
        for (who, arguments, code, says) in cases {
            let refusal = refused(self.0, who, arguments);
            if refusal.code != *code || !refusal.said.contains(says) {
                wrong.push(format!("{who}: {arguments}\n  expected {code}: {says}\n  got {refusal:?}"));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}

/// Three members and a hub, sealed, with shares delivered and handshakes at the hub.
pub(crate) fn coalition() -> Coalition {
    let coalition = Coalition::new(&["a", "b", "c"], true, "--at-least 2 --kind card.pan");
    let rows = "card\n9999 1000 0000 1562\n9999-1000-0000-2933\n9999100000003741\n";
    let mut sets = Vec::new();
    for who in ["a", "b", "c"] {
        coalition.write(who, "rows.csv", rows);
        sets.extend(coalition.tokenize(who, COLUMNS));
        coalition.done(who, &format!("tokenize {} --handshake --out handshake", coalition.part(who)));
        coalition.deliver(who, "handshake");
    }
    let matched = coalition.intersect(&sets);
    assert_eq!(matched.code, Some(0), "{}", matched.stderr);
    for who in ["a", "b", "c"] {
        let share = format!("{who}.card.pan-1.vsh");
        coalition.carry(HUB, &format!("result/{share}"), who, &share);
    }
    // The first command with a run record leaves a nonce beside the rows.
    coalition.done("a", &format!("{} --log {LOG}", resolve(&coalition, SHARE)));
    fs::remove_file(coalition.file("a", LOG)).unwrap();
    coalition
}

pub(crate) fn identity(coalition: &Coalition, who: &str) -> Identity {
    Identity::read_file(&coalition.file(who, "own.key")).unwrap()
}

pub(crate) fn manifest(coalition: &Coalition) -> Round {
    Round::from_bytes(&fs::read(coalition.file(HUB, "round.json")).unwrap()).unwrap()
}

/// Writes content sealed to a role, where that role finds it.
pub(crate) fn deliver(coalition: &Coalition, to: &str, name: &str, content: &[u8]) {
    let key = identity(coalition, to).public_keys().seal.clone();
    let mut sealer = seal::seal(&key, File::create(coalition.file(to, name)).unwrap()).unwrap();
    sealer.write_all(content).unwrap();
    sealer.finish().unwrap();
}

/// Opens what was sealed to a role.
pub(crate) fn opened(coalition: &Coalition, who: &str, name: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let sealed = File::open(coalition.file(who, name)).unwrap();
    std::io::copy(&mut seal::open(&identity(coalition, who), sealed).unwrap(), &mut bytes).unwrap();
    bytes
}

pub(crate) fn resolve(coalition: &Coalition, share: &str) -> String {
    format!("resolve {} {COLUMNS} --input rows.csv --share {share}", coalition.part("a"))
}

pub(crate) fn intersect(files: &str) -> String {
    format!("intersect --round round.json --identity own.key --out new {files}")
}

/// Runs a test's work in a process of its own that may have 64 MB and a minute; `test` is the test's name.
pub(crate) fn within_64_mb(test: &str, work: impl FnOnce()) {
    const ALONE: &str = "VEILMATCH_ALONE";
    if std::env::var_os(ALONE).is_some() {
        return work();
    }
    let program = std::env::current_exe().unwrap();
    let script = format!(
        "ulimit -v {MEMORY} && exec timeout --signal=KILL {LONGEST} '{}' --exact {test} --nocapture",
        program.display()
    );
    let mut command = Command::new("sh");
    command.args(["-c", &script]).env(ALONE, "1").env("RUST_TEST_THREADS", "1").env("MALLOC_ARENA_MAX", "1");
    let output = command.output().unwrap();
    let (said, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && said.contains("1 passed"), "{}: {said}{errors}", output.status);
}
