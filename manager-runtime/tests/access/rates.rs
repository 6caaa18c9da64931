//! `rate` and `burst`: of a handler, of all of them, by key and by address.

use manager_runtime::prelude::*;

use crate::support::{Client, LIMIT, fetch, get, post, request, within};

#[handler(get = "/often", rate = "3/h", burst = 3)]
async fn rate_often() -> &'static str {
    "often"
}

#[handler(rate = "1/h", burst = 2)]
async fn rate_envelope(text: String) -> Result<String> {
    if text == "fail" { Err(Error::conflict("no")) } else { Ok(text) }
}

#[handler(rate = "50/s", burst = 1)]
async fn rate_quick() {}

#[handler(rate = "1/h", public)]
async fn rate_public() {}

#[handler]
async fn rate_free(ctx: Context) -> Result<Json<usize>> {
    for _ in 0..5 {
        ctx.call::<rate_often>(()).await?;
    }
    Ok(Json(5))
}

fn manager() -> Manager {
    let mut manager = Manager::empty();
    manager
        .add::<rate_often>()
        .add::<rate_envelope>()
        .add::<rate_quick>()
        .add::<rate_public>()
        .add::<rate_free>()
        .with_bind("127.0.0.1:0");
    manager
}

fn with_key(line: &str, key: &str) -> Vec<u8> {
    request(line, &format!("Authorization: Bearer {key}\r\n"), "")
}

