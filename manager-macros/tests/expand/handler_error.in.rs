/// What can go wrong in a shop.
#[derive(HandlerError)]
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

#[derive(HandlerError)]
enum Foreign {
    #[error("no order {0}")]
    #[kind(NotFound)]
    NoOrder(u64),
    #[error(transparent)]
    #[kind(Internal)]
    Database(#[from] std::io::Error),
}

#[derive(HandlerError)]
#[error(crate = my::runtime, kind = TooLarge, "too large: {type}")]
pub struct TooLarge {
    r#type: String,
}

#[derive(HandlerError)]
enum Never {}

#[derive(HandlerError)]
enum Mistakes {
    #[error(kind = NotFond, "no order {id}")]
    NoOrder,
    #[error(kind = Gone, "gone")]
    Gone,
}
