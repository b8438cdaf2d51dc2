//! Files: what is written is read back, is frozen byte by byte, and every damage to it is refused.

use crate::support::files::{Forger, header_of, hex, metadata, sha256, small_files, written};
use crate::support::hub::{name, set_of, terms};
use crate::support::mutation::Random;
use veilmatch::container::{CHUNK_RECORDS, HEADER_LEN};
use veilmatch::terms::RoundDigest;
use veilmatch::{Error, Metadata, Prefilter, TokenSet};

#[test]
fn reading_and_writing_again_gives_the_same_bytes() {
    for (what, bytes, again) in small_files() {
        assert_eq!(again(&bytes).expect(what), bytes, "{what}");
    }
}

/// A published format never changes: any other byte of a file is another version.
#[test]
fn the_bytes_of_every_type_are_frozen() {
    let pinned = [
        ("links", "9cf0db9c7affcd40176e44d39defece73e6430f8c747ea5f7d35600e3b7d315e"),
        ("trail", "2bdd75f2be8f8231e2e98cd1056e14bbe0045b163dea2d36d1fd4cc7278f1d11"),
        ("statement", "fce91ef7d2902638cec6d49fa5bac84dd4f111552506f22a34e4bccf35c401e9"),
        ("set", "ef702b9eedc4d0f0ff49475b9cf66097e211785c9c38bfbcc73d315eb02b694c"),
        ("set that follows another", "818da8debf7edfdca62a354b7db542cc10cdd2272289442e6ab52a83759d449b"),
        ("delta", "3827e9386c95d5032ff8df8432b37e7086213c6311e07ac0fdae5b52d6bceddc"),
        ("overlaps", "5278dd4d77e2deeddc2345f06f67716b16352ea7570325d9c3d780aad3eec9b1"),
        ("share with holders", "aabdbd321255ca968807b4e02526d2e28b428fe1b7ae78b974899ecaaa62a555"),
        ("share with counts", "40e8819bd7215f71209622bc9758f6fe7783cd59fac5e10d798353c39cb6f13e"),
        ("notice with names", "d5607024ca737bcaae8013b2681a57711ec76ea79c60ce04a672331981b9c9d4"),
        ("notice with counts", "56c6de438e8f802228e2243746885bc97048232496dd2ce2456f79dd730e6788"),
        ("prefilter", "ed7824fb11f21befa492ea3983908edfc75b848ffb0aa4cf5740fe2cec88cab7"),
        ("prefilter in blocks", "79e803f3df42573be6c6c8e16cf0a801695d0c0a74036f0a0327e82f9216d80d"),
    ];
    let digests: Vec<_> =
        small_files().into_iter().map(|(what, bytes, _)| (what, hex(&sha256(&[&bytes])))).collect();
    assert_eq!(digests, pinned.map(|(what, digest)| (what, digest.to_owned())));
}

#[test]
fn a_set_of_several_chunks_comes_back_whole() {
    for len in [0, 1, CHUNK_RECORDS, CHUNK_RECORDS + 1, 3 * CHUNK_RECORDS - 1] {
        let set = set_of("bank-a", 0..len as u64).with_metadata(metadata());
        let bytes = written(|out| set.write_to(out));
        let index = 48 * len.div_ceil(CHUNK_RECORDS);
        assert_eq!(bytes.len(), HEADER_LEN + 16 * len + index + 32 + 64);
        assert_eq!(TokenSet::from_file_bytes(&bytes).unwrap(), set);
    }
}

#[test]
fn every_truncation_is_refused() {
    for (what, bytes, read) in small_files() {
        for len in 0..bytes.len() {
            assert!(matches!(read(&bytes[..len]), Err(Error::Format { .. })), "{what} cut to {len}");
        }
    }
}

#[test]
fn every_flipped_byte_is_refused() {
    for (what, bytes, read) in small_files() {
        for at in 0..bytes.len() {
            for flip in [0x01, 0x80] {
                let mut broken = bytes.clone();
                broken[at] ^= flip;
                assert!(matches!(read(&broken), Err(Error::Format { .. })), "{what}, byte {at} ^ {flip:#x}");
            }
        }
    }
}

const MUTATIONS: usize = 20_000;

#[test]
fn mutations_are_refused_or_change_nothing() {
    let mut random = Random(1);
    for (what, bytes, read) in small_files() {
        for number in 0..MUTATIONS {
            let mut broken = bytes.clone();
            random.mutate(&mut broken, false);
            match read(&broken) {
                Err(Error::Format { offset, .. }) => {
                    assert!(offset <= broken.len() as u64, "{what} {number}")
                }
                Ok(again) => assert!(again == bytes && broken == bytes, "{what} {number}"),
                Err(other) => panic!("{what} {number}: {other}"),
            }
        }
    }
}

