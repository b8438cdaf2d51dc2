//! Damage: changes of bytes that are the same in every run.
#![allow(dead_code, unreachable_pub, reason = "each test file uses its part")]

/// SplitMix64: the same numbers in every run.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound.max(1) as u64) as usize
    }

    /// One to four changes: bytes set, bytes and ranges swapped, ranges copied, cut or drawn out.
    pub fn mutate(&mut self, bytes: &mut Vec<u8>, keep_len: bool) {
        for _ in 0..=self.below(4) {
            let (a, b) = (self.below(bytes.len()), self.below(bytes.len()));
            if bytes.is_empty() {
                return;
            }
            let len = 1 + self.below((bytes.len() - a.max(b)).min(64));
            match self.below(if keep_len { 4 } else { 8 }) {
                0 => bytes[a] = self.next() as u8,
                1 => bytes[a] = b" 0129:,\"{}-nulx\x00\xff"[self.below(17)],
                2 => bytes.swap(a, b),
                3 => bytes.copy_within(a..a + len, b),
                4 => bytes.truncate(a),
                5 => drop(bytes.drain(a..a + len)),
                6 => bytes.extend((0..len).map(|_| self.next() as u8)),
                _ => {
                    let part = bytes[a..a + len].to_vec();
                    drop(bytes.splice(b..b, part));
                }
            }
        }
    }
}
