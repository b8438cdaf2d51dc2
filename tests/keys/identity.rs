//! Identities and sealed files: who holds the key signs and opens, nobody else, and nothing of a key is said.

use std::fmt::Debug;
use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use bech32::{Bech32, Bech32m, ByteIterExt as _, Fe32IterExt as _, Hrp};
use tempfile::TempDir;
use veilmatch::Error;
use veilmatch::round::identity::Identity;
use veilmatch::round::seal;
use veilmatch::round::seal::{is_sealed, open};
use veilmatch::terms::{PublicKeys, SealKey, SignerKey};

// --- Keys from elsewhere --------------------------------------------------------------------------------

/// RFC 8032, section 7.1, tests 1 to 3: seed, public key, message, signature.
const RFC_8032: [[&str; 4]; 3] = [
    [
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ],
    [
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ],
    [
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ],
];

/// Identity of the vectors of <https://c2sp.org/CCTV/age>.
const CCTV_KEY: &str = "AGE-SECRET-KEY-1EGTZVFFV20835NWYV6270LXYVK2VKNX2MMDKWYKLMGR48UAWX40Q2P2LM0";

/// `x25519` and `x25519_multiple_recipients` of <https://c2sp.org/CCTV/age>: header, nonce and payload.
const CCTV_OPENS: [(&str, &str); 2] = [
    (
        "age-encryption.org/v1\n\
         -> X25519 TEiF0ypqr+bpvcqXNyCVJpL7OuwPdVwPL7KQEbFDOCc\n\
         hjabGXwSLQ9c3S6Lw2i+S2Tu2fiwQHHslbBN6B41FLE\n\
         --- WyJp9F/9FOZh7gJdheq2WIJcwHgYc8NIVh3ddwhrcNg\n",
        "eecf62c7ce91b433274e68d4f2f9134cb74c5bfef7beaa52c8f0bc0e992c1e8331fb66",
    ),
    (
        "age-encryption.org/v1\n\
         -> X25519 ajtqAvDEkVNr2B7zUOtq2mAQXDSBlNrVAuM/dKb5sT4\n\
         0evrK/HQXVsQ4YaDe+659l5OQzvAzD2ytLGHQLQiqxg\n\
         -> X25519 0qC7u6AbLxuwnM8tPFOWVtWZn/ZZe7z7gcsP5kgA0FI\n\
         Y3OzevLm23Vx7PN9k33F9y+ercWe/bcZJLqhqA3h408\n\
         --- 855pKblQzZ3oabDowxRDQvSj/xo47ZSh5WTjkmK0I0U\n",
        "f0b818be0f355442399920ad8084964b6f95c36db35e4f59d8f89e3cf26f2d1fa54213",
    ),
];

/// `x25519_low_order` and `x25519_extra_argument` of the same.
const CCTV_REFUSED: [(&str, &str); 2] = [
    (
        "age-encryption.org/v1\n\
         -> X25519 X5yVvKNQjCSx0LFVnIPvWwREXMRYHI6G2CJO3dCfEdc\n\
         3E0NpFans/m0WLWF7+54ZBdNj3iqQqpraGDFiaRkvBA\n\
         --- sXw327YMT1/ULXe+ZyRMbMY0Z2jnWHGgI9j1we6yQ8A\n",
        "ac5d3f3706e55071d3a604204697b9090595c2f7f5dbaee80d7a018c2872058af3ce7c",
    ),
    (
        "age-encryption.org/v1\n\
         -> X25519 TEiF0ypqr+bpvcqXNyCVJpL7OuwPdVwPL7KQEbFDOCc 1234\n\
         hjabGXwSLQ9c3S6Lw2i+S2Tu2fiwQHHslbBN6B41FLE\n\
         --- l7E0/PQP54HBZYKUu505n1muW7EniDFqMrXgMhFmeiA\n",
        "eecf62c7ce91b433274e68d4f2f9134cb74c5bfef7beaa52c8f0bc0e992c1e8331fb66",
    ),
];

