//! Turns a raw identifier into its one canonical form: two members match only if they hash equal bytes.
//!
//! Each [`Kind`] has a frozen id, `name/version`. A published rule is never edited; a change is a new version. Each
//! grammar has a file of its own below this module; SPEC.md states each rule with its source.

mod alphabet;
mod bank_bic;
mod bank_iban;
mod base58check;
mod card_pan;
mod card_par;
mod crypto_bch;
mod crypto_btc;
mod crypto_evm;
mod crypto_ltc;
mod crypto_trx;
mod crypto_xmr;
mod device_imei;
mod domain_name;
mod email;
mod iban_registry;
mod luhn;
mod merchant_mid;
mod net_domain;
mod net_ip;
#[cfg(feature = "url")]
mod net_url;
mod opaque;
mod paypal_id;
mod phone_e164;
mod segwit;
mod selftest;
mod suppression;
mod uri;
mod usual;
mod words;

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use zeroize::Zeroize;

use crate::error::Error;
use crate::outcome::Reason;
use crate::terms::KindId;

pub use opaque::OpaqueName;
pub use phone_e164::NationalPlan;
pub use suppression::SuppressionList;

/// A kind of identifier with the version of its rule.
///
/// Each kind has a frozen id, and one rule under it for ever. `opaque.<name>` is not one kind but one for each name:
/// what its values are, and how they are spelt, members agree on elsewhere.
///
/// ```
/// use veilmatch::member::identifier::{Kind, OpaqueName};
///
/// assert_eq!("bank.iban".parse::<Kind>()?, Kind::BankIban);
/// assert_eq!("bank.iban/1".parse::<Kind>()?, Kind::BankIban);
/// assert_eq!(Kind::BankIban.to_string(), "bank.iban/1");
///
/// let cases: Kind = "opaque.case-no".parse()?;
/// assert_eq!(cases, Kind::Opaque(OpaqueName::new("case-no")?));
/// assert_eq!(cases.id(), "opaque.case-no/1");
/// # Ok::<(), veilmatch::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// `bank.bic/1`: business identifier code of an institution, not of a person (ISO 9362).
    ///
    /// 8 or 11 letters and digits; the fifth and sixth are letters. It is upper-cased. A branch `XXX` is the head
    /// office and is dropped, so that both spellings are one. The first four characters may be digits, as in ISO 9362
    /// since 2014. It is not checked whether the country or the code exists: those lists change.
    BankBic,
    /// `bank.iban/1`: international bank account number (ISO 13616, SWIFT registry release 99).
    BankIban,
    /// `card.pan/1`: primary account number of a payment card (ISO/IEC 7812).
    CardPan,
    /// `card.par/1`: payment account reference, one for a card number and all its network tokens (EMVCo).
    ///
    /// 29 upper-case letters and digits, exactly as issued. Lower case is rejected: EMVCo allows none, so such a value
    /// is something else, or some program has changed it, perhaps in other ways too.
    CardPar,
    /// `crypto.bch/1`: Bitcoin Cash main-network address (CashAddr, CHIP-2022-02 CashTokens).
    ///
    /// CashAddr with or without `bitcoincash:`, or the legacy form. Bitcoin has the legacy form too, and it does not
    /// say which chain is meant. The canonical form is the type and the hash. So both spellings, and the token-aware
    /// one, are one.
    CryptoBch,
    /// `crypto.btc/1`: Bitcoin main-network address (BIP-13, 16, 173, 350).
    CryptoBtc,
    /// `crypto.evm/1`: address of any Ethereum-like chain (EIP-55).
    CryptoEvm,
    /// `crypto.ltc/1`: Litecoin main-network address (BIP-13, 16, 173, 350 with Litecoin's versions and `ltc`).
    ///
    /// `M…` and the older `3…` are one. MWEB addresses are rejected: no chain shows what they stand for.
    CryptoLtc,
    /// `crypto.trx/1`: Tron main-network address, `T…` or 42 hex digits that begin with 41 (Tron's documentation).
    CryptoTrx,
    /// `crypto.xmr/1`: Monero main-network address (Monero's `base58.cpp`).
    ///
    /// A standard address, an integrated address and a sub-address are different identifiers, even if they belong to
    /// one wallet.
    CryptoXmr,
    /// `device.imei/1`: identity of a mobile device, 14 digits (3GPP TS 23.003 clause 6).
    ///
    /// 14 digits; 15 whose last is the Luhn digit, or the 0 that networks send in its place; 16 (IMEISV), whose last
    /// two are the version of the software and are dropped. Single spaces and hyphens between digits are removed. A
    /// slash is rejected: phones print it before the software version, too.
    DeviceImei,
    /// `email.mailbox/1`: an `email.strict/1`, with Gmail's dots, tags and second domain folded.
    EmailMailbox,
    /// `email.strict/1`: e-mail address (RFC 5321, RFC 5322, UTS 46).
    EmailStrict,
    /// `merchant.mid/1`: a merchant's number at its acquirer, `acquirer/merchant` (ISO 8583 elements 32 and 42).
    ///
    /// 1 to 11 digits, a slash, 1 to 15 printable ASCII characters: a merchant's number alone is not unique. Case,
    /// inner and leading spaces and zeros are kept, because acquirers give different merchants numbers that differ only
    /// in these. The spaces that fill element 42 are removed.
    MerchantMid,
    /// `net.domain/1`: domain name (RFC 1035, UTS 46), written as the domain of an `email.strict/1` is.
    ///
    /// Two labels or more, and not an IP address. It is not folded to the registrable domain, because the list of
    /// public suffixes changes from month to month: `www.example.com` and `example.com` are two.
    NetDomain,
    /// `net.ip/1`: IPv4 or IPv6 address (RFC 4291).
    NetIp,
    /// `net.url/1`: absolute URL of `http` or `https`, as the WHATWG URL standard serialises it.
    ///
    /// Without fragment, user name, password and default port. Nothing is decoded or sorted beyond what the standard
    /// does itself. So `/%7Ea` and `/~a` are two, and so are `http` and `https`.
    #[cfg(feature = "url")]
    NetUrl,
    /// `opaque.<name>/1`: 1 to 255 bytes as given; members agree elsewhere on meaning and spelling.
    ///
    /// Only values that are empty or too long are refused. Nothing is removed: not white space, not a byte-order mark,
    /// not what looks like a digest. Only at the start of a file a byte-order mark is removed, as for every kind. The
    /// name is part of the id and so of the key: values under different names never match.
    Opaque(OpaqueName),
    /// `paypal.id/1`: payer or merchant id of a PayPal account, 13 characters (PayPal's API reference, `account_id`).
    ///
    /// Digits 2 to 9 and letters without I and O; upper-cased. It is not the e-mail address of the account.
    PaypalId,
    /// `phone.e164/1`: international telephone number (ITU-T E.164).
    PhoneE164,
}

