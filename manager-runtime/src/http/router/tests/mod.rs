//! [`cases`] says what is wanted, one look-up at a time. [`agree`] compares the router with [`naive`], on
//! routes and requests that [`world`] makes of bytes; the fuzz target does the same. [`cost`] counts and
//! measures.

mod agree;
mod cases;
mod cost;
mod naive;
mod world;

// Under one name here and where the fuzz target includes these files.
use crate::http::router;
