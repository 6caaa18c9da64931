async fn not_found(ctx: Context, caught: Caught) -> Json<Problem> {
    Json(caught.into())
}
#[doc(hidden)]
#[allow(dead_code, non_camel_case_types, unreachable_pub)]
struct not_found {}
#[allow(deprecated, unused_qualifications, clippy::all)]
const _: () = {
    use ::manager_runtime::__private as __manager_private;
    #[automatically_derived]
    impl __manager_private::BesideAt<0> for not_found {
        type Parameter = Context;
    }
    #[automatically_derived]
    impl __manager_private::BesideAt<1> for not_found {
        type Parameter = Caught;
    }
    #[automatically_derived]
    impl __manager_private::Catcher for not_found {
        const SPEC: __manager_private::CatcherSpec = __manager_private::CatcherSpec::new(
                "not_found",
                __manager_private::Place::new(
                    ::core::file!(),
                    ::core::line!(),
                    ::core::column!(),
                    ::core::module_path!(),
                ),
            )
            .statuses(&[404, 405])
            .path("/api");
        type Parameters = (
            __manager_private::Slot<Self, 0>,
            (__manager_private::Slot<Self, 1>, ()),
        );
        fn run(
            __manager_values: <Self::Parameters as __manager_private::Parameters>::Values,
        ) -> impl ::core::future::Future<
            Output = ::core::result::Result<
                __manager_private::Reply,
                __manager_private::Error,
            >,
        > + ::core::marker::Send {
            let (__manager_p0, (__manager_p1, ())) = __manager_values;
            async move {
                __manager_private::reply::<
                    Json<Problem>,
                >(not_found(__manager_p0, __manager_p1).await)
            }
        }
    }
    __manager_private::inventory::submit! {
        __manager_private::CatcherEntry::of:: < not_found > ()
    }
};
#[cfg(unix)]
fn all() -> impl IntoReply {
    "sorry"
}
#[cfg(unix)]
#[doc(hidden)]
#[allow(dead_code, non_camel_case_types, unreachable_pub)]
struct all {}
#[cfg(unix)]
#[allow(deprecated, unused_qualifications, clippy::all)]
const _: () = {
    use ::manager_runtime::__private as __manager_private;
    #[automatically_derived]
    impl __manager_private::Catcher for all {
        const SPEC: __manager_private::CatcherSpec = __manager_private::CatcherSpec::new(
            "all",
            __manager_private::Place::new(
                ::core::file!(),
                ::core::line!(),
                ::core::column!(),
                ::core::module_path!(),
            ),
        );
        type Parameters = ();
        fn run(
            __manager_values: <Self::Parameters as __manager_private::Parameters>::Values,
        ) -> impl ::core::future::Future<
            Output = ::core::result::Result<
                __manager_private::Reply,
                __manager_private::Error,
            >,
        > + ::core::marker::Send {
            let () = __manager_values;
            async move { __manager_private::reply(all()) }
        }
    }
    __manager_private::inventory::submit! {
        __manager_private::CatcherEntry::of:: < all > ()
    }
};
async fn nothing() {}
#[doc(hidden)]
#[allow(dead_code, non_camel_case_types, unreachable_pub)]
struct nothing {}
#[allow(deprecated, unused_qualifications, clippy::all)]
const _: () = {
    use my::runtime::__private as __manager_private;
    #[automatically_derived]
    impl __manager_private::Catcher for nothing {
        const SPEC: __manager_private::CatcherSpec = __manager_private::CatcherSpec::new(
            "nothing",
            __manager_private::Place::new(
                ::core::file!(),
                ::core::line!(),
                ::core::column!(),
                ::core::module_path!(),
            ),
        );
        type Parameters = ();
        fn run(
            __manager_values: <Self::Parameters as __manager_private::Parameters>::Values,
        ) -> impl ::core::future::Future<
            Output = ::core::result::Result<
                __manager_private::Reply,
                __manager_private::Error,
            >,
        > + ::core::marker::Send {
            let () = __manager_values;
            async move { __manager_private::reply(nothing().await) }
        }
    }
    __manager_private::inventory::submit! {
        __manager_private::CatcherEntry::of:: < nothing > ()
    }
};
async fn options_alone() {}
#[doc(hidden)]
#[allow(dead_code, non_camel_case_types, unreachable_pub)]
struct options_alone {}
#[allow(deprecated, unused_qualifications, clippy::all)]
const _: () = {
    use ::manager_runtime::__private as __manager_private;
    #[automatically_derived]
    impl __manager_private::Catcher for options_alone {
        const SPEC: __manager_private::CatcherSpec = __manager_private::CatcherSpec::new(
            "options_alone",
            __manager_private::Place::new(
                ::core::file!(),
                ::core::line!(),
                ::core::column!(),
                ::core::module_path!(),
            ),
        );
        type Parameters = ();
        fn run(
            __manager_values: <Self::Parameters as __manager_private::Parameters>::Values,
        ) -> impl ::core::future::Future<
            Output = ::core::result::Result<
                __manager_private::Reply,
                __manager_private::Error,
            >,
        > + ::core::marker::Send {
            let () = __manager_values;
            async move { __manager_private::reply(options_alone().await) }
        }
    }
    __manager_private::inventory::submit! {
        __manager_private::CatcherEntry::of:: < options_alone > ()
    }
};
::core::compile_error! {
    "a catcher gives errors their body, and the statuses of errors go from 400 to 599; without any it catches all"
}
async fn the_item_itself(caught: &Caught) {}
::core::compile_error! {
    "a parameter owns its value: write `Caught` instead of `&Caught`"
}
