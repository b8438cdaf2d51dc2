//! A ceremony of three custodians, by files alone, and a round that names what came of it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;
use veilmatch::Round;
use veilmatch::custody::PublicCustody;
use veilmatch::round::identity::Identity;
use veilmatch::round::{KindRules, Manifest};
use veilmatch::terms::{CustodyDigest, KindId, Name, RuleDigest, SuppressionDigest};

use crate::support::run::Run;

const CUSTODIANS: [&str; 3] = ["auditor", "court", "registry"];

/// Parties with a key file each, in folders of their own.
pub(crate) struct World(TempDir);

impl World {
    pub(crate) fn new() -> Self {
        let world = Self(tempfile::tempdir().unwrap());
        for who in CUSTODIANS.into_iter().chain(["bank-a", "bank-b", "hub"]) {
            fs::create_dir(world.file(who, "")).unwrap();
            world.done(who, "keygen --identity --out own.key");
        }
        world
    }

    pub(crate) fn file(&self, who: &str, name: &str) -> PathBuf {
        self.0.path().join(who).join(name)
    }

    pub(crate) fn command(&self, who: &str, arguments: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_veilmatch"));
        command.current_dir(self.file(who, "")).args(arguments.split_whitespace()).stdin(Stdio::null());
        command
    }

    pub(crate) fn run(&self, who: &str, arguments: &str) -> Run {
        self.command(who, arguments).output().unwrap().into()
    }

    pub(crate) fn done(&self, who: &str, arguments: &str) -> Run {
        let run = self.run(who, arguments);
        assert_eq!(run.code, Some(0), "{who}: veilmatch {arguments}: {}", run.stderr);
        run
    }

    pub(crate) fn refused(&self, who: &str, arguments: &str, words: &[&str]) {
        let run = self.run(who, arguments);
        assert_eq!(run.code, Some(1), "{who}: veilmatch {arguments}: {}", run.stderr);
        words.iter().for_each(|word| assert!(run.stderr.contains(word), "{word}: {}", run.stderr));
    }

    pub(crate) fn carry(&self, from: &str, name: &str, to: &str, as_name: &str) {
        let target = self.file(to, as_name);
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::copy(self.file(from, name), target).unwrap();
    }

    /// The first custodian writes the ceremony, and all get it.
    pub(crate) fn agree(&self, quota: u64) {
        let mut ceremony = format!(
            "custodian ceremony --coalition efc --epoch 7 --kind card.pan/1 --kind bank.iban/1 --threshold 2 --quota {quota} \
             --force --out ceremony.json"
        );
        for who in CUSTODIANS {
            self.carry(who, "own.key.pub", "auditor", &format!("{who}.pub"));
            ceremony += &format!(" --custodian {who}={who}.pub");
        }
        self.done("auditor", &ceremony);
        for who in &CUSTODIANS[1..] {
            self.carry("auditor", "ceremony.json", who, "ceremony.json");
        }
    }

    pub(crate) fn step(who: &str, step: u8, files: &str) -> String {
        format!(
            "custodian dkg --ceremony ceremony.json --name {who} --identity own.key --step {step} --state state \
             --out step-{step} {files}"
        )
    }

    /// Steps 1 and 2, with their files carried into a folder `from-others`.
    pub(crate) fn two_steps(&self) {
        for who in CUSTODIANS {
            self.done(who, &Self::step(who, 1, ""));
        }
        for (from, to) in pairs() {
            let name = format!("{from}.step-1");
            self.carry(from, &format!("step-1/{name}"), to, &format!("from-others/{name}"));
        }
        for who in CUSTODIANS {
            self.done(who, &Self::step(who, 2, "from-others"));
        }
        for (from, to) in pairs() {
            let name = format!("{from}.{to}.step-2");
            self.carry(from, &format!("step-2/{name}"), to, &format!("from-others/{name}"));
        }
    }

