//! What RFC 9113 allows in answer to one piece of input: a table. Of each case it says what is sent after the
//! preface and the settings, and what may come of it. Where nothing but the stream is to blame, the connection
//! goes on.

use std::time::Duration;

use manager_runtime::prelude::*;

use crate::frames::{
    ACK, CONTINUATION, DATA, END_HEADERS, END_STREAM, Event, GOAWAY, HEADERS, PADDED, PING,
    PREFACE, PRIORITIZED, PRIORITY, PUSH_PROMISE, Peer, RST_STREAM, SETTINGS, WINDOW_UPDATE, field,
    fields, frame, get, length, post, request, setting,
};
use crate::served::{Smuggled, manager, settled};
use crate::support::{Gate, LIMIT, within};

struct Case {
    name: &'static str,
    /// Where it is ruled: of RFC 9113, unless it begins with another number.
    section: &'static str,
    sent: Vec<u8>,
    allowed: Vec<Out>,
    /// What comes of it instead, and why that is left as it is.
    deviation: Option<(Out, &'static str)>,
}

/// What may come of it.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Out {
    /// An answer on the stream.
    Status(u16),
    /// The end of the stream, with this code.
    Reset(u32),
    /// The end of the connection, with this code.
    Goaway(u32),
    /// The end of the connection without a word.
    Closed,
    /// Nothing: the next request is served.
    Fine,
}

use Out::{Closed, Fine, Goaway, Reset, Status};

const PROTOCOL_ERROR: u32 = 1;
const FLOW_CONTROL_ERROR: u32 = 3;
const STREAM_CLOSED: u32 = 5;
const FRAME_SIZE_ERROR: u32 = 6;
const REFUSED_STREAM: u32 = 7;
const COMPRESSION_ERROR: u32 = 9;
const ENHANCE_YOUR_CALM: u32 = 11;

/// An error of the connection: the server should say so, and may just end it (section 5.4.1).
fn fatal(codes: &[u32]) -> Vec<Out> {
    codes.iter().map(|code| Goaway(*code)).chain([Closed]).collect()
}

/// An error of a stream, which may be treated as one of the connection (section 5.4.2).
fn broken(codes: &[u32]) -> Vec<Out> {
    codes.iter().map(|code| Reset(*code)).chain(fatal(codes)).collect()
}

/// A request that is malformed: an error of the stream, which may be answered first (section 8.1.1).
fn malformed() -> Vec<Out> {
    let mut allowed = broken(&[PROTOCOL_ERROR]);
    allowed.push(Status(400));
    allowed
}

fn case(name: &'static str, section: &'static str, sent: Vec<u8>, allowed: Vec<Out>) -> Case {
    Case { name, section, sent, allowed, deviation: None }
}

/// A case in which something else comes than is allowed, and does no harm.
fn deviates(got: Out, why: &'static str, case: Case) -> Case {
    Case { deviation: Some((got, why)), ..case }
}

/// The connection ends as it has to, but with the code for all that has no code of its own.
fn coarse(case: Case) -> Case {
    deviates(Goaway(PROTOCOL_ERROR), "h2 has one code for all that it cannot read", case)
}

fn join(frames: &[Vec<u8>]) -> Vec<u8> {
    frames.concat()
}

/// A request with these fields and no body.
fn asks(pairs: &[(&str, &str)]) -> Vec<u8> {
    frame(HEADERS, END_STREAM | END_HEADERS, 1, fields(pairs))
}

/// A good request and one more field.
fn with(name: &str, value: &str) -> Vec<u8> {
    let block = [request("GET", "/hello"), field(name, value)].concat();
    frame(HEADERS, END_STREAM | END_HEADERS, 1, block)
}

const METHOD: (&str, &str) = (":method", "GET");
const SCHEME: (&str, &str) = (":scheme", "http");
const PATH: (&str, &str) = (":path", "/hello");
const AUTHORITY: (&str, &str) = (":authority", "localhost");

