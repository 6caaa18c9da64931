//! The signals that a process is told by: to end, and to load again what it was started with.

use std::io::{self, IsTerminal};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use tokio::sync::Notify;

use crate::shutdown::{Life, Phase};

/// Drains at the first SIGTERM or ctrl-c and cuts at the second. The handlers are installed when this
/// returns.
pub(crate) fn listen(life: Arc<Life>) {
    let mut signals = match Signals::install() {
        Ok(signals) => signals,
        Err(error) => {
            tracing::error!(%error, "cannot listen to signals");
            return;
        }
    };
    tokio::spawn(async move {
        tokio::select! {
            signal = signals.next() => tracing::info!("stopping: {}", signal.name()),
            () = life.reaches(Phase::Draining) => {}
        }
        life.advance(Phase::Draining);
        // However the drain began, the next signal is the one that will not wait.
        let signal = tokio::select! {
            signal = signals.next() => signal,
            () = life.reaches(Phase::Cut) => return,
        };
        tracing::warn!("cut off by a second signal: {}", signal.name());
        LAST.store(signal.exit_status(), Ordering::Relaxed);
        life.advance(Phase::Cut);
    });
}

/// Passes on every SIGHUP, which would end the process if nobody listened: somebody wants files to be read
/// again. Or the terminal that the program was started from has gone, and nobody sees or stops it any
/// more: then it drains. The handler is installed when this returns.
#[cfg(unix)]
pub(crate) fn on_hangup(tell: Arc<Notify>, life: Arc<Life>) {
    use tokio::signal::unix::{SignalKind, signal};
    let mut hangups = match signal(SignalKind::hangup()) {
        Ok(hangups) => hangups,
        Err(error) => return tracing::error!(%error, "cannot listen to SIGHUP"),
    };
    let has_terminal = || std::io::stdin().is_terminal();
    let had_terminal = has_terminal();
    tokio::spawn(async move {
        loop {
            tokio::select! {
                () = life.reaches(Phase::Cut) => return,
                _ = hangups.recv() => {}
            }
            if had_terminal && !has_terminal() {
                tracing::info!("stopping: the terminal has gone");
                return life.advance(Phase::Draining);
            }
            tell.notify_one();
        }
    });
}

/// There is no such signal here.
#[cfg(not(unix))]
pub(crate) fn on_hangup(_tell: Arc<Notify>, _life: Arc<Life>) {}

/// Waits for a signal while there is nothing to drain yet, and says the exit status that it asks for. The
/// first process of a container is deaf to signals that it does not listen to.
pub(crate) async fn interruption() -> u8 {
    match Signals::install() {
        Ok(mut signals) => signals.next().await.exit_status(),
        Err(_) => std::future::pending().await,
    }
}

/// The exit status that the second signal asks for; 0 if there was none.
pub(crate) fn exit_status() -> u8 {
    LAST.load(Ordering::Relaxed)
}

static LAST: AtomicU8 = AtomicU8::new(0);

#[derive(Clone, Copy)]
enum Signal {
    Interrupt,
    #[cfg(unix)]
    Terminate,
}

impl Signal {
    fn name(self) -> &'static str {
        match self {
            Signal::Interrupt => "interrupted",
            #[cfg(unix)]
            Signal::Terminate => "terminated",
        }
    }

    /// 128 and the number of the signal, as shells have it.
    fn exit_status(self) -> u8 {
        match self {
            Signal::Interrupt => 130,
            #[cfg(unix)]
            Signal::Terminate => 143,
        }
    }
}

#[cfg(unix)]
struct Signals {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn install() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Signals {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    async fn next(&mut self) -> Signal {
        tokio::select! {
            _ = self.terminate.recv() => Signal::Terminate,
            _ = self.interrupt.recv() => Signal::Interrupt,
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn install() -> io::Result<Self> {
        Ok(Signals)
    }

    async fn next(&mut self) -> Signal {
        // Without a console there is no ctrl-c to wait for.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
        Signal::Interrupt
    }
}
