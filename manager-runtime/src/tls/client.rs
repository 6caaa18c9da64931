//! The client's side, for the command line.

use std::io;
use std::sync::Arc;

use rustls::sign::SingleCertAndKey;
use rustls::{ALL_VERSIONS, ClientConfig, RootCertStore};
use rustls_pki_types::ServerName;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::files::{self, Findings, Named};
use super::provider::provider;

/// Opens connections to servers that it trusts.
pub(crate) struct Connector(TlsConnector);

pub(crate) type ServerStream = TlsStream<TcpStream>;

impl Connector {
    /// One that trusts whom the file `--ca` has signed, or whom this system trusts, and shows the certificate of
    /// `--cert` and `--cert-key`.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with any of the files.
    pub(crate) fn new(
        ca: Option<&str>,
        identity: Option<(&str, &str)>,
    ) -> Result<Self, Vec<String>> {
        let mut findings = Findings::default();
        let roots = match ca {
            Some(path) => files::roots(Named { setting: "--ca", path }, &mut findings),
            None => systems(&mut findings),
        };
        let identity = identity.map(|(cert, key)| {
            let cert = Named { setting: "--cert", path: cert };
            files::identity(cert, Named { setting: "--cert-key", path: key }, &mut findings)
        });
        let (Some(roots), []) = (roots, &*findings.wrong) else { return Err(findings.wrong) };
        let config = ClientConfig::builder_with_provider(provider())
            .with_protocol_versions(ALL_VERSIONS)
            .map_err(|error| vec![format!("TLS cannot be spoken: {error}")])?
            .with_root_certificates(roots);
        let mut config = match identity.flatten() {
            Some(identity) => {
                let identity = SingleCertAndKey::from(Arc::unwrap_or_clone(identity));
                config.with_client_cert_resolver(Arc::new(identity))
            }
            None => config.with_no_client_auth(),
        };
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Connector(TlsConnector::from(Arc::new(config))))
    }

    /// Opens TLS with the server of this name or address.
    ///
    /// # Errors
    ///
    /// Of the kind `PermissionDenied`: the server is not trusted. Of the kind `InvalidData`: it speaks no TLS, or
    /// none to us. In both cases trying again does not help. Of any other kind: the connection broke.
    pub(crate) async fn connect(&self, host: &str, stream: TcpStream) -> io::Result<ServerStream> {
        let name = ServerName::try_from(host.to_owned())
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
        self.0.connect(name, stream).await.map_err(|error| {
            let cause = error.get_ref().and_then(|cause| cause.downcast_ref());
            match cause {
                Some(rustls::Error::InvalidCertificate(_)) => {
                    io::Error::new(io::ErrorKind::PermissionDenied, error)
                }
                _ => error,
            }
        })
    }
}

/// The authorities that this system trusts.
fn systems(findings: &mut Findings) -> Option<RootCertStore> {
    let found = rustls_native_certs::load_native_certs();
    let mut roots = RootCertStore::empty();
    // Some of them are of kinds that nobody uses any more.
    roots.add_parsable_certificates(found.certs);
    if roots.is_empty() {
        let why = found.errors.first().map(|error| format!(" ({error})")).unwrap_or_default();
        findings.wrong.push(format!(
            "this system trusts no authority that could have signed the service's certificate{why}; name a file \
             with `--ca`"
        ));
        return None;
    }
    Some(roots)
}