fn connection() -> Vec<Case> {
    let settings = |number, value| frame(SETTINGS, 0, 0, setting(number, value));
    vec![
        case("nothing odd", "3.4", vec![], vec![Fine]),
        case("SETTINGS", "6.5", frame(SETTINGS, 0, 0, []), vec![Fine]),
        coarse(case(
            "SETTINGS of 5 bytes",
            "6.5",
            frame(SETTINGS, 0, 0, [0; 5]),
            fatal(&[FRAME_SIZE_ERROR]),
        )),
        case("SETTINGS on a stream", "6.5", frame(SETTINGS, 0, 1, []), fatal(&[PROTOCOL_ERROR])),
        coarse(case(
            "SETTINGS with ACK and more",
            "6.5",
            frame(SETTINGS, ACK, 0, [0; 6]),
            fatal(&[FRAME_SIZE_ERROR]),
        )),
        case("ENABLE_PUSH of 2", "6.5.2", settings(2, 2), fatal(&[PROTOCOL_ERROR])),
        coarse(case(
            "INITIAL_WINDOW_SIZE beyond the largest",
            "6.5.2",
            settings(4, 1 << 31),
            fatal(&[FLOW_CONTROL_ERROR]),
        )),
        case(
            "MAX_FRAME_SIZE below the least",
            "6.5.2",
            settings(5, 16_383),
            fatal(&[PROTOCOL_ERROR]),
        ),
        case(
            "MAX_FRAME_SIZE beyond the largest",
            "6.5.2",
            settings(5, 1 << 24),
            fatal(&[PROTOCOL_ERROR]),
        ),
        case("HEADER_TABLE_SIZE of the largest", "6.5.2", settings(1, u32::MAX), vec![Fine]),
        case("an unknown setting", "6.5.2", settings(0xfafa, 7), vec![Fine]),
        case("PING", "6.7", frame(PING, 0, 0, [7; 8]), vec![Fine]),
        coarse(case(
            "PING of 7 bytes",
            "6.7",
            frame(PING, 0, 0, [0; 7]),
            fatal(&[FRAME_SIZE_ERROR]),
        )),
        case("PING on a stream", "6.7", frame(PING, 0, 1, [0; 8]), fatal(&[PROTOCOL_ERROR])),
        case("PONG without PING", "6.7", frame(PING, ACK, 0, [0; 8]), vec![Fine]),
        case(
            "a frame beyond MAX_FRAME_SIZE",
            "4.2",
            join(&[post(1, "/echo"), frame(DATA, END_STREAM, 1, vec![0; 16_385])]),
            broken(&[FRAME_SIZE_ERROR]),
        ),
        case("a frame of an unknown kind", "5.5", frame(0xfa, 0xff, 0, "what"), vec![Fine]),
        case(
            "a frame of an unknown kind on a stream",
            "5.5",
            join(&[frame(0xfa, 0xff, 1, "what"), get(1, "/hello")]),
            vec![Status(200)],
        ),
        case(
            "PUSH_PROMISE of a client",
            "8.4",
            join(&[post(1, "/echo"), frame(PUSH_PROMISE, END_HEADERS, 1, [0, 0, 0, 2])]),
            fatal(&[PROTOCOL_ERROR]),
        ),
        case("GOAWAY", "6.8", frame(GOAWAY, 0, 0, [0; 8]), vec![Fine, Goaway(0), Closed]),
        case("GOAWAY on a stream", "6.8", frame(GOAWAY, 0, 1, [0; 8]), fatal(&[PROTOCOL_ERROR])),
        case("the reserved bit of a stream", "4.1", frame(PING, 0, 1 << 31, [7; 8]), vec![Fine]),
        case(
            "HTTP/1.1 behind the preface",
            "3.4",
            b"GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n".to_vec(),
            fatal(&[FRAME_SIZE_ERROR, PROTOCOL_ERROR]),
        ),
    ]
}

