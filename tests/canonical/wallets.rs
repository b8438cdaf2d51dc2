//! Wallets of chains whose addresses have several spellings: published vectors, listed addresses, and their laws.

use crate::support::forms::{assert_refused, canonical, run};
use crate::support::shared::shared_lines;
use crate::wallet_encoders::{base58check, cash_addr, monero, segwit};
use proptest::prelude::*;
use veilmatch::Reason;
use veilmatch::member::identifier::Kind;

fn hex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

/// All spellings come to one form, of which only the first is the normal spelling.
fn assert_same(kind: Kind, spellings: &[&str]) -> Vec<u8> {
    let (form, changed, _) =
        run(kind, spellings[0]).unwrap_or_else(|reason| panic!("{}: {reason}", spellings[0]));
    assert!(!changed, "{}", spellings[0]);
    for spelling in &spellings[1..] {
        assert_eq!(run(kind, spelling), Ok((form.clone(), true, false)), "{kind} {spelling}");
    }
    form
}

/// The translations of the CashAddr specification, section "Examples of Address Translation".
#[test]
fn cash_addr_and_legacy_spellings_are_one_address() {
    for (legacy, cash) in [
        ("1BpEi6DfDAUFd7GtittLSdBeYJvcoaVggu", "bitcoincash:qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6a"),
        ("1KXrWXciRDZUpQwQmuM1DbwsKDLYAYsVLR", "bitcoincash:qr95sy3j9xwd2ap32xkykttr4cvcu7as4y0qverfuy"),
        ("16w1D5WRVKJuZUsSRzdLp9w3YGcgoxDXb", "bitcoincash:qqq3728yw0y47sqn6l2na30mcw6zm78dzqre909m2r"),
        ("3CWFddi6m4ndiGyKqzYvsFYagqDLPVMTzC", "bitcoincash:ppm2qsznhks23z7629mms6s4cwef74vcwvn0h829pq"),
        ("3LDsS579y7sruadqu11beEJoTjdFiFCdX4", "bitcoincash:pr95sy3j9xwd2ap32xkykttr4cvcu7as4yc93ky28e"),
        ("31nwvkZwyPdgzjBJZXfDmSWsC4ZLKpYyUw", "bitcoincash:pqq3728yw0y47sqn6l2na30mcw6zm78dzq5ucqzc37"),
    ] {
        let (upper, bare) = (cash.to_uppercase(), cash.split_once(':').unwrap().1);
        let with_query = format!("{cash}?amount=1");
        let form =
            assert_same(Kind::CryptoBch, &[cash, legacy, &upper, bare, &bare.to_uppercase(), &with_query]);
        assert_eq!(form.len(), 21);
        // Types 2 and 3 of CHIP-2022-02 name the same scripts.
        let aware = cash_addr("bitcoincash", (form[0] + 2) << 3, &form[1..]);
        assert_same(Kind::CryptoBch, &[cash, &aware]);
    }
}

/// Section "Larger Test Vectors": of the sizes there, 20 and 32 bytes are addresses of the main network's types.
#[test]
fn cash_addr_vectors_of_other_sizes_and_networks_are_refused_for_what_they_are() {
    let accepted = [
        (
            0,
            "f5bf48b397dae70be82b3cca4793f8eb2b6cdac9",
            "bitcoincash:qr6m7j9njldwwzlg9v7v53unlr4jkmx6eylep8ekg2",
        ),
        (
            0,
            "3173ef6623c6b48ffd1a3dcc0cc6489b0a07bb47a37f47cfef4fe69de825c060",
            "bitcoincash:qvch8mmxy0rtfrlarg7ucrxxfzds5pamg73h7370aa87d80gyhqxq5nlegake",
        ),
    ];
    for (kind, hash, address) in accepted {
        assert_eq!(canonical(Kind::CryptoBch, address), Ok([vec![kind], hex(hash)].concat()), "{address}");
    }
    for (address, reason) in [
        ("bitcoincash:q9adhakpwzztepkpwp5z0dq62m6u5v5xtyj7j3h2ws4mr9g0", Reason::CashAddrPayload),
        ("bchtest:pr6m7j9njldwwzlg9v7v53unlr4jkmx6eyvwc0uz5t", Reason::WrongNetwork),
        ("pr6m7j9njldwwzlg9v7v53unlr4jkmx6eyvwc0uz5t", Reason::WrongNetwork),
        ("bitcoincash:qr6m7j9njldwwzlg9v7v53unlr4jkmx6eylep8ekg3", Reason::Checksum),
        ("bitcoincash:qr6m7j9njldwwzlg9v7v53unlr4jkmx6eylep8ekG2", Reason::MixedCase),
    ] {
        assert_refused(Kind::CryptoBch, address, reason);
    }
}

