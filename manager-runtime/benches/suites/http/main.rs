//! HTTP against bare hyper, and against other frameworks with the feature `rivals`.
//!
//! The bench starts itself again: servers that are pinned to the first core, and a load that is pinned
//! to the second. What the parts say to each other is a line on standard output.
//!
//! - no mode: the tables, for what [`workloads`] reads from the command line
//! - `count`: instructions for each request, by `valgrind --tool=callgrind`
//! - `start`: memory and the first answer after a start
//! - `serve NAME`: a server; prints its address, and ends when its standard input does
//! - `load ADDRESS QUESTION PROTOCOL CONNECTIONS SERVER MILLIS`: loads a server, of which the number of the process is
//!   known, and prints a [`load::Report`]
//! - `requests ADDRESS QUESTION PROTOCOL CONNECTIONS COUNT`: sends exactly that many requests

mod bare;
mod check;
mod count;
mod http1;
mod http2;
mod load;
#[cfg(feature = "rivals")]
mod rivals;
mod served;
mod servers;
mod site;
mod start;
mod table;
mod wire;
mod workloads;

use manager_bench::machine;
use manager_bench::measure::Scale;

use crate::load::Order;
use crate::workloads::Wanted;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match *words {
        ["serve", name] => servers::serve(name),
        ["load", address, question, protocol, connections, server, millis] => {
            let order = order(address, question, protocol, connections);
            load::for_some_time(&order, number(server) as u32, number(millis));
        }
        ["requests", address, question, protocol, connections, count] => {
            load::of_some_requests(&order(address, question, protocol, connections), number(count));
        }
        ["count", ..] => {
            println!("{}", machine::describe());
            count::tables(&Wanted::from_arguments());
        }
        ["start", ..] => {
            println!("{}", machine::describe());
            start::table(&Wanted::from_arguments());
        }
        _ => {
            println!("{}", machine::describe());
            table::tables(Scale::from_arguments(), &Wanted::from_arguments());
        }
    }
}

fn order<'a>(address: &'a str, question: &'a str, protocol: &str, connections: &str) -> Order<'a> {
    let protocol = protocol.parse().expect("a protocol");
    Order { address, question, protocol, connections: number(connections) }
}

fn number(word: &str) -> u64 {
    word.parse().expect("a number")
}
