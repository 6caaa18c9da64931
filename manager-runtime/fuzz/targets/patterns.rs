//! `cargo fuzz run patterns`

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| manager_fuzz::patterns(bytes));
