//! Private files: whose they are, that no link leads to them, and who else may write them.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown, symlink};
use std::path::Path;
use std::process::Command;

use crate::support::coalition::{Coalition, HUB};

/// A user other than root, who owns what an attacker has planted.
const OTHER: u32 = 65534;

const ROWS: &str = "card\n9999100000001562\n9999100000002933\n";
const COLUMNS: &str = "--column card=card.pan";

/// A member with rows, in a round with keys.
fn member() -> Coalition {
    let coalition = Coalition::new(&["a", "b"], true, "--at-least 2 --kind card.pan");
    coalition.write("a", "rows.csv", ROWS);
    coalition
}

fn tokenize(coalition: &Coalition, more: &str) -> String {
    format!("tokenize {} {COLUMNS} --input rows.csv --out sets {more}", coalition.part("a"))
}

/// Runs a command that must be refused without a trace; what it said.
fn refused(coalition: &Coalition, arguments: &str, expected: &str) {
    // The record may have a line of the refusal.
    let names =
        || coalition.names_in("a", ".").into_iter().filter(|name| name != "run.log").collect::<Vec<_>>();
    let before = names();
    let run = coalition.run("a", arguments);
    assert_eq!((run.code, run.stdout.as_str()), (Some(1), ""), "{arguments}: {}", run.stderr);
    assert!(run.stderr.contains(expected), "{arguments}: {}", run.stderr);
    assert_eq!(names(), before, "{arguments}");
}

