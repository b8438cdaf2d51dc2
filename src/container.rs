//! The files of SPEC.md, section 7: reading is validating, writing is canonical.
//!
//! All of them have one layout: a page of header that `head -2` shows, the names of the members where records refer to
//! members, the records, a digest for each chunk of records, the root over all, and a block for a signature. Equal
//! content gives equal bytes everywhere. A reader accepts exactly what a writer writes. Of bytes in memory it checks
//! header, length, root and every chunk before it returns anything. Of a set that stays on disk
//! ([`SetFile`](crate::SetFile)) it checks each chunk before it is used.

pub(crate) mod body;
pub(crate) mod chunked;
pub(crate) mod digest;
pub(crate) mod document;
mod file_header;
pub(crate) mod frame;
pub(crate) mod header;
mod metadata;
pub(crate) mod opening;
mod page;
#[cfg(feature = "parquet")]
pub(crate) mod parquet;
#[cfg(any(feature = "member", feature = "seal"))]
pub(crate) mod private_file;
pub(crate) mod read_at;
pub(crate) mod records;
mod revision;
pub(crate) mod room;
#[cfg(any(feature = "custodian", feature = "member"))]
pub(crate) mod secret_hex;
pub(crate) mod signature;
pub(crate) mod sizes;
pub(crate) mod sweep;
#[cfg(any(feature = "member", feature = "seal"))]
pub(crate) mod tagged;
#[cfg(any(feature = "member", feature = "seal"))]
pub(crate) mod wrapped;

pub use file_header::FileHeader;
pub use metadata::Metadata;
pub use opening::{open_own, open_regular};
pub use page::TokenBuffer;
#[cfg(feature = "parquet")]
pub use parquet::{PARQUET_MAGIC, ParquetCell, ParquetType, ParquetWriter};
pub use read_at::{OnDisk, ReadAt};
pub use revision::{Parent, Revision};
pub(crate) use signature::Signed;
pub use signature::Signer;

/// Length of the header page in bytes.
pub const HEADER_LEN: usize = 4096;

/// Number of records in a chunk, which is digested as a whole: 16 KiB of tokens.
///
/// Chosen by benchmark `format`: larger chunks are not verified faster, smaller ones need a larger index.
pub const CHUNK_RECORDS: usize = 1024;

/// Length in bytes of the signature block at the end; it is zero in an unsigned file.
pub const SIGNATURE_LEN: usize = 64;

/// The type of a file: what it holds.
///
/// ```
/// # use veilmatch::terms::{Name, Terms};
/// # use veilmatch::{Token, TokenSet};
/// # let terms = Terms::example();
/// # let set = |name: &str, bytes: &[u8]| {
/// #     let tokens = bytes.iter().map(|byte| Token::from_bytes([*byte; 16])).collect();
/// #     Ok::<_, veilmatch::Error>(TokenSet::from_tokens(terms.clone(), Name::new(name)?, tokens))
/// # };
/// use veilmatch::container::FileType;
///
/// let mut file = Vec::new();
/// set("bank-a", &[1, 2])?.write_to(&mut file)?;
/// assert_eq!(FileType::from_beginning(&file), Some(FileType::Set));
/// assert_eq!(FileType::Set.word(), "set");
/// # Ok::<(), veilmatch::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileType {
    /// One member's tokens of one kind, for the hub (`.vms`).
    Set,
    /// The hub's result (`.vmo`).
    Overlaps,
    /// One member's part of the result (`.vsh`).
    Share,
    /// A prefilter over one member's set, for the hub (`.vmp`).
    Prefilter,
    /// One member's tokens of public test identifiers, for the hub to compare (`.vmh`).
    Handshake,
    /// The changes that make a member's next set of its last one, for the hub (`.vmd`).
    Delta,
    /// The tokens of one member's share that others have withdrawn (`.vmn`).
    Notice,
    /// Which of one member's subjects have which of its shares' tokens, for the hub (`.vml`).
    Links,
    /// One member's part of the trails (`.vmt`).
    Trail,
    /// What one member tells one authority about one trail (`.vma`).
    Statement,
    /// What custodians have evaluated for a member, which stays there (`.vmc`).
    Cache,
    /// What a member needs to unblind the answers to a request, and which stays there (`.vmw`).
    Pending,
    /// One member's blinded identifiers of one kind, for custodians to evaluate (`.vmb`).
    Request,
    /// What one custodian answers to a request (`.vme`).
    Evaluation,
}

