//! The socket: accepting connections, and at the end serving out those that the kernel has queued.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::{Semaphore, mpsc};
use tokio::time::Instant;

use crate::config::{Address, Host};
use crate::edge::Edge;
use crate::http::addresses::Present;
use crate::http::connection;
use crate::http::site::Site;
use crate::shutdown::Phase;

/// A bound port that is not served yet.
pub(crate) struct Listener {
    socket: TcpListener,
    address: SocketAddr,
    /// Whether the socket is ours alone. One that was handed over goes on listening when this process has
    /// ended, for the next one.
    own: bool,
}

/// How many connections the kernel may queue for us. It cuts this to its own limit.
const BACKLOG: u32 = 4096;

/// How long a connection that was being opened when the port closes may take to be open.
const HANDSHAKES: Duration = Duration::from_millis(200);

/// How long accepting pauses when the process is out of file descriptors.
const PAUSE: Duration = Duration::from_millis(100);

impl Listener {
    /// Serves the socket that was handed over, or takes the port of the address.
    ///
    /// # Errors
    ///
    /// As of [`bind`](Self::bind).
    pub(crate) async fn open(
        address: &Address,
        inherited: Option<std::net::TcpListener>,
    ) -> Result<Self, String> {
        match inherited {
            Some(socket) => Self::inherited(socket)
                .map_err(|error| format!("cannot serve the socket that was handed over: {error}")),
            None => Self::bind(address).await,
        }
    }

    fn inherited(socket: std::net::TcpListener) -> io::Result<Self> {
        socket.set_nonblocking(true)?;
        let socket = TcpListener::from_std(socket)?;
        Ok(Listener { address: socket.local_addr()?, socket, own: false })
    }

    /// Takes the port.
    ///
    /// # Errors
    ///
    /// A text that names the address and what can be done.
    async fn bind(address: &Address) -> Result<Self, String> {
        let port = address.port;
        let candidates: Vec<SocketAddr> = match &address.host {
            Host::Ip(ip) => vec![SocketAddr::new(*ip, port)],
            Host::Name(name) => tokio::net::lookup_host((name.as_str(), port))
                .await
                .map_err(|error| format!("cannot listen on {address}: {error}"))?
                .collect(),
        };
        let mut refusal = format!("cannot listen on {address}: the name has no address");
        for candidate in candidates {
            match open(candidate) {
                Ok(socket) => {
                    let address = socket.local_addr().unwrap_or(candidate);
                    return Ok(Listener { socket, address, own: true });
                }
                Err(error) => refusal = explain(address, &error),
            }
        }
        Err(refusal)
    }

    /// The address that was taken, with the real port.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Accepts until the manager drains, then what is queued, then closes the port. Returns once every
    /// connection has ended.
    pub(crate) async fn serve(self, site: Arc<Site>) {
        let limit = Arc::new(Semaphore::new(site.limits().connections));
        // Every connection holds a sender; when the last is gone, so are the connections.
        let (open, mut ended) = mpsc::channel::<()>(1);
        let life = site.life().clone();
        let mut draining = std::pin::pin!(life.reaches(Phase::Draining));
        loop {
            // The place is taken first: what is beyond the limit waits in the kernel's queue.
            let accepted = async {
                let permit = limit.clone().acquire_owned().await;
                (accept(&self.socket, site.edge()).await, permit)
            };
            let ((stream, peer), permit) = tokio::select! {
                biased;
                () = &mut draining => break,
                accepted = accepted => accepted,
            };
            let Some(present) = enter(&site, peer) else { continue };
            let (site, open) = (site.clone(), open.clone());
            tokio::spawn(async move {
                connection::serve(stream, peer, site).await;
                drop((permit, present, open));
            });
        }
        self.serve_out(&site, &open).await;
        drop(open);
        let _ = ended.recv().await;
    }