/// Whether files can be given to another user, as root can.
fn can_give_away(folder: &Path) -> bool {
    let probe = folder.join("probe");
    fs::write(&probe, "").unwrap();
    let given = chown(&probe, Some(OTHER), Some(OTHER)).is_ok();
    fs::remove_file(probe).unwrap();
    if !given {
        println!("skipped: only root can give files to another user");
    }
    given
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn what_another_user_planted_is_refused_by_its_name() {
    let coalition = member();
    if !can_give_away(&coalition.of("a")) {
        return;
    }
    coalition.done("a", "split --secret-file secret --threshold 2 --keepers 2 --out shares");
    coalition.done("a", &tokenize(&coalition, "--log run.log"));
    fs::remove_dir_all(coalition.file("a", "sets")).unwrap();
    fs::remove_file(coalition.file("a", "own.key.pub")).unwrap();
    let combine = "combine --out again shares/share-1 shares/share-2";
    let logged = tokenize(&coalition, "--log run.log");
    for (planted, arguments) in [
        ("secret", tokenize(&coalition, "").as_str()),
        ("own.key", &tokenize(&coalition, "")),
        ("own.key", "keygen --identity --out own.key"),
        ("shares/share-2", combine),
        ("run.log", &logged),
        ("rows.csv.nonce", &logged),
    ] {
        let path = coalition.file("a", planted);
        let record = fs::read(coalition.file("a", "run.log")).unwrap();
        chown(&path, Some(OTHER), Some(OTHER)).unwrap();
        refused(&coalition, arguments, &format!("{planted}: "));
        refused(&coalition, arguments, "it belongs to another user");
        chown(&path, Some(0), Some(0)).unwrap();
        if planted == "run.log" {
            assert_eq!(fs::read(&path).unwrap(), record, "nothing is appended");
        }
    }
    assert!(!coalition.file("a", "own.key.pub").exists(), "no foreign key was adopted");
    coalition.done("a", combine);
    coalition.done("a", &logged);
}

#[test]
fn no_link_is_followed_to_a_private_file_and_none_is_made_where_a_dangling_one_points() {
    let coalition = member();
    coalition.done("a", "split --secret-file secret --threshold 2 --keepers 2 --out shares");
    let logged = tokenize(&coalition, "--log run.log");
    for (name, arguments) in [
        ("secret", tokenize(&coalition, "").as_str()),
        ("own.key", &tokenize(&coalition, "")),
        ("shares/share-1", "combine --out again shares/share-1 shares/share-2"),
        ("run.log", &logged),
        ("rows.csv.nonce", &logged),
    ] {
        let (path, behind) = (coalition.file("a", name), coalition.file("a", "behind"));
        let is_there = path.exists();
        if is_there {
            fs::rename(&path, &behind).unwrap();
        }
        symlink(&behind, &path).unwrap();
        // Those of what is made when it is absent dangle.
        refused(&coalition, arguments, "got a symbolic link");
        fs::remove_file(&path).unwrap();
        assert_eq!(behind.exists(), is_there, "{name}");
        if is_there {
            fs::rename(&behind, &path).unwrap();
        }
    }
}

/// Whoever can write known keys can add one, and whoever can write `hub-only.json` decides which sets are asked for.
#[test]
fn what_a_command_trusts_is_the_users_own_file_that_others_may_not_write() {
    let coalition = member();
    coalition.write("b", "rows.csv", ROWS);
    let sets = ["a", "b"].map(|who| coalition.tokenize(who, COLUMNS).join(" "));
    coalition.done("a", &tokenize(&coalition, "--force --keep kept"));
    coalition.deliver("a", "sets"); // the set that is kept: one of another second is another file
    assert_eq!(coalition.intersect(&sets).code, Some(0));
    coalition.write("a", "later.csv", "card\n9999100000001562\n");
    let later = "--input later.csv --out later --keep kept-later --follow kept";
    coalition.done("a", &format!("tokenize {} {COLUMNS} {later}", coalition.part("a")));
    let set = "card.pan-1.vms";
    let delta = format!("--base kept/{set} --new kept-later/{set} --out delta.vmd");
    coalition.done("a", &format!("delta --round round.json --member a --identity own.key {delta}"));
    coalition.carry("a", "delta.vmd", HUB, "delta.vmd");
    coalition.done("a", "known add --known efc.known --round round.json");
    // All in one folder, as the helper looks into it.
    for name in ["own.key", "delta.vmd"].map(str::to_owned).iter().chain(&sets) {
        coalition.carry(HUB, name, "a", &format!("hub.{name}"));
    }
    coalition.carry(HUB, "result/hub-only.json", "a", "hub-only.json");
    let notices = format!(
        "notices --round round.json --identity hub.own.key --hub-only hub-only.json --delta hub.delta.vmd --out told hub.{} hub.{}",
        sets[0], sets[1]
    );
    let with_known = format!("{} --known efc.known", tokenize(&coalition, "").replace("sets", "more"));
    let commands = [
        ("efc.known", with_known.as_str()),
        ("efc.known", "verify --round round.json --known efc.known round.json"),
        ("efc.known", "known add --known efc.known --round round.json"),
        ("efc.known", "known list --known efc.known"),
        ("hub-only.json", &notices),
    ];
    for (name, arguments) in commands {
        let (path, behind) = (coalition.file("a", name), coalition.file("a", "behind"));
        for mode in [0o620, 0o602, 0o666] {
            set_mode(&path, mode);
            refused(&coalition, arguments, &format!("{name}: others than its owner may write it"));
        }
        set_mode(&path, 0o644); // what stands there others may know
        if can_give_away(&coalition.of("a")) {
            chown(&path, Some(OTHER), Some(OTHER)).unwrap();
            refused(&coalition, arguments, &format!("{name}: it belongs to another user"));
            chown(&path, Some(0), Some(0)).unwrap();
        }
        fs::rename(&path, &behind).unwrap();
        symlink(&behind, &path).unwrap();
        refused(&coalition, arguments, "got a symbolic link");
        fs::remove_file(&path).unwrap();
        fs::rename(&behind, &path).unwrap();
        coalition.done("a", arguments);
    }
}

#[test]
fn a_record_that_others_may_write_is_refused_and_stays_as_it_is() {
    let coalition = member();
    let logged = tokenize(&coalition, "--force --log run.log");
    coalition.done("a", &logged);
    let path = coalition.file("a", "run.log");
    let before = fs::read(&path).unwrap();
    for mode in [0o620, 0o602, 0o666, 0o660] {
        set_mode(&path, mode);
        refused(&coalition, &logged, "run.log: others than its owner may write it; expected mode 0600");
        assert_eq!(fs::read(&path).unwrap(), before, "{mode:o}");
    }
    // What it says is no secret.
    for mode in [0o644, 0o600, 0o640] {
        set_mode(&path, mode);
        coalition.done("a", &logged);
    }
}

#[test]
fn a_folder_in_which_anybody_may_exchange_files_keeps_nothing_private() {
    let coalition = member();
    let folder = coalition.of("a");
    let logged = tokenize(&coalition, "--log run.log");
    for (mode, refuses) in [(0o777, true), (0o703, true), (0o1777, false), (0o775, false), (0o755, false)] {
        set_mode(&folder, mode);
        for arguments in ["keygen --out new.secret", "keygen --identity --out new.key", &logged] {
            let run = coalition.run("a", arguments);
            let said = run.stderr.contains("anybody may exchange files in its folder");
            assert_eq!(
                (run.code, said),
                if refuses { (Some(1), true) } else { (Some(0), false) },
                "{mode:o}"
            );
        }
        assert_eq!(coalition.file("a", "new.key").exists(), !refuses, "{mode:o}");
        for made in ["new.secret", "new.key", "new.key.pub", "run.log"] {
            let _ = fs::remove_file(coalition.file("a", made));
        }
        let _ = fs::remove_dir_all(coalition.file("a", "sets"));
    }
}

#[test]
fn public_keys_are_written_by_their_owner_alone_whatever_the_umask() {
    let folder = tempfile::tempdir().unwrap();
    for (umask, expected) in [("000", 0o644), ("022", 0o644), ("077", 0o600)] {
        let script = format!(
            "umask {umask}; exec {} keygen --identity --out of-{umask}.key",
            env!("CARGO_BIN_EXE_veilmatch")
        );
        let run = Command::new("sh").args(["-c", &script]).current_dir(&folder).output().unwrap();
        assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
        let mode = |name: String| fs::metadata(folder.path().join(name)).unwrap().mode() & 0o7777;
        assert_eq!(mode(format!("of-{umask}.key.pub")), expected, "{umask}");
        assert_eq!(mode(format!("of-{umask}.key")), 0o600, "{umask}");
    }
}

#[test]
fn who_only_reads_a_record_need_not_own_it() {
    let coalition = member();
    coalition.done("a", &tokenize(&coalition, "--log run.log"));
    let path = coalition.file("a", "run.log");
    if can_give_away(&coalition.of("a")) {
        chown(&path, Some(OTHER), Some(OTHER)).unwrap();
    }
    symlink(&path, coalition.file("a", "copy.log")).unwrap();
    coalition.done("a", "verify --log copy.log");
}
