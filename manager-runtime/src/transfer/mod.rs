//! Files on their way: what a handler gets of an upload, and what it gives a client to save.

mod download;
mod file;
mod name;
mod upload;

pub use download::Download;
pub use file::File;
pub(crate) use name::check_name;
pub use upload::Upload;
pub(crate) use upload::{Announced, approximate_size};
