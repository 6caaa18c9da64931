#[derive(HandlerError)]
/// What can go wrong in a shop.
enum ShopError {
    #[error(kind = NotFound, "no order {id} of {r}, {{braces}} {id:?}")]
    NoOrder { id: u64, r: u8, unused: u8 },
    #[error(kind = Internal, "database")]
    Database(#[from] std::io::Error),
    #[error(kind = Conflict, "{1:>8} {0}")]
    Paid(u64, String),
    #[error(kind = Overloaded, "no answer from {host}")]
    Remote { host: String, #[source] why: BoxError },
    #[error(kind = Gone, "gone")]
    Gone,
}
#[allow(deprecated, unused_qualifications, clippy::all)]
const _: () = {
    use ::manager_runtime::__private as __manager_private;
    #[automatically_derived]
    impl ::core::fmt::Display for ShopError {
        fn fmt(
            &self,
            __manager_formatter: &mut ::core::fmt::Formatter<'_>,
        ) -> ::core::fmt::Result {
            match self {
                Self::NoOrder { id: __manager_field_id, r: __manager_field_r, .. } => {
                    ::core::write!(
                        __manager_formatter,
                        "no order {__manager_field_id} of {__manager_field_r}, {{braces}} {__manager_field_id:?}",
                        __manager_field_id = __manager_field_id, __manager_field_r =
                        __manager_field_r
                    )
                }
                Self::Database { .. } => ::core::write!(__manager_formatter, "database"),
                Self::Paid { 1: __manager_field_1, 0: __manager_field_0, .. } => {
                    ::core::write!(
                        __manager_formatter,
                        "{__manager_field_1:>8} {__manager_field_0}", __manager_field_1 =
                        __manager_field_1, __manager_field_0 = __manager_field_0
                    )
                }
                Self::Remote { host: __manager_field_host, .. } => {
                    ::core::write!(
                        __manager_formatter, "no answer from {__manager_field_host}",
                        __manager_field_host = __manager_field_host
                    )
                }
                Self::Gone { .. } => ::core::write!(__manager_formatter, "gone"),
            }
        }
    }
    #[automatically_derived]
    impl ::core::error::Error for ShopError {
        fn source(
            &self,
        ) -> ::core::option::Option<&(dyn ::core::error::Error + 'static)> {
            use __manager_private::AsSource as _;
            match self {
                Self::NoOrder { .. } => ::core::option::Option::None,
                Self::Database { 0: __manager_field_0, .. } => {
                    ::core::option::Option::Some(__manager_field_0.as_source())
                }
                Self::Paid { .. } => ::core::option::Option::None,
                Self::Remote { why: __manager_field_why, .. } => {
                    ::core::option::Option::Some(__manager_field_why.as_source())
                }
                Self::Gone { .. } => ::core::option::Option::None,
            }
        }
    }
    #[automatically_derived]
    impl ::core::convert::From<std::io::Error> for ShopError {
        fn from(__manager_source: std::io::Error) -> Self {
            Self::Database {
                0: __manager_source,
            }
        }
    }
    #[automatically_derived]
    impl __manager_private::HasKind for ShopError {
        fn kind(&self) -> __manager_private::Kind {
            match self {
                Self::NoOrder { .. } => __manager_private::Kind::NotFound,
                Self::Database { .. } => __manager_private::Kind::Internal,
                Self::Paid { .. } => __manager_private::Kind::Conflict,
                Self::Remote { .. } => __manager_private::Kind::Overloaded,
                Self::Gone { .. } => __manager_private::Kind::Gone,
            }
        }
    }
    __manager_private::inventory::submit! {
        __manager_private::KindEntry::of:: < ShopError > ()
    }
};
#[derive(HandlerError)]
enum Foreign {
    #[error("no order {0}")]
    #[kind(NotFound)]
    NoOrder(u64),
    #[error(transparent)]
    #[kind(Internal)]
    Database(#[from] std::io::Error),
}
#[allow(deprecated, unused_qualifications, clippy::all)]
const _: () = {
    use ::manager_runtime::__private as __manager_private;
    #[automatically_derived]
    impl __manager_private::HasKind for Foreign {
        fn kind(&self) -> __manager_private::Kind {
            match self {
                Self::NoOrder { .. } => __manager_private::Kind::NotFound,
                Self::Database { .. } => __manager_private::Kind::Internal,
            }
        }
    }
    __manager_private::inventory::submit! {
        __manager_private::KindEntry::of:: < Foreign > ()
    }
};
#[derive(HandlerError)]
#[error(crate = my::runtime, kind = TooLarge, "too large: {type}")]
pub struct TooLarge {
    r#type: String,
}
#[allow(deprecated, unused_qualifications, clippy::all)]
const _: () = {
    use my::runtime::__private as __manager_private;
    #[automatically_derived]
    impl ::core::fmt::Display for TooLarge {
        fn fmt(
            &self,
            __manager_formatter: &mut ::core::fmt::Formatter<'_>,
        ) -> ::core::fmt::Result {
            match self {
                Self { r#type: __manager_field_type, .. } => {
                    ::core::write!(
                        __manager_formatter, "too large: {__manager_field_type}",
                        __manager_field_type = __manager_field_type
                    )
                }
            }
        }
    }
    #[automatically_derived]
    impl ::core::error::Error for TooLarge {}
    #[automatically_derived]
    impl __manager_private::HasKind for TooLarge {
        fn kind(&self) -> __manager_private::Kind {
            match self {
                Self { .. } => __manager_private::Kind::TooLarge,
            }
        }
    }
    __manager_private::inventory::submit! {
        __manager_private::KindEntry::of:: < TooLarge > ()
    }
};
#[derive(HandlerError)]
enum Never {}
#[allow(deprecated, unused_qualifications, clippy::all)]
const _: () = {
    use ::manager_runtime::__private as __manager_private;
    #[automatically_derived]
    impl __manager_private::HasKind for Never {
        fn kind(&self) -> __manager_private::Kind {
            match *self {}
        }
    }
    __manager_private::inventory::submit! {
        __manager_private::KindEntry::of:: < Never > ()
    }
};
#[derive(HandlerError)]
enum Mistakes {
    #[error(kind = NotFond, "no order {id}")]
    NoOrder,
    #[error(kind = Gone, "gone")]
    Gone,
}
#[allow(deprecated, unused_qualifications, clippy::all)]
const _: () = {
    use ::manager_runtime::__private as __manager_private;
    #[automatically_derived]
    impl ::core::fmt::Display for Mistakes {
        fn fmt(
            &self,
            __manager_formatter: &mut ::core::fmt::Formatter<'_>,
        ) -> ::core::fmt::Result {
            match self {
                Self::NoOrder { .. } => ::core::write!(__manager_formatter, ""),
                Self::Gone { .. } => ::core::write!(__manager_formatter, "gone"),
            }
        }
    }
    #[automatically_derived]
    impl ::core::error::Error for Mistakes {}
    #[automatically_derived]
    impl __manager_private::HasKind for Mistakes {
        fn kind(&self) -> __manager_private::Kind {
            match self {
                Self::NoOrder { .. } => __manager_private::Kind::Internal,
                Self::Gone { .. } => __manager_private::Kind::Gone,
            }
        }
    }
    __manager_private::inventory::submit! {
        __manager_private::KindEntry::of:: < Mistakes > ()
    }
};
::core::compile_error! {
    "unknown kind `NotFond`; did you mean `NotFound`? the kinds are `BadRequest`, `Unauthorized`, `Forbidden`, `NotFound`, `MethodNotAllowed`, `Conflict`, `Gone`, `PreconditionFailed`, `TooLarge`, `UnsupportedMediaType`, `RangeNotSatisfiable`, `Unprocessable`, `TooManyRequests`, `Internal`, `Panicked`, `NotImplemented`, `Overloaded`, `ShuttingDown`, `Unavailable`, `Timeout`, `InsufficientStorage` and `Cycle`"
}
::core::compile_error! {
    "no field is called `id`; there are none\n  no order {id}\n           ^^^^"
}
