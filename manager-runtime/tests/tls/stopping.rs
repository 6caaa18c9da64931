//! A stop under load, over TLS: whoever was connected gets an answer, also who was in the middle of opening TLS.

use std::io::ErrorKind;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use tokio::task::JoinSet;

use crate::caller::{self, Caller};
use crate::pki::Authority;
use crate::serving::serve;
use crate::support::{Answer, LIMIT, get, until, within};

fn is_right(answer: &Answer) -> Result<(), String> {
    match (answer.status, &*answer.text()) {
        (200, "hello") => Ok(()),
        (status, text) => Err(format!("{status} {text}")),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stop_under_load_loses_no_request() {
    within(LIMIT, async {
        let authority = Authority::new("test authority");
        let config = Caller::trusting(&authority.pem()).config();
        for round in 0..3 {
            let running = serve(&authority.server("own")).await;
            let address = running.addr();
            let (served, refused) =
                (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
            let mut clients = JoinSet::new();
            for _ in 0..32 {
                let (config, served) = (config.clone(), served.clone());
                clients.spawn(async move {
                    let connected = caller::connect(config, address).await;
                    let mut client = connected.map_err(|error| format!("connect: {error}"))?;
                    loop {
                        let answer = client.ask(get("/echo/hello")).await;
                        is_right(&answer)?;
                        served.fetch_add(1, Ordering::Relaxed);
                        if answer.closes() {
                            return Ok::<(), String>(());
                        }
                    }
                });
            }
            for _ in 0..16 {
                let (config, served, refused) = (config.clone(), served.clone(), refused.clone());
                clients.spawn(async move {
                    while !refused.load(Ordering::Relaxed) {
                        match caller::connect(config.clone(), address).await {
                            Ok(mut client) => is_right(&client.ask(get("/echo/hello")).await)?,
                            Err(error) if error.kind() == ErrorKind::ConnectionRefused => {
                                refused.store(true, Ordering::Relaxed);
                            }
                            Err(error) => return Err(format!("connect anew: {error}")),
                        }
                        served.fetch_add(1, Ordering::Relaxed);
                    }
                    Ok(())
                });
            }
            until("the load has begun", || served.load(Ordering::Relaxed) > 500).await;
            running.stop().await.unwrap();
            while let Some(client) = clients.join_next().await {
                let outcome = client.unwrap();
                assert!(outcome.is_ok(), "round {round}: {outcome:?}");
            }
        }
    })
    .await;
}
