//! From a raw identifier to its one canonical form: two members match only if they hash the same bytes.
//!
//! Each [`Kind`] has a frozen id, `name/version`; a published rule is never edited, a change is a new
//! version. The grammars live one per file below this module; SPEC.md states each rule with its source.

mod bank_iban;
mod card_pan;
mod crypto_btc;
mod crypto_evm;
mod email;
mod iban_registry;
mod net_ip;
mod phone_e164;
mod selftest;
mod suppression;
mod usual;
mod words;

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use zeroize::Zeroize;

use crate::domain::KindId;
use crate::error::Error;
use crate::rejection::Reason;

pub use phone_e164::NationalPlan;
pub use suppression::SuppressionList;

/// A kind of identifier with the version of its rule.
///
/// ```
/// use veilmatch::identifier::Kind;
///
/// assert_eq!("bank.iban".parse::<Kind>()?, Kind::BankIban);
/// assert_eq!("bank.iban/1".parse::<Kind>()?, Kind::BankIban);
/// assert_eq!(Kind::BankIban.to_string(), "bank.iban/1");
/// # Ok::<(), veilmatch::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// `bank.iban/1`: international bank account number (ISO 13616, SWIFT registry release 99).
    BankIban,
    /// `card.pan/1`: primary account number of a payment card (ISO/IEC 7812).
    CardPan,
    /// `crypto.btc/1`: Bitcoin main-network address (BIP-13, 16, 173, 350).
    CryptoBtc,
    /// `crypto.evm/1`: address of any Ethereum-like chain (EIP-55).
    CryptoEvm,
    /// `email.mailbox/1`: as `email.strict/1`, with Gmail's dots, tags and second domain folded.
    EmailMailbox,
    /// `email.strict/1`: e-mail address (RFC 5321, RFC 5322, UTS 46).
    EmailStrict,
    /// `net.ip/1`: IPv4 or IPv6 address (RFC 4291).
    NetIp,
    /// `phone.e164/1`: international telephone number (ITU-T E.164).
    PhoneE164,
}

impl Kind {
    /// Every kind of this build, in order of id.
    pub const ALL: &'static [Kind] = &[
        Kind::BankIban,
        Kind::CardPan,
        Kind::CryptoBtc,
        Kind::CryptoEvm,
        Kind::EmailMailbox,
        Kind::EmailStrict,
        Kind::NetIp,
        Kind::PhoneE164,
    ];

    /// The frozen id, for example `card.pan/1`.
    pub const fn id(self) -> &'static str {
        match self {
            Kind::BankIban => "bank.iban/1",
            Kind::CardPan => "card.pan/1",
            Kind::CryptoBtc => "crypto.btc/1",
            Kind::CryptoEvm => "crypto.evm/1",
            Kind::EmailMailbox => "email.mailbox/1",
            Kind::EmailStrict => "email.strict/1",
            Kind::NetIp => "net.ip/1",
            Kind::PhoneE164 => "phone.e164/1",
        }
    }

    /// The id as the hub and the files know it.
    pub fn kind_id(self) -> KindId {
        KindId::new(self.id()).expect("frozen ids are valid")
    }

    /// Whether values outside ASCII are rejected before the grammar sees them.
    const fn is_ascii(self) -> bool {
        !matches!(self, Kind::EmailMailbox | Kind::EmailStrict)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.id())
    }
}

impl FromStr for Kind {
    type Err = Error;

    /// Takes `name` or `name/version`.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownKind`] where this build has no such kind or version.
    fn from_str(text: &str) -> Result<Self, Error> {
        Self::ALL
            .iter()
            .copied()
            .find(|kind| kind.id() == text || kind.id().split_once('/').is_some_and(|(name, _)| name == text))
            .ok_or(Error::UnknownKind)
    }
}

/// Longest canonical form, in bytes.
pub const MAX_CANONICAL: usize = 255;

/// A buffer for one canonical form; wiped when dropped, never shown.
///
/// It has no `Clone`, `Display` or `Serialize`; its `Debug` says only how long it is.
pub struct Canonical {
    /// Zero from `len` on.
    bytes: [u8; MAX_CANONICAL],
    len: u8,
}

impl Canonical {
    /// An empty buffer.
    pub const fn new() -> Self {
        Self { bytes: [0; MAX_CANONICAL], len: 0 }
    }