#[tokio::test]
async fn a_handler_is_asked_so_often_and_says_how_much_is_left() {
    within(LIMIT, async {
        let running = manager().spawn().await.unwrap();
        let mut client = Client::connect(running.addr()).await;
        for (left, until_full) in [(2, 1200), (1, 2400), (0, 3600)] {
            let answer = client.ask(get("/often")).await;
            assert_eq!((answer.status, &*answer.text()), (200, "often"));
            assert_eq!(answer.header("ratelimit-policy"), Some("\"handler\";q=3;w=3600"));
            let limit = answer.header("ratelimit").unwrap().to_owned();
            assert!(limit.starts_with(&format!("\"handler\";r={left};t=")), "{limit}");
            let seconds: u64 = limit.rsplit_once('=').unwrap().1.parse().unwrap();
            assert!(seconds <= until_full && seconds + 20 > until_full, "{limit}");
            assert_eq!(answer.header("retry-after"), None);
        }
        for _ in 0..3 {
            let answer = client.ask(get("/often")).await;
            assert_eq!(answer.status, 429, "{}", answer.text());
            assert_eq!(answer.header("content-type"), Some("application/problem+json"));
            let after: u64 = answer.header("retry-after").unwrap().parse().unwrap();
            assert!((1180..=1200).contains(&after), "{after}");
            assert_eq!(answer.header("ratelimit-policy"), Some("\"handler\";q=3;w=3600"));
            let limit = format!("\"handler\";r=0;t={after}");
            assert_eq!(answer.header("ratelimit"), Some(&*limit));
        }
        // Another connection of the same client is the same client.
        assert_eq!(fetch(running.addr(), get("/often")).await.status, 429);
        assert_eq!(running.figures("rate_often").unwrap().limited, 4);
        assert_eq!(running.figures("rate_often").unwrap().calls, 3);
        // Another handler has buckets of its own, and the bus has none.
        client.ask(post("/rate_envelope", "x")).await.message();
        assert_eq!(client.ask(post("/rate_free", "")).await.message(), 5);
        assert_eq!(client.ask(post("/rate_free", "")).await.header("ratelimit"), None);
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn errors_of_the_handler_count_and_say_what_is_left() {
    within(LIMIT, async {
        let running = manager().spawn().await.unwrap();
        let mut client = Client::connect(running.addr()).await;
        let answer = client.ask(post("/rate_envelope", "fail")).await;
        answer.refusal(409);
        assert!(answer.header("ratelimit").unwrap().starts_with("\"handler\";r=1;t="));
        client.ask(post("/rate_envelope", "fail")).await.refusal(409);
        let refused = client.ask(post("/rate_envelope", "x")).await;
        assert!(refused.refusal(429).contains("too many requests"));
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_token_comes_back_with_time() {
    within(LIMIT, async {
        let running = manager().spawn().await.unwrap();
        let mut client = Client::connect(running.addr()).await;
        // 20 ms for each, and one at once: some are refused, and whoever comes back gets one.
        let (mut granted, mut refused) = (0, 0);
        while granted < 5 || refused == 0 {
            let answer = client.ask(post("/rate_quick", "")).await;
            match answer.status {
                200 => granted += 1,
                429 => {
                    assert_eq!(answer.header("retry-after"), Some("1"), "rounded up");
                    refused += 1;
                }
                other => panic!("{other}: {}", answer.text()),
            }
        }
        assert_eq!(running.figures("rate_quick").unwrap().limited, refused);
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn each_key_is_a_client_and_who_has_none_takes_no_token() {
    within(LIMIT, async {
        let running =
            manager().with_api_keys([("one", "k-one"), ("two", "k-two")]).spawn().await.unwrap();
        let mut client = Client::connect(running.addr()).await;
        for _ in 0..10 {
            let answer = client.ask(with_key("GET /often", "wrong")).await;
            assert_eq!((answer.status, answer.header("ratelimit")), (401, None));
        }
        for key in ["k-one", "k-two"] {
            for _ in 0..3 {
                assert_eq!(client.ask(with_key("GET /often", key)).await.status, 200);
            }
            assert_eq!(client.ask(with_key("GET /often", key)).await.status, 429);
        }
        // In public a key is not looked at: it is the address that is counted.
        assert_eq!(client.ask(with_key("POST /rate_public", "k-one")).await.status, 200);
        assert_eq!(client.ask(with_key("POST /rate_public", "k-two")).await.status, 429);
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_refusal_does_not_wait_for_the_body() {
    within(LIMIT, async {
        let running = manager().spawn().await.unwrap();
        let mut client = Client::connect(running.addr()).await;
        client.ask(post("/rate_public", "")).await.message();
        // Announced and never sent.
        let head = "POST /rate_public HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n";
        client.send(head).await;
        let answer = client.answer().await;
        answer.refusal(429);
        assert!(answer.closes(), "what is left of the body is not read as a request");
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn the_setting_counts_everything_but_health_together() {
    within(LIMIT, async {
        let running = manager().with_rate("4/h").with_burst(4).spawn().await.unwrap();
        let mut client = Client::connect(running.addr()).await;
        for path in ["/livez", "/readyz", "/healthz", "/livez", "/livez"] {
            let answer = client.ask(get(path)).await;
            assert_eq!((answer.status, answer.header("ratelimit")), (200, None));
        }
        let answer = client.ask(post("/rate_free", "")).await;
        assert_eq!(answer.header("ratelimit-policy"), Some("\"client\";q=4;w=3600"));
        assert!(answer.header("ratelimit").unwrap().starts_with("\"client\";r=3;t="));
        // What there is not counts as well.
        let answer = client.ask(get("/nowhere/at/all")).await;
        assert_eq!(answer.status, 404);
        assert!(answer.header("ratelimit").unwrap().starts_with("\"client\";r=2;t="));
        let answer = client.ask(get("/often")).await;
        let policy = "\"client\";q=4;w=3600, \"handler\";q=3;w=3600";
        assert_eq!(answer.header("ratelimit-policy"), Some(policy));
        let limit = answer.header("ratelimit").unwrap();
        assert!(limit.starts_with("\"client\";r=1;t=") && limit.contains(", \"handler\";r=2;t="));
        assert_eq!(client.ask(post("/rate_free", "")).await.status, 200);
        for refused in [post("/rate_free", ""), get("/often"), get("/nowhere")] {
            assert_eq!(client.ask(refused).await.status, 429);
        }
        assert_eq!(running.figures("rate_free").unwrap().limited, 1);
        // Whoever is refused by the one takes nothing from the other.
        assert_eq!(running.figures("rate_often").unwrap().limited, 1);
        assert_eq!(client.ask(get("/healthz")).await.status, 200);
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_burst_without_a_rate_and_a_rate_that_is_none_end_the_start() {
    within(LIMIT, async {
        let error = manager().with_burst(5).spawn().await.unwrap_err();
        assert!(
            error.message().contains("with_burst: `burst` cannot be `5` without a rate"),
            "{error}"
        );
        let error = manager().with_rate("5 per day").spawn().await.unwrap_err();
        assert!(error.message().contains("with_rate: `rate` cannot be `5 per day`"), "{error}");
    })
    .await;
}
