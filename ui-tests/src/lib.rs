//! A facade, as a company might have one: its programs depend on this crate alone and say
//! `crate = ui_tests::runtime`.

pub use manager_runtime as runtime;