    /// All of a ceremony, and the custody at everybody.
    pub(crate) fn custody(&self) -> Vec<u8> {
        self.agree(1000);
        self.two_steps();
        for who in CUSTODIANS {
            self.done(who, &Self::step(who, 3, "from-others"));
        }
        let names = CUSTODIANS.map(|who| format!("{who}.custody"));
        for (from, name) in CUSTODIANS.iter().zip(&names) {
            for to in CUSTODIANS {
                self.carry(from, &format!("step-3/{name}"), to, &format!("signed/{name}"));
            }
        }
        let publish = "custodian publish --ceremony ceremony.json --out custody.json";
        self.done("auditor", &format!("{publish} {}", names.map(|name| format!("signed/{name}")).join(" ")));
        let custody = fs::read(self.file("auditor", "custody.json")).unwrap();
        self.done("court", &format!("{publish} signed"));
        assert_eq!(fs::read(self.file("court", "custody.json")).unwrap(), custody, "whoever runs it");
        custody
    }

    /// The command that writes a manifest of two banks and the hub.
    #[cfg(feature = "member")]
    fn round(&self, more: &str) -> String {
        for who in ["bank-a", "bank-b", "hub"] {
            self.carry(who, "own.key.pub", "bank-a", &format!("{who}.pub"));
        }
        format!(
            "round new --coalition efc --epoch 7 --at-least 2 --kind card.pan --member bank-a=bank-a.pub --member bank-b=bank-b.pub \
             --hub hub.pub --out round.json {more}"
        )
    }

    /// A manifest of two banks and the hub, as anybody's build can make it.
    pub(crate) fn agreed(&self, custody: Option<CustodyDigest>) -> Round {
        let keys = |who: &str| Identity::read_file(&self.file(who, "own.key")).unwrap().public_keys();
        let name = |text| Name::new(text).unwrap();
        let kind = KindId::new("card.pan/1").unwrap();
        let rules = KindRules { kind, rules: RuleDigest([1; 32]), suppression: SuppressionDigest([2; 32]) };
        let members = ["bank-a", "bank-b"];
        let mut manifest = Manifest::trial(name("efc"), 7, vec![rules], members.map(name).into()).unwrap();
        manifest.members.iter_mut().zip(members).for_each(|(member, who)| member.keys = Some(keys(who)));
        manifest.hub = Some(keys("hub"));
        manifest.custody = custody;
        Round::new(manifest).unwrap()
    }
}

/// Each custodian with each other one.
fn pairs() -> impl Iterator<Item = (&'static str, &'static str)> {
    let each = CUSTODIANS.into_iter().flat_map(|from| CUSTODIANS.map(|to| (from, to)));
    each.filter(|(from, to)| from != to)
}

