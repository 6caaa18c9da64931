//! The cases, and the table of what they cost.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use manager_bench::child::{Server, can_pin, this_program};
use manager_bench::measure::{Scale, median};
use manager_bench::{process, serving};

#[cfg(feature = "rivals")]
use crate::rivals;
use crate::{bare, served};

/// Runs a server until standard input ends.
pub(crate) fn serve(name: &str, file: PathBuf) {
    let run = match name {
        "bare" => bare::run,
        "manager" => served::run,
        #[cfg(feature = "rivals")]
        "axum" => rivals::axum::run,
        #[cfg(feature = "rivals")]
        "actix" => rivals::actix::run,
        #[cfg(feature = "rivals")]
        "salvo" => rivals::salvo::run,
        other => panic!("there is no server called {other}"),
    };
    serving::until_the_parent_ends(move || run(file));
}

struct Case {
    name: &'static str,
    server: &'static str,
    direction: &'static str,
    path: &'static str,
}

const fn case(
    name: &'static str,
    server: &'static str,
    direction: &'static str,
    path: &'static str,
) -> Case {
    Case { name, server, direction, path }
}

/// The first of a direction is the floor of the others.
const CASES: &[Case] = &[
    case("down, bare hyper", "bare", "down", "/down"),
    case("down, manager, a file", "manager", "down", "/down"),
    case("down, manager, a reader", "manager", "down", "/read"),
    #[cfg(feature = "rivals")]
    case("down, axum, ServeFile", "axum", "down", "/down"),
    #[cfg(feature = "rivals")]
    case("down, axum, ReaderStream", "axum", "down", "/read"),
    #[cfg(feature = "rivals")]
    case("down, actix-web, NamedFile", "actix", "down", "/down"),
    #[cfg(feature = "rivals")]
    case("down, salvo, send_file", "salvo", "down", "/down"),
    case("up, bare hyper", "bare", "up", "/up"),
    case("up, manager", "manager", "up", "/up"),
    #[cfg(feature = "rivals")]
    case("up, axum", "axum", "up", "/up"),
    #[cfg(feature = "rivals")]
    case("up, actix-web", "actix", "up", "/up"),
    #[cfg(feature = "rivals")]
    case("up, salvo", "salvo", "up", "/up"),
];

/// What one turn of a case cost.
struct Lap {
    cpu: f64,
    seconds: f64,
    peak: f64,
}

/// Runs everything in turn and prints the table. Each turn has a server of its own, so that a peak is its
/// own as well.
pub(crate) fn table(scale: Scale, bytes: u64) {
    if !can_pin() {
        println!("not pinned: `taskset` or a second core is missing");
    }
    let file = std::env::temp_dir().join(format!("manager-bench-{}.bin", std::process::id()));
    make(&file, bytes).expect("there is room for the file");
    let mut laps: Vec<Vec<Lap>> = CASES.iter().map(|_| Vec::new()).collect();
    for _ in 0..scale.rounds {
        for (case, laps) in CASES.iter().zip(&mut laps) {
            laps.push(run(case, &file, bytes));
        }
    }
    let _ = std::fs::remove_file(&file);
    print(&laps, bytes);
}

fn make(file: &Path, bytes: u64) -> std::io::Result<()> {
    let piece: Vec<u8> = (0..1024 * 1024_u32).map(|at| (at / 7) as u8).collect();
    let mut file = File::create(file)?;
    for _ in 0..bytes / piece.len() as u64 {
        file.write_all(&piece)?;
    }
    Ok(())
}

fn run(case: &Case, file: &Path, bytes: u64) -> Lap {
    let file = file.to_str().expect("the directory for temporary files has a name");
    let server = Server::start(this_program(Some(0)), &["serve", case.server, file]);
    let before = process::cpu_time(server.pid());
    let idle = process::resident(server.pid());
    let begun = std::time::Instant::now();
    let load = this_program(Some(1))
        .args([case.direction, &server.address, case.path, &bytes.to_string()])
        .status()
        .expect("the load can be started");
    assert!(load.success(), "the load failed");
    let seconds = begun.elapsed().as_secs_f64();
    let cpu = process::cpu_time(server.pid()) - before;
    let peak = process::peak(server.pid()).saturating_sub(idle);
    let gibibytes = bytes as f64 / (1024.0 * 1024.0 * 1024.0);
    Lap {
        cpu: cpu.as_secs_f64() / gibibytes,
        seconds: seconds / gibibytes,
        peak: peak as f64 / (1024.0 * 1024.0),
    }
}

fn print(laps: &[Vec<Lap>], bytes: u64) {
    let mebibytes = bytes / (1024 * 1024);
    println!("\n{mebibytes} MiB, the server on one core, the load on another");
    println!(
        "  {:<34} {:>11} {:>7} {:>9} {:>15}",
        "", "CPU s/GiB", "ratio", "s/GiB", "peak above idle"
    );
    for (case, own) in CASES.iter().zip(laps) {
        let Case { name, server: _, direction, path: _ } = case;
        let floor = CASES.iter().zip(laps).find(|(other, _)| other.direction == *direction);
        let floor = floor.map_or(&own[..], |(_, laps)| laps);
        let of = |figure: fn(&Lap) -> f64| median(own.iter().map(figure));
        let ratio = median(own.iter().zip(floor).map(|(lap, floor)| lap.cpu / floor.cpu));
        let (cpu, seconds, peak) = (of(|lap| lap.cpu), of(|lap| lap.seconds), of(|lap| lap.peak));
        println!("  {name:<34} {cpu:>11.3} {ratio:>7.2} {seconds:>9.3} {peak:>11.1} MiB");
    }
}
