//! Damage to a small file of each type, by the hundred thousand: an error or the same content, never a panic,
//! never another answer, and never more memory than the file itself accounts for.

use crate::counting::counted;
use crate::support::files::{handshake_file, reader_of, small_files};
use crate::support::mutation::Random;
use crate::support::thorough::times;
use veilmatch::round::log::Log;
use veilmatch::{Error, Round};

const MUTATIONS: u32 = 100_000;

/// What reading may allocate in all: JSON, names and tables of a small file, many times over.
fn allowance(len: usize) -> u64 {
    64 * 1024 + 32 * len as u64
}

/// Reads a file and writes its content again.
type Read<'a> = dyn Fn(&[u8]) -> Result<Vec<u8>, Error> + 'a;

struct Case<'a> {
    what: &'a str,
    file: Vec<u8>,
    read: &'a Read<'a>,
}

impl Case<'_> {
    /// Cuts the file at every byte and changes it in many ways.
    fn check(&self) {
        let content = (self.read)(&self.file).expect(self.what);
        for len in 0..self.file.len() {
            self.require_refused_or_same(&self.file[..len], &content);
        }
        let mut random = Random(3);
        let mutations = times(MUTATIONS);
        let refused = (0..mutations).filter(|number| {
            let mut broken = self.file.clone();
            // Of the same length too, so that what a check of the length guards is reached.
            random.mutate(&mut broken, number.is_multiple_of(2));
            self.require_refused_or_same(&broken, &content)
        });
        assert!(refused.count() > mutations as usize / 2, "{}: most mutations change nothing", self.what);
    }

    /// Whether it was refused.
    fn require_refused_or_same(&self, broken: &[u8], content: &[u8]) -> bool {
        let ((_, allocated), result) = counted(|| (self.read)(broken));
        assert!(allocated <= allowance(broken.len()), "{}: {allocated} bytes allocated", self.what);
        match result {
            Ok(again) => assert!(again == content, "{}: another content was accepted", self.what),
            Err(_) => return true,
        }
        false
    }
}

#[test]
fn a_damaged_file_of_records_is_refused() {
    for (what, file, read) in small_files() {
        Case { what, file, read: &read }.check();
    }
    Case { what: "handshake", file: handshake_file(), read: &reader_of("handshake") }.check();
}

/// A manifest has no checksum: what protects it is its digest, which everyone compares.
#[test]
fn a_damaged_manifest_is_refused_or_has_another_digest() {
    let specification = include_str!("../../SPEC.md");
    let start = specification.find("{\n  \"format\": \"veilmatch round 1\"").unwrap();
    let len = specification[start..].find("```").unwrap();
    let file = specification.as_bytes()[start..start + len].to_vec();
    let agreed = Round::from_bytes(&file).unwrap().digest();
    let read = |bytes: &[u8]| {
        let round = Round::from_bytes(bytes)?;
        assert!(round.to_bytes() == bytes, "another manifest was read than stands there");
        let expected = "the manifest that was agreed to";
        if round.digest() == agreed { Ok(round.to_bytes()) } else { Err(Error::Manifest { expected }) }
    };
    Case { what: "manifest", file, read: &read }.check();
}

/// Against the head that stands in the files written since.
#[test]
fn a_damaged_run_record_is_refused() {
    let file = include_bytes!("../../spec/log-1.jsonl").to_vec();
    let head = Log::parse(&file).unwrap().head();
    let read = |bytes: &[u8]| {
        let log = Log::parse(bytes)?;
        log.verify(Some(head), &[])?;
        Ok(log.lines().iter().flat_map(|line| serde_json::to_vec(line).unwrap()).collect())
    };
    Case { what: "run record", file, read: &read }.check();
}

#[cfg(feature = "member")]
fn text(bytes: &[u8]) -> Result<&str, Error> {
    std::str::from_utf8(bytes).map_err(|_| Error::Secret { problem: "expected text" })
}

#[cfg(feature = "member")]
#[test]
fn a_damaged_secret_is_refused() {
    use crate::support::member::secret;
    use veilmatch::member::key::CoalitionSecret;

    let read = |bytes: &[u8]| Ok(CoalitionSecret::parse(text(bytes)?)?.to_line().as_bytes().to_vec());
    let file = format!("{}\n", *secret().to_line()).into_bytes();
    Case { what: "secret file", file, read: &read }.check();
}

#[cfg(feature = "secret-shares")]
#[test]
fn a_damaged_share_of_a_secret_is_refused() {
    use crate::support::member::secret;
    use veilmatch::member::key::SecretShare;

    let read = |bytes: &[u8]| Ok(SecretShare::parse(text(bytes)?)?.to_line().as_bytes().to_vec());
    let file = format!("{}\n", *secret().split(2, 3).unwrap()[0].to_line()).into_bytes();
    Case { what: "keeper's share", file, read: &read }.check();
}

#[cfg(feature = "seal")]
#[test]
fn a_damaged_identity_is_refused() {
    use std::fs::{self, File};
    use std::io::{Seek as _, Write as _};
    use veilmatch::round::identity::Identity;

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key");
    Identity::generate().unwrap().write_new_files(&path).unwrap();
    let file = fs::read(&path).unwrap();
    // Written over, not emptied first: a file system may wait for the disk where that happens.
    let on_disk = File::options().write(true).open(&path).unwrap();
    let read = |bytes: &[u8]| {
        (&on_disk).rewind()?;
        (&on_disk).write_all(bytes)?;
        on_disk.set_len(bytes.len() as u64)?;
        Ok(Identity::read_file(&path)?.public_keys().to_string().into_bytes())
    };
    Case { what: "identity", file, read: &read }.check();
}