    /// The canonical bytes. They are personal data: hash them, do not keep them.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len)]
    }

    /// The first 64 bytes, zero after the end of the form: all of it, but for forms that are longer.
    #[inline]
    pub(crate) fn first_block(&self) -> &[u8; 64] {
        self.bytes.first_chunk().expect("the buffer is longer than a block")
    }

    #[inline]
    fn clear(&mut self) {
        if self.len <= 64 {
            self.clear_first_block();
        } else {
            self.bytes.fill(0);
        }
        self.len = 0;
    }

    #[inline]
    fn clear_first_block(&mut self) {
        self.bytes[..64].fill(0); // of fixed length, so without a call
    }

    /// Writes a whole form into an empty buffer: the first `len` bytes of these words, after which there are
    /// zeros. Word by word, so that nothing read afterwards has to wait for several stores.
    #[inline]
    fn set<const WORDS: usize>(&mut self, words: [u64; WORDS], len: usize) {
        for (place, word) in words.into_iter().enumerate() {
            self.set_word(place, word);
        }
        self.set_len(len);
    }

    /// Writes eight bytes of the first block, to which [`Canonical::set_len`] sets an end.
    #[inline]
    fn set_word(&mut self, place: usize, word: u64) {
        let (words, _) = self.bytes[..64].as_chunks_mut::<8>();
        words[place] = word.to_le_bytes();
    }

    /// The length of a form written word by word; zeros must come after it.
    #[inline]
    fn set_len(&mut self, len: usize) {
        debug_assert!(self.bytes[len..].iter().all(|byte| *byte == 0));
        self.len = len as u8; // at most 64
    }

    /// Shortens the form to its first `len` bytes.
    fn truncate(&mut self, len: u8) {
        self.bytes[usize::from(len)..usize::from(self.len)].fill(0);
        self.len = len;
    }

    /// Appends one byte, or says that the form would be too long.
    #[inline]
    fn push(&mut self, byte: u8) -> Result<(), Reason> {
        let slot = self.bytes.get_mut(usize::from(self.len)).ok_or(Reason::TooLong)?;
        *slot = byte;
        self.len += 1;
        Ok(())
    }

    /// Appends bytes, or says that the form would be too long.
    #[inline]
    fn extend(&mut self, bytes: &[u8]) -> Result<(), Reason> {
        let start = usize::from(self.len);
        let slots = self.bytes.get_mut(start..start + bytes.len()).ok_or(Reason::TooLong)?;
        slots.copy_from_slice(bytes);
        self.len += bytes.len() as u8; // fits: the slice above ends within 255
        Ok(())
    }
}

impl Default for Canonical {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Canonical {
    fn drop(&mut self) {
        self.bytes[..usize::from(self.len)].zeroize(); // what follows is zero already
    }
}

impl fmt::Debug for Canonical {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Canonical({} bytes)", self.len)
    }
}

/// What became of a value that its grammar accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is to be matched.
    Accepted {
        /// The value was not already written in the kind's normal spelling.
        changed: bool,
        /// Something about it is odd, such as a casing that is not EIP-55.
        warning: bool,
    },
    /// It stands on the suppression list and would match for no reason.
    Suppressed,
}

/// What a grammar says of a value that it accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Note {
    changed: bool,
    warning: bool,
}

impl Note {
    fn and_changed(self, changed: bool) -> Self {
        Self { changed: self.changed | changed, ..self }
    }
}

/// Brings raw values of one kind into canonical form; shared freely between threads.
#[derive(Clone, Debug)]
pub struct Canonicalizer {
    kind: Kind,
    national: Option<NationalPlan>,
    suppression: Arc<SuppressionList>,
}

impl Canonicalizer {
    /// The rule of `kind` with the suppression list that ships with this crate.
    pub fn new(kind: Kind) -> Self {
        Self { kind, national: None, suppression: SuppressionList::standard() }
    }

    /// Replaces the suppression list; sets made under different lists refuse each other.
    #[must_use]
    pub fn with_suppression(mut self, list: Arc<SuppressionList>) -> Self {
        self.suppression = list;
        self
    }

    /// States how this member's own national phone numbers are dialled; other kinds ignore it.
    #[must_use]
    pub fn with_national_plan(mut self, plan: NationalPlan) -> Self {
        self.national = Some(plan);
        self
    }

