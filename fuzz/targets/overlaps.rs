//! Any bytes as overlaps.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| veilmatch_fuzz::overlaps(data));
