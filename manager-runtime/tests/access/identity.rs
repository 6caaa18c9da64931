//! `#[authenticator]` and `Identity`: who is asked when, and what comes of it.

use std::sync::atomic::{AtomicUsize, Ordering};

use manager_runtime::prelude::*;
use manager_runtime::{HeaderMap, HeaderName, HeaderValue, Peer};

use crate::support::{
    Answer, Client, Gate, LIMIT, fails, fetch, get, keep_log, logged, post, request, until, within,
};

pub(crate) struct User {
    name: String,
}

pub(crate) struct Account;

/// How often it was asked.
struct Asked(AtomicUsize);

/// What a session says decides everything.
#[authenticator]
async fn session(headers: HeaderMap, peer: Peer, asked: Res<Asked>) -> Result<User> {
    asked.0.fetch_add(1, Ordering::SeqCst);
    assert_eq!(peer.key(), None);
    match headers.get("x-session").and_then(|session| session.to_str().ok()) {
        None => Err(Error::unauthorized("log in first")),
        Some("basic") => {
            let challenge = HeaderValue::from_static("Basic realm=\"shop\"");
            let name = HeaderName::from_static("www-authenticate");
            Err(Error::unauthorized("a password, please").with_header(name, challenge))
        }
        Some("banned") => Err(Error::forbidden("not any more")),
        Some("broken") => Err("x".parse::<u8>().unwrap_err().into()),
        Some("panic") => panic!("private matters"),
        Some(name) => Ok(User { name: name.to_owned() }),
    }
}

#[authenticator]
fn account() -> Result<Account> {
    Ok(Account)
}

#[authenticator(timeout = "50ms")]
async fn never(gate: Res<Gate>) -> Result<User> {
    gate.pass().await;
    Ok(User { name: "late".to_owned() })
}

#[authenticator]
async fn itself(user: Identity<User>) -> Result<User> {
    Ok(User { name: user.name.clone() })
}

#[handler]
async fn who_am_i(user: Identity<User>) -> String {
    user.name.clone()
}

#[handler(get = "/me")]
async fn who_is_me(Identity(user): Identity<User>) -> String {
    user.name.clone()
}

#[handler]
async fn who_if_any(user: Option<Identity<User>>, peer: Option<Peer>) -> String {
    let key = peer.and_then(|peer| peer.key().map(str::to_owned));
    format!("{:?} {key:?}", user.map(|user| user.name.clone()))
}

#[handler(public)]
async fn who_in_public(user: Option<Identity<User>>) -> String {
    format!("{:?}", user.map(|user| user.name.clone()))
}

#[handler(public)]
async fn who_cares() {}

#[handler(public)]
async fn who_exactly(user: Identity<User>) -> String {
    user.name.clone()
}

#[handler]
async fn who_not(text: String) -> String {
    text
}

#[handler(keys = "admin")]
async fn who_has_a_key() {}

#[handler]
async fn who_by_bus(ctx: Context, _user: Identity<User>) -> Result<String> {
    ctx.publish("who_if_any", "").await?.text()
}

#[middleware(path = "/team")]
async fn in_the_team(request: Request, next: Next, user: Identity<User>) -> Result<Response> {
    if user.name.starts_with("team-") {
        next.run(request).await
    } else {
        Err(Error::forbidden("no"))
    }
}

#[middleware]
async fn greets(
    mut request: Request,
    next: Next,
    user: Option<Identity<User>>,
) -> Result<Response> {
    let name = user.map_or_else(String::new, |user| user.name.clone());
    request.headers_mut().insert("x-greets", HeaderValue::try_from(name)?);
    next.run(request).await
}

#[handler(get = "/team/plan")]
async fn who_plans(user: Identity<User>) -> String {
    user.name.clone()
}

#[handler(get = "/greeted", public, with = [greets])]
async fn who_is_greeted(headers: HeaderMap) -> String {
    headers["x-greets"].to_str().unwrap_or_default().to_owned()
}

