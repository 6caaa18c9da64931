//! Other frameworks, each written as its documentation would have it, with the same work: the key, a limit of requests in
//! flight, a limit of bodies, a limit of those who work at a time, 50 routes, JSON both ways.

pub(crate) mod actix;
pub(crate) mod argan;
pub(crate) mod axum;
pub(crate) mod ntex;
pub(crate) mod salvo;
