//! The entry: what a caller states about one command.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::error::{Error, masked};
use crate::terms::utc::MAX_TIME;
use crate::terms::{ContentDigest, MAX_INTEGER, RoundDigest};

/// One command and what became of it.
///
/// ```
/// use veilmatch::round::log::{Entry, Operator};
///
/// let mut entry = Entry::new(1_795_506_099, "tokenize", "0.1.0");
/// entry.operator = Some(Operator::new("j.doe")?);
/// entry.counts.insert("rows".into(), 3);
/// assert_eq!(entry.outcome, "done");
/// # Ok::<(), veilmatch::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// When the command ran, in seconds since 1970, UTC; at most the end of the year 9999.
    pub time: u64,
    /// Name of the command: words of `[a-z0-9-]` with single spaces between, at most 64 characters.
    pub command: String,
    /// Version of the program: 1 to 64 of `[0-9A-Za-z.+-]`.
    pub version: String,
    /// Person who ran the command.
    pub operator: Option<Operator>,
    /// Round for which it ran.
    pub round: Option<RoundDigest>,
    /// Files that it read.
    pub inputs: Vec<FileRecord>,
    /// Files that it wrote.
    pub outputs: Vec<FileRecord>,
    /// Numbers that it counted: under names of 1 to 128 of `[0-9A-Za-z_./-]`, integers of at most 2⁵³ − 1.
    pub counts: BTreeMap<String, u64>,
    /// `done`, or the code of the error that ended it ([`Error::code`]): 1 to 64 of `[a-z0-9_]`.
    pub outcome: String,
}

impl Entry {
    /// Makes an entry of a command that is done, with nothing else stated; the caller fills in the rest.
    pub fn new(time: u64, command: &str, version: &str) -> Self {
        Self {
            time,
            command: command.into(),
            version: version.into(),
            operator: None,
            round: None,
            inputs: Vec::new(),
            outputs: Vec::new(),
            counts: BTreeMap::new(),
            outcome: "done".into(),
        }
    }

    /// Returns what a line could not hold, if there is such a part.
    pub(super) fn problem(&self) -> Option<&'static str> {
        let word = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let command = self.command.split(' ').all(|part| !part.is_empty() && part.bytes().all(word));
        let version = |byte: u8| byte.is_ascii_alphanumeric() || b".+-".contains(&byte);
        let count = |byte: u8| byte.is_ascii_alphanumeric() || b"_./-".contains(&byte);
        let outcome = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        if self.time > MAX_TIME {
            Some("has a time after the year 9999")
        } else if !command || self.command.len() > 64 {
            Some("has a command that is not lower-case words")
        } else if !made_of(&self.version, 64, version) {
            Some("has a version of other characters than letters, digits, point, plus and hyphen")
        } else if !self.inputs.iter().chain(&self.outputs).all(FileRecord::is_valid) {
            Some("has a file name that is not printable ASCII without a slash")
        } else if !self.counts.keys().all(|name| made_of(name, 128, count)) {
            Some("has a count under a name of other characters than letters, digits and _ . / -")
        } else if self.counts.values().any(|count| *count > MAX_INTEGER) {
            Some("has a count over 2^53 - 1")
        } else if !made_of(&self.outcome, 64, outcome) {
            Some("has an outcome that is no code")
        } else {
            None
        }
    }
}

fn made_of(text: &str, longest: usize, allowed: impl Fn(u8) -> bool) -> bool {
    (1..=longest).contains(&text.len()) && text.bytes().all(allowed)
}

fn printable(byte: u8) -> bool {
    (0x20..0x7f).contains(&byte)
}

/// The person who ran a command, as the log states it: 1 to 128 characters of printable ASCII.
///
/// ```
/// use veilmatch::round::log::Operator;
///
/// assert_eq!(Operator::new("j.doe")?.as_str(), "j.doe");
/// assert_eq!(Operator::new("two\nlines").unwrap_err().code(), "operator");
/// # Ok::<(), veilmatch::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Operator(String);

impl Operator {
    /// Checks the text.
    ///
    /// # Errors
    ///
    /// [`Error::Operator`] for anything else.
    pub fn new(text: &str) -> Result<Self, Error> {
        if made_of(text, 128, printable) { Ok(Self(text.into())) } else { Err(Error::Operator) }
    }

    /// Returns the text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", &self.0)
    }
}

impl TryFrom<String> for Operator {
    type Error = Error;
    fn try_from(text: String) -> Result<Self, Error> {
        Self::new(&text)
    }
}

impl From<Operator> for String {
    fn from(operator: Operator) -> String {
        operator.0
    }
}

/// The way in which the digest of a file was made.
///
/// See the example of [`FileRecord`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum How {
    /// SHA-256 of the file.
    Sha256,
    /// SHA-256 of a nonce and the file: raw inputs.
    NonceSha256,
    /// SHA-256 of the log's own nonce and the SHA-256 of the file: tokens that are not sealed.
    LogNonceSha256,
}

/// A file that a command read or wrote.
///
/// ```
/// # use veilmatch::terms::ContentDigest;
/// # let digest = ContentDigest([7; 32]);
/// use std::path::Path;
/// use veilmatch::round::log::{FileRecord, How};
///
/// let record = FileRecord::new(Path::new("sent/bank a.vms"), digest, How::Sha256);
/// assert_eq!((record.name(), record.how()), ("bank a.vms", How::Sha256));
/// # Ok::<(), veilmatch::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileRecord {
    name: String,
    digest: ContentDigest,
    how: How,
}

impl FileRecord {
    /// Longest name in the log: three characters for each of the 255 bytes that a file's name can have.
    const MAX_NAME: usize = 765;

    /// States a file by its name without its folder; `-` is a standard stream.
    ///
    /// Bytes of the name other than printable ASCII, and `%`, are written as `%` and two upper-case hex
    /// digits. A key in the place of a name is [`masked`].
    pub fn new(path: &Path, digest: ContentDigest, how: How) -> Self {
        let mut name = String::new();
        for &byte in path.file_name().unwrap_or("-".as_ref()).as_encoded_bytes() {
            match byte {
                b'%' => name.push_str("%25"),
                byte if printable(byte) => name.push(byte.into()),
                byte => name.push_str(&format!("%{byte:02X}")),
            }
        }
        Self { name: masked(&name).into_owned(), digest, how }
    }

    /// Returns the name without folder, with unprintable bytes escaped.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the digest of the content.
    pub fn digest(&self) -> ContentDigest {
        self.digest
    }

    /// Returns how the digest was made.
    pub fn how(&self) -> How {
        self.how
    }

    fn is_valid(&self) -> bool {
        made_of(&self.name, Self::MAX_NAME, |byte| printable(byte) && byte != b'/')
    }
}
