//! Looking at any file: what it is, once every byte of it is found valid. A set is read where it lies, and never held.

use std::io::{self, Read as _};
use std::path::Path;

use serde_json::Value;
use veilmatch::domain::PublicKeys;
use veilmatch::format::{FileType, HEADER_LEN};
use veilmatch::set::SetHeader;
use veilmatch::{Delta, Error, Handshake, Notice, Overlaps, Prefilter, Round, SetFile, Share, seal};

use crate::envelope::{Streamed, beginning, read_any};
use crate::session::Session;

/// A file that was found valid.
pub(crate) struct Looked {
    pub(crate) what: &'static str,
    pub(crate) header: Value,
    pub(crate) sealed: bool,
    pub(crate) content: Content,
}

/// What a round can ask of it.
pub(crate) enum Content {
    Set(Box<SetHeader>),
    Delta(Box<Delta>),
    Handshake(Box<Handshake>),
    Share(Box<Share>),
    Notice(Box<Notice>),
    /// Nothing.
    OfNoRound,
}

/// Validates a file.
///
/// Memory: that of an index for a set, 48 bytes for each 1,024 tokens, but from standard input or a pipe; the whole file
/// for all else.
pub(crate) fn look(session: &mut Session, path: &Path) -> Result<Looked, Error> {
    let named = |error: Error| error.at(path.display().to_string());
    // Of what is no regular file the beginning can be read but once.
    if path == Path::new("-") || !path.metadata().is_ok_and(|metadata| metadata.is_file()) {
        return read_any(session, path, whole);
    }
    let beginning = beginning(path).map_err(|error| named(error.into()))?;
    if FileType::of(&beginning) == Some(FileType::Set) {
        let file = SetFile::open(path)?;
        file.verify(&())?;
        session.state_input(path, |out| file.copy_to(out))?;
        return Ok(Looked::set(file.header().clone(), file.header_line(), false));
    }
    if !seal::is_sealed(&beginning) {
        return read_any(session, path, whole);
    }
    let mut file = Streamed::open_if(session, path, |_| Ok(()))?;
    let looked = in_one_sweep(&mut file).map_err(named)?;
    file.finish(session)?;
    Ok(looked)
}

/// What was sealed: in memory, unless it is a set.
fn in_one_sweep(file: &mut Streamed) -> Result<Looked, Error> {
    let mut content = Vec::new();
    file.take(HEADER_LEN as u64).read_to_end(&mut content)?;
    if FileType::of(&content) == Some(FileType::Set) {
        let header = SetHeader::read(io::Read::chain(&content[..], file))?;
        return Ok(Looked::set(header, second_line(&content), true));
    }
    file.read_to_end(&mut content)?;
    whole(&content, true)
}

impl Looked {
    fn set(header: SetHeader, line: &[u8], sealed: bool) -> Self {
        let content = Content::Set(Box::new(header));
        Self { what: FileType::Set.word(), header: json(line), sealed, content }
    }
}

/// A whole file in memory.
fn whole(bytes: &[u8], sealed: bool) -> Result<Looked, Error> {
    let (what, header, content) = match FileType::of(bytes) {
        Some(file_type) => {
            let content = match file_type {
                FileType::Set => Content::Set(Box::new(SetHeader::read(bytes)?)),
                FileType::Delta => Content::Delta(Box::new(Delta::from_file_bytes(bytes)?)),
                FileType::Handshake => Content::Handshake(Box::new(Handshake::from_file_bytes(bytes)?)),
                FileType::Share => Content::Share(Box::new(Share::from_file_bytes(bytes)?)),
                FileType::Notice => Content::Notice(Box::new(Notice::from_file_bytes(bytes)?)),
                FileType::Overlaps => Overlaps::from_file_bytes(bytes).map(|_| Content::OfNoRound)?,
                FileType::Prefilter => Prefilter::from_file_bytes(bytes).map(|_| Content::OfNoRound)?,
            };
            (file_type.word(), json(second_line(bytes)), content)
        }
        None if bytes.starts_with(b"{") => {
            let round = Round::from_bytes(bytes)?;
            let mut fields: Value = json(bytes);
            if let Value::Object(fields) = &mut fields {
                fields.insert("digest".to_owned(), round.digest().to_string().into());
            }
            ("round", fields, Content::OfNoRound)
        }
        None => {
            let text = std::str::from_utf8(bytes).unwrap_or_default();
            let keys: PublicKeys = text.parse().map_err(|error| match error {
                Error::Identity { .. } => {
                    Error::Format { offset: 0, expected: "a file of this program that is no secret" }
                }
                bad_keys => bad_keys,
            })?;
            let fields = serde_json::json!({"sign": keys.sign, "seal": keys.seal});
            ("public keys", fields, Content::OfNoRound)
        }
    };
    Ok(Looked { what, header, sealed, content })
}

fn second_line(bytes: &[u8]) -> &[u8] {
    bytes.split(|byte| *byte == b'\n').nth(1).unwrap_or_default()
}

fn json(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap_or_default()
}
