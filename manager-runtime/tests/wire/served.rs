//! The handlers that are asked here, and what has to hold after everything.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use manager_runtime::prelude::*;
use manager_runtime::{Body, Redirect, Response};

use crate::support::{Gate, fetch, get, until};

/// How often a handler ran that nobody asked for.
#[derive(Clone, Default)]
pub(crate) struct Smuggled(Arc<AtomicUsize>);

impl Smuggled {
    pub(crate) fn count(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

#[handler(get = "/hello", delete = "/hello")]
async fn hello() -> &'static str {
    "hello"
}

#[handler(post = "/echo", put = "/echo")]
async fn echo(bytes: Bytes) -> Bytes {
    bytes
}

/// Asked only by what is hidden in another request.
#[handler(any = "/smuggled")]
async fn smuggled(smuggled: Res<Smuggled>) -> &'static str {
    smuggled.0.fetch_add(1, Ordering::SeqCst);
    "smuggled"
}

#[handler(get = "/nothing")]
async fn nothing() -> StatusCode {
    StatusCode::NO_CONTENT
}

#[handler(get = "/unchanged")]
async fn unchanged() -> (StatusCode, &'static str) {
    (StatusCode::NOT_MODIFIED, "a body that is not sent")
}

#[handler(get = "/big")]
async fn big() -> Bytes {
    Bytes::from_static(&[b'x'; BIG])
}

/// More than all buffers between two programs of one machine.
pub(crate) const BIG: usize = 64 * 1024 * 1024;

/// Two pieces, and a pause that is the server's own.
#[handler(get = "/late")]
async fn late() -> Body {
    let (sender, pieces) = tokio::sync::mpsc::channel::<Result<&'static str>>(1);
    tokio::spawn(async move {
        let _ = sender.send(Ok("early,")).await;
        tokio::time::sleep(Duration::from_millis(1_000)).await;
        let _ = sender.send(Ok("late")).await;
    });
    Body::from_stream(Pieces(pieces))
}

struct Pieces(tokio::sync::mpsc::Receiver<Result<&'static str>>);

impl futures_core::Stream for Pieces {
    type Item = Result<&'static str>;

    fn poll_next(
        mut self: std::pin::Pin<&mut Self>,
        cx: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Self::Item>> {
        self.0.poll_recv(cx)
    }
}

#[handler(post = "/gate", get = "/gate", replicas = 100)]
async fn gate(gate: Res<Gate>) {
    gate.pass().await;
}

#[message]
pub(crate) struct Sum {
    pub(crate) a: i64,
    pub(crate) b: i64,
}

#[handler(post = "/add")]
async fn add(Json(sum): Json<Sum>) -> Json<i64> {
    Json(sum.a + sum.b)
}

#[handler]
async fn enveloped(sum: Sum) -> Json<i64> {
    Json(sum.a + sum.b)
}

#[handler]
async fn any_value(Json(value): Json<serde_json::Value>) -> String {
    value.to_string().len().to_string()
}

#[handler(post = "/redirect")]
async fn redirect(target: String) -> Redirect {
    Redirect::to(&target)
}

#[handler(post = "/header")]
async fn header(value: String) -> Result<Response> {
    let mut response = Response::new(Body::from("made"));
    response.headers_mut().insert("x-made", manager_runtime::HeaderValue::from_str(&value)?);
    Ok(response)
}

/// A file that is called what the client says.
#[handler(post = "/attachment")]
async fn attachment(name: String) -> manager_runtime::Download {
    manager_runtime::Download::from_bytes("content").attachment(name)
}

#[handler(get = "/moved/{name}", moved = "/folder/{name}/")]
async fn moved(Path(name): Path<String>) -> String {
    name
}

/// Has the client keep what it says.
#[cfg(feature = "cookies")]
#[handler(post = "/cookie")]
async fn cookie(
    mut cookies: manager_runtime::Cookies,
    value: String,
) -> (manager_runtime::Cookies, &'static str) {
    cookies.add(manager_runtime::cookie::Cookie::new("seen", value));
    (cookies, "made")
}

#[handler(get = "/folder/{name}/")]
async fn folder(Path(name): Path<String>) -> String {
    name
}

/// Says everything twice.
#[cfg(feature = "ws")]
#[handler(get = "/twice")]
async fn twice(mut socket: manager_runtime::WebSocket) -> Result<()> {
    while let Some(message) = socket.next().await? {
        socket.send(message.clone()).await?;
        socket.send(message).await?;
    }
    Ok(())
}

pub(crate) fn manager(gate: &Gate, smuggled: &Smuggled) -> Manager {
    let mut manager = Manager::empty();
    manager
        .add::<hello>()
        .add::<echo>()
        .add::<attachment>()
        .add::<moved>()
        .add::<self::smuggled>()
        .add::<nothing>()
        .add::<unchanged>()
        .add::<big>()
        .add::<late>()
        .add::<self::gate>()
        .add::<add>()
        .add::<enveloped>()
        .add::<any_value>()
        .add::<redirect>()
        .add::<header>()
        .add::<folder>()
        .provide(gate.clone())
        .provide(smuggled.clone())
        .with_bind("127.0.0.1:0");
    #[cfg(feature = "cookies")]
    manager.add::<cookie>();
    #[cfg(feature = "ws")]
    manager.add::<twice>();
    manager
}

/// Still serves; and when its clients have gone, nothing of them is left.
pub(crate) async fn settled(running: &Running) {
    assert_eq!(fetch(running.addr(), get("/hello")).await.text(), "hello");
    until("everything has come to its end", || {
        let edge = running.edge();
        edge.connections == 0 && edge.requests == 0 && edge.streams == 0
    })
    .await;
}