fn handlers() -> Manager {
    let mut manager = Manager::empty();
    manager
        .add::<who_am_i>()
        .add::<who_is_me>()
        .add::<who_if_any>()
        .add::<who_in_public>()
        .add::<who_cares>()
        .add::<who_exactly>()
        .add::<who_not>()
        .add::<who_by_bus>()
        .add::<who_plans>()
        .add::<who_is_greeted>()
        .with_middleware::<in_the_team>()
        .provide(Asked(AtomicUsize::new(0)))
        .with_bind("127.0.0.1:0");
    manager
}

async fn start() -> Running {
    handlers().with_authenticator::<session>().spawn().await.unwrap()
}

async fn ask(running: &Running, line: &str, session: &str) -> Answer {
    let headers = match session {
        "" => String::new(),
        session => format!("X-Session: {session}\r\n"),
    };
    fetch(running.addr(), request(line, &headers, "x")).await
}

#[tokio::test]
async fn whom_it_knows_is_let_in_and_handed_over() {
    within(LIMIT, async {
        let running = start().await;
        assert_eq!(ask(&running, "POST /who_am_i", "ada").await.message(), "ada");
        assert_eq!(ask(&running, "GET /me", "ada").await.text(), "ada");
        assert_eq!(ask(&running, "POST /who_not", "ada").await.message(), "x");
        assert_eq!(ask(&running, "POST /who_if_any", "ada").await.message(), "Some(\"ada\") None");
        assert_eq!(ask(&running, "GET /team/plan", "team-7").await.text(), "team-7");
        assert_eq!(ask(&running, "GET /team/plan", "ada").await.status, 403);
        // Not over the bus, where nobody came from outside.
        assert_eq!(ask(&running, "POST /who_by_bus", "ada").await.message(), "None None");
        let error = fails(running.context().call::<who_am_i>(()).await, Kind::Unauthorized);
        assert_eq!(error.message(), "this is for somebody who is known by name");
        running.stop().await.unwrap();
    })
    .await;
}

