//! The back ends: by name, and as code that the machine can run.

use std::fmt;
use std::str::FromStr;

use crate::error::Error;

use super::portable;
#[cfg(target_arch = "x86_64")]
use crate::sha256::avx2::Avx2;
#[cfg(target_arch = "x86_64")]
use crate::sha256::avx512::Avx512;
#[cfg(target_arch = "x86_64")]
use crate::sha256::sha_ni::ShaNi;
use crate::sha256::{BLOCK, Keyed, Truncated};

/// Code that computes HMAC-SHA-256. All back ends give the same tokens.
///
/// ```
/// use veilmatch::member::tokenize::Backend;
///
/// assert_eq!("sha-ni".parse::<Backend>()?, Backend::ShaNi);
/// assert_eq!(Backend::Avx512.to_string(), "avx512");
/// assert!(Backend::available().any(|backend| backend == Backend::Portable));
/// # Ok::<(), veilmatch::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Backend {
    /// `avx512`: sixteen messages in the lanes of a vector, three vectors at once (x86-64, AVX-512 F and BW).
    Avx512,
    /// `sha-ni`: two messages at once in the SHA unit (x86-64).
    ShaNi,
    /// `avx2`: eight messages in the lanes of a vector (x86-64).
    Avx2,
    /// `portable`: one message after the other by the package `sha2`, on every machine.
    Portable,
}

impl Backend {
    /// Every back end of this build, the best first.
    ///
    /// Benchmark `tokenize` measured the order on AMD Zen 5, in ns a token: 16, 39, 58, and 69 or, where `sha2` has no
    /// SHA unit either, 245. For other machines it is calculated from counts of instructions: with half the throughput
    /// of 512-bit vectors, as on Zen 4 and on Intel's processors, lanes come to 30 to 40 ns, at worst a tie.
    const BEST_FIRST: [Backend; 4] = [Backend::Avx512, Backend::ShaNi, Backend::Avx2, Backend::Portable];

    /// Returns the back ends whose instructions this machine has, the best first; the last is `portable`.
    pub fn available() -> impl Iterator<Item = Backend> {
        Self::BEST_FIRST.into_iter().filter(|backend| backend.code().is_some())
    }

    /// Returns the name, for example `sha-ni`.
    pub const fn name(self) -> &'static str {
        match self {
            Backend::Avx512 => "avx512",
            Backend::ShaNi => "sha-ni",
            Backend::Avx2 => "avx2",
            Backend::Portable => "portable",
        }
    }

    /// Returns the code, if the machine can run it.
    pub(crate) fn code(self) -> Option<Code> {
        match self {
            #[cfg(target_arch = "x86_64")]
            Backend::Avx512 => Avx512::detect().map(Code::Avx512),
            #[cfg(target_arch = "x86_64")]
            Backend::ShaNi => ShaNi::detect().map(Code::ShaNi),
            #[cfg(target_arch = "x86_64")]
            Backend::Avx2 => Avx2::detect().map(Code::Avx2),
            Backend::Portable => Some(Code::Portable),
            #[cfg(not(target_arch = "x86_64"))]
            _ => None,
        }
    }
}

impl fmt::Display for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Backend {
    type Err = Error;

    /// Reads the name.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownBackend`] where this version has no such back end.
    fn from_str(text: &str) -> Result<Self, Error> {
        Self::BEST_FIRST.into_iter().find(|backend| backend.name() == text).ok_or(Error::UnknownBackend)
    }
}

/// A back end that the machine can run.
#[derive(Clone, Copy)]
pub(crate) enum Code {
    #[cfg(target_arch = "x86_64")]
    Avx512(Avx512),
    #[cfg(target_arch = "x86_64")]
    ShaNi(ShaNi),
    #[cfg(target_arch = "x86_64")]
    Avx2(Avx2),
    Portable,
}

impl Code {
    pub(crate) fn backend(self) -> Backend {
        match self {
            #[cfg(target_arch = "x86_64")]
            Code::Avx512(_) => Backend::Avx512,
            #[cfg(target_arch = "x86_64")]
            Code::ShaNi(_) => Backend::ShaNi,
            #[cfg(target_arch = "x86_64")]
            Code::Avx2(_) => Backend::Avx2,
            Code::Portable => Backend::Portable,
        }
    }

    /// Returns the number of blocks that are hashed for this number of messages. The blocks beyond the messages may
    /// hold anything.
    pub(crate) fn blocks_for(self, messages: usize) -> usize {
        match self {
            #[cfg(target_arch = "x86_64")]
            Code::Avx512(code) => code.blocks_for(messages),
            #[cfg(target_arch = "x86_64")]
            Code::ShaNi(code) => code.blocks_for(messages),
            #[cfg(target_arch = "x86_64")]
            Code::Avx2(code) => code.blocks_for(messages),
            Code::Portable => messages,
        }
    }

    /// Makes the tokens of padded blocks; there are as many blocks as [`Code::blocks_for`] says.
    pub(crate) fn hash(self, keyed: &Keyed, blocks: &[[u8; BLOCK]], tokens: &mut [Truncated]) {
        debug_assert!(blocks.len() == tokens.len() && blocks.len() == self.blocks_for(blocks.len()));
        match self {
            #[cfg(target_arch = "x86_64")]
            Code::Avx512(code) => code.hash(keyed, blocks, tokens),
            #[cfg(target_arch = "x86_64")]
            Code::ShaNi(code) => code.hash(keyed, blocks, tokens),
            #[cfg(target_arch = "x86_64")]
            Code::Avx2(code) => code.hash(keyed, blocks, tokens),
            Code::Portable => portable::hash(keyed, blocks, tokens),
        }
    }
}
