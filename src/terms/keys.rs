//! Public keys: who signed a file, and to whom a file is sealed.

mod point;

use std::fmt;
use std::str::FromStr;

use ring::signature::{ED25519, UnparsedPublicKey};
use serde::{Deserialize, Serialize};

use crate::error::Error;

use super::text::{checked_text, public_bytes};

public_bytes! {
    /// An Ed25519 public key (RFC 8032) of the member or hub that signed a file.
    ///
    /// ```
    /// use veilmatch::terms::{Signature, SignerKey};
    ///
    /// // RFC 8032, section 7.1, test 2.
    /// let key: SignerKey = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c".parse()?;
    /// let signature: Signature = "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da\
    ///     085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00".parse()?;
    /// assert!(key.verify(b"\x72", &signature.0));
    /// assert!(!key.verify(b"\x73", &signature.0));
    /// # Ok::<(), veilmatch::Error>(())
    /// ```
    SignerKey[32],
}

impl SignerKey {
    /// Whether `signature` is a signature of `message` by the owner of this key.
    ///
    /// It is also `false` for bytes that are not a signature, or have another length, and for a key under which a
    /// signature says nothing: not a point of the curve, a point of small order, or a point in a second spelling.
    #[must_use]
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        point::can_verify(&self.0)
            && UnparsedPublicKey::new(&ED25519, &self.0).verify(message, signature).is_ok()
    }

    /// Refuses a key under which a signature says nothing, at no cost. This is enough for the signer of a file: a round
    /// asks more of its own keys when its manifest is read, and accepts only files signed by them.
    pub(crate) fn require_verifiable(&self) -> Result<(), Error> {
        if point::can_verify(&self.0) { Ok(()) } else { self.check() }
    }

    /// Refuses a key that nobody makes in good faith. Its point is of small order, so that anyone can sign, or in a
    /// second spelling. With the feature `seal`, it also refuses a key that is not a point of the prime-order group.
    ///
    /// # Errors
    ///
    /// [`Error::SigningKey`], with the key.
    pub fn check(&self) -> Result<(), Error> {
        point::fault(&self.0).map_or(Ok(()), |problem| Err(Error::SigningKey { key: *self, problem }))
    }
}

/// The public key that files are sealed to: an X25519 recipient of age, `age1…`, in lower case.
///
/// It is text of that form, nothing more: the hub that reads it may be unable to seal. `SealKey::check` and
/// `seal::seal` (feature `seal`) find out whether its checksum fits and whether it is a key at all.
///
/// ```
/// use veilmatch::terms::SealKey;
///
/// let key = SealKey::new("age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj")?;
/// assert!(key.as_str().starts_with("age1"));
/// assert!(SealKey::new("age1").is_err());
/// # Ok::<(), veilmatch::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SealKey(Box<str>);

impl SealKey {
    const PREFIX: &str = "age1";

    /// 52 characters for 32 bytes, 6 of checksum.
    const DATA_LEN: usize = 58;

    /// Checks the form of a key: `age1` and 58 characters of bech32 (BIP-173), in lower case.
    ///
    /// # Errors
    ///
    /// [`Error::Identity`] for anything else, without repeating it.
    pub fn new(text: &str) -> Result<Self, Error> {
        let bech32 = |byte: u8| b"qpzry9x8gf2tvdw0s3jn54khce6mua7l".contains(&byte);
        let valid = text
            .strip_prefix(Self::PREFIX)
            .is_some_and(|data| data.len() == Self::DATA_LEN && data.bytes().all(bech32));
        if valid {
            Ok(Self(text.into()))
        } else {
            Err(Error::Identity { problem: "expected a key to seal to: `age1` and 58 characters" })
        }
    }

    /// Refuses a key that files cannot be sealed to: its checksum does not fit, or its point hides nothing. Needs the
    /// feature `seal`.
    ///
    /// # Errors
    ///
    /// [`Error::Seal`].
    #[cfg(feature = "seal")]
    pub fn check(&self) -> Result<(), Error> {
        use bech32::primitives::decode::CheckedHrpstring;
        use curve25519_dalek::{montgomery::MontgomeryPoint, traits::IsIdentity as _};
        let checked = CheckedHrpstring::new::<bech32::Bech32>(self.as_str()).map_err(|_| NO_SEAL_KEY)?;
        checked.validate_segwit_padding().map_err(|_| NO_SEAL_KEY)?;
        let point = checked.byte_iter().collect::<Vec<u8>>().try_into().map_err(|_| NO_SEAL_KEY)?;
        // With a point of small order the shared secret would be zero, and anyone could open the file. age panics
        // there. Eight times a point is zero only for these points, on the curve and on its twist (RFC 7748, section
        // 6.1).
        match MontgomeryPoint(point).mul_bits_be([true, false, false, false].into_iter()).is_identity() {
            true => Err(NO_SEAL_KEY),
            false => Ok(()),
        }
    }

    /// Returns the key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(feature = "seal")]
pub(crate) const NO_SEAL_KEY: Error =
    Error::Seal { problem: "the key to seal to is not one; is a character mistyped?" };

checked_text!(SealKey);

/// The public part of an identity: others verify the member's or hub's signatures by it, and seal files to it.
///
/// As text, the file of public keys (`FILE.pub`):
///
/// ```
/// let text = "\
/// veilmatch public keys 1
/// sign: d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a
/// seal: age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj
/// ";
/// let keys: veilmatch::terms::PublicKeys = text.parse()?;
/// assert_eq!(keys.to_string(), text);
/// # Ok::<(), veilmatch::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublicKeys {
    /// Verifies the owner's signatures.
    pub sign: SignerKey,
    /// Seals files that only the owner may read.
    pub seal: SealKey,
}

