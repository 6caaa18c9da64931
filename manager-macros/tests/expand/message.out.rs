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
    use my::runtime::__private as __manager_private;
    #[automatically_derived]
    impl<T, const N: usize> __manager_private::Parameter for Page<T, N>
    where
        T: Clone,
        Self: __manager_private::serde::Serialize
            + __manager_private::serde::de::DeserializeOwned + ::core::marker::Send
            + 'static,
    {
        type Role = __manager_private::role::Message;
    }
    #[automatically_derived]
    impl<T, const N: usize> __manager_private::Message for Page<T, N>
    where
        T: Clone,
        Self: __manager_private::serde::Serialize
            + __manager_private::serde::de::DeserializeOwned + ::core::marker::Send
            + 'static,
    {
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
    impl<T, const N: usize> __manager_private::IntoReply for Page<T, N>
    where
        T: Clone,
        Self: __manager_private::serde::Serialize
            + __manager_private::serde::de::DeserializeOwned + ::core::marker::Send
            + 'static,
    {
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
    impl<T, const N: usize> __manager_private::IntoPayload for Page<T, N>
    where
        T: Clone,
        Self: __manager_private::serde::Serialize
            + __manager_private::serde::de::DeserializeOwned + ::core::marker::Send
            + 'static,
    {
        fn into_payload(self) -> __manager_private::Payload {
            __manager_private::payload_json(self)
        }
    }
};
