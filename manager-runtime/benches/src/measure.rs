//! Runs candidates in turn and compares them.

use std::time::Duration;

use crate::process;

/// How long everything takes.
#[derive(Clone, Copy, Debug)]
pub struct Scale {
    /// How often the candidates take turns.
    pub rounds: usize,
    /// How long each of them runs in a round.
    pub turn: Duration,
}

impl Scale {
    /// The scale that the command line asks for.
    ///
    /// `cargo bench` passes `--bench`; without it (`cargo test --benches`) everything runs once and
    /// shortly, which only shows that it works. `--rounds N` and `--millis N` set the scale by hand.
    pub fn from_arguments() -> Self {
        let arguments: Vec<String> = std::env::args().skip(1).collect();
        let value = |flag: &str| {
            let at = arguments.iter().position(|argument| argument == flag)?;
            arguments.get(at + 1)?.parse::<u32>().ok()
        };
        let is_bench = arguments.iter().any(|argument| argument == "--bench");
        let (rounds, millis) = if is_bench { (9, 60) } else { (1, 1) };
        Scale {
            rounds: value("--rounds").unwrap_or(rounds).max(1) as usize,
            turn: Duration::from_millis(value("--millis").unwrap_or(millis).max(1).into()),
        }
    }
}

/// What one turn did.
#[derive(Clone, Copy, Debug)]
pub struct Lap {
    /// How many operations were done.
    pub operations: u64,
    /// The time on the wall.
    pub time: Duration,
}

impl Lap {
    fn nanos(&self) -> f64 {
        self.time.as_nanos() as f64 / self.operations.max(1) as f64
    }
}

/// One way to do a thing.
pub struct Candidate<'a> {
    name: &'a str,
    run: Box<dyn FnMut(u64) -> Lap + 'a>,
    operations: u64,
    laps: Vec<f64>,
    /// The processor time of each lap, all threads together.
    busy: Vec<f64>,
}

impl<'a> Candidate<'a> {
    /// A candidate that does about as many operations as it is asked for.
    pub fn new(name: &'a str, run: impl FnMut(u64) -> Lap + 'a) -> Self {
        Candidate { name, run: Box::new(run), operations: 0, laps: Vec::new(), busy: Vec::new() }
    }

    /// Finds how many operations fill a turn; warms everything up on the way.
    fn calibrate(&mut self, turn: Duration) {
        let mut operations = 1_000;
        loop {
            let lap = (self.run)(operations);
            if lap.time * 4 >= turn {
                let fill = turn.as_secs_f64() / lap.time.as_secs_f64();
                self.operations = ((lap.operations as f64 * fill) as u64).max(1_000);
                return;
            }
            operations = lap.operations.max(operations) * 4;
        }
    }
}

/// Lets all candidates take turns and prints a table. The first one is the floor of the others.
/// With `--candidate TEXT` on the command line only those run whose name has the text: for a profiler.
pub fn compare(title: &str, scale: Scale, mut candidates: Vec<Candidate<'_>>) {
    if let Some(text) = std::env::args().skip_while(|word| word != "--candidate").nth(1) {
        candidates.retain(|candidate| candidate.name.contains(&text));
    }
    for candidate in &mut candidates {
        candidate.calibrate(scale.turn);
    }
    for _ in 0..scale.rounds {
        for candidate in &mut candidates {
            let before = process::cpu_time(std::process::id());
            let lap = (candidate.run)(candidate.operations);
            let busy = process::cpu_time(std::process::id()).saturating_sub(before);
            candidate.laps.push(lap.nanos());
            candidate.busy.push(busy.as_nanos() as f64 / lap.operations.max(1) as f64);
        }
    }
    println!("\n{title}");
    println!(
        "  {:<44} {:>10} {:>22} {:>7} {:>8} {:>7} {:>9}",
        "", "ns", "fastest .. slowest", "ratio", "cpu ns", "ratio", "million/s"
    );
    let floor = candidates.first().map(|floor| (floor.laps.clone(), floor.busy.clone()));
    let (floor, floor_busy) = floor.unwrap_or_default();
    for Candidate { name, run: _, operations: _, laps, busy } in &candidates {
        let against = |own: &[f64], floor: &[f64]| {
            median(own.iter().zip(floor).map(|(own, floor)| own / floor))
        };
        let (ratio, busy_ratio) = (against(laps, &floor), against(busy, &floor_busy));
        let middle_busy = median(busy.iter().copied());
        let fastest = laps.iter().copied().fold(f64::INFINITY, f64::min);
        let slowest = laps.iter().copied().fold(0.0, f64::max);
        let spread = format!("{fastest:.1} .. {slowest:.1}");
        let middle = median(laps.iter().copied());
        let rate = 1_000.0 / middle;
        println!(
            "  {name:<44} {middle:>10.1} {spread:>22} {ratio:>7.2} {middle_busy:>8.1} {busy_ratio:>7.2} \
             {rate:>9.2}"
        );
    }
}

/// The value in the middle; the mean of the two in the middle if there are two.
pub fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    match values.len() {
        0 => f64::NAN,
        count if count % 2 == 1 => values[count / 2],
        count => f64::midpoint(values[count / 2 - 1], values[count / 2]),
    }
}

#[cfg(test)]
mod tests {
    use super::median;

    #[test]
    fn the_median_is_in_the_middle() {
        assert_eq!(median([3.0, 1.0, 2.0].into_iter()), 2.0);
        assert_eq!(median([4.0, 1.0, 2.0, 3.0].into_iter()), 2.5);
        assert!(median(std::iter::empty()).is_nan());
    }
}
