//! A facade, as a company might have one: its programs depend on this crate alone and say
//! `crate = ui_tests::runtime`. And a client, for the programs that ask themselves over HTTP.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

pub use manager_runtime as runtime;

/// Sends `GET /path` and the like to a program on this machine, and gives the status and the body of
/// the answer. It waits as long as that takes, so the runtime needs another thread.
///
/// # Errors
///
/// Those of the connection, and an answer that is none of HTTP/1.1.
pub fn ask(address: SocketAddr, request: &str, body: &str) -> io::Result<(u16, String)> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(20)))?;
    let length = body.len();
    write!(
        stream,
        "{request} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {length}\r\n\
         Connection: close\r\n\r\n{body}"
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let parts = answer.split_once("\r\n\r\n");
    let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok());
    match (status, parts) {
        (Some(status), Some((_, body))) => Ok((status, body.to_owned())),
        _ => Err(io::Error::other(answer)),
    }
}
