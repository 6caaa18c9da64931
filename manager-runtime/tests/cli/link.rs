//! What stands between a client and a service, and gets in the way: connections go through it until so many
//! bytes have passed. And a service that says what it is told to.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(30);

/// A way to a service that stops in the middle, in one direction.
pub(crate) struct Link {
    pub(crate) url: String,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    inner: Mutex<Inner>,
    changed: Condvar,
}

#[derive(Default)]
struct Inner {
    to: Option<SocketAddr>,
    up: u64,
    down: u64,
    /// Nothing passes beyond it.
    most_up: Option<u64>,
    most_down: Option<u64>,
    open: Vec<TcpStream>,
}

impl Link {
    pub(crate) fn to(address: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::new(State::default());
        state.inner.lock().unwrap().to = Some(address);
        let own = state.clone();
        thread::spawn(move || {
            for client in listener.incoming() {
                let Ok(client) = client else { return };
                let to = own.inner.lock().unwrap().to;
                // A service that is away: the connection ends at once.
                let Some(server) = to.and_then(|to| TcpStream::connect(to).ok()) else { continue };
                own.inner
                    .lock()
                    .unwrap()
                    .open
                    .extend([client.try_clone().unwrap(), server.try_clone().unwrap()]);
                for is_up in [true, false] {
                    let pair = (client.try_clone().unwrap(), server.try_clone().unwrap());
                    let (from, to) = if is_up { pair } else { (pair.1, pair.0) };
                    let own = own.clone();
                    thread::spawn(move || own.carry(from, to, is_up));
                }
            }
        });
        Link { url, state }
    }

    /// Lets so many more bytes go to the service.
    pub(crate) fn stop_up(&self, most: u64) {
        let mut inner = self.state.inner.lock().unwrap();
        inner.most_up = Some(inner.up + most);
    }

    /// Lets so many more bytes come from the service.
    pub(crate) fn stop_down(&self, most: u64) {
        let mut inner = self.state.inner.lock().unwrap();
        inner.most_down = Some(inner.down + most);
    }

    /// Waits until nothing passes any more.
    pub(crate) fn wait_until_stopped(&self) {
        let stopped = |inner: &mut Inner| {
            !(inner.most_up == Some(inner.up) || inner.most_down == Some(inner.down))
        };
        let inner = self.state.inner.lock().unwrap();
        let (inner, late) =
            self.state.changed.wait_timeout_while(inner, PATIENCE, stopped).unwrap();
        drop(inner);
        assert!(!late.timed_out(), "so much never came");
    }

    /// Cuts what is open. New connections go to the address, as much as they like.
    pub(crate) fn cut(&self, to: Option<SocketAddr>) {
        let mut inner = self.state.inner.lock().unwrap();
        (inner.to, inner.most_up, inner.most_down) = (to, None, None);
        for stream in inner.open.drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
        drop(inner);
        self.state.changed.notify_all();
    }

    /// How much has passed, to the service and from it.
    pub(crate) fn passed(&self) -> (u64, u64) {
        let inner = self.state.inner.lock().unwrap();
        (inner.up, inner.down)
    }
}

impl State {
    fn carry(&self, mut from: TcpStream, mut to: TcpStream, is_up: bool) {
        let mut buffer = vec![0; 64 << 10];
        while let Ok(read) = from.read(&mut buffer) {
            if read == 0 {
                break;
            }
            let mut passed = 0;
            while passed < read {
                let length = {
                    let inner = self.inner.lock().unwrap();
                    let left = |inner: &Inner| {
                        let (most, so_far) = match is_up {
                            true => (inner.most_up, inner.up),
                            false => (inner.most_down, inner.down),
                        };
                        most.map_or(u64::MAX, |most| most.saturating_sub(so_far))
                    };
                    let mut inner =
                        self.changed.wait_while(inner, |inner| left(inner) == 0).unwrap();
                    let length = left(&inner).min((read - passed) as u64);
                    *(if is_up { &mut inner.up } else { &mut inner.down }) += length;
                    usize::try_from(length).unwrap()
                };
                if to.write_all(&buffer[passed..passed + length]).is_err() {
                    return;
                }
                passed += length;
                self.changed.notify_all();
            }
        }
        let _ = to.shutdown(Shutdown::Write);
    }
}

/// A service that answers each request by its first line, and ends the connection.
pub(crate) fn service(answer: impl Fn(&str) -> Vec<u8> + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let mut request = Vec::new();
            let mut byte = [0];
            while !request.ends_with(b"\r\n\r\n") {
                match stream.read(&mut byte) {
                    Ok(1) => request.push(byte[0]),
                    _ => break,
                }
            }
            let head = String::from_utf8_lossy(&request).to_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            let length = length.map_or(0, |length| length.parse().unwrap());
            let _ = std::io::copy(&mut (&stream).take(length), &mut std::io::sink());
            let request = String::from_utf8_lossy(&request).into_owned();
            let _ = stream.write_all(&answer(&request));
        }
    });
    url
}
