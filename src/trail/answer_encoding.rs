//! Files of type `trail`: an answer is a document without records.

use std::io::Write;

use serde::{Deserialize, Serialize};

use crate::container::body::Content;
use crate::container::header::Header;
use crate::container::sizes::{LINK_RECORD, sizes};
use crate::container::{FileType, HEADER_LEN, Metadata, Signer, body, document};
use crate::error::Error;
use crate::round::Round;
use crate::terms::{ContentDigest, KindId, Name, Nonce, Pseudonym, Signature, TrailId};
use crate::token::Token;

use super::answer::{Answer, Dropped, Lead, OwnSubject, OwnTrail};

/// The document. Tokens stand in it as hex, which the type itself does not offer.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    links: ContentDigest,
    without: u64,
    trails: Vec<TrailPart>,
    too_large: Vec<Pseudonym>,
    dropped: Vec<DroppedPart>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct TrailPart {
    id: TrailId,
    subjects: Option<u64>,
    members: u64,
    names: Option<Vec<Name>>,
    slip: Option<Signature>,
    own: Vec<SubjectPart>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SubjectPart {
    pseudonym: Pseudonym,
    distance: u8,
    leads: Vec<LeadPart>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct LeadPart {
    kind: KindId,
    token: Hex,
    behind: Option<u64>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct DroppedPart {
    kind: KindId,
    token: Hex,
    for_all: bool,
}

/// The hex of 16 bytes.
#[derive(Serialize, Deserialize)]
#[serde(transparent)]
struct Hex(Nonce);

impl From<Token> for Hex {
    fn from(token: Token) -> Self {
        Self(Nonce(*token.as_bytes()))
    }
}

impl From<Hex> for Token {
    fn from(hex: Hex) -> Self {
        Token::from_bytes(hex.0.0)
    }
}

impl Answer {
    /// Writes the answer as a file of type [`FileType::Trail`], unsigned, for its recipient alone.
    ///
    /// # Errors
    ///
    /// [`Error::Metadata`] for metadata that a header cannot hold, [`Error::Io`] where writing fails.
    pub fn write_to(&self, out: &mut dyn Write) -> Result<(), Error> {
        self.write(None, out)
    }

    /// Writes the answer with the hub's signature.
    ///
    /// # Errors
    ///
    /// As [`Answer::write_to`]; those of the signer, and [`Error::Signature`] where it does not sign well.
    pub fn sign_to(&self, signer: &dyn Signer, out: &mut dyn Write) -> Result<(), Error> {
        self.write(Some(signer), out)
    }

    fn write(&self, signer: Option<&dyn Signer>, out: &mut dyn Write) -> Result<(), Error> {
        let pages = document::pages(&self.to_document())?;
        let mut header = Header::new(&self.terms, Some(&self.recipient), &self.metadata, 0)?;
        header.document = Some(document::stated(&pages));
        let content = Content { header: &header, names: &pages, record_len: LINK_RECORD, records: 0 };
        content.write(FileType::Trail, signer, out, |_, _| {})
    }

    /// Reads a whole file of type [`FileType::Trail`] and validates every byte of it.
    ///
    /// # Errors
    ///
    /// [`Error::Format`], with the offset at which the fault shows; [`Error::Signature`].
    pub fn from_file_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let opened = body::open(bytes, FileType::Trail, |header| sizes(header, FileType::Trail))?;
        let document: Document = document::read(&opened.names)?;
        let wrong = |expected| Error::Format { offset: HEADER_LEN as u64, expected };
        let (terms, metadata): (_, Metadata) = (opened.header.terms()?, opened.header.metadata());
        let recipient = opened.header.member.ok_or(wrong("a recipient"))?;
        let signer = opened.signed.map(|signed| signed.key);
        let answer = document.into_answer(terms, recipient, metadata, signer);
        match answer.is_in_order() {
            true => Ok(answer),
            false => Err(wrong("trails, subjects and tokens in order, each once")),
        }
    }

    fn to_document(&self) -> Document {
        let lead =
            |lead: &Lead| LeadPart { kind: lead.kind.clone(), token: lead.token.into(), behind: lead.behind };
        let subject = |own: &OwnSubject| SubjectPart {
            pseudonym: own.pseudonym,
            distance: own.distance,
            leads: own.leads.iter().map(lead).collect(),
        };
        let trail = |trail: &OwnTrail| TrailPart {
            id: trail.id,
            subjects: trail.subjects,
            members: trail.members,
            names: trail.names.clone(),
            slip: trail.slip,
            own: trail.own.iter().map(subject).collect(),
        };
        let dropped = |one: &Dropped| DroppedPart {
            kind: one.kind.clone(),
            token: one.token.into(),
            for_all: one.for_all,
        };
        Document {
            links: self.links,
            without: self.without,
            trails: self.trails.iter().map(trail).collect(),
            too_large: self.too_large.clone(),
            dropped: self.dropped.iter().map(dropped).collect(),
        }
    }

    /// Whether everything stands in its one order.
    fn is_in_order(&self) -> bool {
        let leads = |own: &OwnSubject| own.leads.is_sorted_by(|a, b| (&a.kind, a.token) < (&b.kind, b.token));
        let own = |trail: &OwnTrail| {
            let names = trail.names.as_ref();
            !trail.own.is_empty()
                && trail.own.is_sorted_by(|a, b| a.pseudonym < b.pseudonym)
                && trail.own.iter().all(leads)
                && names.is_none_or(|names| {
                    names.len() as u64 == trail.members && names.is_sorted_by(|a, b| a < b)
                })
        };
        self.trails.is_sorted_by(|a, b| a.id < b.id)
            && self.trails.iter().all(own)
            && self.too_large.is_sorted_by(|a, b| a < b)
            && self.dropped.is_sorted_by(|a, b| a < b)
    }
}

impl Document {
    fn into_answer(
        self,
        terms: crate::terms::Terms,
        recipient: Name,
        metadata: Metadata,
        signer: Option<crate::terms::SignerKey>,
    ) -> Answer {
        let lead = |part: LeadPart| Lead { kind: part.kind, token: part.token.into(), behind: part.behind };
        let subject = |part: SubjectPart| OwnSubject {
            pseudonym: part.pseudonym,
            distance: part.distance,
            leads: part.leads.into_iter().map(lead).collect(),
        };
        let trail = |part: TrailPart| OwnTrail {
            id: part.id,
            subjects: part.subjects,
            members: part.members,
            names: part.names,
            slip: part.slip,
            own: part.own.into_iter().map(subject).collect(),
        };
        let dropped =
            |part: DroppedPart| Dropped { kind: part.kind, token: part.token.into(), for_all: part.for_all };
        Answer {
            terms,
            recipient,
            metadata,
            signer,
            links: self.links,
            without: self.without,
            trails: self.trails.into_iter().map(trail).collect(),
            too_large: self.too_large,
            dropped: self.dropped.into_iter().map(dropped).collect(),
        }
    }
}

impl Round {
    /// Checks an answer that a member has read: recipient, terms, the hub's signature, disclosure, and each slip.
    ///
    /// # Errors
    ///
    /// [`Error::WrongRecipient`], [`Error::TermsDiffer`], [`Error::Unsigned`], [`Error::WrongSigner`],
    /// [`Error::Signature`]; [`Error::Trail`] for an answer that this round cannot have.
    pub fn accept_answer(&self, answer: &Answer, member: &Name) -> Result<(), Error> {
        if !answer.recipient.same(member) {
            return Err(Error::WrongRecipient {
                recipient: answer.recipient.clone(),
                member: member.clone(),
            });
        }
        self.require_trail_file(FileType::Trail, &answer.recipient, &answer.terms, answer.signer)?;
        let rules = self.trail()?;
        let named = rules.disclosure == crate::terms::Disclosure::Holders;
        for trail in &answer.trails {
            let members = rules.min_members..=self.manifest().members.len() as u64;
            let hops = |own: &OwnSubject| u64::from(own.distance) <= rules.max_hops;
            if trail.names.is_some() != named
                || !members.contains(&trail.members)
                || !trail.own.iter().all(hops)
            {
                return Err(Error::Trail { expected: "trails as the manifest allows them" });
            }
            if let Some(slip) = trail.to_slip(answer) {
                slip.require(self, trail.slip)?;
            }
        }
        Ok(())
    }
}
