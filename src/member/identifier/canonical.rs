//! A buffer for canonical forms.

use std::fmt;

use zeroize::Zeroize;

use crate::outcome::Reason;

use super::words::words;

/// Longest canonical form, in bytes.
pub const MAX_CANONICAL: usize = 255;

/// A buffer for one canonical form; wiped when dropped, never shown.
///
/// There is no `Clone`, `Display` or `Serialize`; `Debug` shows only its length.
///
/// See the example of [`Canonicalizer`](super::Canonicalizer).
pub struct Canonical {
    /// The bytes; zero from `len` on.
    pub(super) bytes: [u8; MAX_CANONICAL],
    len: u8,
}

impl Canonical {
    /// Makes an empty buffer.
    pub const fn new() -> Self {
        Self { bytes: [0; MAX_CANONICAL], len: 0 }
    }

    /// Returns the canonical bytes. They are personal data: hash them, do not keep them.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len)]
    }

    /// Returns the first 64 bytes, zero after the end of the form. This is the whole form, unless it is longer.
    #[inline]
    pub(crate) fn first_block(&self) -> &[u8; 64] {
        self.bytes.first_chunk().expect("the buffer is longer than a block")
    }

    /// Returns the form in registers, unless it is too long for them.
    #[inline]
    pub(crate) fn short(&self) -> Option<Short> {
        let words: [u64; 3] = words(self.bytes.first_chunk::<24>().expect("the buffer is longer"));
        let len = usize::from(self.len);
        (len <= Short::MAX).then_some(Short { words, len })
    }

    #[inline]
    pub(super) fn clear(&mut self) {
        if self.len <= 64 {
            self.clear_first_block();
        } else {
            self.bytes.fill(0);
        }
        self.len = 0;
    }

    #[inline]
    pub(super) fn clear_first_block(&mut self) {
        self.bytes[..64].fill(0); // of fixed length, so without a call
    }

    /// Writes a whole form into an empty buffer.
    #[inline]
    pub(super) fn set_short(&mut self, form: Short) {
        self.set(form.words, form.len);
    }

    /// Writes a whole form into an empty buffer: the first `len` bytes of these words; zeros must follow in the words.
    /// It writes word by word, so that a later read need not wait for several stores.
    #[inline]
    pub(super) fn set<const WORDS: usize>(&mut self, words: [u64; WORDS], len: usize) {
        for (place, word) in words.into_iter().enumerate() {
            self.set_word(place, word);
        }
        self.set_len(len);
    }

    /// Writes eight bytes of the first block, to which [`Canonical::set_len`] sets an end.
    #[inline]
    pub(super) fn set_word(&mut self, place: usize, word: u64) {
        let (words, _) = self.bytes[..64].as_chunks_mut::<8>();
        words[place] = word.to_le_bytes();
    }

    /// Sets the length of a form that was written word by word; zeros must come after it.
    #[inline]
    pub(super) fn set_len(&mut self, len: usize) {
        debug_assert!(self.bytes[len..].iter().all(|byte| *byte == 0));
        self.len = len as u8; // at most 64
    }

    /// Shortens the form to its first `len` bytes.
    pub(super) fn truncate(&mut self, len: u8) {
        self.bytes[usize::from(len)..usize::from(self.len)].fill(0);
        self.len = len;
    }

    /// Appends one byte, or says that the form would be too long.
    #[inline]
    pub(super) fn push(&mut self, byte: u8) -> Result<(), Reason> {
        let slot = self.bytes.get_mut(usize::from(self.len)).ok_or(Reason::TooLong)?;
        *slot = byte;
        self.len += 1;
        Ok(())
    }

    /// Appends bytes, or says that the form would be too long.
    #[inline]
    pub(super) fn extend(&mut self, bytes: &[u8]) -> Result<(), Reason> {
        let start = usize::from(self.len);
        let slots = self.bytes.get_mut(start..start + bytes.len()).ok_or(Reason::TooLong)?;
        slots.copy_from_slice(bytes);
        self.len += bytes.len() as u8; // fits: the slice above ends within 255
        Ok(())
    }
}

/// A canonical form of at most [`Short::MAX`] bytes in registers: what is on its way to be hashed need not be written
/// and read again.
#[derive(Clone, Copy)]
pub(crate) struct Short {
    /// The bytes as little-endian words, zero after the end.
    words: [u64; 3],
    len: usize,
}

impl Short {
    /// The longest one leaves room for a byte of padding.
    pub(crate) const MAX: usize = 23;

    /// Takes words that are zero from `len` bytes on.
    #[inline]
    pub(super) fn new(words: [u64; 3], len: usize) -> Self {
        debug_assert!(len <= Self::MAX && (len..24).all(|at| words[at / 8] >> (8 * (at % 8)) & 0xff == 0));
        Self { words, len }
    }

    #[inline]
    pub(crate) fn words(&self) -> [u64; 3] {
        self.words
    }

    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.len
    }
}

impl Default for Canonical {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Canonical {
    fn drop(&mut self) {
        self.bytes[..usize::from(self.len)].zeroize(); // what follows is zero already
    }
}

impl fmt::Debug for Canonical {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Canonical({} bytes)", self.len)
    }
}
