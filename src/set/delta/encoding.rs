//! Files of type `delta`, and applying them to files. A record is a token, and whether it was added or retracted.

use std::io::{Read, Write};

use crate::container::body::{Content, Opened};
use crate::container::header::{Changes, Header};
use crate::container::signature::Signer;
use crate::container::sizes::{DELTA_RECORD, sizes};
use crate::container::{FileType, Revision, SIGNATURE_LEN, Signed, body, signature};
use crate::error::Error;
use crate::set::encoding::read_tokens;
use crate::set::stream::{SetSink, SetStream};
use crate::set::{Delta, SetHeader};
use crate::token::Token;

use super::{Merge, Tokens as _, differences};

/// The last byte of a record.
const ADDED: u8 = b'+';
const RETRACTED: u8 = b'-';

impl Delta {
    /// Writes the delta as a file of type [`FileType::Delta`], unsigned, for the hub alone.
    ///
    /// # Errors
    ///
    /// [`Error::Unsigned`] if the new set is signed; [`Error::Metadata`] for metadata that a header cannot hold,
    /// [`Error::Io`] where writing fails.
    pub fn write_to(&self, out: &mut dyn Write) -> Result<(), Error> {
        match self.signed {
            None => self.write(None, out),
            Some(_) => Err(Error::Unsigned { by: self.member.to_string() }),
        }
    }

    /// Writes the delta as a file of type [`FileType::Delta`] with the signature of whoever signed the new set.
    ///
    /// # Errors
    ///
    /// [`Error::WrongSigner`] for another key, [`Error::Unsigned`] if the new set is unsigned; as
    /// [`Delta::write_to`]; those of the signer, and [`Error::Signature`] where it does not sign well.
    pub fn sign_to(&self, signer: &dyn Signer, out: &mut dyn Write) -> Result<(), Error> {
        match self.signed {
            Some(signed) if signed.key == signer.key() => self.write(Some(signer), out),
            Some(_) => Err(Error::WrongSigner { by: self.member.to_string(), key: signer.key() }),
            None => Err(Error::Unsigned { by: self.member.to_string() }),
        }
    }

    fn write(&self, signer: Option<&dyn Signer>, out: &mut dyn Write) -> Result<(), Error> {
        let mut header = self.header()?;
        header.delta = Some(Changes {
            added: self.added.len() as u64,
            retracted: self.retracted.len() as u64,
            root: self.root,
            signature: self.signed.map(|signed| signed.signature),
        });
        let records = self.added.len() + self.retracted.len();
        let content = Content { header: &header, names: &[], record_len: DELTA_RECORD, records };
        let mut lists = [self.added.iter().peekable(), self.retracted.iter().peekable()];
        content.write(FileType::Delta, signer, out, |_, chunk| {
            let [added, retracted] = &mut lists;
            // Both lists are in order, and no token is in both.
            let add = match (added.peek(), retracted.peek()) {
                (Some(added), Some(retracted)) => added < retracted,
                (added, _) => added.is_some(),
            };
            let (list, how) = if add { (added, ADDED) } else { (retracted, RETRACTED) };
            chunk.extend(list.next().into_iter().flat_map(Token::as_bytes));
            chunk.push(how);
        })
    }

    /// Returns the header of the file of the set that the delta makes.
    fn header(&self) -> Result<Header, Error> {
        let mut header = Header::new(&self.terms, Some(&self.member), &self.metadata, self.tokens)?;
        header.signer = self.signer();
        header.counters = Some(self.counters.clone());
        header.follows = Some(self.follows);
        Ok(header)
    }

