//! The service that has to bear it.

use std::io::Read;
use std::time::Duration;

use manager_runtime::prelude::*;
use manager_runtime::{BodyStream, Bytes, Download, Event, Sse};

use crate::wire::{BLOB, Sum, Total};

#[handler(replicas = 8)]
async fn add(sum: Json<Sum>) -> Json<Total> {
    Json(Total { total: sum.0.a + sum.0.b })
}

/// Through another handler.
#[handler(replicas = 8)]
async fn twice(ctx: Context, sum: Json<Sum>) -> Result<Json<Total>> {
    let once = ctx.call::<add>(sum.0).await?;
    Ok(Json(Total { total: once.total * 2 }))
}

#[handler(get = "/hello/{name}")]
async fn hello(Path(name): Path<String>) -> String {
    format!("hello {name}")
}

/// Slower than some of its clients have patience.
#[handler(replicas = 64)]
async fn slow(text: String) -> String {
    tokio::time::sleep(Duration::from_millis(30)).await;
    text
}

#[handler(replicas = 4)]
async fn boom(_text: String) -> String {
    panic!("as it was asked to")
}

/// One instance that counts and panics; it is made again each time.
#[derive(Default)]
struct Shaky(u64);

#[handler(replicas = 2)]
impl Shaky {
    async fn run(&mut self, text: String) -> String {
        self.0 += 1;
        assert!(text != "fall", "as it was asked to");
        self.0.to_string()
    }
}

#[handler(post = "/count", body_limit = "16MiB")]
async fn count(mut body: BodyStream) -> Result<String> {
    let mut count = 0;
    while let Some(piece) = body.next().await? {
        count += piece.len();
    }
    Ok(count.to_string())
}

#[handler(get = "/blob")]
async fn blob() -> Download {
    Download::from_bytes(Bytes::from(vec![b'x'; BLOB]))
}

#[handler(get = "/ticks")]
async fn ticks() -> Sse {
    let (events, sse) = Sse::channel(4);
    tokio::spawn(async move {
        // Until the client has left.
        while events.send(Event::data("tick")).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    });
    sse
}

/// Serves until the standard input ends.
pub(crate) fn serve(folder: &str) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    runtime.expect("a runtime").block_on(async {
        let plain = assembled().spawn().await.expect("the manager starts");
        let secure = assembled()
            .with_tls(format!("{folder}/cert.pem"), format!("{folder}/key.pem"))
            .spawn()
            .await
            .expect("the manager starts with TLS");
        println!("{} {}", plain.addr(), secure.addr());
        let input = tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new()));
        let _ = input.await;
        for running in [plain, secure] {
            let figures = running.edge();
            running.stop().await.expect("a clean end");
            eprintln!("{figures:?}");
        }
    });
}

fn assembled() -> Manager {
    let mut manager = Manager::new_default();
    manager
        .with_bind("127.0.0.1:0")
        .with_head_timeout("500ms")
        .with_body_timeout("500ms")
        .with_keep_alive("2s")
        .with_drain("5s");
    manager
}
