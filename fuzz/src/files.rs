//! Files of records: as they are, and as the essence of one whose digests are right.

use veilmatch::container::Signer;
use veilmatch::set::SetHeader;
use veilmatch::terms::SignerKey;
use veilmatch::{Delta, Error, Handshake, Notice, SetFile, Share, TokenSet};

use crate::support::files::{Forger, reader_of, written};

/// Any bytes as a set, in memory and as one that stays where it is.
pub fn set(data: &[u8]) {
    check("set", data);
    on_disk(data);
    if let Some(forged) = Forger::of_essence("set", data) {
        on_disk(&forged.file());
    }
}

/// What is read where it is, is what is read as a whole; and what it says is true of it.
fn on_disk(file: &[u8]) {
    let whole = TokenSet::from_file_bytes(file);
    let opened = SetFile::from_source(Box::new(file.to_vec()), "file");
    let verified = opened.as_ref().map(|opened| opened.verify());
    let loaded = opened.as_ref().map(SetFile::load);
    match (&whole, &verified, &loaded) {
        (Ok(whole), Ok(Ok(())), Ok(Ok(loaded))) => {
            assert!(whole == loaded, "another set was loaded than is read as a whole");
            let opened = opened.as_ref().expect("it was loaded");
            assert!(opened.header() == whole.header(), "another header");
            assert!(opened.content_digest() == whole.content_digest(), "another digest of the tokens");
            assert!(whole.root().expect("a metadata that was read") == opened.root(), "another root");
            assert!(written(|out| opened.copy_to(out)) == file, "copied, it is another file");
        }
        (Err(_), Err(Error::At { .. }), _) | (Err(_), Ok(Err(Error::At { .. })), Ok(Err(_))) => {}
        _ => panic!("a set that one reader alone refuses"),
    }
    match (&whole, TokenSet::read(file, file.len() as u64), SetHeader::read(file)) {
        (Ok(whole), Ok(swept), Ok(header)) => {
            assert!(*whole == swept && *whole.header() == header, "another set in one sweep");
            assert!(whole.content_digest() == swept.content_digest(), "another digest in one sweep");
        }
        (Err(_), Err(_), Err(_)) => {}
        _ => panic!("a set that one reader alone refuses in one sweep"),
    }
}

/// Any bytes as a share.
pub fn share(data: &[u8]) {
    check("share", data);
}

/// Any bytes as overlaps.
pub fn overlaps(data: &[u8]) {
    check("overlaps", data);
}

/// Any bytes as a prefilter.
pub fn prefilter(data: &[u8]) {
    check("prefilter", data);
}

/// Any bytes as a handshake.
pub fn handshake(data: &[u8]) {
    check("handshake", data);
}

/// Any bytes as a delta.
pub fn delta(data: &[u8]) {
    check("delta", data);
}

/// Any bytes as a notice.
pub fn notice(data: &[u8]) {
    check("notice", data);
}

/// Any bytes as links.
pub fn links(data: &[u8]) {
    check("links", data);
}

/// Any bytes as an answer about trails.
pub fn trail(data: &[u8]) {
    check("trail", data);
}

/// Any bytes as a statement.
pub fn statement(data: &[u8]) {
    check("statement", data);
}

fn check(file_type: &str, data: &[u8]) {
    read(file_type, data);
    if let Some(forged) = Forger::of_essence(file_type, data) {
        read(file_type, &forged.file());
    }
}

/// What is accepted is what a writer writes.
fn read(file_type: &str, file: &[u8]) {
    let result = match file_type {
        // Without a signer's key, which the bytes may name, such files cannot be written again.
        _ if signer(file).is_some() => signed_again(file_type, file),
        _ => reader_of(file_type)(file),
    };
    match result {
        Ok(again) => assert!(again == file, "{file_type}: written again, it is another file"),
        Err(Error::Format { offset, .. }) => assert!(offset <= file.len() as u64, "{file_type}: {offset}"),
        Err(Error::Signature { .. } | Error::SigningKey { .. }) => {}
        Err(other) => panic!("{file_type}: {other}"),
    }
}

fn signer(file: &[u8]) -> Option<SignerKey> {
    let line = file.split(|byte| *byte == b'\n').nth(1)?;
    serde_json::from_slice::<serde_json::Value>(line).ok()?["signer"].as_str()?.parse().ok()
}

/// Says again what somebody signed: under a key of small order nothing but zeros can be a good signature.
struct Parrot {
    key: SignerKey,
    signature: [u8; 64],
}

impl Signer for Parrot {
    fn key(&self) -> SignerKey {
        self.key
    }

    fn sign(&self, _: &[u8]) -> Result<[u8; 64], Error> {
        Ok(self.signature)
    }
}

fn signed_again(file_type: &str, file: &[u8]) -> Result<Vec<u8>, Error> {
    let parrot = |key: Option<SignerKey>| {
        let signature = *file.last_chunk().expect("a file that was accepted has a signature");
        Parrot { key: key.expect("a file that names its signer bears its signature"), signature }
    };
    match file_type {
        "set" => {
            TokenSet::from_file_bytes(file).map(|set| written(|out| set.sign_to(&parrot(set.signer()), out)))
        }
        "share" => Share::from_file_bytes(file)
            .map(|share| written(|out| share.sign_to(&parrot(share.signer()), out))),
        "notice" => Notice::from_file_bytes(file)
            .map(|notice| written(|out| notice.sign_to(&parrot(notice.signer()), out))),
        "delta" => Delta::from_file_bytes(file)
            .map(|delta| written(|out| delta.sign_to(&parrot(delta.signer()), out))),
        "handshake" => Handshake::from_file_bytes(file)
            .map(|shake| written(|out| shake.sign_to(&parrot(shake.signer()), out))),
        // Nobody signs the others; whether they are accepted is all that there is to see.
        _ => reader_of(file_type)(file).map(|_| file.to_vec()),
    }
}
