/// Logs each request.
pub async fn log(
    mut request: Request,
    next: Next,
    users: Res<Users>,
    ctx: Context,
) -> Result<Response> {
    next.run(request).await
}
#[doc(hidden)]
#[allow(dead_code, non_camel_case_types, unreachable_pub)]
pub struct log {}
#[allow(deprecated, unused_qualifications, clippy::all)]
const _: () = {
    use ::manager_runtime::__private as __manager_private;
    #[automatically_derived]
    impl __manager_private::Middleware for log {
        const SPEC: __manager_private::MiddlewareSpec = __manager_private::MiddlewareSpec::new(
                "log",
                __manager_private::Place::new(
                    ::core::file!(),
                    ::core::line!(),
                    ::core::column!(),
                    ::core::module_path!(),
                ),
            )
            .global();
        fn layered() -> __manager_private::Layered {
            __manager_private::around::<log>()
        }
    }
    #[automatically_derived]
    impl __manager_private::BesideAt<0> for log {
        type Parameter = Res<Users>;
    }
    #[automatically_derived]
    impl __manager_private::BesideAt<1> for log {
        type Parameter = Context;
    }
    #[automatically_derived]
    impl __manager_private::Around for log {
        type Parameters = (
            __manager_private::Slot<Self, 0>,
            (__manager_private::Slot<Self, 1>, ()),
        );
        fn run(
            __manager_request: __manager_private::Request,
            __manager_next: __manager_private::Next,
            __manager_values: __manager_private::MiddlewareValues<Self>,
        ) -> impl ::core::future::Future<
            Output = ::core::result::Result<
                __manager_private::Response,
                __manager_private::Error,
            >,
        > + ::core::marker::Send {
            let (__manager_p0, (__manager_p1, ())) = __manager_values;
            let __manager_request = <Request as __manager_private::FirstParameter>::of(
                __manager_request,
            );
            let __manager_next = <Next as __manager_private::SecondParameter>::of(
                __manager_next,
            );
            async move {
                <Result<
                    Response,
                > as __manager_private::IntoResult>::into_result(
                    log(__manager_request, __manager_next, __manager_p0, __manager_p1)
                        .await,
                )
            }
        }
    }
    __manager_private::inventory::submit! {
        __manager_private::MiddlewareEntry::of:: < log > ()
    }
};
#[cfg(unix)]
async fn named(_: Request, _: Next) -> impl IntoResult {
    todo!()
}
#[cfg(unix)]
#[doc(hidden)]
#[allow(dead_code, non_camel_case_types, unreachable_pub)]
struct named {}
#[cfg(unix)]
#[allow(deprecated, unused_qualifications, clippy::all)]
const _: () = {
    use ::manager_runtime::__private as __manager_private;
    #[automatically_derived]
    impl __manager_private::Middleware for named {
        const SPEC: __manager_private::MiddlewareSpec = __manager_private::MiddlewareSpec::new(
            "named",
            __manager_private::Place::new(
                ::core::file!(),
                ::core::line!(),
                ::core::column!(),
                ::core::module_path!(),
            ),
        );
        fn layered() -> __manager_private::Layered {
            __manager_private::around::<named>()
        }
    }
    #[automatically_derived]
    impl __manager_private::Around for named {
        type Parameters = ();
        fn run(
            __manager_request: __manager_private::Request,
            __manager_next: __manager_private::Next,
            __manager_values: __manager_private::MiddlewareValues<Self>,
        ) -> impl ::core::future::Future<
            Output = ::core::result::Result<
                __manager_private::Response,
                __manager_private::Error,
            >,
        > + ::core::marker::Send {
            let () = __manager_values;
            let __manager_request = <Request as __manager_private::FirstParameter>::of(
                __manager_request,
            );
            let __manager_next = <Next as __manager_private::SecondParameter>::of(
                __manager_next,
            );
            async move {
                __manager_private::IntoResult::into_result(
                    named(__manager_request, __manager_next).await,
                )
            }
        }
    }
};
pub(crate) fn r#try() -> CorsLayer {
    CorsLayer::permissive()
}
#[doc(hidden)]
#[allow(dead_code, non_camel_case_types, unreachable_pub)]
pub(crate) struct r#try {}
#[allow(deprecated, unused_qualifications, clippy::all)]
const _: () = {
    use my::runtime::__private as __manager_private;
    #[automatically_derived]
    impl __manager_private::Middleware for r#try {
        const SPEC: __manager_private::MiddlewareSpec = __manager_private::MiddlewareSpec::new(
                "try",
                __manager_private::Place::new(
                    ::core::file!(),
                    ::core::line!(),
                    ::core::column!(),
                    ::core::module_path!(),
                ),
            )
            .path("/admin/{a}")
            .order(-10);
        fn layered() -> __manager_private::Layered {
            __manager_private::tower_layer(r#try())
        }
    }
    __manager_private::inventory::submit! {
        __manager_private::MiddlewareEntry::of:: < r#try > ()
    }
};
fn timeout() -> impl Layer<Inner> {
    TimeoutLayer::new(SECOND)
}
#[doc(hidden)]
#[allow(dead_code, non_camel_case_types, unreachable_pub)]
struct timeout {}
#[allow(deprecated, unused_qualifications, clippy::all)]
const _: () = {
    use ::manager_runtime::__private as __manager_private;
    #[automatically_derived]
    impl __manager_private::Middleware for timeout {
        const SPEC: __manager_private::MiddlewareSpec = __manager_private::MiddlewareSpec::new(
            "timeout",
            __manager_private::Place::new(
                ::core::file!(),
                ::core::line!(),
                ::core::column!(),
                ::core::module_path!(),
            ),
        );
        fn layered() -> __manager_private::Layered {
            __manager_private::tower_layer(timeout())
        }
    }
};
async fn options_alone(request: Request, next: Next) -> Result<Response> {
    next.run(request).await
}
#[doc(hidden)]
#[allow(dead_code, non_camel_case_types, unreachable_pub)]
struct options_alone {}
#[allow(deprecated, unused_qualifications, clippy::all)]
const _: () = {
    use ::manager_runtime::__private as __manager_private;
    #[automatically_derived]
    impl __manager_private::Middleware for options_alone {
        const SPEC: __manager_private::MiddlewareSpec = __manager_private::MiddlewareSpec::new(
            "options_alone",
            __manager_private::Place::new(
                ::core::file!(),
                ::core::line!(),
                ::core::column!(),
                ::core::module_path!(),
            ),
        );
        fn layered() -> __manager_private::Layered {
            __manager_private::around::<options_alone>()
        }
    }
    #[automatically_derived]
    impl __manager_private::Around for options_alone {
        type Parameters = ();
        fn run(
            __manager_request: __manager_private::Request,
            __manager_next: __manager_private::Next,
            __manager_values: __manager_private::MiddlewareValues<Self>,
        ) -> impl ::core::future::Future<
            Output = ::core::result::Result<
                __manager_private::Response,
                __manager_private::Error,
            >,
        > + ::core::marker::Send {
            let () = __manager_values;
            let __manager_request = <Request as __manager_private::FirstParameter>::of(
                __manager_request,
            );
            let __manager_next = <Next as __manager_private::SecondParameter>::of(
                __manager_next,
            );
            async move {
                <Result<
                    Response,
                > as __manager_private::IntoResult>::into_result(
                    options_alone(__manager_request, __manager_next).await,
                )
            }
        }
    }
};
::core::compile_error! {
    "unknown option `gobal`; did you mean `global`? the options are `global`, `path`, `order` and `crate`"
}
pub async fn the_item_itself(request: Request) -> Result<Response> {
    todo!()
}
#[doc(hidden)]
#[allow(dead_code, non_camel_case_types, unreachable_pub)]
pub struct the_item_itself {}
#[allow(deprecated, unused_qualifications, clippy::all)]
const _: () = {
    use ::manager_runtime::__private as __manager_private;
    #[automatically_derived]
    impl __manager_private::Middleware for the_item_itself {
        const SPEC: __manager_private::MiddlewareSpec = __manager_private::MiddlewareSpec::new(
            "the_item_itself",
            __manager_private::Place::new(
                ::core::file!(),
                ::core::line!(),
                ::core::column!(),
                ::core::module_path!(),
            ),
        );
        fn layered() -> __manager_private::Layered {
            ::core::unreachable!()
        }
    }
};
::core::compile_error! {
    "a middleware takes the request and what comes after it first: write `(request: Request, next: Next)`"
}