/// Behind good digests a mutation may be another good file; then it is the one that a writer writes.
#[test]
fn mutations_with_fresh_digests_are_refused_or_canonical() {
    let mut random = Random(2);
    for (what, bytes, read) in small_files() {
        let (whole, mut accepted) = (Forger::of(&bytes), 0);
        for number in 0..MUTATIONS {
            let mut forged = whole.clone();
            let part = random.below(if whole.names.is_empty() { 2 } else { 3 });
            let keep_len = number.is_multiple_of(2); // so that what the length check guards is reached
            match part {
                0 => {
                    let mut head = forged.head.into_bytes();
                    random.mutate(&mut head, keep_len);
                    forged.head = String::from_utf8_lossy(&head).into_owned();
                }
                1 => random.mutate(&mut forged.records, keep_len),
                _ => {
                    // Mostly at its beginning, where the names are.
                    let mut block = forged.names[..64].to_vec();
                    random.mutate(&mut block, keep_len);
                    block.resize(HEADER_LEN, 0);
                    forged = forged.names(block);
                }
            }
            let file = forged.file();
            match read(&file) {
                Err(Error::Format { offset, .. }) => assert!(offset <= file.len() as u64, "{what} {number}"),
                Ok(again) => {
                    assert!(again == file, "{what} {number}: written again, it is another file");
                    accepted += usize::from(file != bytes);
                }
                Err(other) => panic!("{what} {number}: {other}"),
            }
        }
        assert!(accepted > 10, "{what}: only {accepted} mutations made another good file");
    }
}

#[test]
fn nothing_may_follow() {
    for (what, mut bytes, read) in small_files() {
        bytes.push(0);
        assert!(matches!(read(&bytes), Err(Error::Format { .. })), "{what}");
    }
}

#[test]
fn a_file_of_one_type_is_not_read_as_another() {
    let files = small_files();
    for (what, bytes, _) in &files {
        for (other, _, read) in &files {
            let same = what.split(' ').next() == other.split(' ').next();
            assert_eq!(read(bytes).is_ok(), same, "{what} read as {other}");
        }
    }
}

#[test]
fn stamps_and_rounds_travel_in_the_header_and_bad_ones_are_not_written() {
    let mut terms = terms();
    terms.round = Some(RoundDigest([7; 32]));
    let set = TokenSet::from_tokens(terms.clone(), name("bank-a"), Vec::new()).with_metadata(metadata());
    let bytes = written(|out| set.write_to(out));
    let head = String::from_utf8(bytes[..HEADER_LEN].to_vec()).unwrap();
    assert_eq!(head.lines().next(), Some("veilmatch set 1"));
    let again = TokenSet::from_file_bytes(&bytes).unwrap();
    assert_eq!((again.metadata(), again.terms()), (&metadata(), &terms));

    for bad in [
        Metadata { created: 1 << 53, ..metadata() },
        Metadata { not_after: Some(u64::MAX), ..metadata() },
        Metadata { purpose: "a".repeat(257), ..metadata() },
        Metadata { purpose: "two\nlines".into(), ..metadata() },
    ] {
        let result = set.clone().with_metadata(bad).write_to(&mut Vec::new());
        assert!(matches!(result, Err(Error::Metadata)));
    }
}

