//! A connection of the client that speaks HTTP/2 (RFC 9113), with prior knowledge.
//!
//! It is written out because a client that keeps the rules for everybody would take as much of its core as the server of
//! its own. What is sent is known beforehand: after the first request, whose fields enter the table of HPACK
//! (RFC 7541), each is a handful of bytes, as it is with a client that asks again and again.

use std::collections::HashMap;
use std::time::Instant;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::load::Done;
use crate::wire::{KEY, Question};

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

// Types of frames.
const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GOAWAY: u8 = 7;
const WINDOW_UPDATE: u8 = 8;

// Flags.
const END_STREAM: u8 = 1;
const ACK: u8 = 1;
const END_HEADERS: u8 = 4;

/// `:status: 200` of the static table.
const OK: u8 = 0x88;

/// How much a side may send on a connection before it is told that more is welcome.
const WINDOW: i64 = 65_535;

/// Opens a stream for each that ends, so many at a time, while it may go on.
pub(crate) async fn connection<G: Fn() -> bool>(
    address: &str,
    question: Question,
    streams: usize,
    ready: impl Future<Output = G>,
) -> Done {
    let stream = TcpStream::connect(address).await.expect("the server accepts");
    stream.set_nodelay(true).expect("a socket has no delay");
    let mut client = Client::new(stream, question);
    client.output.extend_from_slice(PREFACE);
    // No pushes (2: 0), which no server of today makes.
    frame(&mut client.output, SETTINGS, 0, 0, &[0, 2, 0, 0, 0, 0]);
    client.open(&Fields::first(&question));
    client.exchange_until(|client| client.open.is_empty()).await;

    let fields = Fields::again(&question);
    let go_on = ready.await;
    client.done = Done::default();
    loop {
        // What may be sent is more than all streams need at a time, if the server says so in time.
        while client.open.len() < streams && client.may_send() && go_on() {
            client.open(&fields);
        }
        if client.open.is_empty() {
            return client.done;
        }
        let before = client.done.answers;
        client.exchange_until(|client| client.done.answers > before).await;
    }
}

struct Client {
    stream: TcpStream,
    question: Question,
    output: Vec<u8>,
    input: Vec<u8>,
    /// How much of the input is there.
    filled: usize,
    next: u32,
    /// The streams that are open, when they were opened, and whether the whole answer has come.
    open: HashMap<u32, (Instant, bool)>,
    /// What may still be sent on the connection.
    window: i64,
    /// What came since the server was told that more is welcome.
    taken: u32,
    done: Done,
}

impl Client {
    fn new(stream: TcpStream, question: Question) -> Self {
        Client {
            stream,
            question,
            output: Vec::new(),
            input: vec![0; 256 * 1024],
            filled: 0,
            next: 1,
            open: HashMap::new(),
            window: WINDOW,
            taken: 0,
            done: Done::default(),
        }
    }

    fn may_send(&self) -> bool {
        self.window >= self.question.body.len() as i64
    }

    /// Writes one request into the output.
    fn open(&mut self, fields: &Fields) {
        let (stream, body) = (self.next, self.question.body.as_bytes());
        self.next += 2;
        if body.is_empty() {
            frame(&mut self.output, HEADERS, END_HEADERS | END_STREAM, stream, &fields.0);
        } else {
            frame(&mut self.output, HEADERS, END_HEADERS, stream, &fields.0);
            frame(&mut self.output, DATA, END_STREAM, stream, body);
            self.window -= body.len() as i64;
        }
        self.open.insert(stream, (Instant::now(), false));
    }

    /// Sends what is written and reads what comes, until that is enough.
    async fn exchange_until(&mut self, enough: impl Fn(&Self) -> bool) {
        while !enough(self) {
            self.stream.write_all(&self.output).await.expect("the server reads");
            self.output.clear();
            let rest = &mut self.input[self.filled..];
            let read = self.stream.read(rest).await.expect("the server answers");
            assert!(read > 0, "the server ends the connection");
            self.filled += read;
            self.take_frames();
        }
    }

    /// Takes all frames that are whole.
    fn take_frames(&mut self) {
        let input = std::mem::take(&mut self.input);
        let mut rest = &input[..self.filled];
        while let Some((head, behind)) = rest.split_first_chunk::<9>() {
            let [a, b, c, kind, flags, stream @ ..] = *head;
            let length = u32::from_be_bytes([0, a, b, c]) as usize;
            let Some((payload, behind)) = behind.split_at_checked(length) else { break };
            rest = behind;
            self.take(kind, flags, u32::from_be_bytes(stream), payload);
        }
        let left = rest.len();
        let taken = self.filled - left;
        self.input = input;
        self.input.copy_within(taken..self.filled, 0);
        self.filled = left;
    }

