//! A certificate for this machine, made at the start.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use rcgen::{CertificateParams, DnType, KeyPair};
use rustls::sign::CertifiedKey;
use rustls_pki_types::PrivatePkcs8KeyDer;
use sha2::{Digest, Sha256};

use super::provider::provider;

/// What it is good for: as long as browsers take.
const VALID: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// Clocks that go slow see it as valid as well.
const BEFORE: Duration = Duration::from_secs(24 * 60 * 60);

/// A certificate that nobody has signed but itself, and its fingerprint.
pub(super) fn identity() -> Result<(Arc<CertifiedKey>, String), String> {
    let failed = |error: rcgen::Error| format!("`tls_dev` cannot make a certificate: {error}");
    let names = ["localhost", "127.0.0.1", "::1"].map(str::to_owned);
    let mut params = CertificateParams::new(names).map_err(failed)?;
    params.distinguished_name.push(DnType::CommonName, "localhost");
    let now = SystemTime::now();
    (params.not_before, params.not_after) = ((now - BEFORE).into(), (now + VALID).into());
    let key = KeyPair::generate().map_err(failed)?;
    let der = params.self_signed(&key).map_err(failed)?.der().clone();
    let fingerprint = fingerprint(&der);
    let key = PrivatePkcs8KeyDer::from(key.serialize_der()).into();
    let identity = CertifiedKey::from_der(vec![der], key, &provider());
    let identity =
        identity.map_err(|error| format!("`tls_dev` cannot use its certificate: {error}"))?;
    Ok((Arc::new(identity), fingerprint))
}

/// The SHA-256 of a certificate, as other programs write it.
fn fingerprint(der: &[u8]) -> String {
    let bytes = Sha256::digest(der);
    bytes.iter().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().join(":")
}
