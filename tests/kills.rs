//! A command that is killed at any moment leaves the old output or the new, and can be run again to the same end.
#![cfg(unix)]

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use support::coalition::{Coalition, HUB};
use veilmatch::format::HEADER_LEN;

const ROWS: u64 = 60_000;
/// Of each of five commands.
const KILLS: u32 = 50;

/// Names and contents of a folder; none if there is no such folder.
fn content(folder: &Path) -> Option<BTreeMap<String, Vec<u8>>> {
    let entries = fs::read_dir(folder).ok()?;
    let file = |entry: std::io::Result<fs::DirEntry>| {
        let path = entry.unwrap().path();
        (path.file_name().unwrap().to_str().unwrap().to_owned(), fs::read(&path).unwrap())
    };
    Some(entries.map(file).collect())
}

/// What the head of a run record, which differs from run to run, has no part in: records and index.
fn without_head(files: &BTreeMap<String, Vec<u8>>) -> BTreeMap<String, Vec<u8>> {
    files.iter().map(|(name, bytes)| (name.clone(), bytes[HEADER_LEN..bytes.len() - 96].to_vec())).collect()
}

fn wallets(seed: u64) -> String {
    (0..ROWS).map(|number| format!("0x{:040x}\n", u128::from(number * (seed + 1) + 1) << 70)).collect()
}

struct Command {
    who: &'static str,
    arguments: String,
    out: &'static str,
}

impl Command {
    fn spawn(&self, coalition: &Coalition) -> std::process::Child {
        let mut command = coalition.command(self.who, &self.arguments);
        // The same date, so the same bytes, whenever it runs.
        command.env("SOURCE_DATE_EPOCH", "1700000000").stdout(Stdio::null()).stderr(Stdio::null());
        command.spawn().unwrap()
    }

    fn finish(&self, coalition: &Coalition) -> BTreeMap<String, Vec<u8>> {
        assert!(self.spawn(coalition).wait().unwrap().success(), "{}", self.arguments);
        content(&coalition.file(self.who, self.out)).unwrap()
    }

    fn same(&self, a: &BTreeMap<String, Vec<u8>>, b: &BTreeMap<String, Vec<u8>>) -> bool {
        let recorded = self.arguments.contains("--log");
        if recorded { without_head(a) == without_head(b) } else { a == b }
    }

    /// Kills it at moments spread over its whole run; `before` is what stands under its output's name each time.
    fn kill_often(&self, coalition: &Coalition, before: Option<&BTreeMap<String, Vec<u8>>>) {
        let out = coalition.file(self.who, self.out);
        let reset = || {
            let _ = fs::remove_dir_all(&out);
            if let Some(files) = before {
                fs::create_dir(&out).unwrap();
                files.iter().for_each(|(name, bytes)| fs::write(out.join(name), bytes).unwrap());
            }
        };
        reset();
        let after = self.finish(coalition);
        assert!(before != Some(&after), "the new output differs from the old");
        reset();
        let start = Instant::now();
        self.finish(coalition);
        let longest = start.elapsed();
        let (mut old, mut new) = (0, 0);
        for kill in 0..KILLS {
            reset();
            let mut child = self.spawn(coalition);
            // Denser towards the end, where names are given.
            let part = 1.0 - (1.0 - f64::from(kill) / f64::from(KILLS)).powi(2);
            std::thread::sleep(Duration::from_secs_f64(longest.as_secs_f64() * 1.1 * part));
            child.kill().unwrap();
            child.wait().unwrap();
            match content(&out) {
                Some(found) if self.same(&found, &after) => new += 1,
                found => {
                    // Between two renames the old folder has another name; the next run gives it back or replaces it.
                    let aside = content(&coalition.file(self.who, &format!(".{}.old", self.out)));
                    let found = if found.is_none() { aside } else { found };
                    assert!(found.as_ref() == before, "kill {kill}: neither the old output nor the new");
                    old += 1;
                }
            }
            let again = self.finish(coalition);
            assert!(self.same(&again, &after), "kill {kill}: run again, it ends differently");
            let left: Vec<String> = coalition.names_in(self.who, ".");
            assert!(left.iter().all(|name| !name.ends_with(".part") && !name.ends_with(".old")), "{left:?}");
        }
        println!("{}: {old} kills left the old output, {new} the new", self.arguments);
        assert!(old > 0, "the first kill comes at once");
    }
}

#[test]
fn killed_commands_leave_old_or_new_output_and_can_be_run_again() {
    let coalition = Coalition::new(&["a", "b"], false, "--at-least 2 --kind crypto.evm");
    let mut sets = Vec::new();
    for (seed, who) in (0..).zip(["a", "b"]) {
        coalition.write(who, "rows.csv", format!("wallet\n{}", wallets(seed)));
        sets.extend(coalition.tokenize(who, "--column wallet=crypto.evm"));
    }
    let old = content(&coalition.file("a", "sets")).unwrap();
    let part = coalition.part("a");
    let tokenize = format!("tokenize {part} --column wallet=crypto.evm --input rows.csv --force --out");
    let command = |out, more: &str| Command { who: "a", arguments: format!("{tokenize} {out} {more}"), out };
    command("replaced", "").kill_often(&coalition, Some(&old));
    command("fresh", "").kill_often(&coalition, None);
    command("spilled", "--memory 4MiB").kill_often(&coalition, Some(&old));
    command("recorded", "--log run.log").kill_often(&coalition, None);
    let arguments = format!("intersect --round round.json --force --out result {}", sets.join(" "));
    Command { who: HUB, arguments, out: "result" }.kill_often(&coalition, None);

    // The run record is whole, and output that has its name has a line.
    let verified = coalition.done("a", "verify --log run.log").stdout;
    assert!(verified.contains("self-consistent"), "{verified}");
    let record = fs::read_to_string(coalition.file("a", "run.log")).unwrap();
    for bytes in content(&coalition.file("a", "recorded")).unwrap().into_values() {
        let digest = support::files::hex(&support::files::sha256(&[&bytes]));
        assert!(record.contains(&digest), "an output without a line");
    }
}
