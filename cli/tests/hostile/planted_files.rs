//! Links, pipes, folders, and files of others or for others, in the place of each private file that a command reads.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, chown, symlink};
use std::path::Path;
use std::process::Command;

use crate::attack::{Attacks, COLUMNS, SHARE, coalition, intersect, resolve};
use crate::support::coalition::{Coalition, HUB};

/// Somebody else.
const OTHER: u32 = 65_534;

/// Every command that reads a private file: who runs it, the file, and the code of a refusal.
fn of_private_files(coalition: &Coalition) -> Vec<(&'static str, String, &'static str, &'static str)> {
    let tokenize = format!("tokenize {} {COLUMNS} --input rows.csv --out new", coalition.part("a"));
    let screen = format!("screen {} --share {SHARE}", coalition.part("a"));
    let delta = "delta --round round.json --member a --identity own.key --base sets/card.pan-1.vms \
                 --new sets/card.pan-1.vms --out new.vmd";
    let set = "a.card.pan-1.vms";
    let apply =
        format!("apply --round round.json --identity own.key --base {set} --delta {set} --out new.vms");
    vec![
        ("a", resolve(coalition, SHARE), "secret", "secret"),
        ("a", resolve(coalition, SHARE), "own.key", "identity"),
        ("a", tokenize.clone(), "secret", "secret"),
        ("a", tokenize, "own.key", "identity"),
        ("a", screen.clone(), "secret", "secret"),
        ("a", screen, "own.key", "identity"),
        ("a", delta.into(), "own.key", "identity"),
        ("a", "split --secret-file secret --threshold 2 --keepers 3 --out new".into(), "secret", "secret"),
        ("a", format!("inspect --identity own.key {SHARE}"), "own.key", "identity"),
        (HUB, intersect(set), "own.key", "identity"),
        (HUB, apply, "own.key", "identity"),
    ]
}

/// Puts something in the place of a file while it is attacked with.
fn in_its_place(path: &Path, plant: impl Fn(&Path, &Path), attack: impl FnOnce()) {
    let kept = path.with_extension("kept");
    fs::rename(path, &kept).unwrap();
    plant(path, &kept);
    attack();
    if fs::symlink_metadata(path).unwrap().is_dir() {
        fs::remove_dir(path).unwrap();
    } else {
        fs::remove_file(path).unwrap();
    }
    fs::rename(&kept, path).unwrap();
}

fn pipe(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

fn copy_with_mode(from: &Path, to: &Path, mode: u32) {
    fs::copy(from, to).unwrap();
    fs::set_permissions(to, fs::Permissions::from_mode(mode)).unwrap();
}

/// Whether this user may give files away: where tests run as root.
fn can_give_away(folder: &Path) -> bool {
    let probe = folder.join("probe");
    fs::write(&probe, "").unwrap();
    let given = chown(&probe, Some(OTHER), Some(OTHER)).is_ok();
    fs::remove_file(&probe).unwrap();
    if !given {
        println!("not tried with files of another user: this one may not give files away");
    }
    given
}

#[test]
fn a_private_file_that_may_be_planted_is_refused_by_every_command() {
    let coalition = coalition();
    let can_give_away = can_give_away(&coalition.of("a"));
    for (who, arguments, file, code) in of_private_files(&coalition) {
        let path = coalition.file(who, file);
        let refused = |says: &str| Attacks(&coalition).check(&[(who, arguments.clone(), code, says)]);
        let folder = || {
            let says = "expected a regular file, got a folder; --";
            Attacks(&coalition).check(&[(who, arguments.clone(), "folder", says)]);
        };
        let link = |path: &Path, kept: &Path| symlink(kept, path).unwrap();
        in_its_place(&path, link, || refused("symbolic link"));
        in_its_place(&path, |path, _| symlink("nowhere", path).unwrap(), || refused("symbolic link"));
        in_its_place(&path, |path, _| pipe(path), || refused("expected a regular file"));
        in_its_place(&path, |path, _| fs::create_dir(path).unwrap(), folder);
        let null = |path: &Path, _: &Path| symlink("/dev/null", path).unwrap();
        in_its_place(&path, null, || refused("symbolic link"));
        for mode in [0o604, 0o640, 0o602, 0o777] {
            let open = |path: &Path, kept: &Path| copy_with_mode(kept, path, mode);
            in_its_place(&path, open, || refused("expected mode 0600"));
        }
        if can_give_away {
            let foreign = |path: &Path, kept: &Path| {
                copy_with_mode(kept, path, 0o600);
                chown(path, Some(OTHER), Some(OTHER)).unwrap();
            };
            in_its_place(&path, foreign, || refused("belongs to another user"));
        }
    }
}
