#[derive(
    ::manager_runtime::__private::serde::Serialize,
    ::manager_runtime::__private::serde::Deserialize
)]
#[serde(crate = "::manager_runtime::__private::serde")]
#[derive(Debug, Clone)]
#[serde(rename_all = "camelCase")]
pub struct Sum {
    pub a: i64,
}
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
#[derive(
    my::runtime::__private::serde::Serialize,
    my::runtime::__private::serde::Deserialize
)]
#[serde(crate = "my::runtime::__private::serde")]
enum Page<T, const N: usize = 1>
where
    T: Clone,
{
    Full([T; N]),
    Empty,
}
#[allow(deprecated, unused_qualifications, clippy::all)]
const _: () = {
    #[automatically_derived]
    impl<T, const N: usize> my::runtime::__private::Parameter for Page<T, N>
    where
        T: Clone,
        Self: my::runtime::__private::serde::Serialize
            + my::runtime::__private::serde::de::DeserializeOwned + ::core::marker::Send
            + 'static,
    {
        type Role = my::runtime::__private::role::Message;
    }
    #[automatically_derived]
    impl<T, const N: usize> my::runtime::__private::Message for Page<T, N>
    where
        T: Clone,
        Self: my::runtime::__private::serde::Serialize
            + my::runtime::__private::serde::de::DeserializeOwned + ::core::marker::Send
            + 'static,
    {
        type Value = Self;
        fn from_value(__manager_value: Self) -> Self {
            __manager_value
        }
        fn decode(
            __manager_payload: my::runtime::__private::Payload,
        ) -> ::core::result::Result<Self, my::runtime::__private::Error> {
            my::runtime::__private::decode_json(__manager_payload)
        }
    }
    #[automatically_derived]
    impl<T, const N: usize> my::runtime::__private::IntoReply for Page<T, N>
    where
        T: Clone,
        Self: my::runtime::__private::serde::Serialize
            + my::runtime::__private::serde::de::DeserializeOwned + ::core::marker::Send
            + 'static,
    {
        type Value = Self;
        fn into_value(
            self,
        ) -> ::core::result::Result<Self, my::runtime::__private::Error> {
            ::core::result::Result::Ok(self)
        }
        fn encode(
            __manager_value: Self,
        ) -> ::core::result::Result<
            my::runtime::__private::Reply,
            my::runtime::__private::Error,
        > {
            ::core::result::Result::Ok(
                my::runtime::__private::encode_json(__manager_value),
            )
        }
    }
    #[automatically_derived]
    impl<T, const N: usize> my::runtime::__private::IntoPayload for Page<T, N>
    where
        T: Clone,
        Self: my::runtime::__private::serde::Serialize
            + my::runtime::__private::serde::de::DeserializeOwned + ::core::marker::Send
            + 'static,
    {
        fn into_payload(self) -> my::runtime::__private::Payload {
            my::runtime::__private::payload_json(self)
        }
    }
};