impl PublicKeys {
    /// Refuses keys that cannot protect anything, by [`SignerKey::check`]. With the feature `seal` it also checks the
    /// key to seal to, by `SealKey::check`.
    ///
    /// # Errors
    ///
    /// [`Error::SigningKey`]; with the feature `seal` also [`Error::Seal`].
    pub fn check(&self) -> Result<(), Error> {
        self.sign.check()?;
        #[cfg(feature = "seal")]
        self.seal.check()?;
        Ok(())
    }
}

/// First line of a file of public keys.
const TITLE: &str = "veilmatch public keys 1";

impl fmt::Display for PublicKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{TITLE}\nsign: {}\nseal: {}\n", self.sign, self.seal)
    }
}

impl FromStr for PublicKeys {
    type Err = Error;

    /// Reads what `Display` writes. White space around the text, and line ends of Windows, are ignored.
    ///
    /// Fails with [`Error::Identity`] for anything else, and with the errors of [`PublicKeys::check`].
    fn from_str(text: &str) -> Result<Self, Error> {
        const EXPECTED: Error = Error::Identity {
            problem: "expected public keys: `veilmatch public keys 1`, then the lines `sign: ` with 64 \
                      lower-case hex digits and `seal: ` with a key `age1…`",
        };
        let [sign, seal] = two_lines(text, TITLE).ok_or(EXPECTED)?;
        let (sign, seal) = (sign.parse().map_err(|_| EXPECTED)?, seal.parse().map_err(|_| EXPECTED)?);
        let keys = Self { sign, seal };
        keys.check()?;
        Ok(keys)
    }
}

/// Returns what follows `sign: ` and `seal: ` in the two lines under a title. Nothing else may stand around them.
pub(crate) fn two_lines<'a>(text: &'a str, title: &str) -> Option<[&'a str; 2]> {
    let mut lines = text.trim().lines();
    let titled = lines.next() == Some(title);
    let sign = lines.next()?.strip_prefix("sign: ")?;
    let seal = lines.next()?.strip_prefix("seal: ")?;
    (titled && lines.next().is_none()).then_some([sign, seal])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 8032, section 7.1, test 2; `tests/keys/identity.rs` has more.
    #[test]
    fn signatures_are_verified_in_every_build() {
        let key: SignerKey =
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c".parse().unwrap();
        let mut signature = [0; 64];
        let hex = "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da\
                   085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00";
        crate::terms::text::from_hex(hex, &mut signature).unwrap();
        assert!(key.verify(b"\x72", &signature));
        assert!(!key.verify(b"\x73", &signature));
        assert!(!key.verify(b"\x72", &signature[..63]));
        signature[63] ^= 1;
        assert!(!key.verify(b"\x72", &signature));
    }

    const TEXT: &str = "veilmatch public keys 1\n\
        sign: d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a\n\
        seal: age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj\n";

    #[test]
    fn public_keys_come_back_whatever_a_mail_gateway_did_to_the_line_ends() {
        let keys: PublicKeys = TEXT.parse().unwrap();
        assert_eq!(keys.to_string(), TEXT);
        for same in [TEXT.replace('\n', "\r\n"), TEXT.trim_end().to_owned(), format!("\n{TEXT}\n")] {
            assert_eq!(same.parse::<PublicKeys>().unwrap(), keys, "{same:?}");
        }
        let json = serde_json::to_string(&keys).unwrap();
        assert!(json.starts_with(r#"{"sign":"d75a98"#) && json.contains(r#","seal":"age1zvk"#), "{json}");
        assert_eq!(serde_json::from_str::<PublicKeys>(&json).unwrap(), keys);
    }

    #[test]
    fn public_keys_of_any_other_form_are_refused() {
        let lines: Vec<_> = TEXT.lines().collect();
        for other in [
            String::new(),
            lines[0].to_owned(),
            format!("{}\n{}", lines[0], lines[1]),
            format!("{}\n{}\n{}", lines[0], lines[2], lines[1]),
            format!("{TEXT}{}", lines[2]),
            TEXT.replace("keys 1", "keys 2"),
            TEXT.replace("sign: ", "sign:"),
            TEXT.replace("d75a", "D75A"),
            TEXT.replace("age1", "AGE1"),
            TEXT.replace("\nseal", "\n\nseal"),
        ] {
            assert!(matches!(other.parse::<PublicKeys>(), Err(Error::Identity { .. })), "{other:?}");
        }
    }

    #[test]
    fn a_seal_key_has_one_form() {
        let good = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj";
        assert_eq!(good.len(), 62);
        assert_eq!(SealKey::new(good).unwrap().as_str(), good);
        for at in 0..good.len() {
            for with in ["", "1", "b", "i", "o", "Q", " ", "é", "qq"] {
                let mut other = good.to_owned();
                other.replace_range(at..=at, with);
                assert!(other == good || SealKey::new(&other).is_err(), "{other}");
            }
        }
    }
}
