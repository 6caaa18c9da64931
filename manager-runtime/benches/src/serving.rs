//! What a server in a process of its own does beside its work: it says where it listens, and ends with its parent.

use std::future::Future;
use std::io::Read;
use std::net::SocketAddr;

use tokio::net::TcpListener;

/// Any free port of this machine.
pub const ANY: &str = "127.0.0.1:0";

/// Runs a server, which does not return, until standard input ends.
pub fn until_the_parent_ends(run: impl FnOnce() + Send + 'static) {
    std::thread::spawn(run);
    // Nobody writes; the end comes when the parent closes its side, or is gone.
    let _ = std::io::stdin().read_to_end(&mut Vec::new());
}

/// Says where a server listens: what connects from then on will be answered.
pub fn listens(address: SocketAddr) {
    println!("{address}");
}

/// A free port, which is said.
///
/// # Panics
///
/// If there is none.
pub async fn bind() -> TcpListener {
    let listener = TcpListener::bind(ANY).await.expect("a free port");
    listens(listener.local_addr().expect("a bound port has an address"));
    listener
}

/// Runs a server on the runtime that `#[tokio::main]` would give it, with one thread that works.
///
/// # Panics
///
/// If the system has no thread left.
pub fn on_tokio(serve: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .expect("a runtime can be made")
        .block_on(serve);
}