impl Kind {
    /// Every kind of this build, in order of id, without the opaque kinds: there are as many of these as names.
    pub const ALL: &'static [Kind] = &[
        Kind::BankBic,
        Kind::BankIban,
        Kind::CardPan,
        Kind::CardPar,
        Kind::CryptoBch,
        Kind::CryptoBtc,
        Kind::CryptoEvm,
        Kind::CryptoLtc,
        Kind::CryptoTrx,
        Kind::CryptoXmr,
        Kind::DeviceImei,
        Kind::EmailMailbox,
        Kind::EmailStrict,
        Kind::MerchantMid,
        Kind::NetDomain,
        Kind::NetIp,
        #[cfg(feature = "url")]
        Kind::NetUrl,
        Kind::PaypalId,
        Kind::PhoneE164,
    ];

    /// The ids that this build lacks, each with the feature that brings it.
    const LEFT_OUT: &'static [(&'static str, &'static str)] = &[
        #[cfg(not(feature = "url"))]
        ("net.url/1", "url"),
    ];

    /// Returns the frozen id, for example `card.pan/1`.
    pub const fn id(&self) -> &str {
        match self {
            Kind::BankBic => "bank.bic/1",
            Kind::BankIban => "bank.iban/1",
            Kind::CardPan => "card.pan/1",
            Kind::CardPar => "card.par/1",
            Kind::CryptoBch => "crypto.bch/1",
            Kind::CryptoBtc => "crypto.btc/1",
            Kind::CryptoEvm => "crypto.evm/1",
            Kind::CryptoLtc => "crypto.ltc/1",
            Kind::CryptoTrx => "crypto.trx/1",
            Kind::CryptoXmr => "crypto.xmr/1",
            Kind::DeviceImei => "device.imei/1",
            Kind::EmailMailbox => "email.mailbox/1",
            Kind::EmailStrict => "email.strict/1",
            Kind::MerchantMid => "merchant.mid/1",
            Kind::NetDomain => "net.domain/1",
            Kind::NetIp => "net.ip/1",
            #[cfg(feature = "url")]
            Kind::NetUrl => "net.url/1",
            Kind::Opaque(name) => name.kind_id(),
            Kind::PaypalId => "paypal.id/1",
            Kind::PhoneE164 => "phone.e164/1",
        }
    }

    /// Returns the id as the hub and the files know it.
    pub fn kind_id(self) -> KindId {
        KindId::new(self.id()).expect("frozen ids are valid")
    }

    /// Whether values outside ASCII are rejected before the grammar sees them.
    const fn is_ascii(&self) -> bool {
        match self {
            Kind::EmailMailbox | Kind::EmailStrict | Kind::NetDomain => false,
            #[cfg(feature = "url")]
            Kind::NetUrl => false,
            _ => true,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.id())
    }
}

