//! TLS from the command line of a binary.

use crate::pki::{Authority, Folder};
use crate::shop::shop;

#[test]
fn files_that_are_wrong_end_the_start_and_the_check() {
    let pair = Authority::new("test authority").server("own");
    for command in [&["serve"][..], &["check"]] {
        let flags = ["--tls-cert", "c.pem", "--tls-key", "k.pem"];
        let ended = shop(&[command, &flags].concat()).file("c.pem", &pair.cert).run();
        assert_eq!(ended.status, 1, "{}", ended.err);
        let line = "`k.pem` (`tls_key`) cannot be read: No such file or directory";
        assert!(ended.err.contains(line), "{}", ended.err);
    }
    let ended = shop(&["check", "--tls-cert", "c.pem"]).run();
    assert_eq!(ended.status, 2, "{}", ended.err);
    assert!(ended.err.contains("--tls-cert: `tls_cert` needs `tls_key`"), "{}", ended.err);
}

#[test]
fn the_file_of_settings_and_the_check_say_the_same() {
    let authority = Authority::new("test authority");
    let pair = authority.server("own");
    let file = "[tls]\ncert = \"c.pem\"\nkey = \"k.pem\"\nclient_ca = \"ca.pem\"\nallowed_names = [\"me\"]\n";
    let program = shop(&["check"]).file("manager.toml", file).file("c.pem", &pair.cert);
    let ended = program.file("k.pem", &pair.key).file("ca.pem", &authority.pem()).run();
    assert_eq!(ended.status, 0, "{}", ended.err);
    for row in ["tls_cert", "c.pem", "manager.toml line 2", "allowed_names", "manager.toml line 5"]
    {
        assert!(ended.out.contains(row), "{}", ended.out);
    }
    // Who has no certificate cannot come in, so it is not open to everyone.
    assert!(!ended.err.contains("no api key"), "{}", ended.err);
}

#[test]
fn it_says_that_it_speaks_https() {
    let shop = shop(&["--tls-dev", "--bind", "127.0.0.1:0"]).start();
    let line = shop.line("listening on ");
    assert!(line.starts_with("listening on https://127.0.0.1:"), "{line}");
    assert!(shop.line("nobody has signed").contains("sha256"));
    shop.signal("TERM");
    assert_eq!(shop.ended().status, 0);
}

/// A service over TLS that wants certificates of clients, and the folder with everything that one needs.
fn secured() -> (crate::shop::Shop, Folder, String) {
    let authority = Authority::new("test authority");
    let folder = Folder::new();
    let own = authority.server("own");
    let me = authority.client("me");
    folder.write("ca.pem", authority.pem());
    folder.write("me.pem", &me.cert);
    folder.write("me.key", &me.key);
    let program = shop(&["--bind", "127.0.0.1:0", "--files", "kept"])
        .file("manager.toml", "tls = { cert = \"c.pem\", key = \"k.pem\", client_ca = \"ca.pem\" }")
        .file("c.pem", &own.cert)
        .file("k.pem", &own.key)
        .file("ca.pem", &authority.pem())
        .env("MANAGER_API_KEY", "hunter2");
    let service = program.start();
    let line = service.line("listening on ");
    let port = line.rsplit(':').next().unwrap().to_owned();
    (service, folder, format!("https://localhost:{port}"))
}

#[test]
fn a_service_over_tls_is_called() {
    let (_service, folder, url) = secured();
    let [ca, cert, key] = ["ca.pem", "me.pem", "me.key"].map(|name| folder.text(name));
    let call = |flags: &[&str]| {
        let arguments = [&["call", "greet", "Ada", "--url", &url], flags].concat();
        shop(&arguments).env("MANAGER_API_KEY", "hunter2").run()
    };
    let ended = call(&["--ca", &ca, "--cert", &cert, "--cert-key", &key]);
    assert_eq!((ended.status, &*ended.out), (0, "hello Ada\n"), "{}", ended.err);

    let refused = |flags: &[&str], why: &str| {
        let ended = call(flags);
        assert_eq!(ended.status, 1, "{}", ended.err);
        assert!(ended.err.contains(why), "{}", ended.err);
    };
    refused(&["--ca", &ca], "CertificateRequired");
    refused(&["--cert", &cert, "--cert-key", &key], "is not trusted");
    let other = folder.write("other.pem", Authority::new("other").pem());
    refused(&["--ca", &other, "--cert", &cert, "--cert-key", &key], "is not trusted");
    refused(&["--ca", &ca, "--cert", &key, "--cert-key", &cert], "(`--cert`) holds no certificate");
    let plain = url.replace("https", "http");
    let ended = shop(&["call", "greet", "Ada", "--url", &plain]).run();
    assert!(ended.status == 1 && ended.err.contains("this port speaks TLS"), "{}", ended.err);
}

#[test]
fn files_go_up_and_down_over_tls() {
    let (_service, folder, url) = secured();
    let [ca, cert, key] = ["ca.pem", "me.pem", "me.key"].map(|name| folder.text(name));
    let reach = ["--url", &url, "--ca", &ca, "--cert", &cert, "--cert-key", &key];
    let content = vec![7; 3 << 20];
    let up = shop(&[&["upload", "film.bin"][..], &reach].concat());
    let ended = up.bytes("film.bin", &content).env("MANAGER_API_KEY", "hunter2").run();
    assert_eq!(ended.status, 0, "{}", ended.err);
    let down = shop(&[&["download", "film.bin"][..], &reach].concat());
    let ended = down.env("MANAGER_API_KEY", "hunter2").run();
    assert_eq!(ended.status, 0, "{}", ended.err);
    assert!(std::fs::read(ended.folder.path().join("film.bin")).unwrap() == content);
}
