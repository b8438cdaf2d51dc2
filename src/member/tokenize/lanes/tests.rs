use super::*;

/// A token key holds 32 bytes; HMAC pads shorter keys with zeros, so those can be tested too.
fn lanes(key: &[u8]) -> Option<(Lanes, TokenKey)> {
    let mut bytes = [0; TokenKey::LEN];
    bytes.get_mut(..key.len())?.copy_from_slice(key);
    let key = TokenKey::from_bytes(&mut bytes);
    Some((Lanes::new(&key).unwrap(), key))
}

/// Makes one for each back end that this machine can run.
fn all_lanes(key: &[u8]) -> Vec<Lanes> {
    let of = |backend| lanes(key).unwrap().0.with_backend(backend).unwrap();
    Backend::available().map(of).collect()
}

fn key() -> [u8; 32] {
    std::array::from_fn(|index| 3 * index as u8 + 1)
}

fn hex(text: &str) -> Vec<u8> {
    let digits = text.as_bytes().chunks_exact(2);
    digits.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

/// Hashes as a batch does: as many blocks as the back end wants. The blocks beyond the messages may hold anything.
fn hash_all(lanes: &Lanes, messages: &[Vec<u8>]) -> Vec<Token> {
    let hashed = lanes.code.blocks_for(messages.len());
    let mut blocks: Vec<[u8; BLOCK]> = messages.iter().map(|message| padded(message)).collect();
    blocks.resize(hashed, [0x5a; BLOCK]);
    let mut tokens = vec![Truncated::default(); hashed];
    lanes.hash(&blocks, &mut tokens);
    tokens.into_iter().take(messages.len()).map(Token::from_bytes).collect()
}

#[test]
fn every_length_agrees_with_hmac_and_ring() {
    let (lanes, key) = lanes(&key()).unwrap();
    let oracle = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, key.as_bytes());
    let message: Vec<u8> = (0..=300u32).map(|n| ((n * n) >> 3) as u8).collect();
    for len in 0..=300 {
        let token = lanes.token(&message[..len]);
        assert_eq!(token, reference(&key, &message[..len]), "{len}");
        assert_eq!(token.as_bytes(), &ring::hmac::sign(&oracle, &message[..len]).as_ref()[..16], "{len}");
    }
}

#[test]
fn every_back_end_agrees_with_ring_at_every_length_in_every_place() {
    let oracle = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, &key());
    // Each length comes to each place once, between neighbours of other lengths and contents.
    for shift in 0..=ONE_BLOCK {
        let messages: Vec<Vec<u8>> = (0..Batch::LEN)
            .map(|place| {
                let len = (place + shift) % (ONE_BLOCK + 1);
                (0..len).map(|index| (5 * place + 11 * shift + 3 * index) as u8).collect()
            })
            .collect();
        for lanes in all_lanes(&key()) {
            for (place, (message, token)) in messages.iter().zip(hash_all(&lanes, &messages)).enumerate() {
                let expected = ring::hmac::sign(&oracle, message);
                assert_eq!(token.as_bytes(), &expected.as_ref()[..16], "{}: {place}", lanes.backend());
            }
        }
    }
}

#[test]
fn batches_of_every_size_agree_with_ring() {
    let oracle = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, &key());
    for size in 0..=2 * Batch::LEN + 1 {
        let messages: Vec<Vec<u8>> = (0..size)
            .map(|place| {
                let random = ring::digest::digest(&ring::digest::SHA512, &[place as u8, size as u8]);
                random.as_ref()[..(7 * place + size) % (ONE_BLOCK + 1)].to_vec()
            })
            .collect();
        for lanes in all_lanes(&key()) {
            for (message, token) in messages.iter().zip(hash_all(&lanes, &messages)) {
                let expected = ring::hmac::sign(&oracle, message);
                assert_eq!(token.as_bytes(), &expected.as_ref()[..16], "{}: {size}", lanes.backend());
            }
        }
    }
}

/// A batch hashes no more blocks than it has, and no fewer than it holds messages.
#[test]
fn every_back_end_takes_batches_without_a_rest() {
    for lanes in all_lanes(&key()) {
        assert_eq!(lanes.code.blocks_for(0), 0);
        assert_eq!(lanes.code.blocks_for(Batch::LEN), Batch::LEN);
        for messages in 0..=Batch::LEN {
            let blocks = lanes.code.blocks_for(messages);
            assert!((messages..=Batch::LEN).contains(&blocks));
            assert_eq!(lanes.code.blocks_for(blocks), blocks);
        }
    }
}

/// The self-test finds a key that is absorbed wrongly, whatever the back end.
#[test]
fn a_wrong_state_fails_the_self_test() {
    let (mut lanes, key) = lanes(&key()).unwrap();
    assert!(lanes.agrees_with_reference(&key));
    lanes.keyed.outer[7] ^= 1;
    assert!(!lanes.agrees_with_reference(&key));
}

/// RFC 4231, test cases 1 to 4: those whose keys are no longer than a token key.
#[test]
fn the_vectors_of_rfc_4231_hold() {
    let cases = [
        (vec![0x0b; 20], b"Hi There".to_vec(), "b0344c61d8db38535ca8afceaf0bf12b"),
        (b"Jefe".to_vec(), b"what do ya want for nothing?".to_vec(), "5bdcc146bf60754e6a042426089575c7"),
        (vec![0xaa; 20], vec![0xdd; 50], "773ea91e36800e46854db8ebd09181a7"),
        ((1..=25).collect(), vec![0xcd; 50], "82558a389a443c0ea4cc819899f2083a"),
    ];
    for (key, message, tag) in cases {
        for lanes in all_lanes(&key) {
            assert_eq!(lanes.token(&message).as_bytes()[..], hex(tag));
            assert_eq!(
                hash_all(&lanes, std::slice::from_ref(&message))[0].as_bytes()[..],
                hex(tag),
                "{}",
                lanes.backend()
            );
        }
    }
}

/// Wycheproof's vectors whose keys are no longer than a token key, from `VEILMATCH_SHARED`.
#[test]
fn the_vectors_of_wycheproof_hold() {
    let folder = std::env::var("VEILMATCH_SHARED")
        .unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/../shared").into());
    let path = std::path::Path::new(&folder).join("vectors/wycheproof_hmac_sha256.json");
    let Ok(bytes) = std::fs::read(&path) else {
        assert!(std::env::var_os("VEILMATCH_REQUIRE_SHARED").is_none(), "no vectors at {}", path.display());
        eprintln!("skipped: no vectors at {}", path.display());
        return;
    };
    let vectors: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
    let groups = vectors["testGroups"].as_array().unwrap();
    let mut checked = 0;
    for test in groups.iter().flat_map(|group| group["tests"].as_array().unwrap()) {
        let field = |name: &str| hex(test[name].as_str().unwrap());
        let Some((lanes, _)) = lanes(&field("key")) else { continue };
        if test["result"] == "valid" {
            let message = field("msg");
            assert_eq!(lanes.token(&message).as_bytes()[..], field("tag")[..16], "{}", test["tcId"]);
            for lanes in all_lanes(&field("key")).iter().filter(|_| message.len() <= ONE_BLOCK) {
                let token = hash_all(lanes, std::slice::from_ref(&message))[0];
                assert_eq!(token.as_bytes()[..], field("tag")[..16], "{}", test["tcId"]);
            }
            checked += 1;
        }
    }
    assert!(checked >= 60, "only {checked} vectors");
}
