//! The token: 16 opaque bytes that stand for an identifier, with an order.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

/// The first 16 bytes of HMAC-SHA-256 under a token key (RFC 2104), ordered as bytes.
///
/// For N honest tokens the chance that any two different identifiers share one is under N²/2¹²⁹: 2⁻⁶³ for 8.6 billion.
/// A token is pseudonymous personal data: whoever has the key can try identifiers against it. So it has no `Display`
/// and no `Serialize`, and its `Debug` shows no byte of it.
///
/// ```
/// let token = veilmatch::Token::from_bytes([7; 16]);
/// assert_eq!(format!("{token:?}"), "Token");
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(transparent)]
pub struct Token([u8; Token::LEN]);

impl Token {
    /// Length in bytes.
    pub const LEN: usize = 16;

    /// Makes a token of its bytes, as an HSM or a file gives them.
    #[inline]
    pub const fn from_bytes(bytes: [u8; Self::LEN]) -> Self {
        Self(bytes)
    }

    /// Returns the bytes, for a file of tokens.
    #[inline]
    pub const fn as_bytes(&self) -> &[u8; Self::LEN] {
        &self.0
    }

    /// Returns the leading 64 bits. As numbers they have the order of the tokens.
    #[inline]
    pub(crate) const fn leading(&self) -> u64 {
        (u128::from_be_bytes(self.0) >> 64) as u64
    }
}

/// Appends tokens that a file has side by side.
pub(crate) fn append(read: &[[u8; Token::LEN]], tokens: &mut Vec<Token>) {
    tokens.extend(read.iter().map(|bytes| Token(*bytes)));
}

impl Ord for Token {
    /// Compares by byte order, as one big-endian number: that is two loads, not a call to `memcmp`.
    #[inline]
    fn cmp(&self, other: &Self) -> Ordering {
        u128::from_be_bytes(self.0).cmp(&u128::from_be_bytes(other.0))
    }
}

impl PartialOrd for Token {
    #[inline]
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Hash for Token {
    /// Writes exactly the 16 bytes. An array's own `Hash` would write its length first, as a native
    /// `usize`, and a filter's bits would then depend on the platform.
    #[inline]
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write(&self.0);
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token")
    }
}
