//! The kinds of identifiers, each with a frozen id.

use std::fmt;
use std::str::FromStr;

use crate::error::Error;
use crate::terms::KindId;

use super::OpaqueName;

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
    pub(super) const fn is_ascii(&self) -> bool {
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
