//! By the program, of which the address space is limited: sets that are larger than it are inspected, verified and
//! screened against, as they lie there and sealed.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};

use crate::support::coalition::Coalition;
use crate::support::hub::name;
use crate::support::member::wallet;
use crate::support::run::Run;
use veilmatch::member::key::CoalitionSecret;
use veilmatch::round::identity::Identity;
use veilmatch::round::seal;
use veilmatch::terms::KindId;
use veilmatch::{Round, Token, TokenSet};

/// What a process may have in all, in KiB: less than the tokens of the set.
const LIMIT: u64 = 80 << 10;
const TOKENS: u64 = 6 << 20;

/// The member's own set, sealed to itself where the round is.
fn write_set(coalition: &Coalition, wallets: &[String]) {
    let of = |file: &str| coalition.file("a", file);
    let round = Round::from_bytes(&fs::read(of("round.json")).unwrap()).unwrap();
    let secret = CoalitionSecret::read_file(&of("secret")).unwrap();
    let tokenizer = round.tokenizer(&secret, &KindId::new("crypto.evm/1").unwrap(), &name("a")).unwrap();
    let spread = |number: u64| u128::from(number + 1).wrapping_mul(0x2d99_7879_26d4_6932_a4c1_f326_80f7_0c55);
    let mut tokens: Vec<Token> =
        (0..TOKENS).map(|number| Token::from_bytes(spread(number).to_be_bytes())).collect();
    tokens.extend(tokenizer.tokens(wallets.iter()).flatten().flatten());
    let set = TokenSet::from_tokens(tokenizer.terms().clone(), name("a"), tokens);
    assert_eq!(set.len() as u64, TOKENS + wallets.len() as u64);
    let mut out = File::create(of("set.vms")).unwrap();
    if coalition.sealed {
        let identity = Identity::read_file(&of("own.key")).unwrap();
        let mut sealer = seal::seal(&identity.public_keys().seal, out).unwrap();
        set.sign_to(&identity, &mut sealer).unwrap();
        sealer.finish().unwrap();
    } else {
        set.write_to(&mut out).unwrap();
    }
    assert!(of("set.vms").metadata().unwrap().len() > LIMIT << 10);
}

/// The program within the limit, with a file on its standard input.
fn limited(folder: &Path, arguments: &str, input: &Path) -> Run {
    let script = format!("ulimit -v {LIMIT} && exec {} {arguments}", env!("CARGO_BIN_EXE_veilmatch"));
    let mut command = Command::new("sh");
    command.args(["-c", &script]).current_dir(folder).stdin(Stdio::from(File::open(input).unwrap()));
    // What threads reserve is not what is measured.
    command.env("RAYON_NUM_THREADS", "1").env("MALLOC_ARENA_MAX", "1").output().unwrap().into()
}

#[test]
fn sets_beyond_memory_are_looked_at_and_screened_against() {
    for sealed in [false, true] {
        let coalition = Coalition::new(&["a", "b"], sealed, "--at-least 2 --kind crypto.evm");
        let wallets: Vec<String> = (0..10).map(wallet).collect();
        write_set(&coalition, &wallets);
        let folder = coalition.of("a");
        let stream: String = (5..15).map(|number| wallet(number) + "\n").collect();
        coalition.write("a", "stream.txt", stream);
        let input = coalition.file("a", "stream.txt");
        let run = |arguments: &str| limited(&folder, arguments, &input);
        let before = coalition.names_in("a", "");

        let identity = coalition.identity();
        let inspected = run(&format!("inspect {identity} set.vms"));
        assert_eq!(inspected.code, Some(0), "{}", inspected.stderr);
        let tokens = format!("\ntokens: {}\n", TOKENS + 10);
        assert!(inspected.stdout.starts_with("type: set\n") && inspected.stdout.contains(&tokens));

        let verified = run(&format!("verify {identity} --round round.json set.vms"));
        assert_eq!(verified.code, Some(0), "{}", verified.stderr);
        assert!(verified.stdout.starts_with("set.vms: valid set of round "), "{}", verified.stdout);

        let screen = format!("screen {} --set set.vms", coalition.part("a"));
        let screened = run(&format!("{screen} --memory 8MiB"));
        let hits: String = (1..=5).map(|row| format!("{row},{row},crypto.evm/1\n")).collect();
        assert_eq!(screened.stdout, format!("row,line,kind\n{hits}"), "{}", screened.stderr);
        assert_eq!(screened.code, Some(0));
        // What holds the whole set does not go through: the limit is one.
        assert_ne!(run(&screen).code, Some(0));
        assert_eq!(coalition.names_in("a", ""), before, "nothing is left");
    }
}

/// Damage at the very end of a large set is found, and told with the file's name.
#[test]
fn damage_of_a_set_beyond_memory_is_found() {
    use std::os::unix::fs::FileExt as _;

    for sealed in [false, true] {
        let coalition = Coalition::new(&["a", "b"], sealed, "--at-least 2 --kind crypto.evm");
        write_set(&coalition, &[]);
        let path = coalition.file("a", "set.vms");
        let file = File::options().read(true).write(true).open(&path).unwrap();
        let at = 16 * (TOKENS - 5);
        let mut byte = [0];
        file.read_exact_at(&mut byte, at).unwrap();
        file.write_all_at(&[byte[0] ^ 1], at).unwrap();
        for command in ["inspect", "verify"] {
            let arguments = format!("{command} {} set.vms", coalition.identity());
            let run = limited(&coalition.of("a"), &arguments, Path::new("/dev/null"));
            assert_eq!((run.code, run.stdout.as_str()), (Some(1), ""), "{}", run.stderr);
            assert!(run.stderr.starts_with("veilmatch: set.vms"), "{}", run.stderr);
        }
    }
}