/// Points of small order on Curve25519, as <https://cr.yp.to/ecdh.html> lists them.
const SMALL_ORDER: [&str; 7] = [
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
];

// --- Helpers --------------------------------------------------------------------------------------------

fn bytes_of(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

/// The key file as SPEC.md gives it.
fn key_file(seed: &[u8], seal: &str) -> String {
    let hrp = Hrp::parse("vmsign").unwrap();
    let sign: String = seed.iter().copied().bytes_to_fes().with_checksum::<Bech32m>(&hrp).chars().collect();
    format!("veilmatch identity 1\nsign: {sign}\nseal: {seal}\n")
}

fn seal_key(point: &[u8]) -> SealKey {
    let hrp = Hrp::parse("age").unwrap();
    let text: String = point.iter().copied().bytes_to_fes().with_checksum::<Bech32>(&hrp).chars().collect();
    SealKey::new(&text).unwrap()
}

/// A private file in a folder of its own.
struct Kept {
    _folder: TempDir,
    path: PathBuf,
}

impl Kept {
    fn new(content: impl AsRef<[u8]>) -> Self {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("key");
        fs::write(&path, content).unwrap();
        set_mode(&path, 0o600);
        Self { _folder: folder, path }
    }
}

#[cfg(unix)]
fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
}

#[cfg(not(unix))]
fn set_mode(_: &Path, _: u32) {}

fn read(content: impl AsRef<[u8]>) -> Result<Identity, Error> {
    Identity::read_file(&Kept::new(content).path)
}

/// An identity that is the same in every run.
fn known() -> Identity {
    read(key_file(&bytes_of(RFC_8032[0][0]), CCTV_KEY)).unwrap()
}

fn sealed(to: &Identity, content: &[u8]) -> Vec<u8> {
    let mut sealer = seal::seal(&to.public_keys().seal, Vec::new()).unwrap();
    sealer.write_all(content).unwrap();
    sealer.finish().unwrap()
}

fn opened(by: &Identity, sealed: &[u8]) -> Result<Vec<u8>, Error> {
    let mut content = Vec::new();
    open(by, sealed)?.read_to_end(&mut content)?;
    Ok(content)
}

#[track_caller]
fn assert_refused(what: &dyn Debug, by: &Identity, sealed: &[u8]) {
    match opened(by, sealed) {
        Err(error) => assert_eq!(error.code(), "seal", "{what:?}: {error}"),
        Ok(content) => panic!("{what:?}: opens to {} bytes", content.len()),
    }
}

/// Bytes without a pattern of the length of a chunk.
fn content(len: usize) -> Vec<u8> {
    (0..len).map(|at| (at * at / 7 + at / 251) as u8).collect()
}

// --- Signatures -----------------------------------------------------------------------------------------

#[test]
fn signatures_are_those_of_rfc_8032() {
    for [seed, public, message, signature] in RFC_8032 {
        let identity = read(key_file(&bytes_of(seed), CCTV_KEY)).unwrap();
        assert_eq!(identity.signer().to_string(), public);
        assert_eq!(identity.public_keys().sign, identity.signer());
        assert_eq!(identity.sign(&bytes_of(message))[..], bytes_of(signature));
        assert!(public.parse::<SignerKey>().unwrap().verify(&bytes_of(message), &bytes_of(signature)));
    }
}

