//! The commands that read and write sets, shares and deltas, each with all that it needs and with earlier output in
//! place: to be cut short, limited and made to fail.
#![allow(dead_code, unreachable_pub, reason = "each test file uses its part")]

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Read as _;
use std::path::Path;
use std::process::{Command, Output};

use veilmatch::round::identity::Identity;
use veilmatch::round::seal;

use super::coalition::{Coalition, HUB};

/// Names and contents.
pub type Files = BTreeMap<String, Vec<u8>>;

const SET: &str = "crypto.evm-1.vms";
const SHARE: &str = "a.crypto.evm-1.vsh";
const COLUMN: &str = "--column wallet=crypto.evm";

/// Of a folder, or of one file; none if there is neither.
pub fn found(path: &Path) -> Option<Files> {
    let one = |path: &Path| {
        (path.file_name().unwrap().to_str().unwrap().to_owned(), fs::read(path).expect("a file that stays"))
    };
    if path.is_file() {
        return Some([one(path)].into());
    }
    Some(fs::read_dir(path).ok()?.map(|entry| one(&entry.unwrap().path())).collect())
}

/// What is there in the place of all that is there.
pub fn put(path: &Path, files: Option<&Files>) {
    let _ = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    let Some(files) = files else { return };
    let name = path.file_name().unwrap().to_str().unwrap();
    if let Some(bytes) = files.get(name) {
        return fs::write(path, bytes).unwrap();
    }
    fs::create_dir(path).unwrap();
    files.iter().for_each(|(name, bytes)| fs::write(path.join(name), bytes).unwrap());
}

/// Rows of a CSV export; of two seeds every second wallet of the lesser is in both.
pub fn wallets(seed: u64, rows: u64) -> String {
    let row = |number| format!("0x{:040x}\n", u128::from(number * (seed + 1) + 1) << 70);
    "wallet\n".to_owned() + &(0..rows).map(row).collect::<String>()
}

/// Two members who have tokenised their rows, and a hub with their sets, whose names there are given back.
pub fn coalition(sealed: bool, rows: u64) -> (Coalition, String) {
    let coalition = Coalition::new(&["a", "b"], sealed, "--at-least 2 --kind crypto.evm");
    let mut sets = Vec::new();
    for (seed, who) in (0..).zip(["a", "b"]) {
        coalition.write(who, "rows.csv", wallets(seed, rows));
        sets.extend(coalition.tokenize(who, COLUMN));
    }
    (coalition, sets.join(" "))
}

/// A command.
pub struct Work {
    pub who: &'static str,
    pub arguments: String,
    /// What it makes beside what it prints, each after `out` or `keep`.
    pub outs: Vec<&'static str>,
    /// What stands under the names of its output before.
    earlier: Vec<Files>,
    /// What comes on its standard input.
    input: Option<&'static str>,
}

impl Work {
    /// The commands that make sets and match them, in pairs: in memory and within a budget.
    pub fn of_sets(coalition: &Coalition, sets: &str) -> [Self; 4] {
        let part = coalition.part("a");
        let tokenize = format!("tokenize {part} {COLUMN} --input rows.csv --force --out out");
        let identity = coalition.identity();
        let intersect = format!("intersect --round round.json {identity} --force --out out {sets}");
        [
            Self::at_another_date(coalition, "a", &tokenize, &["out"]),
            Self::at_another_date(coalition, "a", &format!("{tokenize} --memory 4MiB"), &["out"]),
            Self::at_another_date(coalition, HUB, &intersect, &["out"]),
            Self::at_another_date(coalition, HUB, &format!("{intersect} --memory 1KiB"), &["out"]),
        ]
    }

