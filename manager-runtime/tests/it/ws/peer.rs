//! A client of WebSockets that writes exactly the frames that it is told to.

use std::io;
use std::net::SocketAddr;

use crate::support::{Answer, Client};

pub(super) const TEXT: u8 = 1;
pub(super) const BINARY: u8 = 2;
pub(super) const CLOSE: u8 = 8;
pub(super) const PING: u8 = 9;
pub(super) const PONG: u8 = 10;
/// The last fragment, or the only one.
pub(super) const FIN: u8 = 0x80;

pub(super) fn handshake(path: &str, headers: &str) -> String {
    format!(
        "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{headers}\r\n"
    )
}

/// A frame of a client: its first byte, and a payload under a mask.
pub(super) fn frame(first: u8, payload: impl AsRef<[u8]>) -> Vec<u8> {
    let payload = payload.as_ref();
    let mut bytes = vec![first];
    match payload.len() {
        length @ 0..=125 => bytes.push(0x80 | length as u8),
        length @ 126..=65_535 => {
            bytes.push(0x80 | 126);
            bytes.extend((length as u16).to_be_bytes());
        }
        length => {
            bytes.push(0x80 | 127);
            bytes.extend((length as u64).to_be_bytes());
        }
    }
    let mask = [0x37, 0xfa, 0x21, 0x3d];
    bytes.extend(mask);
    bytes.extend(payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask));
    bytes
}

pub(super) fn text(text: &str) -> Vec<u8> {
    frame(FIN | TEXT, text)
}

pub(super) fn close(code: u16, reason: impl AsRef<[u8]>) -> Vec<u8> {
    frame(FIN | CLOSE, [&code.to_be_bytes()[..], reason.as_ref()].concat())
}

pub(super) struct Peer(pub(super) Client);

impl Peer {
    pub(super) async fn open(address: SocketAddr, path: &str) -> Self {
        let (peer, answer) = Self::ask(address, handshake(path, "")).await;
        assert_eq!(answer.status, 101, "{}", answer.text());
        peer
    }

    pub(super) async fn ask(address: SocketAddr, request: impl AsRef<[u8]>) -> (Self, Answer) {
        let mut client = Client::connect(address).await;
        let answer = client.ask(request).await;
        (Peer(client), answer)
    }

    pub(super) async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.0.send(bytes).await;
    }

    /// The next frame of the server; a reset is a failure of the test.
    pub(super) async fn frame(&mut self) -> Option<(u8, Vec<u8>)> {
        self.try_frame().await.expect("no reset")
    }

    pub(super) async fn try_frame(&mut self) -> io::Result<Option<(u8, Vec<u8>)>> {
        let Some(head) = self.0.bytes(2).await? else { return Ok(None) };
        assert_eq!(head[1] & 0x80, 0, "a server never masks");
        let length = match head[1] {
            126 => self.length(2).await?,
            127 => self.length(8).await?,
            length => usize::from(length),
        };
        Ok(Some((head[0], self.whole(length).await?)))
    }

    async fn length(&mut self, bytes: usize) -> io::Result<usize> {
        let length = self.whole(bytes).await?;
        Ok(length.iter().fold(0, |length, byte| length << 8 | usize::from(*byte)))
    }

    async fn whole(&mut self, bytes: usize) -> io::Result<Vec<u8>> {
        self.0.bytes(bytes).await?.ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
    }

    #[track_caller]
    pub(super) fn expect(
        &mut self,
        first: u8,
        payload: impl AsRef<[u8]>,
    ) -> impl Future<Output = ()> {
        let place = std::panic::Location::caller();
        async move {
            let (got, content) = self.frame().await.expect("a frame");
            assert_eq!(got, first, "{place}: {:?}", String::from_utf8_lossy(&content));
            assert!(content == payload.as_ref(), "{place}: {} bytes", content.len());
        }
    }

    /// The close of the server, and then the end of its side of the connection, which is ours to see
    /// while our own side is still open.
    pub(super) async fn closed(&mut self) -> (Option<u16>, String) {
        let (first, payload) = self.frame().await.expect("a close");
        assert_eq!(first, FIN | CLOSE, "{:?}", String::from_utf8_lossy(&payload));
        assert_eq!(self.0.bytes(1).await.expect("no reset"), None, "nothing after a close");
        match payload.split_at_checked(2) {
            Some((code, reason)) => {
                let code = u16::from_be_bytes([code[0], code[1]]);
                (Some(code), String::from_utf8(reason.to_vec()).unwrap())
            }
            None => (None, String::new()),
        }
    }

    #[track_caller]
    pub(super) fn closed_with(&mut self, code: u16) -> impl Future<Output = ()> {
        let place = std::panic::Location::caller();
        async move { assert_eq!(self.closed().await.0, Some(code), "{place}") }
    }

    /// A close of the server that we answer.
    pub(super) async fn answers_close(&mut self, code: u16) {
        let (first, payload) = self.frame().await.expect("a close");
        assert_eq!((first, &payload[..2]), (FIN | CLOSE, &code.to_be_bytes()[..]));
        self.send(frame(FIN | CLOSE, payload)).await;
        assert_eq!(self.0.bytes(1).await.expect("no reset"), None);
    }
}
