//! Custody: shares of a secret restore it when enough of one split are together, and otherwise say why not.

use std::collections::BTreeSet;
use std::fmt::Debug;

use crate::support::member::secret;
use bech32::primitives::decode::CheckedHrpstring;
use bech32::{Bech32m, ByteIterExt as _, Fe32IterExt as _, Hrp};
use proptest::prelude::*;
use veilmatch::Error;
use veilmatch::member::key::{CoalitionSecret, SecretShare};

/// The shares of SPEC.md, section 4, of the secret 00 01 … 1f, made by another program.
const VECTOR: [&str; 5] = [
    "vmshare1q8q0lmspqvqlqqef8t8lkjazhl6wujkadlkqsa2a6v683nrvtdtzpvfpqrl3fnsz85h2s3ufaessskq75n",
    "vmshare1q8q0lmspqvp0qqef8t8lkjaz58q3urtlpza50zprde80nmce4kdpckua4au9pl72e5a3n7zz8ewsw9vlkh",
    "vmshare1q8q0lmspqvplqqef8t8lkjazrc60y39xvfg53athkacc6tnml8wzm790hwf9yfksay864g7kec3su4qa76",
    "vmshare1q8q0lmspqvz0qqef8t8lkjazwpq8j4v9tjkw9cr0e9kc702t0cq64jyap9jclkc7ues7d8qkp4vsl3qc5q",
    "vmshare1q8q0lmspqvzlqqef8t8lkjaze76e28zuxerwm8fmzpf0hlpf9frek6a0rk8c6qsycf24t3uzl5nsdpv6ud",
];

/// The bytes 1, 2, … 32, which `secret` has.
const SECRET: [u8; 32] = {
    let mut bytes = [0; 32];
    let mut at = 0;
    while at < 32 {
        bytes[at] = at as u8 + 1;
        at += 1;
    }
    bytes
};

// --- Textbook Shamir over GF(2⁸) mod x⁸ + x⁴ + x³ + x² + 1 -----------------------------------------------

fn times(a: u8, b: u8) -> u8 {
    let (mut product, mut a) = (0, a);
    for bit in 0..8 {
        product ^= a * (b >> bit & 1);
        a = (a << 1) ^ (0x1d * (a >> 7));
    }
    product
}

fn inverse(a: u8) -> u8 {
    (1..=255).find(|b| times(a, *b) == 1).expect("only 0 has none")
}

/// The value at `x` of the polynomial of lowest degree through the points.
fn value_at(x: u8, points: &[(u8, u8)]) -> u8 {
    let term = |&(at, value): &(u8, u8)| {
        let others = points.iter().map(|(other, _)| *other).filter(|other| *other != at);
        others.fold(value, |term, other| times(term, times(x ^ other, inverse(at ^ other))))
    };
    points.iter().map(term).fold(0, |sum, term| sum ^ term)
}

fn values_at(x: u8, shares: &[Payload]) -> Vec<u8> {
    let points = |byte| shares.iter().map(|share| (share.index(), share.values()[byte])).collect::<Vec<_>>();
    (0..32).map(|byte| value_at(x, &points(byte))).collect()
}

// --- Lines ------------------------------------------------------------------------------------------------

/// What the checksum of a line covers.
#[derive(Clone)]
struct Payload(Vec<u8>);

impl Payload {
    fn of(share: &SecretShare) -> Self {
        Self(CheckedHrpstring::new::<Bech32m>(&share.to_line()).unwrap().byte_iter().collect())
    }

    fn index(&self) -> u8 {
        self.0[6]
    }

    fn values(&self) -> &[u8] {
        &self.0[15..]
    }

    /// A line with these bytes, from `at` on, in place of its own, and a checksum that fits.
    fn forged(&self, at: usize, bytes: &[u8]) -> String {
        let mut payload = self.0.clone();
        payload[at..at + bytes.len()].copy_from_slice(bytes);
        line("vmshare", &payload)
    }
}

fn line(prefix: &str, payload: &[u8]) -> String {
    let hrp = Hrp::parse(prefix).unwrap();
    payload.iter().copied().bytes_to_fes().with_checksum::<Bech32m>(&hrp).chars().collect()
}

