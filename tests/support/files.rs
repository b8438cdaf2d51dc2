//! Small files of every type, what reads them, and a forger who gives changed ones fresh digests.
#![allow(dead_code, unreachable_pub, reason = "each test file uses its part")]

use veilmatch::container::{CHUNK_RECORDS, HEADER_LEN};
use veilmatch::terms::ContentDigest;
use veilmatch::trail::{Answer, Links, Statement};
use veilmatch::{
    Delta, Disclosure, Error, Handshake, Intersection, Metadata, Notice, Overlaps, Prefilter, Share, TokenSet,
};

use super::hub::{name, set_of};
use super::trails::{answer, links_file, statement, trail_round};

/// What one of the writers writes.
pub fn written(write: impl Fn(&mut Vec<u8>) -> Result<(), Error>) -> Vec<u8> {
    let mut bytes = Vec::new();
    write(&mut bytes).expect("writing to memory succeeds");
    bytes
}

pub fn metadata() -> Metadata {
    Metadata {
        created: 1_700_000_000,
        not_before: Some(1),
        not_after: None,
        purpose: "test \"of\" files".into(),
        log: Some(ContentDigest([7; 32])),
    }
}

/// Reads a file and writes what was read again.
pub type Reader = fn(&[u8]) -> Result<Vec<u8>, Error>;

/// One small file of each type, with the reader that validates it.
pub fn small_files() -> Vec<(&'static str, Vec<u8>, Reader)> {
    let (a, b) = (set_of("bank-a", 0..40).with_metadata(metadata()), set_of("bank-b", 20..50));
    let next = set_of("bank-a", 10..45).with_metadata(metadata()).following(&a.revision().unwrap()).unwrap();
    let delta = Delta::between(&a, &next).unwrap();
    let overlaps =
        Intersection::new().add(&a).unwrap().add(&b).unwrap().at_least(2).unwrap().collect().unwrap();
    let share = |disclosure| overlaps.share(&name("bank-a"), disclosure).unwrap().with_metadata(metadata());
    let next_b = set_of("bank-b", 25..60).following(&b.revision().unwrap()).unwrap();
    let retracted = Delta::between(&b, &next_b).unwrap();
    let notice = |disclosure| {
        let matched = Intersection::new().add(&a).unwrap().add(&b).unwrap().at_least(2).unwrap();
        let notices = matched.notices(&[&retracted], disclosure).unwrap();
        notices.into_iter().next().expect("20 to 24 are withdrawn").with_metadata(metadata())
    };
    let prefilter = |filter: Result<Prefilter, Error>| {
        let filter = filter.unwrap();
        written(|out| filter.write_to(&metadata(), out))
    };
    let round = trail_round();
    vec![
        ("links", links_file(&round, "bank-a"), reader_of("links")),
        ("trail", written(|out| answer(&round).write_to(out)), reader_of("trail")),
        ("statement", written(|out| statement(&round).write_to(out)), reader_of("statement")),
        ("set", written(|out| a.write_to(out)), reader_of("set")),
        ("set that follows another", written(|out| next.write_to(out)), reader_of("set")),
        ("delta", written(|out| delta.write_to(out)), reader_of("delta")),
        ("overlaps", written(|out| overlaps.write_to(out)), reader_of("overlaps")),
        ("share with holders", written(|out| share(Disclosure::Holders).write_to(out)), reader_of("share")),
        ("share with counts", written(|out| share(Disclosure::Counts).write_to(out)), reader_of("share")),
        ("notice with names", written(|out| notice(Disclosure::Holders).write_to(out)), reader_of("notice")),
        ("notice with counts", written(|out| notice(Disclosure::Counts).write_to(out)), reader_of("notice")),
        ("prefilter", prefilter(Prefilter::standard(&b, 0.01)), reader_of("prefilter")),
        ("prefilter in blocks", prefilter(Prefilter::blocked(&b, 0.01)), reader_of("prefilter")),
    ]
}

pub fn reader_of(file_type: &str) -> Reader {
    match file_type {
        "set" => |bytes| {
            let set = TokenSet::from_file_bytes(bytes)?;
            Ok(written(|out| set.write_to(out)))
        },
        "delta" => |bytes| {
            let delta = Delta::from_file_bytes(bytes)?;
            Ok(written(|out| delta.write_to(out)))
        },
        "overlaps" => |bytes| {
            let overlaps = Overlaps::from_file_bytes(bytes)?;
            Ok(written(|out| overlaps.write_to(out)))
        },
        "share" => |bytes| {
            let share = Share::from_file_bytes(bytes)?;
            Ok(written(|out| share.write_to(out)))
        },
        "notice" => |bytes| {
            let notice = Notice::from_file_bytes(bytes)?;
            Ok(written(|out| notice.write_to(out)))
        },
        "links" => |bytes| {
            let links = Links::from_source(Box::new(bytes.to_vec()), "links");
            links.map(|_| bytes.to_vec()).map_err(|error| match error {
                Error::At { source, .. } => *source,
                other => other,
            })
        },
        "trail" => |bytes| {
            let answer = Answer::from_file_bytes(bytes)?;
            Ok(written(|out| answer.write_to(out)))
        },
        "statement" => |bytes| {
            let statement = Statement::from_file_bytes(bytes)?;
            Ok(written(|out| statement.write_to(out)))
        },
        "prefilter" => |bytes| {
            let prefilter = Prefilter::from_file_bytes(bytes)?;
            let metadata = stamp_of(bytes); // which a prefilter does not keep
            Ok(written(|out| prefilter.write_to(&metadata, out)))
        },
        "handshake" => |bytes| {
            let handshake = Handshake::from_file_bytes(bytes)?;
            Ok(written(|out| handshake.write_to(out)))
        },
        other => panic!("no file type {other}"),
    }
}

