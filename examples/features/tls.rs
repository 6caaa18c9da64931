//! TLS, and who the client is. Without more it speaks with a certificate for this machine, which it makes at the
//! start: `curl -k -d Ada https://localhost:8080/hello`. With `--tls-dev=false` and files it is yours.

use manager_runtime::Peer;
use manager_runtime::prelude::*;

/// Greets, and says with which certificate the client came, if it was asked for one.
#[handler]
async fn hello(name: String, peer: Option<Peer>) -> String {
    let certificate = peer.as_ref().and_then(Peer::certificate);
    match certificate.and_then(|certificate| certificate.names().next()) {
        Some(known_as) => format!("hello {name}, known as {known_as}"),
        None => format!("hello {name}"),
    }
}

fn main() -> ExitCode {
    manager! { tls: { dev: true } }
}
