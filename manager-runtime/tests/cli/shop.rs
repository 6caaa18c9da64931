//! Runs the programs, each in a folder of its own, and waits for what they do.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// How long anything may take that should happen at once; a machine under load is slow, not wrong.
const PATIENCE: Duration = Duration::from_secs(30);

/// What is said where nobody listens for TLS: a program without it does not get that far.
pub(crate) const NOBODY_OVER_TLS: &str =
    if cfg!(feature = "_tls") { "cannot be reached" } else { "no TLS" };

/// A program that was not started yet, in an empty folder.
pub(crate) struct Program {
    command: Command,
    folder: TempDir,
    input: Option<Vec<u8>>,
    handed: Option<Stdio>,
}

/// How a program ended, and what it printed.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) status: i32,
    pub(crate) out: String,
    pub(crate) err: String,
    pub(crate) folder: TempDir,
}

/// A program that serves.
pub(crate) struct Shop {
    child: Child,
    err: Arc<Lines>,
    pub(crate) address: SocketAddr,
    folder: TempDir,
}

pub(crate) fn shop(arguments: &[&str]) -> Program {
    Program::new("shop", arguments)
}

pub(crate) fn broken(arguments: &[&str]) -> Program {
    Program::new("broken", arguments)
}

/// The one with handlers of its own for files.
pub(crate) fn depot(arguments: &[&str]) -> Program {
    Program::new("depot", arguments)
}

impl Program {
    fn new(example: &str, arguments: &[&str]) -> Self {
        let mut command = Command::new(executable(example));
        for (name, _) in std::env::vars_os() {
            let name = name.to_string_lossy();
            if name.starts_with("MANAGER_") || ["PORT", "RUST_LOG", "NO_COLOR"].contains(&&*name) {
                command.env_remove(&*name);
            }
        }
        let folder = tempfile::tempdir().unwrap();
        // Backtraces are asked for: none is to be seen.
        command.args(arguments).current_dir(folder.path()).env("RUST_BACKTRACE", "1");
        Program { command, folder, input: None, handed: None }
    }

    /// Has another program start it, which becomes it or waits for it.
    fn started_by(mut self, starter: &str, arguments: &[&str]) -> Self {
        let mut command = Command::new(starter);
        command.args(arguments).arg(self.command.get_program()).args(self.command.get_args());
        command.current_dir(self.folder.path());
        for (name, value) in self.command.get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        self.command = command;
        self
    }

    /// In a namespace of processes of its own, in which it is the first.
    pub(crate) fn first_of_its_own(self) -> Self {
        self.started_by("unshare", &["--pid", "--fork", "--kill-child"])
    }

    /// With a file that is open already, so many times, as systemd does it.
    pub(crate) fn handed(mut self, file: Stdio, times: usize) -> Self {
        let script = format!(
            "exec 3<&0 4<&0 0</dev/null; LISTEN_PID=$$ LISTEN_FDS={times} exec \"$0\" \"$@\""
        );
        self.handed = Some(file);
        self.started_by("sh", &["-c", &script])
    }

    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    pub(crate) fn file(self, name: &str, content: &str) -> Self {
        self.bytes(name, content.as_bytes())
    }

    pub(crate) fn bytes(self, name: &str, content: &[u8]) -> Self {
        let path = self.folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
        self
    }

    pub(crate) fn input(mut self, input: &str) -> Self {
        self.input = Some(input.as_bytes().to_vec());
        self
    }

    /// Runs it to its end.
    pub(crate) fn run(mut self) -> Ended {
        let mut child = self.spawn();
        if let Some(input) = self.input.take() {
            child.stdin.take().unwrap().write_all(&input).unwrap();
        }
        drop(child.stdin.take());
        let out = Lines::of(child.stdout.take().unwrap());
        let err = Lines::of(child.stderr.take().unwrap());
        let status = wait(&mut child, &err);
        Ended { status, out: out.all(), err: err.all(), folder: self.folder }
    }

    /// Starts it and waits until it listens, on a free port unless the test says otherwise.
    pub(crate) fn serve(self) -> Shop {
        self.env("MANAGER_BIND", "127.0.0.1:0").listen()
    }

    pub(crate) fn listen(mut self) -> Shop {
        let mut child = self.spawn();
        let err = Lines::of(child.stderr.take().unwrap());
        let line = err.line("listening on http://");
        let address = line.strip_prefix("listening on http://").unwrap().parse().unwrap();
        Shop { child, err, address, folder: self.folder }
    }

    /// Starts it and does not wait for anything.
    pub(crate) fn start(mut self) -> Shop {
        let mut child = self.spawn();
        let err = Lines::of(child.stderr.take().unwrap());
        Shop { child, err, address: ([0, 0, 0, 0], 0).into(), folder: self.folder }
    }

    /// The same, with its standard output in a file of its folder.
    pub(crate) fn start_with_file(mut self, name: &str) -> Shop {
        let file = std::fs::File::create(self.folder.path().join(name)).unwrap();
        self.command.stdin(Stdio::null()).stdout(file).stderr(Stdio::piped());
        let mut child = self.command.spawn().unwrap();
        let err = Lines::of(child.stderr.take().unwrap());
        Shop { child, err, address: ([0, 0, 0, 0], 0).into(), folder: self.folder }
    }

    fn spawn(&mut self) -> Child {
        self.command.stdin(self.handed.take().unwrap_or_else(Stdio::piped));
        self.command.stdout(Stdio::piped()).stderr(Stdio::piped());
        self.command.spawn().unwrap()
    }
}

impl Ended {
    pub(crate) fn err_lines(&self) -> Vec<&str> {
        self.err.lines().collect()
    }
}

