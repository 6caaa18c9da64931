//! A client over TLS, with rustls.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::{
    ALL_VERSIONS, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme,
    SupportedProtocolVersion,
};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::pki::Pair;
use crate::support::Client;

pub(crate) type Secured = Client<TlsStream<TcpStream>>;

pub(crate) fn provider() -> Arc<CryptoProvider> {
    #[cfg(feature = "tls")]
    use rustls::crypto::aws_lc_rs::default_provider;
    #[cfg(not(feature = "tls"))]
    use rustls::crypto::ring::default_provider;
    Arc::new(default_provider())
}

/// Whom a client trusts, what it shows, and what it speaks.
pub(crate) struct Caller {
    trusted: Option<String>,
    shown: Option<Pair>,
    versions: Vec<&'static SupportedProtocolVersion>,
    protocols: Vec<Vec<u8>>,
}

impl Caller {
    /// One that trusts this authority and speaks everything, without ALPN.
    pub(crate) fn trusting(pem: &str) -> Self {
        let trusted = Some(pem.to_owned());
        Caller { trusted, shown: None, versions: ALL_VERSIONS.to_vec(), protocols: Vec::new() }
    }

    /// One that trusts everybody.
    pub(crate) fn careless() -> Self {
        Caller {
            trusted: None,
            shown: None,
            versions: ALL_VERSIONS.to_vec(),
            protocols: Vec::new(),
        }
    }

    pub(crate) fn showing(mut self, pair: &Pair) -> Self {
        self.shown = Some(pair.clone());
        self
    }

    pub(crate) fn only(mut self, version: &'static SupportedProtocolVersion) -> Self {
        self.versions = vec![version];
        self
    }

    pub(crate) fn protocols(mut self, offered: &[&str]) -> Self {
        self.protocols = offered.iter().map(|name| name.as_bytes().to_vec()).collect();
        self
    }

    pub(crate) fn config(&self) -> Arc<ClientConfig> {
        let builder = ClientConfig::builder_with_provider(provider())
            .with_protocol_versions(&self.versions)
            .unwrap();
        let builder = match &self.trusted {
            Some(pem) => {
                let mut roots = RootCertStore::empty();
                roots.add(CertificateDer::from_pem_slice(pem.as_bytes()).unwrap()).unwrap();
                builder.with_root_certificates(roots)
            }
            None => builder.dangerous().with_custom_certificate_verifier(Arc::new(Anybody)),
        };
        let mut config = match &self.shown {
            Some(Pair { cert, key }) => {
                let chain = CertificateDer::pem_slice_iter(cert.as_bytes());
                let chain = chain.collect::<Result<Vec<_>, _>>().unwrap();
                let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap();
                builder.with_client_auth_cert(chain, key).unwrap()
            }
            None => builder.with_no_client_auth(),
        };
        config.alpn_protocols = self.protocols.clone();
        Arc::new(config)
    }

    pub(crate) async fn connect(&self, address: SocketAddr) -> Secured {
        self.try_connect(address).await.unwrap()
    }

    pub(crate) async fn try_connect(&self, address: SocketAddr) -> io::Result<Secured> {
        connect(self.config(), address).await
    }
}

pub(crate) async fn connect(config: Arc<ClientConfig>, address: SocketAddr) -> io::Result<Secured> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let name = ServerName::try_from("localhost").unwrap();
    Ok(Client::over(TlsConnector::from(config).connect(name, stream).await?))
}

/// The certificate that the server has shown.
pub(crate) fn shown_by(client: &Secured) -> Vec<u8> {
    client.stream.get_ref().1.peer_certificates().unwrap()[0].to_vec()
}

/// A certificate as it is sent.
pub(crate) fn der(pem: &str) -> Vec<u8> {
    CertificateDer::from_pem_slice(pem.as_bytes()).unwrap().to_vec()
}

/// Trusts everybody, as `curl -k` does.
#[derive(Debug)]
struct Anybody;

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = provider().signature_verification_algorithms;
        verify_tls12_signature(message, cert, signature, &algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = provider().signature_verification_algorithms;
        verify_tls13_signature(message, cert, signature, &algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        provider().signature_verification_algorithms.supported_schemes()
    }
}
