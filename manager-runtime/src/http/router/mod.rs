//! Finds the route of a request by host, path and method.
//!
//! Pure: no request, no socket, no handler; a route leads to whatever the caller puts there. [`build`]
//! grows, for every host that routes name, a [`tree`] of the segments of their patterns, and reports
//! what cannot stand side by side ([`conflict`]); [`find`] walks it. [`path`] and [`host`] say what is
//! compared, [`segment`] and [`class`] how one segment is, [`methods`] who of those at the end of a path
//! answers.
//!
//! # What matches
//!
//! A path is split at `/`, each segment is percent-decoded, and then compared. Nothing is collapsed and
//! no dot segment is resolved; an empty segment matches nothing, not even a catch-all. Only one empty
//! segment at the very end is something: the slash at the end of a path.
//!
//! Each segment goes to, in this order: a text; segments with a regular expression, as declared; those
//! with text around plain captures, more text first, then as declared; a capture; a catch-all of one or
//! more segments, one of none or more; a subtree. If what follows does not match, the next is tried, so
//! whatever matches is found. Where nothing matches but a route would with the other slash at its end,
//! it is a redirect; so a redirect never hides a match, not even one of a catch-all or a subtree.
//!
//! In a segment, a capture takes at least one character, and from the left as much as it can: of
//! `a.b.c`, `/{name}.{ext}` makes `a.b` and `c`. The rest that a catch-all captures is decoded as a
//! whole: a `/` in it is a slash, or was `%2F`; a slash at the end of the path belongs to it.
//!
//! The path decides first, then the method: a route found by its path alone makes a 405 of a request
//! with another method, though another pattern might have taken both. A form of a path that a lenient
//! pattern answers besides its own has the methods of those who declare that form, and only then those
//! of the lenient one.
//!
//! A host that matches owns the request: what is not found there is not looked for elsewhere.
//!
//! # What it costs
//!
//! A tree has one way to each of its nodes and a node stands at one depth, so a walk comes by each node
//! at most once however it turns back: its steps are bounded by the size of the tree, whatever the path
//! is. Paths without a capture are in a table as a whole. Nothing is allocated, unless the path has a
//! `%`, the host has capitals or a capture, or an expression needs the engine.
//!
//! That engine is `regex-lite`, which needs time linear in the segment as `regex` does. `regex` would
//! bring three more crates and seconds of compilation into every program for what is mostly `[0-9]+`,
//! and expressions like that one never see an engine ([`class`]).

mod build;
mod class;
mod conflict;
mod find;
mod host;
mod methods;
mod path;
mod segment;
mod tree;

#[cfg(test)]
mod tests;

pub(crate) use build::Builder;
pub(crate) use conflict::{Declaration, Fault};
pub(crate) use find::{Found, Router};