    /// The commands that send what has changed: the set that follows another one, kept beside what is sent; the delta;
    /// and its application, in place and beside.
    pub fn of_updates(coalition: &Coalition, rows: u64) -> [Self; 4] {
        let (part, identity) = (coalition.part("a"), coalition.identity());
        let agreed = format!("--round round.json {identity}");
        let tokenize = format!("tokenize {part} {COLUMN} --force");
        coalition.done("a", &format!("{tokenize} --input rows.csv --out sets --keep monday"));
        ["base.vms", "last.vms"].iter().for_each(|name| {
            coalition.carry("a", &format!("sets/{SET}"), HUB, name);
        });
        coalition.write("a", "more.csv", wallets(0, rows + rows / 9));
        coalition.write("a", "less.csv", wallets(0, rows - rows / 9));
        let follow = |rows: &str, kept: &str| {
            format!("{tokenize} --input {rows}.csv --out sent --keep {kept} --follow monday")
        };
        coalition.done("a", &follow("more", "tuesday"));
        coalition.done("a", &follow("less", "otherwise"));
        let delta = |kept: &str, out: &str| {
            format!("delta {agreed} --member a --force --base monday/{SET} --new {kept}/{SET} --out {out}")
        };
        coalition.done("a", &delta("tuesday", "new.vmd"));
        coalition.done("a", &delta("otherwise", "old.vmd"));
        coalition.carry("a", "new.vmd", HUB, "new.vmd");
        let read = |who: &str, name: &str, as_name: &str| -> Files {
            [(as_name.to_owned(), fs::read(coalition.file(who, name)).unwrap())].into()
        };
        let apply = |base: &str, out: &str| {
            format!("apply {agreed} --force --base {base} --delta new.vmd --out {out}")
        };
        let one = |who, arguments, out, earlier| Self {
            who,
            arguments,
            outs: vec![out],
            earlier: vec![earlier],
            input: None,
        };
        [
            Self::at_another_date(coalition, "a", &follow("more", "kept"), &["sent", "kept"]),
            one("a", delta("tuesday", "out.vmd"), "out.vmd", read("a", "old.vmd", "out.vmd")),
            one(HUB, apply("base.vms", "base.vms"), "base.vms", read(HUB, "base.vms", "base.vms")),
            one(HUB, apply("last.vms", "out.vms"), "out.vms", read(HUB, "last.vms", "out.vms")),
        ]
    }

    /// The commands whose result is what they print: of a share, which the hub makes first, and of the set that
    /// was kept.
    pub fn of_answers(coalition: &Coalition, sets: &str) -> [Self; 5] {
        let (part, identity) = (coalition.part("a"), coalition.identity());
        let intersect = format!("intersect --round round.json {identity} --force --out result {sets}");
        coalition.done(HUB, &intersect);
        coalition.carry(HUB, &format!("result/{SHARE}"), "a", SHARE);
        coalition
            .done("a", &format!("tokenize {part} {COLUMN} --input rows.csv --force --out sets --keep own"));
        // Few, for each that is found is read from the disk again where the set stays there.
        let rows = fs::read_to_string(coalition.file("a", "rows.csv")).unwrap();
        let step = rows.lines().count() / 30;
        let stream: Vec<&str> = rows.lines().skip(1).step_by(step).collect();
        coalition.write("a", "stream.txt", stream.join("\n"));
        let resolve = format!("resolve {part} {COLUMN} --input rows.csv --share {SHARE}");
        let printing = |arguments: String, input| Self {
            who: "a",
            arguments,
            outs: Vec::new(),
            earlier: Vec::new(),
            input,
        };
        [
            printing(resolve.clone(), None),
            printing(format!("{resolve} --memory 4MiB"), None),
            printing(format!("screen {part} --share {SHARE}"), Some("stream.txt")),
            printing(format!("screen {part} --set own/{SET}"), Some("stream.txt")),
            printing(format!("screen {part} --set own/{SET} --memory 1"), Some("stream.txt")),
        ]
    }

    /// The command that says what was withdrawn, and the one that lists the rows; after [`Work::of_updates`], which
    /// leaves a delta that retracts, and its base.
    pub fn of_notices(coalition: &Coalition, sets: &str) -> [Self; 2] {
        coalition.carry("a", "old.vmd", HUB, "old.vmd");
        let (identity, of_b) = (coalition.identity(), sets.split(' ').next_back().unwrap());
        let agreed = format!("--round round.json {identity}");
        // The match of the base that the shares, and the notices, are of.
        coalition.done(HUB, &format!("intersect {agreed} --force --out told last.vms {of_b}"));
        let notices = format!(
            "notices {agreed} --force --hub-only told/hub-only.json --delta old.vmd --out notices last.vms {of_b}"
        );
        let notices = Self::at_another_date(coalition, HUB, &notices, &["notices"]);
        coalition.carry(HUB, "notices/b.crypto.evm-1.vmn", "b", "notice");
        let part = coalition.part("b");
        let arguments = format!("resolve {part} {COLUMN} --input rows.csv --notice notice");
        [notices, Self { who: "b", arguments, outs: Vec::new(), earlier: Vec::new(), input: None }]
    }

