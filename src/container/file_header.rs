//! The header of a file by itself: what decides whether the rest is read at all.

use crate::error::Error;
use crate::terms::{Disclosure, Name, SignerKey, Terms};

use super::header::Header;
use super::sizes::sizes;
use super::{FileType, HEADER_LEN, Metadata};

/// What the first page of a file says, before anything else of it is read.
///
/// It is what somebody claims: digests and signature are checked once the rest is read. What it says is enough to refuse
/// a file: [`Round::admit_header`](crate::Round::admit_header).
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
    /// Reads the first [`HEADER_LEN`] bytes of a file of this type; what follows them is not looked at.
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

    /// What the file holds.
    pub fn file_type(&self) -> FileType {
        self.file_type
    }

    /// Under which terms it was made.
    pub fn terms(&self) -> &Terms {
        &self.terms
    }

    /// Whose file it is: of a share or notice its recipient; overlaps are nobody's.
    pub fn member(&self) -> Option<&Name> {
        self.header.member.as_ref()
    }

    /// Date and purpose.
    pub fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    /// Who is said to have signed it.
    pub fn signer(&self) -> Option<SignerKey> {
        self.header.signer
    }

    /// Number of tokens; of a delta those of the set that it makes.
    pub fn tokens(&self) -> u64 {
        self.header.tokens
    }

    /// Length of the whole file in bytes: one of any other length is not valid.
    pub fn file_len(&self) -> u64 {
        self.file_len
    }

    /// Threshold, disclosure and number of members of a result.
    pub(crate) fn policy(&self) -> Option<(usize, Disclosure, usize)> {
        let matched = self.header.matched.as_ref()?;
        Some((usize::from(matched.at_least), matched.disclosure, usize::from(matched.members)))
    }
}
