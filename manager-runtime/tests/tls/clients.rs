//! Certificates of clients: who comes in, who they are to a handler, and who reaches which.

use std::net::SocketAddr;

use manager_runtime::Peer;
use manager_runtime::prelude::*;
use rcgen::{ExtendedKeyUsagePurpose, date_time_ymd};
use rustls::HandshakeKind;
use rustls::version::{TLS12, TLS13};

use crate::caller::{self, Caller, der};
use crate::pki::{Authority, Folder, Pair};
use crate::support::{Answer, LIMIT, fetch, get, keep_log, logged, post, request, within};

#[handler(get = "/whoami")]
async fn client_whoami(peer: Peer) -> String {
    match peer.certificate() {
        Some(certificate) => {
            let names: Vec<&str> = certificate.names().collect();
            format!("{names:?} {}", certificate.der().len())
        }
        None => "nobody".to_owned(),
    }
}

#[handler(get = "/for-one", peers = "client1")]
async fn client_one() -> &'static str {
    "for one"
}

/// At its envelope endpoint, and with a body that nobody reads who is not among them.
#[handler(name = "for_some", peers = ["client1", "c2.example.com"], public)]
async fn client_some(text: String) -> String {
    text
}

#[handler(get = "/around")]
async fn client_around(ctx: Context) -> Result<String> {
    ctx.call::<client_some>("by the bus".to_owned()).await
}

fn manager(folder: &Folder, authority: &Authority) -> Manager {
    let (cert, key) = folder.write_pair(&authority.server("own"));
    let ca = folder.write("ca.pem", authority.pem());
    let mut manager = Manager::empty();
    manager.add::<client_whoami>().with_bind("127.0.0.1:0");
    manager.with_tls(cert, key).with_client_ca(ca);
    manager
}

/// Asks, in both versions of TLS; an error is a connection that was refused.
async fn asks(
    trusted: &Authority,
    shown: Option<&Pair>,
    address: SocketAddr,
    request: &[u8],
) -> std::io::Result<Answer> {
    let mut outcomes = Vec::new();
    for version in [&TLS12, &TLS13] {
        let mut caller = Caller::trusting(&trusted.pem()).only(version);
        if let Some(shown) = shown {
            caller = caller.showing(shown);
        }
        let asked = async {
            let mut client = caller.try_connect(address).await?;
            // With TLS 1.3 a client hears of its refusal when it reads.
            let _ = client.try_send(request).await;
            client.try_answer(true).await?.ok_or_else(|| std::io::ErrorKind::UnexpectedEof.into())
        };
        outcomes.push(asked.await);
    }
    let [older, newer] = outcomes.try_into().unwrap_or_else(|_| panic!("two versions"));
    assert_eq!(
        older.as_ref().map(|it: &Answer| it.text()).ok(),
        newer.as_ref().map(|it: &Answer| it.text()).ok(),
        "both versions agree"
    );
    newer
}

