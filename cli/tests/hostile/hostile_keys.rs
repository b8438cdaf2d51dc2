//! Thousands of files of public keys: each is refused by a code of its own, or read as it stands there.

use std::collections::BTreeMap;

use veilmatch::terms::PublicKeys;

use crate::attack::{coalition, refused, within_64_mb};
use crate::support::mutation::Random;
use crate::support::thorough::times;

const MUTATIONS: u32 = 2_000;
const SIGN: &str = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
const SEAL: &str = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj";

fn good() -> String {
    format!("veilmatch public keys 1\nsign: {SIGN}\nseal: {SEAL}\n")
}

/// The code of a refusal; none for keys that are taken, which must be read as they stand there.
fn code_of(content: &[u8]) -> Option<&'static str> {
    // What reads a file asks that first, and says it in the words of this code.
    let Ok(text) = std::str::from_utf8(content) else { return Some("identity") };
    match text.parse::<PublicKeys>() {
        Ok(keys) => {
            let lines = |text: &str| text.trim().lines().map(str::to_owned).collect::<Vec<_>>();
            assert_eq!(lines(&keys.to_string()), lines(text), "other keys were read than stand there");
            None
        }
        Err(error) => {
            let message = error.to_string();
            assert!(message.len() < 500 && !message.contains('\n'), "{message}");
            Some(error.code())
        }
    }
}

/// What is wrong by design, and the code of its refusal.
fn by_design() -> Vec<(String, Vec<u8>, &'static str)> {
    let text = good();
    let mut cases: Vec<(String, Vec<u8>, &'static str)> = Vec::new();
    let mut add =
        |what: &str, content: String, code| cases.push((what.to_owned(), content.into_bytes(), code));
    let with = |from: &str, to: &str| {
        let changed = good().replace(from, to);
        assert_ne!(changed, good(), "{from}");
        changed
    };
    add("nothing", String::new(), "identity");
    add("a line twice", format!("{text}sign: {SIGN}\n"), "identity");
    add(
        "lines in another order",
        format!("veilmatch public keys 1\nseal: {SEAL}\nsign: {SIGN}\n"),
        "identity",
    );
    add("another version", with("keys 1", "keys 2"), "identity");
    add("another title", with("public keys", "identity"), "identity");
    add("keys exchanged", format!("veilmatch public keys 1\nsign: {SEAL}\nseal: {SIGN}\n"), "identity");
    add("an empty line within", with("\nseal", "\n\nseal"), "identity");
    add("a zero", with("\nseal", "\0\nseal"), "identity");
    add("a byte-order mark", format!("\u{feff}{text}"), "identity");
    add("a tab", with("sign: ", "sign:\t"), "identity");
    add("spaces", with("sign: ", "sign:  "), "identity");
    add("a no-break space", with("sign: ", "sign:\u{a0}"), "identity");
    add("no line end of ours", text.replace('\n', "\u{2028}"), "identity");
    add("letters that look alike", with("seal", "se\u{430}l"), "identity");
    add("digits of full width", with(SIGN, &SIGN.replace('1', "\u{ff11}")), "identity");
    add("written from right to left", with(SIGN, &format!("\u{202e}{SIGN}")), "identity");
    add("capitals", with(SIGN, &SIGN.to_uppercase()), "identity");
    add("a hexadecimal prefix", with(SIGN, &format!("0x{}", &SIGN[2..])), "identity");
    add("a key too short", with(SIGN, &SIGN[2..]), "identity");
    add("a key too long", with(SIGN, &format!("{SIGN}00")), "identity");
    add("a key of a mebibyte", with(SIGN, &"0".repeat(1 << 20)), "identity");
    add("capitals to seal to", with(SEAL, &SEAL.to_uppercase()), "identity");
    add("a private key to seal to", with(SEAL, &format!("AGE-SECRET-KEY-1{}", "Q".repeat(58))), "identity");
    add("a recipient of a plugin", with(SEAL, &format!("age1yubikey1{}", "q".repeat(50))), "identity");
    add("a key of SSH", with(SEAL, "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA"), "identity");
    add("a checksum", with("unujwj", "unujwq"), "seal");
    for key in [
        "0100000000000000000000000000000000000000000000000000000000000000",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "0000000000000000000000000000000000000000000000000000000000000080",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "f0ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "0200000000000000000000000000000000000000000000000000000000000000",
    ] {
        add(key, with(SIGN, key), "signing_key");
    }
    cases.push(("no text".into(), [text.as_bytes(), b"\xff"].concat(), "identity"));
    cases
}

#[test]
fn public_keys_that_are_wrong_by_design_are_refused_by_their_own_code() {
    within_64_mb("hostile_keys::public_keys_that_are_wrong_by_design_are_refused_by_their_own_code", || {
        let wrong: Vec<String> = by_design()
            .iter()
            .filter(|(_, content, code)| code_of(content) != Some(code))
            .map(|(what, content, code)| format!("{what}: expected {code}, got {:?}", code_of(content)))
            .collect();
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    });
}

#[test]
fn public_keys_of_which_bytes_are_changed_are_refused() {
    within_64_mb("hostile_keys::public_keys_of_which_bytes_are_changed_are_refused", || {
        let mut random = Random(12);
        let mut codes: BTreeMap<Option<&str>, u32> = BTreeMap::new();
        for number in 0..times(MUTATIONS) {
            let mut broken = good().into_bytes();
            random.mutate(&mut broken, number % 2 == 0);
            *codes.entry(code_of(&broken)).or_default() += 1;
        }
        println!("{codes:?}");
        for code in codes.keys().flatten() {
            assert!(["identity", "signing_key", "seal"].contains(code), "{codes:?}");
        }
        assert!(codes[&Some("identity")] > MUTATIONS / 2, "{codes:?}");
    });
}

#[test]
fn the_program_refuses_what_the_library_does_and_makes_no_manifest_of_it() {
    let coalition = coalition();
    for (what, content, code) in by_design() {
        // How long a file may be is asked before what it says.
        let code = if content.len() > 512 { "format" } else { code };
        coalition.write("a", "hostile.pub", content);
        let new = "round new --coalition efc --epoch 7 --at-least 2 --kind card.pan --out new.json";
        for keys in [
            "--member a=hostile.pub --member b=b.pub --hub hub.pub",
            "--member a=own.key.pub --member b=b.pub --hub hostile.pub",
        ] {
            let refusal = refused(&coalition, "a", &format!("{new} {keys}"));
            assert_eq!(refusal.code, code, "{what}: {}", refusal.said);
            assert!(refusal.said.contains("hostile.pub: "), "{what}: {}", refusal.said);
        }
    }
}
