//! The trust boundary: a hub is built without anything that could make or try a token, and still does its
//! whole work.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Output};

use crate::support::hub::{name, set_of, token};
use veilmatch::report::KindReport;
use veilmatch::{Disclosure, Intersection, Overlaps, Prefilter, Report, Share, Token, TokenSet};

fn cargo(arguments: &[&str]) -> Output {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
    let mut cargo = Command::new(env!("CARGO"));
    let output =
        cargo.args(arguments).arg("--offline").arg("--manifest-path").arg(manifest).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    output
}

/// The packages that a build with these features links.
fn packages(features: &[&str]) -> BTreeSet<String> {
    let tree = ["tree", "-p", "veilmatch", "-e", "normal", "--prefix", "none", "--format", "{p}"];
    let output = cargo(&[&tree[..], features].concat());
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
}

/// What derives keys, hashes identifiers, knows their grammars or reads members' files.
const OF_MEMBERS: [&str; 9] = ["hmac", "hkdf", "sha2", "sha3", "zeroize", "csv", "bs58", "bech32", "idna"];

#[test]
fn a_hub_links_no_package_that_only_members_need() {
    let (hub, member) = (packages(&["--no-default-features"]), packages(&[]));
    for package in OF_MEMBERS {
        assert!(!hub.contains(package), "{package} in {hub:?}");
        assert!(member.contains(package), "{package} is no longer what members need");
    }
    assert!(hub.contains("veilmatch") && hub.contains("rayon"), "{hub:?}");
    assert!(hub.is_subset(&member));
}

#[test]
fn a_hub_compiles_without_the_feature_member() {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("hub");
    let target = target.to_str().expect("a path that is text");
    cargo(&["check", "-p", "veilmatch", "--lib", "--no-default-features", "--target-dir", target]);
}

#[test]
fn a_hub_matches_writes_reads_and_shares_without_a_key() {
    let sets = [set_of("bank-a", 0..40), set_of("bank-b", 20..60), set_of("bank-c", 30..35)];
    let bytes_of = |write: &dyn Fn(&mut Vec<u8>) -> Result<(), veilmatch::Error>| {
        let mut bytes = Vec::new();
        write(&mut bytes).unwrap();
        bytes
    };
    let received: Vec<TokenSet> = sets
        .iter()
        .map(|set| TokenSet::from_file_bytes(&bytes_of(&|out| set.write_to(out))).unwrap())
        .collect();
    assert_eq!(received, sets);

    let filter = Prefilter::standard(&received[1], 0.01).unwrap();
    let blocked = Prefilter::blocked(&received[0], 0.01).unwrap();
    let bytes = bytes_of(&|out| blocked.write_to(&Default::default(), out));
    let read = Prefilter::from_file_bytes(&bytes).unwrap();
    assert!(received[0].tokens().iter().all(|token| read.may_contain(token)));
    assert_eq!(read.false_positive_rate(), blocked.false_positive_rate());
    let matched = Intersection::new()
        .add(&received[2])
        .and_then(|all| all.add_with_prefilter(&received[1], &filter))
        .and_then(|all| all.add_with_prefilter(&received[0], &blocked))
        .and_then(|all| all.at_least(2))
        .unwrap();
    let overlaps = matched.collect().unwrap();
    assert_eq!(Overlaps::from_file_bytes(&bytes_of(&|out| overlaps.write_to(out))).unwrap(), overlaps);
    let expected: BTreeSet<Token> = (20..40).map(token).collect();
    assert!(overlaps.iter().map(|(token, _)| token).eq(expected));

    let mut report = Report::new(2, overlaps.members().to_vec());
    report.kinds.push(KindReport::new(&matched).unwrap());
    let [kind] = &report.kinds[..] else { panic!("one kind") };
    assert_eq!((kind.overlaps, &kind.by_holder_count.0[..]), (Some(20), &[40, 15, 5].map(Some)[..]));
    assert!(report.to_json().contains(r#""by_holder_count":{"1":40,"2":15,"3":5}"#), "{}", report.to_json());

    for (member, disclosure, of_three) in [
        ("bank-a", Disclosure::Holders, 5),
        ("bank-b", Disclosure::Counts, 5),
        ("bank-c", Disclosure::Holders, 5),
    ] {
        let share = overlaps.share(&name(member), disclosure).unwrap();
        let share = Share::from_file_bytes(&bytes_of(&|out| share.write_to(out))).unwrap();
        assert_eq!((share.recipient(), share.disclosure()), (&name(member), disclosure));
        assert_eq!(share.len(), if member == "bank-c" { 5 } else { 20 });
        let with_three = (0..share.len()).filter(|index| share.holder_count(*index) == 3);
        assert_eq!(with_three.count(), of_three, "{member}");
        for index in 0..share.len() {
            let own = sets.iter().find(|set| set.member() == &name(member)).unwrap();
            assert!(own.contains(&share.tokens()[index]), "nothing of others");
            let Some(holders) = share.holders(index) else { continue };
            let holders: Vec<&str> = holders.names().map(|holder| holder.as_str()).collect();
            let of = |set: &&TokenSet| set.contains(&share.tokens()[index]);
            let expected: Vec<&str> = sets.iter().filter(of).map(|set| set.member().as_str()).collect();
            assert_eq!(holders, expected);
        }
    }
}
