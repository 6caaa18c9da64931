//! What is spoken, with which certificates, and what a client gets that speaks something else.

use std::io::ErrorKind;
use std::process::Command;

use hyper_util::rt::{TokioExecutor, TokioIo};
use manager_runtime::Body;
use manager_runtime::prelude::*;
use rcgen::KeyPair;
use rustls::version::{TLS12, TLS13};
use rustls::{HandshakeKind, ProtocolVersion};
use rustls_pki_types::PrivateKeyDer;
use rustls_pki_types::pem::PemObject;
use tokio::io::AsyncWriteExt;

use crate::caller::{self, Caller, Secured, der, shown_by};
use crate::pki::{Authority, Folder, Pair, has, openssl, pem};
use crate::support::{Client, LIMIT, fetch, get, keep_log, logged, post, within};

#[handler(get = "/echo/{text}", post = "/echo/{text}")]
async fn tls_echo(Path(text): Path<String>) -> String {
    text
}

#[handler(get = "/hidden", private)]
async fn tls_hidden() -> &'static str {
    "hidden"
}

pub(crate) async fn serve(pair: &Pair) -> Running {
    let folder = Folder::new();
    let (cert, key) = folder.write_pair(pair);
    let mut manager = Manager::empty();
    // The files may go when it runs: it says so in the log, and goes on.
    manager.add::<tls_echo>().with_bind("127.0.0.1:0").with_tls(cert, key).spawn().await.unwrap()
}

async fn answers(client: &mut Secured, text: &str) {
    let answer = client.ask(get(&format!("/echo/{text}"))).await;
    assert_eq!((answer.status, &*answer.text()), (200, text));
}

#[tokio::test]
async fn every_format_of_keys() {
    within(LIMIT, async {
        let authority = Authority::new("test authority");
        let folder = Folder::new();
        let mut pairs = Vec::new();
        for (name, algorithm) in [
            ("P-256 in PKCS#8", &rcgen::PKCS_ECDSA_P256_SHA256),
            ("P-384 in PKCS#8", &rcgen::PKCS_ECDSA_P384_SHA384),
            ("Ed25519 in PKCS#8", &rcgen::PKCS_ED25519),
        ] {
            let key = KeyPair::generate_for(algorithm).unwrap();
            pairs.push((name, authority.issue_for(&key, name, &["localhost"], |_| ())));
        }
        if has("openssl", "keys in PKCS#1 and SEC1") {
            let (_, p256) = pairs[0].clone();
            folder.write("p256.pem", &p256.key);
            openssl(folder.folder(), "ec -in p256.pem -out sec1.pem");
            let sec1 = read(&folder, "sec1.pem");
            assert!(sec1.contains("BEGIN EC PRIVATE KEY"), "{sec1}");
            // What `openssl ecparam -genkey` writes before it.
            let parameters =
                "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n";
            pairs.push(("P-256 in SEC1", Pair { key: format!("{parameters}{sec1}"), ..p256 }));

            openssl(
                folder.folder(),
                "genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out rsa.pem",
            );
            openssl(folder.folder(), "rsa -in rsa.pem -traditional -out pkcs1.pem");
            let key = PrivateKeyDer::from_pem_slice(read(&folder, "rsa.pem").as_bytes()).unwrap();
            let key = KeyPair::try_from(&key).unwrap();
            let rsa = authority.issue_for(&key, "RSA", &["localhost"], |_| ());
            let pkcs1 = read(&folder, "pkcs1.pem");
            assert!(pkcs1.contains("BEGIN RSA PRIVATE KEY"), "{pkcs1}");
            pairs.push(("RSA in PKCS#8", rsa.clone()));
            pairs.push(("RSA in PKCS#1", Pair { key: pkcs1, ..rsa }));
        }
        for (name, pair) in pairs {
            let running = serve(&pair).await;
            for version in [&TLS12, &TLS13] {
                let caller = Caller::trusting(&authority.pem()).only(version);
                let mut client = caller.connect(running.addr()).await;
                assert_eq!(shown_by(&client), der(&pair.cert), "{name}");
                answers(&mut client, "hello").await;
            }
            running.stop().await.unwrap();
        }
    })
    .await;
}

fn read(folder: &Folder, name: &str) -> String {
    std::fs::read_to_string(folder.path(name)).unwrap()
}

