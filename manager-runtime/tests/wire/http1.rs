//! What RFC 9110 and RFC 9112 allow in answer to one piece of input: a table. Of each case it says what is
//! sent, with which statuses it may be answered, and whether the connection goes on. In every case the server
//! still serves others, the connection is not out of step, and nobody has got at what was hidden in a body.

use std::fmt::Write as _;
use std::time::Duration;

use manager_runtime::prelude::*;

use crate::served::{Smuggled, manager, settled};
use crate::support::{Client, Gate, LIMIT, get, within};

struct Case {
    name: &'static str,
    /// Where it is ruled: of RFC 9112, unless it begins with another number.
    section: &'static str,
    sent: Vec<u8>,
    /// What the first answer may be; `NONE` for an end without one.
    allowed: &'static [u16],
    then: Then,
    /// What comes of it instead, and why that is left as it is.
    deviation: Option<(u16, &'static str)>,
    /// How many answers there are that need not be looked at before the one that counts.
    before: usize,
}

/// No answer, but the end.
const NONE: u16 = 0;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Then {
    /// The next request is served.
    Keeps,
    Closes,
    /// Either is allowed.
    Either,
}

use Then::{Closes, Either, Keeps};

fn case(
    name: &'static str,
    section: &'static str,
    sent: impl Into<Vec<u8>>,
    allowed: &'static [u16],
    then: Then,
) -> Case {
    Case { name, section, sent: sent.into(), allowed, then, deviation: None, before: 0 }
}

/// A case in which something else comes than is allowed, and does no harm.
fn deviates(status: u16, why: &'static str, case: Case) -> Case {
    Case { deviation: Some((status, why)), ..case }
}

fn after(before: usize, case: Case) -> Case {
    Case { before, ..case }
}

/// A good request but for these lines.
fn with(lines: &str) -> String {
    format!("GET /hello HTTP/1.1\r\nHost: localhost\r\n{lines}\r\n")
}

fn line(line: &str) -> String {
    format!("{line}\r\nHost: localhost\r\n\r\n")
}

fn host(lines: &str) -> String {
    format!("GET /hello HTTP/1.1\r\n{lines}\r\n")
}

fn body(lines: &str, body: &str) -> String {
    format!("POST /echo HTTP/1.1\r\nHost: localhost\r\n{lines}\r\n{body}")
}

fn chunked(text: &str) -> String {
    body("Transfer-Encoding: chunked\r\n", text)
}

/// What is hidden in a body: it looks like a request to whoever takes the length for another one.
const HIDDEN: &str = "GET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n";

fn hosts() -> Vec<Case> {
    vec![
        case("one host", "3.2", host("Host: localhost\r\n"), &[200], Keeps),
        case("host with a port", "3.2", host("Host: localhost:8080\r\n"), &[200], Keeps),
        case("host with an empty port", "9110 4.2.3", host("Host: localhost:\r\n"), &[200], Keeps),
        case("host in capitals", "9110 4.2.3", host("HOST: LOCALHOST\r\n"), &[200], Keeps),
        case("host of IPv6", "3.2", host("Host: [::1]:80\r\n"), &[200], Keeps),
        case("no host", "3.2", host(""), &[400], Either),
        case("two hosts", "3.2", host("Host: localhost\r\nHost: other\r\n"), &[400], Either),
        case(
            "one host twice",
            "3.2",
            host("Host: localhost\r\nHost: localhost\r\n"),
            &[400],
            Either,
        ),
        case("an empty host", "3.2", host("Host:\r\n"), &[400], Either),
        case("a host with a user", "3.2", host("Host: me@localhost\r\n"), &[400], Either),
        case("a list of hosts", "3.2", host("Host: localhost, other\r\n"), &[400], Either),
        case("a host with a space", "3.2", host("Host: local host\r\n"), &[400], Either),
        case("a host with a path", "3.2", host("Host: localhost/x\r\n"), &[400], Either),
        case("a host with a scheme", "3.2", host("Host: http://localhost\r\n"), &[400], Either),
        case("a port that is no number", "3.2", host("Host: localhost:http\r\n"), &[400], Either),
        case("a negative port", "3.2", host("Host: localhost:-1\r\n"), &[400], Either),
        case("a port that is too large", "3.2", host("Host: localhost:65536\r\n"), &[400], Either),
        case("a bare address of IPv6", "3.2", host("Host: ::1\r\n"), &[400], Either),
        case("an open bracket", "3.2", host("Host: [::1\r\n"), &[400], Either),
        case("a name in brackets", "3.2", host("Host: [localhost]\r\n"), &[400], Either),
        case("half a percent", "3.2", host("Host: local%4host\r\n"), &[400], Either),
        case("a host beyond ASCII", "3.2", host("Host: b\u{fc}cher\r\n"), &[400], Either),
        case(
            "absolute form",
            "3.2.2",
            "GET http://localhost/hello HTTP/1.1\r\nHost: localhost\r\n\r\n",
            &[200],
            Keeps,
        ),
        case(
            "absolute form wins",
            "3.2.2",
            "GET http://localhost/hello HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
            &[200],
            Keeps,
        ),
        case(
            "absolute form without a host",
            "3.2",
            "GET http://localhost/hello HTTP/1.1\r\n\r\n",
            &[400],
            Either,
        ),
        case(
            "absolute form with a bad host",
            "3.2",
            "GET http://localhost/hello HTTP/1.1\r\nHost: a b\r\n\r\n",
            &[400],
            Either,
        ),
        case(
            "absolute form with a user",
            "9110 4.2.4",
            "GET http://me@localhost/hello HTTP/1.1\r\nHost: localhost\r\n\r\n",
            &[400],
            Either,
        ),
        case("1.0 without a host", "3.2", "GET /hello HTTP/1.0\r\n\r\n", &[200, 403], Closes),
        case(
            "1.0 with a bad host",
            "3.2",
            "GET /hello HTTP/1.0\r\nHost: a b\r\n\r\n",
            &[400],
            Closes,
        ),
    ]
}

fn request_lines() -> Vec<Case> {
    vec![
        case("no version", "3", "GET /hello\r\n\r\n", &[400, 505, NONE], Closes),
        case("two spaces", "3", line("GET  /hello HTTP/1.1"), &[400], Closes),
        case("two spaces before the version", "3", line("GET /hello  HTTP/1.1"), &[400], Closes),
        case("a space in front", "3", line(" GET /hello HTTP/1.1"), &[400], Closes),
        case("a space behind", "3", line("GET /hello HTTP/1.1 "), &[400], Closes),
        case("a tab", "3", line("GET\t/hello HTTP/1.1"), &[400], Closes),
        case("a space in the target", "3.2", line("GET /hel lo HTTP/1.1"), &[400], Closes),
        case("no target", "3", line("GET HTTP/1.1"), &[400], Closes),
        case("HTTP/2.0 as text", "2.3", line("GET /hello HTTP/2.0"), &[400, 505], Closes),
        case("HTTP/1.2", "2.3", line("GET /hello HTTP/1.2"), &[200, 400, 505], Either),
        case("HTTP/0.9", "2.3", line("GET /hello HTTP/0.9"), &[400, 505], Closes),
        case("HTTP/1.10", "2.3", line("GET /hello HTTP/1.10"), &[400, 505], Closes),
        case("http in small letters", "2.3", line("GET /hello http/1.1"), &[400, 505], Closes),
        case("another protocol", "2.3", line("GET /hello ICY/1.1"), &[400, 505], Closes),
        case(
            "a method in small letters",
            "9110 9.1",
            line("get /hello HTTP/1.1"),
            &[405, 501],
            Keeps,
        ),
        case("an unknown method", "9110 9.1", line("BREW /hello HTTP/1.1"), &[405, 501], Keeps),
        case("a method that is no token", "9110 9.1", line("G(T /hello HTTP/1.1"), &[400], Closes),
        case(
            "a method that never ends",
            "3",
            line(&format!("{} /hello HTTP/1.1", "G".repeat(20_000))),
            &[400, 431, 501],
            Closes,
        ),
        case("a fragment", "3.2", line("GET /hello#x HTTP/1.1"), &[200, 400], Either),
        case("a control character", "3.2", line("GET /hel\x01lo HTTP/1.1"), &[400], Closes),
        case("a NUL", "3.2", line("GET /hel\0lo HTTP/1.1"), &[400], Closes),
        case("a backslash", "3.2", line("GET \\hello HTTP/1.1"), &[400], Closes),
        case("bytes beyond ASCII", "3.2", line("GET /h\u{eb}llo HTTP/1.1"), &[400, 404], Either),
        case("half a percent", "9110 4.2", line("GET /hello%4 HTTP/1.1"), &[400], Either),
        case("an encoded NUL", "9110 4.2", line("GET /hello%00 HTTP/1.1"), &[400, 404], Keeps),
        case(
            "dot segments",
            "9110 4.2.3",
            line("GET /x/../hello HTTP/1.1"),
            &[200, 400, 404],
            Keeps,
        ),
        case(
            "asterisk form",
            "3.2.4",
            line("OPTIONS * HTTP/1.1"),
            &[200, 204, 400, 404, 405],
            Keeps,
        ),
        case("asterisk form of GET", "3.2.4", line("GET * HTTP/1.1"), &[400, 404, 405], Either),
        case(
            "authority form of CONNECT",
            "3.2.3",
            "CONNECT localhost:443 HTTP/1.1\r\nHost: localhost:443\r\n\r\n",
            &[400, 404, 405, 501],
            Either,
        ),
        case(
            "authority form of GET",
            "3.2.3",
            line("GET localhost:443 HTTP/1.1"),
            &[400, 404],
            Either,
        ),
        case(
            "a long target",
            "3",
            line(&format!("GET /{} HTTP/1.1", "a".repeat(8_100))),
            &[404],
            Keeps,
        ),
        case(
            "too long a target",
            "9110 15.5.15",
            line(&format!("GET /{} HTTP/1.1", "a".repeat(9_000))),
            &[414],
            Either,
        ),
        case(
            "far too long a target",
            "9110 15.5.15",
            line(&format!("GET /{} HTTP/1.1", "a".repeat(70_000))),
            &[414, 431],
            Closes,
        ),
        case("one empty line in front", "2.2", format!("\r\n{}", with("")), &[200], Keeps),
        case(
            "two empty lines in front",
            "2.2",
            format!("\r\n\r\n{}", with("")),
            &[200, 400],
            Either,
        ),
        case("nothing but empty lines", "2.2", "\r\n".repeat(9_000), &[400, 431, NONE], Closes),
        case("TLS", "3", &b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03"[..], &[400, NONE], Closes),
        case("half a line", "3", "GET /hello HT", &[400, 408, NONE], Closes),
    ]
}

fn fields() -> Vec<Case> {
    let many = |count: usize| {
        (0..count).fold(String::new(), |mut lines, number| {
            let _ = write!(lines, "X-{number}: v\r\n");
            lines
        })
    };
    vec![
        case("a space before the colon", "5.1", with("X-Odd : v\r\n"), &[400], Closes),
        case("a tab before the colon", "5.1", with("X-Odd\t: v\r\n"), &[400], Closes),
        case("no colon", "5", with("X-Odd\r\n"), &[400], Closes),
        case("no name", "5", with(": v\r\n"), &[400], Closes),
        case("a space in a name", "5", with("X Odd: v\r\n"), &[400], Closes),
        case("a name that is no token", "5", with("X(Odd): v\r\n"), &[400], Closes),
        case("a name beyond ASCII", "5", with("X-\u{d6}dd: v\r\n"), &[400], Closes),
        case("a control character in a name", "5", with("X-\x01: v\r\n"), &[400], Closes),
        case(
            "a space in front of the first field",
            "2.2",
            "GET /hello HTTP/1.1\r\n Host: localhost\r\n\r\n",
            &[400],
            Closes,
        ),
        case("a folded field", "5.2", with("X-Odd: a\r\n b\r\n"), &[200, 400], Either),
        case(
            "a folded length",
            "5.2",
            body("Content-Length:\r\n 5\r\n", "12345"),
            &[200, 400],
            Either,
        ),
        case("a NUL in a value", "9110 5.5", with("X-Odd: a\0b\r\n"), &[400], Closes),
        case(
            "a control character in a value",
            "9110 5.5",
            with("X-Odd: a\x01b\r\n"),
            &[200, 400],
            Either,
        ),
        case("DEL in a value", "9110 5.5", with("X-Odd: a\x7fb\r\n"), &[200, 400], Either),
        case("a tab in a value", "9110 5.5", with("X-Odd: a\tb\r\n"), &[200], Keeps),
        case("bytes beyond ASCII in a value", "9110 5.5", with("X-Odd: \u{e9}\r\n"), &[200], Keeps),
        case("an empty value", "9110 5.5", with("X-Odd:\r\n"), &[200], Keeps),
        case("space around a value", "5", with("X-Odd: \t v \t \r\n"), &[200], Keeps),
        case("a bare CR in a value", "2.2", with("X-Odd: a\rX-Hidden: b\r\n"), &[400], Closes),
        case(
            "a bare CR for a line end",
            "2.2",
            "GET /hello HTTP/1.1\rHost: localhost\r\r",
            &[400, NONE],
            Closes,
        ),
        case(
            "bare line feeds",
            "2.2",
            "GET /hello HTTP/1.1\nHost: localhost\n\n",
            &[200, 400],
            Either,
        ),
        case(
            "one bare line feed",
            "2.2",
            "GET /hello HTTP/1.1\r\nHost: localhost\n\r\n",
            &[200, 400],
            Either,
        ),
        case("100 fields", "9110 5.4", with(&many(98)), &[200], Keeps),
        case("101 fields and more", "6585 5", with(&many(200)), &[431], Closes),
        case(
            "a large field",
            "9110 5.4",
            with(&format!("X-Large: {}\r\n", "v".repeat(12_000))),
            &[200],
            Keeps,
        ),
        case(
            "too large a field",
            "6585 5",
            with(&format!("X-Large: {}\r\n", "v".repeat(20_000))),
            &[431],
            Closes,
        ),
        case(
            "too large a name",
            "6585 5",
            with(&format!("X{}: v\r\n", "x".repeat(70_000))),
            &[400, 431],
            Closes,
        ),
        case(
            "half a head",
            "8",
            "GET /hello HTTP/1.1\r\nHost: localhost\r\n",
            &[400, 408, NONE],
            Closes,
        ),
    ]
}

fn lengths() -> Vec<Case> {
    let both = "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n";
    vec![
        case("a length", "6.2", body("Content-Length: 5\r\n", "12345"), &[200], Keeps),
        case("both lengths", "6.1", body(both, "0\r\n\r\n"), &[200, 400], Closes),
        case(
            "both lengths, the other way round",
            "6.1",
            body("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", "0\r\n\r\n"),
            &[200, 400],
            Closes,
        ),
        case(
            "both lengths hide a request",
            "6.1",
            body(
                &format!("Content-Length: {}\r\nTransfer-Encoding: chunked\r\n", 5 + HIDDEN.len()),
                &format!("0\r\n\r\n{HIDDEN}"),
            ),
            &[200, 400],
            Closes,
        ),
        case(
            "two equal lengths",
            "6.3",
            body("Content-Length: 5\r\nContent-Length: 5\r\n", "12345"),
            &[200, 400],
            Either,
        ),
        case(
            "two lengths",
            "6.3",
            body("Content-Length: 5\r\nContent-Length: 6\r\n", "12345"),
            &[400],
            Closes,
        ),
        case(
            "a list of equal lengths",
            "6.3",
            body("Content-Length: 5, 5\r\n", "12345"),
            &[200, 400],
            Either,
        ),
        case("a list of lengths", "6.3", body("Content-Length: 5, 6\r\n", "12345"), &[400], Closes),
        case(
            "a length with a sign",
            "6.3",
            body("Content-Length: +5\r\n", "12345"),
            &[400],
            Closes,
        ),
        case("a negative length", "6.3", body("Content-Length: -5\r\n", "12345"), &[400], Closes),
        case("a length in hex", "6.3", body("Content-Length: 0x5\r\n", "12345"), &[400], Closes),
        case(
            "a length with a fraction",
            "6.3",
            body("Content-Length: 5.0\r\n", "12345"),
            &[400],
            Closes,
        ),
        case(
            "a length with a space",
            "6.3",
            body("Content-Length: 5 5\r\n", "12345"),
            &[400],
            Closes,
        ),
        case("an empty length", "6.3", body("Content-Length:\r\n", ""), &[400], Closes),
        case(
            "a length in other digits",
            "6.3",
            body("Content-Length: \u{665}\r\n", "12345"),
            &[400],
            Closes,
        ),
        case(
            "a length with zeros in front",
            "6.3",
            body("Content-Length: 005\r\n", "12345"),
            &[200, 400],
            Either,
        ),
        case(
            "a length beyond all numbers",
            "6.3",
            body(&format!("Content-Length: {}\r\n", "9".repeat(40)), ""),
            &[400, 413],
            Closes,
        ),
        deviates(
            431,
            "hyper keeps this one length for itself, and says that the head is too large",
            case(
                "the largest length",
                "9110 15.5.14",
                body("Content-Length: 18446744073709551615\r\n", ""),
                &[400, 413],
                Closes,
            ),
        ),
        case(
            "a large length",
            "9110 15.5.14",
            body("Content-Length: 9000000000\r\n", ""),
            &[413],
            Closes,
        ),
        case(
            "less than the length",
            "6.3",
            body("Content-Length: 10\r\n", "12345"),
            &[400, 408, NONE],
            Closes,
        ),
        case(
            "a body of GET",
            "9110 9.3.1",
            format!(
                "GET /hello HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n\r\n{HIDDEN}",
                HIDDEN.len()
            ),
            &[200, 400],
            Either,
        ),
        case(
            "a body of DELETE",
            "9110 9.3.5",
            format!(
                "DELETE /hello HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n\r\n{HIDDEN}",
                HIDDEN.len()
            ),
            &[200, 400],
            Either,
        ),
        case(
            "1.0 with a length",
            "6.3",
            "POST /echo HTTP/1.0\r\nHost: localhost\r\nContent-Length: 5\r\n\r\n12345",
            &[200],
            Closes,
        ),
        case(
            "1.0 without a length",
            "6.3",
            "POST /echo HTTP/1.0\r\nHost: localhost\r\n\r\n",
            &[200, 400, 411],
            Closes,
        ),
    ]
}

fn codings() -> Vec<Case> {
    let encoded =
        |value: &str| body(&format!("Transfer-Encoding: {value}\r\n"), "5\r\n12345\r\n0\r\n\r\n");
    let hidden = |value: &str| {
        body(&format!("Transfer-Encoding: {value}\r\n"), &format!("0\r\n\r\n{HIDDEN}"))
    };
    vec![
        case("chunked", "7.1", encoded("chunked"), &[200], Keeps),
        case("chunked in capitals", "7", encoded("CHUNKED"), &[200], Keeps),
        case("identity", "7", hidden("identity"), &[400, 501], Closes),
        case("chunked, identity", "6.3", hidden("chunked, identity"), &[400, 501], Closes),
        case("identity, chunked", "7", encoded("identity, chunked"), &[400, 501], Closes),
        case("gzip, chunked", "6.1", encoded("gzip, chunked"), &[400, 501], Closes),
        case("chunked, gzip", "6.3", hidden("chunked, gzip"), &[400, 501], Closes),
        case("chunked twice", "6.1", encoded("chunked, chunked"), &[400, 501], Closes),
        case(
            "chunked in two fields",
            "6.1",
            body(
                "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
                "5\r\n12345\r\n0\r\n\r\n",
            ),
            &[400, 501],
            Closes,
        ),
        case(
            "chunked, and identity in another field",
            "6.3",
            body(
                "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
                &format!("0\r\n\r\n{HIDDEN}"),
            ),
            &[400, 501],
            Closes,
        ),
        case("xchunked", "6.1", hidden("xchunked"), &[400, 501], Closes),
        case("chunked in quotes", "6.1", hidden("\"chunked\""), &[400, 501], Closes),
        case("chunked with a parameter", "7", hidden("chunked;q=1"), &[400, 501], Closes),
        case("chunked behind a vertical tab", "6.1", hidden("\x0bchunked"), &[400, 501], Closes),
        case("an empty coding", "6.1", hidden(""), &[400, 501], Closes),
        case("a comma", "6.1", hidden(","), &[400, 501], Closes),
        case(
            "chunked in 1.0",
            "6.1",
            format!(
                "POST /echo HTTP/1.0\r\nHost: localhost\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{HIDDEN}"
            ),
            &[200, 400, 411, 501],
            Closes,
        ),
        case(
            "two sizes in hex",
            "7.1",
            chunked("A\r\n0123456789\r\n1\r\nx\r\n0\r\n\r\n"),
            &[200],
            Keeps,
        ),
        case(
            "a size with zeros in front",
            "7.1",
            chunked("0005\r\n12345\r\n000\r\n\r\n"),
            &[200],
            Keeps,
        ),
        case("a size that is none", "7.1", chunked("x\r\n12345\r\n0\r\n\r\n"), &[400], Closes),
        case("a negative size", "7.1", chunked("-5\r\n12345\r\n0\r\n\r\n"), &[400], Closes),
        case("a size with a sign", "7.1", chunked("+5\r\n12345\r\n0\r\n\r\n"), &[400], Closes),
        case("a size with 0x", "7.1", chunked("0x5\r\n12345\r\n0\r\n\r\n"), &[400], Closes),
        case("an empty size", "7.1", chunked("\r\n12345\r\n0\r\n\r\n"), &[400], Closes),
        case(
            "a size beyond all numbers",
            "7.1",
            chunked("fffffffffffffffff\r\n12345\r\n0\r\n\r\n"),
            &[400, 413],
            Closes,
        ),
        case(
            "a size beyond the limit",
            "7.1",
            chunked("ffffffff\r\n12345\r\n0\r\n\r\n"),
            &[400, 413],
            Closes,
        ),
        case(
            "a space behind the size",
            "7.1.1",
            chunked("5 \r\n12345\r\n0\r\n\r\n"),
            &[200, 400],
            Either,
        ),
        case("an extension", "7.1.1", chunked("5;a=b\r\n12345\r\n0\r\n\r\n"), &[200], Keeps),
        case(
            "an extension in quotes",
            "7.1.1",
            chunked("5;a=\"b;c\"\r\n12345\r\n0\r\n\r\n"),
            &[200, 400],
            Either,
        ),
        case(
            "a bare line feed in an extension",
            "7.1.1",
            chunked(&format!("5;\n12345\r\n0\r\n\r\n{HIDDEN}")),
            &[400],
            Closes,
        ),
        case(
            "a huge extension",
            "7.1.1",
            chunked(&format!("5;{}\r\n12345\r\n0\r\n\r\n", "x".repeat(20_000))),
            &[400],
            Closes,
        ),
        case(
            "many extensions",
            "7.1.1",
            chunked(&"1;aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\nx\r\n".repeat(1_000)),
            &[400],
            Closes,
        ),
        case("no line end behind a chunk", "7.1", chunked("5\r\n123450\r\n\r\n"), &[400], Closes),
        case("a line feed behind a chunk", "7.1", chunked("5\r\n12345\n0\r\n\r\n"), &[400], Closes),
        case(
            "a line feed behind the size",
            "7.1",
            chunked("5\n12345\r\n0\r\n\r\n"),
            &[400],
            Closes,
        ),
        case("a CR behind the size", "7.1", chunked("5\r12345\r\n0\r\n\r\n"), &[400], Closes),
        case("more than the size", "7.1", chunked("5\r\n1234567\r\n0\r\n\r\n"), &[400], Closes),
        case("no last chunk", "7.1", chunked("5\r\n12345\r\n"), &[400, 408, NONE], Closes),
        case("half a chunk", "7.1", chunked("5\r\n123"), &[400, 408, NONE], Closes),
        case("trailers", "7.1.2", chunked("5\r\n12345\r\n0\r\nX-Sum: 1\r\n\r\n"), &[200], Keeps),
        case(
            "trailers that may be none",
            "9110 6.5.1",
            chunked("5\r\n12345\r\n0\r\nContent-Length: 100\r\nHost: other\r\n\r\n"),
            &[200, 400],
            Either,
        ),
        case(
            "trailers without end",
            "7.1.2",
            chunked(&format!("5\r\n12345\r\n0\r\n{}", "X-A: b\r\n".repeat(4_000))),
            &[400, 431, NONE],
            Closes,
        ),
        case(
            "a trailer without a colon",
            "7.1.2",
            chunked("5\r\n12345\r\n0\r\nX-Sum\r\n\r\n"),
            &[400],
            Closes,
        ),
    ]
}

fn connections() -> Vec<Case> {
    let two = format!("{}{}", with(""), with(""));
    let post = body("Content-Length: 5\r\n", "12345");
    vec![
        case("close", "9.6", with("Connection: close\r\n"), &[200], Closes),
        case(
            "close in capitals in a list",
            "9110 7.6.1",
            with("Connection: x-odd, CLOSE\r\n"),
            &[200],
            Closes,
        ),
        case("keep-alive", "9.3", with("Connection: keep-alive\r\n"), &[200], Keeps),
        case("1.0", "9.3", "GET /hello HTTP/1.0\r\nHost: localhost\r\n\r\n", &[200], Closes),
        case(
            "1.0 with keep-alive",
            "9.3",
            "GET /hello HTTP/1.0\r\nHost: localhost\r\nConnection: keep-alive\r\n\r\n",
            &[200],
            Either,
        ),
        after(1, case("two at once", "9.3.2", two.clone(), &[200], Keeps)),
        after(9, case("ten at once", "9.3.2", with("").repeat(10), &[200], Keeps)),
        after(1, case("GET behind POST", "9.3.2", format!("{post}{}", with("")), &[200], Keeps)),
        after(1, case("POST behind GET", "9.3.2", format!("{}{post}", with("")), &[200], Keeps)),
        after(
            1,
            case(
                "behind an unknown path",
                "9.3.2",
                format!("{}{}", line("GET /ghost/x HTTP/1.1"), with("")),
                &[200],
                Keeps,
            ),
        ),
        after(
            1,
            case(
                "something bad behind something good",
                "9.3.2",
                format!("{}{}", with(""), line("G(T /hello HTTP/1.1")),
                &[400],
                Closes,
            ),
        ),
        case(
            "something good behind something bad",
            "9.6",
            format!("{}{HIDDEN}", line("G(T /hello HTTP/1.1")),
            &[400],
            Closes,
        ),
        case(
            "something behind close",
            "9.6",
            format!("{}{HIDDEN}", with("Connection: close\r\n")),
            &[200],
            Closes,
        ),
        case("HEAD", "9110 9.3.2", line("HEAD /hello HTTP/1.1"), &[200], Keeps),
        case("204", "9110 15.3.5", line("GET /nothing HTTP/1.1"), &[204], Keeps),
        case("304", "9110 15.4.5", line("GET /unchanged HTTP/1.1"), &[304], Keeps),
        case("OPTIONS", "9110 9.3.7", line("OPTIONS /hello HTTP/1.1"), &[200, 204], Keeps),
        case("TRACE", "9110 9.3.8", line("TRACE /hello HTTP/1.1"), &[200, 405, 501], Keeps),
        case(
            "expects nothing to be known",
            "9110 10.1.1",
            with("Expect: something\r\n"),
            &[200, 417],
            Either,
        ),
        case(
            "expects 100 without a body",
            "9110 10.1.1",
            with("Expect: 100-continue\r\n"),
            &[200],
            Either,
        ),
        case(
            "expects 100 with the body at once",
            "9110 10.1.1",
            body("Expect: 100-continue\r\nContent-Length: 5\r\n", "12345"),
            &[200],
            Keeps,
        ),
        case(
            "expects 100 in capitals",
            "9110 10.1.1",
            body("Expect: 100-CONTINUE\r\nContent-Length: 5\r\n", "12345"),
            &[200],
            Keeps,
        ),
        case(
            "expects 100 of what is refused",
            "9110 10.1.1",
            "POST /ghost HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n",
            &[404],
            Closes,
        ),
        case(
            "1.0 expects 100",
            "9110 10.1.1",
            "POST /echo HTTP/1.0\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n12345",
            &[200],
            Closes,
        ),
        case(
            "upgrade to what nobody knows",
            "9110 7.8",
            with("Connection: upgrade\r\nUpgrade: tls/9\r\n"),
            &[200],
            Keeps,
        ),
        case(
            "upgrade to h2c",
            "9110 7.8",
            with(
                "Connection: upgrade, http2-settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n",
            ),
            &[200],
            Keeps,
        ),
        case(
            "upgrade without being asked for",
            "9110 7.8",
            with("Upgrade: websocket\r\n"),
            &[200, 400],
            Keeps,
        ),
        case("a range", "9110 14.2", with("Range: bytes=1-2\r\n"), &[200, 206], Keeps),
        case("a range that is none", "9110 14.2", with("Range: bytes=x-y\r\n"), &[200], Keeps),
        case("a range of other units", "9110 14.1", with("Range: lines=1-2\r\n"), &[200], Keeps),
        case(
            "a range beyond the end",
            "9110 14.2",
            with("Range: bytes=100-200\r\n"),
            &[200, 416],
            Keeps,
        ),
        case(
            "many ranges",
            "9110 14.2",
            with(&format!("Range: bytes={}\r\n", "0-1,".repeat(500))),
            &[200, 206, 416],
            Keeps,
        ),
        case(
            "a range of POST",
            "9110 14.2",
            body("Content-Length: 5\r\nRange: bytes=1-2\r\n", "12345"),
            &[200],
            Keeps,
        ),
        case(
            "a body in a coding",
            "9110 8.4",
            body("Content-Length: 5\r\nContent-Encoding: gzip\r\n", "12345"),
            &[200, 415],
            Keeps,
        ),
    ]
}

impl Case {
    async fn play(&self, running: &Running) -> std::result::Result<(), String> {
        let mut client = Client::connect(running.addr()).await;
        // A server that refuses early need not read to the end.
        let _ = client.try_send(&self.sent).await;
        for number in 0..self.before {
            let answer = client.answer().await;
            if !matches!(answer.status, 200 | 404) {
                return Err(format!("{} for number {number}", answer.status));
            }
        }
        let with_body = !self.sent.starts_with(b"HEAD ");
        let mut answer = self.next(&mut client, with_body).await?;
        while answer.as_ref().is_some_and(|answer| answer.status == 100) {
            if !self.name.contains("expects 100") {
                return Err("100 without being asked for".to_owned());
            }
            answer = self.next(&mut client, with_body).await?;
        }
        let status = answer.as_ref().map_or(NONE, |answer| answer.status);
        if let Some((deviation, why)) = self.deviation {
            eprintln!("known: {} ({}) gives {status}: {why}", self.name, self.section);
            if status != deviation {
                return Err(format!("{status}, and {deviation} was known"));
            }
        } else if !self.allowed.contains(&status) {
            return Err(format!("{status}, allowed is {:?}", self.allowed));
        }
        if let Some(answer) = &answer {
            let is_empty = answer.body.is_empty();
            if matches!(status, 204 | 304) && !is_empty {
                return Err(format!("{status} with a body"));
            }
            if status == 204 && answer.header("content-length").is_some() {
                return Err("204 with a length (RFC 9110, section 8.6)".to_owned());
            }
            if status == 405 && answer.header("allow").is_none() {
                return Err("405 without Allow".to_owned());
            }
            if answer.closes() && self.then == Keeps {
                return Err("it says that it closes".to_owned());
            }
        }
        self.go_on(&mut client, answer.is_some_and(|answer| answer.closes())).await
    }

    async fn next(
        &self,
        client: &mut Client,
        with_body: bool,
    ) -> std::result::Result<Option<crate::support::Answer>, String> {
        match tokio::time::timeout(Duration::from_secs(3), client.try_answer(with_body)).await {
            Err(_) => Err("no answer and no end".to_owned()),
            // A reset is an end as well.
            Ok(Err(_)) => Ok(None),
            Ok(Ok(answer)) => Ok(answer),
        }
    }

    /// What becomes of the connection.
    async fn go_on(&self, client: &mut Client, closes: bool) -> std::result::Result<(), String> {
        if self.then == Closes || closes {
            let rest = tokio::time::timeout(Duration::from_secs(3), client.closed()).await;
            return match rest {
                Err(_) => Err("it is not closed".to_owned()),
                Ok(rest) if !rest.is_empty() => {
                    Err(format!("more before the end: {}", String::from_utf8_lossy(&rest)))
                }
                Ok(_) => Ok(()),
            };
        }
        let asked = client.try_send(get("/hello")).await;
        let answer = if asked.is_ok() { self.next(client, true).await? } else { None };
        match (answer, self.then) {
            (Some(answer), _) if answer.status == 200 && answer.text() == "hello" => Ok(()),
            (None, Either) => Ok(()),
            (answer, _) => Err(format!("and then {answer:?}")),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn http1_does_what_the_rfcs_allow() {
    within(LIMIT * 3, async {
        let smuggled = Smuggled::default();
        let running = manager(&Gate::new(), &smuggled)
            .with_head_timeout("150ms")
            .with_body_timeout("150ms")
            .spawn()
            .await
            .unwrap();
        let cases: Vec<Case> =
            [hosts(), request_lines(), fields(), lengths(), codings(), connections()]
                .into_iter()
                .flatten()
                .collect();
        assert!(cases.len() >= 100, "{} cases", cases.len());
        let mut wrong = Vec::new();
        for case in &cases {
            if let Err(why) = case.play(&running).await {
                wrong.push(format!("{} ({}): {why}", case.name, case.section));
            }
            if smuggled.count() > 0 {
                panic!("{}: what was hidden was asked", case.name);
            }
        }
        eprintln!("{} cases", cases.len());
        assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
        settled(&running).await;
        let edge = running.edge();
        assert!(edge.malformed > 60 && edge.large_heads >= 4 && edge.large_bodies >= 1, "{edge:?}");
        assert!(edge.slow_heads >= 2 && edge.slow_bodies >= 3, "{edge:?}");
        running.stop().await.unwrap();
    })
    .await;
}
