//! Makes digests of several messages of one length, block by block beside each other.

use std::sync::OnceLock;

use ring::digest::{SHA256, digest};

use super::BLOCK;
#[cfg(target_arch = "x86_64")]
use super::avx512;
#[cfg(target_arch = "x86_64")]
use super::avx512::Avx512;
#[cfg(target_arch = "x86_64")]
use super::sha_ni::ShaNi;

/// Code for this that the machine has and that passed its test.
#[derive(Clone, Copy)]
pub(crate) enum Several {
    /// Thirty-two messages in the lanes of two vectors.
    #[cfg(target_arch = "x86_64")]
    Avx512(Avx512),
    /// Two messages in the SHA unit.
    #[cfg(target_arch = "x86_64")]
    ShaNi(ShaNi),
}

/// A message that is made block by block, in its padding too.
#[cfg_attr(not(target_arch = "x86_64"), allow(dead_code, reason = "there is no code that asks for blocks"))]
pub(crate) trait Blocks {
    /// Puts one block of one message in place.
    fn fill(&self, message: usize, number: usize, block: &mut [u8; BLOCK]);
}

impl Several {
    /// Returns the best code that the machine has. If there is none, `ring` hashes messages one after the other.
    pub(crate) fn detect() -> Option<Self> {
        static DETECTED: OnceLock<Option<Several>> = OnceLock::new();
        *DETECTED.get_or_init(|| Self::available().find(|code| code.agrees_with_ring()))
    }

    /// Returns the codes that the machine has, the best first.
    fn available() -> impl Iterator<Item = Self> {
        #[cfg(target_arch = "x86_64")]
        let all = [Avx512::detect().map(Self::Avx512), ShaNi::detect().map(Self::ShaNi)];
        #[cfg(not(target_arch = "x86_64"))]
        let all: [Option<Self>; 0] = [];
        all.into_iter().flatten()
    }

    /// Returns the number of messages that are hashed together.
    pub(crate) fn messages(self) -> usize {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Avx512(_) => avx512::MESSAGES,
            #[cfg(target_arch = "x86_64")]
            Self::ShaNi(_) => 2,
        }
    }

    /// Writes the digests of messages that have this number of blocks each. It takes at most as many messages as are
    /// hashed together.
    #[cfg_attr(not(target_arch = "x86_64"), expect(unused_variables, reason = "there is no code to call"))]
    pub(crate) fn digests(self, messages: &impl Blocks, blocks: usize, digests: &mut [[u8; 32]]) {
        debug_assert!(digests.len() <= self.messages());
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Avx512(code) => write(&code.absorb(blocks, fill(messages, digests.len())), digests),
            #[cfg(target_arch = "x86_64")]
            Self::ShaNi(code) => write(&code.absorb(blocks, fill(messages, digests.len())), digests),
        }
    }

    /// Compares messages of one and of three blocks in all places.
    fn agrees_with_ring(self) -> bool {
        [1, 3].into_iter().all(|blocks| {
            let messages = Counting { blocks };
            let mut digests = vec![[0; 32]; self.messages()];
            self.digests(&messages, blocks, &mut digests);
            digests.iter().enumerate().all(|(at, found)| digest(&SHA256, &messages.of(at)).as_ref() == found)
        })
    }
}

/// Returns what puts blocks in place, from a number on, for `count` messages; one message after the other.
#[cfg(target_arch = "x86_64")]
fn fill<const N: usize>(messages: &impl Blocks, count: usize) -> impl FnMut(usize, &mut [[[u8; BLOCK]; N]]) {
    move |first, places| {
        for message in 0..count.min(N) {
            for (at, blocks) in places.iter_mut().enumerate() {
                messages.fill(message, first + at, &mut blocks[message]);
            }
        }
    }
}

/// Writes states as digests: big-endian words.
#[cfg(target_arch = "x86_64")]
fn write(states: &[[u32; 8]], digests: &mut [[u8; 32]]) {
    for (state, digest) in states.iter().zip(digests) {
        let (bytes, _) = digest.as_chunks_mut::<4>();
        bytes.iter_mut().zip(state).for_each(|(bytes, word)| *bytes = word.to_be_bytes());
    }
}

/// Messages of the self-test. Each has the longest length that its blocks can hold, less its number.
struct Counting {
    blocks: usize,
}

impl Counting {
    fn of(&self, message: usize) -> Vec<u8> {
        let len = BLOCK * self.blocks - 9 - message;
        (0..len).map(|at| (at * 7 + message * 13) as u8).collect()
    }
}

impl Blocks for Counting {
    fn fill(&self, message: usize, number: usize, block: &mut [u8; BLOCK]) {
        let mut padded = self.of(message);
        let bits = 8 * padded.len() as u64;
        padded.push(0x80);
        padded.resize(BLOCK * self.blocks - 8, 0);
        padded.extend_from_slice(&bits.to_be_bytes());
        block.copy_from_slice(&padded[BLOCK * number..][..BLOCK]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_that_the_machine_has_agree_with_ring_for_any_number_of_messages() {
        for code in Several::available() {
            assert!(code.agrees_with_ring());
            for count in 0..=code.messages() {
                for blocks in [1, 2, 5] {
                    let messages = Counting { blocks };
                    let mut digests = vec![[0; 32]; count];
                    code.digests(&messages, blocks, &mut digests);
                    for (at, found) in digests.iter().enumerate() {
                        assert!(digest(&SHA256, &messages.of(at)).as_ref() == found, "{at} of {count}");
                    }
                }
            }
        }
    }
}