impl std::fmt::Display for FileType {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.word())
    }
}

impl FileType {
    /// Returns the word that stands in the magic line and under every digest.
    pub const fn word(self) -> &'static str {
        match self {
            FileType::Set => "set",
            FileType::Overlaps => "overlaps",
            FileType::Share => "share",
            FileType::Prefilter => "prefilter",
            FileType::Handshake => "handshake",
            FileType::Delta => "delta",
            FileType::Notice => "notice",
            FileType::Links => "links",
            FileType::Trail => "trail",
            FileType::Statement => "statement",
            FileType::Cache => "cache",
            FileType::Pending => "pending",
            FileType::Request => "request",
            FileType::Evaluation => "evaluation",
        }
    }

    /// Returns the type that the first bytes of a file tell. What follows them is still to be validated.
    pub fn from_beginning(bytes: &[u8]) -> Option<Self> {
        use FileType::{
            Cache, Delta, Evaluation, Handshake, Links, Notice, Overlaps, Pending, Prefilter, Request, Set,
            Share, Statement, Trail,
        };
        let of_members = [Set, Handshake, Delta, Links, Statement, Request, Cache, Pending];
        let of_others = [Overlaps, Share, Prefilter, Notice, Trail, Evaluation];
        of_members
            .into_iter()
            .chain(of_others)
            .find(|file_type| bytes.starts_with(file_type.magic().as_bytes()))
    }

    /// Returns the first line of a file of this type.
    pub(crate) const fn magic(self) -> &'static str {
        match self {
            FileType::Set => "veilmatch set 1\n",
            FileType::Overlaps => "veilmatch overlaps 1\n",
            FileType::Share => "veilmatch share 1\n",
            FileType::Prefilter => "veilmatch prefilter 1\n",
            FileType::Handshake => "veilmatch handshake 1\n",
            FileType::Delta => "veilmatch delta 1\n",
            FileType::Notice => "veilmatch notice 1\n",
            FileType::Links => "veilmatch links 1\n",
            FileType::Trail => "veilmatch trail 1\n",
            FileType::Statement => "veilmatch statement 1\n",
            FileType::Cache => "veilmatch cache 1\n",
            FileType::Pending => "veilmatch pending 1\n",
            FileType::Request => "veilmatch request 1\n",
            FileType::Evaluation => "veilmatch evaluation 1\n",
        }
    }

    /// Returns what a reader says if the first line is another.
    const fn expected(self) -> &'static str {
        match self {
            FileType::Set => "the first line of a set, `veilmatch set 1`",
            FileType::Overlaps => "the first line of overlaps, `veilmatch overlaps 1`",
            FileType::Share => "the first line of a share, `veilmatch share 1`",
            FileType::Prefilter => "the first line of a prefilter, `veilmatch prefilter 1`",
            FileType::Handshake => "the first line of a handshake, `veilmatch handshake 1`",
            FileType::Delta => "the first line of a delta, `veilmatch delta 1`",
            FileType::Notice => "the first line of a notice, `veilmatch notice 1`",
            FileType::Links => "the first line of links, `veilmatch links 1`",
            FileType::Trail => "the first line of a trail, `veilmatch trail 1`",
            FileType::Statement => "the first line of a statement, `veilmatch statement 1`",
            FileType::Cache => "the first line of a cache, `veilmatch cache 1`",
            FileType::Pending => "the first line of pending identifiers, `veilmatch pending 1`",
            FileType::Request => "the first line of a request, `veilmatch request 1`",
            FileType::Evaluation => "the first line of an evaluation, `veilmatch evaluation 1`",
        }
    }
}
