//! Finds the other kind of rejected values.

use crate::member::identifier::{Canonical, Canonicalizer, Kind};
use crate::member::tokenize::canonicalize_row;

use super::Hint;

/// The other kinds that accept a value, a bit each.
#[derive(Clone, Copy)]
pub(super) struct Sample(u64);

/// The rules of the other kinds under which a rejected value is tried.
pub(super) struct Looks {
    kind: Kind,
    others: Vec<Canonicalizer>,
}

impl Kind {
    /// Whether a value that this kind accepts is most likely of this kind: the kind has a checksum, or a syntax that
    /// other text does not have by chance.
    ///
    /// It is not so for kinds that accept any word of some length (`bank.bic`), any number of some length
    /// (`device.imei`) or nearly anything (`merchant.mid`, `opaque`), nor for a kind that accepts the very values of
    /// another one (`email.mailbox`).
    ///
    /// ```
    /// use veilmatch::member::identifier::Kind;
    ///
    /// assert!(Kind::BankIban.is_telling());
    /// assert!(!Kind::DeviceImei.is_telling(), "any 14 digits will do");
    /// ```
    pub const fn is_telling(self) -> bool {
        match self {
            Kind::BankIban
            | Kind::CardPan
            | Kind::CardPar
            | Kind::CryptoBch
            | Kind::CryptoBtc
            | Kind::CryptoEvm
            | Kind::CryptoLtc
            | Kind::CryptoTrx
            | Kind::CryptoXmr
            | Kind::EmailStrict
            | Kind::NetDomain
            | Kind::NetIp
            | Kind::PaypalId
            | Kind::PhoneE164 => true,
            #[cfg(feature = "url")]
            Kind::NetUrl => true,
            Kind::BankBic | Kind::DeviceImei | Kind::EmailMailbox | Kind::MerchantMid | Kind::Opaque(_) => {
                false
            }
        }
    }
}

impl Looks {
    /// The number of rejected rows that are tried, from the first on: enough to tell, and few enough to cost nothing.
    pub(super) const SAMPLE: usize = 1_000;

    /// The least number of rows of a kind that count as a mistake of the export.
    const LEAST: u64 = 11;

    pub(super) fn other_than(kind: Kind) -> Self {
        let others = Kind::ALL.iter().copied().filter(|other| *other != kind && other.is_telling());
        Self { kind, others: others.take(64).map(Canonicalizer::new).collect() }
    }

    pub(super) fn of(&self, value: &[u8], canonical: &mut Canonical) -> Sample {
        let accepts = |rule: &Canonicalizer, canonical: &mut Canonical| {
            u64::from(canonicalize_row(rule, value, canonical).is_ok())
        };
        let bits = (0..).zip(&self.others).map(|(bit, rule)| accepts(rule, canonical) << bit);
        Sample(bits.fold(0, |all, bit| all | bit))
    }

    /// Returns a hint for each kind that accepts at least half of the sample, and more than ten rows.
    pub(super) fn hints(&self, sample: impl Iterator<Item = Sample>) -> Vec<Hint> {
        let mut accepted = vec![0u64; self.others.len()];
        let mut of = 0;
        for Sample(bits) in sample {
            of += 1;
            (0..).zip(&mut accepted).for_each(|(bit, rows)| *rows += bits >> bit & 1);
        }
        let fits = |rows: u64| rows >= Self::LEAST && rows * 2 >= of;
        let kinds = self.others.iter().map(Canonicalizer::kind).zip(accepted);
        let hint = |(looks, rows)| Hint::OtherKind { kind: self.kind, looks, rows, of };
        kinds.filter(|(_, rows)| fits(*rows)).map(hint).collect()
    }
}
