//! TLS from the command line of a binary.

use crate::pki::Authority;
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
