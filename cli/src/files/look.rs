//! Looks at any file: what it is, once every byte of it was found valid. A set is read on disk and never held in
//! memory.

mod custodians;

use std::io::{self, Read as _};
use std::path::Path;

use serde_json::Value;
use veilmatch::container::{FileHeader, FileType, HEADER_LEN};
#[cfg(any(feature = "custodian", feature = "member"))]
use veilmatch::custody::{Ceremony, EvaluationFile, RequestFile, SignedCustody};
#[cfg(feature = "member")]
use veilmatch::member::cross_check::CrossCheck;
use veilmatch::set::SetHeader;
use veilmatch::terms::{Name, PublicKeys, SignerKey, Terms};
use veilmatch::trail::{Answer, Links, Statement};
use veilmatch::{Delta, Error, Handshake, Metadata, Notice, Overlaps, Prefilter, Round, SetFile, Share};
use zeroize::Zeroizing;

use crate::files::bounded;
use crate::files::envelope::{Streamed, beginning};
use crate::session::Session;

/// A file that was found valid.
pub(crate) struct Looked {
    pub(crate) what: &'static str,
    pub(crate) header: Value,
    pub(crate) sealed: bool,
    pub(crate) content: Content,
}

/// The content of a file, as far as a round can ask about it.
pub(crate) enum Content {
    Set(Box<SetHeader>),
    Delta(Box<Delta>),
    Handshake(Box<Handshake>),
    Share(Box<Share>),
    Notice(Box<Notice>),
    Links(Box<Links>),
    Trail(Box<Answer>),
    Statement(Box<Statement>),
    #[cfg(any(feature = "custodian", feature = "member"))]
    Request(Box<RequestFile>),
    #[cfg(any(feature = "custodian", feature = "member"))]
    Evaluation(Box<EvaluationFile>),
    #[cfg(feature = "member")]
    CrossCheck(Box<CrossCheck>),
    /// What custodians agree to.
    #[cfg(any(feature = "custodian", feature = "member"))]
    Ceremony(Box<Ceremony>),
    /// What is public of their keys, whoever has signed it so far.
    #[cfg(any(feature = "custodian", feature = "member"))]
    Custody(Box<SignedCustody>),
    /// The manifest itself.
    Round(Box<Round>),
    PublicKeys,
    /// A file that belongs to no round.
    OfNoRound,
}

impl Content {
    /// Returns the key of the signature that a file of a round bears. The signature was found valid.
    pub(crate) fn signer(&self) -> Option<SignerKey> {
        match self {
            Self::Set(header) => header.signer(),
            Self::Delta(delta) => delta.signer(),
            Self::Handshake(handshake) => handshake.signer(),
            Self::Share(share) => share.signer(),
            Self::Notice(notice) => notice.signer(),
            Self::Links(links) => links.signer(),
            Self::Trail(answer) => answer.signer,
            Self::Statement(statement) => statement.signer,
            #[cfg(any(feature = "custodian", feature = "member"))]
            Self::Request(request) => request.signer(),
            #[cfg(any(feature = "custodian", feature = "member"))]
            Self::Evaluation(evaluation) => evaluation.signer(),
            #[cfg(feature = "member")]
            Self::CrossCheck(check) => check.signer(),
            #[cfg(any(feature = "custodian", feature = "member"))]
            Self::Ceremony(_) | Self::Custody(_) => None,
            Self::Round(_) | Self::PublicKeys | Self::OfNoRound => None,
        }
    }

    /// Returns the member that made a file from its rows, and the terms under which it did.
    pub(crate) fn maker(&self) -> Option<(&Name, &Terms)> {
        match self {
            Self::Set(header) => Some((header.member(), header.terms())),
            Self::Delta(delta) => Some((delta.member(), delta.terms())),
            Self::Handshake(handshake) => Some((handshake.member(), handshake.terms())),
            _ => None,
        }
    }

    /// Returns the member whose set it is, or becomes by the delta, if that set has no token.
    pub(crate) fn empty_set_of(&self) -> Option<&Name> {
        match self {
            Self::Set(header) if header.tokens() == 0 => Some(header.member()),
            Self::Delta(delta) if delta.tokens() == 0 => Some(delta.member()),
            _ => None,
        }
    }

