//! What a developer waits for: builds, rebuilds, the start of a program; against the same in axum.
//!
//! Two small projects are written into a directory for temporary files and built there by cargo, with the
//! versions of this workspace's lock file and without the network. Each has a program with two endpoints, and
//! some with more and more handlers.
//!
//! - `--only hello` or `--only handlers`: one of the two tables
//! - `--most N`: no program with more than so many handlers
//! - `--keep`: the projects are left there, and the suite says where

mod project;
mod rustc;
mod sources;
mod start;
mod tables;

use manager_bench::machine;
use manager_bench::measure::Scale;

fn main() {
    // Cargo starts this program again in the place of the compiler.
    if let Some(report) = std::env::var_os(rustc::REPORT) {
        rustc::compile(report.as_ref());
    }
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if !arguments.iter().any(|argument| argument == "--bench") {
        println!("builds take minutes: `cargo bench -p manager-bench --bench wait`");
        return;
    }
    println!("{}", machine::describe());
    let after = |flag: &str| arguments.iter().skip_while(|word| *word != flag).nth(1);
    let wanted = |name: &str| after("--only").is_none_or(|only| only == name);
    let most = after("--most").map_or(1_000, |most| most.parse().expect("a number"));
    let keep = arguments.iter().any(|argument| argument == "--keep");
    let projects = project::Projects::write(most, keep);
    if wanted("hello") {
        tables::hello(&projects, Scale::from_arguments());
    }
    if wanted("handlers") {
        tables::handlers(&projects, most, Scale::from_arguments());
    }
}