#[test]
fn a_signature_holds_for_its_message_and_key_alone() {
    let [_, public, message, signature] = RFC_8032[2].map(bytes_of);
    let key = SignerKey(public.clone().try_into().unwrap());
    let flipped = |bytes: &[u8]| -> Vec<Vec<u8>> {
        let flip = |bit: usize| {
            let mut bytes = bytes.to_vec();
            bytes[bit / 8] ^= 1 << (bit % 8);
            bytes
        };
        (0..8 * bytes.len()).map(flip).collect()
    };
    assert!(key.verify(&message, &signature));
    assert!(flipped(&signature).iter().all(|other| !key.verify(&message, other)));
    assert!(flipped(&message).iter().all(|other| !key.verify(other, &signature)));
    for other in flipped(&public) {
        assert!(!SignerKey(other.try_into().unwrap()).verify(&message, &signature));
    }
    for len in 0..signature.len() {
        assert!(!key.verify(&message, &signature[..len]));
    }
    assert!(!key.verify(&message, &[&signature[..], &[0]].concat()));
    assert!(!key.verify(&message, &[0; 64]));
}

// --- Files ----------------------------------------------------------------------------------------------

#[test]
fn an_identity_comes_back_from_its_files() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("hub.key");
    let identity = Identity::generate().unwrap();
    identity.write_new_files(&path).unwrap();
    let again = Identity::read_file(&path).unwrap();
    assert_eq!(again.public_keys(), identity.public_keys());
    assert_eq!(again.sign(b"message"), identity.sign(b"message"));
    assert_eq!(opened(&again, &sealed(&identity, b"content")).unwrap(), b"content");

    let public = folder.path().join("hub.key.pub");
    assert_eq!(PublicKeys::read_file(&public).unwrap(), identity.public_keys());
    assert_eq!(fs::read_to_string(&public).unwrap(), identity.public_keys().to_string());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o600);
    }
}

#[test]
fn the_text_of_the_files_is_fixed() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("key");
    known().write_new_files(&path).unwrap();
    assert_eq!(
        fs::read_to_string(&path).unwrap(),
        "veilmatch identity 1\n\
         sign: vmsign1n4smr800l4dxpw5yft6f9mpvc3zyn3tf0vexjxts8wkqx89w0asq6zlq4k\n\
         seal: AGE-SECRET-KEY-1EGTZVFFV20835NWYV6270LXYVK2VKNX2MMDKWYKLMGR48UAWX40Q2P2LM0\n"
    );
    assert_eq!(
        fs::read_to_string(folder.path().join("key.pub")).unwrap(),
        "veilmatch public keys 1\n\
         sign: d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a\n\
         seal: age1xmwwc06ly3ee5rytxm9mflaz2u56jjj36s0mypdrwsvlul66mv4q47ryef\n"
    );
}

#[test]
fn generated_identities_differ() {
    let (a, b) = (Identity::generate().unwrap().public_keys(), Identity::generate().unwrap().public_keys());
    assert!(a.sign != b.sign && a.seal != b.seal);
}

#[test]
fn any_changed_character_of_a_key_file_is_found() {
    let text = key_file(&bytes_of(RFC_8032[0][0]), CCTV_KEY);
    let kept = Kept::new(&text);
    let expected = known().public_keys();
    let mut read_all_the_same = 0;
    let mut check = |what: String| {
        fs::write(&kept.path, &what).unwrap();
        match Identity::read_file(&kept.path) {
            Err(error) => assert_eq!(error.code(), "identity", "{what:?}: {error}"),
            Ok(identity) => {
                assert_eq!(what.trim().replace('\r', ""), text.trim(), "white space at most");
                assert_eq!(identity.public_keys(), expected);
                read_all_the_same += 1;
            }
        }
    };
    for at in 0..text.len() {
        let replaced = (b' '..=b'~').chain(*b"\t\r\n\0").map(|byte| (at..at + 1, char::from(byte)));
        let inserted = [' ', '\n', '\r', '\0', '1', 'q', 'Q'].map(|with| (at..at, with));
        for (range, with) in replaced.chain(inserted) {
            let mut other = text.clone();
            other.replace_range(range, with.encode_utf8(&mut [0; 4]));
            if other != text {
                check(other);
            }
        }
        let mut other = text.clone();
        other.remove(at);
        check(other);
    }
    assert!(read_all_the_same > 0, "the loop did reach what may change");
}

