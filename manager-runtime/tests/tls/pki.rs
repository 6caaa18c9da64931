//! Authorities, and what they sign; files with all of it.

use std::path::{Path, PathBuf};
use std::process::Command;

use base64::Engine;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use tempfile::TempDir;

/// Who signs certificates.
pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

/// A certificate and its key, in PEM.
#[derive(Clone)]
pub(crate) struct Pair {
    pub(crate) cert: String,
    pub(crate) key: String,
}

impl Authority {
    pub(crate) fn new(name: &str) -> Self {
        let key = KeyPair::generate().unwrap();
        Authority(CertifiedIssuer::self_signed(authority(name), key).unwrap())
    }

    /// One that this one has signed.
    pub(crate) fn below(&self, name: &str) -> Self {
        let key = KeyPair::generate().unwrap();
        Authority(CertifiedIssuer::signed_by(authority(name), key, &self.0).unwrap())
    }

    pub(crate) fn pem(&self) -> String {
        pem("CERTIFICATE", self.0.der())
    }

    /// For a server on this machine; its common name tells one from another.
    pub(crate) fn server(&self, name: &str) -> Pair {
        self.issue(name, &["localhost", "127.0.0.1"], |_| ())
    }

    pub(crate) fn client(&self, name: &str) -> Pair {
        self.issue(name, &[], |_| ())
    }

    pub(crate) fn issue(
        &self,
        name: &str,
        alternatives: &[&str],
        change: impl FnOnce(&mut CertificateParams),
    ) -> Pair {
        let key = KeyPair::generate().unwrap();
        self.issue_for(&key, name, alternatives, change)
    }

    pub(crate) fn issue_for(
        &self,
        key: &KeyPair,
        name: &str,
        alternatives: &[&str],
        change: impl FnOnce(&mut CertificateParams),
    ) -> Pair {
        let alternatives: Vec<String> = alternatives.iter().map(|&name| name.to_owned()).collect();
        let mut params = CertificateParams::new(alternatives).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        change(&mut params);
        let cert = params.signed_by(key, &self.0).unwrap();
        Pair { cert: pem("CERTIFICATE", cert.der()), key: pem("PRIVATE KEY", key.serialized_der()) }
    }
}

/// A section of PEM (RFC 7468, section 2).
pub(crate) fn pem(label: &str, der: &[u8]) -> String {
    let text = base64::engine::general_purpose::STANDARD.encode(der);
    let lines: Vec<&str> =
        text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}

fn authority(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params
}

/// A folder of files, gone with the test.
pub(crate) struct Folder(TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        Folder(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Puts a file in its place in one step, as whoever renews certificates should, and gives its path.
    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let new = self.path(&format!("{name}.new"));
        std::fs::write(&new, content).unwrap();
        std::fs::rename(&new, self.path(name)).unwrap();
        self.text(name)
    }

    pub(crate) fn text(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }

    /// `cert.pem` and `key.pem`.
    pub(crate) fn write_pair(&self, pair: &Pair) -> (String, String) {
        (self.write("cert.pem", &pair.cert), self.write("key.pem", &pair.key))
    }
}

/// Whether a program is there; where it is not, the test says loudly what it leaves out.
pub(crate) fn has(program: &str, what: &str) -> bool {
    let is_there = Command::new(program).arg("--version").output();
    if is_there.is_ok() || Command::new(program).arg("version").output().is_ok() {
        return true;
    }
    eprintln!("SKIPPED: {what}, for `{program}` is not here");
    false
}

/// Runs `openssl` in a folder.
pub(crate) fn openssl(folder: &Path, arguments: &str) {
    let ended = Command::new("openssl")
        .args(arguments.split_whitespace())
        .current_dir(folder)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&ended.stderr);
    assert!(ended.status.success(), "openssl {arguments}: {said}");
}

impl Folder {
    pub(crate) fn folder(&self) -> &Path {
        self.0.path()
    }
}