fn again(share: &SecretShare) -> SecretShare {
    SecretShare::parse(&share.to_line()).unwrap()
}

/// The shares whose bits are set.
fn subset(shares: &[SecretShare], chosen: u32) -> Vec<SecretShare> {
    shares.iter().enumerate().filter(|(at, _)| chosen >> at & 1 == 1).map(|(_, share)| again(share)).collect()
}

fn is_secret(restored: &CoalitionSecret) -> bool {
    *restored.to_line() == *secret().to_line()
}

fn problem(error: &Error) -> &'static str {
    let Error::SecretShares { problem } = error else { panic!("{error:?}") };
    assert_eq!(error.code(), "secret_shares");
    problem
}

// --- Restoring --------------------------------------------------------------------------------------------

#[test]
fn whatever_shares_reach_the_threshold_restore_the_secret_and_fewer_are_refused() {
    for keepers in 2..=6_u8 {
        for threshold in 2..=keepers {
            let shares = secret().split(threshold, keepers).unwrap();
            assert!(shares.iter().map(SecretShare::index).eq(1..=keepers));
            for chosen in 0..1_u32 << keepers {
                let mut some = subset(&shares, chosen);
                let enough = some.len() >= threshold.into();
                for _ in 0..2 {
                    match CoalitionSecret::combine(&some) {
                        Ok(restored) => assert!(enough && is_secret(&restored)),
                        Err(Error::TooFewSecretShares { threshold: least, shares }) => {
                            assert!(!enough && shares == some.len());
                            assert_eq!(least, if some.is_empty() { 2 } else { threshold });
                        }
                        Err(error) => panic!("{keepers} {threshold} {chosen:b}: {error}"),
                    }
                    some.reverse();
                }
            }
        }
    }
}

#[test]
fn a_split_has_two_or_more_keepers_and_no_more_needed_than_there_are() {
    for (threshold, keepers) in [(0, 0), (0, 5), (1, 1), (1, 5), (2, 1), (3, 2), (255, 254)] {
        let error = secret().split(threshold, keepers).unwrap_err();
        assert!(problem(&error).starts_with("expected a threshold"), "{threshold} {keepers}");
    }
    for (threshold, keepers) in [(2, 255), (255, 255)] {
        let shares = secret().split(threshold, keepers).unwrap();
        assert!(shares.iter().map(SecretShare::index).eq(1..=keepers));
        let first = &shares[..threshold.into()];
        let last = &shares[usize::from(keepers - threshold)..];
        assert!(is_secret(&CoalitionSecret::combine(first).unwrap()));
        assert!(is_secret(&CoalitionSecret::combine(last).unwrap()));
    }
}

#[test]
fn the_shares_of_the_specification_restore_its_secret() {
    let shares = VECTOR.map(|line| SecretShare::parse(line).unwrap());
    for (share, line) in shares.iter().zip(VECTOR) {
        assert_eq!(*share.to_line(), line);
        assert_eq!(share.threshold(), 3);
        assert_eq!(share.secret_id().to_string(), "f003293acffb4ba2");
    }
    assert!(shares.iter().map(SecretShare::index).eq(1..=5));
    let restored = CoalitionSecret::combine(&shares[2..]).unwrap();
    assert_eq!(*restored.to_line(), "vmsecret1qqqsyqcyq5rqwzqfpg9scrgwpugpzysnzs23v9ccrydpk8qarc0sjl3rka");
    assert_eq!(restored.id().to_string(), "f003293acffb4ba2");
}

#[test]
fn shares_are_textbook_points_of_the_stated_field() {
    let shares: Vec<_> = secret().split(4, 7).unwrap().iter().map(Payload::of).collect();
    assert_eq!(values_at(0, &shares[..4]), SECRET);
    assert_eq!(values_at(0, &shares), SECRET);
    for further in &shares[4..] {
        assert_eq!(values_at(further.index(), &shares[..4]), further.values());
    }
    assert_ne!(values_at(0, &shares[..3]), SECRET, "the degree is not lower than stated");
}