    /// Reads a whole file of type [`FileType::Delta`] and validates every byte of it. Validates also the signature that
    /// is to stand under the new set.
    ///
    /// Whose key signed it, the round checks ([`Round::admit_delta`](crate::Round::admit_delta)).
    ///
    /// # Errors
    ///
    /// [`Error::Format`], with the offset at which the fault shows; [`Error::Signature`].
    pub fn from_file_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let opened = body::open(bytes, FileType::Delta, |header| sizes(header, FileType::Delta))?;
        let Opened { header, records, records_offset, .. } = opened;
        let (terms, metadata) = (header.terms()?, header.metadata());
        let (Some(member), Some(counters), Some(follows), Some(changes)) =
            (header.member, header.counters, header.follows, header.delta)
        else {
            return Err(Error::Format { offset: 0, expected: "what a delta changes" });
        };
        let signed = header.signer.zip(changes.signature).map(|(key, signature)| Signed { key, signature });
        if let Some(Signed { key, signature }) = &signed {
            signature::verify(*key, FileType::Set.word(), &changes.root.0, &signature.0)?;
        }
        let tokens = read_tokens(records, DELTA_RECORD, records_offset)?;
        let (mut added, mut retracted) = (Vec::new(), Vec::new());
        for (at, (token, record)) in tokens.into_iter().zip(records.chunks_exact(DELTA_RECORD)).enumerate() {
            match record[Token::LEN] {
                ADDED => added.push(token),
                RETRACTED => retracted.push(token),
                _ => {
                    let offset = (records_offset + at * DELTA_RECORD + Token::LEN) as u64;
                    return Err(Error::Format { offset, expected: "`+` or `-` after the token" });
                }
            }
        }
        if [added.len(), retracted.len()].map(|len| len as u64) != [changes.added, changes.retracted] {
            let expected = "as many additions and retractions as the header tells";
            return Err(Error::Format { offset: records_offset as u64, expected });
        }
        let (tokens, root) = (header.tokens, changes.root);
        Ok(Self { terms, member, counters, metadata, follows, tokens, root, signed, added, retracted })
    }

    /// Returns the changes that make the set of the file `new` of the set of the file `base`, in one sweep over both.
    ///
    /// Memory: 16 bytes a change, and 48 for each 1,024 tokens. Both files are validated, every byte.
    ///
    /// # Errors
    ///
    /// As [`Delta::between`]; [`Error::Format`], [`Error::Signature`], [`Error::Io`] for a file that is not a set.
    pub fn between_files(base: impl Read, new: impl Read) -> Result<Self, Error> {
        let mut base = SetStream::begin(base, "the base")?;
        let mut new = SetStream::begin(new, "the new set")?;
        let kept = base.set.sequence();
        let follows = new.set.follows.ok_or(Error::Rollback { kept, found: 0 })?;
        follows.require_next(kept)?;
        // This is checked before anything is compared: sets of different kinds differ in all their tokens.
        base.set.revision(follows.base).require_same_kind(&new.set.member, &new.set.terms)?;
        let [added, retracted] = differences(&mut base, &mut new)?;
        let ((base, base_root), (new, root)) = (base.finish()?, new.finish()?);
        base.revision(base_root).require_followed_by(follows)?;
        let (tokens, SetHeader { terms, member, counters, metadata, signed, .. }) = (new.tokens(), new);
        Ok(Self { terms, member, counters, metadata, follows, tokens, root, signed, added, retracted })
    }

    /// Writes the file of the set that the delta makes of the set in the file `base`, in one sweep over it. The bytes
    /// are those that the member has.
    ///
    /// Memory: the delta, and 48 bytes for each 1,024 tokens. It validates every byte of `base`, and the result last:
    /// **after an error, do not use what was written**.
    ///
    /// # Errors
    ///
    /// As [`Delta::apply`]; [`Error::Format`], [`Error::Signature`], [`Error::Io`] for a base that is not a set;
    /// [`Error::Io`] where writing fails.
    pub fn apply_to(&self, base: impl Read, out: &mut dyn Write) -> Result<(), Error> {
        let mut base = SetStream::begin(base, "the base")?;
        // The root shows at the end: until then the base is taken to be what the delta says.
        let claimed = base.set.revision(self.follows.base);
        claimed.require_same_kind(&self.member, &self.terms)?;
        claimed.require_followed_by(self.follows)?;
        self.require_sum(base.set.tokens())?;
        let mut sink = SetSink::begin(&self.header()?, out)?;
        let mut merge = Merge::of(self);
        while let Some(token) = base.next()? {
            merge.push(token, |token| sink.push(token))?;
        }
        let (base, root) = base.finish()?;
        // This is asked first: about another base than its own the delta tells nothing.
        base.revision(root).require_followed_by(self.follows)?;
        merge.finish(|token| sink.push(token))?;
        self.require_result(sink.finish()?)?;
        let signature = self.signed.map_or([0; SIGNATURE_LEN], |signed| signed.signature.0);
        Ok(out.write_all(&signature)?)
    }
}

impl Revision {
    /// Reads the file of a set to learn its revision, in one sweep that validates every byte of it.
    ///
    /// Memory: 48 bytes for each 1,024 tokens.
    ///
    /// # Errors
    ///
    /// [`Error::Format`], with the offset at which the fault shows; [`Error::Signature`], [`Error::Io`].
    pub fn read(file: impl Read) -> Result<Self, Error> {
        let (set, root) = SetStream::begin(file, "the set")?.finish()?;
        Ok(set.revision(root))
    }
}
