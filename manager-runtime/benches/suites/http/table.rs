//! The servers under load, in turn, and the table of what they did.

use std::process::Stdio;
use std::time::Duration;

use manager_bench::child::{Server, can_pin, this_program};
use manager_bench::measure::{Scale, median};
use manager_bench::process;

use crate::check;
use crate::load::{self, Order, Report};
use crate::workloads::{Candidate, Wanted, Workload};

/// One line of a table.
struct Line {
    candidate: Candidate,
    server: usize,
    reports: Vec<Report>,
    resident: u64,
}

/// Runs everything in turn and prints a table for each workload and number of connections.
pub(crate) fn tables(scale: Scale, wanted: &Wanted) {
    if !can_pin() {
        println!("not pinned: `taskset` or a second core is missing");
    }
    let servers: Vec<Server> = wanted.makers.iter().map(|maker| maker.start(Some(0))).collect();
    for (maker, server) in wanted.makers.iter().zip(&servers) {
        check::all(maker, &server.address);
    }
    // A turn here holds more than a turn of calls: a process is started in it.
    let turn = scale.turn * 10;
    for workload in wanted.workloads() {
        for connections in wanted.connections(workload) {
            table(workload, connections, wanted, &servers, scale.rounds, turn);
        }
    }
}

fn table(
    workload: &Workload,
    connections: u64,
    wanted: &Wanted,
    servers: &[Server],
    rounds: usize,
    turn: Duration,
) {
    let line = |candidate: Candidate| {
        let mut makers = wanted.makers.iter();
        let server = makers.position(|maker| maker.name == candidate.maker.name);
        let server = server.expect("it was started");
        Line { candidate, server, reports: Vec::new(), resident: 0 }
    };
    let mut lines: Vec<Line> = workload.candidates(&wanted.makers).into_iter().map(line).collect();
    for round in 0..=rounds {
        for Line { candidate, server, reports, resident } in &mut lines {
            let server = &servers[*server];
            let order = workload.order(candidate, &server.address, connections);
            let report = run(&order, server.pid(), turn);
            // The first round warms everything up.
            if round > 0 || rounds == 1 {
                reports.push(report);
            }
            *resident = process::resident(server.pid());
        }
    }
    print(workload.title, connections, &lines);
}

fn run(order: &Order<'_>, server: u32, turn: Duration) -> Report {
    let Order { address, question, protocol, connections } = order;
    let output = this_program(Some(1))
        .args(["load", address, question, &protocol.to_string(), &connections.to_string()])
        .args([server.to_string(), turn.as_millis().to_string()])
        .stderr(Stdio::inherit())
        .output()
        .expect("the load can be started");
    serde_json::from_slice(&output.stdout).expect("the load ended well")
}

fn print(title: &str, connections: u64, lines: &[Line]) {
    let plural = if connections == 1 { "" } else { "s" };
    println!("\n{title}, {connections} connection{plural}");
    println!(
        "  {:<18} {:>10} {:>6} {:>8} {:>8} {:>14} {:>6} {:>6} {:>10}",
        "",
        "requests/s",
        "ratio",
        "p50 us",
        "p99 us",
        "CPU us/request",
        "ratio",
        "busy",
        "resident"
    );
    let floor = lines.first().map_or(&[][..], |floor| &floor.reports);
    let rate = |report: &Report| report.answers as f64 / report.seconds;
    let ratio = |reports: &[Report], of: &dyn Fn(&Report) -> f64| {
        median(reports.iter().zip(floor).map(|(own, floor)| of(own) / of(floor)))
    };
    for Line { candidate, server: _, reports, resident } in lines {
        let name = candidate.title;
        let Report { answers: _, seconds: _, cpu_micros, p50_micros, p99_micros } =
            load::middle(reports);
        let per_second = median(reports.iter().map(rate));
        let rate_ratio = ratio(reports, &rate);
        let cpu_ratio = ratio(reports, &|report| report.cpu_micros);
        let busy = median(reports.iter().map(|report| rate(report) * report.cpu_micros / 1e4));
        let resident = *resident as f64 / (1024.0 * 1024.0);
        println!(
            "  {name:<18} {per_second:>10.0} {rate_ratio:>6.2} {p50_micros:>8.0} {p99_micros:>8.0} \
             {cpu_micros:>14.2} {cpu_ratio:>6.2} {busy:>5.0}% {resident:>6.1} MiB"
        );
    }
}
