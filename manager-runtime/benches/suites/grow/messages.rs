//! Longer and longer messages.

use std::hint::black_box;

use manager_bench::measure::Scale;
use manager_runtime::Bytes;
use manager_runtime::prelude::*;

use crate::client::{Client, request};
use crate::curve::{self, Curve};
use crate::row::{Child, Row, nanos};

/// Says what it is told.
#[handler]
async fn echo(text: String) -> String {
    text
}

/// Takes a message in, and looks at its end.
#[handler(post = "/in")]
async fn takes(body: Bytes) -> Json<Option<u8>> {
    Json(body.last().copied())
}

/// The same as text, which has to be UTF-8.
#[handler(post = "/text")]
async fn takes_text(text: String) -> Json<usize> {
    Json(text.len())
}

/// What is sent out.
struct Block(Bytes);

#[handler(get = "/out")]
async fn gives(block: Res<Block>) -> Bytes {
    block.0.clone()
}

/// The same as text that is made for every request.
#[handler(get = "/made")]
async fn makes(block: Res<Block>) -> String {
    "x".repeat(block.0.len())
}

pub(crate) async fn row(size: usize, scale: Scale) -> Row {
    let running = Manager::empty()
        .add::<echo>()
        .add::<takes>()
        .add::<takes_text>()
        .add::<gives>()
        .add::<makes>()
        .provide(Block(vec![b'x'; size].into()))
        .with_body_limit(64 * 1024 * 1024)
        .with_bind("127.0.0.1:0")
        .spawn()
        .await
        .expect("the manager starts");
    let ctx = running.context();
    let mut text = "x".repeat(size);
    let typed = nanos(scale, async |times| {
        for _ in 0..times {
            let told = std::mem::take(&mut text);
            text = ctx.call::<echo>(told).await.expect("an answer");
        }
    })
    .await;
    let named = nanos(scale, async |times| {
        for _ in 0..times {
            let told = std::mem::take(&mut text);
            let reply = ctx.publish("echo", told).await.expect("an answer");
            text = reply.text().expect("text");
        }
    })
    .await;
    black_box(text);
    Row::serving(vec![typed, named], running)
}

const WAYS: [&str; 6] = [
    "call ns",
    "publish ns",
    "bytes in CPU ns",
    "text in CPU ns",
    "bytes out CPU ns",
    "text out CPU ns",
];

pub(crate) fn table(sizes: &[usize], scale: Scale) {
    let mut rows = Vec::new();
    let mut curve = Curve::begin("messages", "length", &WAYS);
    for size in sizes {
        let child = Child::start("messages", *size, scale);
        let mut client = Client::connect(&child.address).expect("the server accepts");
        let body = vec![b'x'; *size];
        let requests = [
            request("POST", "/in", &body),
            request("POST", "/text", &body),
            request("GET", "/out", b""),
            request("GET", "/made", b""),
        ];
        // An allocator learns what it is asked for. What it learns of one is not the next one's gain.
        for request in requests.iter().cycle().take(requests.len() * 8) {
            client.ask(request);
        }
        let mut figures = child.figures.clone();
        for request in &requests {
            figures.push(child.cpu_nanos(scale, || _ = client.ask(request)));
        }
        curve.row(&curve::bytes(*size), &figures);
        rows.push((*size, figures));
    }
    let title = "the same for each KiB; a ratio is to the least figure above";
    let mut curve = Curve::begin(title, "length", &WAYS).against_least();
    for (size, figures) in rows {
        let each: Vec<f64> = figures.iter().map(|nanos| nanos * 1024.0 / size as f64).collect();
        curve.row(&curve::bytes(size), &each);
    }
}
