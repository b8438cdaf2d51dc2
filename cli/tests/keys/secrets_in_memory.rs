//! By the program: what lies in the memory of a command that waits for rows, who can read it, and where it can go.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::{FileExt as _, MetadataExt as _};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::coalition::{Coalition, HUB};
use crate::support::run::Run;
use veilmatch::member::key::CoalitionSecret;

const COLUMNS: &str = "--column wallet=crypto.evm";
const SHARE: &str = "a.crypto.evm-1.vsh";

/// Stands in the manifest, which every command keeps: a look that does not find it has looked nowhere.
const PLANTED: &str = "planted where memory is read";

fn matched() -> Coalition {
    let terms =
        format!("--at-least 2 --kind crypto.evm --kind card.pan --purpose {}", PLANTED.replace(' ', "_"));
    let coalition = Coalition::new(&["a", "b"], true, &terms);
    let mut sets = Vec::new();
    for who in ["a", "b"] {
        coalition.write(
            who,
            "rows.csv",
            format!("wallet,card\n0x{:040x},9999100000001562\n", 0xabcdef_u128 << 64),
        );
        sets.extend(coalition.tokenize(who, &format!("{COLUMNS} --column card=card.pan")));
    }
    let run = coalition.intersect(&sets);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    coalition.carry(HUB, &format!("result/{SHARE}"), "a", SHARE);
    coalition
}

/// A command that has read all its files and waits for standard input.
fn waiting(coalition: &Coalition, arguments: &str) -> Child {
    let mut command = coalition.command("a", arguments);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    if arguments.starts_with("screen") {
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        assert!(line.starts_with("row,line,kind"), "{line}");
    }
    // It sleeps in a read of its standard input, which is a pipe.
    let (folder, start) = (format!("/proc/{}", child.id()), Instant::now());
    let reads_input = || {
        let threads = fs::read_dir(format!("{folder}/task")).unwrap();
        threads.flatten().any(|thread| {
            fs::read_to_string(thread.path().join("syscall")).is_ok_and(|call| call.starts_with("0 0x0 "))
        })
    };
    while !reads_input() {
        assert!(start.elapsed() < Duration::from_secs(60), "{arguments}: does not wait for its input");
        std::thread::sleep(Duration::from_millis(20));
    }
    child
}

/// All memory of a process that it can read or write itself.
fn memory(child: &Child) -> Vec<Vec<u8>> {
    let folder = format!("/proc/{}", child.id());
    let file = fs::File::open(format!("{folder}/mem")).unwrap();
    let mut all = Vec::new();
    for line in fs::read_to_string(format!("{folder}/maps")).unwrap().lines() {
        let (range, rest) = line.split_once(' ').unwrap();
        if !rest.starts_with('r') || line.ends_with("[vvar]") || line.ends_with("[vvar_vclock]") {
            continue;
        }
        let (start, end) = range.split_once('-').unwrap();
        let [start, end] = [start, end].map(|at| u64::from_str_radix(at, 16).unwrap());
        let mut bytes = vec![0; (end - start) as usize];
        // Guard pages and devices cannot be read.
        if file.read_exact_at(&mut bytes, start).is_ok() {
            all.push(bytes);
        }
    }
    all
}

fn holds(memory: &[Vec<u8>], needle: &[u8]) -> bool {
    memory.iter().any(|region| {
        let starts = region.iter().enumerate().filter(|(_, byte)| **byte == needle[0]);
        starts.into_iter().any(|(at, _)| region[at..].starts_with(needle))
    })
}

/// The 32 bytes under the checksum of a secret's line.
fn bytes(line: &str) -> Vec<u8> {
    let checked = bech32::primitives::decode::CheckedHrpstring::new::<bech32::Bech32m>(line).unwrap();
    checked.byte_iter().collect()
}

