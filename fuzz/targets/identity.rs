//! Any bytes as the file of an identity.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| veilmatch_fuzz::identity(data));
