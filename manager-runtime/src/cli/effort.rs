//! Trying again: how often, after what, and when enough is enough.

use std::pin::pin;
use std::time::Duration;

use tokio::time::{sleep, timeout};

use super::progress::Progress;
use super::service::{Failure, Service};
use crate::error::{Error, Result};

/// The first wait before another try; each further one is twice as long.
const FIRST: Duration = Duration::from_millis(250);

/// How often in a row it may fail without getting any further: about 16 seconds of waiting.
const TRIES: u32 = 7;

/// How long nothing at all may move. What is there in full is brought to a disk at the other end meanwhile,
/// which takes a while for a large file.
const SILENCE: Duration = Duration::from_secs(120);

/// Tries until it works, as long as only the connection fails. What got further begins its tries anew.
///
/// # Errors
///
/// The last failure.
pub(super) async fn persist<T>(
    progress: &Progress,
    mut attempt: impl AsyncFnMut() -> std::result::Result<T, Failure>,
) -> Result<T> {
    let mut failed = 0;
    loop {
        let before = progress.kept();
        let error = match attempt().await {
            Ok(done) => return Ok(done),
            Err(Failure::Final(error)) => return Err(error),
            Err(Failure::Lost(error)) => error,
        };
        if progress.kept() > before {
            failed = 0;
        }
        failed += 1;
        if failed == TRIES {
            return Err(error);
        }
        if failed == 1 {
            progress.warn(&format!("{}; trying again", error.story()));
        }
        sleep(FIRST * 2_u32.pow(failed - 1)).await;
    }
}

/// Waits for something as long as the file gets further meanwhile.
///
/// # Errors
///
/// `Lost` after a silence.
pub(super) async fn watched<T>(
    service: &Service,
    progress: &Progress,
    what: impl Future<Output = std::result::Result<T, Failure>>,
) -> std::result::Result<T, Failure> {
    let mut what = pin!(what);
    loop {
        let before = progress.position();
        match timeout(SILENCE, &mut what).await {
            Ok(outcome) => return outcome,
            Err(_) if progress.position() != before => {}
            Err(_) => {
                let text = format!("{service} was silent for {} s", SILENCE.as_secs());
                return Err(Failure::Lost(Error::timeout(text)));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lost<T>() -> std::result::Result<T, Failure> {
        Err(Failure::Lost(Error::internal("cut")))
    }

    #[tokio::test(start_paused = true)]
    async fn what_gets_no_further_ends() {
        let progress = Progress::new("a", None);
        let mut tries = 0;
        let outcome: Result<()> = persist(&progress, async || {
            tries += 1;
            lost()
        })
        .await;
        assert_eq!((outcome.unwrap_err().message(), tries), ("cut", TRIES));
    }

    #[tokio::test(start_paused = true)]
    async fn what_gets_further_goes_on() {
        let progress = Progress::new("a", None);
        let mut tries = 0;
        let outcome = persist(&progress, async || {
            tries += 1;
            progress.keep(tries);
            if tries > 3 * u64::from(TRIES) { Ok(()) } else { lost() }
        });
        outcome.await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn a_refusal_is_not_repeated() {
        let mut tries = 0;
        let outcome: Result<()> = persist(&Progress::new("a", None), async || {
            tries += 1;
            Err(Error::too_large("much").into())
        })
        .await;
        assert_eq!((outcome.unwrap_err().message(), tries), ("much", 1));
    }

    #[tokio::test(start_paused = true)]
    async fn silence_is_a_loss_and_slowness_is_none() {
        let service = Service::new("http://h", &Default::default()).unwrap();
        let progress = Progress::new("a", None);
        let silent =
            watched(&service, &progress, std::future::pending::<std::result::Result<(), _>>());
        assert!(matches!(silent.await, Err(Failure::Lost(_))));
        let slow = async {
            for position in 1..10 {
                sleep(SILENCE - Duration::from_secs(1)).await;
                progress.reach(position);
            }
            Ok(())
        };
        assert!(watched(&service, &progress, slow).await.is_ok());
    }
}
