//! Certificates and keys in files of PEM (RFC 7468), and everything that can be wrong with them.

use std::fs::File;
use std::io::Read;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use httpdate::fmt_http_date;
use rustls::RootCertStore;
use rustls::sign::CertifiedKey;
use rustls_pki_types::pem::{self, PemObject, SectionKind};
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

use super::facts::Facts;
use super::provider::provider;

/// More than any file of certificates needs: a bundle of all public authorities is a fifth of it.
const LONGEST: u64 = 1 << 20;

/// How long before its end a certificate is worth a warning.
const SOON: Duration = Duration::from_secs(14 * DAY);
const DAY: u64 = 24 * 60 * 60;

/// What was found while files were read: what keeps them from being used, and what does not.
#[derive(Default, Debug)]
pub(super) struct Findings {
    pub(super) wrong: Vec<String>,
    pub(super) warnings: Vec<String>,
}

/// The files as settings or flags name them, which is how messages name them too.
#[derive(Clone, Copy)]
pub(super) struct Named<'a> {
    pub(super) setting: &'static str,
    pub(super) path: &'a str,
}

/// The certificate with those that have signed it, and its key.
pub(super) fn identity(
    cert: Named<'_>,
    key: Named<'_>,
    findings: &mut Findings,
) -> Option<Arc<CertifiedKey>> {
    let chain = certificates(cert, findings);
    let key_der = private_key(key).map_err(|wrong| findings.wrong.push(wrong)).ok();
    let chain = chain.filter(|chain| check_chain(cert, chain, findings));
    let loaded = provider().key_provider.load_private_key(key_der?);
    let refused =
        |error| format!("{} holds a private key that cannot be used: {error}", key.file());
    let signing = loaded.map_err(|error| findings.wrong.push(refused(error))).ok()?;
    let identity = CertifiedKey::new(chain?, signing);
    match identity.keys_match() {
        Ok(()) | Err(rustls::Error::InconsistentKeys(rustls::InconsistentKeys::Unknown)) => {
            Some(Arc::new(identity))
        }
        Err(rustls::Error::InconsistentKeys(_)) => {
            findings.wrong.push(mismatch(cert, key, identity));
            None
        }
        Err(error) => {
            findings.wrong.push(format!("{} cannot be used: {error}", cert.file()));
            None
        }
    }
}

/// The certificates of those that have to have signed the ones of others.
pub(super) fn roots(file: Named<'_>, findings: &mut Findings) -> Option<RootCertStore> {
    let mut roots = RootCertStore::empty();
    for (number, der) in (1..).zip(certificates(file, findings)?) {
        match Facts::of(&der) {
            Some(facts) if facts.not_after < SystemTime::now() => {
                let (file, name) = (file.file(), facts.shown());
                let end = fmt_http_date(facts.not_after);
                findings
                    .warnings
                    .push(format!("certificate {number} of {file}, {name}, expired on {end}"));
            }
            _ => {}
        }
        if let Err(error) = roots.add(der) {
            let file = file.file();
            findings.wrong.push(format!(
                "certificate {number} of {file} cannot be that of an authority: {error}"
            ));
        }
    }
    (!roots.is_empty()).then_some(roots)
}

impl Named<'_> {
    fn file(self) -> String {
        format!("`{}` (`{}`)", self.path, self.setting)
    }
}

/// All certificates of a file, in order; there is at least one.
fn certificates(file: Named<'_>, findings: &mut Findings) -> Option<Vec<CertificateDer<'static>>> {
    let read = Content::of(file).and_then(|content| {
        let certificates: Vec<_> = (content.sections.iter())
            .filter(|(kind, _)| *kind == SectionKind::Certificate)
            .map(|(_, der)| CertificateDer::from(der.clone()))
            .collect();
        if certificates.is_empty() { Err(content.without("certificate")) } else { Ok(certificates) }
    });
    read.map_err(|wrong| findings.wrong.push(wrong)).ok()
}

/// The one private key of a file.
fn private_key(file: Named<'_>) -> Result<PrivateKeyDer<'static>, String> {
    let content = Content::of(file)?;
    let keys = content.sections.iter().filter_map(|(kind, der)| {
        // Copied; what was read is dropped with the rest of the file.
        PrivateKeyDer::from_pem(*kind, der.clone())
    });
    let mut keys: Vec<PrivateKeyDer<'static>> = keys.collect();
    match (keys.pop(), keys.len()) {
        (Some(key), 0) => Ok(key),
        (Some(_), others) => Err(format!(
            "{} holds {} private keys; keep the one of the certificate",
            file.file(),
            others + 1
        )),
        (None, _) if content.labels.iter().any(|label| label == "ENCRYPTED PRIVATE KEY") => {
            Err(encrypted(file))
        }
        (None, _) => Err(content.without("private key")),
    }
}

fn encrypted(file: Named<'_>) -> String {
    format!(
        "{} holds an encrypted private key, and nobody is there to type its password; decrypt it first: \
         `openssl pkey -in {} -out key.pem`",
        file.file(),
        file.path
    )
}

/// What a file of PEM holds.
struct Content<'a> {
    file: Named<'a>,
    sections: Vec<(SectionKind, Vec<u8>)>,
    /// What stands after each `BEGIN`, of kinds too that nobody here knows.
    labels: Vec<String>,
}

impl<'a> Content<'a> {
    fn of(file: Named<'a>) -> Result<Self, String> {
        let mut bytes = Vec::new();
        let read = File::open(file.path)
            .and_then(|opened| opened.take(LONGEST + 1).read_to_end(&mut bytes));
        if let Err(error) = read {
            return Err(format!("{} cannot be read: {error}", file.file()));
        }
        if bytes.len() as u64 > LONGEST {
            return Err(format!(
                "{} is longer than 1 MiB, and so not what it should be",
                file.file()
            ));
        }
        let labels = labels(&bytes);
        if labels.is_empty() {
            let hint = match bytes.first() {
                // How every structure of DER begins.
                Some(0x30) => {
                    "; it may be DER, which `openssl x509 -inform der` or `openssl pkey -inform der` turns \
                     into PEM"
                }
                _ => "",
            };
            let file = file.file();
            return Err(format!(
                "{file} holds no PEM: there is no line `-----BEGIN ..-----`{hint}"
            ));
        }
        // The old way to encrypt a key (RFC 1421, section 4.6.1.1): it stands in a header within the section.
        if bytes.windows(ENCRYPTED.len()).any(|window| window == ENCRYPTED) {
            return Err(encrypted(file));
        }
        let sections: Result<Vec<_>, pem::Error> =
            <(SectionKind, Vec<u8>)>::pem_slice_iter(&bytes).collect();
        match sections {
            Ok(sections) => Ok(Content { file, sections, labels }),
            Err(error) => Err(format!("{} is broken: {}", file.file(), broken(&error))),
        }
    }

    /// There is no such thing in it, but others.
    fn without(&self, what: &str) -> String {
        let there: Vec<String> = self.labels.iter().map(|label| format!("`{label}`")).collect();
        format!("{} holds no {what}, but {}", self.file.file(), there.join(", "))
    }
}

const ENCRYPTED: &[u8] = b"Proc-Type: 4,ENCRYPTED";

/// In our words: the error itself may repeat what stands in the file, and that may be a key.
fn broken(error: &pem::Error) -> &'static str {
    match error {
        pem::Error::MissingSectionEnd { .. } => "a section has no `-----END ..-----`",
        pem::Error::IllegalSectionStart { .. } => "a `-----BEGIN ..-----` is not whole",
        pem::Error::Base64Decode(_) => "a section is not base64",
        _ => "it is not PEM",
    }
}