impl FromStr for Kind {
    type Err = Error;

    /// Reads `name` or `name/version`.
    ///
    /// # Errors
    ///
    /// [`Error::FeatureOff`] where a feature would bring the kind, [`Error::OpaqueName`] for `opaque.` without a valid
    /// name, [`Error::UnknownKind`] where no build of this version has such a kind or version.
    fn from_str(text: &str) -> Result<Self, Error> {
        let is_id = |id: &str| id == text || id.split_once('/').is_some_and(|(name, _)| name == text);
        if let Some(rest) = text.strip_prefix("opaque.") {
            return match rest.split_once('/').unwrap_or((rest, "1")) {
                (name, "1") => OpaqueName::new(name).map(Kind::Opaque),
                _ => Err(Error::UnknownKind),
            };
        }
        if let Some((kind, feature)) = Self::LEFT_OUT.iter().find(|(id, _)| is_id(id)) {
            return Err(Error::FeatureOff { kind, feature });
        }
        Self::ALL.iter().copied().find(|kind| is_id(kind.id())).ok_or(Error::UnknownKind)
    }
}

/// Longest canonical form, in bytes.
pub const MAX_CANONICAL: usize = 255;

/// A buffer for one canonical form; wiped when dropped, never shown.
///
/// There is no `Clone`, `Display` or `Serialize`; `Debug` shows only its length.
pub struct Canonical {
    /// The bytes; zero from `len` on.
    bytes: [u8; MAX_CANONICAL],
    len: u8,
}

impl Canonical {
    /// Makes an empty buffer.
    pub const fn new() -> Self {
        Self { bytes: [0; MAX_CANONICAL], len: 0 }
    }

    /// Returns the canonical bytes. They are personal data: hash them, do not keep them.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len)]
    }

    /// Returns the first 64 bytes, zero after the end of the form. This is the whole form, unless it is longer.
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

    /// Writes a whole form into an empty buffer: the first `len` bytes of these words; zeros must follow in the words.
    /// It writes word by word, so that a later read need not wait for several stores.
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

    /// Sets the length of a form that was written word by word; zeros must come after it.
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

