//! A client with one connection that waits for each answer.

use std::io::{Read, Write};
use std::net::TcpStream;

/// One connection.
pub(crate) struct Client {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// A request with a body, which is empty for `GET`.
pub(crate) fn request(method: &str, path: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head =
        format!("{method} {path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: {length}\r\n\r\n");
    [head.as_bytes(), body].concat()
}

impl Client {
    pub(crate) fn connect(address: &str) -> std::io::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        Ok(Client { stream, buffer: Vec::new() })
    }

    /// Sends a request and reads the answer, the whole of which is `OK`.
    ///
    /// # Panics
    ///
    /// If the answer is another one, or ends early.
    pub(crate) fn ask(&mut self, request: &[u8]) -> &[u8] {
        self.stream.write_all(request).expect("the server reads");
        let (mut length, mut whole, mut head) = (0, usize::MAX, 0);
        while length < whole {
            if self.buffer.len() < length + 4096 {
                self.buffer.resize((length + 4096) * 2, 0);
            }
            let read = self.stream.read(&mut self.buffer[length..]).expect("the server answers");
            assert!(read > 0, "the answer ends too early");
            length += read;
            if whole == usize::MAX
                && let Some(end) = end_of_head(&self.buffer[..length])
            {
                let text = String::from_utf8_lossy(&self.buffer[..end]).to_ascii_lowercase();
                assert!(text.starts_with("http/1.1 200"), "{text}");
                let body = text.lines().find_map(|line| line.strip_prefix("content-length: "));
                let body: usize = body.and_then(|text| text.parse().ok()).expect("a length");
                (head, whole) = (end, end + body);
                self.buffer.resize(self.buffer.len().max(whole), 0);
            }
        }
        &self.buffer[head..whole]
    }
}

fn end_of_head(bytes: &[u8]) -> Option<usize> {
    bytes.windows(4).position(|four| four == b"\r\n\r\n").map(|at| at + 4)
}
