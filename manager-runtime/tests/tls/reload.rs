//! New certificates in a process that runs.

use std::net::SocketAddr;
use std::process::Stdio;
use std::time::Duration;

use manager_runtime::prelude::*;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;

use crate::caller::{Caller, der, shown_by};
use crate::pki::{Authority, Folder, Pair};
use crate::support::{LIMIT, get, keep_log, logged, within};

#[handler(get = "/hello")]
async fn reload_hello() -> &'static str {
    "hello"
}

fn manager(folder: &Folder) -> Manager {
    let mut manager = Manager::empty();
    manager.add::<reload_hello>().with_bind("127.0.0.1:0");
    manager.with_tls(folder.text("cert.pem"), folder.text("key.pem"));
    manager
}

/// Waits until who connects is shown this one.
async fn is_shown(caller: &Caller, address: SocketAddr, pair: &Pair) {
    loop {
        let mut client = caller.connect(address).await;
        assert_eq!(client.ask(get("/hello")).await.status, 200);
        if shown_by(&client) == der(&pair.cert) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn is_logged(words: &[&str]) {
    while logged(words).is_empty() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn files_that_change_are_read_again() {
    within(LIMIT * 2, async {
        keep_log();
        let authority = Authority::new("test authority");
        let folder = Folder::new();
        let [one, two] = ["one", "two"].map(|name| authority.server(name));
        folder.write_pair(&one);
        let running = manager(&folder).spawn().await.unwrap();
        let caller = Caller::trusting(&authority.pem());
        let mut kept = caller.connect(running.addr()).await;
        assert_eq!(kept.ask(get("/hello")).await.status, 200);

        // Half of a renewal, and a broken one: everything stays, and the log says why, once.
        let key = folder.write("key.pem", &two.key);
        is_logged(&["cannot load TLS again", &key, "is not that of the certificate"]).await;
        let cert = folder.write("cert.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n");
        is_logged(&["cannot load TLS again", &cert, "is broken"]).await;
        let mut other = caller.connect(running.addr()).await;
        assert_eq!(shown_by(&other), der(&one.cert));
        assert_eq!(other.ask(get("/hello")).await.status, 200);

        folder.write_pair(&two);
        is_shown(&caller, running.addr(), &two).await;
        // Who was there before notices nothing.
        for client in [&mut kept, &mut other] {
            assert_eq!(client.ask(get("/hello")).await.status, 200);
            assert_eq!(shown_by(client), der(&one.cert));
        }
        assert_eq!(logged(&["cannot load TLS again", &key]).len(), 1);
        assert_eq!(logged(&["cannot load TLS again", &cert, "is broken"]).len(), 1);
        running.stop().await.unwrap();
    })
    .await;
}

#[cfg(unix)]
#[tokio::test]
async fn a_swapped_link_is_a_change_and_so_is_the_authority_of_clients() {
    within(LIMIT * 2, async {
        let authority = Authority::new("test authority");
        let folder = Folder::new();
        let [one, two] = ["one", "two"].map(|name| authority.server(name));
        // As Kubernetes mounts a secret.
        for (name, pair, clients) in [("..one", &one, "old"), ("..two", &two, "new")] {
            let inner = folder.path(name);
            std::fs::create_dir(&inner).unwrap();
            std::fs::write(inner.join("cert.pem"), &pair.cert).unwrap();
            std::fs::write(inner.join("key.pem"), &pair.key).unwrap();
            let _ = clients;
        }
        let [old, new] = ["old", "new"].map(Authority::new);
        std::fs::write(folder.path("..one/ca.pem"), old.pem()).unwrap();
        std::fs::write(folder.path("..two/ca.pem"), new.pem()).unwrap();
        std::os::unix::fs::symlink("..one", folder.path("..data")).unwrap();
        for name in ["cert.pem", "key.pem", "ca.pem"] {
            let link = folder.path(name);
            std::os::unix::fs::symlink(format!("..data/{name}"), link).unwrap();
        }
        let running = manager(&folder).with_client_ca(folder.text("ca.pem")).spawn().await.unwrap();
        let shows = |by: &Authority| Caller::trusting(&authority.pem()).showing(&by.client("me"));
        let (old, new) = (shows(&old), shows(&new));
        is_shown(&old, running.addr(), &one).await;

        std::os::unix::fs::symlink("..two", folder.path("..next")).unwrap();
        std::fs::rename(folder.path("..next"), folder.path("..data")).unwrap();
        loop {
            let mut client = new.try_connect(running.addr()).await.unwrap();
            // With TLS 1.3 a client hears of its refusal when it reads.
            if client.try_send(get("/hello")).await.is_ok()
                && let Ok(Some(answer)) = client.try_answer(true).await
            {
                assert_eq!(answer.status, 200);
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let mut client = old.try_connect(running.addr()).await.unwrap();
        let _ = client.try_send(get("/hello")).await;
        assert!(client.try_answer(true).await.is_err());
        running.stop().await.unwrap();
    })
    .await;
}

/// Not a test by itself: the process that the next one signals. The signal would reach all tests here.
#[test]
#[ignore = "a process of another test"]
fn process() {
    let Some(folder) = std::env::var_os("FOLDER_OF_THE_TEST") else { return };
    tracing_subscriber::fmt().with_ansi(false).with_writer(std::io::stderr).init();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let file =
            |name: &str| std::path::Path::new(&folder).join(name).to_str().unwrap().to_owned();
        let mut manager = Manager::empty();
        manager.add::<reload_hello>().with_bind("127.0.0.1:0").with_signals();
        manager.with_tls(file("cert.pem"), file("key.pem"));
        let running = manager.spawn().await.unwrap();
        eprintln!("listening on {}", running.addr());
        running.ended().await.unwrap();
    });
}

#[cfg(unix)]
#[tokio::test]
async fn a_hangup_reads_them_at_once() {
    within(LIMIT * 2, async {
        let authority = Authority::new("test authority");
        let folder = Folder::new();
        let [one, two] = ["one", "two"].map(|name| authority.server(name));
        folder.write_pair(&one);
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "reload::process", "--ignored", "--nocapture"])
            .env("FOLDER_OF_THE_TEST", folder.folder())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut line = async |part: &str| loop {
            let line = lines.next_line().await.unwrap().unwrap();
            if line.contains(part) {
                return line;
            }
        };
        let listening = line("listening on ").await;
        let address: SocketAddr = listening.rsplit(' ').next().unwrap().parse().unwrap();
        let signal = |name: &str| {
            let id = child.id().unwrap().to_string();
            let sent = std::process::Command::new("kill").args([&format!("-{name}"), &id]).status();
            assert!(sent.unwrap().success());
        };
        let caller = Caller::trusting(&authority.pem());
        let mut kept = caller.connect(address).await;
        assert_eq!(kept.ask(get("/hello")).await.status, 200);

        signal("HUP");
        line("loaded TLS again").await;
        folder.write("cert.pem", "nothing");
        signal("HUP");
        let error = line("cannot load TLS again").await;
        assert!(error.contains("holds no PEM"), "{error}");
        is_shown(&caller, address, &one).await;
        folder.write_pair(&two);
        signal("HUP");
        line("loaded TLS again").await;
        let client = caller.connect(address).await;
        assert_eq!(shown_by(&client), der(&two.cert), "at once");
        assert_eq!(kept.ask(get("/hello")).await.status, 200, "it was there before");

        drop((client, kept));
        signal("TERM");
        assert!(child.wait().await.unwrap().success());
    })
    .await;
}
