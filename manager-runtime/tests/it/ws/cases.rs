//! What RFC 6455 demands of a server in frames: one table, in the order and with the numbers of the groups
//! that the Autobahn test suite examines. Of each case it says what is sent, what comes back, and how the
//! connection ends; and it always ends in order, the server's side first and without a reset.

use std::net::SocketAddr;

use super::peer::{BINARY, CLOSE, FIN, PING, PONG, Peer, TEXT, close, frame, text};
use crate::support::{Gate, LIMIT, within};

/// One conversation with an echo.
struct Case {
    name: String,
    steps: Vec<Step>,
    end: End,
}

#[derive(Clone)]
enum Step {
    Send(Vec<u8>),
    Get(u8, Vec<u8>),
}

enum End {
    /// We close with 1000 and are answered.
    Ours,
    /// The server closes with this code, and waits for nothing.
    Fails(u16),
    /// We have closed, and get this for an answer.
    Answered(Vec<u8>),
}

use End::{Answered, Fails, Ours};

fn case(name: impl Into<String>, steps: impl IntoIterator<Item = Step>, end: End) -> Case {
    Case { name: name.into(), steps: steps.into_iter().collect(), end }
}

fn send(frames: impl IntoIterator<Item = Vec<u8>>) -> Step {
    Step::Send(frames.into_iter().flatten().collect())
}

fn get(opcode: u8, payload: impl AsRef<[u8]>) -> Step {
    Step::Get(FIN | opcode, payload.as_ref().to_vec())
}

/// A message of this kind in fragments of at most so many bytes.
fn fragments(opcode: u8, payload: &[u8], most: usize) -> Vec<u8> {
    let count = payload.len().div_ceil(most);
    let piece = |(number, piece): (usize, &[u8])| {
        let first = if number == 0 { opcode } else { 0 };
        frame(if number + 1 == count { FIN | first } else { first }, piece)
    };
    payload.chunks(most).enumerate().flat_map(piece).collect()
}

/// Plays all of them, each at once and, if it is short, byte by byte as well; all that went wrong is told
/// together.
async fn play(cases: Vec<Case>) {
    within(LIMIT, async {
        let running = super::spawn(&Gate::new()).await;
        let mut wrong = Vec::new();
        for case in &cases {
            let length = |step: &Step| match step {
                Step::Send(bytes) => bytes.len(),
                Step::Get(..) => 0,
            };
            let is_short = case.steps.iter().map(length).sum::<usize>() < 600;
            for bitwise in [false, true] {
                if bitwise && !is_short {
                    continue;
                }
                if let Err(why) = case.play(running.addr(), bitwise).await {
                    wrong.push(format!("{} (byte by byte: {bitwise}): {why}", case.name));
                }
            }
        }
        assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
        running.stop().await.unwrap();
    })
    .await;
}

impl Case {
    async fn play(&self, address: SocketAddr, bitwise: bool) -> Result<(), String> {
        let mut peer = Peer::open(address, "/echo").await;
        for step in &self.steps {
            match step {
                Step::Send(bytes) if bitwise => {
                    for byte in bytes {
                        // The server may have heard enough, and be gone.
                        if peer.0.try_send([*byte]).await.is_err() {
                            break;
                        }
                        tokio::task::yield_now().await;
                    }
                }
                Step::Send(bytes) => drop(peer.0.try_send(bytes).await),
                Step::Get(first, payload) => expect(&mut peer, *first, payload).await?,
            }
        }
        match &self.end {
            Ours => {
                let _ = peer.0.try_send(close(1000, "")).await;
                expect(&mut peer, FIN | CLOSE, &1000u16.to_be_bytes()).await?;
            }
            Answered(payload) => expect(&mut peer, FIN | CLOSE, payload).await?,
            Fails(code) => match next(&mut peer).await? {
                (first, payload)
                    if first == FIN | CLOSE && payload.starts_with(&code.to_be_bytes()) =>
                {
                    std::str::from_utf8(&payload[2..]).map_err(|error| error.to_string())?;
                }
                other => return Err(told(other)),
            },
        }
        // Our side is still open: the server says the end first (section 7.1.1).
        match peer.0.bytes(1).await {
            Ok(None) => Ok(()),
            Ok(Some(byte)) => Err(format!("after the close came {byte:?}")),
            Err(error) => Err(format!("the end is {error}")),
        }
    }
}

