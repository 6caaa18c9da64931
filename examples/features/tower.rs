//! Layers of tower around handlers: tracing, CORS, compression and a time limit from tower-http.

use std::time::Duration;

use manager_runtime::prelude::*;
use tower_http::compression::CompressionLayer;
use tower_http::cors::{Any, CorsLayer};
use tower_http::timeout::TimeoutLayer;
use tower_http::trace::TraceLayer;

/// A layer like any middleware: by name around handlers, with `path = ".."`, or `global`.
#[middleware]
fn in_time() -> TimeoutLayer {
    TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, Duration::from_millis(50))
}

#[handler(public, get = "/poem")]
async fn poem() -> String {
    "A service is a function, and around it stand its layers.\n".repeat(100)
}

#[handler(public, get = "/nap", with = [in_time])]
async fn nap() -> &'static str {
    tokio::time::sleep(Duration::from_secs(5)).await;
    "well rested"
}

/// A layer of tower leaves the body of its answer empty; a catcher gives it one.
#[catcher(408)]
fn late() -> &'static str {
    "that took too long"
}

fn main() -> ExitCode {
    manager! {
        // Without a key, what a page of another site sends is refused, behind the layers: `CorsLayer`
        // says who may read an answer, and not who may ask. Here the key says that, and `public`.
        api_key: "sesame",
        // Around everything, the outermost first.
        layers: [
            TraceLayer::new_for_http(),
            CorsLayer::new().allow_origin(Any),
            CompressionLayer::new(),
        ],
    }
}
