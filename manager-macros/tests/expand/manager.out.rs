fn plain() -> ExitCode {
    use ::manager_runtime::__private as __manager_private;
    __manager_private::run(
        __manager_private::Program::new(::core::module_path!())
            .version(::core::option_env!("CARGO_PKG_VERSION")),
    )
}
fn main() -> ExitCode {
    use my::runtime::__private as __manager_private;
    #[allow(unused_extern_crates, unused_imports)]
    const _: () = {
        use ::billing as _;
        use ::shipping::orders as _;
    };
    __manager_private::run(
        __manager_private::Program::new(::core::module_path!())
            .version(::core::option_env!("CARGO_PKG_VERSION"))
            .bind("0.0.0.0:8080")
            .api_keys("web", env("WEB"))
            .api_keys("cli", "secret")
            .max_requests(100)
            .keep_alive(Duration::from_secs(5))
            .handlers(["billing.*", NAME])
            .state("count", 0)
            .state("name", "x")
            .provide(move || async move {
                ::core::result::Result::Ok::<
                    _,
                    __manager_private::Error,
                >(connect().await?)
            })
            .provide(move || async move {
                ::core::result::Result::Ok::<_, __manager_private::Error>(clock)
            })
            .crates(&["billing", "shipping::orders"]),
    )
}
fn http() -> ExitCode {
    use ::manager_runtime::__private as __manager_private;
    __manager_private::run(
        __manager_private::Program::new(::core::module_path!())
            .version(::core::option_env!("CARGO_PKG_VERSION"))
            .private_bind("127.0.0.1:9000")
            .streams(1_000)
            .cors(["https://app.example.com", ORIGIN])
            .access_log(true)
            .compression(settings.compression)
            .files("uploads")
            .files_quota("50GiB")
            .static_files("/assets", "public")
            .static_files("/größe/{a}", path())
            .public_static(["/größe/{a}", ASSETS])
            .layers(move || async move {
                ::core::result::Result::Ok::<
                    _,
                    __manager_private::Error,
                >(TraceLayer::new_for_http())
            })
            .layers(move || async move {
                ::core::result::Result::Ok::<
                    _,
                    __manager_private::Error,
                >(connect().await?)
            })
            .mount(
                "/",
                move || async move {
                    ::core::result::Result::Ok::<_, __manager_private::Error>(axum())
                },
            )
            .mount(
                "/legacy",
                move || async move {
                    ::core::result::Result::Ok::<
                        _,
                        __manager_private::Error,
                    >(legacy().await?)
                },
            ),
    )
}
fn open() -> ExitCode {
    use ::manager_runtime::__private as __manager_private;
    __manager_private::run(
        __manager_private::Program::new(::core::module_path!())
            .version(::core::option_env!("CARGO_PKG_VERSION"))
            .cors(["*"]),
    )
}
