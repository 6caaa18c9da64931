//! Whether a server does all of the work, so that none is fast by leaving some of it out.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use crate::servers::Maker;
use crate::wire::{self, BODY_LIMIT, KEY, Question};

/// An answer, as far as it is looked at.
pub(crate) struct Answer {
    pub(crate) status: u16,
    head: String,
    body: Vec<u8>,
}

/// Asks everything once, well and badly.
///
/// # Panics
///
/// If an answer is not what it should be.
pub(crate) fn all(maker: &Maker, address: &str) {
    let mut names = vec!["plain", "add", "sum", "order", "chain"];
    if maker.name == "manager" {
        names.push("chain_by_name");
    }
    for name in names {
        let question = wire::question(name);
        answers(maker, address, &question);
        let stranger = ask(address, &question.request_with("somebody else's"));
        assert_eq!(stranger.status, 401, "{}: {name} without the key", maker.title);
        if !question.body.is_empty() {
            refuses_bad_bodies(maker, address, &question);
        }
    }
    for pattern in wire::others() {
        let path = pattern.replace("{id}", "19").replace("{note}", "23");
        let answer = ask(address, &get(&path));
        let is_right = answer.status == 200 && answer.body.is_empty();
        assert!(is_right, "{}: {path} gives {}", maker.title, answer.status);
    }
    let lost = ask(address, &get("/nowhere/at/all"));
    assert_eq!(lost.status, 404, "{}: a path without a route", maker.title);
}

fn answers(maker: &Maker, address: &str, question: &Question) {
    let Answer { status, head, body } = ask(address, &question.request());
    let place = format!("{}: {} gives {status}\n{head}", maker.title, question.path);
    assert_eq!(status, 200, "{place}");
    assert_eq!(String::from_utf8_lossy(&body), question.answer, "{place}");
    let media = field(&head, "content-type").unwrap_or_default();
    assert!(media.starts_with(question.media), "{place}");
    // It takes a while to write, and a server with a clock has to (RFC 9110, section 6.6.1).
    assert!(field(&head, "date").is_some(), "{place}");
}

fn refuses_bad_bodies(maker: &Maker, address: &str, question: &Question) {
    let unreadable = ask(address, &with_body(question, &question.body[1..]));
    let status = unreadable.status;
    assert!((400..500).contains(&status), "{}: no JSON gives {status}", maker.title);
    let wrong = question.body.replace("19", "\"a\"");
    let status = ask(address, &with_body(question, &wrong)).status;
    assert!((400..500).contains(&status), "{}: JSON of another shape gives {status}", maker.title);

    let blank = BODY_LIMIT + 1 - question.body.len();
    let long = " ".repeat(blank) + question.body;
    let status = ask_if_heard(address, &with_body(question, &long)).map(|answer| answer.status);
    // A server that does not read so much may end the connection before the client has read its answer.
    let is_refused = status.is_none_or(|status| status == 413);
    assert!(is_refused, "{}: a body over the limit gives {status:?}", maker.title);
}

fn get(path: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer {KEY}\r\n\r\n").into()
}

fn with_body(question: &Question, body: &str) -> Vec<u8> {
    let Question { method, path, .. } = question;
    let length = body.len();
    format!(
        "{method} {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer {KEY}\r\n\
         content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
    )
    .into()
}

fn ask(address: &str, request: &[u8]) -> Answer {
    ask_if_heard(address, request).expect("the server answers")
}

/// One request on a connection of its own; nothing if that is cut before the answer.
fn ask_if_heard(address: &str, request: &[u8]) -> Option<Answer> {
    let mut stream = TcpStream::connect(address).expect("the server accepts");
    stream.set_read_timeout(Some(Duration::from_secs(10))).expect("a socket has a limit");
    ask_on(&mut stream, request).ok()
}

/// Asks on a connection, and reads one answer.
pub(crate) fn ask_on(stream: &mut TcpStream, request: &[u8]) -> io::Result<Answer> {
    stream.write_all(request)?;
    let mut text = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        if let Some(answer) = whole(&text) {
            return Ok(answer);
        }
        match stream.read(&mut buffer)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            read => text.extend(&buffer[..read]),
        }
    }
}

/// The answer, if all of it has come.
fn whole(text: &[u8]) -> Option<Answer> {
    let end = text.windows(4).position(|end| end == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&text[..end]).into_owned();
    let behind = &text[end + 4..];
    let body = match field(&head, "content-length") {
        Some(length) => behind.get(..length.parse().ok()?)?.to_vec(),
        None if field(&head, "transfer-encoding").is_some() => dechunked(behind)?,
        None => Vec::new(),
    };
    let status = head.split(' ').nth(1)?.parse().ok()?;
    Some(Answer { status, head, body })
}

/// What is in chunks (RFC 9112, section 7.1), if the last of them has come.
fn dechunked(mut text: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let line = text.windows(2).position(|end| end == b"\r\n")?;
        let size = usize::from_str_radix(std::str::from_utf8(&text[..line]).ok()?, 16).ok()?;
        let piece = text.get(line + 2..line + 2 + size)?;
        text = text.get(line + 2 + size + 2..)?;
        if size == 0 {
            return Some(body);
        }
        body.extend(piece);
    }
}

/// The value of a field of a head.
fn field<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let mut fields = head.lines().skip(1).filter_map(|line| line.split_once(':'));
    let (_, value) = fields.find(|(field, _)| field.eq_ignore_ascii_case(name))?;
    Some(value.trim())
}