    /// A set whose runs on disk are so many that they are merged into larger ones first, more than once: each of many
    /// threads has a small part of the budget.
    pub fn of_many_runs(coalition: &Coalition, rows: u64) -> Self {
        coalition.write("a", "many.csv", wallets(0, rows));
        let budget = "--threads 32 --memory 4MiB";
        let part = coalition.part("a");
        let tokenize = format!("tokenize {part} {COLUMN} --input many.csv --force --out out {budget}");
        Self::at_another_date(coalition, "a", &tokenize, &["out"])
    }

    /// Its earlier output is that of the same command at another date.
    fn at_another_date(
        coalition: &Coalition,
        who: &'static str,
        arguments: &str,
        outs: &[&'static str],
    ) -> Self {
        let mut command = coalition.command(who, arguments);
        let run = command.env("SOURCE_DATE_EPOCH", "1600000000").output().unwrap();
        assert!(run.status.success(), "{arguments}: {}", String::from_utf8_lossy(&run.stderr));
        let earlier = outs.iter().map(|out| found(&coalition.file(who, out)).unwrap()).collect();
        Self { who, arguments: arguments.to_owned(), outs: outs.to_vec(), earlier, input: None }
    }

    /// The same with nothing under the names of its output before.
    pub fn afresh(self) -> Self {
        Self { earlier: Vec::new(), ..self }
    }

    /// The same with a line in a run record.
    pub fn recorded(self) -> Self {
        Self { arguments: self.arguments + " --log run.log", ..self }
    }

    pub fn command(&self, coalition: &Coalition) -> Command {
        let mut command = coalition.command(self.who, &self.arguments);
        // The same date, so the same bytes, whenever it runs.
        command.env("SOURCE_DATE_EPOCH", "1700000000");
        if let Some(input) = self.input {
            command.stdin(File::open(coalition.file(self.who, input)).unwrap());
        }
        command
    }

    /// Puts the earlier output in place.
    pub fn reset(&self, coalition: &Coalition) {
        for (at, out) in self.outs.iter().enumerate() {
            put(&coalition.file(self.who, out), self.earlier.get(at));
        }
    }

    /// What stands under the name of an output before.
    pub fn earlier(&self, at: usize) -> Option<&Files> {
        self.earlier.get(at)
    }

    /// It failed with such words and left the earlier output and nothing else.
    pub fn require_refused(&self, coalition: &Coalition, run: &Output, words: &[&str]) {
        let said = String::from_utf8_lossy(&run.stderr);
        assert_eq!(run.status.code(), Some(1), "{}: {said}", self.arguments);
        assert!(words.iter().any(|words| said.contains(words)), "{}: {said}", self.arguments);
        for (at, out) in self.outs.iter().enumerate() {
            let found = found(&coalition.file(self.who, out));
            assert!(found.as_ref() == self.earlier.get(at), "{}: the old {out}: {said}", self.arguments);
        }
        self.require_clean(coalition);
    }

    pub fn require_clean(&self, coalition: &Coalition) {
        let mut left = coalition.names_in(self.who, ".");
        if self.who != HUB {
            left.extend(["own", "monday", "tuesday"].iter().flat_map(|kept| {
                let folder = coalition.file(self.who, kept);
                if folder.exists() { coalition.names_in(self.who, kept) } else { Vec::new() }
            }));
        }
        assert!(left.iter().all(|name| !name.ends_with(".part") && !name.ends_with(".old")), "{left:?}");
    }
}

/// Files as their recipients read them: sealed ones opened, each by whoever has the key; without the nonce that each
/// `hub-only.json` has of its own.
pub fn opened(coalition: &Coalition, files: &Files) -> Files {
    let keys = || ["a", "b", HUB].map(|who| coalition.file(who, "own.key"));
    let open = |bytes: &Vec<u8>| {
        if !seal::is_sealed(bytes) {
            return bytes.clone();
        }
        let mut contents = keys().into_iter().filter_map(|key| {
            let mut content = Vec::new();
            let identity = Identity::read_file(&key).unwrap();
            seal::open(&identity, &bytes[..]).ok()?.read_to_end(&mut content).ok().map(|_| content)
        });
        contents.next().expect("a whole file that was sealed to one of them")
    };
    let plain = |(name, bytes): (&String, &Vec<u8>)| {
        let mut bytes = open(bytes);
        if name == "hub-only.json" {
            let mut fields: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
            fields["nonce"] = serde_json::Value::Null;
            bytes = fields.to_string().into_bytes();
        }
        (name.clone(), bytes)
    };
    files.iter().map(plain).collect()
}
