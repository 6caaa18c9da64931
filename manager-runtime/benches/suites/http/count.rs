//! Instructions for each request, counted by callgrind: the same on every run, whatever else the
//! machine does.
//!
//! What a start and an end cost falls out: the figure is the difference between a run with twice the
//! requests and a run with them, divided by the requests.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use manager_bench::child::{Server, this_program};

use crate::load::{Order, Protocol};
use crate::servers::Maker;
use crate::workloads::{Candidate, Wanted, Workload};

const REQUESTS: u64 = 4_000;
const CONNECTIONS: u64 = 8;

/// Counts, and prints a table for each workload.
pub(crate) fn tables(wanted: &Wanted) {
    if Command::new("valgrind").arg("--version").stdout(Stdio::null()).status().is_err() {
        println!("not counted: valgrind is missing");
        return;
    }
    println!("\ninstructions for each request, in user space");
    for workload in wanted.workloads() {
        println!("\n{}", workload.title);
        let mut floor = None;
        for candidate in workload.candidates(&wanted.makers) {
            let once = total(workload, &candidate, REQUESTS);
            let twice = total(workload, &candidate, 2 * REQUESTS);
            let each = (twice - once) / REQUESTS as f64;
            let floor = *floor.get_or_insert(each);
            println!("  {:<18} {each:>10.0} {:>7.2}", candidate.title, each / floor);
        }
    }
}

/// All instructions of a server that serves so many requests. Its profile stays in the directory for
/// temporary files, for `callgrind_annotate`.
fn total(workload: &Workload, candidate: &Candidate, requests: u64) -> f64 {
    let profile = profile(workload, candidate.maker, candidate.question, requests);
    let program = this_program(None);
    let mut command = Command::new("valgrind");
    command
        .args(["--tool=callgrind", "--quiet"])
        .arg(format!("--callgrind-out-file={}", profile.display()))
        .arg(program.get_program())
        .stderr(Stdio::null());
    let server = Server::start(command, &["serve", candidate.maker.name]);
    let connections = if workload.protocol == Protocol::Http2 { 1 } else { CONNECTIONS };
    let order = workload.order(candidate, &server.address, connections);
    let Order { address, question, protocol, connections } = &order;
    let sent = this_program(None)
        .args(["requests", address, question, &protocol.to_string(), &connections.to_string()])
        .arg(requests.to_string())
        .output()
        .expect("the load can be started");
    assert!(sent.status.success(), "the load failed: {}", String::from_utf8_lossy(&sent.stderr));
    // Dropped to its end, so that the profile is whole.
    drop(server);
    summary(&profile)
}

fn profile(workload: &Workload, maker: &Maker, question: &str, requests: u64) -> PathBuf {
    let name = format!("callgrind.{}.{}.{question}.{requests}", maker.name, workload.name);
    std::env::temp_dir().join(name)
}

/// The sum over the whole program, which callgrind writes behind `totals:` or `summary:`.
fn summary(profile: &Path) -> f64 {
    let text = fs::read_to_string(profile).expect("callgrind has written a profile");
    let line = text
        .lines()
        .rev()
        .find_map(|line| line.strip_prefix("totals:").or_else(|| line.strip_prefix("summary:")));
    line.and_then(|line| line.trim().parse().ok()).expect("a profile has a sum")
}