    /// Says what is known of a valid file by itself, and what is not.
    pub(crate) fn standing(&self) -> String {
        match (self, self.signer()) {
            (Self::Round(round), _) => {
                let digest = round.digest();
                format!("self-consistent, not signed; compare its digest with the other members': {digest}")
            }
            #[cfg(any(feature = "custodian", feature = "member"))]
            (Self::Ceremony(ceremony), _) => custodians::standing_of_ceremony(ceremony),
            #[cfg(any(feature = "custodian", feature = "member"))]
            (Self::Custody(custody), _) => custodians::standing_of_custody(custody),
            (Self::PublicKeys, _) => "well-formed; whose they are was not checked".to_owned(),
            (Self::OfNoRound, _) => "self-consistent; whose it is was not checked".to_owned(),
            (_, None) => "self-consistent, not signed; not held against a round".to_owned(),
            (_, Some(key)) => format!("self-consistent, signed by {key}; not held against a round"),
        }
    }

    /// Whether the file is one that parties of a round send each other.
    pub(crate) fn is_of_a_round(&self) -> bool {
        #[cfg(any(feature = "custodian", feature = "member"))]
        if matches!(self, Self::Ceremony(_) | Self::Custody(_)) {
            return false;
        }
        !matches!(self, Self::Round(_) | Self::PublicKeys | Self::OfNoRound)
    }

    /// Returns the file's metadata, if it has any.
    pub(crate) fn metadata(&self) -> Option<&Metadata> {
        match self {
            Self::Set(header) => Some(header.metadata()),
            Self::Delta(delta) => Some(delta.metadata()),
            Self::Handshake(handshake) => Some(handshake.metadata()),
            Self::Share(share) => Some(share.metadata()),
            Self::Notice(notice) => Some(notice.metadata()),
            Self::Links(links) => Some(links.metadata()),
            Self::Trail(answer) => Some(&answer.metadata),
            Self::Statement(statement) => Some(&statement.metadata),
            #[cfg(any(feature = "custodian", feature = "member"))]
            Self::Request(request) => Some(request.metadata()),
            #[cfg(any(feature = "custodian", feature = "member"))]
            Self::Evaluation(evaluation) => Some(evaluation.metadata()),
            #[cfg(feature = "member")]
            Self::CrossCheck(_) => None,
            #[cfg(any(feature = "custodian", feature = "member"))]
            Self::Ceremony(_) | Self::Custody(_) => None,
            Self::Round(_) | Self::PublicKeys | Self::OfNoRound => None,
        }
    }
}

/// Validates a file.
///
/// Memory: for a set an index of 48 bytes for each 1,024 tokens. For any other file the whole file, once its header has
/// told how long it is.
pub(crate) fn look(session: &mut Session, path: &Path) -> Result<Looked, Error> {
    let named = |error: Error| error.at(path.display().to_string());
    // The beginning of standard input can be read only once.
    let is_set = || Ok::<_, Error>(FileType::from_beginning(&beginning(path)?) == Some(FileType::Set));
    if path != Path::new("-") && is_set().map_err(named)? {
        let file = SetFile::open(path)?;
        file.verify()?;
        session.state_input(path, |out| file.copy_to(out))?;
        return Ok(Looked::set(file.header().clone(), file.header_line(), false));
    }
    let mut file = Streamed::open_if(session, path, |_| Ok(()))?;
    let looked = in_one_sweep(&mut file).map_err(named)?;
    file.finish(session)?;
    Ok(looked)
}

/// Reads what is not a set on disk: in memory, unless it is a set.
fn in_one_sweep(file: &mut Streamed) -> Result<Looked, Error> {
    let (mut content, sealed) = (Vec::with_capacity(HEADER_LEN), file.is_sealed());
    file.take(HEADER_LEN as u64).read_to_end(&mut content)?;
    if FileType::from_beginning(&content) == Some(FileType::Set) {
        let header = SetHeader::read(io::Read::chain(&content[..], file))?;
        return Ok(Looked::set(header, second_line(&content), sealed));
    }
    if let Some(file_type) = FileType::from_beginning(&content) {
        file.read_rest(&FileHeader::read(&content, file_type)?, &mut content)?;
        return whole(&content, sealed);
    }
    // A manifest, public keys or a cross-check, which is no longer than a manifest and has a key.
    let mut text = Zeroizing::new(Vec::with_capacity(bounded::MANIFEST as usize + 1));
    text.extend_from_slice(&Zeroizing::new(content));
    let rest = bounded::MANIFEST + 1 - text.len() as u64;
    file.take(rest).read_to_end(&mut text)?;
    whole(&text, sealed)
}