async fn next(peer: &mut Peer) -> Result<(u8, Vec<u8>), String> {
    match peer.try_frame().await {
        Ok(Some(frame)) => Ok(frame),
        Ok(None) => Err("the connection ended".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

async fn expect(peer: &mut Peer, first: u8, payload: &[u8]) -> Result<(), String> {
    let got = next(peer).await?;
    if (got.0, &*got.1) == (first, payload) { Ok(()) } else { Err(told(got)) }
}

fn told((first, payload): (u8, Vec<u8>)) -> String {
    let head = &payload[..payload.len().min(40)];
    format!("got {first:02x} with {} bytes: {}", payload.len(), head.escape_ascii())
}

/// Sent in one go, and echoed as it is.
fn echoed(name: impl Into<String>, opcode: u8, payload: impl AsRef<[u8]>) -> Case {
    let payload = payload.as_ref();
    case(name, [send([frame(FIN | opcode, payload)]), get(opcode, payload)], Ours)
}

// ---- 1: framing -------------------------------------------------------------------------------------

#[tokio::test]
async fn group_1_framing() {
    let mut cases = Vec::new();
    for (number, size) in (1..).zip([0, 125, 126, 127, 128, 65_535, 65_536]) {
        cases.push(echoed(format!("1.1.{number}: text of {size}"), TEXT, "*".repeat(size)));
        cases.push(echoed(format!("1.2.{number}: bytes of {size}"), BINARY, vec![0xfe; size]));
    }
    // In pieces that are no frames, each sent for itself.
    for (name, opcode, byte) in [("1.1.8", TEXT, b'*'), ("1.2.8", BINARY, 0xfe)] {
        let payload = vec![byte; 65_536];
        let bytes = frame(FIN | opcode, &payload);
        let pieces = bytes.chunks(997).map(|piece| send([piece.to_vec()]));
        cases.push(case(name, pieces.chain([get(opcode, &payload)]), Ours));
    }
    let unmasked = || b"\x81\x05hello".to_vec();
    cases.push(case("a frame without a mask", [send([unmasked()])], Fails(1002)));
    cases.push(case(
        "a frame without a mask after one with it",
        [send([text("hello"), unmasked()]), get(TEXT, "hello")],
        Fails(1002),
    ));
    cases.push(case("found by its head", [send([b"\x81\x7d".to_vec()])], Fails(1002)));
    // A client must not write a length so (section 5.2); what it means is clear, and nobody is told off.
    let padded = b"\x81\xfe\x00\x01\x00\x00\x00\x00x".to_vec();
    cases.push(case(
        "a length in more bytes than it needs",
        [send([padded]), get(TEXT, "x")],
        Ours,
    ));
    play(cases).await;
}

// ---- 2: pings and pongs -----------------------------------------------------------------------------

#[tokio::test]
async fn group_2_pings_and_pongs() {
    let ping = |payload: &[u8]| frame(FIN | PING, payload);
    let pong = |payload: &[u8]| frame(FIN | PONG, payload);
    let answered =
        |name: &str, payload: &[u8]| case(name, [send([ping(payload)]), get(PONG, payload)], Ours);
    let ten: Vec<[u8; 9]> =
        (b'0'..=b'9').map(|at| [b'p', b'a', b'y', b'l', b'o', b'a', b'd', b'-', at]).collect();
    let pongs = || ten.iter().map(|payload| get(PONG, payload));
    play(vec![
        answered("2.1: empty", b""),
        answered("2.2: text", b"Hello, world!"),
        answered("2.3: bytes", b"\x00\xff\xfe\xfd\xfc\xfb\x00\xff"),
        answered("2.4, 2.6: the longest", &[0xfe; 125]),
        case("2.5: too long", [send([ping(&[0xfe; 126])])], Fails(1002)),
        case("a pong too long", [send([pong(&[0; 126])])], Fails(1002)),
        case("too long by its head", [send([b"\x89\xff".to_vec()])], Fails(1002)),
        case("2.7: a pong unasked for", [send([pong(b"")])], Ours),
        case("2.8: one with a payload", [send([pong(b"unasked for")])], Ours),
        case(
            "2.9: and a ping behind it",
            [send([pong(b"unasked for"), ping(b"ping")]), get(PONG, "ping")],
            Ours,
        ),
        case("2.10: ten", [send(ten.iter().map(|one| ping(one)))].into_iter().chain(pongs()), Ours),
        case(
            "2.11: one after the other",
            ten.iter().flat_map(|one| [send([ping(one)]), get(PONG, one)]),
            Ours,
        ),
    ])
    .await;
}

// ---- 3: reserved bits -------------------------------------------------------------------------------

#[tokio::test]
async fn group_3_reserved_bits() {
    let mut cases = Vec::new();
    for bits in 1..=7 {
        let reserved = bits << 4;
        let hello = [text("hello"), frame(FIN | reserved | TEXT, "hello"), frame(FIN | PING, "")];
        cases.push(case(
            format!("3.{bits}: between others"),
            [send(hello), get(TEXT, "hello")],
            Fails(1002),
        ));
        for opcode in [TEXT, BINARY, CLOSE, PING, PONG] {
            let wrong = frame(FIN | reserved | opcode, "");
            cases.push(case(format!("3.{bits}: opcode {opcode}"), [send([wrong])], Fails(1002)));
        }
        let continued = [frame(TEXT, "x"), frame(FIN | reserved, "x")];
        cases.push(case(format!("3.{bits}: of a fragment"), [send(continued)], Fails(1002)));
    }
    play(cases).await;
}

// ---- 4: opcodes -------------------------------------------------------------------------------------

#[tokio::test]
async fn group_4_opcodes() {
    let mut cases = Vec::new();
    for opcode in [3, 4, 5, 6, 7, 11, 12, 13, 14, 15] {
        let group = if opcode < 8 { "4.1" } else { "4.2" };
        for payload in ["", "reserved"] {
            let name = format!("{group}: {opcode} with {} bytes", payload.len());
            let wrong = || frame(FIN | opcode, payload);
            cases.push(case(&*name, [send([wrong()])], Fails(1002)));
            let between = [text("hello"), wrong(), frame(FIN | PING, "")];
            cases.push(case(name, [send(between), get(TEXT, "hello")], Fails(1002)));
        }
    }
    play(cases).await;
}

// ---- 5: fragments -----------------------------------------------------------------------------------

#[tokio::test]
async fn group_5_fragments() {
    let ping = |payload: &str| frame(FIN | PING, payload);
    let two = || [frame(TEXT, "fragment1"), frame(FIN, "fragment2")];
    let whole = || get(TEXT, "fragment1fragment2");
    let [one, last] = two();
    let split = [send([one.clone()]), send([last.clone()]), whole()];
    let five = [
        send([one.clone(), frame(0, "fragment2"), ping("1")]),
        get(PONG, "1"),
        send([frame(0, "fragment3"), frame(0, "fragment4"), ping("2")]),
        get(PONG, "2"),
        send([frame(FIN, "fragment5")]),
        get(TEXT, "fragment1fragment2fragment3fragment4fragment5"),
    ];
    let sent = |name: &str, frames: &[Vec<u8>]| case(name, [send(frames.to_vec())], Fails(1002));
    let mut cases = vec![
        sent("5.1: a ping in fragments", &[frame(PING, "one"), frame(FIN, "two")]),
        sent("5.2: a pong in fragments", &[frame(PONG, "one"), frame(FIN, "two")]),
        sent("a close in fragments", &[frame(CLOSE, ""), frame(FIN, "")]),
        case("5.3: two at once", [send(two()), whole()], Ours),
        case("5.4, 5.5: two, one after the other", split, Ours),
        case(
            "5.6: a ping between, at once",
            [send([one.clone(), ping("ping"), last.clone()]), get(PONG, "ping"), whole()],
            Ours,
        ),
        case(
            "5.7, 5.8: a ping between, one after the other",
            [
                send([one.clone()]),
                send([ping("ping")]),
                get(PONG, "ping"),
                send([last.clone()]),
                whole(),
            ],
            Ours,
        ),
        sent("5.9, 5.10, 5.11: the end of nothing", &[frame(FIN, "x"), text("hello")]),
        sent("5.12, 5.13, 5.14: the middle of nothing", &[frame(0, "x"), text("hello")]),
        case(
            "5.15: the middle of nothing after a message",
            [send([one.clone(), last.clone(), frame(0, "x"), text("hello")]), whole()],
            Fails(1002),
        ),
        sent("5.16: twice", &[frame(0, "x"), text("hello"), frame(0, "x"), text("hello")]),
        sent("5.17: the end twice", &[frame(FIN, "x"), text("hello"), frame(FIN, "x")]),
        sent("5.18: a message in another", &[one.clone(), frame(FIN | TEXT, "fragment2")]),
        sent("another one's beginning", &[one.clone(), frame(BINARY, "x")]),
        case("5.19, 5.20: five with pings between", five, Ours),
    ];
    let payload: Vec<u8> = (0..5_000u32).map(|at| (at % 251) as u8).collect();
    for most in [1, 7, 125, 1_000, 4_999] {
        cases.push(case(
            format!("of {most} bytes"),
            [send([fragments(BINARY, &payload, most)]), get(BINARY, &payload)],
            Ours,
        ));
    }
    play(cases).await;
}

// ---- 6: UTF-8 ---------------------------------------------------------------------------------------

/// κόσμε, and then what can be none (U+110000), and then more that is.
const GOOD: &[u8] = b"\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5";
const NONE: &[u8] = b"\xf4\x90\x80\x80";
const MORE: &[u8] = b"edited";

#[tokio::test]
async fn group_6_1_to_6_3_text_whole_and_in_fragments() {
    let long = "Hello-µ@ßöäüàá-UTF-8!!".repeat(2);
    let long = long.as_bytes();
    let bad = [GOOD, b"\xed\xa0\x80", MORE].concat();
    let empty = |opcode| frame(opcode, "");
    let mut cases = vec![
        echoed("6.1.1: empty", TEXT, ""),
        case("6.1.2: in three", [send([empty(TEXT), empty(0), empty(FIN)]), get(TEXT, "")], Ours),
        case(
            "6.1.3: around something",
            [send([empty(TEXT), frame(0, "middle"), empty(FIN)]), get(TEXT, "middle")],
            Ours,
        ),
        echoed("6.2.1: whole", TEXT, long),
        case("6.2.3: by byte", [send([fragments(TEXT, long, 1)]), get(TEXT, long)], Ours),
        case("6.2.4: by byte", [send([fragments(TEXT, GOOD, 1)]), get(TEXT, GOOD)], Ours),
        case("6.3.1: no text", [send([frame(FIN | TEXT, &bad)])], Fails(1007)),
        case("6.3.2: no text, by byte", [send([fragments(TEXT, &bad, 1)])], Fails(1007)),
        case(
            "after a text",
            [send([text("hello"), frame(FIN | TEXT, &bad)]), get(TEXT, "hello")],
            Fails(1007),
        ),
        echoed("bytes are no text", BINARY, &bad),
    ];
    for at in 0..=long.len() {
        let (one, two) = long.split_at(at);
        let sent = send([frame(TEXT, one), frame(FIN, two)]);
        cases.push(case(format!("6.2.2: cut at {at}"), [sent, get(TEXT, long)], Ours));
    }
    play(cases).await;
}

/// The rest of the message never comes: who waits for it waits for ever.
#[tokio::test]
async fn group_6_4_what_can_be_no_text_is_refused_at_once() {
    let all = [GOOD, NONE, MORE].concat();
    // A frame of which only the beginning is sent.
    let begun = |first, sent: &[u8]| {
        let mut bytes = frame(first, &all);
        bytes.truncate(6 + sent.len());
        bytes
    };
    let to = |count: usize| [GOOD, &NONE[..count]].concat();
    let mut cases = vec![
        case("6.4.1", [send([frame(TEXT, GOOD)]), send([frame(0, NONE)])], Fails(1007)),
        case(
            "6.4.2: up to the byte that cannot be",
            [send([frame(TEXT, to(1))]), send([frame(0, &NONE[1..2])])],
            Fails(1007),
        ),
        case("6.4.3: in one frame", [send([begun(FIN | TEXT, &to(4))])], Fails(1007)),
        case(
            "6.4.4: in one frame, up to that byte",
            [send([begun(FIN | TEXT, &to(2))])],
            Fails(1007),
        ),
        case(
            "in the frame of a fragment",
            [send([frame(TEXT, "κ"), begun(0, &to(2))])],
            Fails(1007),
        ),
        case(
            "after what is in order",
            [
                send([text("one"), text("two"), begun(TEXT, &to(2))]),
                get(TEXT, "one"),
                get(TEXT, "two"),
            ],
            Fails(1007),
        ),
    ];
    // A character that is cut by the end of a fragment.
    let cut = [frame(TEXT, b"\xce"), frame(0, "x")];
    cases.push(case("a character half in a fragment", [send(cut)], Fails(1007)));
    play(cases).await;
}

#[tokio::test]
async fn group_6_5_to_6_23_what_is_text_and_what_is_not() {
    let good: &[(&str, &[&[u8]])] = &[
        ("6.5", &[GOOD]),
        ("6.6: up to a character", &[b"\xce\xba", &GOOD[..5], &GOOD[..7], &GOOD[..9]]),
        ("6.7: the first of a length", &[b"\0", b"\xc2\x80", b"\xe0\xa0\x80", b"\xf0\x90\x80\x80"]),
        ("6.9: the last", &[b"\x7f", b"\xdf\xbf", b"\xef\xbf\xbf", b"\xf4\x8f\xbf\xbf"]),
        ("6.11: beside a border", &[b"\xed\x9f\xbf", b"\xee\x80\x80", b"\xef\xbf\xbd"]),
        (
            "6.22: no characters, and text",
            &[
                b"\xef\xbf\xbe",
                b"\xef\xb7\x90",
                b"\xf0\x9f\xbf\xbe",
                b"\xf0\xaf\xbf\xbf",
                b"\xf3\xbf\xbf\xbe",
                b"\xf4\x8f\xbf\xbe",
            ],
        ),
        ("6.23: specials", &[b"\xef\xbf\xb9", b"\xef\xbf\xba", b"\xef\xbf\xbc", b"\xef\xbb\xbf"]),
    ];
    let bad: &[(&str, &[&[u8]])] = &[
        ("6.6: within a character", &[&GOOD[..1], &GOOD[..3], &GOOD[..4], &GOOD[..6], &GOOD[..10]]),
        ("6.8: lengths that are none", &[b"\xf8\x88\x80\x80\x80", b"\xfc\x84\x80\x80\x80\x80"]),
        ("6.10: their last", &[b"\xf7\xbf\xbf\xbf", b"\xfb\xbf\xbf\xbf\xbf"]),
        ("6.11: over the border", &[b"\xf4\x90\x80\x80"]),
        ("6.12: a continuation", &[b"\x80", b"\xbf", b"\x80\xbf", b"\x80\xbf\x80", b"a\x80"]),
        ("6.13: a lonely start", &[b"\xc0 \xc1 \xc2 ", b"\xe0 \xe1 ", b"\xf0 \xf1 ", b"\xf8 "]),
        (
            "6.14: without the last byte",
            &[
                b"\xc0",
                b"\xe0\x80",
                b"\xf0\x80\x80",
                b"\xdf",
                b"\xef\xbf",
                b"\xf4\x8f\xbf",
                b"\xf7\xbf\xbf",
            ],
        ),
        ("6.15: one after the other", &[b"\xc0\xe0\x80\xf0\x80\x80\xf8\x80\x80\x80\xdf\xef\xbf"]),
        ("6.16: bytes that are never there", &[b"\xfe", b"\xff", b"\xfe\xfe\xff\xff"]),
        ("6.17: too long", &[b"\xc0\xaf", b"\xe0\x80\xaf", b"\xf0\x80\x80\xaf"]),
        ("6.18: just too long", &[b"\xc1\xbf", b"\xe0\x9f\xbf", b"\xf0\x8f\xbf\xbf"]),
        ("6.19: NUL, too long", &[b"\xc0\x80", b"\xe0\x80\x80", b"\xf0\x80\x80\x80"]),
        (
            "6.20: half a pair",
            &[b"\xed\xa0\x80", b"\xed\xad\xbf", b"\xed\xae\x80", b"\xed\xb0\x80", b"\xed\xbf\xbf"],
        ),
        ("6.21: a pair", &[b"\xed\xa0\x80\xed\xb0\x80", b"\xed\xaf\xbf\xed\xbf\xbf"]),
    ];
    let all = |table: &[(&str, &[&[u8]])]| -> Vec<(String, Vec<u8>)> {
        let named = |(name, texts): &(&str, &[&[u8]])| {
            let named = |text: &&[u8]| (format!("{name}: {}", text.escape_ascii()), text.to_vec());
            texts.iter().map(named).collect::<Vec<_>>()
        };
        table.iter().flat_map(named).collect()
    };
    let mut cases = Vec::new();
    for (name, bytes) in all(good) {
        cases.push(echoed(name, TEXT, bytes));
    }
    for (name, bytes) in all(bad) {
        cases.push(case(&*name, [send([frame(FIN | TEXT, &bytes)])], Fails(1007)));
        // At the end of the message, if it only is not whole.
        let cut = [frame(TEXT, &bytes), frame(FIN, "")];
        cases.push(case(format!("{name}, in fragments"), [send(cut)], Fails(1007)));
    }
    play(cases).await;
}

// ---- 7: the close -----------------------------------------------------------------------------------

#[tokio::test]
async fn group_7_the_close() {
    let code = |code: u16| code.to_be_bytes().to_vec();
    let because = |code: u16, reason: &[u8]| [&code.to_be_bytes()[..], reason].concat();
    let ours = || close(1000, "");
    let (long, longest) = (vec![b'*'; 256 * 1024], vec![b'*'; 123]);
    let mut cases = vec![
        case("7.1.1", [send([text("hello"), ours()]), get(TEXT, "hello")], Answered(code(1000))),
        case("7.1.2: twice", [send([ours(), ours()])], Answered(code(1000))),
        case("7.1.3: a ping after", [send([ours(), frame(FIN | PING, "")])], Answered(code(1000))),
        case("7.1.4: a text after", [send([ours(), text("late")])], Answered(code(1000))),
        case(
            "7.1.5: in the middle of a message",
            [send([frame(TEXT, "one"), ours(), frame(FIN, "two")])],
            Answered(code(1000)),
        ),
        case(
            "7.1.6: after much",
            [send([frame(FIN | TEXT, &long), ours(), frame(FIN | PING, "")]), get(TEXT, &long)],
            Answered(code(1000)),
        ),
        case("no frame after", [send([ours(), vec![0xff; 300]])], Answered(code(1000))),
        case(
            "half a frame after",
            [send([ours(), text("late")[..4].to_vec()])],
            Answered(code(1000)),
        ),
        case("7.3.1: without a code", [send([frame(FIN | CLOSE, "")])], Answered(Vec::new())),
        case("7.3.2: half a code", [send([frame(FIN | CLOSE, [3])])], Fails(1002)),
        case("7.3.3: a code", [send([close(1000, "")])], Answered(code(1000))),
        case(
            "7.3.4: a reason",
            [send([close(1000, "Hello, wörld!")])],
            Answered(because(1000, "Hello, wörld!".as_bytes())),
        ),
        case(
            "7.3.5: the longest",
            [send([close(1000, &longest)])],
            Answered(because(1000, &longest)),
        ),
        case("7.3.6: too long", [send([close(1000, vec![b'*'; 124])])], Fails(1002)),
        case(
            "7.5.1: a reason that is no text",
            [send([close(1000, [GOOD, b"\xed\xa0\x80", MORE].concat())])],
            Fails(1007),
        ),
        case("half a character", [send([close(1000, b"\xce")])], Fails(1007)),
    ];
    let good =
        [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 3000, 3999, 4000, 4999];
    for number in good {
        let sent = send([close(number, "why")]);
        cases.push(case(format!("7.7: {number}"), [sent], Answered(because(number, b"why"))));
    }
    // The last two are 7.13.
    let bad = [0, 999, 1004, 1005, 1006, 1014, 1015, 1016, 1100, 2000, 2999, 5000, 65_535];
    for number in bad {
        cases.push(case(format!("7.9: {number}"), [send([close(number, "")])], Fails(1002)));
        cases.push(case(
            format!("7.9: {number}, why"),
            [send([close(number, "why")])],
            Fails(1002),
        ));
    }
    play(cases).await;
}

// ---- 9: limits --------------------------------------------------------------------------------------

#[tokio::test]
async fn group_9_1_to_9_6_long_messages() {
    const KIB: usize = 1024;
    let mut cases = Vec::new();
    let kinds = [(TEXT, ["9.1", "9.3", "9.5"], b'*'), (BINARY, ["9.2", "9.4", "9.6"], 0xfe)];
    for (opcode, [whole, split, chopped], byte) in kinds {
        // The last is as long as a message may be.
        for size in [64 * KIB, 256 * KIB, 1024 * KIB, 2048 * KIB] {
            cases.push(echoed(format!("{whole}: {size}"), opcode, vec![byte; size]));
        }
        let payload = vec![byte; 1024 * KIB];
        for most in [64, 256, KIB, 4 * KIB, 16 * KIB, 64 * KIB, 256 * KIB, 1024 * KIB] {
            cases.push(case(
                format!("{split}: fragments of {most}"),
                [send([fragments(opcode, &payload, most)]), get(opcode, &payload)],
                Ours,
            ));
        }
        let bytes = frame(FIN | opcode, &payload);
        for most in [64, 256, KIB, 2 * KIB] {
            let pieces = bytes.chunks(most).map(|piece| send([piece.to_vec()]));
            let steps = pieces.chain([get(opcode, &payload)]);
            cases.push(case(format!("{chopped}: pieces of {most}"), steps, Ours));
        }
        let over = frame(FIN | opcode, vec![byte; 2048 * KIB + 1]);
        cases.push(case(
            format!("{whole}: too long, by its head"),
            [send([over[..14].to_vec()])],
            Fails(1009),
        ));
        let two = [frame(opcode, vec![byte; 2048 * KIB]), frame(FIN, [byte])];
        cases.push(case(format!("{split}: too long together"), [send(two)], Fails(1009)));
    }
    play(cases).await;
}

#[tokio::test]
async fn group_9_7_and_9_8_many_messages() {
    let mut cases = Vec::new();
    for (group, opcode, byte) in [("9.7", TEXT, b'*'), ("9.8", BINARY, 0xfe)] {
        for size in [0, 16, 64, 256, 1024, 4096] {
            let payload = vec![byte; size];
            let round = || [send([frame(FIN | opcode, &payload)]), get(opcode, &payload)];
            let rounds = (0..1_000).flat_map(|_| round());
            cases.push(case(format!("{group}: a thousand of {size}"), rounds, Ours));
        }
    }
    play(cases).await;
}

// ---- 10: the rest -----------------------------------------------------------------------------------

#[tokio::test]
async fn group_10_fragments_of_a_proxy() {
    let payload = vec![b'*'; 65_536];
    let sent = send([fragments(TEXT, &payload, 1_300)]);
    play(vec![case("10.1.1", [sent, get(TEXT, &payload)], Ours)]).await;
}