#[test]
fn other_files_are_no_identity() {
    let seed = bytes_of(RFC_8032[0][0]);
    let good = key_file(&seed, CCTV_KEY);
    let lines: Vec<_> = good.lines().collect();
    assert!(read(good.replace('\n', "\r\n")).is_ok());
    for other in [
        String::new(),
        lines[0].to_owned(),
        format!("{}\n{}\n", lines[0], lines[1]),
        format!("{}\n{}\n{}\n", lines[0], lines[2], lines[1]),
        format!("{good}{}\n", lines[2]),
        good.replace("identity 1", "identity 2"),
        good.to_uppercase(),
        good.to_lowercase(),
        good.replace("vmsign1", "vmsecret1"),
        key_file(&seed[..31], CCTV_KEY),
        key_file(&[&seed[..], &[0]].concat(), CCTV_KEY),
        key_file(&seed, known().public_keys().seal.as_str()),
        known().public_keys().to_string(),
        good.clone() + &" ".repeat(1000),
    ] {
        let error = read(&other).expect_err(&other);
        assert_eq!(error.code(), "identity", "{other:?}");
    }
    assert_eq!(read(b"\xff\xfe").unwrap_err().code(), "identity");
}

#[test]
fn other_files_are_no_public_keys() {
    let path_of = |kept: &Kept| PublicKeys::read_file(&kept.path);
    let good = known().public_keys().to_string();
    assert!(path_of(&Kept::new(&good)).is_ok());
    for other in [&b""[..], b"\xff", key_file(&[7; 32], CCTV_KEY).as_bytes(), good.repeat(10).as_bytes()] {
        assert_eq!(path_of(&Kept::new(other)).unwrap_err().code(), "identity");
    }
    assert_eq!(PublicKeys::read_file(Path::new("/nonexistent/key.pub")).unwrap_err().code(), "io");
}

#[cfg(unix)]
#[test]
fn an_identity_that_others_may_read_or_write_is_refused() {
    let kept = Kept::new(key_file(&bytes_of(RFC_8032[0][0]), CCTV_KEY));
    for mode in [0o640, 0o604, 0o620, 0o602, 0o610, 0o601, 0o644, 0o666] {
        set_mode(&kept.path, mode);
        let error = Identity::read_file(&kept.path).unwrap_err();
        assert_eq!(error.code(), "identity", "{mode:o}");
        assert!(error.to_string().contains("0600"), "{error}");
    }
    for mode in [0o600, 0o400] {
        set_mode(&kept.path, mode);
        assert!(Identity::read_file(&kept.path).is_ok(), "{mode:o}");
    }
    assert_eq!(Identity::read_file(kept.path.parent().unwrap()).unwrap_err().code(), "identity");
    assert_eq!(Identity::read_file(Path::new("/dev/null")).unwrap_err().code(), "identity");
}

#[test]
fn no_file_is_ever_overwritten_and_no_half_of_a_pair_is_left() {
    let identity = Identity::generate().unwrap();
    for existing in ["key", "key.pub"] {
        let folder = TempDir::new().unwrap();
        fs::write(folder.path().join(existing), "mine").unwrap();
        let error = identity.write_new_files(&folder.path().join("key")).unwrap_err();
        assert_eq!(error.code(), "io");
        assert!(
            error.to_string().starts_with(&folder.path().join(existing).display().to_string()),
            "{error}"
        );
        let names: Vec<_> =
            fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap().file_name()).collect();
        assert_eq!(names, [existing]);
        assert_eq!(fs::read_to_string(folder.path().join(existing)).unwrap(), "mine");
    }
    let error = identity.write_new_files(Path::new("/nonexistent/key")).unwrap_err();
    assert!(error.to_string().starts_with("/nonexistent/key: "), "{error}");
}

