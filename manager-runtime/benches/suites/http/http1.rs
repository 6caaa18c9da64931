//! A connection of the client that speaks HTTP/1.1.

use std::time::Instant;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::load::Done;
use crate::wire::Question;

/// What every answer begins with.
const OK: &[u8] = b"HTTP/1.1 200 ";

/// What follows a body whose length was not said beforehand.
const END_OF_CHUNKS: &[u8] = b"\r\n0\r\n\r\n";

/// Sends requests, so many at a time, while it may go on. The first answer is looked at; the others have to be as long
/// and to begin and end like it.
pub(crate) async fn connection<G: Fn() -> bool>(
    address: &str,
    question: Question,
    at_once: usize,
    ready: impl Future<Output = G>,
) -> Done {
    let mut stream = TcpStream::connect(address).await.expect("the server accepts");
    stream.set_nodelay(true).expect("a socket has no delay");
    let request = question.request();
    stream.write_all(&request).await.expect("the server reads");
    let First { length, end } = first(&mut stream, question.answer.as_bytes()).await;

    let requests = request.repeat(at_once);
    let mut answers = vec![0; length * at_once];
    let mut done = Done::default();
    let go_on = ready.await;
    while go_on() {
        let begun = Instant::now();
        stream.write_all(&requests).await.expect("the server reads");
        // Nothing follows before the next requests.
        stream.read_exact(&mut answers).await.expect("the server answers");
        for answer in answers.chunks_exact(length) {
            let is_right = answer.starts_with(OK) && answer.ends_with(&end);
            assert!(is_right, "another answer: {}", String::from_utf8_lossy(answer));
        }
        done.one(at_once, begun);
    }
    done
}

/// How long the first answer is, and how it ends.
struct First {
    length: usize,
    end: Vec<u8>,
}

async fn first(stream: &mut TcpStream, body: &[u8]) -> First {
    let mut answer = Vec::new();
    let ends = [body.to_vec(), [body, END_OF_CHUNKS].concat()];
    loop {
        let text = || String::from_utf8_lossy(&answer);
        if let Some(end) = ends.iter().find(|end| answer.ends_with(end)) {
            // The rest of a body in chunks may be on its way.
            let is_in_chunks = text().to_ascii_lowercase().contains("transfer-encoding: chunked");
            if is_in_chunks == (end.len() > body.len()) {
                assert!(answer.starts_with(OK), "the answer is a refusal: {}", text());
                return First { length: answer.len(), end: end.clone() };
            }
        }
        let read = stream.read_buf(&mut answer).await.expect("the server answers");
        let text = || String::from_utf8_lossy(&answer);
        assert!(read > 0, "the answer ends too early, or is another one: {}", text());
    }
}