fn windows() -> Vec<Case> {
    let update = |stream, by: u32| frame(WINDOW_UPDATE, 0, stream, by.to_be_bytes());
    let largest = (1 << 31) - 1;
    vec![
        case("WINDOW_UPDATE", "6.9", update(0, 1), vec![Fine]),
        case("WINDOW_UPDATE by nothing", "6.9", update(0, 0), fatal(&[PROTOCOL_ERROR])),
        case(
            "WINDOW_UPDATE by nothing on a stream",
            "6.9",
            join(&[post(1, "/echo"), update(1, 0)]),
            broken(&[PROTOCOL_ERROR]),
        ),
        coarse(case(
            "WINDOW_UPDATE of 3 bytes",
            "6.9",
            frame(WINDOW_UPDATE, 0, 0, [0; 3]),
            fatal(&[FRAME_SIZE_ERROR]),
        )),
        case(
            "a window beyond the largest",
            "6.9.1",
            join(&[update(0, largest), update(0, largest)]),
            fatal(&[FLOW_CONTROL_ERROR]),
        ),
        case(
            "a window of a stream beyond the largest",
            "6.9.1",
            join(&[post(1, "/echo"), update(1, largest)]),
            broken(&[FLOW_CONTROL_ERROR]),
        ),
        case("WINDOW_UPDATE on an idle stream", "5.1", update(1, 1), fatal(&[PROTOCOL_ERROR])),
        case(
            "more than the window of a stream",
            "6.9",
            join(
                &std::iter::once(post(1, "/gate"))
                    .chain((0..5).map(|_| frame(DATA, 0, 1, vec![0; 16_384])))
                    .collect::<Vec<_>>(),
            ),
            broken(&[FLOW_CONTROL_ERROR]),
        ),
    ]
}

