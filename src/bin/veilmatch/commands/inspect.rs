//! inspect: what a file says about itself, once it is found valid.

use serde_json::Value;
use veilmatch::domain::PublicKeys;
use veilmatch::format::FileType;
use veilmatch::{Delta, Error, Handshake, Overlaps, Prefilter, Round, Share, TokenSet};

use super::print;
use crate::Failure;
use crate::arguments::{Inspect, OutputFormat};
use crate::envelope::read_any;
use crate::session::Session;

pub(crate) fn run(session: &mut Session, arguments: &Inspect) -> Result<(), Failure> {
    session.identify(arguments.identity.as_deref())?;
    let path = &arguments.file;
    let (what, header) = read_any(session, path, |bytes, _| describe(bytes))?;
    print(|out| match (arguments.format, header) {
        (OutputFormat::Json, header) => {
            Ok(writeln!(out, "{}", serde_json::json!({"type": what, "header": header}))?)
        }
        (OutputFormat::Text, Value::Object(fields)) => {
            writeln!(out, "type: {what}")?;
            Ok(fields.iter().filter(|(_, value)| !value.is_null()).try_for_each(
                |(field, value)| match value {
                    Value::String(text) => writeln!(out, "{field}: {text}"),
                    value => writeln!(out, "{field}: {value}"),
                },
            )?)
        }
        (OutputFormat::Text, header) => Ok(writeln!(out, "type: {what}\n{header}")?),
    })
}

/// Validates a file and returns its type and header.
pub(crate) fn describe(bytes: &[u8]) -> Result<(&'static str, Value), Error> {
    let json = |bytes: &[u8]| serde_json::from_slice(bytes).unwrap_or_default();
    let header = |file_type: FileType| {
        (file_type.word(), json(bytes.split(|byte| *byte == b'\n').nth(1).unwrap_or_default()))
    };
    match FileType::of(bytes) {
        Some(file_type) => {
            match file_type {
                FileType::Set => drop(TokenSet::from_file_bytes(bytes)?),
                FileType::Overlaps => drop(Overlaps::from_file_bytes(bytes)?),
                FileType::Share => drop(Share::from_file_bytes(bytes)?),
                FileType::Prefilter => drop(Prefilter::from_file_bytes(bytes)?),
                FileType::Handshake => drop(Handshake::from_file_bytes(bytes)?),
                FileType::Delta => drop(Delta::from_file_bytes(bytes)?),
            }
            Ok(header(file_type))
        }
        None if bytes.starts_with(b"{") => {
            let round = Round::from_bytes(bytes)?;
            let mut fields: Value = json(bytes);
            if let Value::Object(fields) = &mut fields {
                fields.insert("digest".to_owned(), round.digest().to_string().into());
            }
            Ok(("round", fields))
        }
        None => {
            let text = std::str::from_utf8(bytes).unwrap_or_default();
            let keys: PublicKeys = text.parse().map_err(|_| Error::Format {
                offset: 0,
                expected: "a file of this program that is no secret",
            })?;
            Ok(("public keys", serde_json::json!({"sign": keys.sign, "seal": keys.seal})))
        }
    }
}
