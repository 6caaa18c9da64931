//! Servers and loads in processes of their own.

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdin, Command, Stdio};

/// A server in another process, which says its address in its first line and ends when this is dropped.
#[derive(Debug)]
pub struct Server {
    child: Child,
    input: Option<ChildStdin>,
    /// Where it listens.
    pub address: String,
}

impl Server {
    /// Starts a server with a command that runs this program, and these arguments.
    ///
    /// # Panics
    ///
    /// If it does not start, or does not say its address.
    pub fn start(mut command: Command, arguments: &[&str]) -> Self {
        let mut child = command
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the server can be started");
        let mut address = String::new();
        let output = child.stdout.take().expect("the output is a pipe");
        BufReader::new(output).read_line(&mut address).expect("the server says its address");
        Server { input: child.stdin.take(), child, address: address.trim().to_owned() }
    }

    /// The number of its process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.input.take());
        let _ = self.child.wait();
    }
}

/// A command that runs this program, on one core if `taskset` is there.
///
/// # Panics
///
/// If the program does not know where it is.
pub fn this_program(core: Option<usize>) -> Command {
    let program = std::env::current_exe().expect("the program knows where it is");
    match core.filter(|_| can_pin()) {
        Some(core) => {
            let mut command = Command::new("taskset");
            command.args(["-c", &core.to_string()]).arg(program);
            command
        }
        None => Command::new(program),
    }
}

/// Whether a process can be kept on a core, and there are two.
pub fn can_pin() -> bool {
    let two_cores = std::thread::available_parallelism().is_ok_and(|cores| cores.get() > 1);
    let tried = Command::new("taskset").args(["-c", "0", "true"]).status();
    two_cores && tried.is_ok_and(|status| status.success())
}