/// Addresses that the Monero project publishes for donations, the example of an integrated address in its
/// documentation, and a wallet whose keys are known.
#[test]
fn monero_addresses_are_their_network_byte_keys_and_payment_id() {
    let keys: [u8; 64] = hex("d0a42991d6f8640f4aae2bd58e509f7d848a3daea4fce11a9ab57f925eef4ded\
         3f741b80e6c1e28d0098a194d32e0f437428861bc03c8d698f6c3926eecdf2aa")
    .try_into()
    .unwrap();
    let payment_id = hex("2b1a3c54591708cb");
    for (address, form) in [
        (
            "49Xgwx3RfyV3ZMEVyrUNuUMzgQ1WHjkWL5T6Xk7QaTszggbtPbRPEkZQau9yACYEmUCHPNrU2MBdnJf4s4xLK5AyLDP5ucd",
            [&[18], &keys[..]].concat(),
        ),
        (
            "4KEMxkrvHF13ZMEVyrUNuUMzgQ1WHjkWL5T6Xk7QaTszggbtPbRPEkZQau9yACYEmUCHPNrU2MBdnJf4s4xLK5AyVTr66Q8LFefPwwfA1t",
            [&[19], &keys[..], &payment_id].concat(),
        ),
    ] {
        assert_eq!(assert_same(Kind::CryptoXmr, &[address, &format!("monero:{address}?tx_amount=1")]), form);
    }
    for (address, network) in [
        (
            "44AFFq5kSiGBoZ4NMDwYtN18obc8AemS33DBLWs3H7otXft3XjrpDtQGv7SqSsaBYBb98uNbr2VBBEt7f2wfn3RVGQBEP3A",
            18,
        ),
        (
            "888tNkZrPN6JsEgekjMnABU4TBzc2Dt29EPAvkRxbANsAnjyPbb3iQ1YBRk1UXcdRsiKc9dhwMVgN5S9cQUiyoogDavup3H",
            42,
        ),
        (
            "4LL9oSLmtpccfufTMvppY6JwXNouMBzSkbLYfpAV5Usx3skxNgYeYTRj5UzqtReoS44qo9mtmXCqY45DJ852K5Jv2bYXZKKQePHES9khPK",
            19,
        ),
    ] {
        let form = canonical(Kind::CryptoXmr, address).unwrap();
        assert_eq!((form[0], form.len()), (network, if network == 19 { 73 } else { 65 }), "{address}");
    }
    for network in [53, 54, 63, 24, 25, 36] {
        let address = monero(network, &keys, if matches!(network, 54 | 25) { &payment_id } else { &[] });
        assert_refused(Kind::CryptoXmr, &address, Reason::WrongNetwork);
    }
}

/// Each way in which a Litecoin address can be wrong has a reason of its own.
#[test]
fn damaged_litecoin_addresses_are_refused_for_their_own_reasons() {
    let hash: [u8; 20] = std::array::from_fn(|at| at as u8);
    let old = base58check(0x30, &hash);
    let new = segwit("ltc", 0, &hash);
    let mweb = format!("ltcmweb1qq{}", "q".repeat(110));
    for (address, reason) in [
        (old[..20].to_owned(), Reason::TooShort),
        (format!("{old}1"), Reason::TooLong),
        (old.replacen('L', "O", 1), Reason::BadCharacter),
        (base58check(0x6f, &hash), Reason::WrongNetwork),
        (base58check(0x3a, &hash), Reason::WrongNetwork),
        (base58check(0, &hash), Reason::WrongNetwork),
        (segwit("tltc", 0, &hash), Reason::WrongNetwork),
        (segwit("bc", 0, &hash), Reason::WrongNetwork),
        (segwit("ltc", 17, &hash), Reason::UnknownVersion),
        (segwit("ltc", 0, &hash[..19]), Reason::WitnessProgram),
        (new.replacen("ltc", "LTC", 1), Reason::MixedCase),
        (mweb.to_uppercase(), Reason::MwebAddress),
        (format!("litecoin:{mweb}?amount=1"), Reason::MwebAddress),
    ] {
        assert_refused(Kind::CryptoLtc, &address, reason);
    }
}

