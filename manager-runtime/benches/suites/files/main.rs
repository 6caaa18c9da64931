//! 1 GiB up and down, against bare hyper, and against other frameworks with the feature `rivals`.
//!
//! The bench starts itself again: a server for each case that is pinned to the first core, and a load that
//! is pinned to the second.
//!
//! - no mode: the table; `--mebibytes N` for another size
//! - `serve NAME FILE`: a server; prints its address, and ends when its standard input does
//! - `down ADDRESS PATH BYTES`: reads an answer of so many bytes
//! - `up ADDRESS PATH BYTES`: sends so many bytes

mod bare;
mod load;
#[cfg(feature = "rivals")]
mod rivals;
mod served;
mod table;

use std::path::PathBuf;

use manager_bench::machine;
use manager_bench::measure::Scale;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match *words {
        ["serve", name, file] => table::serve(name, PathBuf::from(file)),
        ["down", address, path, bytes] => load::down(address, path, number(bytes)),
        ["up", address, path, bytes] => load::up(address, path, number(bytes)),
        _ => {
            println!("{}", machine::describe());
            let given = words.iter().skip_while(|word| **word != "--mebibytes").nth(1);
            let mebibytes = match given {
                Some(given) => number(given),
                None if words.contains(&"--bench") => 1024,
                None => 1,
            };
            table::table(Scale::from_arguments(), mebibytes * 1024 * 1024);
        }
    }
}

fn number(word: &str) -> u64 {
    word.parse().expect("a number")
}
