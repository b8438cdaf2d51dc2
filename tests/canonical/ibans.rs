//! What a damaged IBAN comes to: of the registry's examples every change of one character, every swap of neighbours,
//! and all check digits.
//!
//! `cargo test --test canonical ibans -- --nocapture` prints the counts.
#![allow(clippy::print_stdout)]

use crate::support::shared::shared_lines;
use veilmatch::Reason;
use veilmatch::member::identifier::{Canonical, Canonicalizer, Kind};

fn reason(iban: &[u8]) -> Option<Reason> {
    Canonicalizer::new(Kind::BankIban).canonicalize(iban, &mut Canonical::new()).err()
}

/// The examples of the SWIFT IBAN registry, release 99.
fn registry() -> Option<Vec<String>> {
    let lines = shared_lines("vectors/iban_registry_v99.tsv")?;
    assert_eq!(lines.len(), 89);
    Some(lines.iter().map(|line| line.split('\t').nth(3).unwrap().to_owned()).collect())
}

/// The remainder by 97 of the number that ISO 13616 makes of an IBAN, digit by digit.
fn remainder(iban: &[u8]) -> u32 {
    let (head, bban) = iban.split_at(4);
    let digits = bban.iter().chain(head).map(|byte| (*byte as char).to_digit(36).unwrap().to_string());
    digits.collect::<String>().bytes().fold(0, |rest, digit| (rest * 10 + u32::from(digit - b'0')) % 97)
}

/// Neighbours whose swap mod-97 cannot see: 99 times the digit is 9 times the letter's number, modulo 97.
fn swap_is_unseen(one: u8, other: u8) -> bool {
    matches!((one.min(other), one.max(other)), (b'1', b'B') | (b'2', b'M') | (b'3', b'X'))
}

#[test]
fn exactly_three_pairs_of_unequal_neighbours_swap_unseen() {
    let characters: Vec<u8> = (b'0'..=b'9').chain(b'A'..=b'Z').collect();
    let mut unseen = Vec::new();
    for one in &characters {
        for other in characters.iter().filter(|other| *other > one) {
            // In the middle, and at the end, of an account number of a country that takes letters.
            let same = |rest: &[u8]| {
                let of = |pair: [u8; 2]| remainder(&[&b"MT00"[..], rest, &pair, b"7"].concat());
                of([*one, *other]) == of([*other, *one])
            };
            assert_eq!(same(b"MALT01"), same(b""), "the place makes no difference");
            if same(b"") {
                unseen.push((*one, *other));
            }
        }
    }
    assert_eq!(unseen, [(b'1', b'B'), (b'2', b'M'), (b'3', b'X')]);
    assert!(unseen.iter().all(|(one, other)| swap_is_unseen(*one, *other) && swap_is_unseen(*other, *one)));
}

#[test]
fn unseen_swaps_are_two_accounts_that_are_both_valid() {
    for [one, other] in [["1B", "B1"], ["2M", "M2"], ["3X", "X3"]] {
        let of = |pair: &str| {
            let mut iban = format!("MT00MALT01100{pair}00012345MTLCAST0").into_bytes();
            let check = 98 - remainder(&iban);
            iban[2..4].copy_from_slice(format!("{check:02}").as_bytes());
            iban
        };
        assert_eq!(of(one)[..4], of(other)[..4], "the same check digits");
        assert_eq!((reason(&of(one)), reason(&of(other))), (None, None), "{one}");
    }
}

#[test]
fn every_changed_character_is_rejected_where_mod_97_can_see_it() {
    let Some(ibans) = registry() else { return };
    let (mut digits, mut letters, mut other_class, mut unseen) = (0, 0, 0, 0);
    for iban in ibans.iter().map(String::as_bytes) {
        assert_eq!(reason(iban), None);
        for place in 0..iban.len() {
            for byte in (b'0'..=b'9').chain(b'A'..=b'Z').filter(|byte| *byte != iban[place]) {
                let mut damaged = iban.to_vec();
                damaged[place] = byte;
                let rejected = reason(&damaged).is_some();
                match (iban[place].is_ascii_digit(), byte.is_ascii_digit()) {
                    (true, true) => {
                        digits += 1;
                        assert!(rejected, "a digit, place {place}");
                    }
                    (false, false) => {
                        letters += 1;
                        assert!(rejected, "a letter, place {place}");
                    }
                    // Where a digit or a letter may stand, the number becomes longer or shorter.
                    _ => {
                        other_class += 1;
                        unseen += usize::from(!rejected);
                        assert!(rejected || remainder(&damaged) == 1, "place {place}");
                    }
                }
            }
        }
    }
    println!("{digits} digits and {letters} letters changed: all rejected");
    println!(
        "{other_class} digits made letters or the reverse: all rejected but {unseen} that keep the remainder"
    );
    assert_eq!((digits, letters, other_class, unseen), (16_461, 8_150, 50_814, 141));
}

#[test]
fn swapped_neighbours_are_rejected_where_mod_97_can_see_it() {
    let Some(ibans) = registry() else { return };
    let (mut rejected, mut equal, mut unseen) = (0, 0, Vec::new());
    for iban in &ibans {
        for place in 1..iban.len() {
            let mut swapped = iban.clone().into_bytes();
            swapped.swap(place - 1, place);
            match reason(&swapped) {
                Some(_) => rejected += 1,
                None if swapped == iban.as_bytes() => equal += 1,
                None => {
                    assert!(swap_is_unseen(swapped[place - 1], swapped[place]), "{iban}, place {place}");
                    unseen.push((&iban[..2], place, &iban[place - 1..=place]));
                }
            }
        }
    }
    println!("{rejected} swaps rejected, {equal} of equal neighbours, unseen: {unseen:?}");
    assert_eq!((rejected, equal), (1_559, 506));
    assert_eq!(unseen, [("RO", 9, "1B")]);
}

#[test]
fn check_digits_that_iso_13616_never_assigns_are_rejected() {
    let Some(ibans) = registry() else { return };
    for iban in &ibans {
        let with = |check: u32| format!("{}{check:02}{}", &iban[..2], &iban[4..]);
        for never in [0, 1, 99] {
            assert_eq!(reason(with(never).as_bytes()), Some(Reason::CheckDigits), "{iban}, {never}");
        }
        // Of the others one alone fits.
        let fitting: Vec<String> =
            (2..=98).map(with).filter(|iban| reason(iban.as_bytes()).is_none()).collect();
        assert_eq!(fitting, [iban.as_str()]);
    }
    // An account whose check digits have a twin among those never assigned, as ISO 7064 gives it.
    for (good, twin) in [("MD02", "MD99"), ("MD98", "MD01"), ("MD97", "MD00")] {
        let account = (0..97).map(|n| format!("AG0002251000131041{n:02}")).find_map(|bban| {
            let iban = format!("{good}{bban}");
            reason(iban.as_bytes()).is_none().then_some(bban)
        });
        let account = account.expect("97 accounts in a row have all remainders");
        let twin = format!("{twin}{account}");
        assert_eq!((remainder(twin.as_bytes()), reason(twin.as_bytes())), (1, Some(Reason::CheckDigits)));
    }
}
