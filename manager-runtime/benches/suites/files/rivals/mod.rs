//! Other frameworks, each written as its documentation would have it.

pub(crate) mod actix;
pub(crate) mod axum;
pub(crate) mod salvo;