#[test]
fn a_writer_that_fails_is_an_error() {
    struct Full(usize);
    impl std::io::Write for Full {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            let taken = bytes.len().min(self.0);
            self.0 -= taken;
            if taken == 0 { Err(std::io::ErrorKind::StorageFull.into()) } else { Ok(taken) }
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let set = set_of("bank-a", 0..4);
    let whole = written(|out| set.write_to(out)).len();
    for room in [0, 1, HEADER_LEN, whole - 1] {
        assert!(matches!(set.write_to(&mut Full(room)), Err(Error::Io(_))), "{room}");
    }
    assert!(set.write_to(&mut Full(whole)).is_ok());
}

/// SipHash-c-d, written from the paper (Aumasson and Bernstein, 2012).
fn siphash<const C: usize, const D: usize>(key: &[u8; 16], message: &[u8]) -> u64 {
    let word = |bytes: &[u8]| u64::from_le_bytes(bytes.try_into().unwrap());
    let (k0, k1) = (word(&key[..8]), word(&key[8..]));
    let mut v = [
        k0 ^ 0x736f_6d65_7073_6575,
        k1 ^ 0x646f_7261_6e64_6f6d,
        k0 ^ 0x6c79_6765_6e65_7261,
        k1 ^ 0x7465_6462_7974_6573,
    ];
    let round = |v: &mut [u64; 4]| {
        v[0] = v[0].wrapping_add(v[1]);
        v[1] = v[1].rotate_left(13) ^ v[0];
        v[0] = v[0].rotate_left(32);
        v[2] = v[2].wrapping_add(v[3]);
        v[3] = v[3].rotate_left(16) ^ v[2];
        v[0] = v[0].wrapping_add(v[3]);
        v[3] = v[3].rotate_left(21) ^ v[0];
        v[2] = v[2].wrapping_add(v[1]);
        v[1] = v[1].rotate_left(17) ^ v[2];
        v[2] = v[2].rotate_left(32);
    };
    let mut padded = message.to_vec();
    padded.resize(message.len() / 8 * 8 + 7, 0);
    padded.push(message.len() as u8);
    for block in padded.chunks(8) {
        v[3] ^= word(block);
        (0..C).for_each(|_| round(&mut v));
        v[0] ^= word(block);
    }
    v[2] ^= 0xff;
    (0..D).for_each(|_| round(&mut v));
    v[0] ^ v[1] ^ v[2] ^ v[3]
}

/// The bits of a prefilter in blocks as SPEC.md, section 10, words them, with its table of rates.
fn specified_blocks(set: &TokenSet, in_a_block: usize) -> Vec<u8> {
    let blocks = set.len().div_ceil(in_a_block).max(1);
    let mut bits = vec![0u8; 32 * blocks];
    for token in set.tokens() {
        let (leading, trailing) = token.as_bytes().split_at(8);
        let leading = u128::from(u64::from_be_bytes(leading.try_into().unwrap()));
        let block = (leading * blocks as u128) >> 64;
        for i in 0..4 {
            let x = 256 * block as usize + 64 * i + usize::from(trailing[4 + i] % 64);
            bits[x / 8] |= 1 << (x % 8);
        }
    }
    bits
}

#[test]
fn the_bits_of_a_prefilter_in_blocks_are_those_of_the_specification() {
    let specification = include_str!("../../SPEC.md");
    for len in [0, 1, 2, 30, 1000, 20_000] {
        let set = set_of("bank-a", 0..len);
        for (rate, in_a_block) in [("0.5", 117), ("0.1", 51), ("0.01", 23), ("0.001", 11)] {
            assert!(specification.contains(&format!("\n| {rate} | {in_a_block} | ")), "{rate} in the table");
            let prefilter = Prefilter::blocked(&set, rate.parse().unwrap()).unwrap();
            let file = written(|out| prefilter.write_to(&Metadata::default(), out));
            let bits = specified_blocks(&set, in_a_block);
            let header = header_of(&file);
            let filter = serde_json::json!({"layout": "blocked", "hashes": 4, "bytes": bits.len()});
            assert_eq!(
                (&header["filter"], header["tokens"].as_u64()),
                (&filter, Some(len)),
                "{len} at {rate}"
            );
            assert!(file[HEADER_LEN..][..bits.len()] == bits, "{len} at {rate}");
        }
    }
}

/// The bits of a prefilter as SPEC.md, section 10, words them.
fn specified_bits(set: &TokenSet, rate: f64) -> (u32, Vec<u8>) {
    let tokens = set.len().max(1) as f64;
    let bytes = (tokens * rate.ln() / (-8.0 * 2f64.ln().powi(2))).ceil() as usize;
    let mut bits = vec![0u8; bytes.div_ceil(16) * 16];
    let (m, hashes) = (8 * bits.len() as u64, (-rate.log2()).round() as u32);
    for token in set.tokens() {
        let a = siphash::<1, 3>(b"veilmatch/1 pref", token.as_bytes());
        let b = siphash::<1, 3>(b"ilter standard\0\0", token.as_bytes());
        for i in 0..hashes {
            let f = match i {
                0 => a,
                1 => b,
                _ => a.wrapping_add(u64::from(i).wrapping_mul(b)) % 0xffff_ffff_ffff_ffc5, // 2^64 - 59
            };
            let x = f % m;
            bits[(x / 8) as usize] |= 1 << (x % 8);
        }
    }
    (hashes, bits)
}

#[test]
fn the_bits_of_a_prefilter_are_those_of_the_specification() {
    // The vector of the paper's appendix A.
    let (key, message): ([u8; 16], [u8; 15]) =
        (std::array::from_fn(|n| n as u8), std::array::from_fn(|n| n as u8));
    assert_eq!(siphash::<2, 4>(&key, &message), 0xa129_ca61_49be_45e5);

    for len in [0, 1, 2, 30, 1000, 20_000] {
        let set = set_of("bank-a", 0..len);
        for rate in [0.5, 0.352, 0.1, 0.01, 0.001, 0.000_001] {
            let prefilter = Prefilter::standard(&set, rate).unwrap();
            let file = written(|out| prefilter.write_to(&Metadata::default(), out));
            let (hashes, bits) = specified_bits(&set, rate);
            let header = header_of(&file);
            let filter = serde_json::json!({"layout": "standard", "hashes": hashes, "bytes": bits.len()});
            assert_eq!(
                (&header["filter"], header["tokens"].as_u64()),
                (&filter, Some(len)),
                "{len} at {rate}"
            );
            assert!(file[HEADER_LEN..][..bits.len()] == bits, "{len} at {rate}");
        }
    }
}
