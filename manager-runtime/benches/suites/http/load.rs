//! The client: as little as HTTP needs, so that the server is what is measured.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use manager_bench::measure::median;
use manager_bench::process;
use tokio::sync::Barrier;

use crate::wire::{self, Question};
use crate::{http1, http2};

/// How a client speaks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Protocol {
    /// The next request after the answer to the last.
    Http1,
    /// So many requests at once, then all their answers.
    Pipelined,
    /// So many streams at a time.
    Http2,
}

/// Requests that are sent at once in a pipeline.
pub(crate) const PIPELINED: usize = 16;

/// Streams that are open at a time.
pub(crate) const STREAMS: usize = 100;

/// The words of processes to each other.
const WORDS: [(Protocol, &str); 3] =
    [(Protocol::Http1, "http1"), (Protocol::Pipelined, "pipelined"), (Protocol::Http2, "http2")];

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = WORDS.iter().find(|(protocol, _)| protocol == self);
        f.write_str(word.map_or("", |(_, word)| *word))
    }
}

impl FromStr for Protocol {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let word = WORDS.iter().find(|(_, word)| *word == text);
        word.map(|(protocol, _)| *protocol).ok_or_else(|| format!("nobody speaks {text}"))
    }
}

/// What a load found, as it goes from process to process.
#[derive(serde::Serialize, serde::Deserialize)]
pub(crate) struct Report {
    pub(crate) answers: u64,
    pub(crate) seconds: f64,
    /// The processor time of the server, for each answer.
    pub(crate) cpu_micros: f64,
    pub(crate) p50_micros: f64,
    pub(crate) p99_micros: f64,
}

/// What is sent, and how.
pub(crate) struct Order<'a> {
    pub(crate) address: &'a str,
    pub(crate) question: &'a str,
    pub(crate) protocol: Protocol,
    pub(crate) connections: u64,
}

/// Keeps every connection busy for some time, and prints a [`Report`]. The time begins when all of them are there
/// and have had an answer, and so does the server's, of which the number of its process is known.
pub(crate) fn for_some_time(order: &Order<'_>, server: u32, millis: u64) {
    let turn = Duration::from_millis(millis);
    let mut begun = None;
    let begin = || {
        let (now, busy) = (Instant::now(), process::cpu_time(server));
        begun = Some((now, busy));
        move || now.elapsed() < turn
    };
    let Done { answers, mut times } = run(order, begin);
    let (begun, before) = begun.expect("it has begun");
    let seconds = begun.elapsed().as_secs_f64();
    let busy = process::cpu_time(server).saturating_sub(before);
    times.sort_unstable();
    let at = |part: usize| {
        let nanos = times.get(times.len() * part / 100).copied().unwrap_or_default();
        f64::from(nanos) / 1000.0
    };
    let cpu_micros = busy.as_secs_f64() * 1e6 / answers.max(1) as f64;
    let report = Report { answers, seconds, cpu_micros, p50_micros: at(50), p99_micros: at(99) };
    println!("{}", serde_json::to_string(&report).expect("a report is plain data"));
}

/// Sends exactly so many requests, beside the first of each connection (or whole pipelines, at least so many).
pub(crate) fn of_some_requests(order: &Order<'_>, count: u64) {
    let at_once = if order.protocol == Protocol::Pipelined { PIPELINED } else { 1 };
    let left = Arc::new(AtomicI64::new(count as i64));
    let begin = || move || left.fetch_sub(at_once as i64, Ordering::Relaxed) > 0;
    println!("{}", run(order, begin).answers);
}

/// What was answered, and how long each took that was waited for, in nanoseconds.
#[derive(Default)]
pub(crate) struct Done {
    pub(crate) answers: u64,
    pub(crate) times: Vec<u32>,
}

impl Done {
    pub(crate) fn one(&mut self, answers: usize, begun: Instant) {
        self.answers += answers as u64;
        self.times.push(begun.elapsed().as_nanos().min(u32::MAX.into()) as u32);
    }
}

/// Sends requests on every connection while it may go on, which begins when all connections are there.
fn run<G>(order: &Order<'_>, begin: impl FnOnce() -> G) -> Done
where
    G: Fn() -> bool + Clone + Send + Sync + 'static,
{
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .build()
        .expect("a runtime can be made");
    let Order { address, question, protocol, connections } = *order;
    let question = wire::question(question);
    runtime.block_on(async {
        let there = Arc::new(Barrier::new(connections as usize + 1));
        let (said, heard) = tokio::sync::watch::channel(None::<G>);
        let tasks: Vec<_> = (0..connections)
            .map(|_| {
                let (there, mut heard) = (there.clone(), heard.clone());
                let ready = async move {
                    there.wait().await;
                    let begun = heard.wait_for(Option::is_some).await.expect("it will be said");
                    begun.clone().expect("it was said")
                };
                tokio::spawn(connection(address.to_owned(), question, protocol, ready))
            })
            .collect();
        there.wait().await;
        said.send_replace(Some(begin()));
        let mut all = Done::default();
        for task in tasks {
            let done = task.await.expect("a connection does not panic");
            all.answers += done.answers;
            all.times.extend(done.times);
        }
        all
    })
}

async fn connection<G: Fn() -> bool>(
    address: String,
    question: Question,
    protocol: Protocol,
    ready: impl Future<Output = G>,
) -> Done {
    match protocol {
        Protocol::Http1 => http1::connection(&address, question, 1, ready).await,
        Protocol::Pipelined => http1::connection(&address, question, PIPELINED, ready).await,
        Protocol::Http2 => http2::connection(&address, question, STREAMS, ready).await,
    }
}

/// The reports of all rounds as one, each figure by its median.
pub(crate) fn middle(reports: &[Report]) -> Report {
    let figure = |of: fn(&Report) -> f64| median(reports.iter().map(of));
    Report {
        answers: reports.iter().map(|report| report.answers).sum(),
        seconds: reports.iter().map(|report| report.seconds).sum(),
        cpu_micros: figure(|report| report.cpu_micros),
        p50_micros: figure(|report| report.p50_micros),
        p99_micros: figure(|report| report.p99_micros),
    }
}
