//! What a client can do.

use std::time::Duration;

use http_body_util::{BodyExt, Full};
use hyper::client::conn::{http1, http2};
use hyper::{Request, Response, body::Incoming};
use hyper_util::rt::{TokioExecutor, TokioIo};
use manager_runtime::Bytes;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::chance::Chance;
use crate::wire::{BLOB, Places, Version};

/// What came of it: why not as it should have, if so.
pub(crate) type Outcome = Result<(), String>;

/// How long an answer may take, on a machine that does all of this at once.
const PATIENCE: Duration = Duration::from_secs(20);

#[derive(Clone, Copy, Debug)]
#[repr(usize)]
pub(crate) enum Act {
    /// Good requests, one after the other, on one connection.
    Asks,
    /// Good requests, all at once, over HTTP/2.
    AsksAtOnce,
    Uploads,
    Downloads,
    /// A handler that panics: 500, and the connection goes on.
    Panics,
    /// Takes some events and leaves.
    Listens,
    /// Leaves before there is an answer.
    Leaves,
    /// Leaves in the middle of what it asked for.
    LeavesADownload,
    LeavesAnUpload,
    LeavesAHead,
    /// Sends half a head and waits for what becomes of it.
    Dawdles,
    /// Sends half a body and waits.
    DawdlesInABody,
    /// What is no HTTP, or nearly.
    Malformed,
    Noise,
    /// Opens streams over HTTP/2 and takes them back.
    Resets,
    /// Begins TLS and leaves.
    LeavesAHandshake,
    /// Connects, and that is all.
    SaysNothing,
}

pub(crate) const ACTS: [Act; 17] = [
    Act::Asks,
    Act::AsksAtOnce,
    Act::Uploads,
    Act::Downloads,
    Act::Panics,
    Act::Listens,
    Act::Leaves,
    Act::LeavesADownload,
    Act::LeavesAnUpload,
    Act::LeavesAHead,
    Act::Dawdles,
    Act::DawdlesInABody,
    Act::Malformed,
    Act::Noise,
    Act::Resets,
    Act::LeavesAHandshake,
    Act::SaysNothing,
];

pub(crate) fn choose(chance: &mut Chance) -> Act {
    // Half of what comes is good.
    if chance.below(2) == 0 { *chance.one_of(&ACTS[..2]) } else { *chance.one_of(&ACTS) }
}

pub(crate) async fn play(act: Act, places: &Places, chance: &mut Chance) -> Outcome {
    let secure = chance.below(2) == 0;
    let played = async {
        match act {
            Act::Asks => asks(places, secure, chance).await,
            Act::AsksAtOnce => asks_at_once(places, secure).await,
            Act::Uploads => uploads(places, secure, chance).await,
            Act::Downloads => downloads(places, secure).await,
            Act::Panics => panics(places, secure, chance).await,
            Act::Listens => listens(places, secure).await,
            Act::Leaves => leaves(places, secure, chance).await,
            Act::LeavesADownload => {
                let get = b"GET /blob HTTP/1.1\r\nHost: localhost\r\n\r\n";
                let most = chance.below(100_000);
                cut(places, secure, get, most).await
            }
            Act::LeavesAnUpload => {
                let mut post = count(1_000_000);
                post.resize(post.len() + chance.below(500_000), b'x');
                cut(places, secure, &post, 0).await
            }
            Act::LeavesAHead => {
                let whole =
                    b"POST /add HTTP/1.1\r\nHost: localhost\r\nContent-Length: 15\r\n\r\n{\"a\":1";
                cut(places, secure, &whole[..chance.below(whole.len())], 0).await
            }
            Act::Dawdles => ended(places, secure, b"GET /hello/you HTTP/1.1\r\nHost: loc").await,
            Act::DawdlesInABody => ended(places, secure, &count(100)).await,
            Act::Malformed => ended(places, secure, chance.one_of::<&[u8]>(MALFORMED)).await,
            Act::Noise => {
                let noise: Vec<u8> = (0..200).map(|_| chance.below(256) as u8).collect();
                ended(places, secure, &noise).await
            }
            Act::Resets => resets(places, secure, chance).await,
            Act::LeavesAHandshake => leaves_a_handshake(places, chance).await,
            Act::SaysNothing => {
                drop(places.connect(secure, Version::One).await.map_err(text)?);
                Ok(())
            }
        }
    };
    timeout(PATIENCE, played).await.unwrap_or_else(|_| Err("nothing happens".to_owned()))
}

