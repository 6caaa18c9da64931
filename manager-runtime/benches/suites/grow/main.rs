//! What things cost as there are more of them: handlers, routes, replicas, connections, keys, bytes.
//!
//! Each table is a curve: a row for each size, and beside each figure how often that of the first row it is.
//! What does not depend on the size stays at 1. Every row is a process of its own, pinned to the first core,
//! so that none finds the memory or the caches of another.
//!
//! - no mode: the tables; `--only NAME` one of them, `--most N` without the rows beyond that size
//! - `row NAME SIZE`: measures what a process can measure of itself, says so, and then serves until its
//!   standard input ends
//! - `load ADDRESS PID COUNT`: so many connections to a server

mod client;
mod connections;
mod curve;
mod handlers;
mod memory;
mod messages;
mod replicas;
mod routes;
mod row;
mod state;

use manager_bench::machine;
use manager_bench::measure::Scale;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let scale = Scale::from_arguments();
    match *words {
        ["row", name, size, ..] => row::run(name, row::number(size), scale),
        ["load", address, pid, count, ..] => {
            connections::load(address, row::number(pid) as u32, row::number(count), scale);
        }
        _ => tables(&words, scale),
    }
}

/// A table by its name, and the sizes of its rows.
type Table = (&'static str, fn(&[usize], Scale), &'static [usize]);

const TABLES: &[Table] = &[
    ("handlers", handlers::table, &[10, 100, 1_000, 10_000]),
    ("routes", routes::table, routes::SIZES),
    ("replicas", replicas::table, replicas::SIZES),
    ("connections", connections::table, &[1, 10, 100, 1_000, 10_000]),
    ("state", state::table, &[1, 10, 100, 1_000, 10_000, 100_000, 1_000_000]),
    ("messages", messages::table, &[16, 1 << 10, 64 << 10, 1 << 20, 16 << 20]),
];

fn tables(words: &[&str], scale: Scale) {
    let after = |flag| words.iter().skip_while(|word| **word != flag).nth(1).copied();
    let most = match after("--most") {
        Some(most) => row::number(most),
        None if words.contains(&"--bench") => usize::MAX,
        // Only that it works.
        None => 100,
    };
    println!("{}", machine::describe());
    for (name, table, sizes) in TABLES {
        if after("--only").is_none_or(|only| only == *name) {
            let few = sizes.iter().take_while(|size| **size <= most).count();
            table(&sizes[..few], scale);
        }
    }
}