#[test]
fn every_coefficient_occurs_zero_too() {
    // With a threshold of 2 the coefficient of each byte is what share 1 adds to the secret.
    let mut seen = BTreeSet::new();
    for _ in 0..400 {
        let share = Payload::of(&secret().split(2, 2).unwrap()[0]);
        seen.extend(share.values().iter().zip(SECRET).map(|(value, secret)| value ^ secret));
    }
    assert_eq!(seen.len(), 256, "of 12,800 drawn, none misses one of 256 by chance");
}

// --- Wrong mixes ------------------------------------------------------------------------------------------

#[test]
fn wrong_mixes_are_refused_each_by_its_own_error() {
    let ours = secret().split(2, 3).unwrap();
    let again_split = secret().split(2, 3).unwrap();
    let of_other = CoalitionSecret::generate().unwrap().split(2, 3).unwrap();
    let threshold = SecretShare::parse(&Payload::of(&ours[1]).forged(5, &[3])).unwrap();
    for (odd, expected) in [
        (&of_other[1], "they are of different secrets"),
        (&again_split[1], "they are of different splits of the secret"),
        (&threshold, "they differ in how many restore the secret"),
        (&ours[0], "the same index is there twice"),
    ] {
        let pairs = [vec![again(&ours[0]), again(odd)], vec![again(odd), again(&ours[0])]];
        // Nor is one more than needed passed over.
        let three = vec![again(&ours[0]), again(&ours[2]), again(odd)];
        for mix in pairs.into_iter().chain([three]) {
            assert_eq!(problem(&CoalitionSecret::combine(&mix).unwrap_err()), expected);
        }
    }
    assert!(is_secret(&CoalitionSecret::combine(&ours).unwrap()));
}

#[test]
fn a_forged_value_with_a_fitting_checksum_is_refused_wherever_it_stands() {
    let shares = secret().split(3, 5).unwrap();
    for changed in 0..5 {
        for byte in 0..32 {
            let payload = Payload::of(&shares[changed]);
            let forged = payload.forged(15 + byte, &[payload.values()[byte] ^ 0x40]);
            let mut mix = subset(&shares, 0b11111);
            mix[changed] = SecretShare::parse(&forged).unwrap();
            for chosen in (0..32_u32).filter(|chosen| chosen.count_ones() >= 3 && chosen >> changed & 1 == 1)
            {
                let error = CoalitionSecret::combine(&subset(&mix, chosen)).unwrap_err();
                assert!(problem(&error).starts_with("they do not give the secret whose id"));
            }
        }
    }
}

#[test]
fn changes_that_cancel_out_over_all_shares_are_refused() {
    // Both polynomials through four shares give the secret at 0, but only one is of degree 2.
    let shares = secret().split(3, 4).unwrap();
    let mut payloads: Vec<_> = shares.iter().map(Payload::of).collect();
    let target: Vec<u8> = payloads[0].values().iter().map(|value| value ^ 9).collect();
    payloads[0].0[15..].copy_from_slice(&target);
    // The fourth value that brings all four back to the secret.
    let mut known = payloads[..3].to_vec();
    let mut at_zero = payloads[0].clone();
    at_zero.0[6] = 0;
    at_zero.0[15..].copy_from_slice(&SECRET);
    known.push(at_zero);
    let fourth = values_at(4, &known);
    payloads[3].0[15..].copy_from_slice(&fourth);
    assert_eq!(values_at(0, &payloads), SECRET);
    let mix: Vec<_> =
        payloads.iter().map(|payload| SecretShare::parse(&line("vmshare", &payload.0)).unwrap()).collect();
    assert!(problem(&CoalitionSecret::combine(&mix).unwrap_err()).starts_with("they do not give"));
}

#[test]
fn a_share_that_names_another_secret_than_it_gives_is_refused() {
    let shares = secret().split(2, 2).unwrap();
    let forged: Vec<_> = shares
        .iter()
        .map(|share| SecretShare::parse(&Payload::of(share).forged(7, &[0; 8])).unwrap())
        .collect();
    assert!(problem(&CoalitionSecret::combine(&forged).unwrap_err()).starts_with("they do not give"));
}

// --- Lines and files --------------------------------------------------------------------------------------

