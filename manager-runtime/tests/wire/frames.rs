//! A client of HTTP/2 that sends whatever it is told, frame by frame (RFC 9113, section 4.1), and reads what
//! comes as far as it matters here.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub(crate) const DATA: u8 = 0;
pub(crate) const HEADERS: u8 = 1;
pub(crate) const PRIORITY: u8 = 2;
pub(crate) const RST_STREAM: u8 = 3;
pub(crate) const SETTINGS: u8 = 4;
pub(crate) const PUSH_PROMISE: u8 = 5;
pub(crate) const PING: u8 = 6;
pub(crate) const GOAWAY: u8 = 7;
pub(crate) const WINDOW_UPDATE: u8 = 8;
pub(crate) const CONTINUATION: u8 = 9;

pub(crate) const END_STREAM: u8 = 1;
pub(crate) const ACK: u8 = 1;
pub(crate) const END_HEADERS: u8 = 4;
pub(crate) const PADDED: u8 = 8;
pub(crate) const PRIORITIZED: u8 = 0x20;

pub(crate) const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

pub(crate) fn frame(kind: u8, flags: u8, stream: u32, payload: impl AsRef<[u8]>) -> Vec<u8> {
    let payload = payload.as_ref();
    let [_, a, b, c] = (payload.len() as u32).to_be_bytes();
    let mut frame = vec![a, b, c, kind, flags];
    frame.extend(stream.to_be_bytes());
    frame.extend(payload);
    frame
}

pub(crate) fn setting(number: u16, value: u32) -> Vec<u8> {
    [&number.to_be_bytes()[..], &value.to_be_bytes()].concat()
}

/// A field, literal and not indexed (RFC 7541, section 6.2.2).
pub(crate) fn field(name: &str, value: &str) -> Vec<u8> {
    let mut field = vec![0];
    for text in [name, value] {
        field.extend(length(text.len()));
        field.extend(text.bytes());
    }
    field
}

/// A length with a prefix of 7 bits (RFC 7541, section 5.1).
pub(crate) fn length(length: usize) -> Vec<u8> {
    if length < 127 {
        return vec![length as u8];
    }
    let (mut bytes, mut rest) = (vec![127], length - 127);
    while rest >= 128 {
        bytes.push((rest % 128 + 128) as u8);
        rest /= 128;
    }
    bytes.push(rest as u8);
    bytes
}

pub(crate) fn fields(fields: &[(&str, &str)]) -> Vec<u8> {
    fields.iter().flat_map(|(name, value)| field(name, value)).collect()
}

/// The fields of a good request.
pub(crate) fn request(method: &str, path: &str) -> Vec<u8> {
    let authority = (":authority", "localhost");
    fields(&[(":method", method), (":scheme", "http"), (":path", path), authority])
}

/// A whole request without a body.
pub(crate) fn get(stream: u32, path: &str) -> Vec<u8> {
    frame(HEADERS, END_STREAM | END_HEADERS, stream, request("GET", path))
}

/// The beginning of a request with a body.
pub(crate) fn post(stream: u32, path: &str) -> Vec<u8> {
    frame(HEADERS, END_HEADERS, stream, request("POST", path))
}

/// What came.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Event {
    Status(u32, u16),
    Data {
        stream: u32,
        length: usize,
        ends: bool,
    },
    Reset(u32, u32),
    Goaway(u32),
    Pong,
    SettingsAck,
    Other(u8),
    /// The end of the connection, in whatever way.
    Closed,
    /// Nothing for a while.
    Silence,
}

pub(crate) struct Peer {
    pub(crate) stream: TcpStream,
    unread: Vec<u8>,
}

impl Peer {
    /// A connection that has said nothing.
    pub(crate) async fn bare(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Peer { stream, unread: Vec::new() }
    }

