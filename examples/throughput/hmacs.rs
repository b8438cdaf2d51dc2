//! Messages under one key: whoever computes their HMACs, the tokens must be the same.

use hmac::{Hmac, KeyInit as _, Mac as _};
use rayon::iter::{IndexedParallelIterator as _, ParallelIterator as _};
use rayon::slice::{ParallelSlice as _, ParallelSliceMut as _};
use sha2::Sha256;
use veilmatch::Token;
use veilmatch::member::identifier::Kind;
use veilmatch::member::key::TokenKey;
use veilmatch::member::tokenize::Tokenizer;
use veilmatch::member::tokenize::bench::hash_padded;
use veilmatch::terms::{KeyContext, KeyId, Name};

use crate::measure::{Group, Outcome, Threads};

const KEY: [u8; TokenKey::LEN] = [7; TokenKey::LEN];

/// What [`hash_padded`] takes a multiple of.
const BATCH: u64 = 96;

/// The longest message that is padded to one block.
pub(crate) const ONE_BLOCK: usize = 55;

/// What a thread takes at a time: ten batches.
const CHUNK: usize = 960;

/// The largest number of messages that fill their batches, up to so many; one batch at least.
pub(crate) fn whole_batches(most: u64) -> u64 {
    (most / BATCH).max(1) * BATCH
}

/// A tokeniser with the key of these HMACs.
pub(crate) fn tokenizer(kind: Kind) -> Outcome<Tokenizer> {
    let context = KeyContext::new(Name::new("throughput")?, 1, kind.kind_id())?;
    Ok(Tokenizer::from_token_key(&TokenKey::from_bytes(&mut KEY.clone()), context, KeyId([0; 8]))?)
}

/// Messages of at most 55 bytes, as they are and padded, and their tokens by `ring`.
pub(crate) struct Hmacs<M> {
    messages: Vec<M>,
    blocks: Vec<[u8; 64]>,
    expected: Vec<Token>,
    ring: ring::hmac::Key,
    hmac: Hmac<Sha256>,
}

/// Some messages, and where their tokens belong.
pub(crate) struct Chunk<'a, M> {
    pub(crate) messages: &'a [M],
    pub(crate) blocks: &'a [[u8; 64]],
    pub(crate) tokens: &'a mut [Token],
}

impl<M: AsRef<[u8]> + Send + Sync> Hmacs<M> {
    pub(crate) fn of(messages: Vec<M>) -> Outcome<Self> {
        let blocks = messages.iter().map(|message| padded(message.as_ref())).collect::<Option<_>>();
        let blocks = blocks.ok_or("a message is too long for one block")?;
        let ring = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, &KEY);
        let hmac = Hmac::new_from_slice(&KEY)?;
        let mut all = Self { messages, blocks, expected: Vec::new(), ring, hmac };
        all.expected = all.messages.iter().map(|message| all.by_ring(message.as_ref())).collect();
        Ok(all)
    }

    /// The messages.
    pub(crate) fn len(&self) -> u64 {
        self.messages.len() as u64
    }

    /// With the key kept.
    pub(crate) fn by_ring(&self, message: &[u8]) -> Token {
        token(ring::hmac::sign(&self.ring, message).as_ref())
    }

    /// With the state cloned that the key left.
    pub(crate) fn by_hmac(&self, message: &[u8]) -> Token {
        token(&self.hmac.clone().chain_update(message).finalize().into_bytes())
    }

    /// A case that fills in the tokens chunk by chunk.
    pub(crate) fn case<'a>(
        &'a self,
        group: Group<'a>,
        what: impl Into<String>,
        threads: Threads,
        fill: impl Fn(Chunk<'_, M>) + Send + Sync + 'a,
    ) -> Group<'a> {
        let zero = Token::from_bytes([0; Token::LEN]);
        let run = move |mut tokens: Vec<Token>| {
            let messages = self.messages.par_chunks(CHUNK).zip(self.blocks.par_chunks(CHUNK));
            let chunks = messages.zip(tokens.par_chunks_mut(CHUNK));
            chunks.for_each(|((messages, blocks), tokens)| fill(Chunk { messages, blocks, tokens }));
            tokens
        };
        let empty = move || vec![zero; self.messages.len()];
        group.case(what, threads, empty, run, |tokens| *tokens == self.expected)
    }

    /// A case that makes one token after the other.
    pub(crate) fn case_each<'a>(
        &'a self,
        group: Group<'a>,
        what: impl Into<String>,
        threads: Threads,
        token: impl Fn(&[u8]) -> Token + Send + Sync + 'a,
    ) -> Group<'a> {
        self.case(group, what, threads, move |chunk| {
            let all = chunk.messages.iter().zip(chunk.tokens);
            all.for_each(|(message, place)| *place = token(message.as_ref()));
        })
    }

    /// A case that has the padded blocks hashed and does nothing else.
    pub(crate) fn case_compressions<'a>(
        &'a self,
        group: Group<'a>,
        what: impl Into<String>,
        threads: Threads,
        tokenizer: &'a Tokenizer,
    ) -> Group<'a> {
        self.case(group, what, threads, |chunk| hash_padded(tokenizer, chunk.blocks, chunk.tokens))
    }
}

fn token(tag: &[u8]) -> Token {
    Token::from_bytes(std::array::from_fn(|place| tag[place]))
}

/// The one padded block of a message that follows a key block.
fn padded(message: &[u8]) -> Option<[u8; 64]> {
    let mut block = [0; 64];
    let (text, bits) = block.split_at_mut_checked(56)?;
    text.get_mut(..message.len())?.copy_from_slice(message);
    *text.get_mut(message.len())? = 0x80;
    bits.copy_from_slice(&(8 * (64 + message.len() as u64)).to_be_bytes());
    Some(block)
}
