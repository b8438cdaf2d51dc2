//! The program of a hub is built without anything that could make or try a token, that of a custodian without what members
//! have, and neither a hub's nor a member's has a custodian's part.

use std::collections::BTreeSet;
use std::process::Command;

/// The lines of `cargo tree` for a build of the program.
fn tree(build: &[&str], more: &[&str]) -> BTreeSet<String> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["tree", "--offline", "-p", "veilmatch-cli", "--prefix", "none"]).args(build).args(more);
    let output = cargo.current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

const HUB: &[&str] = &["--no-default-features"];
const MEMBER: &[&str] = &[];
const CUSTODIAN: &[&str] = &["--no-default-features", "--features", "custodian"];

/// The packages that a build links, its direct ones only if `depth` says 1.
fn packages(build: &[&str], depth: &str) -> BTreeSet<String> {
    let lines = tree(build, &["-e", "normal", "--format", "{p}", "--depth", depth]);
    lines.iter().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
}

/// What splits a secret, knows grammars or reads members' files: in no part of a hub's program.
const NOWHERE_AT_A_HUB: [&str; 6] = ["blahaj", "bs58", "csv", "csv-core", "idna", "url"];

/// What derives keys and hashes identifiers. Sealing brings versions of its own into the hub's program.
const ONLY_BELOW_SEALING: [&str; 5] = ["hkdf", "hmac", "rand_core", "sha2", "sha3"];

#[test]
fn a_hubs_program_links_no_package_that_only_members_need() {
    let (hub, member) = (packages(HUB, "99"), packages(MEMBER, "99"));
    for package in NOWHERE_AT_A_HUB {
        assert!(!hub.contains(package), "{package} in the program of a hub");
        assert!(member.contains(package), "{package} is no longer what members need");
    }
    // The program and the library.
    let (hub, member) = (packages(HUB, "2"), packages(MEMBER, "2"));
    let of_the_library = |build| -> BTreeSet<String> {
        let lines =
            tree(build, &["-e", "normal", "--format", "{p}", "--depth", "1", "--package", "veilmatch"]);
        lines.iter().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
    };
    assert!(hub.contains("age") && hub.contains("clap") && hub.is_subset(&member), "{hub:?}");
    for package in ONLY_BELOW_SEALING {
        assert!(!of_the_library(HUB).contains(package), "{package} is used by the program of a hub");
        assert!(of_the_library(MEMBER).contains(package), "{package} is no longer what members need");
    }
}

#[test]
fn a_custodians_program_links_no_package_that_only_members_need_and_nobody_else_makes_its_keys() {
    let [hub, member, custodian] = [HUB, MEMBER, CUSTODIAN].map(|build| packages(build, "99"));
    for package in NOWHERE_AT_A_HUB {
        assert!(!custodian.contains(package), "{package} in the program of a custodian");
    }
    let makes_keys = "frost-ristretto255";
    assert!(custodian.contains(makes_keys), "{makes_keys} is no longer what custodians need");
    assert!(!hub.contains(makes_keys) && !member.contains(makes_keys));
}

/// Features are united in one build, so that each program is built by itself.
#[test]
fn each_program_has_the_library_without_the_features_of_others() {
    let features = |build| tree(build, &["-e", "features", "--invert", "veilmatch"]);
    let has = |build, feature| {
        let start = format!("veilmatch feature \"{feature}\"");
        features(build).iter().any(|line| line.starts_with(&start))
    };
    let found =
        [HUB, MEMBER, CUSTODIAN].map(|build| ["member", "custodian", "oprf"].map(|of| has(build, of)));
    assert_eq!(found, [[false; 3], [true, false, true], [false, true, true]]);
}

/// What the program that is tested here does.
#[cfg(not(feature = "custodian"))]
#[test]
fn a_program_without_custodians_part_says_that_it_cannot_do_their_work() {
    for command in [
        "custodian ceremony --coalition c --epoch 1 --kind card.pan --threshold 2 --quota 1 --custodian a=a --out o",
        "custodian dkg --ceremony c --name a --step 1 --state s --out o",
        "custodian publish --ceremony c --out o a.custody",
        "custodian evaluate --round r --custody c --name a --share s --ledger l --out o request.vmb",
        "custodian reconcile --custody c --ledger l",
    ] {
        let mut program = Command::new(env!("CARGO_BIN_EXE_veilmatch"));
        let output = program.args(command.split(' ')).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{command}: {said}");
        assert!(said.contains("is a custodian's command; this build lacks the feature"), "{command}: {said}");
    }
}

/// What the program that is tested here does: it is a hub's or a custodian's where the tests are built as one.
#[cfg(not(feature = "member"))]
#[test]
fn a_hubs_or_custodians_program_says_that_it_cannot_do_a_members_work() {
    let whose = if cfg!(feature = "custodian") { "custodian" } else { "hub" };
    let refusal = format!("is a member's command; this build is a {whose}'s");
    for command in [
        "keygen --out secret",
        "dry-run --kind card.pan --input rows.csv",
        "tokenize --round r --secret-file s --member a --kind card.pan --input rows.csv --out sets",
        "release --round r --member a --trail t --trail-id 00000000000000000000000000000000 --authority p --case 1 --contact c --out s",
        "combine --out secret a b",
        "secret-id secret",
        "kinds",
        "kinds card.pan --try 9999100000001562",
        "blind --round r --custody c --member a --cache k --kind card.pan --input rows.csv --out o",
        "unblind --round r --custody c --member a --cache k answer.vme",
    ] {
        let mut program = Command::new(env!("CARGO_BIN_EXE_veilmatch"));
        let output = program.args(command.split(' ')).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{command}: {said}");
        assert!(said.contains(&refusal), "{command}: {said}");
    }
}

/// What a run record says of a refused command: the code of the build that it needs, whose build this is or not.
#[cfg(not(all(feature = "member", feature = "custodian")))]
#[test]
fn the_run_record_says_which_part_a_build_lacks() {
    let folder = tempfile::tempdir().unwrap();
    let outcome = |command: &str| {
        let mut program = Command::new(env!("CARGO_BIN_EXE_veilmatch"));
        program.current_dir(folder.path()).args(command.split(' ')).args(["--log", "run.log"]);
        assert_eq!(program.output().unwrap().status.code(), Some(1), "{command}");
        let record = std::fs::read_to_string(folder.path().join("run.log")).unwrap();
        record.lines().last().unwrap().to_owned()
    };
    if cfg!(not(feature = "member")) {
        let line = outcome("kinds");
        assert!(line.contains(r#""outcome":"no_member""#), "{line}");
    }
    if cfg!(not(feature = "custodian")) {
        let line = outcome("custodian reconcile --custody c --ledger l");
        assert!(line.contains(r#""outcome":"no_custodian""#), "{line}");
    }
}

#[test]
fn the_version_says_whose_build_it_is() {
    let whose = match (cfg!(feature = "member"), cfg!(feature = "custodian")) {
        (true, _) => "member",
        (false, true) => "custodian",
        (false, false) => "hub",
    };
    let expected = format!("veilmatch {} ({whose})\n", env!("CARGO_PKG_VERSION"));
    for option in ["--version", "-V"] {
        let output = Command::new(env!("CARGO_BIN_EXE_veilmatch")).arg(option).output().unwrap();
        assert_eq!(String::from_utf8(output.stdout).unwrap(), expected);
    }
}
