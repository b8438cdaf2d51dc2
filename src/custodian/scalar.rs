//! Secret numbers in files: a custodian's share, or what one custodian deals to another.

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// 32 bytes as 64 lower-case hex digits; wiped when dropped, never shown.
// Boxed, so that moving it leaves no copy behind.
pub(super) struct SecretScalar(pub(super) Box<Zeroizing<[u8; 32]>>);

impl SecretScalar {
    /// Takes the bytes of a scalar as the package gives them.
    pub(super) fn of(bytes: &Zeroizing<Vec<u8>>) -> Self {
        let mut scalar = Box::new(Zeroizing::new([0; 32]));
        scalar.copy_from_slice(bytes); // a scalar of ristretto255 has 32 bytes
        Self(scalar)
    }
}

impl Serialize for SecretScalar {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut text = Zeroizing::new(String::with_capacity(2 * self.0.len()));
        for byte in self.0.iter() {
            let digit = |half: u8| char::from_digit(u32::from(half), 16).expect("under 16");
            text.extend([digit(byte >> 4), digit(byte & 15)]);
        }
        serializer.serialize_str(&text)
    }
}

impl<'de> Deserialize<'de> for SecretScalar {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Zeroizing::new(String::deserialize(deserializer)?);
        let mut scalar = Box::new(Zeroizing::new([0; 32]));
        crate::terms::from_hex(&text, &mut **scalar).ok_or(serde::de::Error::custom("64 digits"))?;
        Ok(Self(scalar))
    }
}
