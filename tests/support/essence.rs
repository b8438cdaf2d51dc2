//! The essence of a file: what is left of it without padding, index and digests, for fuzzers to change.
//!
//! Nearly every change to a whole file ends at a digest, and most of its bytes are padding.
#![allow(dead_code, unreachable_pub, reason = "each test file uses its part")]

use veilmatch::container::HEADER_LEN;

use super::files::{Forger, hex, sha256};

/// No file has more members (SPEC.md, section 7.2).
const MAX_MEMBERS: u64 = 2048;

/// The types of files that are laid out this way.
pub const LAID_OUT: [&str; 10] =
    ["set", "share", "overlaps", "prefilter", "handshake", "delta", "notice", "links", "trail", "statement"];

impl Forger {
    /// The two lines, the length of the names or document (2 bytes), these without what fills their page, the records.
    pub fn essence(&self) -> Vec<u8> {
        let fills = |byte: &&u8| if has_document(&self.head) { b" \n".contains(byte) } else { **byte == 0 };
        let len = self.names.len() - self.names.iter().rev().take_while(fills).count();
        let len_bytes = (len as u16).to_be_bytes();
        [self.head.as_bytes(), b"\n", &len_bytes, &self.names[..len], &self.records].concat()
    }

    /// The file of a type that has this essence, whatever that says; nothing if it ends too soon.
    pub fn of_essence(file_type: &str, essence: &[u8]) -> Option<Self> {
        let mut ends = essence.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
        let end = ends.nth(1)?.0;
        let mut head = String::from_utf8_lossy(&essence[..end]).into_owned();
        let (len, rest) = essence[end + 1..].split_first_chunk()?;
        let (names, records) = rest.split_at_checked(u16::from_be_bytes(*len).into())?;
        let mut names = names.to_vec();
        if has_document(&head) {
            names.push(b'\n');
            names.resize((names.len() + 1).next_multiple_of(HEADER_LEN) - 1, b' ');
            names.push(b'\n');
        } else {
            names.resize(names.len().next_multiple_of(HEADER_LEN), 0);
        }
        refresh(&mut head, &names);
        let record_len = record_len(&head);
        Some(Self { file_type: file_type.to_owned(), head, names, record_len, records: records.to_vec() })
    }
}

fn has_document(head: &str) -> bool {
    head.contains("\"document\":{")
}

/// Puts the digest of the names or the document where the header has one.
fn refresh(head: &mut String, names: &[u8]) {
    const BEFORE: &str = "\"digest\":\"";
    let Some(start) = head.find("\"names\":{").or_else(|| head.find("\"document\":{")) else { return };
    let Some(digest) = head[start..].find(BEFORE).map(|at| start + at + BEFORE.len()) else { return };
    if head.is_char_boundary(digest + 64) && digest + 64 <= head.len() {
        head.replace_range(digest..digest + 64, &hex(&sha256(&[names])));
    }
}

/// What a record takes by the header, where that can be read.
fn record_len(head: &str) -> usize {
    let header: serde_json::Value =
        head.lines().nth(1).and_then(|line| serde_json::from_str(line).ok()).unwrap_or_default();
    let matched = &header["matched"];
    match matched["disclosure"].as_str() {
        None if ["veilmatch request ", "veilmatch evaluation "]
            .iter()
            .any(|type_of| head.starts_with(type_of)) =>
        {
            32
        }
        None if !header["delta"].is_null() => 17,
        None if !header["document"].is_null() => 20,
        None if header["matched"].is_null() => 16,
        Some("counts") => 18,
        _ => 16 + matched["members"].as_u64().unwrap_or(0).min(MAX_MEMBERS).div_ceil(8) as usize,
    }
}
