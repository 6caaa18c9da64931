//! Every option, at its limits and in its forms.

#![deny(warnings)]

use manager_runtime::prelude::*;

#[handler()]
async fn nothing() {}

#[handler(name = "0a.b-c_d", replicas = 1, queue = 0, timeout = "1ms", body_limit = 1)]
async fn least() {}

#[handler(
    name = "a234567890a234567890a234567890a234567890a234567890a234567890a234567890a234567890a234567890a234567890a234567890a234567890a2345678"
)]
async fn longest() {}

#[handler(replicas = 0x10, queue = 16_777_216, timeout = "24h", body_limit = "1TiB")]
async fn most() {}

#[handler(timeout = 30, body_limit = 1_000)]
async fn bare() {}

#[handler(timeout = "500ms", body_limit = "64KiB", public, detached)]
async fn units() {}

#[handler(on = "orders.created", timeout = "5m")]
async fn one_topic(_: String) {}

#[handler(on = ["orders.*", "orders.>", ">", "*.created", "A-b_9"], public)]
async fn topics(_: String) {}

#[handler(peers = "shop", public, on = "peers")]
async fn one_peer(_: String) {}

#[handler(peers = ["shop", "*.example.com", "Gerät 1"], public)]
async fn some_peers() {}

#[handler(internal, on = "internal")]
async fn internal() {}

#[handler(blocking, replicas = 2)]
fn blocking() {}

#[handler(crate = manager_runtime)]
async fn by_path() {}

#[handler(crate = ::manager_runtime)]
async fn by_absolute_path() {}

#[handler(crate = "manager_runtime")]
async fn by_text() {}

#[handler(name = r"raw-text")]
async fn raw() {}

#[handler(r#public, r#replicas = 2)]
async fn raw_option() {}

#[derive(Default)]
struct HTTPServer2;

#[handler(rebuild_on_cancel, detached, replicas = 2)]
impl HTTPServer2 {
    async fn run(&mut self) {}
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let running = Manager::new_default().without_http().spawn().await?;
    let ctx = running.context();
    for name in ["nothing", "0a.b-c_d", "most", "units", "raw-text", "raw_option", "http_server2"] {
        ctx.publish(name, ()).await?;
    }
    ctx.publish("some_peers", ()).await?;
    assert_eq!(ctx.emit("orders.created", "one").await?, 2);
    assert_eq!(ctx.emit("internal", "one").await?, 2);
    running.stop().await
}