fn streams() -> Vec<Case> {
    let priority = |on: u32| [&on.to_be_bytes()[..], &[16]].concat();
    let reset = |stream| frame(RST_STREAM, 0, stream, 8_u32.to_be_bytes());
    vec![
        case("DATA on stream 0", "6.1", frame(DATA, 0, 0, "x"), fatal(&[PROTOCOL_ERROR])),
        case(
            "DATA on an idle stream",
            "5.1",
            frame(DATA, 0, 1, "x"),
            fatal(&[PROTOCOL_ERROR, STREAM_CLOSED]),
        ),
        coarse(case(
            "DATA behind the end",
            "5.1",
            join(&[
                post(1, "/gate"),
                frame(DATA, END_STREAM, 1, "x"),
                frame(DATA, END_STREAM, 1, "x"),
            ]),
            broken(&[STREAM_CLOSED]),
        )),
        case(
            "HEADERS behind the end",
            "5.1",
            join(&[get(1, "/gate"), get(1, "/hello")]),
            broken(&[STREAM_CLOSED, PROTOCOL_ERROR]),
        ),
        case("HEADERS on stream 0", "6.2", get(0, "/hello"), fatal(&[PROTOCOL_ERROR])),
        case(
            "HEADERS on a stream of the server",
            "5.1.1",
            get(2, "/hello"),
            fatal(&[PROTOCOL_ERROR]),
        ),
        case(
            "HEADERS on an older stream",
            "5.1.1",
            join(&[get(5, "/gate"), get(3, "/hello")]),
            fatal(&[PROTOCOL_ERROR, STREAM_CLOSED]),
        ),
        case("RST_STREAM on stream 0", "6.4", reset(0), fatal(&[PROTOCOL_ERROR])),
        case("RST_STREAM on an idle stream", "6.4", reset(1), fatal(&[PROTOCOL_ERROR])),
        coarse(case(
            "RST_STREAM of 3 bytes",
            "6.4",
            join(&[get(1, "/gate"), frame(RST_STREAM, 0, 1, [0; 3])]),
            fatal(&[FRAME_SIZE_ERROR]),
        )),
        case("RST_STREAM", "6.4", join(&[get(1, "/gate"), reset(1)]), vec![Fine]),
        case(
            "a stream that depends on itself",
            "7540 5.3.1",
            join(&[frame(PRIORITY, 0, 1, priority(1)), get(1, "/hello")]),
            {
                let mut outs = broken(&[PROTOCOL_ERROR]);
                outs.push(Status(200));
                outs
            },
        ),
        case(
            "PRIORITY on stream 0",
            "6.3",
            frame(PRIORITY, 0, 0, priority(1)),
            fatal(&[PROTOCOL_ERROR]),
        ),
        coarse(case(
            "PRIORITY of 4 bytes",
            "6.3",
            join(&[frame(PRIORITY, 0, 1, [0; 4])]),
            broken(&[FRAME_SIZE_ERROR]),
        )),
        case(
            "PRIORITY",
            "5.3.2",
            join(&[frame(PRIORITY, 0, 3, priority(1)), get(1, "/hello")]),
            vec![Status(200)],
        ),
        case(
            "HEADERS with a priority",
            "6.2",
            frame(
                HEADERS,
                END_STREAM | END_HEADERS | PRIORITIZED,
                1,
                [priority(0), request("GET", "/hello")].concat(),
            ),
            vec![Status(200)],
        ),
        case(
            "padding",
            "6.1",
            frame(
                HEADERS,
                END_STREAM | END_HEADERS | PADDED,
                1,
                [vec![4], request("GET", "/hello"), vec![0; 4]].concat(),
            ),
            vec![Status(200)],
        ),
        case(
            "more padding than there is",
            "6.1",
            join(&[post(1, "/echo"), frame(DATA, END_STREAM | PADDED, 1, [9, b'x'])]),
            fatal(&[PROTOCOL_ERROR]),
        ),
        case(
            "more padding than there is in HEADERS",
            "6.2",
            frame(HEADERS, END_STREAM | END_HEADERS | PADDED, 1, [250, 0x82]),
            fatal(&[PROTOCOL_ERROR]),
        ),
        case(
            "CONTINUATION",
            "6.10",
            join(&[
                frame(HEADERS, END_STREAM, 1, request("GET", "/hello")),
                frame(CONTINUATION, END_HEADERS, 1, field("x-a", "b")),
            ]),
            vec![Status(200)],
        ),
        case(
            "CONTINUATION without HEADERS",
            "6.10",
            frame(CONTINUATION, END_HEADERS, 1, field("x-a", "b")),
            fatal(&[PROTOCOL_ERROR]),
        ),
        case(
            "CONTINUATION of another stream",
            "6.10",
            join(&[
                frame(HEADERS, END_STREAM, 1, request("GET", "/hello")),
                frame(CONTINUATION, END_HEADERS, 3, field("x-a", "b")),
            ]),
            fatal(&[PROTOCOL_ERROR]),
        ),
        case(
            "something else within a block",
            "6.10",
            join(&[
                frame(HEADERS, END_STREAM, 1, request("GET", "/hello")),
                frame(PING, 0, 0, [0; 8]),
            ]),
            fatal(&[PROTOCOL_ERROR]),
        ),
        case(
            "a block that never ends",
            "10.5.1",
            join(
                &std::iter::once(frame(HEADERS, END_STREAM, 1, request("GET", "/hello")))
                    .chain((0..1_000).map(|_| frame(CONTINUATION, 0, 1, field("x-a", "b"))))
                    .collect::<Vec<_>>(),
            ),
            {
                let mut outs = fatal(&[ENHANCE_YOUR_CALM, PROTOCOL_ERROR]);
                outs.push(Status(431));
                outs
            },
        ),
        case(
            "more streams than may be",
            "5.1.2",
            join(&(0..110).map(|number| get(2 * number + 1, "/gate")).collect::<Vec<_>>()),
            broken(&[REFUSED_STREAM, PROTOCOL_ERROR]),
        ),
    ]
}

