//! Patterns, hosts, prefixes and templates.

pub(crate) mod parse;