/// What it goes by may be a cookie, and a browser sends that along for everybody's pages.
#[tokio::test]
async fn pages_of_other_sites_change_nothing_in_its_name() {
    within(LIMIT, async {
        let mut manager = handlers();
        manager.with_authenticator::<session>().with_cors(["https://app.example.com"]);
        manager.with_api_keys([("admin", "k-admin")]);
        let running = manager.spawn().await.unwrap();
        let ask = async |line: &str, headers: &str| {
            let headers = format!("X-Session: ada\r\n{headers}");
            fetch(running.addr(), request(line, &headers, "x")).await
        };
        for other in [
            "Sec-Fetch-Site: cross-site\r\n",
            "Sec-Fetch-Site: same-site\r\n",
            "Origin: https://evil.example\r\n",
            "Origin: null\r\n",
        ] {
            for line in ["POST /who_not", "POST /ghost", "DELETE /me"] {
                assert_eq!(ask(line, other).await.status, 403, "{line} {other}");
            }
            // Reading is what a link does.
            assert_eq!(ask("GET /me", other).await.text(), "ada", "{other}");
            let socket = format!("{other}Connection: Upgrade\r\nUpgrade: websocket\r\n");
            assert_eq!(ask("GET /me", &socket).await.status, 403, "{other}");
            // Everybody may come in here, and this one is nobody.
            assert_eq!(ask("POST /who_in_public", other).await.message(), "None", "{other}");
            // A browser adds no key.
            let keyed = format!("{other}Authorization: Bearer k-admin\r\n");
            assert_eq!(ask("POST /who_not", &keyed).await.message(), "x", "{other}");
        }
        for own in ["", "Sec-Fetch-Site: same-origin\r\n", "Origin: https://app.example.com\r\n"] {
            assert_eq!(ask("POST /who_not", own).await.message(), "x", "{own}");
            assert_eq!(ask("POST /who_in_public", own).await.message(), "Some(\"ada\")", "{own}");
        }
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn its_error_is_the_answer_and_the_same_wherever_one_asks() {
    within(LIMIT, async {
        keep_log();
        let running = start().await;
        for (session, status, challenge, text) in [
            ("", 401, Some("Bearer"), "log in first"),
            ("basic", 401, Some("Basic realm=\"shop\""), "a password, please"),
            ("banned", 403, None, "not any more"),
            ("broken", 500, None, "internal error, see the log for request id-7"),
            ("panic", 500, None, "internal error, see the log for request id-7"),
        ] {
            let mut answers = Vec::new();
            for line in ["POST /who_am_i", "POST /ghost", "GET /me", "GET /ghost", "DELETE /me"] {
                let headers = format!("X-Session: {session}\r\nX-Request-Id: id-7\r\n");
                let headers = if session.is_empty() { "" } else { &headers };
                let answer = fetch(running.addr(), request(line, headers, "x")).await;
                let is_same = answer.header("content-type").map(str::to_owned);
                answers.push((answer.status, answer.text(), is_same));
                assert_eq!(answer.header("www-authenticate"), challenge, "{line} {session}");
            }
            assert_eq!(answers[0].0, status, "{session}: {answers:?}");
            if status != 500 {
                assert!(answers[0].1.contains(text), "{session}: {answers:?}");
                answers.dedup();
                assert_eq!(answers.len(), 1, "{session}: {answers:?}");
            }
            assert!(answers.iter().all(|one| one.0 == status), "{session}: {answers:?}");
            assert!(!answers[0].1.contains("private matters"), "{answers:?}");
        }
        assert!(!logged(&["an authenticator panicked", "session"]).is_empty());
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn it_is_asked_before_the_body_is_read() {
    within(LIMIT, async {
        let running = start().await;
        let mut client = Client::connect(running.addr()).await;
        // Announced and never sent.
        let head = "POST /who_not HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n";
        client.send(head).await;
        let answer = client.answer().await;
        answer.refusal(401);
        assert!(answer.closes(), "what is left of the body is not read as a request");
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_valid_key_goes_first_and_brings_no_identity() {
    within(LIMIT, async {
        let running = handlers()
            .add::<who_has_a_key>()
            .with_authenticator::<session>()
            .with_api_keys([("admin", "k-admin"), ("shop", "k-shop")])
            .spawn()
            .await
            .unwrap();
        let ask = async |line: &str, key: &str, session: &str| {
            let headers = format!("Authorization: {key}\r\nX-Session: {session}\r\n");
            fetch(running.addr(), request(line, &headers, "x")).await
        };
        // One that panics was not asked.
        let answer = ask("POST /who_if_any", "k-shop", "panic").await;
        assert_eq!(answer.message(), "None Some(\"shop\")");
        assert_eq!(ask("POST /who_am_i", "k-shop", "ada").await.status, 401);
        let answer = ask("POST /who_if_any", "wrong", "ada").await;
        assert_eq!(answer.message(), "Some(\"ada\") None");
        assert_eq!(ask("POST /who_if_any", "wrong", "banned").await.status, 403);
        // A name is no key.
        assert_eq!(ask("POST /who_has_a_key", "k-admin", "").await.status, 200);
        assert_eq!(ask("POST /who_has_a_key", "k-shop", "ada").await.status, 403);
        assert_eq!(ask("POST /who_has_a_key", "wrong", "ada").await.status, 403);
        assert_eq!(ask("POST /who_has_a_key", "wrong", "basic").await.status, 401);
        // Nor does it end the service.
        assert_eq!(ask("POST /shutdown", "wrong", "ada").await.status, 401);
        assert_eq!(ask("POST /shutdown", "k-shop", "").await.status, 200);
        running.ended().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn in_public_it_is_asked_by_whoever_wants_to_know() {
    within(LIMIT, async {
        let running = start().await;
        assert_eq!(ask(&running, "POST /who_in_public", "").await.message(), "None");
        assert_eq!(ask(&running, "POST /who_in_public", "ada").await.message(), "Some(\"ada\")");
        assert_eq!(ask(&running, "POST /who_in_public", "banned").await.status, 403);
        assert_eq!(ask(&running, "POST /who_exactly", "ada").await.message(), "ada");
        assert_eq!(ask(&running, "POST /who_exactly", "").await.status, 401);
        assert_eq!(ask(&running, "GET /greeted", "ada").await.text(), "ada");
        assert_eq!(ask(&running, "GET /greeted", "").await.text(), "");
        for path in ["/livez", "/readyz", "/healthz"] {
            assert_eq!(ask(&running, &format!("GET {path}"), "panic").await.status, 200);
        }
        assert_eq!(ask(&running, "POST /who_cares", "panic").await.status, 200);
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn with_an_authenticator_alone_a_browser_may_ask_and_only_this_machine_may_stop() {
    within(LIMIT, async {
        keep_log();
        let running = start().await;
        let page = "X-Session: ada\r\nHost: example.com\r\nOrigin: https://example.com\r\nSec-Fetch-Site: same-origin\r\n";
        let answer = fetch(running.addr(), request("POST /who_not", page, "x")).await;
        assert_eq!(answer.message(), "x");
        let stop = |headers: &str| request("POST /shutdown", headers, "");
        assert_eq!(fetch(running.addr(), stop(page)).await.status, 403);
        let proxied = "X-Session: ada\r\nX-Forwarded-For: 192.0.2.7\r\n";
        assert_eq!(fetch(running.addr(), stop(proxied)).await.status, 403);
        assert_eq!(fetch(running.addr(), stop("")).await.status, 200);
        running.ended().await.unwrap();
        // Nor is the service told to be open.
        let public = handlers()
            .with_authenticator::<session>()
            .with_bind("0.0.0.0:0")
            .spawn()
            .await
            .unwrap();
        let address = std::net::SocketAddr::from(([127, 0, 0, 1], public.addr().port()));
        assert_eq!(fetch(address, stop("X-Session: ada\r\n")).await.status, 403);
        assert!(logged(&["no api key is set", "0.0.0.0:0"]).is_empty());
        public.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn one_that_never_answers_ends_at_its_time_limit_and_counts_as_a_request() {
    within(LIMIT, async {
        let gate = Gate::new();
        let running = handlers()
            .with_authenticator::<never>()
            .provide(gate.clone())
            .with_max_requests(1)
            .spawn()
            .await
            .unwrap();
        let mut first = Client::connect(running.addr()).await;
        first.send(post("/who_not", "x")).await;
        gate.entered(1).await;
        assert_eq!(fetch(running.addr(), post("/who_not", "x")).await.status, 503);
        let answer = first.answer().await;
        answer.refusal(504);
        until("it was dropped", || gate.cut() == 1).await;
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_ends_the_start() {
    within(LIMIT, async {
        #[middleware(global)]
        async fn too_early(request: Request, next: Next, _: Identity<User>) -> Result<Response> {
            next.run(request).await
        }
        let refused = async |manager: &mut Manager, expected: &[&str]| {
            let error = manager.spawn().await.unwrap_err();
            for text in expected {
                assert!(error.message().contains(text), "{text}\n\n{error}");
            }
        };
        let at = "(manager-runtime/tests/access/identity.rs:";
        refused(
            &mut handlers(),
            &[
                &format!("handler `who_am_i` {at}"),
                "takes an identity of type `access::identity::User`, and there is no `#[authenticator]` that gives one",
                &format!("middleware `in_the_team` {at}"),
                &format!("middleware `greets` {at}"),
            ],
        )
        .await;
        refused(
            handlers().with_authenticator::<account>(),
            &[
                &format!("handler `who_is_me` {at}"),
                &format!(
                    "takes an identity of type `access::identity::User`, and authenticator `account` {at}"
                ),
                "gives a `access::identity::Account`",
            ],
        )
        .await;
        refused(
            handlers().with_authenticator::<session>().with_authenticator::<account>(),
            &[
                &format!("there is authenticator `session` {at}"),
                &format!("and authenticator `account` {at}"),
                "; a program has one",
            ],
        )
        .await;
        refused(
            handlers().with_authenticator::<never>(),
            &[&format!("authenticator `never` {at}"), "needs a resource of type"],
        )
        .await;
        refused(
            handlers().with_authenticator::<itself>(),
            &["takes the identity that it is there to give"],
        )
        .await;
        refused(
            handlers().with_authenticator::<session>().with_middleware::<too_early>(),
            &["middleware `too_early`", "stands around everything, where nobody is known yet"],
        )
        .await;
        // The same one twice is one.
        let running = handlers()
            .with_authenticator::<session>()
            .with_authenticator::<session>()
            .spawn()
            .await
            .unwrap();
        assert_eq!(fetch(running.addr(), get("/me")).await.status, 401);
        running.stop().await.unwrap();
    })
    .await;
}
