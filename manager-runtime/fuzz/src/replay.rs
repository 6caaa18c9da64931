//! Runs the targets without a fuzzing engine: on the files that are kept, and then on others made of
//! them and of chance, for so many seconds each.
//!
//! ```text
//! cargo run --release --no-default-features --bin replay -- 20
//! ```

use std::panic::catch_unwind;
use std::path::Path;
use std::process::exit;
use std::time::{Duration, Instant};
use std::{env, fs, io};

use manager_fuzz::Target;

fn main() -> io::Result<()> {
    let seconds = env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(0);
    for (name, target) in manager_fuzz::TARGETS.iter().copied() {
        let mut kept = Vec::new();
        for folder in ["seeds", "corpus", "artifacts"] {
            kept.extend(files(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder).join(name))?);
        }
        for bytes in &kept {
            run(name, target, bytes);
        }
        let (mut chance, mut runs) = (Chance(0x9e37_79b9_7f4a_7c15), 0_u64);
        let end = Instant::now() + Duration::from_secs(seconds);
        while Instant::now() < end {
            run(name, target, &chance.input(&kept));
            runs += 1;
        }
        println!("{name}: {} kept inputs and {runs} others", kept.len());
    }
    Ok(())
}

fn run(name: &str, target: Target, bytes: &[u8]) {
    // The panic has said what is wrong. This says with which input.
    if catch_unwind(|| target(bytes)).is_err() {
        eprintln!("target `{name}` fails on {bytes:?}");
        exit(1);
    }
}

fn files(folder: &Path) -> io::Result<Vec<Vec<u8>>> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let mut paths =
        fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
    paths.sort();
    paths.into_iter().map(fs::read).collect()
}

/// Numbers that are the same in every run (xorshift).
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() >> 16) as usize % end
    }

    /// A kept one with a few changes, or nothing but chance.
    fn input(&mut self, kept: &[Vec<u8>]) -> Vec<u8> {
        if kept.is_empty() || self.below(2) == 0 {
            let length = self.below(200);
            return (0..length).map(|_| (self.next() >> 24) as u8).collect();
        }
        let mut bytes = kept[self.below(kept.len())].clone();
        for _ in 0..1 + self.below(4) {
            let at = self.below(bytes.len() + 1);
            match self.below(4) {
                0 => bytes.insert(at, (self.next() >> 24) as u8),
                1 if at < bytes.len() => drop(bytes.remove(at)),
                2 if at < bytes.len() => bytes[at] = (self.next() >> 24) as u8,
                _ => {
                    // A piece of another one.
                    let other = &kept[self.below(kept.len())];
                    let start = self.below(other.len() + 1);
                    let end = start + self.below(other.len() + 1 - start);
                    bytes.splice(at..at, other[start..end].iter().copied());
                }
            }
        }
        bytes
    }
}
