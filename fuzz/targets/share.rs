//! Any bytes as a share.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| veilmatch_fuzz::share(data));
