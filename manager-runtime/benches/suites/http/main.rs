//! `POST /add`, two handlers that ask another one, and routes of their own, against bare hyper.
//!
//! The bench starts itself again: servers that are pinned to the first core, and a load that is pinned
//! to the second. What the parts say to each other is a line on standard output.
//!
//! - no mode: the table
//! - `serve NAME`: a server; prints its address, and ends when its standard input does
//! - `load ADDRESS QUESTION CONNECTIONS MILLIS`: loads a server and prints a [`load::Report`]
//! - `requests ADDRESS QUESTION CONNECTIONS COUNT`: sends exactly that many requests
//! - `count`: instructions for each request, by `valgrind --tool=callgrind`

#[cfg(feature = "rivals")]
mod axum;
mod bare;
mod count;
mod load;
mod pair;
mod served;
mod wire;

use manager_bench::machine;
use manager_bench::measure::Scale;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match *words {
        ["serve", name] => pair::serve(name),
        ["load", address, name, connections, millis] => {
            load::for_some_time(address, name, number(connections), number(millis));
        }
        ["requests", address, name, connections, count] => {
            load::of_some_requests(address, name, number(connections), number(count));
        }
        ["count", ..] => {
            println!("{}", machine::describe());
            count::instructions();
        }
        _ => {
            println!("{}", machine::describe());
            pair::table(Scale::from_arguments());
        }
    }
}

fn number(word: &str) -> u64 {
    word.parse().expect("a number")
}
