//! The projects on the disk, and how cargo builds them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use manager_bench::process;

use crate::rustc::{Compiled, REPORT};
use crate::sources::Framework;

/// With how many handlers there are programs.
pub(crate) const COUNTS: [usize; 4] = [1, 10, 100, 1_000];

/// The program with two endpoints.
pub(crate) const HELLO: &str = "hello";

/// The program with so many handlers.
pub(crate) fn handlers(count: usize) -> String {
    format!("handlers_{count}")
}

/// Both projects. They are removed in the end.
pub(crate) struct Projects {
    directory: PathBuf,
    keep: bool,
}

/// What a build took.
pub(crate) struct Built {
    pub(crate) time: Duration,
    /// Of cargo and everything that it started.
    pub(crate) cpu: Duration,
    /// How many crates were compiled.
    pub(crate) crates: usize,
    /// What was the project's own, the last of it.
    pub(crate) own: Option<Compiled>,
    pub(crate) program: PathBuf,
}

impl Projects {
    /// Writes both projects with all their programs.
    ///
    /// # Panics
    ///
    /// If there is no room, or cargo cannot fetch what they depend on.
    pub(crate) fn write(most: usize, keep: bool) -> Self {
        let name = format!("manager-bench-wait-{}", std::process::id());
        let projects = Projects { directory: std::env::temp_dir().join(name), keep };
        let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let workspace = workspace.canonicalize().expect("the workspace is there");
        for framework in Framework::BOTH {
            let place = projects.place(framework);
            let path = workspace.to_str().expect("the workspace has a name of text");
            fs::create_dir_all(place.join("src/bin")).expect("there is room");
            write(&place.join("Cargo.toml"), &framework.manifest(path));
            projects.write_program(framework, HELLO, framework.hello());
            for count in COUNTS.into_iter().filter(|count| *count <= most) {
                projects.write_program(framework, &handlers(count), framework.handlers(count));
            }
            fs::copy(workspace.join("Cargo.lock"), place.join("Cargo.lock"))
                .expect("the workspace has a lock file");
            // The only step that may need the network. What the workspace has locked stays so.
            let fetched = projects.cargo(framework).arg("fetch").status();
            assert!(fetched.is_ok_and(|status| status.success()), "cargo fetches");
        }
        projects
    }

    /// Writes the source of a program, or replaces it.
    pub(crate) fn write_program(&self, framework: Framework, program: &str, source: String) {
        write(&self.place(framework).join(format!("src/bin/{program}.rs")), &source);
    }

    /// Builds a program.
    ///
    /// # Panics
    ///
    /// If that fails.
    pub(crate) fn build(&self, framework: Framework, program: &str, release: bool) -> Built {
        let report = self.directory.join("report");
        let _ = fs::remove_file(&report);
        let mut cargo = self.cargo(framework);
        cargo.args(["build", "--offline", "--bin", program]);
        cargo.args(release.then_some("--release"));
        cargo.env(
            "RUSTC_WORKSPACE_WRAPPER",
            std::env::current_exe().expect("this program is there"),
        );
        cargo.env(REPORT, &report);
        let before = process::cpu_time_of_children();
        let begun = Instant::now();
        let output = cargo.output().expect("cargo can be started");
        let time = begun.elapsed();
        let cpu = process::cpu_time_of_children() - before;
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{} {program} does not build:\n{said}", framework.name());
        let reports = fs::read_to_string(&report).unwrap_or_default();
        let own = reports.lines().last().and_then(|line| serde_json::from_str(line).ok());
        let crates = said.lines().filter(|line| line.trim_start().starts_with("Compiling")).count();
        let profile = if release { "release" } else { "debug" };
        let program = self.place(framework).join("target").join(profile).join(program);
        Built { time, cpu, crates, own, program }
    }

    fn place(&self, framework: Framework) -> PathBuf {
        self.directory.join(framework.name())
    }

    fn cargo(&self, framework: Framework) -> Command {
        let place = self.place(framework);
        let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        // What was said for this program's own build is not for these.
        for (name, _) in std::env::vars_os() {
            let of_a_build =
                ["CARGO_PROFILE_", "CARGO_PKG_", "RUSTC_", "CARGO_INCREMENTAL", "RUSTFLAGS"];
            if of_a_build.iter().any(|begin| name.to_string_lossy().starts_with(begin)) {
                cargo.env_remove(name);
            }
        }
        cargo.env("CARGO_TARGET_DIR", place.join("target")).current_dir(place);
        cargo
    }
}

impl Drop for Projects {
    fn drop(&mut self) {
        if self.keep {
            println!("\nthe projects are in {}", self.directory.display());
        } else {
            let _ = fs::remove_dir_all(&self.directory);
        }
    }
}

fn write(path: &Path, text: &str) {
    fs::write(path, text).expect("there is room");
}