fn labels(bytes: &[u8]) -> Vec<String> {
    let label = |line: &[u8]| {
        let label = line.strip_prefix(b"-----BEGIN ")?.trim_ascii_end().strip_suffix(b"-----")?;
        let is_plain = label.iter().all(|byte| byte.is_ascii_graphic() || *byte == b' ');
        (is_plain && label.len() <= 40).then(|| String::from_utf8_lossy(label).into_owned())
    };
    bytes.split(|byte| matches!(byte, b'\n' | b'\r')).filter_map(label).collect()
}

/// Whether the chain can be shown to clients.
fn check_chain(
    file: Named<'_>,
    chain: &[CertificateDer<'static>],
    findings: &mut Findings,
) -> bool {
    let mut facts = Vec::new();
    for (number, der) in (1..).zip(chain) {
        match Facts::of(der) {
            Some(one) => facts.push(one),
            None => {
                let file = file.file();
                findings
                    .wrong
                    .push(format!("certificate {number} of {file} is no X.509 certificate"));
                return false;
            }
        }
    }
    let before = findings.wrong.len();
    if let Some(own) = facts.first() {
        check_time(file, own, findings);
    }
    for (number, pair) in (1..).zip(facts.windows(2)) {
        let [one, next] = pair else { continue };
        if one.issuer != next.subject {
            findings.wrong.push(format!(
                "the certificates of {} are in a wrong order: certificate {}, {}, has not signed certificate \
                 {number}, {}, which stands before it; the service's own comes first, and each is followed by \
                 the one that has signed it",
                file.file(),
                number + 1,
                next.shown(),
                one.shown(),
            ));
            break;
        }
        // Some are sent although they have ended, for clients that know no better; it is theirs to judge.
        if next.not_after < SystemTime::now() {
            findings.warnings.push(format!(
                "certificate {} of {}, {}, expired on {}",
                number + 1,
                file.file(),
                next.shown(),
                fmt_http_date(next.not_after)
            ));
        }
    }
    findings.wrong.len() == before
}

fn check_time(file: Named<'_>, own: &Facts, findings: &mut Findings) {
    let now = SystemTime::now();
    let (file, name) = (file.file(), own.shown());
    if own.not_after < now {
        let end = fmt_http_date(own.not_after);
        findings.wrong.push(format!("the certificate of {file}, {name}, expired on {end}"));
    } else if own.not_before > now {
        let begin = fmt_http_date(own.not_before);
        let wrong = format!("the certificate of {file}, {name}, is not valid before {begin}");
        findings.wrong.push(wrong);
    } else if own.not_after < now + SOON {
        let left = own.not_after.duration_since(now).unwrap_or_default().as_secs() / DAY;
        let end = fmt_http_date(own.not_after);
        let left = match left {
            0 => "in less than a day".to_owned(),
            1 => "in a day".to_owned(),
            days => format!("in {days} days"),
        };
        let warning = format!("the certificate of {file}, {name}, expires {left}, on {end}");
        findings.warnings.push(warning);
    }
}

/// The key is not that of the first certificate, but perhaps of another one.
fn mismatch(cert: Named<'_>, key: Named<'_>, identity: CertifiedKey) -> String {
    let CertifiedKey { cert: chain, key: signing, .. } = identity;
    let own = (1..).zip(&chain).skip(1).find(|(_, one)| {
        CertifiedKey::new(vec![(*one).clone()], signing.clone()).keys_match().is_ok()
    });
    let (cert, key) = (cert.file(), key.file());
    match own {
        Some((number, _)) => format!(
            "the private key of {key} is that of certificate {number} of {cert}; put this one first"
        ),
        None => format!("the private key of {key} is not that of the certificate of {cert}"),
    }
}
