//! Files of type `statement`: a document without records.

use std::io::Write;

use serde::{Deserialize, Serialize};

use crate::container::body::Content;
use crate::container::header::Header;
use crate::container::sizes::{LINK_RECORD, sizes};
use crate::container::{FileType, HEADER_LEN, Signer, body, document};
use crate::error::Error;
use crate::terms::{ContentDigest, Name, SealKey, Signature, TrailId};

use super::slip::Slip;
use super::statement::{Period, Release, StatedSubject, Statement};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    slip: SlipPart,
    authority: SealKey,
    case: String,
    contact: String,
    channel: Option<String>,
    subjects: Vec<StatedSubject>,
    period: Period,
    answer: Option<ContentDigest>,
    request: String,
}

/// The slip, but for the round and its recipient, which stand in the header.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SlipPart {
    trail: TrailId,
    members: u64,
    names: Option<Vec<Name>>,
    signature: Option<Signature>,
}

impl Statement {
    /// Writes the statement as a file of type [`FileType::Statement`], unsigned, for its authority alone.
    ///
    /// # Errors
    ///
    /// [`Error::Trail`] for parts of another form than they say, [`Error::Metadata`] for metadata that a header cannot
    /// hold, [`Error::Io`] where writing fails.
    pub fn write_to(&self, out: &mut dyn Write) -> Result<(), Error> {
        self.write(None, out)
    }

    /// Writes the statement with the member's signature.
    ///
    /// # Errors
    ///
    /// As [`Statement::write_to`]; those of the signer, and [`Error::Signature`] where it does not sign well.
    pub fn sign_to(&self, signer: &dyn Signer, out: &mut dyn Write) -> Result<(), Error> {
        self.write(Some(signer), out)
    }

    fn write(&self, signer: Option<&dyn Signer>, out: &mut dyn Write) -> Result<(), Error> {
        if let Some(expected) = self.fault() {
            return Err(Error::Trail { expected });
        }
        let pages = document::pages(&self.to_document())?;
        let mut header = Header::new(&self.terms, Some(&self.member), &self.metadata, 0)?;
        header.document = Some(document::stated(&pages));
        let content = Content { header: &header, names: &pages, record_len: LINK_RECORD, records: 0 };
        content.write(FileType::Statement, signer, out, |_, _| {})
    }

    /// Reads a whole file of type [`FileType::Statement`] and validates every byte of it.
    ///
    /// # Errors
    ///
    /// [`Error::Format`], with the offset at which the fault shows; [`Error::Signature`].
    pub fn from_file_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let opened = body::open(bytes, FileType::Statement, |header| sizes(header, FileType::Statement))?;
        let document: Document = document::read(&opened.names)?;
        let wrong = |expected| Error::Format { offset: HEADER_LEN as u64, expected };
        if document.request != Self::REQUEST {
            return Err(wrong("the request to preserve, word for word"));
        }
        let (terms, metadata) = (opened.header.terms()?, opened.header.metadata());
        let round = opened.header.round.ok_or(wrong("a round"))?;
        let member = opened.header.member.ok_or(wrong("a member"))?;
        let SlipPart { trail, members, names, signature } = document.slip;
        let Document { authority, case, contact, channel, .. } = document;
        let statement = Self {
            terms,
            metadata,
            signer: opened.signed.map(|signed| signed.key),
            slip: Slip { round, trail, recipient: member.clone(), members, names },
            member,
            slip_signature: signature,
            release: Release { authority, case, contact, channel },
            subjects: document.subjects,
            period: document.period,
            answer: document.answer,
        };
        statement.fault().map_or(Ok(statement), |expected| Err(wrong(expected)))
    }

    fn to_document(&self) -> Document {
        let Slip { trail, members, ref names, .. } = self.slip;
        let Release { authority, case, contact, channel } = self.release.clone();
        Document {
            slip: SlipPart { trail, members, names: names.clone(), signature: self.slip_signature },
            authority,
            case,
            contact,
            channel,
            subjects: self.subjects.clone(),
            period: self.period,
            answer: self.answer,
            request: Self::REQUEST.to_owned(),
        }
    }
}
