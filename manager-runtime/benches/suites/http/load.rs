//! The client: as little as HTTP needs, so that the server is what is measured.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use manager_bench::measure::median;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::wire;

/// What a load found, as it goes from process to process.
#[derive(serde::Serialize, serde::Deserialize)]
pub(crate) struct Report {
    pub(crate) answers: u64,
    pub(crate) seconds: f64,
    pub(crate) p50_micros: f64,
    pub(crate) p99_micros: f64,
}

/// Keeps every connection busy for some time, and prints a [`Report`].
pub(crate) fn for_some_time(address: &str, name: &str, connections: u64, millis: u64) {
    let begun = Instant::now();
    let end = begun + Duration::from_millis(millis);
    let mut times = run(address, name, connections, move || Instant::now() < end);
    let seconds = begun.elapsed().as_secs_f64();
    times.sort_unstable();
    let at = |part: usize| {
        let nanos = times.get(times.len() * part / 100).copied().unwrap_or_default();
        f64::from(nanos) / 1000.0
    };
    let report =
        Report { answers: times.len() as u64, seconds, p50_micros: at(50), p99_micros: at(99) };
    println!("{}", serde_json::to_string(&report).expect("a report is plain data"));
}

/// Sends exactly so many requests.
pub(crate) fn of_some_requests(address: &str, name: &str, connections: u64, count: u64) {
    let left = Arc::new(AtomicI64::new(count as i64));
    let times = run(address, name, connections, move || left.fetch_sub(1, Ordering::Relaxed) > 0);
    println!("{}", times.len());
}

/// Sends requests on every connection while it may go on. Returns how long each took, in nanoseconds.
fn run(
    address: &str,
    name: &str,
    connections: u64,
    go_on: impl Fn() -> bool + Clone + Send + 'static,
) -> Vec<u32> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .build()
        .expect("a runtime can be made");
    runtime.block_on(async {
        let question = wire::question(name);
        let request: Arc<[u8]> = question.request().into();
        let tasks: Vec<_> = (0..connections)
            .map(|_| {
                let (address, request) = (address.to_owned(), request.clone());
                let answer = question.answer.as_bytes();
                tokio::spawn(connection(address, request, answer, go_on.clone()))
            })
            .collect();
        let mut all = Vec::new();
        for task in tasks {
            all.extend(task.await.expect("a connection does not panic"));
        }
        all
    })
}

async fn connection(
    address: String,
    request: Arc<[u8]>,
    answer: &'static [u8],
    go_on: impl Fn() -> bool,
) -> Vec<u32> {
    let mut stream = TcpStream::connect(&address).await.expect("the server accepts");
    stream.set_nodelay(true).expect("a socket has no delay");
    let mut times = Vec::with_capacity(4096);
    let mut buffer = [0; 4096];
    while go_on() {
        let begun = Instant::now();
        stream.write_all(&request).await.expect("the server reads");
        read_answer(&mut stream, answer, &mut buffer).await;
        times.push(begun.elapsed().as_nanos().min(u32::MAX.into()) as u32);
    }
    times
}

/// Reads one answer. All answers to a question end alike, and nothing follows before the next request.
async fn read_answer(stream: &mut TcpStream, answer: &[u8], buffer: &mut [u8]) {
    let mut length = 0;
    while !buffer[..length].ends_with(answer) {
        let read = stream.read(&mut buffer[length..]).await.expect("the server answers");
        let text = || String::from_utf8_lossy(&buffer[..length]);
        assert!(read > 0, "the answer ends too early, or is another one: {}", text());
        length += read;
    }
}

/// The reports of all rounds as one, each figure by its median.
pub(crate) fn middle(reports: &[Report]) -> Report {
    let figure = |of: fn(&Report) -> f64| median(reports.iter().map(of));
    Report {
        answers: reports.iter().map(|report| report.answers).sum(),
        seconds: reports.iter().map(|report| report.seconds).sum(),
        p50_micros: figure(|report| report.p50_micros),
        p99_micros: figure(|report| report.p99_micros),
    }
}
