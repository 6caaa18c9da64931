//! Which certificates of clients are taken.

use std::sync::Arc;

use rustls::client::danger::HandshakeSignatureValid;
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{
    CertificateError, DigitallySignedStruct, DistinguishedName, Error, RootCertStore,
    SignatureScheme,
};

use super::facts::Facts;
use super::provider::provider;

/// Takes what an authority has signed and what is called as one of the names.
#[derive(Debug)]
pub(super) struct Clients {
    signed: Arc<dyn ClientCertVerifier>,
    /// Empty for all.
    names: Vec<String>,
}

impl Clients {
    pub(super) fn new(roots: RootCertStore, names: Vec<String>) -> Result<Self, String> {
        let builder = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider());
        let signed = builder.build().map_err(|error| error.to_string())?;
        Ok(Clients { signed, names })
    }
}

impl ClientCertVerifier for Clients {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        self.signed.root_hint_subjects()
    }

    fn verify_client_cert(
        &self,
        certificate: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        let verified = self.signed.verify_client_cert(certificate, others, now)?;
        // Whose names cannot be read is nobody.
        let facts = Facts::of(certificate)
            .ok_or(Error::InvalidCertificate(CertificateError::BadEncoding))?;
        let is_allowed = |name: &str| self.names.iter().any(|allowed| allowed == name);
        if self.names.is_empty() || facts.names().any(is_allowed) {
            return Ok(verified);
        }
        let names: Vec<&str> = facts.names().collect();
        tracing::warn!(?names, "a client was refused: no name of its certificate is allowed");
        Err(Error::InvalidCertificate(CertificateError::ApplicationVerificationFailure))
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.signed.verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.signed.verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.signed.supported_verify_schemes()
    }
}
