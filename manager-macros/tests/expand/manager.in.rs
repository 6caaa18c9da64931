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

fn http() -> ExitCode {
    manager! {
        private_bind: "127.0.0.1:9000",
        streams: 1_000,
        cors: ["https://app.example.com", ORIGIN],
        access_log: true,
        compression: settings.compression,
        files: "uploads",
        files_quota: "50GiB",
        static_files: { "/assets": "public", "/größe/{{a}}": path() },
        public_static: ["/größe/{{a}}", ASSETS],
        layers: [TraceLayer::new_for_http(), connect().await?],
        mount: { "/": axum(), "/legacy": legacy().await? },
    }
}

fn open() -> ExitCode {
    manager! { cors: "*" }
}