// --- Sealing --------------------------------------------------------------------------------------------

const CHUNK: usize = 64 * 1024;

/// What is behind the header: a nonce, then chunks with a tag each.
fn payload_offset(sealed: &[u8]) -> usize {
    let mac = sealed.windows(4).position(|four| four == b"\n---").unwrap() + 1;
    mac + sealed[mac..].iter().position(|byte| *byte == b'\n').unwrap() + 1
}

#[test]
fn what_is_sealed_opens_whatever_its_length() {
    let identity = known();
    for len in [0, 1, 15, 16, 17, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 2 * CHUNK + 1, 3 * CHUNK + 777] {
        let content = content(len);
        let sealed = sealed(&identity, &content);
        assert!(is_sealed(&sealed));
        assert!(opened(&identity, &sealed).unwrap() == content, "{len}");
        assert_eq!(
            sealed.len(),
            payload_offset(&sealed) + 16 + len + 16 * len.div_ceil(CHUNK).max(1),
            "the length is that of the content, and known"
        );
    }
}

#[test]
fn writes_and_reads_of_any_size_make_the_same() {
    let identity = known();
    let content = content(CHUNK + 4321);
    let mut sealer = seal::seal(&identity.public_keys().seal, Vec::new()).unwrap();
    for piece in content.chunks(997) {
        sealer.write_all(piece).unwrap();
        sealer.flush().unwrap();
    }
    let sealed = sealer.finish().unwrap();
    let mut reader = open(&identity, OneByOne(&sealed, false)).unwrap();
    let (mut again, mut piece) = (Vec::new(), [0; 773]);
    loop {
        assert_eq!(reader.read(&mut []).unwrap(), 0);
        match reader.read(&mut piece).unwrap() {
            0 => break,
            len => again.extend_from_slice(&piece[..len]),
        }
    }
    assert!(again == content);
}

/// Gives a byte at a time, and is interrupted before each.
struct OneByOne<'a>(&'a [u8], bool);

impl Read for OneByOne<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.1 = !self.1;
        if self.1 {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let len = buffer.len().min(1);
        self.0.read(&mut buffer[..len])
    }
}

#[test]
fn sealing_twice_gives_different_files() {
    assert_ne!(sealed(&known(), b"content"), sealed(&known(), b"content"));
}

#[test]
fn what_other_programs_seal_opens() {
    for (header, payload) in CCTV_OPENS {
        let sealed = [header.as_bytes(), &bytes_of(payload)].concat();
        assert_eq!(opened(&known(), &sealed).unwrap(), b"age");
        assert_refused(&header, &Identity::generate().unwrap(), &sealed);
    }
    for (header, payload) in CCTV_REFUSED {
        assert_refused(&header, &known(), &[header.as_bytes(), &bytes_of(payload)].concat());
    }
}

#[test]
fn what_is_sealed_opens_in_other_programs() {
    let sealed = sealed(&known(), &content(CHUNK + 1));
    let key: age::x25519::Identity = CCTV_KEY.parse().unwrap();
    assert!(age::decrypt(&key, &sealed).unwrap() == content(CHUNK + 1));
}

#[test]
fn what_is_sealed_to_one_does_not_open_for_another() {
    let (hub, member) = (Identity::generate().unwrap(), Identity::generate().unwrap());
    let sealed = sealed(&hub, b"content");
    assert_eq!(opened(&hub, &sealed).unwrap(), b"content");
    let error = opened(&member, &sealed).unwrap_err();
    assert_eq!(
        error.to_string(),
        "seal: the file is not sealed to this key: is it the file of another member, or another key file?"
    );
    assert_eq!(error.code(), "seal");
}

