//! A call of the program that fails, any of them, is an error that names the file; old output stays as it was, and
//! nothing temporary is left.
//!
//! For Linux with glibc alone: calls fail by a library that is loaded before it.

use std::fs;
use std::path::{Component, Path};
use std::process::Output;

use crate::support::coalition::Coalition;
use crate::support::shim::SHIM;
use crate::support::work::{self, Work};

const ROWS: u64 = 9_000;
/// So many that runs of the smallest budget are merged before the set is.
const MANY_ROWS: u64 = 40_000;

/// A command whose calls are counted, with a number of threads.
struct Counted<'a>(&'a Coalition, &'a Work, usize);

impl Counted<'_> {
    /// Runs it; the call with this number fails. How many calls there were, and of which file the one was that failed,
    /// or each in its line.
    fn run(&self, fails: Option<usize>) -> (Output, usize, String) {
        let Self(coalition, work, threads) = self;
        let count = coalition.file(work.who, "../count");
        let mut command = work.command(coalition);
        command.env("LD_PRELOAD", &*SHIM).env("VM_FAULT_COUNT", &count).env("VM_FAULT_STREAMS", "1");
        command.env("VM_FAULT_FOLDER", coalition.of(work.who)).env("RAYON_NUM_THREADS", threads.to_string());
        fails.map(|fails| command.env("VM_FAULT_AT", fails.to_string()));
        let run = command.output().unwrap();
        let told = fs::read_to_string(&count).unwrap();
        let (calls, name) = told.split_once('\n').unwrap();
        (run, calls.parse().unwrap(), name.to_owned())
    }

    /// Puts earlier output in place, and takes a record away: what is read of it grows with it.
    fn reset(&self) {
        let Self(coalition, work, _) = self;
        work.reset(coalition);
        for name in ["run.log", "rows.csv.nonce"] {
            let _ = fs::remove_file(coalition.file(work.who, name));
        }
    }

    /// The record, if there is one by now, is whole, and its last line says whether the command was done.
    fn require_true_record(&self, done: bool) {
        let Self(coalition, work, _) = self;
        let Ok(record) = fs::read_to_string(coalition.file(work.who, "run.log")) else { return };
        if let Some(last) = record.lines().last() {
            coalition.done(work.who, "verify --log run.log");
            assert_eq!(last.contains(r#""outcome":"done""#), done, "{}: {last}", work.arguments);
        }
    }

    /// Every call fails once. Of which files they are, in their order.
    fn fail_each(&self) -> String {
        let Self(coalition, work, _) = self;
        self.reset();
        let (whole, calls, files) = self.run(None);
        assert!(whole.status.success(), "{}: {}", work.arguments, String::from_utf8_lossy(&whole.stderr));
        self.require_true_record(true);
        assert!(calls > 10, "{calls}");
        let mut failed = 0;
        for fails in 0..calls {
            self.reset();
            let (run, calls, name) = self.run(Some(fails));
            if name.is_empty() {
                // Threads make some more calls one time than another.
                assert!(run.status.success() && calls <= fails, "{}", work.arguments);
                continue;
            }
            failed += 1;
            work.require_refused(coalition, &run, &["Input/output error"]);
            let said = String::from_utf8_lossy(&run.stderr);
            let names = names(work, &name);
            assert!(
                names.iter().any(|name| said.contains(name)),
                "{}: call {fails} of {name}: {said}",
                work.arguments
            );
            self.require_true_record(false);
            // What was printed before is what would have been.
            assert!(whole.stdout.starts_with(&run.stdout), "{}: call {fails}", work.arguments);
        }
        assert!(failed > calls * 9 / 10, "{failed} of {calls}");
        println!("each of {failed} calls: {}", work.arguments);
        files
    }
}

/// What an error may call a file: by its own name, or that of the output which it is or will be.
fn names(work: &Work, file: &str) -> Vec<String> {
    let parts = Path::new(file).components().filter_map(|part| match part {
        Component::Normal(name) => name.to_str(),
        _ => None,
    });
    let parts: Vec<&str> = parts.collect();
    let out = parts.iter().find_map(|part| part.strip_prefix('.')?.strip_suffix(".part"));
    match (out, parts.last()) {
        (Some(out), Some(file)) => vec![out.to_owned(), (*file).to_owned()],
        (None, Some(file)) => vec![(*file).to_owned()],
        // The folder in which names are given.
        (_, None) => work.outs.iter().map(|out| (*out).to_owned()).collect(),
    }
}

fn fail_each_of(coalition: &Coalition, works: &[Work]) {
    works.iter().for_each(|work| drop(Counted(coalition, work, 1).fail_each()));
}

#[test]
fn a_fault_in_any_call_of_a_command_that_makes_or_matches_sets_surfaces() {
    for sealed in [false, true] {
        let (coalition, sets) = work::coalition(sealed, ROWS);
        fail_each_of(&coalition, &Work::of_sets(&coalition, &sets));
    }
}

/// Shares are synced several at a time. Where one of them cannot be, none gets its name.
#[test]
fn a_fault_in_any_call_of_a_match_on_several_threads_surfaces() {
    for sealed in [false, true] {
        let (coalition, sets) = work::coalition(sealed, 500);
        let [.., in_memory, on_disk] = Work::of_sets(&coalition, &sets);
        for work in [in_memory, on_disk] {
            let files = Counted(&coalition, &work, 4).fail_each();
            let shares = |member: &str| {
                files.lines().filter(|file| file.ends_with(&format!("/{member}.crypto.evm-1.vsh"))).count()
            };
            // Each is opened, written and synced.
            assert!(["a", "b"].iter().all(|member| shares(member) >= 3), "{files}");
        }
    }
}

#[test]
fn a_fault_in_any_call_of_a_command_that_updates_sets_surfaces() {
    for sealed in [false, true] {
        let (coalition, sets) = work::coalition(sealed, ROWS);
        fail_each_of(&coalition, &Work::of_updates(&coalition, ROWS));
        fail_each_of(&coalition, &Work::of_notices(&coalition, &sets));
    }
}

#[test]
fn a_fault_in_any_call_of_a_command_that_answers_surfaces() {
    for sealed in [false, true] {
        let (coalition, sets) = work::coalition(sealed, ROWS);
        fail_each_of(&coalition, &Work::of_answers(&coalition, &sets));
    }
}

#[test]
fn a_fault_in_any_call_of_a_recorded_command_surfaces() {
    let (coalition, sets) = work::coalition(true, 500);
    let [tokenize, ..] = Work::of_sets(&coalition, &sets);
    let [_, delta, _, apply] = Work::of_updates(&coalition, 500);
    let [resolve, .., screen] = Work::of_answers(&coalition, &sets);
    fail_each_of(&coalition, &[tokenize, delta, apply, resolve, screen].map(Work::recorded));
}

#[test]
fn a_fault_in_any_call_of_merges_of_merges_surfaces() {
    let (coalition, _) = work::coalition(false, 10);
    let files = Counted(&coalition, &Work::of_many_runs(&coalition, MANY_ROWS), 1).fail_each();
    // Had all runs been merged at once, the first one would have been read after the last one was begun.
    let run = |name: &str| name.rsplit_once("/run-")?.1.parse::<u32>().ok();
    let runs: Vec<u32> = files.lines().filter_map(run).collect();
    let begun = runs.iter().position(|run| Some(run) == runs.iter().max()).unwrap();
    assert!(!runs[begun..].contains(&1), "{runs:?}");
}
