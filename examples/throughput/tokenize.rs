//! Card numbers to tokens, from bytes in memory.

use veilmatch::member::identifier::Kind;
use veilmatch::member::tokenize::{Backend, Tokenizer};

use crate::hmacs;
use crate::hmacs::{Chunk, Hmacs};
use crate::measure::{Bench, Group, Outcome, Threads};
use crate::support::{card, mix};

/// Their padded blocks are 3 MB.
const MOST: u64 = 48_000;

pub(crate) fn measure(bench: &Bench) -> Outcome<()> {
    let rows = hmacs::whole_batches(bench.size.min(MOST));
    let cards = Hmacs::of((0..rows).map(|row| card(mix(row) % 100_000_000_000)).collect())?;
    let best = hmacs::tokenizer(Kind::CardPan)?;
    let others: Vec<Tokenizer> = Backend::available()
        .filter(|backend| *backend != best.backend())
        .map(|backend| Ok(hmacs::tokenizer(Kind::CardPan)?.with_backend(backend)?))
        .collect::<Outcome<_>>()?;
    for (name, threads) in [("16 digits, one thread", Threads::One), ("16 digits, all threads", Threads::All)]
    {
        let mut group = Group::new(bench, "tokenize", name).items(cards.len());
        for ours in std::iter::once(&best).chain(&others) {
            let what = format!("ours by {}, canonical forms included", ours.backend());
            group = cards.case(group, what, threads, |chunk| fill(ours, chunk));
        }
        group = cards.case_each(group, "ring, key kept", threads, |card| cards.by_ring(card));
        group = cards.case_each(group, "hmac, key state cloned", threads, |card| cards.by_hmac(card));
        let floor = format!("floor: two compressions by {}", best.backend());
        cards.case_compressions(group, floor, threads, &best).run()?;
    }
    Ok(())
}

/// A value without a token leaves its place as it is, and so a wrong result.
fn fill<M: AsRef<[u8]>>(tokenizer: &Tokenizer, chunk: Chunk<'_, M>) {
    for (outcome, place) in tokenizer.tokens(chunk.messages).zip(chunk.tokens) {
        if let Ok(Some(token)) = outcome {
            *place = token;
        }
    }
}
