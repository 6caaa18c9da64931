//! Files and streams on their way to a client.

mod download;
mod file;

pub use download::Download;
pub use file::File;
