//! How much memory the process has asked for. Counting costs every allocation some nanoseconds, in all rows
//! alike; in return a row of ten is as exact as one of ten thousand.

use std::alloc::System;

use manager_bench::process;
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// The bytes that are held.
pub(crate) fn held() -> f64 {
    let stats = ALLOCATOR.stats();
    // What a reallocation adds or takes is part of both already.
    stats.bytes_allocated as f64 - stats.bytes_deallocated as f64
}

/// The bytes that are resident of this process.
pub(crate) fn resident() -> f64 {
    process::resident(std::process::id()) as f64
}

/// What came to be resident for each of so many. The kernel gives memory by pages and the allocator asks for
/// more than it needs, so less than a mebibyte in all says nothing.
pub(crate) fn resident_each(grown: f64, count: usize) -> f64 {
    const LEAST: f64 = 1024.0 * 1024.0;
    if grown < LEAST { f64::NAN } else { grown / count as f64 }
}
