//! A member's side, with a secret that is the same in every run.

use rayon::ThreadPoolBuilder;
use veilmatch::member::identifier::Kind;
use veilmatch::member::key::CoalitionSecret;
use veilmatch::member::tokenize::Tokenizer;
use veilmatch::terms::KeyContext;

use super::hub::name;

/// The bytes 1, 2, … 32.
pub fn secret() -> CoalitionSecret {
    CoalitionSecret::from_bytes(&mut std::array::from_fn(|index| index as u8 + 1)).unwrap()
}

pub fn context(kind: Kind) -> KeyContext {
    KeyContext::new(name("efc"), 1, kind.kind_id()).unwrap()
}

pub fn tokenizer(kind: Kind) -> Tokenizer {
    on_chosen_backend(Tokenizer::new(&secret(), context(kind)).unwrap())
}

/// The same tokeniser on the back end that the environment variable `VEILMATCH_BACKEND` names, if it is set:
/// so a test run can be forced onto one. It fails where this machine lacks it.
pub fn on_chosen_backend(tokenizer: Tokenizer) -> Tokenizer {
    let Ok(name) = std::env::var("VEILMATCH_BACKEND") else { return tokenizer };
    let backend = name.parse().unwrap_or_else(|error| panic!("VEILMATCH_BACKEND={name}: {error}"));
    tokenizer.with_backend(backend).unwrap_or_else(|error| panic!("VEILMATCH_BACKEND={name}: {error}"))
}

/// A valid `crypto.evm/1` in its normal spelling, 42 characters; another one for every number.
pub fn wallet(number: u64) -> String {
    format!("0x00000000c0ffee00{number:024x}")
}

/// Runs `work` in a rayon pool of its own.
pub fn on_threads<T: Send>(threads: usize, work: impl FnOnce() -> T + Send) -> T {
    ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(work)
}