/// A handshake, made without any key: a set's file under the name of that type.
pub fn handshake_file() -> Vec<u8> {
    let set = set_of("bank-a", 0..40).with_metadata(metadata());
    let mut forged = Forger::of(&written(|out| set.write_to(out)));
    forged.file_type = "handshake".to_owned();
    forged.replace("veilmatch set 1", "veilmatch handshake 1").file()
}

fn stamp_of(file: &[u8]) -> Metadata {
    let header = header_of(file);
    Metadata {
        created: header["created"].as_u64().unwrap(),
        not_before: header["not_before"].as_u64(),
        not_after: header["not_after"].as_u64(),
        purpose: header["purpose"].as_str().unwrap().to_owned(),
        log: header["log"].as_str().map(|hex| hex.parse().unwrap()),
    }
}

/// The second line of a file.
pub fn header_of(file: &[u8]) -> serde_json::Value {
    let line = file.split(|byte| *byte == b'\n').nth(1).expect("a line of JSON");
    serde_json::from_slice(line).expect("a line of JSON")
}

pub fn sha256(parts: &[&[u8]]) -> Vec<u8> {
    let mut context = ring::digest::Context::new(&ring::digest::SHA256);
    parts.iter().for_each(|part| context.update(part));
    context.finish().as_ref().to_vec()
}

/// Bytes from hex digits; white space around them is ignored.
pub fn unhex(hex: &str) -> Vec<u8> {
    let pairs = hex.trim().as_bytes().chunks_exact(2);
    pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// lp(name) of each, then zeros up to a whole page, as SPEC.md, section 7.2, words it.
pub fn names_block(names: &[&[u8]]) -> Vec<u8> {
    let mut block = Vec::new();
    for name in names {
        block.extend_from_slice(&(name.len() as u16).to_be_bytes());
        block.extend_from_slice(name);
    }
    block.resize(block.len().next_multiple_of(HEADER_LEN), 0);
    block
}

/// A file taken apart, to be changed and digested afresh, as a hostile writer would.
#[derive(Clone)]
pub struct Forger {
    /// The word under the root.
    pub file_type: String,
    /// The first two lines, without the last line's end.
    pub head: String,
    pub names: Vec<u8>,
    pub record_len: usize,
    pub records: Vec<u8>,
}

impl Forger {
    /// Takes a good file apart.
    pub fn of(file: &[u8]) -> Self {
        let head = std::str::from_utf8(&file[..HEADER_LEN]).unwrap().trim_end().to_owned();
        let file_type = head.split(' ').nth(1).unwrap().to_owned();
        let header = header_of(file);
        let matched = &header["matched"];
        let block = if header["document"].is_null() { &matched["names"] } else { &header["document"] };
        let names_len = block["bytes"].as_u64().unwrap_or(0) as usize;
        let members = matched["members"].as_u64().unwrap_or(0) as usize;
        let record_len = match (file_type.as_str(), matched["disclosure"].as_str()) {
            (_, Some("holders")) => 16 + members.div_ceil(8),
            (_, Some(_)) => 18,
            ("delta", None) => 17,
            ("links" | "trail" | "statement", None) => 20,
            ("request" | "evaluation", None) => 32,
            (_, None) => 16,
        };
        let bytes = header["filter"]["bytes"].as_u64().map(|bytes| bytes as usize);
        let changes = ["added", "retracted"].map(|list| header["delta"][list].as_u64());
        let records = match changes {
            [Some(added), Some(retracted)] => added + retracted,
            _ if file_type == "evaluation" => header["tokens"].as_u64().unwrap() + 2, // one proof
            _ => header["tokens"].as_u64().unwrap(),
        };
        let len = bytes.unwrap_or(record_len * records as usize);
        let (names, rest) = file[HEADER_LEN..].split_at(names_len);
        Self { file_type, head, names: names.to_vec(), record_len, records: rest[..len].to_vec() }
    }

    /// Replaces what must stand in the header, once.
    pub fn replace(mut self, from: &str, to: &str) -> Self {
        assert_eq!(self.head.matches(from).count(), 1, "{from} in {}", self.head);
        self.head = self.head.replace(from, to);
        self
    }

    /// The same after an edit of the records.
    pub fn records(mut self, edit: impl FnOnce(&mut Vec<u8>)) -> Self {
        edit(&mut self.records);
        self
    }

    /// Replaces the block of names and what the header says of it.
    pub fn names(mut self, block: Vec<u8>) -> Self {
        let describe =
            |block: &[u8]| format!(r#"{{"bytes":{},"digest":"{}"}}"#, block.len(), hex(&sha256(&[block])));
        let (old, new) = (describe(&self.names), describe(&block));
        self.names = block;
        self.replace(&old, &new)
    }

    /// The file, with digests that fit.
    pub fn file(&self) -> Vec<u8> {
        let mut page = self.head.clone().into_bytes();
        page.push(b'\n');
        page.resize(HEADER_LEN - 1, b' ');
        page.push(b'\n');
        let mut index = Vec::new();
        for (number, chunk) in self.records.chunks(self.record_len * CHUNK_RECORDS).enumerate() {
            index.extend_from_slice(&chunk[..16.min(chunk.len())]);
            index.extend_from_slice(&sha256(&[b"veilmatch/1 chunk", &(number as u64).to_be_bytes(), chunk]));
        }
        let word = self.file_type.as_bytes();
        let (lp, records) = (word.len() as u16, self.records.len() / self.record_len);
        let count = (records as u64).to_be_bytes();
        let root = sha256(&[b"veilmatch/1 root", &lp.to_be_bytes(), word, &page, &count, &index]);
        [&page, &self.names, &self.records, &index, &root, &vec![0; 64]].map(Vec::as_slice).concat()
    }
}
