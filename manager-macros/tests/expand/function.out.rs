/// Adds two numbers.
///
///     indented
pub async fn untouched() {}
/// Adds two numbers.
///
///     indented
#[deprecated]
#[tracing::instrument]
pub async fn add(ctx: Context, Json(sum): Json<Sum>) -> Json<Total> {
    Json(Total { total: sum.a + sum.b })
}
/// Adds two numbers.
///
///     indented
#[deprecated]
#[allow(non_camel_case_types, unreachable_pub)]
pub struct add {}
#[allow(deprecated, unused_qualifications, clippy::all)]
const _: () = {
    use ::manager_runtime::__private as __manager_private;
    #[automatically_derived]
    impl __manager_private::At<0> for add {
        type Parameter = Context;
    }
    #[automatically_derived]
    impl __manager_private::At<1> for add {
        type Parameter = Json<Sum>;
    }
    #[automatically_derived]
    impl __manager_private::Handler for add {
        type Replica = ();
        type Parameters = (
            __manager_private::Slot<Self, 0>,
            (__manager_private::Slot<Self, 1>, ()),
        );
        type Output = Json<Total>;
        const SPEC: __manager_private::Spec = __manager_private::Spec::new(
                "add",
                __manager_private::Place::new(
                    ::core::file!(),
                    ::core::line!(),
                    ::core::column!(),
                    ::core::module_path!(),
                ),
            )
            .replicas(5)
            .doc("Adds two numbers.\n\n    indented");
        type Files = ();
        fn key() -> &'static __manager_private::Key {
            static __MANAGER_KEY: __manager_private::Key = __manager_private::Key::new();
            &__MANAGER_KEY
        }
        fn build(
            _: &__manager_private::Building,
        ) -> impl ::core::future::Future<
            Output = ::core::result::Result<Self::Replica, __manager_private::Error>,
        > + ::core::marker::Send {
            ::core::future::ready(::core::result::Result::Ok(()))
        }
        fn handle(
            _: &mut (),
            __manager_values: __manager_private::Values<Self>,
        ) -> impl ::core::future::Future<Output = Self::Output> + ::core::marker::Send {
            let (__manager_p0, (__manager_p1, ())) = __manager_values;
            add(__manager_p0, __manager_p1)
        }
    }
    const _: () = __manager_private::one_message::<
        (__manager_private::Slot<add, 0>, ()),
        add,
        1,
    >();
    __manager_private::inventory::submit! {
        __manager_private::Entry::of:: < add > ()
    }
};
fn plain(_: String) {}
/// The handler `plain`: the type that names it in typed calls.
#[allow(non_camel_case_types, unreachable_pub)]
struct plain {}
#[allow(deprecated, unused_qualifications, clippy::all)]
const _: () = {
    use ::manager_runtime::__private as __manager_private;
    #[automatically_derived]
    impl __manager_private::At<0> for plain {
        type Parameter = String;
    }
    #[automatically_derived]
    impl __manager_private::Handler for plain {
        type Replica = ();
        type Parameters = (__manager_private::Slot<Self, 0>, ());
        type Output = ();
        const SPEC: __manager_private::Spec = __manager_private::Spec::new(
                "plain",
                __manager_private::Place::new(
                    ::core::file!(),
                    ::core::line!(),
                    ::core::column!(),
                    ::core::module_path!(),
                ),
            )
            .blocking();
        type Files = ();
        fn key() -> &'static __manager_private::Key {
            static __MANAGER_KEY: __manager_private::Key = __manager_private::Key::new();
            &__MANAGER_KEY
        }
        fn build(
            _: &__manager_private::Building,
        ) -> impl ::core::future::Future<
            Output = ::core::result::Result<Self::Replica, __manager_private::Error>,
        > + ::core::marker::Send {
            ::core::future::ready(::core::result::Result::Ok(()))
        }
        fn handle(
            _: &mut (),
            __manager_values: __manager_private::Values<Self>,
        ) -> impl ::core::future::Future<Output = Self::Output> + ::core::marker::Send {
            let (__manager_p0, ()) = __manager_values;
            async move { plain(__manager_p0) }
        }
    }
    __manager_private::inventory::submit! {
        __manager_private::Entry::of:: < plain > ()
    }
};
async fn erased(text: String) -> Result<impl IntoReply> {
    Ok(text)
}
#[doc(hidden)]
#[allow(dead_code, non_camel_case_types, unreachable_pub)]
struct erased {}
#[allow(deprecated, unused_qualifications, clippy::all)]
const _: () = {
    use ::manager_runtime::__private as __manager_private;
    #[doc(hidden)]
    #[allow(non_camel_case_types)]
    struct __ManagerHandler_erased {}
    #[automatically_derived]
    impl __manager_private::At<0> for __ManagerHandler_erased {
        type Parameter = String;
    }
    #[automatically_derived]
    impl __manager_private::Handler for __ManagerHandler_erased {
        type Replica = ();
        type Parameters = (__manager_private::Slot<Self, 0>, ());
        type Output = __manager_private::Erased;
        const SPEC: __manager_private::Spec = __manager_private::Spec::new(
            "erased",
            __manager_private::Place::new(
                ::core::file!(),
                ::core::line!(),
                ::core::column!(),
                ::core::module_path!(),
            ),
        );
        type Files = ();
        fn key() -> &'static __manager_private::Key {
            static __MANAGER_KEY: __manager_private::Key = __manager_private::Key::new();
            &__MANAGER_KEY
        }
        fn build(
            _: &__manager_private::Building,
        ) -> impl ::core::future::Future<
            Output = ::core::result::Result<Self::Replica, __manager_private::Error>,
        > + ::core::marker::Send {
            ::core::future::ready(::core::result::Result::Ok(()))
        }
        fn handle(
            _: &mut (),
            __manager_values: __manager_private::Values<Self>,
        ) -> impl ::core::future::Future<Output = Self::Output> + ::core::marker::Send {
            let (__manager_p0, ()) = __manager_values;
            async move { __manager_private::Erased::of(erased(__manager_p0).await) }
        }
    }
    __manager_private::inventory::submit! {
        __manager_private::Entry::of:: < __ManagerHandler_erased > ()
    }
};
#[cfg(unix)]
pub(crate) async fn r#type() -> &'static str {
    "every option"
}
#[cfg(unix)]
/// The handler `type`: the type that names it in typed calls.
#[allow(non_camel_case_types, unreachable_pub)]
pub(crate) struct r#type {}
#[cfg(unix)]
#[allow(deprecated, unused_qualifications, clippy::all)]
const _: () = {
    use my::runtime::__private as __manager_private;
    #[automatically_derived]
    impl __manager_private::Handler for r#type {
        type Replica = ();
        type Parameters = ();
        type Output = &'static str;
        const SPEC: __manager_private::Spec = __manager_private::Spec::new(
                "type",
                __manager_private::Place::new(
                    ::core::file!(),
                    ::core::line!(),
                    ::core::column!(),
                    ::core::module_path!(),
                ),
            )
            .queue(0)
            .timeout_millis(1500)
            .body_limit(65536)
            .on(&["orders.*", "bills.>"])
            .public()
            .detached();
        type Files = ();
        fn key() -> &'static __manager_private::Key {
            static __MANAGER_KEY: __manager_private::Key = __manager_private::Key::new();
            &__MANAGER_KEY
        }
        fn build(
            _: &__manager_private::Building,
        ) -> impl ::core::future::Future<
            Output = ::core::result::Result<Self::Replica, __manager_private::Error>,
        > + ::core::marker::Send {
            ::core::future::ready(::core::result::Result::Ok(()))
        }
        fn handle(
            _: &mut (),
            __manager_values: __manager_private::Values<Self>,
        ) -> impl ::core::future::Future<Output = Self::Output> + ::core::marker::Send {
            let () = __manager_values;
            r#type()
        }
    }
    __manager_private::inventory::submit! {
        __manager_private::Entry::of:: < r#type > ()
    }
};
async fn implied() {}
/// The handler `implied`: the type that names it in typed calls.
#[allow(non_camel_case_types, unreachable_pub)]
struct implied {}
#[allow(deprecated, unused_qualifications, clippy::all)]
const _: () = {
    use ::manager_runtime::__private as __manager_private;
    #[automatically_derived]
    impl __manager_private::Handler for implied {
        type Replica = ();
        type Parameters = ();
        type Output = ();
        const SPEC: __manager_private::Spec = __manager_private::Spec::new(
                "implied",
                __manager_private::Place::new(
                    ::core::file!(),
                    ::core::line!(),
                    ::core::column!(),
                    ::core::module_path!(),
                ),
            )
            .on(&["orders"])
            .internal();
        type Files = ();
        fn key() -> &'static __manager_private::Key {
            static __MANAGER_KEY: __manager_private::Key = __manager_private::Key::new();
            &__MANAGER_KEY
        }
        fn build(
            _: &__manager_private::Building,
        ) -> impl ::core::future::Future<
            Output = ::core::result::Result<Self::Replica, __manager_private::Error>,
        > + ::core::marker::Send {
            ::core::future::ready(::core::result::Result::Ok(()))
        }
        fn handle(
            _: &mut (),
            __manager_values: __manager_private::Values<Self>,
        ) -> impl ::core::future::Future<Output = Self::Output> + ::core::marker::Send {
            let () = __manager_values;
            implied()
        }
    }
    __manager_private::inventory::submit! {
        __manager_private::Entry::of:: < implied > ()
    }
};
