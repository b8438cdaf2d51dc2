//! Thousands of manifests: each is refused by a code of its own, or is another manifest than the one agreed and says so
//! by its digest.

use std::collections::BTreeMap;

use veilmatch::Round;
use veilmatch::terms::RoundDigest;

use crate::attack::within_64_mb;
use crate::support::mutation::Random;
use crate::support::thorough::times;

const MUTATIONS: u32 = 2_000;
const HUB_SIGN: &str = "ed4928c628d1c2c6eae90338905995612959273a5c63f93636c14614ac8737d1";

/// The manifest that SPEC.md shows.
fn good() -> String {
    let specification = include_str!("../../../SPEC.md");
    let start = specification.find("{\n  \"format\": \"veilmatch round 1\"").unwrap();
    let len = specification[start..].find("```").unwrap();
    specification[start..start + len].to_owned()
}

fn agreed() -> RoundDigest {
    Round::from_bytes(good().as_bytes()).unwrap().digest()
}

/// The code of a refusal; none for a manifest that is taken, which must be read as it stands there.
fn code_of(manifest: &[u8]) -> Option<&'static str> {
    match Round::from_bytes(manifest) {
        Ok(round) => {
            assert!(round.to_bytes() == manifest, "another manifest was read than stands there");
            assert!(
                manifest == good().as_bytes() || round.digest() != agreed(),
                "another one for the agreed"
            );
            None
        }
        Err(error) => {
            let message = error.to_string();
            assert!(message.len() < 1_000 && !message.contains('\n'), "{message}");
            assert!(!message.contains('\u{202e}'), "{message:?}");
            Some(error.code())
        }
    }
}

/// The good one with one change, which there must be.
fn with(from: &str, to: &str) -> Vec<u8> {
    let changed = good().replacen(from, to, 1);
    assert_ne!(changed, good(), "{from}");
    changed.into_bytes()
}

