//! Lines and files of keys: as text, and as bytes under a checksum that fits.

use std::fs::{self, File};
use std::io::Write as _;
use std::str::from_utf8;

use bech32::{Bech32, Bech32m, ByteIterExt as _, Fe32IterExt as _, Hrp};
use tempfile::TempDir;
use veilmatch::Error;
use veilmatch::member::key::{CoalitionSecret, SecretShare};
use veilmatch::round::Known;
use veilmatch::round::identity::Identity;
use veilmatch::terms::PublicKeys;

/// Any text as a secret, a keeper's share, public keys and known keys; any bytes as what those lines encode.
pub fn keys(data: &[u8]) {
    if let Ok(text) = from_utf8(data) {
        secret(text);
        share(text);
        public(text);
    }
    known(data);
    let secrets = line::<Bech32m>("vmsecret", data);
    assert_eq!(secret(&secrets), data.len() == 32 && data.iter().any(|byte| *byte != data[0]));
    share(&line::<Bech32m>("vmshare", data));
}

/// Any bytes as the file of an identity; the first 64 as its two keys.
pub fn identity(data: &[u8]) {
    identity_file(data);
    if let Some((sign, rest)) = data.split_first_chunk::<32>()
        && let Some(seal) = rest.first_chunk::<32>()
    {
        let (sign, seal) = (line::<Bech32m>("vmsign", sign), line::<Bech32>("age-secret-key-", seal));
        identity_file(
            format!("veilmatch identity 1\nsign: {sign}\nseal: {}\n", seal.to_uppercase()).as_bytes(),
        );
    }
}

/// Text under a prefix with its checksum, of any length.
fn line<C: bech32::Checksum>(prefix: &str, bytes: &[u8]) -> String {
    let hrp = Hrp::parse(prefix).expect("a valid prefix");
    bytes.iter().copied().bytes_to_fes().with_checksum::<C>(&hrp).chars().collect()
}

fn secret(text: &str) -> bool {
    match CoalitionSecret::parse(text) {
        Ok(secret) => {
            assert!(*secret.to_line() == *text.trim(), "written again, it is another secret");
            true
        }
        Err(Error::Secret { .. }) => false,
        Err(other) => panic!("{other}"),
    }
}

fn share(text: &str) {
    match SecretShare::parse(text) {
        Ok(share) => assert!(*share.to_line() == *text.trim(), "written again, it is another share"),
        Err(Error::SecretShares { .. }) => {}
        Err(other) => panic!("{other}"),
    }
}

fn public(text: &str) {
    match text.parse::<PublicKeys>() {
        Ok(keys) => assert!(keys.to_string() == plain(text), "written again, they are other keys"),
        Err(Error::Identity { .. } | Error::SigningKey { .. } | Error::Seal { .. }) => {}
        Err(other) => panic!("{other}"),
    }
}

fn known(data: &[u8]) {
    match Known::parse(data) {
        Ok(known) => assert!(known.to_bytes() == data, "written again, they are other keys"),
        Err(Error::Known { .. }) => {}
        Err(Error::At { source, .. }) => {
            assert!(matches!(*source, Error::SigningKey { .. } | Error::Seal { .. }), "{source}");
        }
        Err(other) => panic!("{other}"),
    }
}

/// Text without white space around it and with line ends of Unix, as a writer writes it.
fn plain(text: &str) -> String {
    text.trim().lines().flat_map(|line| [line, "\n"]).collect()
}

/// A folder for one input: nothing is left when libFuzzer ends the process, which drops no static.
fn folder() -> TempDir {
    // In memory where that is possible: identities are synced when they are written.
    TempDir::new_in("/dev/shm").or_else(|_| TempDir::new()).expect("a temporary folder")
}

fn identity_file(content: &[u8]) {
    let folder = folder();
    let (folder, key) = (folder.path(), folder.path().join("key"));
    // Only its owner may touch it.
    let mut options = File::options();
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.write(true).create_new(true).open(&key);
    file.and_then(|mut file| file.write_all(content)).expect("a temporary file can be written");
    match Identity::read_file(&key) {
        Ok(identity) => {
            let text = from_utf8(content).expect("what was accepted is text");
            let again = folder.join("again");
            identity.write_new_files(&again).expect("a new file can be written");
            let written = fs::read_to_string(&again).expect("what was written");
            assert!(written == plain(text), "written again, it is another identity");
        }
        Err(Error::At { source, .. }) => assert!(matches!(*source, Error::Identity { .. }), "{source}"),
        Err(other) => panic!("{other}"),
    }
}