fn requests() -> Vec<Case> {
    let data = |text: &str| frame(DATA, END_STREAM, 1, text);
    let sized = |length: &str| {
        let block = [request("POST", "/echo"), field("content-length", length)].concat();
        frame(HEADERS, END_HEADERS, 1, block)
    };
    vec![
        case("a request", "8.1", get(1, "/hello"), vec![Status(200)]),
        case(
            "a request with a body",
            "8.1",
            join(&[post(1, "/echo"), data("x")]),
            vec![Status(200)],
        ),
        case("a name in capitals", "8.2.1", with("X-Odd", "v"), malformed()),
        case("a name with a space", "8.2.1", with("x odd", "v"), malformed()),
        case("a name with a colon", "8.2.1", with("x:odd", "v"), malformed()),
        case("no name", "8.2.1", with("", "v"), malformed()),
        case("a line end in a value", "8.2.1", with("x-odd", "a\r\nb: c"), malformed()),
        case("a NUL in a value", "8.2.1", with("x-odd", "a\0b"), malformed()),
        case("connection", "8.2.2", with("connection", "close"), malformed()),
        case("keep-alive", "8.2.2", with("keep-alive", "timeout=5"), malformed()),
        case("proxy-connection", "8.2.2", with("proxy-connection", "close"), malformed()),
        case("transfer-encoding", "8.2.2", with("transfer-encoding", "chunked"), malformed()),
        case("upgrade", "8.2.2", with("upgrade", "h2c"), malformed()),
        case("te", "8.2.2", with("te", "gzip"), malformed()),
        case("te: trailers", "8.2.2", with("te", "trailers"), vec![Status(200)]),
        case("no :method", "8.3.1", asks(&[SCHEME, PATH, AUTHORITY]), malformed()),
        case("no :scheme", "8.3.1", asks(&[METHOD, PATH, AUTHORITY]), malformed()),
        case("no :path", "8.3.1", asks(&[METHOD, SCHEME, AUTHORITY]), malformed()),
        case(
            "an empty :path",
            "8.3.1",
            asks(&[METHOD, SCHEME, (":path", ""), AUTHORITY]),
            malformed(),
        ),
        case(
            "a :path without a slash",
            "8.3.1",
            asks(&[METHOD, SCHEME, (":path", "hello"), AUTHORITY]),
            {
                let mut outs = malformed();
                outs.push(Status(404));
                outs
            },
        ),
        case("two :method", "8.3", asks(&[METHOD, METHOD, SCHEME, PATH, AUTHORITY]), malformed()),
        case("two :path", "8.3", asks(&[METHOD, SCHEME, PATH, PATH, AUTHORITY]), malformed()),
        case(
            "an unknown pseudo-field",
            "8.3",
            asks(&[METHOD, SCHEME, PATH, AUTHORITY, (":odd", "v")]),
            malformed(),
        ),
        case(
            "a pseudo-field of answers",
            "8.3",
            asks(&[METHOD, SCHEME, PATH, AUTHORITY, (":status", "200")]),
            malformed(),
        ),
        case(
            "a pseudo-field behind others",
            "8.3",
            asks(&[METHOD, SCHEME, AUTHORITY, ("x-a", "b"), PATH]),
            malformed(),
        ),
        case(
            "no :authority but host",
            "8.3.1",
            asks(&[METHOD, SCHEME, PATH, ("host", "localhost")]),
            vec![Status(200)],
        ),
        case(":authority and the same host", "8.3.1", with("host", "localhost"), vec![Status(200)]),
        case(":authority and another host", "8.3.1", with("host", "other"), malformed()),
        case(
            "two hosts",
            "9110 7.2",
            join(&[frame(
                HEADERS,
                END_STREAM | END_HEADERS,
                1,
                [request("GET", "/hello"), field("host", "localhost"), field("host", "localhost")]
                    .concat(),
            )]),
            malformed(),
        ),
        case(
            "an :authority with a user",
            "8.3.1",
            asks(&[METHOD, SCHEME, PATH, (":authority", "me@localhost")]),
            malformed(),
        ),
        case(
            "an :authority that is none",
            "8.3.1",
            asks(&[METHOD, SCHEME, PATH, (":authority", "local host")]),
            malformed(),
        ),
        case(
            "a host that is none",
            "9110 7.2",
            asks(&[METHOD, SCHEME, PATH, ("host", "local host")]),
            malformed(),
        ),
        case(
            "a method that is no token",
            "9110 9.1",
            asks(&[(":method", "G T"), SCHEME, PATH, AUTHORITY]),
            malformed(),
        ),
        case(
            "CONNECT with :path",
            "8.5",
            asks(&[(":method", "CONNECT"), SCHEME, PATH, AUTHORITY]),
            {
                let mut outs = malformed();
                outs.extend([Status(404), Status(405), Status(501)]);
                outs
            },
        ),
        case("less than the length", "8.1.1", join(&[sized("5"), data("x")]), malformed()),
        case("more than the length", "8.1.1", join(&[sized("1"), data("12345")]), malformed()),
        case("a length that is none", "8.1.1", join(&[sized("x"), data("12345")]), malformed()),
        case(
            "trailers",
            "8.1",
            join(&[
                post(1, "/echo"),
                frame(DATA, 0, 1, "x"),
                frame(HEADERS, END_STREAM | END_HEADERS, 1, field("x-sum", "1")),
            ]),
            vec![Status(200)],
        ),
        deviates(
            Status(200),
            "h2 drops the pseudo-field, and nobody sees it",
            case(
                "trailers with a pseudo-field",
                "8.1",
                join(&[
                    post(1, "/echo"),
                    frame(DATA, 0, 1, "x"),
                    frame(HEADERS, END_STREAM | END_HEADERS, 1, field(":path", "/x")),
                ]),
                malformed(),
            ),
        ),
        case(
            "trailers without an end",
            "8.1",
            join(&[
                post(1, "/echo"),
                frame(DATA, 0, 1, "x"),
                frame(HEADERS, END_HEADERS, 1, field("x-sum", "1")),
            ]),
            malformed(),
        ),
        coarse(case(
            "an index beyond the table",
            "7541 2.3.3",
            frame(HEADERS, END_STREAM | END_HEADERS, 1, [0xff, 0x7f]),
            fatal(&[COMPRESSION_ERROR]),
        )),
        coarse(case(
            "index 0",
            "7541 6.1",
            frame(HEADERS, END_STREAM | END_HEADERS, 1, [0x80]),
            fatal(&[COMPRESSION_ERROR]),
        )),
        coarse(case(
            "a table beyond what is allowed",
            "7541 6.3",
            frame(HEADERS, END_STREAM | END_HEADERS, 1, [0x3f, 0xff, 0xff, 0x7f]),
            fatal(&[COMPRESSION_ERROR]),
        )),
        coarse(case(
            "a number without end",
            "7541 5.1",
            frame(HEADERS, END_STREAM | END_HEADERS, 1, [0xff; 40]),
            fatal(&[COMPRESSION_ERROR]),
        )),
        coarse(case(
            "a text that is cut short",
            "7541 5.2",
            frame(HEADERS, END_STREAM | END_HEADERS, 1, [0, 5, b'x']),
            fatal(&[COMPRESSION_ERROR]),
        )),
        coarse(case(
            "a code of Huffman that is none",
            "7541 5.2",
            frame(HEADERS, END_STREAM | END_HEADERS, 1, [0, 0x84, 0xff, 0xff, 0xff, 0xff, 0]),
            fatal(&[COMPRESSION_ERROR]),
        )),
        case("too large a list", "10.5.1", join(&large()), {
            let mut outs = broken(&[ENHANCE_YOUR_CALM, PROTOCOL_ERROR]);
            outs.extend([Status(431), Reset(REFUSED_STREAM)]);
            outs
        }),
        case("a bomb", "10.5.1", bomb(), {
            let mut outs = broken(&[ENHANCE_YOUR_CALM, PROTOCOL_ERROR, COMPRESSION_ERROR]);
            outs.push(Status(431));
            outs
        }),
    ]
}