#[test]
fn every_changed_character_of_a_line_is_found() {
    let line = VECTOR[1];
    assert!(SecretShare::parse(&format!(" {line}\r\n")).is_ok());
    for at in 0..line.len() {
        for with in (0..=127_u8).map(char::from).map(String::from).chain(["é".into(), "".into()]) {
            let mut typo = line.to_owned();
            typo.replace_range(at..=at, &with);
            if typo.trim() != line {
                assert!(SecretShare::parse(&typo).is_err(), "{at} {with:?}");
            }
        }
    }
    assert!(SecretShare::parse(&line.to_uppercase()).is_err());
}

#[test]
fn lines_that_no_split_writes_are_refused_by_name() {
    let payload = Payload::of(&SecretShare::parse(VECTOR[0]).unwrap());
    for (at, byte, expected) in [
        (0, 0, "a share of a version that this build does not read"),
        (0, 2, "a share of a version that this build does not read"),
        (5, 0, "a share with a threshold below 2, which none has"),
        (5, 1, "a share with a threshold below 2, which none has"),
        (6, 0, "a share of index 0, which none has"),
    ] {
        assert_eq!(problem(&SecretShare::parse(&payload.forged(at, &[byte])).unwrap_err()), expected);
    }
    let longer = [&payload.0[..], &[0]].concat();
    for other in [
        line("vmshare", &payload.0[..46]),
        line("vmshare", &longer),
        line("vmsharf", &payload.0),
        line("vmsecret", &SECRET),
        format!("{} {}", VECTOR[0], VECTOR[0]),
        String::new(),
    ] {
        assert!(problem(&SecretShare::parse(&other).unwrap_err()).starts_with("expected one line"));
    }
    assert!(CoalitionSecret::parse(VECTOR[0]).is_err());
    // Of the 76 characters of data the last has four bits of padding, which must be zero.
    let fes = payload.0.iter().copied().bytes_to_fes().collect::<Vec<_>>();
    let padded = bech32::Fe32::try_from(fes[75].to_u8() | 1).unwrap();
    let hrp = Hrp::parse("vmshare").unwrap();
    let fes = fes[..75].iter().copied().chain([padded]);
    let line: String = fes.with_checksum::<Bech32m>(&hrp).chars().collect();
    assert!(CheckedHrpstring::new::<Bech32m>(&line).is_ok() && line.len() == 90);
    assert!(SecretShare::parse(&line).is_err());
}

proptest! {
    #[test]
    fn a_line_is_what_its_bytes_are(payload in prop::collection::vec(any::<u8>(), 46)) {
        let text = line("vmshare", &[&[1], &payload[..]].concat());
        match SecretShare::parse(&text) {
            Ok(share) => prop_assert_eq!(&*share.to_line(), &text),
            Err(_) => prop_assert!(payload[4] < 2 || payload[5] == 0),
        }
    }

    #[test]
    fn hostile_shares_are_errors_and_never_a_secret(
        payloads in prop::collection::vec(prop::collection::vec(any::<u8>(), 32), 0..6),
        threshold in 2_u8..5,
    ) {
        let head = Payload::of(&secret().split(2, 2).unwrap()[0]).0;
        let shares: Vec<_> = payloads.iter().zip(1..).map(|(values, index)| {
            SecretShare::parse(&line("vmshare", &[&head[..5], &[threshold, index], &head[7..15], values].concat())).unwrap()
        }).collect();
        prop_assert!(CoalitionSecret::combine(&shares).is_err());
    }
}

