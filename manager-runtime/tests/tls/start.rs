//! What is wrong with files is said at the start: which file, and why.

use manager_runtime::prelude::*;
use rcgen::{KeyPair, date_time_ymd};

use crate::caller::der;
use crate::pki::{Authority, Folder, Pair, has, openssl, pem};
use crate::support::{LIMIT, keep_log, logged, within};

/// Starts with these files and gives what is said, the folder left out.
async fn refused(folder: &Folder, files: [&str; 2], change: impl FnOnce(&mut Manager)) -> String {
    let mut manager = Manager::empty();
    manager.with_bind("127.0.0.1:0").with_tls(folder.text(files[0]), folder.text(files[1]));
    change(&mut manager);
    let error = manager.spawn().await.expect_err("it must not start");
    assert_eq!(error.kind(), Kind::Internal, "{error}");
    error.to_string().replace(&format!("{}/", folder.folder().display()), "")
}

/// `cert.pem` and `key.pem` as they are given.
async fn check(pair: &Pair, expected: &[&str]) {
    let folder = Folder::new();
    folder.write_pair(pair);
    let said = refused(&folder, ["cert.pem", "key.pem"], |_| ()).await;
    for expected in expected {
        assert!(said.contains(expected), "no {expected:?} in {said:?}");
    }
    assert!(!said.contains("MII"), "something of a file stands in {said:?}");
}

fn good() -> (Authority, Pair) {
    let authority = Authority::new("test authority");
    let pair = authority.server("own");
    (authority, pair)
}

#[tokio::test]
async fn everything_is_said_at_once() {
    within(LIMIT, async {
        let folder = Folder::new();
        folder.write("ca.pem", "none here");
        let ca = folder.text("ca.pem");
        let said = refused(&folder, ["c.pem", "k.pem"], |manager| {
            manager.with_client_ca(ca);
        })
        .await;
        assert_eq!(
            said,
            "the manager cannot start: `c.pem` (`tls_cert`) cannot be read: No such file or directory (os error 2)\n  \
             `k.pem` (`tls_key`) cannot be read: No such file or directory (os error 2)\n  \
             `ca.pem` (`tls_client_ca`) holds no PEM: there is no line `-----BEGIN ..-----`"
        );
    })
    .await;
}

#[tokio::test]
async fn files_that_hold_something_else() {
    within(LIMIT, async {
        let (authority, pair) = good();
        let Pair { cert, key } = pair.clone();
        let with = |cert: &str, key: &str| Pair { cert: cert.to_owned(), key: key.to_owned() };
        check(&with("", &key), &["`cert.pem` (`tls_cert`) holds no PEM"]).await;
        check(&with(&cert, "\n"), &["`key.pem` (`tls_key`) holds no PEM"]).await;
        check(
            &with(&key, &cert),
            &[
                "`cert.pem` (`tls_cert`) holds no certificate, but `PRIVATE KEY`",
                "`key.pem` (`tls_key`) holds no private key, but `CERTIFICATE`",
            ],
        )
        .await;
        check(
            &with(&cert, &format!("{key}{}", authority.server("x").key)),
            &["`key.pem` (`tls_key`) holds 2 private keys; keep the one"],
        )
        .await;
        let cut = &key[..key.len() / 2];
        check(&with(&cert, cut), &["`key.pem` (`tls_key`) is broken: a section has no `-----END"])
            .await;
        check(
            &with(&cert.replace("MII", "M*I"), &key),
            &["`cert.pem` (`tls_cert`) is broken: a section is not base64"],
        )
        .await;
        let odd = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        check(
            &with(odd, &key),
            &["certificate 1 of `cert.pem` (`tls_cert`) is no X.509 certificate"],
        )
        .await;
        let odd = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
        check(
            &with(&cert, odd),
            &["`key.pem` (`tls_key`) holds a private key that cannot be used"],
        )
        .await;
        let long = "x".repeat((1 << 20) + 1);
        check(&with(&long, &key), &["`cert.pem` (`tls_cert`) is longer than 1 MiB"]).await;

        let folder = Folder::new();
        folder.write("cert.der", der(&cert));
        folder.write("key.pem", &key);
        let said = refused(&folder, ["cert.der", "key.pem"], |_| ()).await;
        assert!(said.contains("it may be DER, which `openssl x509 -inform der`"), "{said}");
        let said = refused(&folder, [".", "key.pem"], |_| ()).await;
        assert!(said.contains("(`tls_cert`) cannot be read: "), "{said}");
    })
    .await;
}

