//! The radix pass: tokens change places until each lies in its bucket, in parallel and without a second array.
//!
//! Every thread has a stripe of every bucket and permutes tokens between its own stripes, as long as the
//! bucket that a token belongs to has room there. Uniform tokens leave few behind, which are then put where
//! room is left (the scheme of PARADIS: Cho and others, VLDB 2015).

use rayon::iter::{IndexedParallelIterator as _, IntoParallelRefMutIterator as _, ParallelIterator as _};
use rayon::slice::ParallelSliceMut as _;

use crate::token::Token;

use super::{Digit, split};

/// Moves every token into its bucket; `sizes` are the buckets' sizes in order.
pub(crate) fn by_digit(tokens: &mut [Token], digit: Digit, sizes: &[usize]) {
    let mut stripes: Vec<Stripes<'_>> =
        (0..rayon::current_num_threads()).map(|_| Stripes::with_capacity(sizes.len())).collect();
    let threads = stripes.len();
    for mut bucket in split(tokens, sizes) {
        for (thread, stripes) in stripes.iter_mut().enumerate() {
            let size = bucket.len() / (threads - thread);
            stripes.push(bucket.split_off_mut(..size).expect("a part of the bucket"));
        }
    }
    stripes.par_iter_mut().with_max_len(1).for_each(|stripes| permute(stripes, digit));

    // In each bucket there are as many places left as tokens that belong there.
    let mut left: Vec<Token> =
        stripes.iter().flat_map(|stripes| stripes.iter().flat_map(|stripe| stripe.iter().copied())).collect();
    left.par_sort_unstable_by_key(|token| digit.of(token));
    let mut left = left.into_iter();
    for bucket in 0..sizes.len() {
        for stripes in &mut stripes {
            for place in stripes[bucket].iter_mut() {
                *place = left.next().expect("as many tokens as places");
            }
        }
    }
}

/// One part of each bucket: at first all of it, later the places that no token of the bucket has taken yet.
type Stripes<'a> = Vec<&'a mut [Token]>;

/// The number of chains of moves that are followed in turn, so that no chain waits for the memory that another one
/// reads. Chosen by benchmark `set`.
const CHAINS: usize = 8;

/// A token that was taken from its place. It goes where it belongs, in exchange for the next one.
#[derive(Clone, Copy)]
struct Chain {
    token: Token,
    /// The place where the chain began. It ends there, with a token of this bucket or with one whose bucket is full.
    hole: usize,
}

/// Leaves in each stripe the places whose tokens belong elsewhere.
fn permute(stripes: &mut [&mut [Token]], digit: Digit) {
    // For each stripe, the number of places from its front that have a token of the bucket.
    let mut heads = vec![0; stripes.len()];
    for bucket in 0..stripes.len() {
        let mut next = heads[bucket];
        let mut begin = |stripe: &[Token]| {
            let chain = Chain { token: *stripe.get(next)?, hole: next };
            next += 1;
            Some(chain)
        };
        let mut chains: Vec<Chain> = (0..CHAINS).map_while(|_| begin(stripes[bucket])).collect();
        let mut stuck = false;
        while !chains.is_empty() {
            let mut at = 0;
            while let Some(chain) = chains.get_mut(at) {
                let home = digit.of(&chain.token);
                if home != bucket {
                    if let Some(place) = stripes[home].get_mut(heads[home]) {
                        std::mem::swap(&mut chain.token, place);
                        heads[home] += 1;
                        at += 1;
                        continue;
                    }
                    stuck = true;
                }
                let stripe = &mut stripes[bucket];
                stripe[chain.hole] = chain.token;
                match begin(stripe) {
                    Some(another) => *chain = another,
                    None => _ = chains.swap_remove(at),
                }
            }
        }
        heads[bucket] = if stuck {
            partition(stripes[bucket], heads[bucket], |token| digit.of(token) == bucket)
        } else {
            stripes[bucket].len()
        };
    }
    for (stripe, head) in stripes.iter_mut().zip(heads) {
        let _placed = stripe.split_off_mut(..head);
    }
}

/// Moves the tokens that belong here to the front; all before `from` belong here already. Returns their number.
fn partition(stripe: &mut [Token], from: usize, belongs: impl Fn(&Token) -> bool) -> usize {
    let mut head = from;
    for at in from..stripe.len() {
        if belongs(&stripe[at]) {
            stripe.swap(head, at);
            head += 1;
        }
    }
    head
}
