//! Faults of the world around: full disks, limits, missing permission, calls that fail. Each is an error that names a
//! file, old output stays as it was, and nothing temporary is left.
//!
//! For Linux with glibc alone: calls fail by a library that is loaded before it, and disks are full by what only Linux
//! has.
#![cfg(all(target_os = "linux", target_env = "gnu"))]

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use support::coalition::{Coalition, HUB};

const ROWS: u64 = 9_000;

type Files = BTreeMap<String, Vec<u8>>;

fn content(folder: &Path) -> Files {
    let file = |entry: std::io::Result<fs::DirEntry>| {
        let path = entry.unwrap().path();
        (path.file_name().unwrap().to_str().unwrap().to_owned(), fs::read(&path).unwrap())
    };
    fs::read_dir(folder).unwrap().map(file).collect()
}

fn wallets(seed: u64, rows: u64) -> String {
    (0..rows).map(|number| format!("0x{:040x}\n", u128::from(number * (seed + 1) + 1) << 70)).collect()
}

/// Two members who have tokenised their rows, and a hub with their sets; `sets` are the names there.
fn coalition(sealed: bool, rows: u64) -> (Coalition, String) {
    let coalition = Coalition::new(&["a", "b"], sealed, "--at-least 2 --kind crypto.evm");
    let mut sets = Vec::new();
    for (seed, who) in (0..).zip(["a", "b"]) {
        coalition.write(who, "rows.csv", format!("wallet\n{}", wallets(seed, rows)));
        sets.extend(coalition.tokenize(who, "--column wallet=crypto.evm"));
    }
    (coalition, sets.join(" "))
}

/// A command whose output replaces earlier output of other rows.
struct Work {
    who: &'static str,
    arguments: String,
    out: &'static str,
}

impl Work {
    fn all(coalition: &Coalition, sets: &str) -> Vec<Self> {
        let tokenize = format!(
            "tokenize {} --column wallet=crypto.evm --input rows.csv --force --out out",
            coalition.part("a")
        );
        let intersect =
            format!("intersect --round round.json {} --force --out out {sets}", coalition.identity());
        let of = |who, arguments| Work { who, arguments, out: "out" };
        vec![
            of("a", tokenize.clone()),
            of("a", format!("{tokenize} --memory 4MiB")),
            of(HUB, intersect.clone()),
            of(HUB, format!("{intersect} --memory 1KiB")),
        ]
    }

    fn command(&self, coalition: &Coalition) -> Command {
        let mut command = coalition.command(self.who, &self.arguments);
        command.env("SOURCE_DATE_EPOCH", "1700000000");
        command
    }

    /// Puts earlier output in place: that of the same command at another date.
    fn reset(&self, coalition: &Coalition) -> Files {
        let mut command = coalition.command(self.who, &self.arguments);
        let run = command.env("SOURCE_DATE_EPOCH", "1600000000").output().unwrap();
        assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
        content(&coalition.file(self.who, self.out))
    }

    /// It failed with such words, and left `old` and nothing else.
    fn require_refused(&self, coalition: &Coalition, run: &Output, old: &Files, words: &[&str]) {
        let said = String::from_utf8_lossy(&run.stderr);
        assert_eq!(run.status.code(), Some(1), "{}: {said}", self.arguments);
        assert!(words.iter().any(|words| said.contains(words)), "{}: {said}", self.arguments);
        assert!(content(&coalition.file(self.who, self.out)) == *old, "the old output: {said}");
        self.require_clean(coalition);
    }

    fn require_clean(&self, coalition: &Coalition) {
        let left = coalition.names_in(self.who, ".");
        assert!(left.iter().all(|name| !name.ends_with(".part") && !name.ends_with(".old")), "{left:?}");
    }
}

#[test]
fn a_budget_makes_no_difference_to_the_output() {
    for sealed in [false, true] {
        let (coalition, sets) = coalition(sealed, 20_000);
        let work = Work::all(&coalition, &sets);
        let of = |work: &Work| {
            assert!(work.command(&coalition).output().unwrap().status.success(), "{}", work.arguments);
            work.require_clean(&coalition);
            content(&coalition.file(work.who, work.out))
        };
        for pair in work.chunks(2) {
            let (one, other) = (of(&pair[0]), of(&pair[1]));
            assert!(one.keys().eq(other.keys()));
            if !sealed {
                assert!(one == other, "{}", pair[1].arguments);
            } else if pair[0].who == HUB {
                assert!(one["report.json"] == other["report.json"]); // shares are sealed under fresh keys
            }
        }
        // What was built and matched within budgets is what the member resolves.
        let share = "a.crypto.evm-1.vsh";
        coalition.carry(HUB, &format!("out/{share}"), "a", share);
        let resolve = format!(
            "resolve {} --share {share} --column wallet=crypto.evm --input rows.csv",
            coalition.part("a")
        );
        let resolved = coalition.done("a", &resolve).stdout;
        assert_eq!(resolved.lines().count(), 1 + 10_000);
        assert_eq!(coalition.done("a", &format!("{resolve} --memory 4MiB")).stdout, resolved);
        // Other rows are refused within a budget too.
        coalition.write("a", "rows.csv", format!("wallet\n{}", wallets(0, 19_999)));
        let refused = coalition.run("a", &format!("{resolve} --memory 4MiB"));
        assert_eq!(refused.code, Some(1));
        assert!(refused.stderr.contains("another set of a than these rows give"), "{}", refused.stderr);
        assert!(coalition.names_in("a", ".").iter().all(|name| !name.ends_with(".part")));
    }
}