#[cfg(unix)]
#[test]
fn a_file_is_its_owners_and_never_overwritten() {
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let (first, second) = (folder.path().join("1"), folder.path().join("2"));
    let shares = secret().split(2, 2).unwrap();
    shares[0].write_new_file(&first).unwrap();
    shares[1].write_new_file(&second).unwrap();
    assert_eq!(fs::metadata(&first).unwrap().permissions().mode() & 0o7777, 0o600);
    assert_eq!(fs::read_to_string(&first).unwrap(), format!("{}\n", *shares[0].to_line()));
    let both = [&first, &second].map(|path| SecretShare::read_file(path).unwrap());
    assert!(is_secret(&CoalitionSecret::combine(&both).unwrap()));

    let exists = shares[1].write_new_file(&first).unwrap_err();
    assert_eq!(exists.code(), "io");
    assert!(exists.to_string().contains(first.to_str().unwrap()));
    assert_eq!(fs::read_to_string(&first).unwrap(), format!("{}\n", *shares[0].to_line()));

    fs::set_permissions(&first, fs::Permissions::from_mode(0o640)).unwrap();
    assert_eq!(SecretShare::read_file(&first).unwrap_err().code(), "secret_shares");
    assert_eq!(SecretShare::read_file(folder.path()).unwrap_err().code(), "secret_shares");
    assert_eq!(SecretShare::read_file(&folder.path().join("3")).unwrap_err().code(), "io");
    for content in [vec![b'\n'; 500], vec![0xff], vec![], secret().to_line().as_bytes().to_vec()] {
        fs::write(&second, content).unwrap();
        let error = SecretShare::read_file(&second).unwrap_err();
        assert_eq!(error.code(), "secret_shares");
        assert!(error.to_string().contains(second.to_str().unwrap()));
    }
}

// --- Silence ----------------------------------------------------------------------------------------------

/// Whether a text has any eight bytes or characters of a share.
fn says(text: &str, share: &SecretShare) -> bool {
    let text: String = text.to_lowercase().split_whitespace().collect();
    let payload = Payload::of(share);
    let spelt = |bytes: &[u8], byte: fn(&u8) -> String, between: &str| {
        bytes.iter().map(byte).collect::<Vec<_>>().join(between)
    };
    let mut needles: Vec<String> = payload
        .values()
        .windows(8)
        .flat_map(|bytes| {
            [
                spelt(bytes, |byte| format!("{byte:02x}"), ""),
                spelt(bytes, |byte| format!("{byte}"), ","),
                spelt(bytes, |byte| format!("{byte:x}"), ","),
                spelt(bytes, |byte| format!("{byte:#x}"), ","),
            ]
        })
        .collect();
    let line = share.to_line();
    needles.extend((8..line.len() - 8).map(|at| line[at..at + 8].to_owned()));
    needles.iter().any(|needle| text.contains(needle))
}

fn spellings(value: &dyn Debug) -> [String; 3] {
    [format!("{value:?}"), format!("{value:#?}"), format!("{value:#x?}")]
}

#[test]
fn no_debug_form_or_error_has_anything_of_a_share() {
    let shares = secret().split(2, 3).unwrap();
    let share = &shares[0];
    let line = share.to_line();
    // The search finds what is planted.
    for planted in spellings(&Payload::of(share).values()) {
        assert!(says(&planted, share));
    }
    assert!(says(&format!("no share {:?}", &line[60..75]), share));

    assert_eq!(format!("{share:?} {share:#?}"), "SecretShare SecretShare");
    assert!(!spellings(&shares).iter().any(|text| says(text, share)));
    let forged = Payload::of(share).forged(20, &[0; 3]);
    let mut errors = vec![
        SecretShare::parse(&line[1..]).unwrap_err(),
        SecretShare::parse(&format!("{}{}", *line, *line)).unwrap_err(),
        SecretShare::parse(&Payload::of(share).forged(0, &[9])).unwrap_err(),
        SecretShare::parse(&Payload::of(share).forged(5, &[0])).unwrap_err(),
        SecretShare::parse(&Payload::of(share).forged(6, &[0])).unwrap_err(),
        CoalitionSecret::combine(&shares[..1]).unwrap_err(),
        CoalitionSecret::combine(&[again(share), again(share)]).unwrap_err(),
        CoalitionSecret::combine(&[SecretShare::parse(&forged).unwrap(), again(&shares[1])]).unwrap_err(),
        CoalitionSecret::parse(&line).unwrap_err(),
    ];
    errors.push(SecretShare::read_file(std::path::Path::new("/")).unwrap_err());
    for error in errors {
        assert!(!error.to_string().is_empty());
        assert!(!says(&error.to_string(), share), "{}", error.code());
        assert!(!spellings(&error).iter().any(|text| says(text, share)), "{}", error.code());
    }
}
