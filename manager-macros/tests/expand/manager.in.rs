fn plain() -> ExitCode {
    manager! {}
}

fn main() -> ExitCode {
    manager! {
        bind: "0.0.0.0:8080",
        api_keys: { "web": env("WEB"), "cli": "secret" },
        max_requests: 100,
        keep_alive: Duration::from_secs(5),
        handlers: ["billing.*", NAME],
        state: { "count": 0, "name": "x" },
        provide: [connect().await?, clock],
        crates: [billing, shipping::orders],
        crate: my::runtime,
    }
}