#[test]
fn a_limit_on_the_size_of_files_is_an_error_and_changes_nothing() {
    for sealed in [false, true] {
        let (coalition, sets) = coalition(sealed, ROWS);
        for work in Work::all(&coalition, &sets) {
            let old = work.reset(&coalition);
            // In blocks of 512 bytes; the whole set has some 150 KB.
            for blocks in [0, 1, 8, 40, 120] {
                let program = env!("CARGO_BIN_EXE_veilmatch");
                let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec {program} {}", work.arguments);
                let mut command = Command::new("sh");
                command.current_dir(coalition.of(work.who)).args(["-c", &script]).stdin(Stdio::null());
                let run = command.env("SOURCE_DATE_EPOCH", "1700000000").output().unwrap();
                work.require_refused(&coalition, &run, &old, &["File too large"]);
            }
        }
    }
}

#[test]
fn a_full_disk_is_an_error_and_changes_nothing() {
    let (coalition, sets) = coalition(false, ROWS);
    for work in Work::all(&coalition, &sets) {
        if work.who == HUB {
            let old = work.reset(&coalition);
            let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
            let run = work.command(&coalition).stdout(full).output().unwrap();
            work.require_refused(&coalition, &run, &old, &["standard output: No space left on device"]);
        }
        // A file system of its own, which only this process sees and which takes half of the output.
        let folder = coalition.file(work.who, "small");
        fs::create_dir_all(&folder).unwrap();
        let arguments = work.arguments.replace("--out out", "--out small/out");
        let script = format!(
            "mount -t tmpfs -o size=64k tmpfs small || exit 77; {} {arguments}; status=$?; ls -A small; exit $status",
            env!("CARGO_BIN_EXE_veilmatch")
        );
        let mut command = Command::new("unshare");
        command.current_dir(coalition.of(work.who)).args(["--map-root-user", "--mount", "sh", "-c", &script]);
        match command.stdin(Stdio::null()).output() {
            Ok(run) if run.status.code() == Some(1) && !run.stderr.starts_with(b"unshare:") => {
                let said = String::from_utf8_lossy(&run.stderr);
                // What is needed is stated before, where a budget is given.
                assert!(said.contains("No space left") || said.contains("MiB are free"), "{said}");
                let left = String::from_utf8_lossy(&run.stdout);
                assert!(left.lines().all(|name| !name.starts_with('.') && name != "out"), "left: {left}");
            }
            Ok(run) if run.status.success() => panic!("{}: there was no room", work.arguments),
            other => println!("skipped: no file system of its own here: {other:?}"),
        }
    }
}

#[test]
fn a_folder_that_may_not_be_written_is_an_error() {
    let (coalition, sets) = coalition(false, ROWS);
    let folder = coalition.of(HUB);
    let mode = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    for entry in fs::read_dir(&folder).unwrap() {
        mode(&entry.unwrap().path(), 0o644);
    }
    mode(folder.parent().unwrap(), 0o755);
    mode(&folder, 0o555);
    for memory in ["", "--memory 1KiB"] {
        let arguments = format!("intersect --round round.json {memory} --out out {sets}");
        let mut command = coalition.command(HUB, &arguments);
        // Root may write everywhere.
        if fs::write(folder.join("probe"), "").is_ok() {
            fs::remove_file(folder.join("probe")).unwrap();
            command.uid(65534).gid(65534);
        }
        match command.output() {
            Ok(run) => {
                let said = String::from_utf8_lossy(&run.stderr);
                assert_eq!(run.status.code(), Some(1), "{said}");
                assert!(said.contains("out: Permission denied"), "{said}");
            }
            Err(error) => println!("skipped: the program is out of reach of another user: {error}"),
        }
        assert!(coalition.names_in(HUB, ".").iter().all(|name| !name.contains("out")));
    }
    mode(&folder, 0o755);
}

/// The shim, compiled once.
fn shim(folder: &Path) -> PathBuf {
    let (source, library) =
        (Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/fault.c"), folder.join("fault.so"));
    let mut cc = Command::new(std::env::var_os("CC").unwrap_or("cc".into()));
    let built = cc.args(["-shared", "-fPIC", "-O1", "-o"]).arg(&library).arg(source).arg("-ldl").status();
    assert!(built.expect("a C compiler, which the package ring needs too").success());
    library
}

#[cfg(target_os = "linux")]
#[test]
fn a_fault_in_any_read_write_sync_and_rename_of_the_program_surfaces() {
    let tools = tempfile::tempdir().unwrap();
    let shim = shim(tools.path());
    for sealed in [false, true] {
        let (coalition, sets) = coalition(sealed, ROWS);
        for work in Work::all(&coalition, &sets) {
            let count = tools.path().join("count");
            let run = |fails: Option<usize>| {
                let mut command = work.command(&coalition);
                command.env("LD_PRELOAD", &shim).env("VM_FAULT_COUNT", &count).env("RAYON_NUM_THREADS", "1");
                command.env("VM_FAULT_FOLDER", coalition.of(work.who));
                fails.map(|fails| command.env("VM_FAULT_AT", fails.to_string()));
                command.output().unwrap()
            };
            work.reset(&coalition);
            assert!(run(None).status.success());
            let calls: usize = fs::read_to_string(&count).unwrap().parse().unwrap();
            assert!(calls > 20, "{calls}");
            let old = work.reset(&coalition);
            for fails in 0..calls {
                work.require_refused(&coalition, &run(Some(fails)), &old, &["Input/output error"]);
            }
            println!("{}: each of {calls} calls", work.arguments);
        }
    }
}
