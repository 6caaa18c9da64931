//! Stands between cargo and the compiler, and writes down what a crate of the project itself took.

use std::ffi::OsString;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use manager_bench::process;

/// The variable that names the file with the reports.
pub(crate) const REPORT: &str = "MANAGER_BENCH_RUSTC_REPORT";

/// What compiling and linking one crate took.
#[derive(Clone, Copy, serde::Serialize, serde::Deserialize)]
pub(crate) struct Compiled {
    pub(crate) seconds: f64,
    /// Of all threads, and of the linker.
    pub(crate) cpu_seconds: f64,
    /// The memory of the compiler at its highest, in bytes.
    pub(crate) peak: u64,
}

/// Runs the compiler that cargo names, and ends as it does.
pub(crate) fn compile(report: &Path) -> ! {
    let mut arguments = std::env::args_os().skip(1);
    let compiler = arguments.next().expect("cargo names the compiler");
    let arguments: Vec<OsString> = arguments.collect();
    let begun = Instant::now();
    let mut child =
        Command::new(compiler).args(&arguments).spawn().expect("the compiler can be started");
    let mut peak = 0;
    // The kernel forgets the memory of a process with its end.
    let status = loop {
        peak = process::peak(child.id()).max(peak);
        if let Some(status) = child.try_wait().expect("the compiler can be waited for") {
            break status;
        }
        std::thread::sleep(Duration::from_millis(2));
    };
    // Cargo also asks the compiler what it is.
    if arguments.iter().any(|argument| argument.to_string_lossy().starts_with("--emit")) {
        let compiled = Compiled {
            seconds: begun.elapsed().as_secs_f64(),
            cpu_seconds: process::cpu_time_of_children().as_secs_f64(),
            peak,
        };
        let line = serde_json::to_string(&compiled).expect("a report is plain data");
        let file = OpenOptions::new().create(true).append(true).open(report);
        writeln!(file.expect("the report can be written"), "{line}").expect("there is room");
    }
    std::process::exit(status.code().unwrap_or(1));
}
