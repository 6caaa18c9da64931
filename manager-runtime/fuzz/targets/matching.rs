//! `cargo fuzz run matching`

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| manager_fuzz::matching(bytes));