/// A list of more than 16 KiB.
fn large() -> Vec<Vec<u8>> {
    let value = "v".repeat(9_000);
    vec![
        frame(HEADERS, END_STREAM, 1, [request("GET", "/hello"), field("x-a", &value)].concat()),
        frame(CONTINUATION, END_HEADERS, 1, field("x-b", &value)),
    ]
}

/// One field of 4 000 bytes that is put into the table, and then named 10 000 times with a byte each.
fn bomb() -> Vec<u8> {
    let value = "v".repeat(4_000);
    let indexed =
        [vec![0x40, 3], b"x-a".to_vec(), length(value.len()), value.into_bytes()].concat();
    let block = [request("GET", "/hello"), indexed, vec![0xbe; 10_000]].concat();
    frame(HEADERS, END_STREAM | END_HEADERS, 1, block)
}

/// The request that follows every case.
const NEXT: u32 = 0x7fff_ff01;

impl Case {
    async fn play(&self, running: &Running) -> std::result::Result<(), String> {
        let mut peer = Peer::connect(running.addr(), []).await;
        let _ = peer.send(&self.sent).await;
        let _ = peer.send(get(NEXT, "/hello")).await;
        let mut is_served = false;
        let got = loop {
            match peer.event(Duration::from_secs(3)).await {
                Event::Status(NEXT, 200) => {
                    is_served = true;
                    if self.allowed.contains(&Fine) {
                        break Fine;
                    }
                }
                Event::Status(NEXT, other) => return Err(format!("{other} for the next")),
                Event::Status(_, status) => break Status(status),
                Event::Reset(_, code) => break Reset(code),
                Event::Goaway(code) => break Goaway(code),
                Event::Closed => break Closed,
                Event::Silence => return Err("nothing comes of it".to_owned()),
                _ => {}
            }
        };
        if let Some((deviation, why)) = self.deviation {
            eprintln!("known: {} ({}) gives {got:?}: {why}", self.name, self.section);
            if got != deviation {
                return Err(format!("{got:?}, and {deviation:?} was known"));
            }
        } else if !self.allowed.contains(&got) {
            return Err(format!("{got:?}, allowed is {:?}", self.allowed));
        }
        match got {
            Goaway(_) if !peer.until(|event| *event == Event::Closed).await => {
                Err("GOAWAY, and the connection stays".to_owned())
            }
            // There is no room for the next one either.
            Reset(REFUSED_STREAM) => Ok(()),
            Status(_) | Reset(_) if !is_served => {
                let next = |event: &Event| *event == Event::Status(NEXT, 200);
                match peer.until(next).await {
                    true => Ok(()),
                    false => Err(format!("{got:?}, and the next is not served")),
                }
            }
            _ => Ok(()),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn http2_does_what_the_rfcs_allow() {
    within(LIMIT * 3, async {
        let running = manager(&Gate::new(), &Smuggled::default()).spawn().await.unwrap();
        let cases: Vec<Case> =
            [connection(), windows(), streams(), requests()].into_iter().flatten().collect();
        assert!(cases.len() >= 40, "{} cases", cases.len());
        let mut wrong = Vec::new();
        for case in &cases {
            if let Err(why) = case.play(&running).await {
                wrong.push(format!("{} ({}): {why}", case.name, case.section));
            }
        }
        eprintln!("{} cases", cases.len());
        assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
        settled(&running).await;
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn prefaces_that_are_none() {
    within(LIMIT, async {
        let running = manager(&Gate::new(), &Smuggled::default())
            .with_head_timeout("150ms")
            .with_keep_alive("300ms")
            .spawn()
            .await
            .unwrap();
        for sent in [
            b"PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n".to_vec(),
            b"PRI * HTTP/2.0\r\n\r\n".to_vec(),
            b"PRI ".to_vec(),
            b"PRI / HTTP/1.1\r\nHost: localhost\r\n\r\n".to_vec(),
            PREFACE.to_vec(),
            [PREFACE, &get(1, "/hello")].concat(),
            [PREFACE, &frame(PING, 0, 0, [0; 8])].concat(),
        ] {
            let mut peer = Peer::bare(running.addr()).await;
            let _ = peer.send(&sent).await;
            assert!(peer.until(|event| *event == Event::Closed).await, "{sent:?}");
        }
        settled(&running).await;
        running.stop().await.unwrap();
    })
    .await;
}
