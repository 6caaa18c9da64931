//! A server that has run out of descriptors: it waits until some are there again, without spinning. The server
//! is this very program, started again with less of them.

use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use tokio::net::TcpStream;

use crate::served::{Smuggled, manager};
use crate::support::{Client, Gate, LIMIT, fetch, get, within};

/// How many descriptors the server may have.
const DESCRIPTORS: usize = 48;

struct Server {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    address: SocketAddr,
}

impl Server {
    fn start() -> Self {
        let limited = format!("ulimit -n {DESCRIPTORS}; exec \"$0\" \"$@\"");
        let mut child = Command::new("sh")
            .args(["-c", &limited])
            .arg(std::env::current_exe().unwrap())
            .args(["--exact", "descriptors::the_server", "--ignored", "--nocapture"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let address = said(&mut output).parse().unwrap();
        Server { input: child.stdin.take().unwrap(), output, child, address }
    }

    /// How many times accepting has failed, and how many connections are open.
    fn figures(&mut self) -> (u64, usize) {
        writeln!(self.input, "figures").unwrap();
        let said = said(&mut self.output);
        let (errors, open) = said.split_once(' ').unwrap();
        (errors.parse().unwrap(), open.parse().unwrap())
    }

    fn descriptors(&self) -> usize {
        std::fs::read_dir(format!("/proc/{}/fd", self.child.id())).unwrap().count()
    }

    /// How long its threads have run.
    fn cpu(&self) -> Duration {
        let tasks = std::fs::read_dir(format!("/proc/{}/task", self.child.id())).unwrap();
        let times = tasks.flatten().filter_map(|task| {
            let text = std::fs::read_to_string(task.path().join("schedstat")).ok()?;
            text.split_whitespace().next()?.parse::<u64>().ok()
        });
        Duration::from_nanos(times.sum())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What the server says next, apart from what the test harness does.
fn said(output: &mut impl BufRead) -> String {
    loop {
        let mut line = String::new();
        assert!(output.read_line(&mut line).unwrap() > 0, "the server has ended");
        if let Some((_, said)) = line.split_once("> ") {
            return said.trim().to_owned();
        }
    }
}

#[test]
#[ignore = "started by the tests of descriptors"]
fn the_server() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let running = runtime
        .block_on(manager(&Gate::new(), &Smuggled::default()).with_keep_alive("60s").spawn())
        .unwrap();
    println!("> {}", running.addr());
    for _ in std::io::stdin().lines().map_while(std::result::Result::ok) {
        let edge = running.edge();
        println!("> {} {}", edge.accept_errors, edge.connections);
    }
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn out_of_descriptors_it_waits_and_comes_back() {
    within(LIMIT, async {
        let mut server = tokio::task::spawn_blocking(Server::start).await.unwrap();
        assert_eq!(fetch(server.address, get("/hello")).await.text(), "hello");
        let before = server.descriptors();
        // More than there is room for: the rest waits in the queue of the kernel.
        let mut open = Vec::new();
        for _ in 0..2 * DESCRIPTORS {
            open.push(TcpStream::connect(server.address).await.unwrap());
        }
        let begin = Instant::now();
        while server.figures().0 == 0 {
            assert!(begin.elapsed() < Duration::from_secs(5), "it never ran out");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert!(server.descriptors() >= DESCRIPTORS);
        // Who is in is served, and nothing spins.
        let (errors, cpu, begin) = (server.figures().0, server.cpu(), Instant::now());
        tokio::time::sleep(Duration::from_secs(1)).await;
        let (errors, cpu) = (server.figures().0 - errors, server.cpu() - cpu);
        let passed = begin.elapsed();
        eprintln!("out of descriptors for {passed:?}: {errors} attempts, {cpu:?} of CPU time");
        assert!((1..=15).contains(&errors), "{errors} attempts in {passed:?}");
        assert!(cpu < Duration::from_millis(50), "{cpu:?} of CPU time in {passed:?}");
        let mut first = Client::over(open.remove(0));
        assert_eq!(first.ask(get("/hello")).await.text(), "hello");
        // When they go, those who wait come in, and then everybody does.
        drop((first, open));
        assert_eq!(fetch(server.address, get("/hello")).await.text(), "hello");
        let begin = Instant::now();
        while server.figures().1 > 0 || server.descriptors() > before {
            assert!(
                begin.elapsed() < Duration::from_secs(5),
                "{} descriptors",
                server.descriptors()
            );
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await;
}