pub(crate) fn names_in(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn three_custodians_make_a_custody_and_each_its_share_and_ledger_once() {
    let world = World::new();
    world.custody();
    assert_eq!(names_in(&world.file("court", "step-2")), ["court.auditor.step-2", "court.registry.step-2"]);
    assert_eq!(names_in(&world.file("court", "step-3")), ["court.custody", "court.ledger", "court.vmk"]);
    // A second ledger would be empty.
    let again = World::step("court", 3, "from-others").replace("--out step-3", "--out elsewhere");
    world.refused("court", &again, &["step-3", "a second one would begin a second quota"]);
    assert!(!world.file("court", "elsewhere").exists());
    #[cfg(unix)]
    for secret in ["step-3/court.vmk", "state/court.seed"] {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = world.file("court", secret).metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{secret}");
    }
}

#[cfg(feature = "member")]
#[test]
fn a_round_names_a_custody_and_then_the_secret_alone_makes_no_tokens() {
    let world = World::new();
    let custody = world.custody();
    let digest = PublicCustody::read(&custody).unwrap().digest().to_string();
    fs::write(world.file("bank-a", "custody.json"), &custody).unwrap();
    world.done("bank-a", &world.round("--custody custody.json"));
    let manifest = fs::read_to_string(world.file("bank-a", "round.json")).unwrap();
    assert!(manifest.contains(&digest), "{manifest}");
    world.done("bank-a", "keygen --out secret");
    fs::write(world.file("bank-a", "pans.csv"), "pan\n4111111111111111\n").unwrap();
    let tokenize = "tokenize --round round.json --member bank-a --identity own.key --secret-file secret --kind card.pan \
                    --column pan=card.pan --input pans.csv --out sets";
    let tokenize = tokenize.replace(" --kind card.pan", "");
    let run = world.run("bank-a", &tokenize);
    assert_eq!(
        (run.code, run.stderr.contains("what custodians have evaluated")),
        (Some(2), true),
        "{}",
        run.stderr
    );
}

#[cfg(feature = "member")]
#[test]
fn a_round_whose_parties_are_custodians_too_is_refused() {
    let world = World::new();
    fs::write(world.file("bank-a", "custody.json"), world.custody()).unwrap();
    world.carry("court", "own.key.pub", "bank-a", "court.pub");
    let round = world.round("--custody custody.json");
    let by_name = round.replace("bank-b=bank-b.pub", "Court=bank-b.pub");
    world.refused("bank-a", &by_name, &["custody.json", "court", "neither the hub nor a member"]);
    let by_key = round.replace("--hub hub.pub", "--hub court.pub");
    world.refused("bank-a", &by_key, &["custody.json", "court", "neither the hub nor a member"]);
    world.refused("bank-a", &round.replace("--epoch 7", "--epoch 8"), &["custody.json", "epoch"]);
    let other_kind = format!("{round} --kind email.strict");
    world.refused("bank-a", &other_kind, &["custody.json", "email.strict/1", "a key of the custodians"]);
    assert!(!world.file("bank-a", "round.json").exists());
}

#[test]
fn a_step_without_the_files_of_all_or_with_another_key_is_refused() {
    let world = World::new();
    world.agree(1000);
    world.two_steps();
    let step = World::step;
    // In step 2: nothing, less than all, a folder with other files.
    let run = world.run("court", &step("court", 2, ""));
    assert_eq!((run.code, run.stderr.contains("the files of the other custodians")), (Some(2), true));
    fs::remove_dir_all(world.file("court", "step-2")).unwrap();
    world.refused(
        "court",
        &step("court", 2, "from-others/auditor.step-1"),
        &["registry", "its file of step 1"],
    );
    fs::create_dir(world.file("court", "mixed")).unwrap();
    fs::write(world.file("court", "mixed/notes.txt"), "").unwrap();
    world.refused("court", &step("court", 2, "mixed"), &["expected files *.step-1", "notes.txt"]);
    // Another's name, another's key, another ceremony.
    world.refused(
        "court",
        &step("registry", 1, "--force").replace("--state state", "--state other"),
        &["registry", "the key file"],
    );
    assert!(!world.file("court", "other").exists(), "nothing is left of a refused step");
    world.refused(
        "court",
        &step("nobody", 1, "").replace("--state state", "--state other"),
        &["nobody", "a custodian of the ceremony"],
    );
    world.agree(2000);
    world.refused("court", &step("court", 2, "from-others"), &["court.seed", "the seed of this ceremony"]);
    let elsewhere = step("court", 1, "--force").replace("--state state", "--state second");
    world.done("court", &elsewhere);
    let elsewhere = step("court", 2, "from-others").replace("--state state", "--state second");
    world.refused("court", &elsewhere, &["from-others/auditor", "this ceremony"]);
}

#[test]
fn a_share_is_never_replaced_and_in_no_run_record() {
    let world = World::new();
    world.agree(1000);
    world.two_steps();
    let step = World::step("court", 3, "from-others --log court.log");
    world.done("court", &step);
    let share = fs::read(world.file("court", "step-3/court.vmk")).unwrap();
    world.refused("court", &format!("{step} --force"), &["step-3", "is there"]);
    assert_eq!(fs::read(world.file("court", "step-3/court.vmk")).unwrap(), share);
    let log = fs::read_to_string(world.file("court", "court.log")).unwrap();
    assert!(log.contains("court.custody") && !log.contains("vmk"), "{log}");
    // A step that is done again makes the same, and replaces the same.
    let told = fs::read(world.file("court", "step-1/court.step-1")).unwrap();
    world.done("court", &World::step("court", 1, "--force"));
    assert_eq!(fs::read(world.file("court", "step-1/court.step-1")).unwrap(), told);
}

#[test]
fn a_custody_that_not_all_have_signed_is_not_published() {
    let world = World::new();
    world.custody();
    let publish = "custodian publish --ceremony ceremony.json --out other.json";
    let two = format!("{publish} signed/auditor.custody signed/registry.custody");
    world.refused("auditor", &two, &["the files of court"]);
    world.agree(2000);
    world.refused(
        "auditor",
        &format!("{publish} signed"),
        &["auditor.custody", "the ceremony that was given"],
    );
    assert!(!world.file("auditor", "other.json").exists());
}

#[test]
fn a_look_at_a_file_of_a_ceremony_says_what_it_is_and_who_signed_it() {
    let world = World::new();
    world.custody();
    let looked = world.done("court", "inspect ceremony.json").stdout;
    assert!(looked.starts_with("type: ceremony\nchecked: self-consistent, not signed;"), "{looked}");
    let looked = world.done("court", "inspect custody.json").stdout;
    assert!(looked.starts_with("type: custody\n") && looked.contains("signed by all custodians"), "{looked}");
    let looked = world.done("court", "verify step-3/court.custody").stdout;
    assert!(looked.contains("does not count yet") && looked.contains("auditor, registry"), "{looked}");
    let elsewhere = [
        ("step-1/court.step-1", "checked by `custodian dkg` with --step 2"),
        ("from-others/auditor.court.step-2", "checked by `custodian dkg` with --step 3"),
        ("state/court.seed", "a custodian's seed"),
        ("step-3/court.vmk", "`custodian evaluate` checks"),
        ("step-3/court.ledger", "checked by `custodian reconcile`"),
    ];
    for (name, words) in elsewhere {
        for command in ["inspect", "verify"] {
            world.refused("court", &format!("{command} --identity own.key {name}"), &[name, words]);
        }
    }
    // Held against a round: its own, one of other custodians, one of none.
    let (own, other) = (fs::read(world.file("court", "custody.json")).unwrap(), World::new().custody());
    let agree = |custody: Option<&[u8]>| {
        let digest = custody.map(|bytes| PublicCustody::read(bytes).unwrap().digest());
        fs::write(world.file("court", "round.json"), world.agreed(digest).to_bytes()).unwrap();
    };
    let verify = "verify --round round.json";
    agree(Some(&own));
    let valid = world.done("court", &format!("{verify} custody.json")).stdout;
    assert!(valid.contains("custody.json: valid custody of round"), "{valid}");
    world.refused("court", &format!("{verify} step-3/court.custody"), &["court.custody", "not signed"]);
    agree(Some(&other));
    world.refused("court", &format!("{verify} custody.json"), &["custody.json", "the manifest names"]);
    agree(None);
    world.refused("court", &format!("{verify} custody.json"), &["custody.json", "names a custody"]);
}

#[test]
fn a_ceremony_that_cannot_be_is_refused() {
    let world = World::new();
    for who in CUSTODIANS {
        world.carry(who, "own.key.pub", "auditor", &format!("{who}.pub"));
    }
    let ceremony =
        "custodian ceremony --coalition efc --epoch 7 --kind card.pan/1 --quota 10 --out ceremony.json";
    let all = "--custodian auditor=auditor.pub --custodian court=court.pub --custodian registry=registry.pub";
    for threshold in [0, 1, 4] {
        world.refused(
            "auditor",
            &format!("{ceremony} --threshold {threshold} {all}"),
            &["a threshold from 2"],
        );
    }
    let twice = format!("{ceremony} --threshold 2 {all} --custodian COURT=auditor.pub");
    world.refused("auditor", &twice, &["different names"]);
    let same_keys = format!("{ceremony} --threshold 2 {all} --custodian notary=court.pub");
    world.refused("auditor", &same_keys, &["different keys"]);
    let run = world.run("auditor", &format!("{ceremony} --threshold 2 --custodian court"));
    assert_eq!((run.code, run.stderr.contains("NAME=PUBFILE")), (Some(2), true), "{}", run.stderr);
    // The public keys are read: the output is another place.
    let over = format!("{} --threshold 2 {all} --force", ceremony.replace("ceremony.json", "court.pub"));
    world.refused("auditor", &over, &["court.pub", "which this command reads"]);
}