#[test]
fn a_file_cut_at_any_byte_does_not_open() {
    let identity = known();
    let whole = sealed(&identity, b"content");
    (0..whole.len()).for_each(|len| assert_refused(&len, &identity, &whole[..len]));

    for len in [CHUNK, 2 * CHUNK, 2 * CHUNK + 5] {
        let whole = sealed(&identity, &content(len));
        let payload = payload_offset(&whole) + 16;
        let ends = (0..).map(|number| payload + number * (CHUNK + 16)).take_while(|end| *end < whole.len());
        for end in ends.chain([payload - 16, payload + CHUNK, whole.len()]) {
            for cut in (end.saturating_sub(18)..=end + 18).filter(|cut| *cut < whole.len()) {
                assert_refused(&(len, cut), &identity, &whole[..cut]);
            }
        }
    }
}

#[test]
fn a_file_with_any_flipped_bit_does_not_open() {
    let identity = known();
    let mut whole = sealed(&identity, b"content");
    for at in 0..whole.len() {
        for bit in 0..8 {
            whole[at] ^= 1 << bit;
            assert_refused(&(at, bit), &identity, &whole);
            whole[at] ^= 1 << bit;
        }
    }
    assert_eq!(opened(&identity, &whole).unwrap(), b"content");

    let mut whole = sealed(&identity, &content(2 * CHUNK + 5));
    for at in (payload_offset(&whole)..whole.len()).step_by(1999) {
        whole[at] ^= 0x10;
        assert_refused(&at, &identity, &whole);
        whole[at] ^= 0x10;
    }
}

#[test]
fn chunks_cannot_be_dropped_repeated_swapped_or_appended() {
    let identity = known();
    let whole = sealed(&identity, &content(3 * CHUNK));
    let (head, chunks) = whole.split_at(payload_offset(&whole) + 16);
    let chunks: Vec<_> = chunks.chunks(CHUNK + 16).collect();
    let joined = |order: &[usize]| {
        [head].into_iter().chain(order.iter().map(|at| chunks[*at])).collect::<Vec<_>>().concat()
    };
    assert!(joined(&[0, 1, 2]) == whole);
    for order in
        [&[][..], &[0], &[2], &[0, 1], &[0, 2], &[1, 0, 2], &[0, 0, 1, 2], &[0, 1, 2, 2], &[0, 1, 2, 0]]
    {
        assert_refused(&order, &identity, &joined(order));
    }
    for more in [&b"\0"[..], b"\n", &whole, &[0; CHUNK + 16]] {
        assert_refused(&more.len(), &identity, &[&whole, more].concat());
        let short = sealed(&identity, b"content");
        assert_refused(&more.len(), &identity, &[&short, more].concat());
    }
}

#[test]
fn a_sealer_that_is_not_finished_leaves_nothing_that_opens() {
    let identity = known();
    for len in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK] {
        let mut out = Vec::new();
        let mut sealer = seal::seal(&identity.public_keys().seal, &mut out).unwrap();
        sealer.write_all(&content(len)).unwrap();
        sealer.flush().unwrap();
        drop(sealer);
        assert_refused(&len, &identity, &out);
    }
}

/// Takes so many bytes, fails once, then takes all.
struct Full {
    taken: Vec<u8>,
    room: usize,
    failed: bool,
}

impl Write for Full {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.taken.len() < self.room || self.failed {
            let len = if self.failed { bytes.len() } else { bytes.len().min(self.room - self.taken.len()) };
            self.taken.extend_from_slice(&bytes[..len]);
            return Ok(len);
        }
        self.failed = true;
        Err(io::ErrorKind::StorageFull.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_write_that_failed_cannot_be_papered_over() {
    let key = known().public_keys().seal;
    for room in [0, 10, 1000, CHUNK + 100, CHUNK + 1000] {
        let mut out = Full { taken: Vec::new(), room, failed: false };
        let result = seal::seal(&key, &mut out).and_then(|mut sealer| {
            let first = sealer.write_all(&content(CHUNK + 500));
            let second = sealer.write_all(&content(CHUNK + 500));
            let finished = sealer.finish().map(drop);
            assert!(first.is_ok() || second.is_err(), "{room}");
            assert!(second.is_ok() || finished.is_err(), "{room}");
            finished
        });
        assert_eq!(result.unwrap_err().code(), "io", "{room}");
        assert_refused(&room, &known(), &out.taken);
    }
}

/// Fails after so many bytes, with a kind of error that age uses too.
struct Broken<'a>(&'a [u8]);

impl Read for Broken<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.0.read(buffer)? {
            0 => Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the cable was pulled")),
            len => Ok(len),
        }
    }
}

