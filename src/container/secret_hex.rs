//! Secret bytes in a document: 32 bytes as 64 lower-case hex digits.

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// 32 secret bytes; wiped when dropped, never shown. Their text is wiped too.
// Boxed, so that moving it leaves no copy behind.
#[derive(Clone)]
pub(crate) struct SecretHex(pub(crate) Box<Zeroizing<[u8; 32]>>);

impl SecretHex {
    /// Takes 32 bytes.
    pub(crate) fn of(bytes: &[u8]) -> Self {
        let mut own = Box::new(Zeroizing::new([0; 32]));
        own.copy_from_slice(bytes);
        Self(own)
    }
}

impl Serialize for SecretHex {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut text = Zeroizing::new(String::with_capacity(2 * self.0.len()));
        for byte in self.0.iter() {
            let digit = |half: u8| char::from_digit(u32::from(half), 16).expect("under 16");
            text.extend([digit(byte >> 4), digit(byte & 15)]);
        }
        serializer.serialize_str(&text)
    }
}

impl<'de> Deserialize<'de> for SecretHex {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Zeroizing::new(String::deserialize(deserializer)?);
        let mut own = Box::new(Zeroizing::new([0; 32]));
        crate::terms::from_hex(&text, &mut **own).ok_or(serde::de::Error::custom("64 digits"))?;
        Ok(Self(own))
    }
}
