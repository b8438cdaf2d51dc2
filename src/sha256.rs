//! SHA-256 of several messages at once, in vectors and in the SHA unit (FIPS 180-4): for tokens, which are HMACs (RFC
//! 2104) of one block, and for the chunks of files.
//!
//! The machine decides which code hashes, never a feature. The tokeniser checks the code under its own key against
//! `hmac`. The code that hashes chunks is checked against `ring` before its first use; if the check fails, `ring`
//! serves.
#![cfg_attr(not(feature = "member"), allow(dead_code, reason = "a hub makes no tokens"))]

#[cfg(target_arch = "x86_64")]
pub(crate) mod avx2;
#[cfg(target_arch = "x86_64")]
pub(crate) mod avx512;
mod several;
#[cfg(target_arch = "x86_64")]
pub(crate) mod sha_ni;
#[cfg(target_arch = "x86_64")]
mod transposed;

#[cfg(feature = "member")]
use zeroize::Zeroize as _;

pub(crate) use several::{Blocks, Several};

/// Length of a block in bytes.
pub(crate) const BLOCK: usize = 64;

/// The first 16 bytes of a digest.
pub(crate) type Truncated = [u8; 16];

/// Longest message that fits one block with its padding.
pub(crate) const ONE_BLOCK: usize = BLOCK - 9;

/// First word of the padding.
#[cfg(target_arch = "x86_64")]
pub(crate) const PADDING: u32 = 0x8000_0000;

/// The number that the padding of an outer message states: the length of key block and digest in bits.
pub(crate) const HMAC_DIGEST_BITS: u32 = 8 * (BLOCK as u32 + 32);

/// Initial hash value (section 5.3.3).
pub(crate) const INITIAL: [u32; 8] =
    [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19];

/// Round constants (section 4.2.2).
#[cfg(target_arch = "x86_64")]
#[rustfmt::skip]
pub(crate) const K: [u32; 64] = [
    0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4, 0xab1c_5ed5,
    0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174,
    0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da,
    0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7, 0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967,
    0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85,
    0xa2bf_e8a1, 0xa81a_664b, 0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070,
    0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3,
    0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7, 0xc671_78f2,
];

/// The states of HMAC after the inner and the outer key block (RFC 2104, section 4).
pub(crate) struct Keyed {
    pub(crate) inner: [u32; 8],
    pub(crate) outer: [u32; 8],
}

#[cfg(feature = "member")]
impl Drop for Keyed {
    fn drop(&mut self) {
        self.inner.zeroize();
        self.outer.zeroize();
    }
}
