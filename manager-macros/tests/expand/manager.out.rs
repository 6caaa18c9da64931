fn plain() -> ExitCode {
    ::manager_runtime::__private::run(
        ::manager_runtime::__private::Program::new(::core::module_path!()),
    )
}
fn main() -> ExitCode {
    #[allow(unused_extern_crates, unused_imports)]
    const _: () = {
        use ::billing as _;
        use ::shipping::orders as _;
    };
    my::runtime::__private::run(
        my::runtime::__private::Program::new(::core::module_path!())
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
                    my::runtime::__private::Error,
                >(connect().await?)
            })
            .provide(move || async move {
                ::core::result::Result::Ok::<_, my::runtime::__private::Error>(clock)
            })
            .crates(&["billing", "shipping::orders"]),
    )
}