/// Not the secret, nor its line, nor the key that HKDF extracts from it, of which all keys are derived.
#[test]
fn a_command_that_waits_for_rows_has_no_secret_in_its_memory() {
    let coalition = matched();
    let line = fs::read_to_string(coalition.file("a", "secret")).unwrap();
    let line = line.trim();
    assert!(CoalitionSecret::parse(line).is_ok());
    let secret = bytes(line);
    let salt = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, b"veilmatch/1");
    let extracted = ring::hmac::sign(&salt, &secret);

    let part = coalition.part("a");
    for arguments in [
        format!("screen {part} --share {SHARE}"),
        format!("tokenize {part} {COLUMNS} --input - --out waiting"),
        format!("tokenize {part} {COLUMNS} --column card=card.pan --input - --out waiting"),
        format!("tokenize {part} --kind-column kind --value-column value --input - --out waiting"),
        format!("resolve {part} {COLUMNS} --share {SHARE} --input -"),
    ] {
        let mut child = waiting(&coalition, &arguments);
        let found = memory(&child);
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(holds(&found, PLANTED.replace(' ', "_").as_bytes()), "{arguments}");
        for (what, needle) in
            [("bytes", &secret[..]), ("line", &line.as_bytes()[9..]), ("extracted key", extracted.as_ref())]
        {
            assert!(!holds(&found, needle), "{arguments}: the secret's {what}");
            // Nor a good part of it.
            assert!(!holds(&found, &needle[needle.len() / 2..]), "{arguments}: half of the secret's {what}");
        }
    }
}

// --- Dumps and swap ---------------------------------------------------------------------------------------

/// A folder with the program in it, in which a user without rights can work.
struct Unprivileged {
    folder: tempfile::TempDir,
}

const NOBODY: u32 = 65534;

impl Unprivileged {
    /// None unless the tests are run by root, who can become another user.
    fn new() -> Option<Self> {
        if !rustix::process::geteuid().is_root() {
            eprintln!("skipped: only root can run the program as another user");
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        fs::copy(env!("CARGO_BIN_EXE_veilmatch"), folder.path().join("veilmatch")).unwrap();
        std::os::unix::fs::chown(folder.path(), Some(NOBODY), Some(NOBODY)).unwrap();
        Some(Self { folder })
    }

    /// A shell's command, such as `./veilmatch man`.
    fn command(&self, script: &str) -> Command {
        let mut command = Command::new("bash");
        command.args(["-c", script]).current_dir(self.folder.path()).uid(NOBODY).gid(NOBODY);
        command
    }
}

/// The kernel gives the files of a process that cannot be dumped to root, and lets its user read none of its memory.
#[test]
fn the_program_leaves_no_core_and_its_user_cannot_read_its_memory() {
    let Some(unprivileged) = Unprivileged::new() else { return };
    let mut command = unprivileged.command("exec ./veilmatch dry-run --kind card.pan --input -");
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    let (process, start) = (format!("/proc/{}", child.id()), Instant::now());
    let is_program =
        || fs::read_to_string(format!("{process}/comm")).is_ok_and(|name| name.trim() == "veilmatch");
    let owner = || fs::metadata(format!("{process}/mem")).unwrap().uid();
    while !(is_program() && owner() == 0) {
        assert!(start.elapsed() < Duration::from_secs(60), "its memory belongs to user {}", owner());
        std::thread::sleep(Duration::from_millis(20));
    }
    let looked = unprivileged.command(&format!("cat {process}/mem {process}/environ")).output().unwrap();
    let limits = fs::read_to_string(format!("{process}/limits")).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(!looked.status.success() && looked.stdout.is_empty());
    let refusals = String::from_utf8(looked.stderr).unwrap();
    assert_eq!(refusals.matches("Permission denied").count(), 2, "{refusals}");
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    assert_eq!(core.split_whitespace().collect::<Vec<_>>()[4..6], ["0", "0"], "{core}");
}

#[test]
fn keys_are_locked_in_memory() {
    let coalition = matched();
    let mut child = waiting(&coalition, &format!("screen {} --share {SHARE}", coalition.part("a")));
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    let locked = status.lines().find_map(|line| line.strip_prefix("VmLck:")).unwrap();
    let locked: u64 = locked.trim().trim_end_matches(" kB").parse().unwrap();
    // The identity, the secret's page, keyed states: some pages, and not the program.
    assert!((4..=256).contains(&locked), "{locked} KiB");
}

#[test]
fn memory_that_cannot_be_locked_is_said_once_and_is_no_error() {
    let Some(unprivileged) = Unprivileged::new() else { return };
    let told = "this system does not let memory be locked";
    for (limit, times) in [("ulimit -l 0", 1), ("true", 0)] {
        let script = format!(
            "{limit} && ./veilmatch keygen --out secret && \
             ./veilmatch split --secret-file secret --threshold 2 --keepers 3 --out shares; rm -r secret shares"
        );
        let run: Run = unprivileged.command(&script).output().unwrap().into();
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        assert!(run.stderr.contains("split secret id"), "{}", run.stderr);
        assert_eq!(run.stderr.matches(told).count(), 2 * times, "{limit}: {}", run.stderr);
    }
}
