//! The client: reads and writes pieces of a size that costs it little.

use std::io::{Read, Write};
use std::net::TcpStream;

const PIECE: usize = 256 * 1024;

/// Reads an answer of so many bytes.
pub(crate) fn down(address: &str, path: &str, bytes: u64) {
    let mut stream = TcpStream::connect(address).expect("the server accepts");
    write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n").expect("the server reads");
    let mut buffer = vec![0; PIECE];
    let mut rest = head(&mut stream, &mut buffer);
    while rest < bytes {
        let read = stream.read(&mut buffer).expect("the server answers");
        assert!(read > 0, "the answer ends after {rest} bytes");
        rest += read as u64;
    }
    assert_eq!(rest, bytes, "the answer is longer");
}

/// Sends so many bytes, and sees that all of them were counted.
pub(crate) fn up(address: &str, path: &str, bytes: u64) {
    let mut stream = TcpStream::connect(address).expect("the server accepts");
    write!(stream, "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {bytes}\r\n\r\n")
        .expect("the server reads");
    let piece: Vec<u8> = (0..PIECE).map(|at| at as u8).collect();
    let mut left = bytes;
    while left > 0 {
        let now = left.min(PIECE as u64);
        stream.write_all(&piece[..now as usize]).expect("the server reads");
        left -= now;
    }
    let mut buffer = vec![0; 4096];
    let length = head(&mut stream, &mut buffer) as usize;
    assert_eq!(String::from_utf8_lossy(&buffer[..length]), bytes.to_string());
}

/// Reads up to the end of a head, and moves what came behind it to the front.
fn head(stream: &mut TcpStream, buffer: &mut [u8]) -> u64 {
    let mut length = 0;
    loop {
        let read = stream.read(&mut buffer[length..]).expect("the server answers");
        assert!(read > 0, "the answer has no end of its head");
        length += read;
        let end = buffer[..length].windows(4).position(|end| end == b"\r\n\r\n");
        if let Some(end) = end {
            assert!(buffer.starts_with(b"HTTP/1.1 200 "), "the answer is another one");
            buffer.copy_within(end + 4..length, 0);
            return (length - end - 4) as u64;
        }
    }
}
