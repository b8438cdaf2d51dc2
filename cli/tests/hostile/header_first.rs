//! A file's header decides before anything else of it is read: what is over a limit, of another round or out of date
//! costs no more than a page. What follows the header here is damaged, missing or without end, and is never looked at.

use std::fs;
use std::io::{ErrorKind, Write as _};
use std::process::Stdio;

use crate::support::coalition::{Coalition, HUB};
use crate::support::files::Forger;
use crate::support::run::Run;
use veilmatch::container::HEADER_LEN;
use veilmatch::round::identity::Identity;
use veilmatch::round::seal;
use veilmatch::terms::PublicKeys;

const COLUMN: &str = "--column wallet=crypto.evm";
const TOKENS: u64 = 12_000_000;

/// Two members with one common row, and a result.
fn coalition(sealed: bool) -> Coalition {
    let coalition = Coalition::new(&["a", "b"], sealed, "--at-least 2 --kind crypto.evm --max-set 10");
    for who in ["a", "b"] {
        coalition.write(who, "rows.csv", "wallet\n0x52908400098527886E0F7030069857D2E4169EE7\n");
        coalition.tokenize(who, COLUMN);
    }
    let run = coalition.intersect(&["a.crypto.evm-1.vms".into(), "b.crypto.evm-1.vms".into()]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    coalition.carry(HUB, "result/a.crypto.evm-1.vsh", "a", "own.vsh");
    coalition
}

/// A file as it is before it is sealed.
fn opened(coalition: &Coalition, who: &str, name: &str) -> Vec<u8> {
    let bytes = fs::read(coalition.file(who, name)).unwrap();
    if !seal::is_sealed(&bytes) {
        return bytes;
    }
    let mut content = Vec::new();
    let identity = Identity::read_file(&coalition.file(who, "own.key")).unwrap();
    std::io::Read::read_to_end(&mut seal::open(&identity, &bytes[..]).unwrap(), &mut content).unwrap();
    content
}

/// The page of a set or handshake that claims more tokens than it has.
fn claiming(file: &[u8], tokens: u64) -> Vec<u8> {
    let before = crate::support::files::header_of(file)["tokens"].as_u64().unwrap();
    let rows = crate::support::files::header_of(file)["counters"]["rows"].as_u64().unwrap();
    let (accepted, changed) = (r#""accepted":"#, r#","changed""#);
    let forged = Forger::of(file)
        .replace(&format!(r#""tokens":{before}}}"#), &format!(r#""tokens":{tokens}}}"#))
        .replace(&format!(r#""rows":{rows},"#), &format!(r#""rows":{},"#, tokens + rows - before))
        .replace(
            &format!("{accepted}{rows}{changed}"),
            &format!("{accepted}{}{changed}", tokens + rows - before),
        );
    forged.file()[..HEADER_LEN].to_vec()
}

/// Puts a page in a file, sealed to whoever is to read it, with an end that is none.
fn put(coalition: &Coalition, who: &str, name: &str, page: &[u8]) {
    if !coalition.sealed {
        return coalition.write(who, name, [page, b"and then nothing of use"].concat());
    }
    let keys: PublicKeys = fs::read_to_string(coalition.file(who, "own.key.pub")).unwrap().parse().unwrap();
    let mut sealer = seal::seal(&keys.seal, Vec::new()).unwrap();
    sealer.write_all(page).and_then(|()| sealer.write_all(&vec![7; 200_000])).unwrap();
    let mut sealed = sealer.finish().unwrap();
    let at = sealed.len() - 100;
    sealed[at] ^= 1;
    coalition.write(who, name, sealed);
}

fn require_refused(run: &Run, words: &str) {
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    assert!(run.stderr.contains(words), "expected {words}: {}", run.stderr);
}

#[test]
fn a_set_over_the_largest_is_refused_by_its_header() {
    for sealed in [false, true] {
        let coalition = coalition(sealed);
        let page = claiming(&opened(&coalition, HUB, "a.crypto.evm-1.vms"), TOKENS);
        put(&coalition, HUB, "large.vms", &page);
        for memory in ["", "--memory 1KiB"] {
            let run = coalition.run(
                HUB,
                &format!(
                    "intersect --round round.json {} {memory} --out out large.vms b.crypto.evm-1.vms",
                    coalition.identity()
                ),
            );
            require_refused(&run, "large.vms: the set of a has 12000000 tokens; this round allows 10");
            assert_eq!(run.stderr.matches("large.vms").count(), 1, "{}", run.stderr);
        }
        assert!(!coalition.file(HUB, "out").exists());
    }
}

#[test]
fn a_set_of_another_round_or_out_of_date_is_refused_by_its_header() {
    for sealed in [false, true] {
        let coalition = coalition(sealed);
        let file = opened(&coalition, HUB, "a.crypto.evm-1.vms");
        let page = |from: &str, to: &str| Forger::of(&file).replace(from, to).file()[..HEADER_LEN].to_vec();
        let member = r#""member":"a""#;
        for (from, to, words) in [
            (r#""epoch":7"#, r#""epoch":8"#, "a differs in the epoch: expected 7, got 8"),
            (member, r#""member":"x""#, "x is not a member of this round"),
            (r#""not_after":null"#, r#""not_after":5"#, "not to be used after 1970-01-01T00:00:05Z"),
        ] {
            put(&coalition, HUB, "other.vms", &page(from, to));
            let run = coalition.intersect(&["other.vms".into(), "b.crypto.evm-1.vms".into()]);
            require_refused(&run, words);
        }
    }
}

#[test]
fn a_handshake_of_another_length_than_its_table_is_refused_by_its_header() {
    for sealed in [false, true] {
        let coalition = coalition(sealed);
        let mut hands = Vec::new();
        for who in ["a", "b"] {
            coalition.done(who, &format!("tokenize {} --handshake --out hands", coalition.part(who)));
            hands.extend(coalition.deliver(who, "hands"));
        }
        let intersect = format!("intersect --round round.json {} --handshake", coalition.identity());
        let good = coalition.done(HUB, &format!("{intersect} {}", hands.join(" ")));
        assert_eq!(good.stdout, "a crypto.evm/1: agrees\nb crypto.evm/1: agrees\n");
        let file = opened(&coalition, HUB, &hands[0]);
        for tokens in [TOKENS, 8, 6, 0] {
            put(&coalition, HUB, "long.vmh", &claiming(&file, tokens));
            let run = coalition.run(HUB, &format!("{intersect} long.vmh {}", hands[1]));
            require_refused(
                &run,
                &format!("the handshake of a has {tokens} tokens; the self-test table of its kind gives 7"),
            );
        }
    }
}

/// A whole handshake whose tokens are good, but more than there should be, and one that lacks some.
#[test]
fn a_whole_handshake_of_another_length_does_not_agree_either() {
    let coalition = coalition(false);
    let mut hands = Vec::new();
    for who in ["a", "b"] {
        coalition.done(who, &format!("tokenize {} --handshake --out hands", coalition.part(who)));
        hands.extend(coalition.deliver(who, "hands"));
    }
    let run = |coalition: &Coalition| {
        coalition.run(HUB, "intersect --round round.json --handshake a.long.vmh b.long.vmh")
    };
    for tokens in [2000u64, 3] {
        for (who, name) in ["a", "b"].iter().zip(&hands) {
            let file = opened(&coalition, HUB, name);
            let before = crate::support::files::header_of(&file)["tokens"].as_u64().unwrap();
            let mut forged = Forger::of(&file);
            forged.head = String::from_utf8(claiming(&file, tokens)).unwrap().trim_end().to_owned();
            let forged = forged.records(|records| {
                *records = (0..tokens).flat_map(|number| (u128::from(number) << 90).to_be_bytes()).collect();
            });
            assert_eq!(before, 7);
            coalition.write(HUB, &format!("{who}.long.vmh"), forged.file());
        }
        require_refused(&run(&coalition), "the self-test table of its kind gives 7");
    }
}

#[test]
fn a_share_that_the_hub_did_not_sign_is_refused_by_its_header() {
    let coalition = coalition(true);
    let file = opened(&coalition, "a", "own.vsh");
    let keys = |who: &str| fs::read_to_string(coalition.file(who, "own.key.pub")).unwrap();
    let [hub, b] = [HUB, "b"].map(|who| keys(who).parse::<PublicKeys>().unwrap().sign.to_string());
    let resolve = format!("resolve {} {COLUMN} --input rows.csv --share forged.vsh", coalition.part("a"));
    let page = |from: &str, to: &str| Forger::of(&file).replace(from, to).file()[..HEADER_LEN].to_vec();
    for (from, to, words) in [
        (&hub, &b, "which is not the key of the hub in this round"),
        (&r#""at_least":2"#.to_owned(), &r#""at_least":1"#.to_owned(), "the threshold of the manifest"),
        (&r#""tokens":1}"#.to_owned(), &r#""tokens":11}"#.to_owned(), "no more tokens than a set"),
    ] {
        put(&coalition, "a", "forged.vsh", &page(from, to));
        require_refused(&coalition.run("a", &resolve), words);
    }
}

#[test]
fn a_delta_to_a_set_over_the_largest_is_refused_by_its_header() {
    for sealed in [false, true] {
        let coalition = coalition(sealed);
        let part = coalition.part("a");
        let tokenize = format!("tokenize {part} {COLUMN} --input rows.csv --force --out sets");
        coalition.done("a", &format!("{tokenize} --keep monday"));
        coalition.write(
            "a",
            "rows.csv",
            "wallet\n0x52908400098527886E0F7030069857D2E4169EE8\n".to_lowercase(),
        );
        coalition.done("a", &format!("{tokenize} --keep tuesday --follow monday"));
        let identity = coalition.identity();
        coalition.done(
            "a",
            &format!(
                "delta --round round.json {identity} --member a --base monday/crypto.evm-1.vms \
                 --new tuesday/crypto.evm-1.vms --out new.vmd"
            ),
        );
        coalition.carry("a", "new.vmd", HUB, "new.vmd");
        let page = claiming(&opened(&coalition, HUB, "new.vmd"), TOKENS);
        put(&coalition, HUB, "large.vmd", &page);
        let apply = format!("apply --round round.json {identity} --base a.crypto.evm-1.vms --out next.vms");
        let run = coalition.run(HUB, &format!("{apply} --delta large.vmd"));
        require_refused(&run, "large.vmd: the set of a has 12000000 tokens; this round allows 10");
    }
}

/// A pipe that never ends: whoever reads on waits for ever, or fills the memory.
#[test]
fn a_pipe_is_left_after_the_header() {
    let coalition = coalition(false);
    let page = claiming(&opened(&coalition, HUB, "a.crypto.evm-1.vms"), TOKENS);
    let mut child = coalition
        .command(HUB, "intersect --round round.json --out out - b.crypto.evm-1.vms")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut pipe = child.stdin.take().unwrap();
    pipe.write_all(&page).unwrap();
    let mut written: u64 = 0;
    let broken = loop {
        match pipe.write(&[0; 1 << 16]) {
            Ok(more) => written += more as u64,
            Err(error) => break error,
        }
        assert!(written < 64 << 20, "it reads on");
    };
    assert_eq!(broken.kind(), ErrorKind::BrokenPipe);
    let run: Run = child.wait_with_output().unwrap().into();
    require_refused(&run, "-: the set of a has 12000000 tokens; this round allows 10");
}
