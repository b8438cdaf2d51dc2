//! Files and keys that are good, in the place of others.

use std::fs;

use crate::attack::{Attacks, SHARE, coalition, deliver, intersect, opened, resolve};
use crate::support::coalition::{Coalition, HUB};

const SET: &str = "a.card.pan-1.vms";
const HANDSHAKE: &str = "a.card.pan-1.vmh";
const LINE: &str = "expected the first line of a ";

/// What a member asks with its share or set in the place of which others are put.
fn screen(coalition: &Coalition, file: &str) -> String {
    format!("screen {} {file}", coalition.part("a"))
}

#[test]
fn a_file_of_another_type_is_refused_by_what_was_expected() {
    let coalition = coalition();
    let share = opened(&coalition, "a", SHARE);
    let (set, handshake) = (opened(&coalition, HUB, SET), opened(&coalition, HUB, HANDSHAKE));
    deliver(&coalition, HUB, "share.sealed", &share);
    for (name, content) in [("set.sealed", &set), ("handshake.sealed", &handshake), ("share.sealed", &share)]
    {
        deliver(&coalition, "a", name, content);
    }
    let [of_set, of_handshake, of_share, of_notice, of_delta] =
        ["set", "handshake", "share", "notice", "delta"].map(|what| format!("{LINE}{what}"));
    let shake = |file: &str| format!("intersect --round round.json --identity own.key --handshake {file}");
    let apply = |base: &str, delta: &str| {
        format!("apply --round round.json --identity own.key --base {base} --delta {delta} --out next.vms")
    };
    let notice = |file: &str| resolve(&coalition, file).replace("--share", "--notice");
    let delta = |base: &str, new: &str| {
        format!(
            "delta --round round.json --member a --identity own.key --base {base} --new {new} --out next.vmd"
        )
    };
    let (own, sealed) = ("the file is not sealed to this key", "expected a sealed file");
    Attacks(&coalition).check(&[
        (HUB, intersect("share.sealed"), "format", &of_set),
        (HUB, intersect(HANDSHAKE), "format", &of_set),
        (HUB, intersect(&format!("result/{SHARE}")), "seal", own),
        (HUB, intersect("round.json"), "seal", sealed),
        (HUB, intersect("own.key"), "seal", sealed),
        (HUB, intersect("own.key.pub"), "seal", sealed),
        (HUB, shake(SET), "format", &of_handshake),
        (HUB, shake("share.sealed"), "format", &of_handshake),
        (HUB, apply(SET, SET), "format", &of_delta),
        (HUB, apply("share.sealed", "share.sealed"), "format", &of_delta),
        (HUB, apply(SET, HANDSHAKE), "format", &of_delta),
        ("a", resolve(&coalition, "set.sealed"), "format", &of_share),
        ("a", resolve(&coalition, "handshake.sealed"), "format", &of_share),
        ("a", resolve(&coalition, "round.json"), "seal", sealed),
        ("a", resolve(&coalition, "secret"), "seal", sealed),
        ("a", resolve(&coalition, "own.key"), "seal", sealed),
        ("a", notice("share.sealed"), "format", &of_notice),
        ("a", notice("set.sealed"), "format", &of_notice),
        ("a", delta("share.sealed", "set.sealed"), "format", &of_set),
        ("a", delta("set.sealed", "share.sealed"), "format", &of_set),
        ("a", screen(&coalition, "--share set.sealed"), "format", &of_share),
        ("a", screen(&coalition, "--set share.sealed"), "format", &of_set),
        ("a", screen(&coalition, "--set handshake.sealed"), "format", &of_set),
    ]);
}

#[test]
fn a_key_or_secret_of_another_role_is_refused_and_never_shown() {
    let coalition = coalition();
    for (from, name, to, as_name) in [
        (HUB, "own.key", "a", "hub.key"),
        ("b", "own.key", "a", "b.key"),
        ("a", "own.key", HUB, "a.key"),
        ("a", "secret", HUB, "secret"),
    ] {
        coalition.carry(from, name, to, as_name);
    }
    coalition.done("a", "split --secret-file secret --threshold 2 --keepers 3 --out parts");
    coalition.done("a", "keygen --out other");
    coalition.done("a", "split --secret-file other --threshold 2 --keepers 3 --out others");
    let parts = coalition.names_in("a", "parts");
    let [one, two] = [&parts[0], &parts[1]];
    let resolve = resolve(&coalition, SHARE);
    let with = |from: &str, to: &str| resolve.replace(from, to);
    let as_hub = |key: &str| intersect(SET).replace("own.key", key);
    let new = |more: &str| {
        format!("round new --coalition efc --epoch 7 --at-least 2 --kind card.pan --out new.json {more}")
    };
    let combine = |parts: &str| format!("combine --out new.secret {parts}");
    let secret = "--secret-file secret";
    Attacks(&coalition).check(&[
        ("a", with("own.key", "hub.key"), "identity", "not the ones that the round lists"),
        ("a", with("own.key", "b.key"), "identity", "not the ones that the round lists"),
        ("a", with("--member a", "--member b"), "identity", "not the ones that the round lists"),
        ("a", with("--member a", "--member hub"), "not_in_round", "hub is not a member"),
        ("a", with("own.key", "own.key.pub"), "identity", ""),
        ("a", with("own.key", "secret"), "identity", ""),
        ("a", with("own.key", "round.json"), "identity", ""),
        ("a", with(secret, "--secret-file own.key"), "secret", ""),
        ("a", with(secret, "--secret-file round.json"), "secret", ""),
        ("a", with(secret, &format!("--secret-file parts/{one}")), "secret", ""),
        ("a", with(secret, "--secret-file other"), "terms_differ", "key id"),
        ("a", with("round.json", "own.key.pub"), "manifest", ""),
        ("a", with("round.json", "own.key"), "manifest", ""),
        ("a", with("round.json", "secret"), "manifest", ""),
        ("a", with("round.json", SHARE), "manifest", ""),
        ("a", format!("{resolve} --suppression round.json"), "suppression_list", ""),
        (HUB, as_hub("a.key"), "identity", "not the ones that the round lists"),
        (HUB, as_hub("secret"), "identity", ""),
        (HUB, as_hub("own.key.pub"), "identity", ""),
        ("a", new("--member a=own.key --member b=b.pub --hub hub.pub"), "identity", "expected public keys"),
        ("a", new("--member a=secret --member b=b.pub --hub hub.pub"), "identity", "expected public keys"),
        ("a", new("--member a=own.key.pub --member b=b.pub --hub b.pub"), "manifest", "different keys"),
        ("a", new("--member a=b.pub --member b=b.pub --hub hub.pub"), "manifest", "different keys"),
        ("a", combine(&format!("parts/{one} parts/{one}")), "secret_shares", ""),
        ("a", combine(&format!("parts/{one} others/{two}")), "secret_shares", ""),
        ("a", combine(&format!("parts/{one}")), "too_few_secret_shares", ""),
        ("a", combine(&format!("parts/{one} secret")), "secret_shares", "vmshare1"),
        ("a", "split --secret-file own.key --threshold 2 --keepers 3 --out new".into(), "secret", ""),
        ("a", "inspect own.key".into(), "format", ""),
        ("a", "inspect secret".into(), "format", ""),
    ]);
    assert!(!fs::exists(coalition.file("a", "new.secret")).unwrap());
}
