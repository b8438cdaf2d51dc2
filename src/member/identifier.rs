//! Turns a raw identifier into its one canonical form: two members match only if they hash equal bytes.
//!
//! Each [`Kind`] has a frozen id, `name/version`. A published rule is never edited; a change is a new version. Each
//! grammar has a file of its own below this module; SPEC.md states each rule with its source.

mod alphabet;
mod bank_bic;
mod bank_iban;
mod base58check;
mod canonical;
mod card_pan;
mod card_par;
mod crypto_bch;
mod crypto_btc;
mod crypto_evm;
mod crypto_ltc;
mod crypto_trx;
mod crypto_xmr;
mod description;
mod device_imei;
mod domain_name;
mod email;
mod iban_registry;
mod kind;
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

use std::sync::Arc;

use crate::outcome::Reason;

pub(crate) use canonical::Short;
pub use canonical::{Canonical, MAX_CANONICAL};
pub use description::Description;
pub use kind::Kind;
pub use opaque::OpaqueName;
pub use phone_e164::NationalPlan;
pub use suppression::SuppressionList;

/// The outcome for a value that its grammar accepted.
///
/// See the example of [`Canonicalizer`].
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
///
/// ```
/// use veilmatch::Reason;
/// use veilmatch::member::identifier::{Canonical, Canonicalizer, Kind, Outcome};
///
/// let (rule, mut form) = (Canonicalizer::new(Kind::BankIban), Canonical::new());
/// let outcome = rule.canonicalize(b"DE89 3704 0044 0532 0130 00", &mut form);
/// assert_eq!(outcome, Ok(Outcome::Accepted { changed: true, warning: false }));
/// assert_eq!(form.as_bytes(), b"DE89370400440532013000");
/// assert_eq!(rule.canonicalize(b"DE88370400440532013000", &mut form), Err(Reason::Checksum));
/// ```
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

    /// Decides, without a buffer, on a value in a usual spelling of a short form with nothing around it; [`Self::canonicalize`]
    /// decides on any other one.
    #[inline(always)]
    pub(crate) fn decide_short(&self, raw: &[u8]) -> Option<Result<(Short, Outcome), Reason>> {
        let decided = match self.kind {
            Kind::CardPan => card_pan::usual(raw)?,
            _ => return None,
        };
        match decided {
            Ok((form, _)) if self.suppression.may_contain(&self.kind, &form) => None,
            Ok((form, Note { changed, warning })) => Some(Ok((form, Outcome::Accepted { changed, warning }))),
            Err(reason) => Some(Err(reason)),
        }
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