/// What is wrong by design, and the code of its refusal.
fn by_design() -> Vec<(String, Vec<u8>, &'static str)> {
    let mut cases: Vec<(String, Vec<u8>, &'static str)> = Vec::new();
    let mut add = |what: &str, content: Vec<u8>, code| cases.push((what.to_owned(), content, code));

    let epoch = "\"epoch\": 1,";
    add("a field twice", with(epoch, "\"epoch\": 1,\n  \"epoch\": 1,"), "manifest");
    add("a field twice, escaped", with(epoch, "\"epoch\": 1,\n  \"\\u0065poch\": 2,"), "manifest");
    add("an escaped field", with("\"epoch\"", "\"\\u0065poch\""), "manifest");
    add("a key twice", with("\"sign\":", "\"sign\": \"00\",\n    \"sign\":"), "manifest");
    add(
        "a name twice",
        with("\"name\": \"bank-a\",", "\"name\": \"bank-a\", \"name\": \"bank-c\","),
        "manifest",
    );
    add("an unknown field", with(epoch, "\"epoch\": 1,\n  \"extra\": null,"), "manifest");
    add("an unknown field of a member", with("\"keys\":", "\"role\": \"hub\",\n      \"keys\":"), "manifest");
    for field in ["epoch", "number", "nonce", "at_least", "kinds", "members", "hub", "purpose"] {
        add(&format!("no {field}"), with(&format!("\"{field}\":"), "\"none\":"), "manifest");
    }
    for depth in [200, 100_000, 500_000] {
        add("deep arrays", with("\"purpose\":", &format!("\"purpose\": {}", "[".repeat(depth))), "manifest");
        add("deep objects", with(epoch, &format!("\"epoch\": {}", "{\"a\":".repeat(depth / 5))), "manifest");
        add("only arrays", "[".repeat(depth).into_bytes(), "manifest");
    }
    let digits = "9".repeat(100_000);
    for integer in [
        "-1",
        "-0",
        "1.0",
        "1e0",
        "1e400",
        "-1e999",
        "9007199254740992",
        "18446744073709551615",
        "18446744073709551616",
        "01",
        "+1",
        "0x1",
        "1_0",
        "NaN",
        "Infinity",
        "\"1\"",
        "null",
        "true",
        "[1]",
        "{}",
        &digits,
    ] {
        for field in ["\"epoch\": 1,", "\"number\": 7,", "\"at_least\": 2,", "\"max_set\": 1000000,"] {
            let (name, value) = field.split_once(' ').unwrap();
            // `null` is how a bound that is absent is written.
            if (name, integer) != ("\"max_set\":", "null") {
                add(&format!("{name} {integer:.30}"), with(field, &format!("{name} {integer},")), "manifest");
            }
            let _ = value;
        }
    }
    for at_least in ["0", "1", "3", "2048"] {
        add("a threshold", with("\"at_least\": 2", &format!("\"at_least\": {at_least}")), "manifest");
    }
    for name in [
        "",
        " ",
        ".",
        "..",
        "../a",
        "a/b",
        "bank\\\\a",
        "b\u{430}nk-a",
        "\u{ff42}ank-a",
        "bank-a\u{202e}",
        "bank\u{200b}-a",
        "ba\u{308}nk",
        "\u{feff}bank-a",
        "\\u0000",
        "\\ud800",
        "bank-a\\n",
        "con",
        "NUL",
        "com1",
    ] {
        add(&format!("the name {name:?}"), with("\"bank-a\"", &format!("\"{name}\"")), "manifest");
        add(&format!("the coalition {name:?}"), with("\"example\"", &format!("\"{name}\"")), "manifest");
    }
    add("an escaped name", with("\"bank-a\"", "\"\\u0062ank-a\""), "manifest");
    add("a member twice", with("\"bank-b\"", "\"bank-a\""), "duplicate_member");
    add("a member twice, in another case", with("\"bank-a\"", "\"BANK-B\""), "duplicate_member");
    for purpose in ["\u{202e}", "\\u202e", "\\u0007", "\u{7}", "\u{e9}", &"x".repeat(257)] {
        add("a purpose", with("case 7\\\\b, \\\"mule ring\\\"", purpose), "manifest");
    }

    let text = good();
    let bytes = text.as_bytes();
    add("a byte-order mark", [b"\xef\xbb\xbf", bytes].concat(), "manifest");
    add("UTF-16", text.encode_utf16().flat_map(u16::to_le_bytes).collect(), "manifest");
    add("line ends of Windows", text.replace('\n', "\r\n").into_bytes(), "manifest");
    add("no last line end", text.trim_end().as_bytes().to_vec(), "manifest");
    add("one line end more", [bytes, b"\n"].concat(), "manifest");
    add("a mebibyte of line ends more", [bytes, &vec![b'\n'; 1 << 20]].concat(), "manifest");
    add("a zero more", [bytes, b"\0"].concat(), "manifest");
    add("a second one behind it", [bytes, bytes].concat(), "manifest");
    add("a comment", [b"// agreed\n", bytes].concat(), "manifest");
    add("overlong UTF-8", with_bytes(bytes, b"bank-a", b"bank\xc0\xada"), "manifest");
    add("a surrogate in UTF-8", with_bytes(bytes, b"bank-a", b"bank\xed\xa0\x80"), "manifest");
    for nothing in ["", " ", "null", "true", "0", "\"\"", "[]", "{}", "[{}]", "\0", "veilmatch set 1\n"] {
        add(&format!("{nothing:?}"), nothing.as_bytes().to_vec(), "manifest");
    }
    assert_eq!(code_of(&crowded(2_048)), None, "as many as there may be");
    add("2,049 members", crowded(2_049), "manifest");
    add("100,000 members", crowded(100_000), "manifest");
    add("no members", emptied("members"), "manifest");
    add("no kinds", emptied("kinds"), "manifest");

    let of_a = "8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c";
    add("the hub's key as a member's", with(of_a, HUB_SIGN), "manifest");
    for (what, key) in [
        ("order 1", "0100000000000000000000000000000000000000000000000000000000000000"),
        ("order 2", "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
        ("order 4", "0000000000000000000000000000000000000000000000000000000000000000"),
        ("order 8", "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"),
        ("order 1, spelled otherwise", "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
        ("a second spelling", "f0ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
        ("no point", "0200000000000000000000000000000000000000000000000000000000000000"),
    ] {
        add(&format!("a hub's key: {what}"), with(HUB_SIGN, key), "signing_key");
        add(&format!("a member's key: {what}"), with(of_a, key), "signing_key");
    }
    for (what, key, code) in [
        ("in capitals", HUB_SIGN.to_uppercase(), "manifest"),
        ("cut short", HUB_SIGN[..62].to_owned(), "manifest"),
        ("with a space", format!(" {HUB_SIGN}"), "manifest"),
    ] {
        add(&format!("a hub's key {what}"), with(HUB_SIGN, &key), code);
    }
    let seal = "age1r9lu93t8msp7u24d7rkcv6qa4sjd4fmws0992kr4m5a7wdmw2vrq4tn22d";
    add("a key to seal to, in capitals", with(seal, &seal.to_uppercase()), "manifest");
    add("a key to seal to, mistyped", with(seal, &seal.replace("4tn22d", "4tn22p")), "seal");
    cases
}

fn with_bytes(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let at = bytes.windows(from.len()).position(|window| window == from).unwrap();
    [&bytes[..at], to, &bytes[at + from.len()..]].concat()
}

/// A trial's manifest with this number of members.
fn crowded(members: usize) -> Vec<u8> {
    let text = good();
    let (beginning, rest) = text.split_at(text.find("\"hub\": {").unwrap());
    assert!(rest.contains("\"members\": ["));
    let mut crowd = format!("{beginning}\"hub\": null,\n  \"members\": [");
    for number in 0..members {
        let comma = if number == 0 { "" } else { "," };
        crowd += &format!("{comma}\n    {{\n      \"name\": \"m{number:06}\",\n      \"keys\": null\n    }}");
    }
    (crowd + "\n  ]\n}\n").into_bytes()
}

fn emptied(field: &str) -> Vec<u8> {
    let mut value: serde_json::Value = serde_json::from_str(&good()).unwrap();
    value[field] = serde_json::json!([]);
    serde_json::to_vec(&value).unwrap()
}

#[test]
fn a_manifest_that_is_wrong_by_design_is_refused_by_its_own_code() {
    within_64_mb("hostile_manifests::a_manifest_that_is_wrong_by_design_is_refused_by_its_own_code", || {
        let cases = by_design();
        assert!(cases.len() > 150, "{}", cases.len());
        let wrong: Vec<String> = cases
            .iter()
            .filter(|(_, content, code)| code_of(content) != Some(code))
            .map(|(what, content, code)| format!("{what}: expected {code}, got {:?}", code_of(content)))
            .collect();
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    });
}

#[test]
fn a_manifest_of_which_a_line_is_changed_is_refused_or_another() {
    within_64_mb("hostile_manifests::a_manifest_of_which_a_line_is_changed_is_refused_or_another", || {
        const VALUES: [&str; 14] = [
            "null",
            "true",
            "0",
            "1",
            "-1",
            "1e999",
            "18446744073709551616",
            "\"\"",
            "\"\\u202e\"",
            "\"x\"",
            "[]",
            "{}",
            "[[]]",
            "{\"sign\": null}",
        ];
        let text = good();
        let lines: Vec<&str> = text.lines().collect();
        let joined = |lines: &[&str]| format!("{}\n", lines.join("\n")).into_bytes();
        let (mut refused, mut other) = (0, 0);
        let mut attack = |content: Vec<u8>| match code_of(&content) {
            Some(_) => refused += 1,
            None => other += usize::from(content != text.as_bytes()),
        };
        for (number, line) in lines.iter().enumerate() {
            let mut changed = lines.clone();
            changed.remove(number);
            attack(joined(&changed));
            changed.splice(number..number, [*line, *line]);
            attack(joined(&changed));
            for with in number + 1..lines.len() {
                let mut changed = lines.clone();
                changed.swap(number, with);
                attack(joined(&changed));
            }
            let Some((field, _)) = line.split_once(": ") else { continue };
            for value in VALUES {
                let line = format!("{field}: {value}{}", if line.ends_with(',') { "," } else { "" });
                let mut changed = lines.clone();
                changed[number] = &line;
                attack(joined(&changed));
            }
        }
        // Bounds and dates may be absent, numbers others; nothing else.
        assert!(refused > 1_000 && (1..40).contains(&other), "{refused} refused, {other} other manifests");
    });
}

#[test]
fn a_manifest_of_which_bytes_are_changed_is_refused_or_another() {
    within_64_mb("hostile_manifests::a_manifest_of_which_bytes_are_changed_is_refused_or_another", || {
        let (text, mut random) = (good(), Random(12));
        let mut codes: BTreeMap<Option<&str>, u32> = BTreeMap::new();
        for number in 0..times(MUTATIONS) {
            let mut broken = text.clone().into_bytes();
            random.mutate(&mut broken, number % 2 == 0);
            *codes.entry(code_of(&broken)).or_default() += 1;
        }
        println!("{codes:?}");
        for code in codes.keys().flatten() {
            assert!(["manifest", "duplicate_member", "signing_key", "seal"].contains(code), "{codes:?}");
        }
        assert!(codes[&Some("manifest")] > MUTATIONS / 2, "{codes:?}");
    });
}