#[tokio::test]
async fn both_versions_of_tls() {
    within(LIMIT, async {
        let authority = Authority::new("test authority");
        let running = serve(&authority.server("own")).await;
        let trusting = || Caller::trusting(&authority.pem());
        let check = async |caller: Caller, spoken: ProtocolVersion| {
            let mut client = caller.connect(running.addr()).await;
            assert_eq!(client.stream.get_ref().1.protocol_version(), Some(spoken));
            // The connection is kept as without TLS.
            answers(&mut client, "one").await;
            answers(&mut client, "two").await;
        };
        check(trusting().only(&TLS12), ProtocolVersion::TLSv1_2).await;
        check(trusting().only(&TLS13), ProtocolVersion::TLSv1_3).await;
        check(trusting(), ProtocolVersion::TLSv1_3).await;
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_certificate_comes_with_those_that_have_signed_it() {
    within(LIMIT, async {
        let authority = Authority::new("root");
        let below = authority.below("below");
        let mut pair = below.server("own");
        pair.cert += &below.pem();
        let running = serve(&pair).await;
        let mut client = Caller::trusting(&authority.pem()).connect(running.addr()).await;
        answers(&mut client, "hello").await;
        let other = Caller::trusting(&Authority::new("other").pem());
        assert!(other.try_connect(running.addr()).await.is_err());
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn alpn_decides_what_is_spoken() {
    within(LIMIT, async {
        let authority = Authority::new("test authority");
        let running = serve(&authority.server("own")).await;
        let offering = |offered: &[&str]| Caller::trusting(&authority.pem()).protocols(offered);

        let mut client = offering(&["http/1.1"]).connect(running.addr()).await;
        assert_eq!(client.stream.get_ref().1.alpn_protocol(), Some(&b"http/1.1"[..]));
        answers(&mut client, "one").await;

        for offered in [&["h2"][..], &["http/1.1", "h2"]] {
            let client = offering(offered).connect(running.addr()).await;
            assert_eq!(client.stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
            assert_eq!(over_http2(client).await, "two");
        }

        let error = offering(&["spdy/1"]).try_connect(running.addr()).await;
        assert!(error.is_err_and(|error| error.to_string().contains("NoApplicationProtocol")));

        // Nothing agreed on: the first bytes tell, as without TLS.
        let silent = offering(&[]);
        answers(&mut silent.connect(running.addr()).await, "three").await;
        assert_eq!(over_http2(silent.connect(running.addr()).await).await, "two");
        // Byte by byte, and a beginning that both have.
        let mut slow = silent.connect(running.addr()).await;
        for byte in post("/echo/four", "") {
            slow.send([byte]).await;
            slow.stream.flush().await.unwrap();
        }
        assert_eq!(slow.answer().await.text(), "four");
        running.stop().await.unwrap();
    })
    .await;
}

async fn over_http2(client: Secured) -> String {
    let io = TokioIo::new(client.stream);
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), io).await.unwrap();
    tokio::spawn(connection);
    let request = http::Request::get("https://localhost/echo/two").body(Body::empty()).unwrap();
    let response = sender.send_request(request).await.unwrap();
    assert_eq!((response.status(), response.version()), (StatusCode::OK, http::Version::HTTP_2));
    let mut body = response.into_body();
    let mut bytes = Vec::new();
    use http_body::Body as _;
    while let Some(frame) =
        std::future::poll_fn(|cx| std::pin::Pin::new(&mut body).poll_frame(cx)).await
    {
        bytes.extend_from_slice(frame.unwrap().data_ref().unwrap());
    }
    String::from_utf8(bytes).unwrap()
}

#[tokio::test]
async fn a_session_is_resumed() {
    within(LIMIT, async {
        let authority = Authority::new("test authority");
        let running = serve(&authority.server("own")).await;
        for version in [&TLS12, &TLS13] {
            let config = Caller::trusting(&authority.pem()).only(version).config();
            let mut kinds = Vec::new();
            for _ in 0..2 {
                let mut client = caller::connect(config.clone(), running.addr()).await.unwrap();
                answers(&mut client, "hello").await;
                kinds.push(client.stream.get_ref().1.handshake_kind().unwrap());
            }
            assert_eq!(kinds, [HandshakeKind::Full, HandshakeKind::Resumed]);
        }
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn who_speaks_http_is_told() {
    within(LIMIT, async {
        let running = serve(&Authority::new("test authority").server("own")).await;
        for request in [
            get("/echo/x"),
            post("/echo/x", vec![b'x'; 100_000]),
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(),
        ] {
            let mut client = Client::connect(running.addr()).await;
            // The answer comes before all of it is read.
            let _ = client.try_send(request).await;
            let answer = client.answer().await;
            assert!(answer.closes());
            assert!(answer.refusal(400).starts_with("this port speaks TLS"));
        }
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn curl_reads_it() {
    if !has("curl", "curl over TLS") {
        return;
    }
    within(LIMIT, async {
        let authority = Authority::new("test authority");
        let folder = Folder::new();
        let ca = folder.write("ca.pem", authority.pem());
        let running = serve(&authority.server("own")).await;
        let url = format!("https://localhost:{}/echo/hello", running.addr().port());
        let curl = async |arguments: &[&str]| {
            let mut command = Command::new("curl");
            command.args(["-sS", "-w", " %{http_version}"]).args(arguments).arg(&url);
            let ended =
                tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            (ended.status.success(), text(&ended.stdout), text(&ended.stderr))
        };
        let (ok, out, err) = curl(&["--cacert", &ca, "--http1.1"]).await;
        assert!(ok && out == "hello 1.1", "{out} {err}");
        let (ok, out, err) = curl(&["--cacert", &ca, "--http1.1", "--tls-max", "1.2"]).await;
        assert!(ok && out == "hello 1.1", "{out} {err}");
        let (ok, out, err) = curl(&["--cacert", &ca]).await;
        assert!(ok && out.starts_with("hello "), "{out} {err}");
        let (ok, _, err) = curl(&[]).await;
        assert!(!ok && err.contains("certificate"), "{err}");
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_certificate_for_development() {
    within(LIMIT, async {
        keep_log();
        let mut manager = Manager::empty();
        manager.add::<tls_echo>().with_bind("127.0.0.1:0").with_tls_dev(true);
        let running = manager.spawn().await.unwrap();
        let mut client = Caller::careless().connect(running.addr()).await;
        answers(&mut client, "hello").await;
        let digest = <sha2::Sha256 as sha2::Digest>::digest(shown_by(&client));
        let digest: Vec<String> = digest.iter().map(|byte| format!("{byte:02X}")).collect();
        assert_eq!(logged(&["nobody has signed", &digest.join(":")]).len(), 1);
        // It is for this machine, for whoever has it.
        let pem = Caller::trusting(&pem("CERTIFICATE", &shown_by(&client)));
        answers(&mut pem.connect(running.addr()).await, "again").await;
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn the_second_address_speaks_it_too() {
    within(LIMIT, async {
        let authority = Authority::new("test authority");
        let folder = Folder::new();
        let (cert, key) = folder.write_pair(&authority.server("own"));
        let mut manager = Manager::empty();
        manager.add::<tls_echo>().add::<tls_hidden>().with_tls(cert, key);
        manager.with_bind("127.0.0.1:0").with_private_bind("127.0.0.1:0");
        let running = manager.spawn().await.unwrap();
        let private = running.private_addr().unwrap();
        assert_eq!(fetch(private, get("/hidden")).await.status, 400, "without TLS");
        let mut client = Caller::trusting(&authority.pem()).connect(private).await;
        assert_eq!(client.ask(get("/hidden")).await.text(), "hidden");
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn this_machine_may_stop_it_and_the_close_is_said() {
    within(LIMIT, async {
        let authority = Authority::new("test authority");
        let running = serve(&authority.server("own")).await;
        let caller = Caller::trusting(&authority.pem());
        let mut idle = caller.connect(running.addr()).await;
        answers(&mut idle, "hello").await;
        let mut client = caller.connect(running.addr()).await;
        let forwarded =
            "POST /shutdown HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: 192.0.2.1\r\n\r\n";
        assert_eq!(client.ask(forwarded).await.status, 403);
        assert_eq!(client.ask(post("/shutdown", "")).await.status, 200);
        running.ended().await.unwrap();
        for mut client in [idle, client] {
            // `close_notify` (RFC 8446, section 6.1): without it this were an error.
            let end = client.try_answer(true).await;
            assert!(end.as_ref().is_ok_and(Option::is_none), "{:?}", end.map_err(|e| e.kind()));
        }
    })
    .await;
}

#[tokio::test]
async fn an_idle_connection_ends() {
    within(LIMIT, async {
        let authority = Authority::new("test authority");
        let folder = Folder::new();
        let (cert, key) = folder.write_pair(&authority.server("own"));
        let mut manager = Manager::empty();
        manager.add::<tls_echo>().with_tls(cert, key).with_keep_alive("200ms");
        let running = manager.with_bind("127.0.0.1:0").spawn().await.unwrap();
        let caller = Caller::trusting(&authority.pem());
        // One that never asks, with ALPN and without, and one that has asked.
        for caller in [&caller, &Caller::trusting(&authority.pem()).protocols(&["http/1.1"])] {
            let mut client = caller.connect(running.addr()).await;
            let end = client.try_answer(true).await;
            assert!(
                matches!(&end, Ok(None))
                    || end.is_err_and(|it| it.kind() == ErrorKind::UnexpectedEof)
            );
        }
        let mut client = caller.connect(running.addr()).await;
        answers(&mut client, "hello").await;
        assert!(client.try_answer(true).await.unwrap().is_none());
        running.stop().await.unwrap();
    })
    .await;
}