impl Shop {
    /// Sends a request with this body and reads the whole answer.
    pub(crate) fn post(&self, path: &str, body: &str) -> String {
        self.exchange(&post(path, "", body))
    }

    pub(crate) fn post_with_key(&self, path: &str, key: &str, body: &str) -> String {
        self.exchange(&post(path, &format!("Authorization: Bearer {key}\r\n"), body))
    }

    pub(crate) fn exchange(&self, request: &str) -> String {
        answer(self.send(request))
    }

    /// Sends a request and leaves its answer for later.
    pub(crate) fn begin(&self, path: &str) -> TcpStream {
        self.send(&post(path, "", ""))
    }

    fn send(&self, request: &str) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        stream
    }

    /// Waits until the program has made the file.
    pub(crate) fn wait_for_file(&self, name: &str) {
        let path = self.folder.path().join(name);
        self.wait_until(|| path.exists());
    }

    pub(crate) fn wait_until(&self, so: impl Fn() -> bool) {
        let begun = Instant::now();
        while !so() {
            assert!(begun.elapsed() < PATIENCE, "that never happens:\n{}", self.err.so_far());
            thread::sleep(Duration::from_millis(2));
        }
    }

    pub(crate) fn write_file(&self, name: &str, content: &str) {
        std::fs::write(self.folder.path().join(name), content).unwrap();
    }

    pub(crate) fn make_file(&self, name: &str) {
        std::fs::write(self.folder.path().join(name), "").unwrap();
    }

    /// Waits for a line of its standard error.
    pub(crate) fn line(&self, part: &str) -> String {
        self.err.line(part)
    }

    /// Sends a signal, such as `TERM`.
    pub(crate) fn signal(&self, name: &str) {
        send_signal(name, &self.child.id().to_string());
    }

    /// The same to the process that the one we started waits for.
    #[cfg(target_os = "linux")]
    pub(crate) fn signal_to_child(&self, name: &str) {
        let id = self.child.id();
        let children = std::fs::read_to_string(format!("/proc/{id}/task/{id}/children")).unwrap();
        send_signal(name, children.trim());
    }

    /// Waits for its end.
    pub(crate) fn ended(mut self) -> Ended {
        let status = wait(&mut self.child, &self.err);
        let mut out = String::new();
        if let Some(mut stdout) = self.child.stdout.take() {
            stdout.read_to_string(&mut out).unwrap();
        }
        let folder = std::mem::replace(&mut self.folder, tempfile::tempdir().unwrap());
        Ended { status, out, err: self.err.all(), folder }
    }
}

impl Drop for Shop {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends a signal, such as `TERM`, to the process with this number.
pub(crate) fn send_signal(name: &str, id: &str) {
    let sent = Command::new("sh").args(["-c", &format!("kill -{name} {id}")]).status();
    assert!(sent.unwrap().success());
}

/// The rest of a connection, as text.
pub(crate) fn answer(mut stream: TcpStream) -> String {
    let mut answer = String::new();
    // A connection that is cut may end with an error; what came before is the answer.
    let _ = stream.read_to_string(&mut answer);
    answer
}

fn post(path: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}\
         Content-Length: {length}\r\n\r\n{body}"
    )
}

fn wait(child: &mut Child, err: &Lines) -> i32 {
    let begun = Instant::now();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status.code().unwrap_or(-1);
        }
        if begun.elapsed() > PATIENCE {
            let _ = child.kill();
            panic!("it does not end:\n{}", err.so_far());
        }
        thread::sleep(Duration::from_millis(2));
    }
}

/// What a program writes, while it writes.
#[derive(Default)]
struct Lines {
    state: Mutex<(Vec<String>, bool)>,
    changed: Condvar,
}

impl Lines {
    fn of(source: impl Read + Send + 'static) -> Arc<Self> {
        let lines = Arc::new(Lines::default());
        let writer = lines.clone();
        thread::spawn(move || {
            let mut source = BufReader::new(source);
            loop {
                let mut line = Vec::new();
                let read = source.read_until(b'\n', &mut line).unwrap_or(0);
                let mut state = writer.state.lock().unwrap();
                if read == 0 {
                    state.1 = true;
                } else {
                    state.0.push(String::from_utf8_lossy(&line).into_owned());
                }
                writer.changed.notify_all();
                if read == 0 {
                    return;
                }
            }
        });
        lines
    }

    /// The first line that contains the part, once it is there.
    fn line(&self, part: &str) -> String {
        let state = self.state.lock().unwrap();
        let found = |(lines, _): &(Vec<String>, bool)| {
            lines.iter().find(|line| line.contains(part)).map(|line| line.trim_end().to_owned())
        };
        let (state, _) = self
            .changed
            .wait_timeout_while(state, PATIENCE, |state| found(state).is_none() && !state.1)
            .unwrap();
        found(&state).unwrap_or_else(|| panic!("no line with {part:?}:\n{}", state.0.concat()))
    }

    fn so_far(&self) -> String {
        self.state.lock().unwrap().0.concat()
    }

    /// Everything, once it has ended.
    fn all(&self) -> String {
        let state = self.state.lock().unwrap();
        let (state, timeout) =
            self.changed.wait_timeout_while(state, PATIENCE, |state| !state.1).unwrap();
        assert!(!timeout.timed_out(), "somebody still holds its output");
        state.0.concat()
    }
}

/// An example of this package, next to the test's own executable.
pub(crate) fn executable(example: &str) -> PathBuf {
    let own = std::env::current_exe().unwrap();
    let profile = own.parent().and_then(Path::parent).unwrap();
    let path =
        profile.join("examples").join(example).with_extension(std::env::consts::EXE_EXTENSION);
    assert!(
        path.exists(),
        "{} is not built: run `cargo build -p manager-runtime --examples`",
        path.display()
    );
    path
}