    /// A connection that has begun, with these settings.
    pub(crate) async fn connect(address: SocketAddr, settings: impl AsRef<[u8]>) -> Self {
        let mut peer = Peer::bare(address).await;
        peer.send([PREFACE, &frame(SETTINGS, 0, 0, settings)].concat()).await.unwrap();
        peer
    }

    pub(crate) async fn send(&mut self, bytes: impl AsRef<[u8]>) -> io::Result<()> {
        self.stream.write_all(bytes.as_ref()).await
    }

    /// What comes next, within so much time.
    pub(crate) async fn event(&mut self, patience: Duration) -> Event {
        match tokio::time::timeout(patience, self.next()).await {
            Ok(Ok(event)) => event,
            Ok(Err(_)) => Event::Closed,
            Err(_) => Event::Silence,
        }
    }

    /// Reads until the event comes, or the end; whether it came.
    pub(crate) async fn until(&mut self, found: impl Fn(&Event) -> bool) -> bool {
        loop {
            match self.event(Duration::from_secs(10)).await {
                event if found(&event) => return true,
                Event::Closed | Event::Silence => return false,
                _ => {}
            }
        }
    }

    async fn next(&mut self) -> io::Result<Event> {
        let header = self.bytes(9).await?;
        let length = u32::from_be_bytes([0, header[0], header[1], header[2]]) as usize;
        let (kind, flags) = (header[3], header[4]);
        let stream = u32::from_be_bytes([header[5], header[6], header[7], header[8]]);
        let payload = self.bytes(9 + length).await?[9..].to_vec();
        self.unread.drain(..9 + length);
        let number = |at: usize| u32::from_be_bytes(payload[at..at + 4].try_into().unwrap());
        Ok(match kind {
            HEADERS => Event::Status(stream, status(&payload)),
            DATA => Event::Data { stream, length, ends: flags & END_STREAM != 0 },
            RST_STREAM => Event::Reset(stream, number(0)),
            GOAWAY => Event::Goaway(number(4)),
            PING if flags & ACK != 0 => Event::Pong,
            SETTINGS if flags & ACK != 0 => Event::SettingsAck,
            kind => Event::Other(kind),
        })
    }

    /// So many bytes, which stay to be read.
    async fn bytes(&mut self, count: usize) -> io::Result<&[u8]> {
        let mut piece = [0; 16 * 1024];
        while self.unread.len() < count {
            let read = self.stream.read(&mut piece).await?;
            if read == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            self.unread.extend_from_slice(&piece[..read]);
        }
        Ok(&self.unread[..count])
    }
}

/// The status, which is the first field of an answer: from the static table, or its name from there with
/// three digits in the code of Huffman (RFC 7541, appendices A and B).
fn status(mut block: &[u8]) -> u16 {
    // A new size of the table comes before it.
    while block[0] & 0xe0 == 0x20 {
        block = &block[1..];
    }
    match block[0] {
        0x88 => 200,
        0x89 => 204,
        0x8a => 206,
        0x8b => 304,
        0x8c => 400,
        0x8d => 404,
        0x8e => 500,
        0x48 | 0x08 | 0x18 if block[1] & 0x80 == 0 => {
            std::str::from_utf8(&block[2..5]).unwrap().parse().unwrap()
        }
        0x48 | 0x08 | 0x18 => {
            let bits = |at: usize, count: usize| {
                (at..at + count)
                    .fold(0_u8, |all, bit| all << 1 | (block[2 + bit / 8] >> (7 - bit % 8) & 1))
            };
            let (mut at, mut number) = (0, 0);
            for _ in 0..3 {
                let digit = match bits(at, 5) {
                    digit @ 0..=2 => {
                        at += 5;
                        digit
                    }
                    _ => {
                        let digit = bits(at, 6) - 0x19 + 3;
                        at += 6;
                        digit
                    }
                };
                number = number * 10 + u16::from(digit);
            }
            number
        }
        other => panic!("no status: {other:x}"),
    }
}
