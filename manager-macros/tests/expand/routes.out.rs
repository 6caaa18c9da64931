async fn user(Path((sub, id)): Path<(String, u64)>, ctx: Context) -> Result<Json<User>> {
    find(id)
}
/// The handler `user`: the type that names it in typed calls.
#[allow(non_camel_case_types, unreachable_pub)]
struct user {}
#[allow(deprecated, unused_qualifications, clippy::all)]
const _: () = {
    use ::manager_runtime::__private as __manager_private;
    #[automatically_derived]
    impl __manager_private::At<0> for user {
        type Parameter = Path<(String, u64)>;
    }
    #[automatically_derived]
    impl __manager_private::At<1> for user {
        type Parameter = Context;
    }
    #[automatically_derived]
    impl __manager_private::Handler for user {
        type Replica = ();
        type Parameters = (
            __manager_private::Slot<Self, 0>,
            (__manager_private::Slot<Self, 1>, ()),
        );
        type Output = Result<Json<User>>;
        const SPEC: __manager_private::Spec = __manager_private::Spec::new(
                "user",
                __manager_private::Place::new(
                    ::core::file!(),
                    ::core::line!(),
                    ::core::column!(),
                    ::core::module_path!(),
                ),
            )
            .routes(
                &[
                    __manager_private::Route::new(
                        "GET",
                        __manager_private::Pattern::new(
                            "/users/{id}",
                            &[
                                __manager_private::Segment::Static("users"),
                                __manager_private::Segment::Param("id"),
                            ],
                        ),
                    ),
                    __manager_private::Route::new(
                        "GET",
                        __manager_private::Pattern::new(
                            "/users/{id}/orders/{n:[0-9]+}-{kind}",
                            &[
                                __manager_private::Segment::Static("users"),
                                __manager_private::Segment::Param("id"),
                                __manager_private::Segment::Static("orders"),
                                __manager_private::Segment::Mixed(
                                    &[
                                        __manager_private::Piece::Regex("n", "[0-9]+"),
                                        __manager_private::Piece::Text("-"),
                                        __manager_private::Piece::Param("kind"),
                                    ],
                                ),
                            ],
                        ),
                    ),
                    __manager_private::Route::new(
                        "LOCK",
                        __manager_private::Pattern::new(
                            "/files/{+rest}",
                            &[
                                __manager_private::Segment::Static("files"),
                                __manager_private::Segment::Rest {
                                    name: "rest",
                                    at_least_one: true,
                                },
                            ],
                        ),
                    ),
                    __manager_private::Route::new(
                        "",
                        __manager_private::Pattern::new(
                                "/docs/ ?*",
                                &[__manager_private::Segment::Static("docs")],
                            )
                            .ends_with_slash()
                            .slash(__manager_private::Slash::Lenient)
                            .subtree(),
                    ),
                ],
            )
            .hosts(
                &[
                    __manager_private::Host::new(
                        "{sub}.Example.com",
                        &[
                            __manager_private::Segment::Param("sub"),
                            __manager_private::Segment::Static("example"),
                            __manager_private::Segment::Static("com"),
                        ],
                    ),
                ],
            )
            .with(
                &[
                    __manager_private::with::<log>,
                    __manager_private::with::<crate::middleware::auth>,
                ],
            )
            .private()
            .deprecated(
                __manager_private::Deprecation::new(
                        "since 2026-01-01, until 2027-01-01, use /v2/users",
                    )
                    .since(1767225600)
                    .until(1798761600),
            )
            .moved(
                __manager_private::Moved::new(
                    "/v2/users",
                    &[__manager_private::Piece::Text("/v2/users")],
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
            let (__manager_p0, (__manager_p1, ())) = __manager_values;
            user(__manager_p0, __manager_p1)
        }
    }
    const _: () = __manager_private::one_message::<
        (__manager_private::Slot<user, 0>, ()),
        user,
        1,
    >();
    #[allow(unused_imports)]
    const _: () = {
        use __manager_private::AnyCaptures as _;
        __manager_private::captures_fit(
            <__manager_private::CapturesOf<Path<(String, u64)>>>::COUNT,
            &[2, 4, 1],
        )
    };
    #[allow(unused_imports)]
    const _: () = {
        use __manager_private::AnyCaptures as _;
        __manager_private::captures_fit(
            <__manager_private::CapturesOf<Context>>::COUNT,
            &[2, 4, 1],
        )
    };
    __manager_private::inventory::submit! {
        __manager_private::Entry::of:: < user > ()
    }
};
async fn root(text: String) {}
/// The handler `root`: the type that names it in typed calls.
#[allow(non_camel_case_types, unreachable_pub)]
struct root {}
#[allow(deprecated, unused_qualifications, clippy::all)]
const _: () = {
    use ::manager_runtime::__private as __manager_private;
    #[automatically_derived]
    impl __manager_private::At<0> for root {
        type Parameter = String;
    }
    #[automatically_derived]
    impl __manager_private::Handler for root {
        type Replica = ();
        type Parameters = (__manager_private::Slot<Self, 0>, ());
        type Output = ();
        const SPEC: __manager_private::Spec = __manager_private::Spec::new(
                "root",
                __manager_private::Place::new(
                    ::core::file!(),
                    ::core::line!(),
                    ::core::column!(),
                    ::core::module_path!(),
                ),
            )
            .routes(
                &[
                    __manager_private::Route::new(
                        "POST",
                        __manager_private::Pattern::new("/", &[]),
                    ),
                ],
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
            root(__manager_p0)
        }
    }
    #[allow(unused_imports)]
    const _: () = {
        use __manager_private::AnyCaptures as _;
        __manager_private::captures_fit(
            <__manager_private::CapturesOf<String>>::COUNT,
            &[0],
        )
    };
    __manager_private::inventory::submit! {
        __manager_private::Entry::of:: < root > ()
    }
};
impl Counter {
    async fn run(&mut self) {}
}
#[allow(deprecated, unused_qualifications, clippy::all)]
const _: () = {
    use ::manager_runtime::__private as __manager_private;
    #[automatically_derived]
    impl __manager_private::Handler for Counter {
        type Replica = Self;
        type Parameters = ();
        type Output = ();
        const SPEC: __manager_private::Spec = __manager_private::Spec::new(
                "counter",
                __manager_private::Place::new(
                    ::core::file!(),
                    ::core::line!(),
                    ::core::column!(),
                    ::core::module_path!(),
                ),
            )
            .routes(
                &[
                    __manager_private::Route::new(
                        "DELETE",
                        __manager_private::Pattern::new(
                            "/{{a}}",
                            &[__manager_private::Segment::Static("{a}")],
                        ),
                    ),
                ],
            )
            .deprecated(__manager_private::Deprecation::new("use nothing"))
            .gone();
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
            __manager_private::default_replica::<Counter>()
        }
        fn handle(
            __manager_replica: &mut Self::Replica,
            __manager_values: __manager_private::Values<Self>,
        ) -> impl ::core::future::Future<Output = Self::Output> + ::core::marker::Send {
            let () = __manager_values;
            <Counter>::run(__manager_replica)
        }
    }
    __manager_private::inventory::submit! {
        __manager_private::Entry::of:: < Counter > ()
    }
};