    /// The same without a national plan.
    pub(crate) fn without_national_plan(&self) -> Self {
        Self { kind: self.kind, national: None, suppression: Arc::clone(&self.suppression) }
    }

    /// The kind of identifier.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The suppression list in force.
    pub fn suppression(&self) -> &SuppressionList {
        &self.suppression
    }

    /// Writes the canonical form of `raw` into `out` and says what became of it.
    ///
    /// Linear in the length of `raw`; allocates nothing, but for internationalised e-mail domains of more than
    /// eight labels, 17 combining marks in a row or 253 characters: there `idna` does, and what it allocates
    /// is not wiped. After an error, or a suppressed value, `out` holds nothing of use.
    ///
    /// # Errors
    ///
    /// The [`Reason`] why the value is not an identifier of this kind.
    pub fn canonicalize(&self, raw: &[u8], out: &mut Canonical) -> Result<Outcome, Reason> {
        let note = self.apply_grammar(raw, out)?;
        if self.suppression.contains_form(self.kind, out) {
            return Ok(Outcome::Suppressed);
        }
        Ok(Outcome::Accepted { changed: note.changed, warning: note.warning })
    }

    fn apply_grammar(&self, raw: &[u8], out: &mut Canonical) -> Result<Note, Reason> {
        out.clear();
        let value = trim_ascii(raw);
        if let Some(decided) = self.decide_usual(value, out) {
            return decided.map(|note| note.and_changed(value.len() != raw.len()));
        }
        self.apply_general(raw, out)
    }

    /// The rule, for whatever value.
    fn apply_general(&self, raw: &[u8], out: &mut Canonical) -> Result<Note, Reason> {
        let value = if raw.is_ascii() { trim_ascii(raw) } else { trim(text(raw)?).as_bytes() };
        if value.is_empty() {
            return Err(Reason::Empty);
        }
        if looks_hashed(value) {
            return Err(Reason::LooksHashed);
        }
        if self.kind.is_ascii() && !value.is_ascii() {
            return Err(Reason::NonAscii);
        }
        let note = match self.kind {
            Kind::BankIban => bank_iban::canonicalize(value, out),
            Kind::CardPan => card_pan::canonicalize(value, out),
            Kind::CryptoBtc => crypto_btc::canonicalize(text(value)?, out),
            Kind::CryptoEvm => crypto_evm::canonicalize(value, out),
            Kind::EmailMailbox => email::canonicalize_mailbox(text(value)?, out),
            Kind::EmailStrict => email::canonicalize_strict(text(value)?, out),
            Kind::NetIp => net_ip::canonicalize(text(value)?, out),
            Kind::PhoneE164 => phone_e164::canonicalize(value, self.national.as_ref(), out),
        }?;
        Ok(note.and_changed(value.len() != raw.len()))
    }
}

fn text(value: &[u8]) -> Result<&str, Reason> {
    std::str::from_utf8(value).map_err(|_| Reason::InvalidUtf8)
}

/// Removes ASCII white space, byte-order marks and no-break spaces around a value.
fn trim(text: &str) -> &str {
    let outside = |c: char| {
        u8::try_from(c).is_ok_and(is_white_space)
            || matches!(c, '\u{feff}' | '\u{a0}' | '\u{2007}' | '\u{202f}')
    };
    text.trim_matches(outside)
}

/// The same for text that is known to be ASCII.
fn trim_ascii(mut text: &[u8]) -> &[u8] {
    while let [first, rest @ ..] = text
        && is_white_space(*first)
    {
        text = rest;
    }
    while let [rest @ .., last] = text
        && is_white_space(*last)
    {
        text = rest;
    }
    text
}

/// ASCII white space, U+0009 to U+000D and U+0020.
fn is_white_space(byte: u8) -> bool {
    matches!(byte, b'\t'..=b'\r' | b' ')
}

/// Whether a value has the shape of a SHA-256 digest in hex or in padded base64.
fn looks_hashed(value: &[u8]) -> bool {
    match value.len() {
        64 => value.iter().all(u8::is_ascii_hexdigit),
        44 => {
            let base64 = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'-' | b'_');
            value[43] == b'=' && value[..43].iter().all(base64)
        }
        _ => false,
    }
}
