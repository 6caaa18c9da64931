//! Finds handlers: by name, by type, by topic.
//!
//! [`registry`] is what was linked and added, [`Directory`] the table that a running manager looks
//! into, [`Topics`] who hears what. A bus never sees HTTP.

pub(crate) mod directory;
pub(crate) mod registry;
pub(crate) mod topics;

pub(crate) use directory::Directory;
pub(crate) use registry::Declared;
pub(crate) use topics::Topics;