#[test]
fn a_failing_reader_is_told_from_a_damaged_file() {
    let whole = sealed(&known(), &content(CHUNK + 10));
    for len in [0, 5, 22, 100, payload_offset(&whole), payload_offset(&whole) + 3, CHUNK, CHUNK + 200] {
        let read = || -> Result<Vec<u8>, Error> {
            let mut content = Vec::new();
            open(&known(), Broken(&whole[..len]))?.read_to_end(&mut content)?;
            Ok(content)
        };
        let error = read().unwrap_err();
        assert_eq!((error.code(), error.to_string().as_str()), ("io", "the cable was pulled"), "{len}");
    }
}

#[test]
fn after_an_error_nothing_more_is_read() {
    let mut whole = sealed(&known(), &content(3 * CHUNK));
    let second = payload_offset(&whole) + 16 + CHUNK + 16;
    whole[second + 5] ^= 1;
    let mut reader = open(&known(), &whole[..]).unwrap();
    let mut chunk = vec![0; CHUNK];
    reader.read_exact(&mut chunk).unwrap();
    assert!(chunk == content(CHUNK));
    for _ in 0..4 {
        assert_eq!(Error::from(reader.read(&mut chunk).unwrap_err()).code(), "seal");
    }
}

#[test]
fn a_header_without_end_is_not_read_without_end() {
    struct Endless(usize);
    impl Read for Endless {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let line = b"-> stanza\n\n";
            for byte in &mut *buffer {
                *byte = if self.0 < 22 { seal::MAGIC[self.0] } else { line[(self.0 - 22) % line.len()] };
                self.0 += 1;
            }
            assert!(self.0 < 1 << 20, "far more than any header");
            Ok(buffer.len())
        }
    }
    assert_eq!(open(&known(), Endless(0)).unwrap_err().code(), "seal");
}

#[test]
fn other_files_are_not_sealed() {
    for other in [
        &b""[..],
        b"age-encryption.org/v1",
        b"age-encryption.org/v2\n",
        b"age-encryption.org/v1\r\n",
        b"-----BEGIN AGE ENCRYPTED FILE-----\n",
        b"veilmatch set 1\n",
    ] {
        assert!(!is_sealed(other));
        let error = open(&known(), other).unwrap_err();
        assert!(error.to_string().contains("expected a sealed file"), "{error}");
    }
    assert!(is_sealed(b"age-encryption.org/v1\n"));
    assert_refused(&"the first line alone", &known(), seal::MAGIC);
}

#[test]
fn keys_that_are_none_are_refused_before_anything_is_sealed() {
    let good = known().public_keys().seal;
    assert!(good.check().is_ok());
    for point in SMALL_ORDER {
        let key = seal_key(&bytes_of(point));
        assert_eq!(key.check().unwrap_err().code(), "seal", "{point}");
        let mut out = Vec::new();
        assert!(seal::seal(&key, &mut out).is_err(), "{point}");
        assert_eq!(out, b"", "{point}");
    }
    for at in 4..good.as_str().len() {
        for with in "qpzry9x8gf2tvdw0s3jn54khce6mua7l".chars().map(String::from) {
            let mut typo = good.as_str().to_owned();
            typo.replace_range(at..=at, &with);
            let typo = SealKey::new(&typo).unwrap();
            assert_eq!(typo.check().is_ok(), typo == good, "{typo}");
        }
    }
}