/// The outcome for a value that its grammar accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The value is to be matched.
    Accepted {
        /// Whether the value was written in another than the kind's normal spelling.
        changed: bool,
        /// Whether something about it is odd, such as a casing that is not EIP-55.
        warning: bool,
    },
    /// The value stands on the suppression list and would match for no reason.
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

/// The rule of a kind: it brings raw values into canonical form. Threads may share it freely.
#[derive(Clone, Debug)]
pub struct Canonicalizer {
    kind: Kind,
    national: Option<NationalPlan>,
    suppression: Arc<SuppressionList>,
}

impl Canonicalizer {
    /// Makes the rule of `kind` with the suppression list that ships with this crate.
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

    /// Applies the rule without a national plan.
    pub(crate) fn without_national_plan(&self) -> Self {
        Self { kind: self.kind, national: None, suppression: Arc::clone(&self.suppression) }
    }

    /// Returns the kind of identifier.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Returns the suppression list in force.
    pub fn suppression(&self) -> &SuppressionList {
        &self.suppression
    }

    /// Writes the canonical form of `raw` into `out` and returns the outcome.
    ///
    /// Cost: linear in the length of `raw`. It allocates nothing, with two exceptions: `net.url`, and internationalised
    /// domains of more than eight labels, 17 combining marks in a row or 253 characters. There the packages `url` and
    /// `idna` allocate, and what they allocate is not wiped. After an error, or a suppressed value, `out` holds nothing
    /// of use.
    ///
    /// # Errors
    ///
    /// The [`Reason`] why the value is not an identifier of this kind.
    pub fn canonicalize(&self, raw: &[u8], out: &mut Canonical) -> Result<Outcome, Reason> {
        let note = self.apply_grammar(raw, out)?;
        if self.suppression.contains_form(&self.kind, out) {
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

    /// Applies the rule to any value.
    fn apply_general(&self, raw: &[u8], out: &mut Canonical) -> Result<Note, Reason> {
        let value = if let Kind::Opaque(_) = self.kind { raw } else { self.find_value(raw)? };
        let note = match self.kind {
            Kind::BankBic => bank_bic::canonicalize(value, out),
            Kind::BankIban => bank_iban::canonicalize(value, out),
            Kind::CardPan => card_pan::canonicalize(value, out),
            Kind::CardPar => card_par::canonicalize(value, out),
            Kind::CryptoBch => crypto_bch::canonicalize(text(value)?, out),
            Kind::CryptoBtc => crypto_btc::canonicalize(text(value)?, out),
            Kind::CryptoEvm => crypto_evm::canonicalize(value, out),
            Kind::CryptoLtc => crypto_ltc::canonicalize(text(value)?, out),
            Kind::CryptoTrx => crypto_trx::canonicalize(value, out),
            Kind::CryptoXmr => crypto_xmr::canonicalize(text(value)?, out),
            Kind::DeviceImei => device_imei::canonicalize(value, out),
            Kind::EmailMailbox => email::canonicalize_mailbox(text(value)?, out),
            Kind::EmailStrict => email::canonicalize_strict(text(value)?, out),
            Kind::MerchantMid => merchant_mid::canonicalize(value, out),
            Kind::NetDomain => net_domain::canonicalize(text(value)?, out),
            Kind::NetIp => net_ip::canonicalize(text(value)?, out),
            #[cfg(feature = "url")]
            Kind::NetUrl => net_url::canonicalize(text(value)?, out),
            Kind::Opaque(_) => opaque::canonicalize(value, out),
            Kind::PaypalId => paypal_id::canonicalize(value, out),
            Kind::PhoneE164 => phone_e164::canonicalize(value, self.national.as_ref(), out),
        }?;
        Ok(note.and_changed(value.len() != raw.len()))
    }

    /// Returns the value without what stands around it, unless the rules for every kind refuse it.
    fn find_value<'a>(&self, raw: &'a [u8]) -> Result<&'a [u8], Reason> {
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
        Ok(value)
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

/// Trims text that is known to be ASCII.
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
