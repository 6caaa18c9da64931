pub async fn options_alone(text: String) -> String {
    text
}
/// The handler `options_alone`: the type that names it in typed calls.
#[allow(non_camel_case_types, unreachable_pub)]
pub struct options_alone {}
#[allow(deprecated, unused_qualifications, clippy::all)]
const _: () = {
    #[automatically_derived]
    impl ::manager_runtime::__private::At<0> for options_alone {
        type Parameter = String;
    }
    #[automatically_derived]
    impl ::manager_runtime::__private::Handler for options_alone {
        type Replica = ();
        type Parameters = (::manager_runtime::__private::Slot<Self, 0>, ());
        type Output = String;
        const SPEC: ::manager_runtime::__private::Spec = ::manager_runtime::__private::Spec::new(
                "options_alone",
                ::core::file!(),
                ::core::line!(),
                ::core::column!(),
                ::core::module_path!(),
            )
            .timeout_millis(10000);
        fn key() -> &'static ::manager_runtime::__private::Key {
            static __MANAGER_KEY: ::manager_runtime::__private::Key = ::manager_runtime::__private::Key::new();
            &__MANAGER_KEY
        }
        fn build(
            _: &::manager_runtime::__private::Building,
        ) -> impl ::core::future::Future<
            Output = ::core::result::Result<
                Self::Replica,
                ::manager_runtime::__private::Error,
            >,
        > + ::core::marker::Send {
            ::core::future::ready(::core::result::Result::Ok(()))
        }
        fn handle(
            _: &mut (),
            __manager_values: ::manager_runtime::__private::Values<Self>,
        ) -> impl ::core::future::Future<Output = Self::Output> + ::core::marker::Send {
            let (__manager_p0, ()) = __manager_values;
            options_alone(__manager_p0)
        }
    }
    ::manager_runtime::__private::inventory::submit! {
        ::manager_runtime::__private::Entry::of:: < options_alone > ()
    }
};
::core::compile_error! {
    "unknown option `replica`; did you mean `replicas`? the options are `name`, `replicas`, `queue`, `timeout`, `on`, `internal`, `public`, `blocking`, `detached`, `rebuild_on_cancel`, `body_limit` and `crate`"
}
pub(crate) async fn the_item_itself(text: &str) -> String {
    text.into()
}
#[doc(hidden)]
#[allow(dead_code, non_camel_case_types, unreachable_pub)]
pub(crate) struct the_item_itself {}
::core::compile_error! {
    "a parameter owns its value: take `String` instead of `&str`"
}
impl Counter {
    async fn runn(&self) {}
}
::core::compile_error! {
    "an impl block with `#[handler]` needs a method `run`, which serves one call: `async fn run(&mut self, ..)`; did you mean `run`?"
}
#[derive(::manager_runtime::__private::serde::Deserialize)]
#[derive(Serialize)]
struct Sum;
#[allow(deprecated, unused_qualifications, clippy::all)]
const _: () = {
    #[automatically_derived]
    impl ::manager_runtime::__private::Parameter for Sum {
        type Role = ::manager_runtime::__private::role::Message;
    }
    #[automatically_derived]
    impl ::manager_runtime::__private::Message for Sum {
        type Value = Self;
        fn from_value(__manager_value: Self) -> Self {
            __manager_value
        }
        fn decode(
            __manager_payload: ::manager_runtime::__private::Payload,
        ) -> ::core::result::Result<Self, ::manager_runtime::__private::Error> {
            ::manager_runtime::__private::decode_json(__manager_payload)
        }
    }
    #[automatically_derived]
    impl ::manager_runtime::__private::IntoReply for Sum {
        type Value = Self;
        fn into_value(
            self,
        ) -> ::core::result::Result<Self, ::manager_runtime::__private::Error> {
            ::core::result::Result::Ok(self)
        }
        fn encode(
            __manager_value: Self,
        ) -> ::core::result::Result<
            ::manager_runtime::__private::Reply,
            ::manager_runtime::__private::Error,
        > {
            ::core::result::Result::Ok(
                ::manager_runtime::__private::encode_json(__manager_value),
            )
        }
    }
    #[automatically_derived]
    impl ::manager_runtime::__private::IntoPayload for Sum {
        fn into_payload(self) -> ::manager_runtime::__private::Payload {
            ::manager_runtime::__private::payload_json(self)
        }
    }
};
::core::compile_error! {
    "`#[message]` derives `Serialize` already; remove this one"
}
fn main() -> ExitCode {
    ::core::compile_error! {
        "unknown key `bnd`; did you mean `bind`? the keys are `bind`, `api_key`, `api_keys`, `max_requests`, `connections`, `keep_alive`, `drain`, `body_limit`, `head_limit`, `head_timeout`, `body_timeout`, `handlers`, `state`, `provide`, `crates` and `crate`"
    }
    ::core::compile_error! {
        "`y` is no duration; write it like `\"500ms\"`, `\"10s\"`, `\"5m\"`, `\"1h\"` or as a number of seconds"
    }
}