// --- Silence --------------------------------------------------------------------------------------------

/// What of the known identity's secrets, or of a sealed content, a text says.
fn leaks(text: &str) -> Vec<String> {
    let seed = bytes_of(RFC_8032[0][0]);
    let list = |bytes: &[u8]| bytes.iter().map(u8::to_string).collect::<Vec<_>>().join(",");
    let file = key_file(&seed, CCTV_KEY);
    let sign = file.lines().nth(1).unwrap().strip_prefix("sign: vmsign1").unwrap().to_owned();
    let seal = CCTV_KEY.strip_prefix("AGE-SECRET-KEY-1").unwrap();
    let needles = [
        RFC_8032[0][0][..16].to_owned(),
        RFC_8032[0][0][48..].to_owned(),
        list(&seed[..6]),
        list(&seed[26..]),
        sign[..12].to_owned(),
        sign[20..32].to_owned(),
        seal[..12].to_owned(),
        seal[20..32].to_owned(),
        "marker".to_owned(),
        list(&b"marker"[..]),
    ];
    let text: String = text.to_lowercase().split_whitespace().collect();
    needles.into_iter().filter(|needle| text.contains(&needle.to_lowercase())).collect()
}

fn assert_silent(value: &dyn Debug, text: &str) {
    for said in [format!("{value:?}"), format!("{value:#?}"), format!("{value:x?}"), text.to_owned()] {
        assert_eq!(leaks(&said), Vec::<String>::new(), "{said}");
    }
}

#[test]
fn the_search_finds_what_is_planted() {
    let file = key_file(&bytes_of(RFC_8032[0][0]), CCTV_KEY);
    assert_eq!(leaks(&file).len(), 4);
    assert_eq!(leaks(&format!("{:?} {}", bytes_of(RFC_8032[0][0]), RFC_8032[0][0])).len(), 4);
    assert_eq!(leaks("Marker").len(), 1);
}

#[test]
fn no_debug_form_shows_a_key() {
    let identity = known();
    assert_eq!(format!("{identity:?} {identity:#?}"), "Identity Identity");
    let mut sealer = seal::seal(&identity.public_keys().seal, Vec::new()).unwrap();
    sealer.write_all(b"marker").unwrap();
    assert_silent(&sealer, "");
    let sealed = sealer.finish().unwrap();
    let mut reader = open(&identity, &sealed[..]).unwrap();
    reader.read_exact(&mut [0; 2]).unwrap();
    assert_silent(&reader, "");
}

#[test]
fn no_error_repeats_what_it_is_about() {
    let file = key_file(&bytes_of(RFC_8032[0][0]), CCTV_KEY);
    let mut errors = Vec::new();
    for at in 0..file.len() {
        let mut other = file.clone();
        other.replace_range(at..=at, "*");
        errors.extend(read(&other).err());
        errors.extend(PublicKeys::read_file(&Kept::new(&other).path).err());
        errors.extend(other.parse::<PublicKeys>().err());
    }
    for line in file.lines() {
        let text = line.split(' ').next_back().unwrap();
        errors.extend(SealKey::new(text).err());
        errors.extend(text.parse::<SignerKey>().err());
    }
    let whole = sealed(&known(), b"marker");
    errors.extend((0..whole.len()).map(|len| opened(&known(), &whole[..len]).unwrap_err()));
    errors.push(open(&known(), &b"marker"[..]).unwrap_err());
    errors.push(open(&known(), &[seal::MAGIC, b"-> marker\nmarker\n---\n"].concat()[..]).unwrap_err());
    assert!(errors.len() > 400);
    for error in &errors {
        assert_silent(error, &error.to_string());
        let mut source = std::error::Error::source(error);
        while let Some(cause) = source {
            assert_silent(&cause, &cause.to_string());
            source = cause.source();
        }
    }
}