impl Looked {
    fn set(header: SetHeader, line: &[u8], sealed: bool) -> Self {
        let content = Content::Set(Box::new(header));
        Self { what: FileType::Set.word(), header: json(line), sealed, content }
    }
}

/// Reads a whole file in memory.
fn whole(bytes: &[u8], sealed: bool) -> Result<Looked, Error> {
    let (what, header, content) = match FileType::from_beginning(bytes) {
        Some(file_type) => {
            let content = match file_type {
                FileType::Set => Content::Set(Box::new(SetHeader::read(bytes)?)),
                FileType::Delta => Content::Delta(Box::new(Delta::from_file_bytes(bytes)?)),
                FileType::Handshake => Content::Handshake(Box::new(Handshake::from_file_bytes(bytes)?)),
                FileType::Share => Content::Share(Box::new(Share::from_file_bytes(bytes)?)),
                FileType::Notice => Content::Notice(Box::new(Notice::from_file_bytes(bytes)?)),
                FileType::Links => {
                    Content::Links(Box::new(Links::from_source(Box::new(bytes.to_vec()), "the links")?))
                }
                FileType::Trail => Content::Trail(Box::new(Answer::from_file_bytes(bytes)?)),
                FileType::Statement => Content::Statement(Box::new(Statement::from_file_bytes(bytes)?)),
                FileType::Request | FileType::Evaluation => custodians::asked(bytes, file_type)?,
                FileType::Overlaps => Overlaps::from_file_bytes(bytes).map(|_| Content::OfNoRound)?,
                FileType::Prefilter => Prefilter::from_file_bytes(bytes).map(|_| Content::OfNoRound)?,
                FileType::Cache | FileType::Pending => {
                    return Err(Error::Format {
                        offset: 0,
                        expected: "a file that is sent: a cache stays at its member",
                    });
                }
            };
            let mut header = json(second_line(bytes));
            if let (Content::Statement(statement), Value::Object(fields)) = (&content, &mut header) {
                fields.extend(stated(statement));
            }
            (file_type.word(), header, content)
        }
        None if custodians::is_theirs(bytes) => custodians::text(bytes)?,
        None if bytes.starts_with(b"{") => {
            let round = Round::from_bytes(bytes)?;
            let mut fields: Value = json(bytes);
            if let Value::Object(fields) = &mut fields {
                fields.insert("digest".to_owned(), round.digest().to_string().into());
            }
            ("round", fields, Content::Round(Box::new(round)))
        }
        #[cfg(feature = "member")]
        None if bytes.starts_with(b"veilmatch cross-check ") => {
            let check = CrossCheck::from_file_bytes(bytes)?;
            // The output has neither the key nor what is made under it: whoever has both can try guesses.
            #[derive(serde::Deserialize)]
            struct OfRound {
                round: veilmatch::terms::RoundDigest,
            }
            let round = serde_json::from_slice(second_line(bytes)).ok().map(|line: OfRound| line.round);
            let kinds =
                check.kinds().map(|(kind, tokens)| serde_json::json!({"kind": kind, "tokens": tokens}));
            let kinds: Vec<Value> = kinds.collect();
            let (from, to, signer) = (check.from(), check.to(), check.signer());
            let fields =
                serde_json::json!({"round": round, "from": from, "to": to, "kinds": kinds, "signer": signer});
            ("cross-check", fields, Content::CrossCheck(Box::new(check)))
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
            ("public keys", fields, Content::PublicKeys)
        }
    };
    Ok(Looked { what, header, sealed, content })
}

/// What a statement says besides its header.
fn stated(statement: &Statement) -> impl Iterator<Item = (String, Value)> {
    let release = &statement.release;
    let fields = [
        ("trail", statement.slip.trail.to_string().into()),
        ("members", statement.slip.members.into()),
        ("subjects", statement.subjects.len().into()),
        ("authority", release.authority.to_string().into()),
        ("case", release.case.clone().into()),
        ("contact", release.contact.clone().into()),
        ("channel", release.channel.clone().into()),
    ];
    fields.into_iter().map(|(name, value): (&str, Value)| (name.to_owned(), value))
}

fn second_line(bytes: &[u8]) -> &[u8] {
    bytes.split(|byte| *byte == b'\n').nth(1).unwrap_or_default()
}

fn json(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap_or_default()
}
