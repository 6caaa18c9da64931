async fn add(user: Identity<User>) {}
/// The handler `add`: the type that names it in typed calls.
#[allow(non_camel_case_types, unreachable_pub)]
struct add {}
#[allow(deprecated, unused_qualifications, clippy::all)]
const _: () = {
    use ::manager_runtime::__private as __manager_private;
    #[automatically_derived]
    impl __manager_private::At<0> for add {
        type Parameter = Identity<User>;
    }
    #[automatically_derived]
    impl __manager_private::Handler for add {
        type Replica = ();
        type Parameters = (__manager_private::Slot<Self, 0>, ());
        type Output = ();
        const SPEC: __manager_private::Spec = __manager_private::Spec::new(
                "add",
                __manager_private::Place::new(
                    ::core::file!(),
                    ::core::line!(),
                    ::core::column!(),
                    ::core::module_path!(),
                ),
            )
            .keys(&["admin", "ops"])
            .rate(__manager_private::Rate::new(100, 1).burst(20));
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
            add(__manager_p0)
        }
    }
    __manager_private::inventory::submit! {
        __manager_private::Entry::of:: < add > ()
    }
};
async fn sub() {}
/// The handler `sub`: the type that names it in typed calls.
#[allow(non_camel_case_types, unreachable_pub)]
struct sub {}
#[allow(deprecated, unused_qualifications, clippy::all)]
const _: () = {
    use ::manager_runtime::__private as __manager_private;
    #[automatically_derived]
    impl __manager_private::Handler for sub {
        type Replica = ();
        type Parameters = ();
        type Output = ();
        const SPEC: __manager_private::Spec = __manager_private::Spec::new(
                "sub",
                __manager_private::Place::new(
                    ::core::file!(),
                    ::core::line!(),
                    ::core::column!(),
                    ::core::module_path!(),
                ),
            )
            .keys(&["admin"])
            .rate(__manager_private::Rate::new(5, 3600));
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
            sub()
        }
    }
    __manager_private::inventory::submit! {
        __manager_private::Entry::of:: < sub > ()
    }
};
async fn session(cookies: Cookies, db: Res<Db>) -> Result<User> {
    db.user(&cookies).await
}
#[doc(hidden)]
#[allow(dead_code, non_camel_case_types, unreachable_pub)]
struct session {}
#[allow(deprecated, unused_qualifications, clippy::all)]
const _: () = {
    use ::manager_runtime::__private as __manager_private;
    #[automatically_derived]
    impl __manager_private::BesideAt<0> for session {
        type Parameter = Cookies;
    }
    #[automatically_derived]
    impl __manager_private::BesideAt<1> for session {
        type Parameter = Res<Db>;
    }
    #[automatically_derived]
    impl __manager_private::Authenticator for session {
        const SPEC: __manager_private::AuthenticatorSpec = __manager_private::AuthenticatorSpec::new(
                "session",
                __manager_private::Place::new(
                    ::core::file!(),
                    ::core::line!(),
                    ::core::column!(),
                    ::core::module_path!(),
                ),
            )
            .timeout_millis(5000);
        type Parameters = (
            __manager_private::Slot<Self, 0>,
            (__manager_private::Slot<Self, 1>, ()),
        );
        type Output = Result<User>;
        fn run(
            __manager_values: <Self::Parameters as __manager_private::Parameters>::Values,
        ) -> impl ::core::future::Future<Output = Self::Output> + ::core::marker::Send {
            let (__manager_p0, (__manager_p1, ())) = __manager_values;
            async move { session(__manager_p0, __manager_p1).await }
        }
    }
    __manager_private::inventory::submit! {
        __manager_private::AuthenticatorEntry::of:: < session > ()
    }
};
#[cfg(unix)]
fn at_once() -> Result<User, NoUser> {
    Err(NoUser)
}
#[cfg(unix)]
#[doc(hidden)]
#[allow(dead_code, non_camel_case_types, unreachable_pub)]
struct at_once {}
#[cfg(unix)]
#[allow(deprecated, unused_qualifications, clippy::all)]
const _: () = {
    use my::runtime::__private as __manager_private;
    #[automatically_derived]
    impl __manager_private::Authenticator for at_once {
        const SPEC: __manager_private::AuthenticatorSpec = __manager_private::AuthenticatorSpec::new(
            "at_once",
            __manager_private::Place::new(
                ::core::file!(),
                ::core::line!(),
                ::core::column!(),
                ::core::module_path!(),
            ),
        );
        type Parameters = ();
        type Output = Result<User, NoUser>;
        fn run(
            __manager_values: <Self::Parameters as __manager_private::Parameters>::Values,
        ) -> impl ::core::future::Future<Output = Self::Output> + ::core::marker::Send {
            let () = __manager_values;
            async move { at_once() }
        }
    }
    __manager_private::inventory::submit! {
        __manager_private::AuthenticatorEntry::of:: < at_once > ()
    }
};
async fn options_alone() -> Result<User> {}
#[doc(hidden)]
#[allow(dead_code, non_camel_case_types, unreachable_pub)]
struct options_alone {}
#[allow(deprecated, unused_qualifications, clippy::all)]
const _: () = {
    use ::manager_runtime::__private as __manager_private;
    #[automatically_derived]
    impl __manager_private::Authenticator for options_alone {
        const SPEC: __manager_private::AuthenticatorSpec = __manager_private::AuthenticatorSpec::new(
            "options_alone",
            __manager_private::Place::new(
                ::core::file!(),
                ::core::line!(),
                ::core::column!(),
                ::core::module_path!(),
            ),
        );
        type Parameters = ();
        type Output = Result<User>;
        fn run(
            __manager_values: <Self::Parameters as __manager_private::Parameters>::Values,
        ) -> impl ::core::future::Future<Output = Self::Output> + ::core::marker::Send {
            let () = __manager_values;
            async move { options_alone().await }
        }
    }
    __manager_private::inventory::submit! {
        __manager_private::AuthenticatorEntry::of:: < options_alone > ()
    }
};
::core::compile_error! {
    "unknown option `global`; the options are `timeout` and `crate`"
}
async fn the_item_itself(cookies: Cookies) {}
::core::compile_error! {
    "an authenticator says who it is: write `-> Result<User>`, with a type of yours for `User`"
}
