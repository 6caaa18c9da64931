//! Files on their way: what a handler gets of an upload, and what is checked before it does.

mod name;
mod reader;
mod upload;

pub(crate) use name::check_name;
pub(crate) use reader::sized;
pub use upload::Upload;
pub(crate) use upload::{Arrival, approximate_size};
