//! The program of a hub is built without anything that could make or try a token.

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

/// Features are united in one build, so that a hub's program is built by itself.
#[test]
fn a_hubs_program_has_the_library_without_its_members_feature() {
    let features = |build| tree(build, &["-e", "features", "--invert", "veilmatch"]);
    let has_member =
        |build| features(build).iter().any(|line| line.starts_with("veilmatch feature \"member\""));
    assert!(!has_member(HUB), "{:?}", features(HUB));
    assert!(has_member(MEMBER));
}

/// What the program that is tested here does: it is a hub's where the tests are built as one.
#[cfg(not(feature = "member"))]
#[test]
fn a_hubs_program_says_that_it_cannot_do_a_members_work() {
    for command in [
        "keygen --out secret",
        "dry-run --kind card.pan --input rows.csv",
        "tokenize --round r --secret-file s --member a --kind card.pan --input rows.csv --out sets",
        "release --round r --member a --trail t --trail-id 00000000000000000000000000000000 --authority p --case 1 --contact c --out s",
        "combine --out secret a b",
        "secret-id secret",
        "kinds",
        "kinds card.pan --try 9999100000001562",
    ] {
        let mut program = Command::new(env!("CARGO_BIN_EXE_veilmatch"));
        let output = program.args(command.split(' ')).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{command}: {said}");
        assert!(said.contains("is a member's command; this build is a hub's"), "{command}: {said}");
    }
}

#[test]
fn the_version_says_whose_build_it_is() {
    let whose = if cfg!(feature = "member") { "member" } else { "hub" };
    let expected = format!("veilmatch {} ({whose})\n", env!("CARGO_PKG_VERSION"));
    for option in ["--version", "-V"] {
        let output = Command::new(env!("CARGO_BIN_EXE_veilmatch")).arg(option).output().unwrap();
        assert_eq!(String::from_utf8(output.stdout).unwrap(), expected);
    }
}
