//! Every key of `manager!`.

#![deny(warnings)]

use std::sync::Arc;

use manager_runtime::prelude::*;

struct Pool {
    size: usize,
}

async fn pool(size: usize) -> Result<Pool, std::num::TryFromIntError> {
    Ok(Pool { size: u8::try_from(size)?.into() })
}

#[handler]
async fn size(pool: Res<Pool>, name: Res<String>) -> String {
    format!("{name:?} {}", pool.size)
}

const KEY: &str = "from a constant";

fn nothing() -> ExitCode {
    manager!()
}

fn braces() -> ExitCode {
    manager! {}
}

fn everything() -> ExitCode {
    manager! {
        bind: "127.0.0.1:0",
        api_key: "secret",
        api_keys: { "ci": "other", "constant": KEY },
        max_requests: 10_000,
        connections: 25_000,
        connections_per_address: 5_000,
        keep_alive: "75s",
        drain: "30s",
        body_limit: "2MiB",
        head_timeout: "10s",
        body_timeout: "20s",
        min_rate: "500B",
        tls: {
            cert: "cert.pem",
            key: KEY,
            client_ca: "ca.pem",
            allowed_names: ["shop", KEY],
            dev: false,
        },
        handshake_timeout: "10s",
        handlers: ["size", "billing.*"],
        state: {
            "int": 0,
            "float": 1.5,
            "text": "hello",
            "string": String::from("hello"),
            "any": StateType::any(Pool { size: 1 }),
            "function": StateType::function(|text| text),
        },
        provide: [
            pool(5).await?,
            String::from("name"),
            Arc::new(7_u8),
        ],
        crates: [edition_2021, renamed],
        crate: manager_runtime,
    }
}

fn expressions() -> ExitCode {
    let port = 0;
    let seconds = 5;
    let key = Some("optional").filter(|_| port == 0);
    let name = "moved".to_owned();
    manager! {
        bind: format!("127.0.0.1:{port}"),
        api_key: key,
        max_requests: 2 * 500,
        keep_alive: std::time::Duration::from_secs(seconds),
        drain: seconds,
        body_limit: 2 * 1024,
        head_timeout: 5,
        tls: { cert: Some("cert.pem"), key: format!("{seconds}.pem"), dev: port == 1 },
        provide: [name, pool(8).await.map_err(Error::internal_from)?],
    }
}

trait InternalFrom {
    fn internal_from(error: std::num::TryFromIntError) -> Error;
}

impl InternalFrom for Error {
    fn internal_from(error: std::num::TryFromIntError) -> Error {
        Error::internal("no pool").with_source(error)
    }
}

fn minimal() -> ExitCode {
    manager! { drain: 0, bind: "localhost:8080" }
}

fn main() {
    let programs: [fn() -> ExitCode; 5] = [nothing, braces, everything, expressions, minimal];
    assert_eq!(programs.len(), 5);
}
