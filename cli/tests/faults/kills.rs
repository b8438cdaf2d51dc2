//! A command that is killed at any moment leaves the old output or the new, and can be run again to the same end.

use std::fs::{self, File};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use crate::support::coalition::Coalition;
use crate::support::files::{hex, sha256, unhex};
use crate::support::thorough::times;
use crate::support::work::{self, Files, Work, found, opened};
use veilmatch::container::HEADER_LEN;

const ROWS: u64 = 30_000;
/// So many that runs of the smallest budget are merged twice before the set is.
const MANY_ROWS: u64 = 80_000;
/// Where a command that is killed prints to.
const PRINTED: &str = "printed";

/// What a run that was not disturbed comes to: its outputs, each opened, and what it printed.
#[derive(PartialEq)]
struct End {
    outs: Vec<Files>,
    printed: Vec<u8>,
}

/// A command, and the number of times that it is killed.
struct Killed<'a>(&'a Coalition, Work, u32);

impl Killed<'_> {
    /// Starts it; what it prints goes to a file.
    fn spawn(&self) -> Child {
        let printed = File::create(self.0.file(self.1.who, PRINTED)).unwrap();
        self.1.command(self.0).stdout(printed).stderr(Stdio::null()).spawn().unwrap()
    }

    fn finish(&self) -> End {
        let run = self.1.command(self.0).output().unwrap();
        assert!(run.status.success(), "{}: {}", self.1.arguments, String::from_utf8_lossy(&run.stderr));
        self.1.require_clean(self.0);
        let out = |out: &&str| self.essence(&found(&self.0.file(self.1.who, out)).unwrap());
        // What a command says of a result that was there already is not the result.
        let printed = if self.1.outs.is_empty() { run.stdout } else { Vec::new() };
        End { outs: self.1.outs.iter().map(out).collect(), printed }
    }

    /// Files opened; of those that name a run record, which differs from run to run, records and index alone.
    fn essence(&self, files: &Files) -> Files {
        let mut files = opened(self.0, files);
        if self.1.arguments.contains("--log") {
            files.values_mut().for_each(|bytes| *bytes = bytes[HEADER_LEN..bytes.len() - 96].to_vec());
        }
        files
    }

    /// Whether all outputs are the new ones; each that is not is the old one.
    fn is_new(&self, after: &End, kill: u32) -> bool {
        let of = |(at, out): (usize, &&str)| {
            let there = found(&self.0.file(self.1.who, out));
            // Between two renames the old folder has another name; the next run gives it back or replaces it.
            let there = there.or_else(|| found(&self.0.file(self.1.who, &format!(".{out}.old"))));
            if there.as_ref().is_some_and(|there| self.essence(there) == after.outs[at]) {
                return true;
            }
            assert!(there.as_ref() == self.1.earlier(at), "kill {kill}: neither the old {out} nor the new");
            false
        };
        self.1.outs.iter().enumerate().map(of).fold(true, |all, is_new| all & is_new)
    }

    /// Kills it at moments spread over its whole run.
    fn at_any_moment(&self) {
        let Self(coalition, work, kills) = self;
        work.reset(coalition);
        let after = self.finish();
        for (at, new) in after.outs.iter().enumerate() {
            assert!(work.earlier(at).is_none_or(|old| self.essence(old) != *new), "old and new differ");
        }
        work.reset(coalition);
        let start = Instant::now();
        assert!(self.spawn().wait().unwrap().success());
        let longest = start.elapsed();
        let (mut old, mut new, mut left) = (0, 0, 0);
        for kill in 0..*kills {
            work.reset(coalition);
            let mut child = self.spawn();
            // Denser towards the end, where names are given.
            let part = 1.0 - (1.0 - f64::from(kill) / f64::from(*kills)).powi(2);
            std::thread::sleep(Duration::from_secs_f64(longest.as_secs_f64() * 1.1 * part));
            child.kill().unwrap();
            child.wait().unwrap();
            // What was printed by then is the beginning of the answer.
            let printed = fs::read(coalition.file(work.who, PRINTED)).unwrap();
            assert!(
                !work.outs.is_empty() || after.printed.starts_with(&printed),
                "kill {kill}: another answer"
            );
            *if self.is_new(&after, kill) && !work.outs.is_empty() { &mut new } else { &mut old } += 1;
            left += u32::from(coalition.names_in(work.who, ".").iter().any(|name| name.ends_with(".part")));
            assert!(
                self.finish() == after,
                "{}, kill {kill}: run again, it ends differently",
                work.arguments
            );
        }
        println!("{old} kills left the old output, {new} the new, {left} leftovers: {}", work.arguments);
        assert!(old > 0, "the first kill comes at once");
    }
}

#[test]
fn killed_as_sets_are_built_and_matched_the_old_output_or_the_new_is_there_and_a_rerun_ends_well() {
    let (coalition, sets) = work::coalition(false, ROWS);
    let of = |work: Work, kills| Killed(&coalition, work, times(kills)).at_any_moment();
    let [tokenize, spilled, intersect, _] = Work::of_sets(&coalition, &sets);
    of(tokenize, 30);
    of(spilled.afresh(), 30);
    of(intersect, 40);
    of(Work::of_many_runs(&coalition, MANY_ROWS), 40);

    let [recorded, ..] = Work::of_sets(&coalition, &sets);
    of(recorded.afresh().recorded(), 20);
    // The run record is whole, and output that has its name has a line.
    let verified = coalition.done("a", "verify --log run.log").stdout;
    assert!(verified.contains("self-consistent"), "{verified}");
    let [record, nonce] =
        ["run.log", "run.log.nonce"].map(|name| fs::read_to_string(coalition.file("a", name)).unwrap());
    for bytes in found(&coalition.file("a", "out")).unwrap().into_values() {
        // Sets that are not sealed are stated under the nonce of the record.
        let stated = sha256(&[&unhex(&nonce), &sha256(&[&bytes])]);
        assert!(record.contains(&hex(&stated)), "an output without a line");
    }
}

#[test]
fn killed_as_sealed_files_are_opened_updated_and_answered_from_a_rerun_ends_well() {
    let (coalition, sets) = work::coalition(true, ROWS);
    let of = |work: Work, kills| Killed(&coalition, work, times(kills)).at_any_moment();
    let [follow, delta, in_place, beside] = Work::of_updates(&coalition, ROWS);
    of(follow, 30);
    of(delta, 20);
    of(in_place, 30);
    of(beside.afresh(), 20);
    let [notices, of_notice] = Work::of_notices(&coalition, &sets);
    of(notices, 20);
    of(of_notice, 10);
    let [.., intersect] = Work::of_sets(&coalition, &sets);
    of(intersect, 40);
    let [_, resolve, _, _, screen] = Work::of_answers(&coalition, &sets);
    of(resolve, 20);
    of(screen, 20);
}
