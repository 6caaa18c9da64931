//! What a supervisor such as systemd hands over, and what it is told: `sd_listen_fds(3)` and `sd_notify(3)`,
//! with the feature `systemd`.

use std::net::TcpListener;

/// The sockets that the supervisor opened for this process, in its order.
///
/// # Errors
///
/// What was handed over is no TCP socket, in words that say which.
// The variables that say so are taken away, so this is for the time before there are threads.
#[cfg(all(unix, feature = "systemd"))]
pub(super) fn sockets() -> Result<Vec<TcpListener>, String> {
    let mut given = listenfd::ListenFd::from_env();
    let sockets = (0..given.len()).map(|number| given.take_tcp_listener(number));
    let sockets: std::io::Result<Vec<_>> = sockets.collect();
    let sockets = sockets.map_err(|error| {
        format!("the supervisor handed over what is no TCP socket: {error}; see ListenStream= in systemd.socket(5)")
    })?;
    Ok(sockets.into_iter().flatten().collect())
}

#[cfg(not(all(unix, feature = "systemd")))]
pub(super) fn sockets() -> Result<Vec<TcpListener>, String> {
    Ok(Vec::new())
}

/// What the supervisor is told.
#[derive(Clone, Copy)]
pub(super) enum State {
    /// The ports are open, the replicas are there.
    Ready,
    /// The drain has begun.
    Stopping,
}

/// Tells the supervisor, if there is one.
#[cfg(all(unix, feature = "systemd"))]
pub(super) fn tell(state: State) {
    let state = match state {
        State::Ready => sd_notify::NotifyState::Ready,
        State::Stopping => sd_notify::NotifyState::Stopping,
    };
    if let Err(error) = sd_notify::notify(&[state]) {
        tracing::warn!(%error, "the supervisor could not be told how the service is");
    }
}

#[cfg(not(all(unix, feature = "systemd")))]
pub(super) fn tell(_: State) {}
