//! Members and a hub in folders of their own, who share nothing but the files that are carried between them.
#![allow(dead_code, unreachable_pub, reason = "each test file uses its part")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use super::run::Run;

/// The folder of the hub.
pub const HUB: &str = "hub";

/// What all agree to, and where everyone keeps its files.
pub struct Coalition {
    folder: TempDir,
    pub members: Vec<String>,
    pub sealed: bool,
}

impl Coalition {
    /// Makes folders, keys, the secret and the manifest, and carries what belongs to each.
    ///
    /// `terms` are more arguments of `round new`, such as `--at-least 3 --kind card.pan`.
    pub fn new(members: &[&str], sealed: bool, terms: &str) -> Self {
        let coalition = Self {
            folder: tempfile::tempdir().unwrap(),
            members: members.iter().map(|name| (*name).to_owned()).collect(),
            sealed,
        };
        for who in members.iter().chain(&[HUB]) {
            fs::create_dir(coalition.of(who)).unwrap();
            coalition.done(who, "keygen --identity --out own.key");
        }
        let first = members[0];
        coalition.done(first, "keygen --out secret");
        for who in &members[1..] {
            coalition.carry(first, "secret", who, "secret");
        }
        coalition.new_round(terms);
        coalition
    }

    /// The first member writes a manifest, and all get it.
    pub fn new_round(&self, terms: &str) {
        let first = &self.members[0];
        let epoch = if terms.contains("--epoch ") { "" } else { "--epoch 7" };
        let mut round = format!("round new --coalition efc {epoch} --force --out round.json {terms}");
        for who in self.members.iter().map(String::as_str).chain([HUB]) {
            let keys = format!("{who}.pub");
            self.carry(who, "own.key.pub", first, &keys);
            round += &match (who, self.sealed) {
                (HUB, true) => format!(" --hub {keys}"),
                (HUB, false) => String::new(),
                (who, true) => format!(" --member {who}={keys}"),
                (who, false) => format!(" --member {who}"),
            };
        }
        self.done(first, &round);
        for who in self.members[1..].iter().map(String::as_str).chain([HUB]) {
            self.carry(first, "round.json", who, "round.json");
        }
    }

    /// A role's folder.
    pub fn of(&self, who: &str) -> PathBuf {
        self.folder.path().join(who)
    }

    /// A file in a role's folder.
    pub fn file(&self, who: &str, name: &str) -> PathBuf {
        self.of(who).join(name)
    }

    pub fn write(&self, who: &str, name: &str, content: impl AsRef<[u8]>) {
        fs::write(self.file(who, name), content).unwrap();
    }

    /// Copies a file, with its mode, as a courier would.
    pub fn carry(&self, from: &str, name: &str, to: &str, as_name: &str) {
        let target = self.file(to, as_name);
        if target != self.file(from, name) {
            fs::copy(self.file(from, name), target).unwrap();
        }
    }

    /// The program in a role's folder.
    pub fn command(&self, who: &str, arguments: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_veilmatch"));
        command.current_dir(self.of(who)).args(arguments.split_whitespace()).stdin(Stdio::null());
        command
    }

    pub fn run(&self, who: &str, arguments: &str) -> Run {
        self.command(who, arguments).output().unwrap().into()
    }

    /// A run that must succeed; what it printed.
    pub fn done(&self, who: &str, arguments: &str) -> Run {
        let run = self.run(who, arguments);
        assert_eq!(run.code, Some(0), "{who}: veilmatch {arguments}: {}", run.stderr);
        run
    }

    /// `--identity own.key`, but in a trial.
    pub fn identity(&self) -> &'static str {
        if self.sealed { "--identity own.key" } else { "" }
    }

    /// What every command of a member takes.
    pub fn part(&self, who: &str) -> String {
        format!("--round round.json --secret-file secret --member {who} {}", self.identity())
    }

    /// Tokenises a member's `rows.csv` and carries the sets to the hub; their names there.
    pub fn tokenize(&self, who: &str, columns: &str) -> Vec<String> {
        self.done(who, &format!("tokenize {} {columns} --input rows.csv --out sets --force", self.part(who)));
        self.deliver(who, "sets")
    }

    /// Carries all files of a member's folder to the hub.
    pub fn deliver(&self, who: &str, folder: &str) -> Vec<String> {
        let name = |path: &Path| path.file_name().unwrap().to_str().unwrap().to_owned();
        let mut names: Vec<String> =
            fs::read_dir(self.file(who, folder)).unwrap().map(|entry| name(&entry.unwrap().path())).collect();
        names.sort();
        let carried = names.iter().map(|name| {
            let at_hub = format!("{who}.{name}");
            self.carry(who, &format!("{folder}/{name}"), HUB, &at_hub);
            at_hub
        });
        carried.collect()
    }

    /// The hub matches these sets into `result`.
    pub fn intersect(&self, sets: &[String]) -> Run {
        let sets = sets.join(" ");
        self.run(
            HUB,
            &format!("intersect --round round.json {} --force --out result {sets}", self.identity()),
        )
    }

    /// Names of the files in a folder, in order.
    pub fn names_in(&self, who: &str, folder: &str) -> Vec<String> {
        let entries = fs::read_dir(self.file(who, folder)).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}
