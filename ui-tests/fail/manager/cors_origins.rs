//! An origin is what a browser sends: a scheme, a host, and a port that is not the usual one.

use manager_runtime::prelude::*;

fn main() -> ExitCode {
    manager! {
        cors: [
            "app.example.com",
            "https://app.example.com/",
            "https://app.example.com/users",
            "HTTPS://App.example.com",
            "https://",
            "https://app.example.com:443",
            "https://app.example.com:port",
            "https://user@app.example.com",
            "https://größe.example.com",
            "https://*.example.com",
            "null",
        ],
    }
}
