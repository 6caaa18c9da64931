//! Instructions for each request, counted by callgrind: the same on every run, whatever else the
//! machine does.
//!
//! What a start and an end cost falls out: the figure is the difference between a run with twice the
//! requests and a run with them, divided by the requests.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use manager_bench::child::{Server, this_program};

use crate::pair::{self, Case};

const REQUESTS: u64 = 4_000;
const CONNECTIONS: u64 = 8;

/// Counts, and prints the table.
pub(crate) fn instructions() {
    if Command::new("valgrind").arg("--version").stdout(Stdio::null()).status().is_err() {
        println!("not counted: valgrind is missing");
        return;
    }
    println!("\ninstructions for each request, in user space, {CONNECTIONS} connections");
    let mut floors = HashMap::new();
    for Case { name, server, question, floor } in pair::CASES {
        let once = total(server, question, REQUESTS);
        let twice = total(server, question, 2 * REQUESTS);
        let each = (twice - once) / REQUESTS as f64;
        let floor = *floors.entry(*floor).or_insert(each);
        println!("  {name:<34} {each:>10.0} {:>7.2}", each / floor);
    }
}

/// All instructions of a server that serves so many requests. Its profile stays in the directory for
/// temporary files, for `callgrind_annotate`.
fn total(server: &str, question: &str, requests: u64) -> f64 {
    let profile = profile(question, server, requests);
    let program = this_program(None);
    let mut command = Command::new("valgrind");
    command
        .args(["--tool=callgrind", "--quiet"])
        .arg(format!("--callgrind-out-file={}", profile.display()))
        .arg(program.get_program())
        .stderr(Stdio::null());
    let server = Server::start(command, &["serve", server]);
    let sent = this_program(None)
        .args(["requests", &server.address, question])
        .args([CONNECTIONS.to_string(), requests.to_string()])
        .output()
        .expect("the load can be started");
    assert!(sent.status.success(), "the load failed: {}", String::from_utf8_lossy(&sent.stderr));
    // Dropped to its end, so that the profile is whole.
    drop(server);
    summary(&profile)
}

fn profile(question: &str, server: &str, requests: u64) -> PathBuf {
    let name = format!("callgrind.{server}.{question}.{requests}");
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
