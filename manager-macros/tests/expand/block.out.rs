impl OrderBook {
    /// Takes an order.
    pub async fn run(
        &mut self,
        ctx: Context,
        Json(order): Json<Order>,
    ) -> Result<Json<Self>> {
        self.help(order)
    }
    fn help<T>(&self, order: T) -> T {
        order
    }
}
#[allow(deprecated, unused_qualifications, clippy::all)]
const _: () = {
    use ::manager_runtime::__private as __manager_private;
    #[automatically_derived]
    impl __manager_private::At<0> for OrderBook {
        type Parameter = Context;
    }
    #[automatically_derived]
    impl __manager_private::At<1> for OrderBook {
        type Parameter = Json<Order>;
    }
    #[automatically_derived]
    impl __manager_private::Handler for OrderBook {
        type Replica = Self;
        type Parameters = (
            __manager_private::Slot<Self, 0>,
            (__manager_private::Slot<Self, 1>, ()),
        );
        type Output = Result<Json<Self>>;
        const SPEC: __manager_private::Spec = __manager_private::Spec::new(
                "order_book",
                __manager_private::Place::new(
                    ::core::file!(),
                    ::core::line!(),
                    ::core::column!(),
                    ::core::module_path!(),
                ),
            )
            .rebuild_on_cancel()
            .doc("Takes an order.");
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
            __manager_private::default_replica::<OrderBook>()
        }
        fn handle(
            __manager_replica: &mut Self::Replica,
            __manager_values: __manager_private::Values<Self>,
        ) -> impl ::core::future::Future<Output = Self::Output> + ::core::marker::Send {
            let (__manager_p0, (__manager_p1, ())) = __manager_values;
            <OrderBook>::run(__manager_replica, __manager_p0, __manager_p1)
        }
    }
    const _: () = __manager_private::one_message::<
        (__manager_private::Slot<OrderBook, 0>, ()),
        OrderBook,
        1,
    >();
    __manager_private::inventory::submit! {
        __manager_private::Entry::of:: < OrderBook > ()
    }
};
/// Counts.
impl Counter {
    pub async fn new(state: Arc<SharedState>, pool: Res<Pool>) -> Result<Self, Failed> {
        connect(state, pool).await
    }
    pub fn run(&self, n: Json<u64>) -> impl IntoReply {
        n
    }
}
#[allow(deprecated, unused_qualifications, clippy::all)]
const _: () = {
    use ::manager_runtime::__private as __manager_private;
    #[doc(hidden)]
    struct __ManagerNew {}
    #[automatically_derived]
    impl __manager_private::At<0> for __ManagerNew {
        type Parameter = Arc<SharedState>;
    }
    #[automatically_derived]
    impl __manager_private::At<1> for __ManagerNew {
        type Parameter = Res<Pool>;
    }
    impl __manager_private::New for __ManagerNew {
        type Parameters = (
            __manager_private::Slot<Self, 0>,
            (__manager_private::Slot<Self, 1>, ()),
        );
    }
    const _: () = __manager_private::no_message::<__ManagerNew, 0>();
    const _: () = __manager_private::no_message::<__ManagerNew, 1>();
    #[automatically_derived]
    impl __manager_private::At<0> for Counter {
        type Parameter = Json<u64>;
    }
    #[automatically_derived]
    impl __manager_private::Handler for Counter {
        type Replica = Self;
        type Parameters = (__manager_private::Slot<Self, 0>, ());
        type Output = __manager_private::Erased;
        const SPEC: __manager_private::Spec = __manager_private::Spec::new(
                "counter",
                __manager_private::Place::new(
                    ::core::file!(),
                    ::core::line!(),
                    ::core::column!(),
                    ::core::module_path!(),
                ),
            )
            .doc("Counts.");
        type Files = ();
        fn key() -> &'static __manager_private::Key {
            static __MANAGER_KEY: __manager_private::Key = __manager_private::Key::new();
            &__MANAGER_KEY
        }
        fn build(
            __manager_building: &__manager_private::Building,
        ) -> impl ::core::future::Future<
            Output = ::core::result::Result<Self::Replica, __manager_private::Error>,
        > + ::core::marker::Send {
            async move {
                let (__manager_p0, (__manager_p1, ())) = match __manager_private::arguments::<
                    __ManagerNew,
                >(__manager_building)
                    .await
                {
                    ::core::result::Result::Ok(__manager_values) => __manager_values,
                    ::core::result::Result::Err(__manager_error) => {
                        return ::core::result::Result::Err(__manager_error);
                    }
                };
                <Result<
                    Self,
                    Failed,
                > as __manager_private::Built<
                    Counter,
                >>::built(<Counter>::new(__manager_p0, __manager_p1).await)
            }
        }
        fn needs_to_build(__manager_needs: &mut __manager_private::Needs) {
            __manager_private::needs_of::<__ManagerNew>(__manager_needs)
        }
        fn handle(
            __manager_replica: &mut Self::Replica,
            __manager_values: __manager_private::Values<Self>,
        ) -> impl ::core::future::Future<Output = Self::Output> + ::core::marker::Send {
            let (__manager_p0, ()) = __manager_values;
            async move {
                __manager_private::Erased::of(
                    <Counter>::run(__manager_replica, __manager_p0),
                )
            }
        }
    }
    __manager_private::inventory::submit! {
        __manager_private::Entry::of:: < Counter > ()
    }
};
impl a::Plain {
    fn new() -> Self {
        Plain
    }
    async fn run(&self) {}
}
#[allow(deprecated, unused_qualifications, clippy::all)]
const _: () = {
    use ::manager_runtime::__private as __manager_private;
    #[automatically_derived]
    impl __manager_private::Handler for a::Plain {
        type Replica = Self;
        type Parameters = ();
        type Output = ();
        const SPEC: __manager_private::Spec = __manager_private::Spec::new(
            "plain",
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
            async move {
                <Self as __manager_private::Built<a::Plain>>::built(<a::Plain>::new())
            }
        }
        fn handle(
            __manager_replica: &mut Self::Replica,
            __manager_values: __manager_private::Values<Self>,
        ) -> impl ::core::future::Future<Output = Self::Output> + ::core::marker::Send {
            let () = __manager_values;
            <a::Plain>::run(__manager_replica)
        }
    }
    __manager_private::inventory::submit! {
        __manager_private::Entry::of:: < a::Plain > ()
    }
};
