//! TLS, and who the client is. Without more it speaks with a certificate for this machine, which it makes at the
//! start: `curl -k https://localhost:8080/hello/Ada`. With `--tls-dev=false` and files it is yours.

use manager_runtime::Peer;
use manager_runtime::prelude::*;

/// Greets, and says with which certificate the client came, if it was asked for one.
#[handler(get = "/hello/{name}")]
async fn hello(Path(name): Path<String>, peer: Peer) -> String {
    match peer.certificate().and_then(|certificate| certificate.names().next()) {
        Some(known_as) => format!("hello {name}, known as {known_as}"),
        None => format!("hello {name}"),
    }
}

fn main() -> ExitCode {
    manager! { tls: { dev: true } }
}
