//! Any bytes as what is public of custodians' keys.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| veilmatch_fuzz::custody(data));