    /// Accepts what the kernel has completed already, and closes the port if it is ours.
    async fn serve_out(self, site: &Arc<Site>, open: &mpsc::Sender<()>) {
        if !self.own {
            // Whoever stands in its queue is the next process's.
            return;
        }
        stop_new_connections(&self.socket);
        let Ok(socket) = self.socket.into_std() else { return };
        // A handshake whose last packet is on its way is done by then; the client may have sent its
        // request with that packet.
        let until = Instant::now() + HANDSHAKES;
        loop {
            match socket.accept() {
                Ok((stream, peer)) => {
                    let ready =
                        stream.set_nonblocking(true).and_then(|()| TcpStream::from_std(stream));
                    let Ok(stream) = ready else { continue };
                    let Some(present) = enter(site, peer) else { continue };
                    let (site, open) = (site.clone(), open.clone());
                    tokio::spawn(async move {
                        connection::serve(stream, peer, site).await;
                        drop((present, open));
                    });
                }
                Err(error) if is_one_connection(&error) => {}
                // Empty, or out of descriptors until others end.
                Err(_) if Instant::now() < until => {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
                Err(_) => return,
            }
        }
    }
}

/// An accepted connection, counted until it ends.
struct Open {
    edge: Arc<Edge>,
    _present: Present,
}

impl Drop for Open {
    fn drop(&mut self) {
        self.edge.connections.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Counts a connection in, unless there are too many from its address. It is closed then without a word:
/// whoever opens that many gets nothing that costs more than opening it.
fn enter(site: &Site, peer: SocketAddr) -> Option<Open> {
    let edge = site.edge();
    edge.accepted.one();
    let limit = site.limits().connections_per_address;
    let Some(present) = site.load().addresses.enter(peer.ip(), limit) else {
        edge.refused_connections.one();
        if edge.may_tell() {
            tracing::warn!(address = %peer.ip(), limit, "too many connections from one address");
        }
        return None;
    };
    edge.connections.fetch_add(1, Ordering::Relaxed);
    Some(Open { edge: edge.clone(), _present: present })
}

fn open(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4()?,
        SocketAddr::V6(_) => TcpSocket::new_v6()?,
    };
    // A restart takes the port at once, while old connections still linger in the kernel.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

fn explain(address: &Address, error: &io::Error) -> String {
    let way_out = match error.kind() {
        io::ErrorKind::AddrInUse => {
            "another program has this port; stop it, or choose another with --bind or MANAGER_BIND"
        }
        io::ErrorKind::PermissionDenied => {
            "ports below 1024 are reserved; choose another with --bind or MANAGER_BIND"
        }
        io::ErrorKind::AddrNotAvailable => "this machine has no such address",
        _ => return format!("cannot listen on {address}: {error}"),
    };
    format!("cannot listen on {address}: {way_out}")
}

/// The next connection. What goes wrong with one of them is nothing to the listener.
async fn accept(socket: &TcpListener, edge: &Edge) -> (TcpStream, SocketAddr) {
    loop {
        match socket.accept().await {
            Ok(accepted) => return accepted,
            Err(error) if is_one_connection(&error) => {}
            Err(error) => {
                // Out of descriptors or memory: others have to end before this can go on.
                edge.accept_errors.one();
                if edge.may_tell() {
                    tracing::error!(%error, "cannot accept connections for a moment");
                }
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

fn is_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::Interrupted
    )
}

/// Makes the kernel drop every packet that would open a connection. A client that comes now tries
/// again a second later and is refused by then; one that is in the queue is still served. Without this
/// a connection could complete between the last look at the queue and the closing of the port, and
/// would be reset.
#[cfg(target_os = "linux")]
fn stop_new_connections(socket: &TcpListener) {
    use socket2::{SockFilter, SockRef};
    // Classic BPF over the TCP header: byte 13 has the flags, bit 1 is SYN.
    const LOAD_BYTE: u16 = 0x30;
    const JUMP_IF_SET: u16 = 0x45;
    const RETURN: u16 = 0x06;
    let filter = [
        SockFilter::new(LOAD_BYTE, 0, 0, 13),
        SockFilter::new(JUMP_IF_SET, 0, 1, 0x02),
        SockFilter::new(RETURN, 0, 0, 0),
        SockFilter::new(RETURN, 0, 0, u32::MAX),
    ];
    if let Err(error) = SockRef::from(socket).attach_filter(&filter) {
        tracing::debug!(%error, "new connections may still complete while the port closes");
    }
}

#[cfg(not(target_os = "linux"))]
fn stop_new_connections(_: &TcpListener) {}
