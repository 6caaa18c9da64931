pub async fn options_alone(text: String) -> String {
    text
}
/// The handler `options_alone`: the type that names it in typed calls.
#[allow(non_camel_case_types, unreachable_pub)]
pub struct options_alone {}
#[allow(deprecated, unused_qualifications, clippy::all)]
const _: () = {
    use ::manager_runtime::__private as __manager_private;
    #[automatically_derived]
    impl __manager_private::At<0> for options_alone {
        type Parameter = String;
    }
    #[automatically_derived]
    impl __manager_private::Handler for options_alone {
        type Replica = ();
        type Parameters = (__manager_private::Slot<Self, 0>, ());
        type Output = String;
        const SPEC: __manager_private::Spec = __manager_private::Spec::new(
                "options_alone",
                __manager_private::Place::new(
                    ::core::file!(),
                    ::core::line!(),
                    ::core::column!(),
                    ::core::module_path!(),
                ),
            )
            .timeout_millis(10000);
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
            options_alone(__manager_p0)
        }
    }
    __manager_private::inventory::submit! {
        __manager_private::Entry::of:: < options_alone > ()
    }
};
::core::compile_error! {
    "unknown option `replica`; did you mean `replicas`? the options are `name`, `replicas`, `queue`, `timeout`, `get`, `post`, `put`, `patch`, `delete`, `head`, `options`, `any`, `method`, `host`, `slash`, `with`, `on`, `internal`, `private`, `public`, `keys`, `rate`, `burst`, `peers`, `deprecated`, `moved`, `gone`, `blocking`, `detached`, `rebuild_on_cancel`, `body_limit`, `upload`, `download`, `metadata` and `crate`"
}
pub(crate) async fn the_item_itself(text: &str) -> String {
    text.into()
}
#[doc(hidden)]
#[allow(dead_code, non_camel_case_types, unreachable_pub)]
pub(crate) struct the_item_itself {}
::core::compile_error! {
    "a parameter owns its value: write `String` instead of `&str`"
}
impl Counter {
    async fn runn(&self) {}
}
::core::compile_error! {
    "an impl block with `#[handler]` needs a method `run`, which serves one call: `async fn run(&mut self, ..)`; or one for files: `run_stream`, `run_file` or `run_metadata`; did you mean `run`?"
}
#[derive(::manager_runtime::__private::serde::Deserialize)]
#[derive(Serialize)]
struct Sum;
#[allow(deprecated, unused_qualifications, clippy::all)]
const _: () = {
    use ::manager_runtime::__private as __manager_private;
    #[automatically_derived]
    impl __manager_private::Parameter for Sum {
        type Role = __manager_private::role::Message;
    }
    #[automatically_derived]
    impl __manager_private::Message for Sum {
        type Value = Self;
        const READS: __manager_private::Reads = __manager_private::Reads::Json;
        fn from_value(__manager_value: Self) -> Self {
            __manager_value
        }
        fn decode(
            __manager_payload: __manager_private::Payload,
        ) -> ::core::result::Result<Self, __manager_private::Error> {
            __manager_private::decode_json(__manager_payload)
        }
        fn needs(__manager_needs: &mut __manager_private::Needs) {
            __manager_needs.message::<Self>();
        }
    }
    #[automatically_derived]
    impl __manager_private::IntoReply for Sum {
        type Value = Self;
        fn into_value(self) -> ::core::result::Result<Self, __manager_private::Error> {
            ::core::result::Result::Ok(self)
        }
        fn encode(
            __manager_value: Self,
        ) -> ::core::result::Result<__manager_private::Reply, __manager_private::Error> {
            ::core::result::Result::Ok(__manager_private::encode_json(__manager_value))
        }
    }
    #[automatically_derived]
    impl __manager_private::IntoPayload for Sum {
        fn into_payload(self) -> __manager_private::Payload {
            __manager_private::payload_json(self)
        }
    }
};
::core::compile_error! {
    "`#[message]` derives `Serialize` already; remove this one"
}
fn main() -> ExitCode {
    ::core::compile_error! {
        "unknown key `bnd`; did you mean `bind`? the keys are `bind`, `private_bind`, `api_key`, `api_keys`, `api_keys_file`, `rate`, `burst`, `max_requests`, `connections`, `connections_per_address`, `streams`, `keep_alive`, `drain`, `body_limit`, `upload_limit`, `head_limit`, `head_timeout`, `body_timeout`, `min_rate`, `tls`, `handshake_timeout`, `cors`, `request_id`, `access_log`, `compression`, `files`, `files_quota`, `static_files`, `public_static`, `layers`, `mount`, `handlers`, `state`, `provide`, `crates` and `crate`"
    }
    ::core::compile_error! {
        "`y` is no duration; write it like `\"500ms\"`, `\"10s\"`, `\"5m\"`, `\"1h\"` or as a number of seconds"
    }
}
