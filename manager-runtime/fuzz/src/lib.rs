//! What the fuzz targets do with a run of bytes. The files that are examined are included by their path,
//! so nothing private has to be public for it.

#[path = "../../src/captures.rs"]
#[expect(dead_code, reason = "written for the service")]
mod captures;

#[path = "../../src/rate.rs"]
#[expect(dead_code, reason = "written for the macros")]
mod rate;

#[path = "../../src/route.rs"]
#[expect(dead_code, reason = "written for the macros")]
mod route;

#[path = "../../src/http/router/mod.rs"]
#[expect(dead_code, reason = "written for the service")]
mod router;

#[path = "../../src/http/router/tests/world.rs"]
mod world;

#[path = "../../src/http/router/tests/naive.rs"]
mod naive;

#[path = "../../src/http/router/tests/agree.rs"]
mod agree;

mod patterns;

/// What is done with the bytes. It panics if something is wrong.
pub type Target = fn(&[u8]);

/// All targets by their names.
pub const TARGETS: &[(&str, Target)] = &[
    ("matching", matching),
        ("patterns", patterns),
];

/// Routes and requests made of the bytes: the router and the naive matcher agree on them.
pub fn matching(bytes: &[u8]) {
    agree::check(bytes);
}

/// The bytes as the text of a pattern: it is read or refused, and never more than that.
pub fn patterns(bytes: &[u8]) {
    patterns::check(bytes);
}
