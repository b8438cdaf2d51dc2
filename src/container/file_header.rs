//! The header of a file by itself: it decides whether the rest is read at all.

use crate::error::Error;
use crate::terms::{Disclosure, Name, SignerKey, Terms};

use super::header::Header;
use super::sizes::sizes;
use super::{FileType, HEADER_LEN, Metadata};

/// The header of a file, read from its first page before anything else.
///
/// It is what somebody claims: digests and signature are checked once the rest is read. But it is enough to refuse a
/// file: [`Round::admit_header`](crate::Round::admit_header).
///
/// ```
/// # use veilmatch::terms::{Name, Terms};
/// # let terms = Terms::example();
/// use veilmatch::container::{FileHeader, FileType, HEADER_LEN};
/// use veilmatch::{Token, TokenSet};
///
/// let set = TokenSet::from_tokens(terms, Name::new("bank-a")?, vec![Token::from_bytes([7; 16])]);
/// let mut file = Vec::new();
/// set.write_to(&mut file)?;
/// let header = FileHeader::read(&file[..HEADER_LEN], FileType::Set)?;
/// assert_eq!((header.tokens(), header.file_len()), (1, file.len() as u64));
/// # Ok::<(), veilmatch::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct FileHeader {
    file_type: FileType,
    terms: Terms,
    metadata: Metadata,
    file_len: u64,
    header: Header,
}

impl FileHeader {
    /// Reads the first [`HEADER_LEN`] bytes of a file of this type; does not look at what follows them.
    ///
    /// # Errors
    ///
    /// [`Error::Format`], with the offset at which it shows; [`Error::SigningKey`].
    pub fn read(beginning: &[u8], file_type: FileType) -> Result<Self, Error> {
        let wrong = |offset, expected| Error::Format { offset, expected };
        let page = beginning.get(..HEADER_LEN);
        let page = page.ok_or(wrong(beginning.len() as u64, "a header of 4,096 bytes"))?;
        let header = Header::from_page(page, file_type)?;
        let line = file_type.magic().len() as u64;
        let sizes = sizes(&header, file_type).map_err(|expected| wrong(line, expected))?;
        let file_len = sizes.file_len().ok_or(wrong(line, "a length that a file can have"))?;
        if header.member.is_none() != (file_type == FileType::Overlaps) {
            return Err(wrong(line, "the member whose file it is"));
        }
        Ok(Self { file_type, terms: header.terms()?, metadata: header.metadata(), file_len, header })
    }

    /// Returns the type of the file.
    pub fn file_type(&self) -> FileType {
        self.file_type
    }

    /// Returns the terms under which the file was made.
    pub fn terms(&self) -> &Terms {
        &self.terms
    }

    /// Returns the member whose file it is. For a share or notice it is the recipient; overlaps belong to no member.
    pub fn member(&self) -> Option<&Name> {
        self.header.member.as_ref()
    }

    /// Returns the metadata: dates and purpose.
    pub fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    /// Returns the key that is said to have signed the file.
    pub fn signer(&self) -> Option<SignerKey> {
        self.header.signer
    }

    /// Returns the number of tokens. For a delta it is that of the set that the delta makes.
    pub fn tokens(&self) -> u64 {
        self.header.tokens
    }

    /// Returns the length of the whole file in bytes. A file of any other length is not valid.
    pub fn file_len(&self) -> u64 {
        self.file_len
    }

    /// Returns the threshold, disclosure and number of members of a result.
    pub(crate) fn policy(&self) -> Option<(usize, Disclosure, usize)> {
        let matched = self.header.matched.as_ref()?;
        Some((usize::from(matched.at_least), matched.disclosure, usize::from(matched.members)))
    }
}
