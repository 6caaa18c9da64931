//! Layers and services of tower: around handlers, and in the place of handlers.
//!
//! # What a layer sees
//!
//! Layers of tower know responses, and nothing of our errors: a layer for compression compresses what
//! comes back as `Ok`, one for CORS adds its headers to it, one that traces looks at its status. So an
//! error of ours becomes the response that the client is to get before a layer sees it, with its status,
//! its problem or envelope, and what a catcher made of it. A 404 is traced as a 404 and a browser on
//! another site may read it. Whoever stands outside of the layer finds the error itself in the extensions
//! of the response, as a [`Caught`](crate::Caught).
//!
//! The other way, an error of a layer (the `Elapsed` of a timeout) becomes one of ours outside of it: an
//! [`Error`](crate::Error) that was boxed, and a type with `#[derive(HandlerError)]`, have their kind, anything else is
//! `Internal` with the layer's error as its source. Which status a foreign type would be is not guessed from
//! its name; a `#[middleware]` around the layer can look at the source and say so.
//!
//! # How a request gets through
//!
//! A layer is applied once, before the first request, so that all requests share what it counts. It is
//! applied to an [`Inner`] that is the same for all of them. What comes next of one request travels in the
//! extensions of that request, where `Inner` takes it out. It may be cloned, so a layer that tries again
//! can; one that passes on a request of its own making, without the extensions, cannot be served.

#[cfg(feature = "tower")]
mod layer;
#[cfg(feature = "tower")]
mod mount;
#[cfg(feature = "tower")]
mod service;

#[cfg(not(feature = "tower"))]
mod missing;

#[cfg(feature = "tower")]
pub use layer::{Inner, TowerLayer, tower_layer};
#[cfg(feature = "tower")]
pub use mount::OriginalUri;
#[cfg(feature = "tower")]
pub(crate) use mount::mounted;
#[cfg(feature = "tower")]
pub use service::TowerService;

#[cfg(not(feature = "tower"))]
pub(crate) use missing::mounted;
#[cfg(not(feature = "tower"))]
pub use missing::{TowerLayer, TowerService, tower_layer};

/// The name of a type without its path and its parameters.
pub(crate) fn short_name<T>() -> &'static str {
    let name = std::any::type_name::<T>();
    let name = name.split('<').next().unwrap_or(name);
    name.rsplit("::").next().unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_short() {
        assert_eq!(short_name::<Vec<std::sync::Arc<str>>>(), "Vec");
        assert_eq!(short_name::<u8>(), "u8");
    }
}