/// Whether a good request is still a good request.
pub(crate) async fn still_serves(places: &Places) -> Outcome {
    let mut chance = Chance::new(0, 0);
    for secure in [false, true] {
        let asked = timeout(PATIENCE, asks(places, secure, &mut chance)).await;
        asked.unwrap_or_else(|_| Err("nothing happens".to_owned()))?;
    }
    Ok(())
}

const MALFORMED: &[&[u8]] = &[
    b"GET / HTTP/1.1\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    b"GET /%zz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
    b"POST /add HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\nabc",
    b"POST /add HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    b"POST /add HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n",
    b"POST /add HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999999999999\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost : localhost\r\n\r\n",
    b"GET / HTTP/9.9\r\nHost: localhost\r\n\r\n",
    b"\r\n\r\n\r\n\x00",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x08\x06\x00\x00\x00\x00\x01abcd",
];

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}

async fn asks(places: &Places, secure: bool, chance: &mut Chance) -> Outcome {
    let socket = places.connect(secure, Version::One).await.map_err(text)?;
    let (mut client, connection) = http1::handshake(TokioIo::new(socket)).await.map_err(text)?;
    let connection = tokio::spawn(connection);
    for _ in 0..=chance.below(20) {
        let (a, b) = (chance.below(1_000), chance.below(1_000));
        let (request, expected) = match chance.below(3) {
            0 => (post("/add", format!(r#"{{"a":{a},"b":{b}}}"#)), sealed(a + b)),
            1 => (post("/twice", format!(r#"{{"a":{a},"b":{b}}}"#)), sealed((a + b) * 2)),
            _ => (get(&format!("/hello/{a}")), format!("hello {a}")),
        };
        client.ready().await.map_err(text)?;
        let answer = client.send_request(request).await.map_err(text)?;
        expect(answer, 200, &expected).await?;
    }
    drop(client);
    let _ = connection.await;
    Ok(())
}

async fn asks_at_once(places: &Places, secure: bool) -> Outcome {
    let socket = places.connect(secure, Version::Two).await.map_err(text)?;
    let (client, connection) =
        http2::handshake(TokioExecutor::new(), TokioIo::new(socket)).await.map_err(text)?;
    let connection = tokio::spawn(connection);
    let mut asking = tokio::task::JoinSet::new();
    for number in 0..20 {
        let mut client = client.clone();
        asking.spawn(async move {
            let body = format!(r#"{{"a":{number},"b":1}}"#);
            let answer = client.send_request(post("/twice", body)).await.map_err(text)?;
            expect(answer, 200, &sealed((number + 1) * 2)).await
        });
    }
    drop(client);
    while let Some(asked) = asking.join_next().await {
        asked.map_err(text)??;
    }
    let _ = connection.await;
    Ok(())
}

async fn uploads(places: &Places, secure: bool, chance: &mut Chance) -> Outcome {
    let socket = places.connect(secure, Version::One).await.map_err(text)?;
    let (mut client, connection) = http1::handshake(TokioIo::new(socket)).await.map_err(text)?;
    let connection = tokio::spawn(connection);
    let length = chance.below(2_000_000);
    let request = post("/count", vec![b'x'; length]);
    expect(client.send_request(request).await.map_err(text)?, 200, &length.to_string()).await?;
    drop(client);
    let _ = connection.await;
    Ok(())
}

async fn downloads(places: &Places, secure: bool) -> Outcome {
    let socket = places.connect(secure, Version::One).await.map_err(text)?;
    let (mut client, connection) = http1::handshake(TokioIo::new(socket)).await.map_err(text)?;
    let connection = tokio::spawn(connection);
    let answer = client.send_request(get("/blob")).await.map_err(text)?;
    let length = answer.into_body().collect().await.map_err(text)?.to_bytes().len();
    drop(client);
    let _ = connection.await;
    if length == BLOB { Ok(()) } else { Err(format!("{length} bytes of {BLOB}")) }
}

async fn panics(places: &Places, secure: bool, chance: &mut Chance) -> Outcome {
    let socket = places.connect(secure, Version::One).await.map_err(text)?;
    let (mut client, connection) = http1::handshake(TokioIo::new(socket)).await.map_err(text)?;
    let connection = tokio::spawn(connection);
    let request = match chance.below(2) {
        0 => post("/boom", "x"),
        _ => post("/shaky", "fall"),
    };
    let status = client.send_request(request).await.map_err(text)?;
    let status = expect_status(status, 500).await;
    status?;
    // The same connection, and the next one of its kind.
    client.ready().await.map_err(text)?;
    let answer = client.send_request(post("/add", r#"{"a":1,"b":2}"#)).await.map_err(text)?;
    expect(answer, 200, &sealed(3)).await?;
    drop(client);
    let _ = connection.await;
    Ok(())
}

async fn listens(places: &Places, secure: bool) -> Outcome {
    let mut socket = places.connect(secure, Version::One).await.map_err(text)?;
    socket.write_all(b"GET /ticks HTTP/1.1\r\nHost: localhost\r\n\r\n").await.map_err(text)?;
    let mut seen = String::new();
    let mut piece = [0; 1024];
    while seen.matches("data: tick").count() < 3 {
        match socket.read(&mut piece).await.map_err(text)? {
            0 => return Err(format!("the events ended: {seen}")),
            read => seen.push_str(&String::from_utf8_lossy(&piece[..read])),
        }
    }
    Ok(())
}

async fn leaves(places: &Places, secure: bool, chance: &mut Chance) -> Outcome {
    let mut socket = places.connect(secure, Version::One).await.map_err(text)?;
    let request = b"POST /slow HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\nhi";
    socket.write_all(request).await.map_err(text)?;
    tokio::time::sleep(Duration::from_millis(chance.below(40) as u64)).await;
    Ok(())
}

/// Sends this, reads so much, and leaves.
async fn cut(places: &Places, secure: bool, bytes: &[u8], most: usize) -> Outcome {
    let mut socket = places.connect(secure, Version::One).await.map_err(text)?;
    // The other side may be gone by then; that is as good.
    let _ = socket.write_all(bytes).await;
    let mut read = 0;
    let mut piece = [0; 4096];
    while read < most {
        match socket.read(&mut piece).await {
            Ok(0) | Err(_) => break,
            Ok(more) => read += more,
        }
    }
    Ok(())
}

/// Sends this and waits until the service ends the connection. That it does is all that is asked for.
async fn ended(places: &Places, secure: bool, bytes: &[u8]) -> Outcome {
    let mut socket = places.connect(secure, Version::One).await.map_err(text)?;
    let _ = socket.write_all(bytes).await;
    let mut piece = [0; 4096];
    while !matches!(socket.read(&mut piece).await, Ok(0) | Err(_)) {}
    Ok(())
}

async fn resets(places: &Places, secure: bool, chance: &mut Chance) -> Outcome {
    let socket = places.connect(secure, Version::Two).await.map_err(text)?;
    let (client, connection) =
        http2::handshake(TokioExecutor::new(), TokioIo::new(socket)).await.map_err(text)?;
    let connection = tokio::spawn(connection);
    for _ in 0..chance.below(60) {
        let mut client = client.clone();
        // A future that is dropped takes its stream back.
        let asked = client.send_request(post("/slow", "hi"));
        let _ = timeout(Duration::from_millis(chance.below(3) as u64), asked).await;
    }
    connection.abort();
    Ok(())
}

async fn leaves_a_handshake(places: &Places, chance: &mut Chance) -> Outcome {
    let mut socket = TcpStream::connect(places.secure).await.map_err(text)?;
    // The head of a record that promises more than comes.
    let hello = [0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3, 7, 7, 7];
    let _ = socket.write_all(&hello[..chance.below(hello.len())]).await;
    Ok(())
}

fn get(path: &str) -> Request<Full<Bytes>> {
    request("GET", path, Bytes::new())
}

fn post(path: &str, body: impl Into<Bytes>) -> Request<Full<Bytes>> {
    request("POST", path, body.into())
}

fn request(method: &str, path: &str, body: Bytes) -> Request<Full<Bytes>> {
    let request = Request::builder().method(method).uri(format!("http://localhost{path}"));
    request.header("host", "localhost").body(Full::new(body)).expect("a request")
}

fn count(length: usize) -> Vec<u8> {
    format!("POST /count HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n\r\n")
        .into_bytes()
}

fn sealed(total: usize) -> String {
    format!(r#"{{"status":"Ok","message":{{"total":{total}}}}}"#)
}

async fn expect(answer: Response<Incoming>, status: u16, body: &str) -> Outcome {
    let (given, bytes) = whole(answer).await?;
    if given == status && bytes == body.as_bytes() {
        return Ok(());
    }
    Err(format!("{given} {}, and not {status} {body}", String::from_utf8_lossy(&bytes)))
}

async fn expect_status(answer: Response<Incoming>, status: u16) -> Outcome {
    let (given, _) = whole(answer).await?;
    if given == status { Ok(()) } else { Err(format!("{given}, and not {status}")) }
}

async fn whole(answer: Response<Incoming>) -> Result<(u16, Bytes), String> {
    let status = answer.status().as_u16();
    Ok((status, answer.into_body().collect().await.map_err(text)?.to_bytes()))
}
