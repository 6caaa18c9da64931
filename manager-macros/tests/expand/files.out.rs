/// Keeps a file.
async fn save(ctx: Context, mut upload: Upload) -> Result<String> {
    keep(ctx, upload).await
}
/// Keeps a file.
#[allow(non_camel_case_types, unreachable_pub)]
struct save {}
#[allow(deprecated, unused_qualifications, clippy::all)]
const _: () = {
    use ::manager_runtime::__private as __manager_private;
    #[automatically_derived]
    impl __manager_private::At<0> for save {
        type Parameter = Context;
    }
    #[automatically_derived]
    impl __manager_private::At<1> for save {
        type Parameter = Upload;
    }
    #[automatically_derived]
    impl __manager_private::Handler for save {
        type Replica = ();
        type Parameters = (
            __manager_private::Slot<Self, 0>,
            (__manager_private::Slot<Self, 1>, ()),
        );
        type Output = Result<String>;
        const SPEC: __manager_private::Spec = __manager_private::Spec::new(
                "save",
                __manager_private::Place::new(
                    ::core::file!(),
                    ::core::line!(),
                    ::core::column!(),
                    ::core::module_path!(),
                ),
            )
            .timeout_millis(3600000)
            .entrance(__manager_private::Port::Upload)
            .doc("Keeps a file.");
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
            save(__manager_p0, __manager_p1)
        }
    }
    const _: () = __manager_private::one_message::<
        (__manager_private::Slot<save, 0>, ()),
        save,
        1,
    >();
    __manager_private::inventory::submit! {
        __manager_private::Entry::of:: < save > ()
    }
    const _: () = __manager_private::takes_a_file::<
        (__manager_private::Slot<save, 0>, (__manager_private::Slot<save, 1>, ())),
    >();
};
fn load(name: String) -> impl IntoReply {
    read(name)
}
#[doc(hidden)]
#[allow(dead_code, non_camel_case_types, unreachable_pub)]
struct load {}
#[allow(deprecated, unused_qualifications, clippy::all)]
const _: () = {
    use ::manager_runtime::__private as __manager_private;
    #[doc(hidden)]
    #[allow(non_camel_case_types)]
    struct __ManagerHandler_load {}
    #[automatically_derived]
    impl __manager_private::At<0> for __ManagerHandler_load {
        type Parameter = String;
    }
    #[automatically_derived]
    impl __manager_private::Handler for __ManagerHandler_load {
        type Replica = ();
        type Parameters = (__manager_private::Slot<Self, 0>, ());
        type Output = __manager_private::Erased;
        const SPEC: __manager_private::Spec = __manager_private::Spec::new(
                "load",
                __manager_private::Place::new(
                    ::core::file!(),
                    ::core::line!(),
                    ::core::column!(),
                    ::core::module_path!(),
                ),
            )
            .entrance(__manager_private::Port::Download);
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
            async move { __manager_private::Erased::of(load(__manager_p0)) }
        }
    }
    __manager_private::inventory::submit! {
        __manager_private::Entry::of:: < __ManagerHandler_load > ()
    }
    const _: () = __manager_private::takes_a_name::<
        (__manager_private::Slot<__ManagerHandler_load, 0>, ()),
    >();
};
impl Archive {
    fn new() -> Self {
        Archive
    }
    async fn run(&mut self, words: String) -> Json<Vec<String>> {
        self.search(words)
    }
    async fn run_stream(&mut self, mut upload: Upload) -> Result<Json<Self>> {
        self.keep(upload).await
    }
    fn run_file(&self, ctx: Context, name: String) -> impl IntoReply {
        self.open(name)
    }
    fn run_metadata(&self, name: String) {}
}
#[allow(deprecated, unused_qualifications, clippy::all)]
const _: () = {
    use ::manager_runtime::__private as __manager_private;
    #[automatically_derived]
    impl __manager_private::At<0> for Archive {
        type Parameter = String;
    }
    #[automatically_derived]
    impl __manager_private::Handler for Archive {
        type Replica = Self;
        type Parameters = (__manager_private::Slot<Self, 0>, ());
        type Output = Json<Vec<String>>;
        const SPEC: __manager_private::Spec = __manager_private::Spec::new(
                "archive",
                __manager_private::Place::new(
                    ::core::file!(),
                    ::core::line!(),
                    ::core::column!(),
                    ::core::module_path!(),
                ),
            )
            .port(__manager_private::Port::Upload)
            .port(__manager_private::Port::Download)
            .port(__manager_private::Port::Metadata);
        type Files = __manager_private::Entrances<
            __manager_private::Via<Self, 1>,
            __manager_private::Via<Self, 2>,
            __manager_private::Via<Self, 3>,
        >;
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
                <Self as __manager_private::Built<Archive>>::built(<Archive>::new())
            }
        }
        fn handle(
            __manager_replica: &mut Self::Replica,
            __manager_values: __manager_private::Values<Self>,
        ) -> impl ::core::future::Future<Output = Self::Output> + ::core::marker::Send {
            let (__manager_p0, ()) = __manager_values;
            <Archive>::run(__manager_replica, __manager_p0)
        }
    }
    __manager_private::inventory::submit! {
        __manager_private::Entry::of:: < Archive > ()
    }
    #[automatically_derived]
    impl __manager_private::At<16> for Archive {
        type Parameter = Upload;
    }
    #[automatically_derived]
    impl __manager_private::Method<1> for Archive {
        type Taken = (__manager_private::Slot<Self, 16>, ());
        type Given = Result<Json<Self>>;
        fn serve(
            __manager_replica: &mut Self,
            __manager_values: __manager_private::MethodValues<Self, 1>,
        ) -> impl ::core::future::Future<
            Output = <Self as __manager_private::Method<1>>::Given,
        > + ::core::marker::Send {
            let (__manager_p0, ()) = __manager_values;
            <Archive>::run_stream(__manager_replica, __manager_p0)
        }
    }
    const _: () = __manager_private::takes_a_file::<
        (__manager_private::Slot<Archive, 16>, ()),
    >();
    #[automatically_derived]
    impl __manager_private::At<32> for Archive {
        type Parameter = Context;
    }
    #[automatically_derived]
    impl __manager_private::At<33> for Archive {
        type Parameter = String;
    }
    #[automatically_derived]
    impl __manager_private::Method<2> for Archive {
        type Taken = (
            __manager_private::Slot<Self, 32>,
            (__manager_private::Slot<Self, 33>, ()),
        );
        type Given = __manager_private::Erased;
        fn serve(
            __manager_replica: &mut Self,
            __manager_values: __manager_private::MethodValues<Self, 2>,
        ) -> impl ::core::future::Future<
            Output = <Self as __manager_private::Method<2>>::Given,
        > + ::core::marker::Send {
            let (__manager_p0, (__manager_p1, ())) = __manager_values;
            async move {
                __manager_private::Erased::of(
                    <Archive>::run_file(__manager_replica, __manager_p0, __manager_p1),
                )
            }
        }
    }
    const _: () = __manager_private::one_message::<
        (__manager_private::Slot<Archive, 32>, ()),
        Archive,
        33,
    >();
    const _: () = __manager_private::takes_a_name::<
        (
            __manager_private::Slot<Archive, 32>,
            (__manager_private::Slot<Archive, 33>, ()),
        ),
    >();
    #[automatically_derived]
    impl __manager_private::At<48> for Archive {
        type Parameter = String;
    }
    #[automatically_derived]
    impl __manager_private::Method<3> for Archive {
        type Taken = (__manager_private::Slot<Self, 48>, ());
        type Given = ();
        fn serve(
            __manager_replica: &mut Self,
            __manager_values: __manager_private::MethodValues<Self, 3>,
        ) -> impl ::core::future::Future<
            Output = <Self as __manager_private::Method<3>>::Given,
        > + ::core::marker::Send {
            let (__manager_p0, ()) = __manager_values;
            async move { <Archive>::run_metadata(__manager_replica, __manager_p0) }
        }
    }
    const _: () = __manager_private::takes_a_name::<
        (__manager_private::Slot<Archive, 48>, ()),
    >();
};
impl Reports {
    /// Gives a report.
    async fn run_file(&self, name: String) -> Result<File> {
        File::open(name).await
    }
}
#[allow(deprecated, unused_qualifications, clippy::all)]
const _: () = {
    use ::manager_runtime::__private as __manager_private;
    #[automatically_derived]
    impl __manager_private::Handler for Reports {
        type Replica = Self;
        type Parameters = ();
        type Output = __manager_private::NoRun;
        const SPEC: __manager_private::Spec = __manager_private::Spec::new(
                "reports",
                __manager_private::Place::new(
                    ::core::file!(),
                    ::core::line!(),
                    ::core::column!(),
                    ::core::module_path!(),
                ),
            )
            .doc("Gives a report.")
            .without_run()
            .port(__manager_private::Port::Download);
        type Files = __manager_private::Entrances<
            __manager_private::Absent<Self>,
            __manager_private::Via<Self, 2>,
            __manager_private::Absent<Self>,
        >;
        fn key() -> &'static __manager_private::Key {
            static __MANAGER_KEY: __manager_private::Key = __manager_private::Key::new();
            &__MANAGER_KEY
        }
        fn build(
            _: &__manager_private::Building,
        ) -> impl ::core::future::Future<
            Output = ::core::result::Result<Self::Replica, __manager_private::Error>,
        > + ::core::marker::Send {
            __manager_private::default_replica::<Reports>()
        }
        fn handle(
            _: &mut Self::Replica,
            _: __manager_private::Values<Self>,
        ) -> impl ::core::future::Future<Output = Self::Output> + ::core::marker::Send {
            ::core::future::ready(__manager_private::NoRun("reports"))
        }
    }
    __manager_private::inventory::submit! {
        __manager_private::Entry::of:: < Reports > ()
    }
    #[automatically_derived]
    impl __manager_private::At<32> for Reports {
        type Parameter = String;
    }
    #[automatically_derived]
    impl __manager_private::Method<2> for Reports {
        type Taken = (__manager_private::Slot<Self, 32>, ());
        type Given = Result<File>;
        fn serve(
            __manager_replica: &mut Self,
            __manager_values: __manager_private::MethodValues<Self, 2>,
        ) -> impl ::core::future::Future<
            Output = <Self as __manager_private::Method<2>>::Given,
        > + ::core::marker::Send {
            let (__manager_p0, ()) = __manager_values;
            <Reports>::run_file(__manager_replica, __manager_p0)
        }
    }
    const _: () = __manager_private::takes_a_name::<
        (__manager_private::Slot<Reports, 32>, ()),
    >();
};