#[tokio::test]
async fn a_file_may_hold_both() {
    within(LIMIT, async {
        let (_, Pair { cert, key }) = good();
        let folder = Folder::new();
        let both = folder.write("both.pem", format!("{key}{cert}"));
        let mut manager = Manager::empty();
        let running =
            manager.with_bind("127.0.0.1:0").with_tls(&both, &both).spawn().await.unwrap();
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_key_that_does_not_fit_and_chains_in_disorder() {
    within(LIMIT, async {
        let (authority, own) = good();
        let other = authority.server("other");
        check(
            &Pair { cert: own.cert.clone(), key: other.key },
            &["the private key of `key.pem` (`tls_key`) is not that of the certificate of `cert.pem` (`tls_cert`)"],
        )
        .await;
        let below = authority.below("below");
        let own = below.server("own");
        check(
            &Pair { cert: format!("{}{}", below.pem(), own.cert), key: own.key.clone() },
            &["are in a wrong order: certificate 2, \"own\", has not signed certificate 1, \"below\""],
        )
        .await;
        check(
            &Pair { cert: format!("{}{}{}", own.cert, authority.pem(), below.pem()), key: own.key.clone() },
            &["certificate 2, \"test authority\", has not signed certificate 1, \"own\""],
        )
        .await;
    })
    .await;
}

#[tokio::test]
async fn a_certificate_out_of_its_time() {
    within(LIMIT, async {
        let (authority, _) = good();
        let expired = authority.issue("own", &["localhost"], |params| {
            params.not_before = date_time_ymd(2020, 1, 1);
            params.not_after = date_time_ymd(2021, 1, 1);
        });
        check(&expired, &["the certificate of `cert.pem` (`tls_cert`), \"own\", expired on Fri, 01 Jan 2021 00:00:00 GMT"]).await;
        let early = authority.issue("own", &["localhost"], |it| it.not_before = date_time_ymd(2999, 1, 1));
        check(&early, &["\"own\", is not valid before Tue, 01 Jan 2999 00:00:00 GMT"]).await;

        keep_log();
        let now = std::time::SystemTime::now();
        let days = |days: u64| now + std::time::Duration::from_secs(days * 24 * 60 * 60 + 60);
        for (left, expected) in [(13, Some("in 13 days")), (0, Some("in less than a day")), (14, None)] {
            let name = format!("expires {left}");
            let pair = authority.issue(&name, &["localhost"], |it| it.not_after = days(left).into());
            let folder = Folder::new();
            let (cert, key) = folder.write_pair(&pair);
            let mut manager = Manager::empty();
            let running = manager.with_bind("127.0.0.1:0").with_tls(cert, key).spawn().await.unwrap();
            running.stop().await.unwrap();
            let lines = logged(&["WARN", &name]);
            assert_eq!(lines.len(), usize::from(expected.is_some()), "{lines:?}");
            assert!(lines.iter().all(|line| line.contains(expected.unwrap_or_default())), "{lines:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn an_encrypted_key() {
    if !has("openssl", "encrypted keys") {
        return;
    }
    within(LIMIT, async {
        let (authority, own) = good();
        let folder = Folder::new();
        folder.write("plain.pem", &own.key);
        let expected = "`key.pem` (`tls_key`) holds an encrypted private key, and nobody is there to type its password; \
                        decrypt it first: `openssl pkey -in key.pem -out key.pem`";
        let expected = expected.rsplit_once(": `").unwrap().0;
        openssl(folder.folder(), "pkcs8 -topk8 -in plain.pem -out encrypted.pem -passout pass:x");
        let key = std::fs::read_to_string(folder.path("encrypted.pem")).unwrap();
        assert!(key.contains("BEGIN ENCRYPTED PRIVATE KEY"), "{key}");
        check(&Pair { key, ..own.clone() }, &[expected]).await;

        openssl(folder.folder(), "ec -in plain.pem -aes128 -out old.pem -passout pass:x");
        let key = std::fs::read_to_string(folder.path("old.pem")).unwrap();
        assert!(key.contains("Proc-Type: 4,ENCRYPTED"), "{key}");
        check(&Pair { key, ..own }, &[expected]).await;
        drop(authority);
    })
    .await;
}

#[tokio::test]
async fn an_authority_that_is_none() {
    within(LIMIT, async {
        let (_, own) = good();
        let folder = Folder::new();
        folder.write_pair(&own);
        let key = folder
            .write("ca.pem", pem("PRIVATE KEY", KeyPair::generate().unwrap().serialized_der()));
        let said = refused(&folder, ["cert.pem", "key.pem"], |it| _ = it.with_client_ca(key)).await;
        assert!(
            said.contains("`ca.pem` (`tls_client_ca`) holds no certificate, but `PRIVATE KEY`"),
            "{said}"
        );
    })
    .await;
}

#[tokio::test]
async fn settings_that_cannot_stand_alone() {
    within(LIMIT, async {
        let refused = async |change: fn(&mut Manager)| {
            let mut manager = Manager::empty();
            change(manager.with_bind("127.0.0.1:0"));
            let error = manager.spawn().await.expect_err("it must not start");
            assert_eq!(error.kind(), Kind::BadRequest);
            error.to_string()
        };
        let said = refused(|it| _ = it.with_tls("cert.pem", None::<&str>)).await;
        assert!(said.contains("with_tls: `tls_cert` needs `tls_key`"), "{said}");
        let said = refused(|it| _ = it.with_tls_dev(true).with_allowed_names(["a"])).await;
        assert!(
            said.contains("with_allowed_names: `allowed_names` needs `tls_client_ca`"),
            "{said}"
        );
        let said =
            refused(|it| _ = it.with_tls_dev(true).with_client_ca("c").with_allowed_names([""; 0]))
                .await;
        assert!(said.contains("`allowed_names` cannot be an empty list"), "{said}");
        let said = refused(|it| _ = it.with_tls_dev(true).with_tls("c", "k")).await;
        assert!(said.contains("`tls_dev` cannot stand beside `tls_cert` (with_tls)"), "{said}");
        let said = refused(|it| _ = it.with_handshake_timeout(0)).await;
        assert!(said.contains("with_handshake_timeout"), "{said}");
    })
    .await;
}
