//! The public keys of a member or hub, and the file that holds them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::error::Error;

use super::{SignerKey, checked_text};

/// The key to which files for a member or hub are sealed: an X25519 recipient as the format age writes it.
///
/// `age1` and 58 characters of the bech32 alphabet. The checksum is verified when something is sealed to it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SealKey(Box<str>);

impl SealKey {
    /// Checks the form of a key.
    ///
    /// # Errors
    ///
    /// [`Error::PublicKeys`].
    pub fn new(text: &str) -> Result<Self, Error> {
        const BECH32: &[u8] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";
        let data = text.strip_prefix("age1").filter(|data| data.len() == 58);
        match data.is_some_and(|data| data.bytes().all(|byte| BECH32.contains(&byte))) {
            true => Ok(Self(text.into())),
            false => Err(Error::PublicKeys),
        }
    }

    /// The key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

checked_text!(SealKey);

/// The public keys of a member or hub.
///
/// `Display` writes the file that others get, `FILE.pub`, and `FromStr` reads exactly that:
///
/// ```text
/// veilmatch public keys 1
/// sign: 64 hex digits, an Ed25519 key (RFC 8032)
/// seal: age1…, an X25519 key (RFC 7748)
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublicKeys {
    /// Verifies what it signs.
    pub sign: SignerKey,
    /// Seals what is for it alone.
    pub seal: SealKey,
}

const FIRST_LINE: &str = "veilmatch public keys 1";

impl fmt::Display for PublicKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{FIRST_LINE}\nsign: {}\nseal: {}\n", self.sign, self.seal)
    }
}

impl FromStr for PublicKeys {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let mut lines = text.lines();
        let mut field = |name| lines.next().and_then(|line| line.strip_prefix(name));
        let (Some(""), Some(sign), Some(seal)) = (field(FIRST_LINE), field("sign: "), field("seal: ")) else {
            return Err(Error::PublicKeys);
        };
        let keys = Self { sign: sign.parse().map_err(|_| Error::PublicKeys)?, seal: SealKey::new(seal)? };
        // Other line ends, a fourth line and the like.
        if keys.to_string() == text { Ok(keys) } else { Err(Error::PublicKeys) }
    }
}
