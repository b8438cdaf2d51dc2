//! A counting filter over one range: two sweeps leave few tokens, which are decided exactly.
//!
//! The first sweep counts tokens in one-byte slots, addressed by each token's own bits. The second sweep keeps the
//! tokens whose slot has reached the threshold. Every true overlap is among them, because a token's slot counts at
//! least its holders. Few other tokens are. The survivors are scattered by the same bits, put in order and counted. So
//! the cost does not grow with the number of sides, and one loop serves every threshold. If a hostile file makes all
//! slots collide, everything survives and a sort decides.

use crate::token::Token;

use super::kernel::Input;
use super::scatter::Scatter;
use super::sinks::Sink;

/// The bits of a slot's number. A range has eight times as many slots as tokens, a byte each. So about an eighth of the
/// tokens without a second holder survive a threshold of 2, and 1 % survive a threshold of 3. Chosen by benchmark
/// `intersect`, group `8 sets`.
const SLOT_BITS: u32 = 16;
const SLOTS: usize = 1 << SLOT_BITS;

/// If one place has more survivors than this, they are sorted by comparison: insertion takes their square.
const CROWDED: u32 = 64;

/// A token and the position of a member that holds it.
type Held = (Token, u16);

/// Memory that is used range after range.
pub(crate) struct CountingFilter {
    slots: Box<[u8; SLOTS]>,
    survivors: Vec<Held>,
    scatter: Scatter<Held>,
    holders: Vec<u16>,
}

impl CountingFilter {
    pub(crate) fn new() -> Self {
        Self {
            slots: Box::new([0; SLOTS]),
            survivors: Vec::new(),
            scatter: Scatter::new(),
            holders: Vec::new(),
        }
    }

    /// Feeds every token that at least `at_least` of a range's parts hold to the sink, in order.
    pub(crate) fn at_least<'a, P: Iterator<Item = Input<'a>>>(
        &mut self,
        at_least: usize,
        parts: impl Fn() -> P,
        sink: &mut impl Sink,
    ) {
        let (mut read, mut low, mut high) = (0, u64::MAX, 0);
        for Input { tokens, .. } in parts() {
            if let (Some(first), Some(last)) = (tokens.first(), tokens.last()) {
                read += tokens.len();
                low = low.min(first.leading());
                high = high.max(last.leading());
                touch(tokens);
            }
        }
        if read > 0 {
            let slot = Slot::new(low, high);
            self.count(slot, parts());
            let kept = self.keep(slot, at_least, parts(), read);
            self.decide(slot, at_least, kept, sink);
        }
    }

    fn count<'a>(&mut self, slot: Slot, parts: impl Iterator<Item = Input<'a>>) {
        let slots = &mut *self.slots;
        slots.fill(0);
        for part in parts {
            for token in part.tokens {
                let count = &mut slots[slot.of(token)];
                *count = count.saturating_add(1);
            }
        }
    }

    /// Leaves at the front of `survivors` every token that may have enough holders; returns their number.
    fn keep<'a>(
        &mut self,
        slot: Slot,
        at_least: usize,
        parts: impl Iterator<Item = Input<'a>>,
        read: usize,
    ) -> usize {
        // There is one more place than tokens: a token that is not kept is written too, and written over.
        if self.survivors.len() <= read {
            self.survivors.resize(read + 1, (Token::from_bytes([0; Token::LEN]), 0));
        }
        // A slot that stopped counting at 255 may stand for any number.
        let enough = u8::try_from(at_least).unwrap_or(u8::MAX);
        let (slots, survivors) = (&*self.slots, &mut self.survivors[..]);
        let mut kept = 0;
        for Input { tokens, member } in parts {
            for token in tokens {
                survivors[kept] = (*token, member);
                kept += usize::from(slots[slot.of(token)] >= enough);
            }
        }
        kept
    }

    /// Counts the holders of each survivor exactly.
    fn decide(&mut self, slot: Slot, at_least: usize, kept: usize, sink: &mut impl Sink) {
        let bits = (kept.max(1).ilog2() + 1).min(SLOT_BITS);
        let place = |(token, _): &Held| slot.of(token) >> (SLOT_BITS - bits);
        let scattered = self.scatter.by_slot(&self.survivors[..kept], 1 << bits, place);
        let survivors = scattered.items;
        if scattered.fullest > CROWDED {
            let mut start = 0;
            for end in scattered.ends {
                survivors[start..*end as usize].sort_unstable();
                start = *end as usize;
            }
        } else {
            insert(survivors);
        }
        for run in survivors.chunk_by(|a, b| a.0 == b.0) {
            if run.len() >= at_least {
                self.holders.clear();
                self.holders.extend(run.iter().map(|(_, member)| *member));
                sink.overlap(run[0].0, &self.holders);
            }
        }
    }
}

/// Brings tokens into cache, many lines at a time: a loop that does more with each token waits for memory.
fn touch(tokens: &[Token]) {
    const PER_LINE: usize = 64 / Token::LEN;
    let first_bytes = tokens.iter().step_by(PER_LINE).map(|token| token.as_bytes()[0]);
    std::hint::black_box(first_bytes.fold(0, |all, byte| all | byte));
}

/// Sorts what is nearly in order by token. Equal tokens stay in the order in which they came, that of the members.
fn insert(survivors: &mut [Held]) {
    for at in 1..survivors.len() {
        let survivor = survivors[at];
        let mut place = at;
        while place > 0 && survivors[place - 1].0 > survivor.0 {
            survivors[place] = survivors[place - 1];
            place -= 1;
        }
        survivors[place] = survivor;
    }
}

/// The slot of a range's filter in which a token counts: its share of the way from the first token to the last.
#[derive(Clone, Copy)]
struct Slot {
    low: u64,
    scale: u64,
}

impl Slot {
    fn new(low: u64, high: u64) -> Self {
        let scale = (1 << (SLOT_BITS + u64::BITS)) / (u128::from(high - low) + 1);
        Self { low, scale: u64::try_from(scale).unwrap_or(u64::MAX) }
    }

    #[inline]
    fn of(self, token: &Token) -> usize {
        let way = u128::from(token.leading() - self.low) * u128::from(self.scale);
        // Below 2^SLOT_BITS for tokens of the range; the mask tells the compiler so.
        (way >> u64::BITS) as usize & (SLOTS - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_keep_the_order_of_tokens_and_stay_in_bounds() {
        for (low, high) in [(0, 0), (0, 1), (5, 70_000), (0, u64::MAX), (u64::MAX - 9, u64::MAX)] {
            let slot = Slot::new(low, high);
            let steps = (0..=1000u128).map(|step| low + (u128::from(high - low) * step / 1000) as u64);
            let slots: Vec<usize> = steps
                .map(|leading| slot.of(&Token::from_bytes((u128::from(leading) << 64).to_be_bytes())))
                .collect();
            assert!(slots.is_sorted() && slots[1000] < SLOTS);
        }
    }
}
