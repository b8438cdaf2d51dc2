//! The machine that the figures are of.

use std::fs;

use veilmatch::member::identifier::Kind;
use veilmatch::member::tokenize::Backend;

use crate::hmacs::tokenizer;
use crate::measure::Outcome;

/// The head of the text form.
pub(crate) fn describe() -> Outcome<String> {
    let backends: Vec<String> = Backend::available().map(|backend| backend.to_string()).collect();
    let mut head = format!(
        "veilmatch {} on {}, {} threads; HMAC by {} of {}\n",
        env!("CARGO_PKG_VERSION"),
        processor(),
        rayon::current_num_threads(),
        tokenizer(Kind::CardPan)?.backend(),
        backends.join(", "),
    );
    if cfg!(debug_assertions) {
        head += "Not a release build: these figures say nothing.\n";
    }
    Ok(head)
}

/// The processor's name, where Linux tells it, and its architecture.
fn processor() -> String {
    let told = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = told.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    match name {
        Some((_, name)) => format!("{name} ({})", std::env::consts::ARCH),
        None => std::env::consts::ARCH.to_owned(),
    }
}
