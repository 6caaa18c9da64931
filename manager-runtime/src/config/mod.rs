//! The settings of a service: one set, five sources.
//!
//! What stands in a program, a file, the environment or on the command line is read *as written* into one
//! [`Layer`] each. [`Settings::resolve`] lays the layers over the defaults, the later over the earlier, and
//! makes the settings *as checked*, or the list of everything that is wrong in any of them.
//!
//! | source | read by | a place is shown as |
//! |---|---|---|
//! | defaults | the table in `settings` | `default` |
//! | `manager!` or `Manager::with_*` | [`Layer::program`] | `manager! { bind }` or `with_bind` |
//! | `manager.toml` | [`Layer::from_file`] | `manager.toml line 3` |
//! | environment | [`Layer::from_environment`] | `MANAGER_BIND` |
//! | command line | [`Layer::from_flags`] | `--bind` |
//!
//! In the program and in the file, what belongs to TLS may stand together in a table `tls`; see `tls`.
//!
//! To add a setting, add a row to the table in `settings` and a method in `program`: the file, the
//! environment, the flags, the checks and the listing follow from the row.
//!
//! Nothing here touches the process: the path, the variables and the flags are handed in. Nothing here
//! binds, resolves or starts anything either; the rest of the crate reads plain typed fields.

mod settings;

mod layer;

mod program;

mod file;

mod environment;

mod flags;

mod kind;

mod value;

mod address;

mod handlers;

mod origins;

mod files;

mod tls;

mod secret;

mod key_file;

mod finding;

mod report;

#[cfg(test)]
mod tests;

pub use value::{IntoCount, IntoDuration, IntoSize, ValueError};

pub(crate) use address::{Address, Host};
pub(crate) use files::StaticFolder;
pub(crate) use finding::{Warning, distance, near};
pub(crate) use handlers::glob;
pub(crate) use layer::Layer;
pub(crate) use origins::Origins;
pub(crate) use program::Door;
pub(crate) use report::report;
pub(crate) use secret::{ApiKeys, Digest};
pub(crate) use settings::{Key, Layers, Settings};
