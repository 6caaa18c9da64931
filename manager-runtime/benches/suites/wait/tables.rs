//! The two tables.

use std::fs;
use std::path::Path;
use std::process::Command;

use manager_bench::measure::{Scale, median};

use crate::project::{self, Built, COUNTS, HELLO, Projects};
use crate::sources::{Framework, changed};
use crate::start;

const MEBIBYTE: f64 = 1024.0 * 1024.0;

/// How often a line is changed.
const CHANGES: usize = 5;

/// A program with two endpoints, from nothing to its first answer.
pub(crate) fn hello(projects: &Projects, scale: Scale) {
    println!("\na program with two endpoints; a build is one of everything that it depends on");
    println!("  {:<40} {:>10} {:>10} {:>7}", "", "axum", "manager", "ratio");
    let [axum, manager] = Framework::BOTH.map(|framework| figures(projects, framework, scale));
    for ((name, axum), (_, manager)) in axum.into_iter().zip(manager) {
        println!("  {name:<40} {axum:>10.2} {manager:>10.2} {:>7.2}", manager / axum);
    }
}

fn figures(projects: &Projects, framework: Framework, scale: Scale) -> Vec<(&'static str, f64)> {
    let debug = projects.build(framework, HELLO, false);
    let rebuilt: Vec<_> = (0..CHANGES)
        .map(|time| {
            projects.write_program(framework, HELLO, changed(&framework.hello(), time));
            projects.build(framework, HELLO, false)
        })
        .collect();
    let of_rebuilt = |figure: fn(&Built) -> f64| median(rebuilt.iter().map(figure));
    let release = projects.build(framework, HELLO, true);
    let started = start::first_answer(&debug.program, scale);
    let started_release = start::first_answer(&release.program, scale);
    vec![
        ("crates", debug.crates as f64),
        ("debug build, s on the wall", debug.time.as_secs_f64()),
        ("debug build, CPU s", debug.cpu.as_secs_f64()),
        ("rebuild after a line, s on the wall", of_rebuilt(|one| one.time.as_secs_f64())),
        ("rebuild after a line, CPU s", of_rebuilt(|one| one.cpu.as_secs_f64())),
        ("release build, s on the wall", release.time.as_secs_f64()),
        ("release build, CPU s", release.cpu.as_secs_f64()),
        ("debug binary, MiB", size(&debug.program)),
        ("release binary, MiB", size(&release.program)),
        ("release binary, stripped, MiB", stripped(&release.program)),
        ("first answer, debug, ms", started.millis),
        ("first answer, release, ms", started_release.millis),
        ("resident after it, release, MiB", started_release.resident / MEBIBYTE),
    ]
}

/// Programs with more and more handlers: does each of them take as long as the one before?
pub(crate) fn handlers(projects: &Projects, most: usize, scale: Scale) {
    println!(
        "\nhandlers in one crate, its debug build alone; for each handler beyond the first, and how often \
         that is what it was with ten"
    );
    println!(
        "  {:<20} {:>7} {:>7} {:>8} {:>6} {:>7} {:>9} {:>8} {:>6} {:>9} {:>8} {:>6} {:>9} {:>9}",
        "",
        "CPU s",
        "wall s",
        "ms each",
        "ratio",
        "again s",
        "peak MiB",
        "KiB each",
        "ratio",
        "size MiB",
        "KiB each",
        "ratio",
        "answer ms",
        "resident"
    );
    for framework in Framework::BOTH {
        // Everything else is built before.
        let _ = projects.build(framework, HELLO, false);
        let mut base: Option<[f64; 3]> = None;
        let mut first: Option<[f64; 3]> = None;
        for count in COUNTS.into_iter().filter(|count| *count <= most) {
            let program = project::handlers(count);
            let built = projects.build(framework, &program, false);
            let own = built.own.expect("the compiler was watched");
            let size = size(&built.program);
            let source = changed(&framework.handlers(count), 1);
            projects.write_program(framework, &program, source);
            let again = projects.build(framework, &program, false).own;
            let again = again.expect("the compiler was watched").cpu_seconds;
            let started = start::first_answer(&built.program, scale);
            let now = [own.cpu_seconds * 1e3, own.peak as f64 / 1024.0, size * 1024.0];
            let base = *base.get_or_insert(now);
            let more = count.saturating_sub(1) as f64;
            let each: [f64; 3] = std::array::from_fn(|at| (now[at] - base[at]) / more);
            let ratio: [f64; 3] = match count {
                1 => [f64::NAN; 3],
                _ => {
                    let first = first.get_or_insert(each);
                    std::array::from_fn(|at| each[at] / first[at])
                }
            };
            let figure = |value: f64, digits: usize| match value.is_finite() {
                true => format!("{value:.digits$}"),
                false => "-".to_owned(),
            };
            println!(
                "  {:<20} {:>7.2} {:>7.2} {:>8} {:>6} {again:>7.2} {:>9.1} {:>8} {:>6} {size:>9.1} {:>8} {:>6} {:>9.1} \
                 {:>9.1}",
                format!("{}, {count}", framework.name()),
                own.cpu_seconds,
                own.seconds,
                figure(each[0], 1),
                figure(ratio[0], 2),
                own.peak as f64 / MEBIBYTE,
                figure(each[1], 0),
                figure(ratio[1], 2),
                figure(each[2], 1),
                figure(ratio[2], 2),
                started.millis,
                started.resident / MEBIBYTE,
            );
        }
    }
}

fn size(program: &Path) -> f64 {
    fs::metadata(program).map_or(f64::NAN, |found| found.len() as f64) / MEBIBYTE
}

/// The size without symbols; not a number where there is no `strip`.
fn stripped(program: &Path) -> f64 {
    let copy = program.with_extension("stripped");
    let status = Command::new("strip").arg("-o").arg(&copy).arg(program).status();
    match status {
        Ok(status) if status.success() => size(&copy),
        _ => f64::NAN,
    }
}