/// `LTC1` can begin both encodings. Hashes whose Base58Check begins so were looked for.
#[test]
fn what_begins_as_both_encodings_is_read_by_the_checksum_that_fits() {
    let begins = (0u32..).find_map(|number| {
        // The first characters follow the first bytes: these come near.
        let mut hash = [0u8; 20];
        hash[..4].copy_from_slice(&(0x4e00_0000u32.wrapping_add(number << 8)).to_be_bytes());
        let address = base58check(0x30, &hash);
        address.starts_with("LTC1").then_some((address, hash)).or((number > 1 << 23).then(Default::default))
    });
    let (address, hash) = begins.unwrap();
    assert!(address.starts_with("LTC1"), "none was found");
    assert_eq!(canonical(Kind::CryptoLtc, &address), Ok([&[0], &hash[..]].concat()));
    let witness = segwit("ltc", 16, &[0x75, 0x1e]).to_uppercase();
    assert_eq!(canonical(Kind::CryptoLtc, &witness), Ok(vec![32, 0x75, 0x1e]));
}

#[test]
fn sanctioned_wallets_are_all_accepted() {
    for (file, kind, least) in
        [("LTC", Kind::CryptoLtc, 5), ("BCH", Kind::CryptoBch, 5), ("TRX", Kind::CryptoTrx, 5)]
    {
        let Some(lines) = shared_lines(&format!("data/ofac_{file}.txt")) else { return };
        let forms: Vec<_> = lines.iter().map(|address| canonical(kind, address)).collect();
        assert!(forms.len() >= least && forms.iter().all(Result::is_ok), "{file}: {forms:?}");
    }
}

proptest! {
    #[test]
    fn every_spelling_of_an_address_comes_to_one_form(hash: [u8; 20], long: [u8; 32]) {
        let hashed = |kind: u8| [&[kind], &hash[..]].concat();
        let (m, three) = (base58check(0x32, &hash), base58check(5, &hash));
        prop_assert_eq!(assert_same(Kind::CryptoLtc, &[&m, &three]), hashed(1));
        let l = base58check(0x30, &hash);
        prop_assert_eq!(assert_same(Kind::CryptoLtc, &[&l, &format!("litecoin:{l}?a")]), hashed(0));
        let witness = segwit("ltc", 1, &long);
        let form = assert_same(Kind::CryptoLtc, &[&witness, &witness.to_uppercase()]);
        prop_assert_eq!(form, [&[17], &long[..]].concat());

        let t = base58check(0x41, &hash);
        let digits: String = hashed(0x41).iter().map(|byte| format!("{byte:02x}")).collect();
        prop_assert_eq!(assert_same(Kind::CryptoTrx, &[&t, &digits, &digits.to_uppercase()]), hashed(0x41));

        for kind in [0, 1] {
            let cash = cash_addr("bitcoincash", kind << 3, &hash);
            let legacy = base58check(5 * kind, &hash);
            prop_assert_eq!(assert_same(Kind::CryptoBch, &[&cash, &legacy]), hashed(kind));
            let cash = cash_addr("bitcoincash", kind << 3 | 3, &long);
            prop_assert_eq!(assert_same(Kind::CryptoBch, &[&cash]), [&[kind], &long[..]].concat());
        }
    }

    #[test]
    fn a_changed_character_is_found(hash: [u8; 20], keys: [[u8; 32]; 2], place: prop::sample::Index, by in 1..57usize) {
        const BASE58: &[u8] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
        const BECH32: &[u8] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";
        for (kind, address, from) in [
            (Kind::CryptoTrx, base58check(0x41, &hash), 1),
            (Kind::CryptoLtc, base58check(0x32, &hash), 1),
            (Kind::CryptoLtc, segwit("ltc", 0, &hash), 4),
            (Kind::CryptoBch, cash_addr("bitcoincash", 0, &hash), 12),
            (Kind::CryptoXmr, monero(18, &keys.concat().try_into().unwrap(), &[]), 1),
        ] {
            let alphabet = if from < 4 { BASE58 } else { BECH32 };
            let mut changed = address.clone().into_bytes();
            let at = from + place.index(changed.len() - from);
            let old = alphabet.iter().position(|c| *c == changed[at]).unwrap();
            let new = alphabet[(old + 1 + by % (alphabet.len() - 1)) % alphabet.len()];
            prop_assert!(new != changed[at]);
            changed[at] = new;
            prop_assert!(canonical(kind, &changed).is_err(), "{}: {}", address, at);
        }
    }
}