#[tokio::test]
async fn only_who_is_signed_comes_in() {
    within(LIMIT, async {
        let authority = Authority::new("test authority");
        let running = manager(&Folder::new(), &authority).spawn().await.unwrap();
        let whoami = async |shown: Option<&Pair>| {
            asks(&authority, shown, running.addr(), &get("/whoami")).await
        };
        let good = authority.issue("client1", &["c1.example.com", "127.0.0.9"], |_| ());
        let answer = whoami(Some(&good)).await.unwrap();
        let expected = format!("[\"client1\", \"c1.example.com\"] {}", der(&good.cert).len());
        assert_eq!(answer.text(), expected);

        // Signed by one that it has signed, whose certificate comes along.
        let below = authority.below("below");
        let mut deep = below.client("deep");
        deep.cert += &below.pem();
        assert!(whoami(Some(&deep)).await.unwrap().text().starts_with("[\"deep\"]"));

        let refused = async |shown: Option<&Pair>, why: &str| {
            let error = whoami(shown).await.expect_err(why).to_string();
            assert!(error.contains(why), "{error}");
        };
        refused(None, "CertificateRequired").await;
        let foreign = Authority::new("test authority").client("client1");
        refused(Some(&foreign), "alert").await;
        let lonely = below.client("without the one between");
        refused(Some(&lonely), "UnknownCA").await;
        let expired = authority.issue("client1", &[], |params| {
            params.not_before = date_time_ymd(2020, 1, 1);
            params.not_after = date_time_ymd(2021, 1, 1);
        });
        refused(Some(&expired), "CertificateExpired").await;
        let early = authority.issue("client1", &[], |it| it.not_before = date_time_ymd(2999, 1, 1));
        refused(Some(&early), "alert").await;
        let server = authority.issue("client1", &[], |params| {
            params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        });
        refused(Some(&server), "alert").await;
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn only_names_that_are_allowed_come_in_letter_by_letter() {
    within(LIMIT, async {
        keep_log();
        let authority = Authority::new("test authority");
        let folder = Folder::new();
        let mut manager = manager(&folder, &authority);
        let running = manager
            .with_allowed_names(["client1", "c2.example.com", "*.c3"])
            .spawn()
            .await
            .unwrap();
        let may = async |name: &str, alternatives: &[&str]| {
            let pair = authority.issue(name, alternatives, |_| ());
            let outcome = asks(&authority, Some(&pair), running.addr(), &get("/whoami")).await;
            if let Err(error) = &outcome {
                assert!(error.to_string().contains("AccessDenied"), "{error}");
            }
            outcome.is_ok()
        };
        assert!(may("client1", &[]).await, "by its common name");
        assert!(may("other", &["x.example.com", "c2.example.com"]).await, "by a DNS name");
        assert!(!may("client2", &["client2.example.com"]).await);
        let line = &logged(&["a client was refused", "client2", "client2.example.com"])[0];
        assert!(line.contains("WARN"), "{line}");
        for near in
            ["Client1", "client1 ", " client1", "client", "client11", "C2.EXAMPLE.COM", "a.c3"]
        {
            assert!(!may(near, &[]).await, "{near:?}");
        }
        assert!(!may("x", &["a.c2.example.com", "C2.example.com", "a.c3"]).await);
        assert!(may("*.c3", &[]).await, "a star is a star");
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn who_is_resumed_is_who_it_was() {
    within(LIMIT, async {
        let authority = Authority::new("test authority");
        let running = manager(&Folder::new(), &authority).spawn().await.unwrap();
        for version in [&TLS12, &TLS13] {
            let me = authority.client("me");
            let config = Caller::trusting(&authority.pem()).only(version).showing(&me).config();
            for kind in [HandshakeKind::Full, HandshakeKind::Resumed] {
                let mut client = caller::connect(config.clone(), running.addr()).await.unwrap();
                assert!(client.ask(get("/whoami")).await.text().starts_with("[\"me\"]"));
                assert_eq!(client.stream.get_ref().1.handshake_kind(), Some(kind));
            }
        }
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_key_and_a_certificate_are_both_demanded() {
    within(LIMIT, async {
        let authority = Authority::new("test authority");
        let folder = Folder::new();
        let running = manager(&folder, &authority).with_api_key("hunter2").spawn().await.unwrap();
        let me = authority.client("me");
        let ask = async |shown: Option<&Pair>, key: &str| {
            let headers = format!("Authorization: Bearer {key}\r\n");
            asks(&authority, shown, running.addr(), &request("GET /whoami", &headers, "")).await
        };
        assert_eq!(ask(Some(&me), "hunter2").await.unwrap().status, 200);
        assert_eq!(ask(Some(&me), "hunter3").await.unwrap().status, 401);
        let without = asks(&authority, Some(&me), running.addr(), &get("/whoami")).await;
        assert_eq!(without.unwrap().status, 401);
        assert!(ask(None, "hunter2").await.is_err());
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_handler_answers_its_peers() {
    within(LIMIT, async {
        let authority = Authority::new("test authority");
        let folder = Folder::new();
        let mut manager = manager(&folder, &authority);
        manager.add::<client_one>().add::<client_some>().add::<client_around>();
        let running = manager.with_api_key("hunter2").spawn().await.unwrap();
        let [one, two, three] = [
            authority.client("client1"),
            authority.issue("client2", &["c2.example.com"], |_| ()),
            authority.client("Client1"),
        ];
        let key = "Authorization: Bearer hunter2\r\n";
        let get = |path: &str| request(&format!("GET {path}"), key, "");
        let check = async |shown: &Pair, request: &[u8], status: u16, part: &str| {
            let answer = asks(&authority, Some(shown), running.addr(), request).await.unwrap();
            assert_eq!(answer.status, status, "{}", answer.text());
            assert!(answer.text().contains(part), "{}", answer.text());
        };
        check(&one, &get("/for-one"), 200, "for one").await;
        check(&two, &get("/for-one"), 403, "this needs another certificate").await;
        check(&three, &get("/for-one"), 403, "this needs another certificate").await;
        // The key comes first, and who has none learns nothing.
        check(&two, &crate::support::get("/for-one"), 401, "key").await;
        // `public` is about keys alone.
        check(&one, &post("/for_some", "hi"), 200, "hi").await;
        check(&two, &post("/for_some", "hi"), 200, "hi").await;
        check(&three, &post("/for_some", "hi"), 403, "this needs another certificate").await;
        // Before the body is read: it never comes.
        let unread =
            b"POST /for_some HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n";
        check(&three, unread, 403, "this needs another certificate").await;
        // The bus asks for no certificate.
        check(&three, &get("/around"), 200, "by the bus").await;
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn peers_need_an_authority() {
    within(LIMIT, async {
        let authority = Authority::new("test authority");
        let (cert, key) = Folder::new().write_pair(&authority.server("own"));
        drop((cert, key));
        let mut manager = Manager::empty();
        manager.add::<client_one>().with_bind("127.0.0.1:0").with_tls_dev(true);
        let error = manager.spawn().await.unwrap_err().to_string();
        let expected = "is for the `peers` client1, and no client is asked for a certificate, so nobody could \
                        reach it; set `tls_client_ca`";
        assert!(error.contains(expected), "{error}");
        assert!(error.contains("handler `client_one`") && error.contains("clients.rs:"), "{error}");
        // Where nobody listens, nobody has to be kept out.
        let running = Manager::empty().add::<client_one>().without_http().spawn().await.unwrap();
        assert_eq!(running.context().call::<client_one>(()).await.unwrap(), "for one");
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn without_an_authority_nobody_is_asked() {
    within(LIMIT, async {
        let authority = Authority::new("test authority");
        let folder = Folder::new();
        let (cert, key) = folder.write_pair(&authority.server("own"));
        let mut manager = Manager::empty();
        manager.add::<client_whoami>().with_bind("127.0.0.1:0").with_tls(cert, key);
        let running = manager.spawn().await.unwrap();
        let me = authority.client("me");
        for shown in [None, Some(&me)] {
            let answer = asks(&authority, shown, running.addr(), &get("/whoami")).await.unwrap();
            assert_eq!(answer.text(), "nobody");
        }
        running.stop().await.unwrap();
        let mut plain = Manager::empty();
        let running = plain.add::<client_whoami>().with_bind("127.0.0.1:0").spawn().await.unwrap();
        assert_eq!(fetch(running.addr(), get("/whoami")).await.text(), "nobody");
        running.stop().await.unwrap();
    })
    .await;
}
