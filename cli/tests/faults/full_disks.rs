//! Full disks, limits and missing permission: each is an error, old output stays as it was, and nothing temporary is
//! left.

use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::support::coalition::{Coalition, HUB};
use crate::support::work::{self, Work};

const ROWS: u64 = 9_000;

/// Every command that makes files; sets of some 150 KB, a delta and a notice of 20 KB.
fn makers(coalition: &Coalition, sets: &str) -> Vec<Work> {
    let mut makers: Vec<Work> = Work::of_sets(coalition, sets).into();
    makers.extend(Work::of_updates(coalition, ROWS));
    let [notices, _] = Work::of_notices(coalition, sets);
    makers.push(notices);
    makers
}

/// Whether its output is of some 20 KB.
fn is_small(work: &Work) -> bool {
    ["delta", "notices"].iter().any(|command| work.arguments.starts_with(command))
}

#[test]
fn a_limit_on_the_size_of_files_is_an_error_and_changes_nothing() {
    for sealed in [false, true] {
        let (coalition, sets) = work::coalition(sealed, ROWS);
        for work in makers(&coalition, &sets) {
            // In blocks of 512 bytes.
            for blocks in [0, 1, 8, 20, 40, 120] {
                if is_small(&work) && blocks > 30 {
                    continue;
                }
                work.reset(&coalition);
                let program = env!("CARGO_BIN_EXE_veilmatch");
                let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec {program} {}", work.arguments);
                let mut command = Command::new("sh");
                command.current_dir(coalition.of(work.who)).args(["-c", &script]).stdin(Stdio::null());
                let run = command.env("SOURCE_DATE_EPOCH", "1700000000").output().unwrap();
                work.require_refused(&coalition, &run, &["File too large"]);
            }
        }
    }
}

#[test]
fn a_full_disk_is_an_error_and_changes_nothing() {
    let (coalition, sets) = work::coalition(false, ROWS);
    for work in makers(&coalition, &sets) {
        // A file system of its own, which only this process sees and which takes half of the output.
        let folder = coalition.file(work.who, "small");
        fs::create_dir_all(&folder).unwrap();
        let (out, size) = (work.outs[0], if is_small(&work) { "8k" } else { "64k" });
        let arguments = work.arguments.replace(&format!("--out {out}"), &format!("--out small/{out}"));
        let script = format!(
            "mount -t tmpfs -o size={size} tmpfs small || exit 77; {} {arguments}; status=$?; ls -A small; exit $status",
            env!("CARGO_BIN_EXE_veilmatch")
        );
        work.reset(&coalition);
        let mut command = Command::new("unshare");
        command.current_dir(coalition.of(work.who)).args(["--map-root-user", "--mount", "sh", "-c", &script]);
        match command.stdin(Stdio::null()).output() {
            Ok(run) if run.status.code() == Some(1) && !run.stderr.starts_with(b"unshare:") => {
                let said = String::from_utf8_lossy(&run.stderr);
                // What is needed is stated before, where a budget is given.
                assert!(said.contains("No space left") || said.contains("MiB are free"), "{said}");
                assert!(
                    said.contains(&format!("small/{out}")) || said.contains(&format!("small/.{out}.part")),
                    "{said}"
                );
                let left = String::from_utf8_lossy(&run.stdout);
                assert!(left.is_empty(), "left: {left}");
            }
            Ok(run) if run.status.success() => panic!("{}: there was no room", work.arguments),
            other => println!("skipped: no file system of its own here: {other:?}"),
        }
    }
}

#[test]
fn standard_output_without_room_is_an_error() {
    for sealed in [false, true] {
        let (coalition, sets) = work::coalition(sealed, ROWS);
        let [.., intersect, on_disk] = Work::of_sets(&coalition, &sets);
        let answers = Work::of_answers(&coalition, &sets);
        Work::of_updates(&coalition, ROWS);
        let [_, of_notice] = Work::of_notices(&coalition, &sets);
        for work in answers.into_iter().chain([intersect, on_disk, of_notice]) {
            work.reset(&coalition);
            let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
            let run = work.command(&coalition).stdout(full).output().unwrap();
            work.require_refused(&coalition, &run, &["standard output: No space left on device"]);
        }
    }
}

#[test]
fn a_folder_that_may_not_be_written_is_an_error() {
    let (coalition, sets) = work::coalition(false, ROWS);
    let works = makers(&coalition, &sets);
    let mode = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    for who in ["a", HUB] {
        open_to_all(&coalition.of(who));
        // Others may not read it, as the program sees to.
        mode(&coalition.file(who, "own.key"), 0o600);
    }
    mode(coalition.of(HUB).parent().unwrap(), 0o755);
    for work in &works {
        work.reset(&coalition);
        let folder = coalition.of(work.who);
        open_to_all(&folder);
        mode(&folder, 0o555);
        let mut command = work.command(&coalition);
        // Root may write everywhere.
        if File::create(folder.join("probe")).is_ok() {
            fs::remove_file(folder.join("probe")).unwrap();
            // A role takes these from itself alone.
            let own = if work.who == HUB { "told/hub-only.json" } else { "secret" };
            std::os::unix::fs::chown(folder.join(own), Some(65534), Some(65534)).unwrap();
            command.uid(65534).gid(65534);
        }
        match command.output() {
            Ok(run) => {
                let names = work.outs.iter().map(|out| format!("{out}: Permission denied"));
                let names: Vec<String> = names.collect();
                let names: Vec<&str> = names.iter().map(String::as_str).collect();
                work.require_refused(&coalition, &run, &names);
            }
            Err(error) => println!("skipped: the program is out of reach of another user: {error}"),
        }
        mode(&folder, 0o755);
    }
}

/// Lets others read what is in a folder, but what its owner keeps to itself.
fn open_to_all(folder: &Path) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let is_folder = path.is_dir();
        if is_folder {
            open_to_all(&path);
        }
        let secret = path.file_name().is_some_and(|name| name == "secret" || name == "own.key");
        let mode = if is_folder {
            0o755
        } else if secret {
            0o600
        } else {
            0o644
        };
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
    }
}
