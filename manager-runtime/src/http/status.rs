//! Which error has which status: the only place that knows.

use http::StatusCode;

use crate::error::Kind;

/// The status of an error.
pub(crate) fn of(kind: Kind) -> StatusCode {
    match kind {
        Kind::BadRequest => StatusCode::BAD_REQUEST,
        Kind::Unauthorized => StatusCode::UNAUTHORIZED,
        Kind::Forbidden => StatusCode::FORBIDDEN,
        Kind::NotFound => StatusCode::NOT_FOUND,
        Kind::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
        Kind::Conflict => StatusCode::CONFLICT,
        Kind::Gone => StatusCode::GONE,
        Kind::PreconditionFailed => StatusCode::PRECONDITION_FAILED,
        Kind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Kind::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        Kind::RangeNotSatisfiable => StatusCode::RANGE_NOT_SATISFIABLE,
        Kind::Unprocessable => StatusCode::UNPROCESSABLE_ENTITY,
        Kind::TooManyRequests => StatusCode::TOO_MANY_REQUESTS,
        Kind::Internal | Kind::Panicked => StatusCode::INTERNAL_SERVER_ERROR,
        Kind::NotImplemented => StatusCode::NOT_IMPLEMENTED,
        Kind::Overloaded | Kind::ShuttingDown | Kind::Unavailable => {
            StatusCode::SERVICE_UNAVAILABLE
        }
        Kind::Timeout => StatusCode::GATEWAY_TIMEOUT,
        Kind::InsufficientStorage => StatusCode::INSUFFICIENT_STORAGE,
        Kind::Cycle => StatusCode::LOOP_DETECTED,
    }
}

/// The kind that a status stands for, for whoever reads an answer: the command line.
pub(crate) fn kind(status: StatusCode) -> Kind {
    match status.as_u16() {
        400 => Kind::BadRequest,
        401 => Kind::Unauthorized,
        403 => Kind::Forbidden,
        404 => Kind::NotFound,
        405 => Kind::MethodNotAllowed,
        409 => Kind::Conflict,
        410 => Kind::Gone,
        412 => Kind::PreconditionFailed,
        413 => Kind::TooLarge,
        415 => Kind::UnsupportedMediaType,
        416 => Kind::RangeNotSatisfiable,
        422 => Kind::Unprocessable,
        429 => Kind::TooManyRequests,
        501 => Kind::NotImplemented,
        503 => Kind::Overloaded,
        504 => Kind::Timeout,
        507 => Kind::InsufficientStorage,
        508 => Kind::Cycle,
        _ => Kind::Internal,
    }
}

/// Whether the same request may have another answer soon, for whoever can wait for it.
pub(crate) fn is_passing(status: StatusCode) -> bool {
    matches!(kind(status), Kind::Overloaded | Kind::Timeout | Kind::TooManyRequests)
        || status == LOCKED
        // A proxy whose service is just being started.
        || status == StatusCode::BAD_GATEWAY
}

/// A request target longer than is read (RFC 9110, section 15.5.15). No handler makes this error, so
/// it has no kind.
pub(crate) const URI_TOO_LONG: StatusCode = StatusCode::URI_TOO_LONG;

/// What somebody else is changing at the moment (RFC 4918, section 11.3; tus 1.0).
pub(crate) const LOCKED: StatusCode = StatusCode::LOCKED;

/// A part of an upload that is not what its checksum says (tus 1.0); the number is tus' own.
pub(crate) fn checksum_mismatch() -> StatusCode {
    StatusCode::from_u16(460).unwrap_or(StatusCode::BAD_REQUEST)
}

/// A request that has to ask for another protocol (RFC 9110, section 15.5.22).
#[cfg(feature = "ws")]
pub(crate) const UPGRADE_REQUIRED: StatusCode = StatusCode::UPGRADE_REQUIRED;