    fn take(&mut self, kind: u8, flags: u8, stream: u32, payload: &[u8]) {
        match kind {
            HEADERS => {
                assert_eq!(payload.first(), Some(&OK), "the answer is a refusal");
                self.ended(flags, stream);
            }
            DATA => {
                self.taken += payload.len() as u32;
                if self.taken > WINDOW as u32 / 4 {
                    let more = std::mem::take(&mut self.taken).to_be_bytes();
                    frame(&mut self.output, WINDOW_UPDATE, 0, 0, &more);
                }
                let is_right = payload == self.question.answer.as_bytes();
                let (_, came) = self.open.get_mut(&stream).expect("the stream is open");
                assert!(is_right || *came && payload.is_empty(), "another answer");
                *came = true;
                self.ended(flags, stream);
            }
            SETTINGS if flags & ACK == 0 => {
                frame(&mut self.output, SETTINGS, ACK, 0, &[]);
                for setting in payload.as_chunks::<6>().0 {
                    let [_, name, value @ ..] = *setting;
                    // SETTINGS_MAX_CONCURRENT_STREAMS
                    let is_enough = name != 3 || u32::from_be_bytes(value) >= 100;
                    assert!(is_enough, "the server does not take 100 streams");
                }
            }
            PING if flags & ACK == 0 => frame(&mut self.output, PING, ACK, 0, payload),
            WINDOW_UPDATE if stream == 0 => {
                let more = payload.first_chunk::<4>().expect("a number follows");
                self.window += i64::from(u32::from_be_bytes(*more));
            }
            SETTINGS | PING | WINDOW_UPDATE => {}
            RST_STREAM | GOAWAY => panic!("the server refuses: {payload:?}"),
            other => panic!("nobody expected a frame of type {other}"),
        }
    }

    fn ended(&mut self, flags: u8, stream: u32) {
        if flags & END_STREAM != 0 {
            let (begun, came) = self.open.remove(&stream).expect("the stream is open");
            assert!(came, "the answer has no body");
            self.done.one(1, begun);
        }
    }
}

/// The fields of a request, in the form of HPACK.
struct Fields(Vec<u8>);

impl Fields {
    /// The first request, which puts into the table what is not in it.
    fn first(question: &Question) -> Self {
        let mut fields = Fields::known(question);
        for (name, value) in Fields::own(question) {
            // A literal whose name is in the static table, to be kept (section 6.2.1).
            fields.extend([0x40 | name, value.len() as u8]);
            fields.extend(value.as_bytes());
        }
        Fields(fields)
    }

    /// The next ones, which are in the table (section 6.1): the last that went in is number 62.
    fn again(question: &Question) -> Self {
        let mut fields = Fields::known(question);
        let count = Fields::own(question).len() as u8;
        fields.extend((62..62 + count).rev().map(|number| 0x80 | number));
        Fields(fields)
    }

    /// `:method` and `:scheme: http`, which are in the static table with their values.
    fn known(question: &Question) -> Vec<u8> {
        vec![if question.method == "GET" { 0x82 } else { 0x83 }, 0x86]
    }

    /// The other fields, by the number of their names in the static table.
    fn own(question: &Question) -> Vec<(u8, String)> {
        const AUTHORITY: u8 = 1;
        const PATH: u8 = 4;
        const AUTHORIZATION: u8 = 23;
        const CONTENT_LENGTH: u8 = 28;
        const CONTENT_TYPE: u8 = 31;
        let mut fields = vec![
            (AUTHORITY, "127.0.0.1".to_owned()),
            (PATH, question.path.to_owned()),
            (AUTHORIZATION, format!("Bearer {KEY}")),
        ];
        if !question.body.is_empty() {
            fields.push((CONTENT_TYPE, "application/json".to_owned()));
            fields.push((CONTENT_LENGTH, question.body.len().to_string()));
        }
        fields
    }
}

fn frame(output: &mut Vec<u8>, kind: u8, flags: u8, stream: u32, payload: &[u8]) {
    let [_, length @ ..] = (payload.len() as u32).to_be_bytes();
    output.extend(length);
    output.extend([kind, flags]);
    output.extend(stream.to_be_bytes());
    output.extend(payload);
}
