//! The server's side: what connections are opened with, and their opening.

use std::io;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::SystemTime;

use rustls::server::Acceptor;
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{ALL_VERSIONS, ServerConfig};
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;
use tokio_rustls::{LazyConfigAcceptor, StartHandshake};

use super::clients::Clients;
use super::facts::Facts;
use super::files::{self, Findings, Named};
use super::provider::provider;
use super::{Protocol, dev};
use crate::config::Settings;
use crate::peer::Certificate;
use crate::reload::{Seen, Source};

const HTTP2: &[u8] = b"h2";
const HTTP1: &[u8] = b"http/1.1";

/// What TLS is spoken with on all addresses of a manager.
pub(crate) struct Tls {
    origin: Origin,
    client_ca: Option<String>,
    allowed_names: Vec<String>,
    /// The files as they were before they were read for the first time.
    seen: Seen,
    /// Taken by each connection when its client has said hello; put in place by a reload. Sessions are resumed
    /// within one of them only, so what a new file forbids is forbidden to all who come.
    config: RwLock<Arc<ServerConfig>>,
}

/// Where the certificate comes from.
enum Origin {
    Files { cert: String, key: String },
    Made { identity: Arc<CertifiedKey>, fingerprint: String },
}

/// A connection on which the client has begun.
pub(crate) struct Hello(StartHandshake<TcpStream>);

pub(crate) type Stream = TlsStream<TcpStream>;

/// A connection that is open.
pub(crate) struct Secured {
    pub(crate) stream: Stream,
    /// What the client has proved to have, where it was asked.
    pub(crate) certificate: Option<Arc<Certificate>>,
    pub(crate) protocol: Protocol,
}

impl Tls {
    /// Reads what the settings name, and says what is worth a warning.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with any of the files.
    pub(crate) fn open(settings: &Settings) -> Result<(Arc<Self>, Vec<String>), Vec<String>> {
        let client_ca = settings.tls_client_ca.clone();
        let allowed_names = settings.allowed_names.clone();
        let origin = match (&settings.tls_cert, &settings.tls_key) {
            (Some(cert), Some(key)) => Origin::Files { cert: cert.clone(), key: key.clone() },
            _ => {
                let (identity, fingerprint) = dev::identity().map_err(|wrong| vec![wrong])?;
                Origin::Made { identity, fingerprint }
            }
        };
        let files = match &origin {
            Origin::Files { cert, key } => [Some(cert), Some(key), client_ca.as_ref()],
            Origin::Made { .. } => [None, None, client_ca.as_ref()],
        };
        let seen = Seen::of(files.into_iter().flatten().map(PathBuf::from).collect());
        let (config, warnings) = read(&origin, client_ca.as_deref(), &allowed_names)?;
        let config = RwLock::new(Arc::new(config));
        Ok((Arc::new(Tls { origin, client_ca, allowed_names, seen, config }), warnings))
    }

    /// What reads the files again; `None` where there are none.
    pub(crate) fn source(self: &Arc<Self>) -> Option<Source> {
        if self.client_ca.is_none() && matches!(self.origin, Origin::Made { .. }) {
            return None;
        }
        let tls = self.clone();
        Some(Source::new("TLS", self.seen.clone(), move || tls.reload()))
    }

    fn reload(&self) -> Result<(), Vec<String>> {
        let (config, warnings) =
            read(&self.origin, self.client_ca.as_deref(), &self.allowed_names)?;
        for warning in warnings {
            tracing::warn!("{warning}");
        }
        *self.config.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(config);
        Ok(())
    }

    /// The SHA-256 of a certificate that was made at the start.
    pub(crate) fn fingerprint(&self) -> Option<&str> {
        match &self.origin {
            Origin::Files { .. } => None,
            Origin::Made { fingerprint, .. } => Some(fingerprint),
        }
    }

    /// Waits until the client has said hello.
    ///
    /// # Errors
    ///
    /// What the client says is no TLS; it has been told so.
    pub(crate) async fn hello(&self, stream: TcpStream) -> io::Result<Hello> {
        LazyConfigAcceptor::new(Acceptor::default(), stream).await.map(Hello)
    }

    /// Opens the connection.
    ///
    /// # Errors
    ///
    /// There is nothing that both sides speak, the client is not let in, or it goes away.
    pub(crate) async fn finish(&self, hello: Hello) -> io::Result<Secured> {
        let Hello(start) = hello;
        let config = self.config.read().unwrap_or_else(PoisonError::into_inner).clone();
        let stream = start.into_stream(config).await?;
        let (_, session) = stream.get_ref();
        let protocol = match session.alpn_protocol() {
            Some(HTTP2) => Protocol::Http2,
            Some(_) => Protocol::Http1,
            None => Protocol::Unsaid,
        };
        let certificate = match session.peer_certificates().and_then(<[_]>::first) {
            Some(der) => Some(certificate(der)?),
            None => None,
        };
        Ok(Secured { stream, certificate, protocol })
    }
}

/// The certificate of a client, which has been checked. In a session that is resumed that was some time ago.
fn certificate(der: &[u8]) -> io::Result<Arc<Certificate>> {
    let refused = |why| io::Error::new(io::ErrorKind::InvalidData, why);
    let facts = Facts::of(der).ok_or_else(|| refused("the certificate of the client is broken"))?;
    if facts.not_after < SystemTime::now() {
        return Err(refused("the certificate of the client has expired since it was shown"));
    }
    Ok(Arc::new(Certificate::new(facts.common_name, facts.dns_names, der.to_vec())))
}

fn read(
    origin: &Origin,
    client_ca: Option<&str>,
    allowed_names: &[String],
) -> Result<(ServerConfig, Vec<String>), Vec<String>> {
    let mut findings = Findings::default();
    let identity = match origin {
        Origin::Made { identity, .. } => Some(identity.clone()),
        Origin::Files { cert, key } => files::identity(
            Named { setting: "tls_cert", path: cert },
            Named { setting: "tls_key", path: key },
            &mut findings,
        ),
    };
    let roots =
        client_ca.map(|path| files::roots(Named { setting: "tls_client_ca", path }, &mut findings));
    let Findings { mut wrong, warnings } = findings;
    let clients = match roots.flatten().map(|roots| Clients::new(roots, allowed_names.to_vec())) {
        Some(Ok(clients)) => Some(clients),
        Some(Err(error)) => {
            wrong.push(format!("the certificates of `tls_client_ca` cannot be used: {error}"));
            None
        }
        None => None,
    };
    let Some(identity) = identity.filter(|_| wrong.is_empty()) else { return Err(wrong) };
    let config = ServerConfig::builder_with_provider(provider())
        .with_protocol_versions(ALL_VERSIONS)
        .map_err(|error| vec![format!("TLS cannot be spoken: {error}")])?;
    let config = match clients {
        Some(clients) => config.with_client_cert_verifier(Arc::new(clients)),
        None => config.with_no_client_auth(),
    };
    let identity = Arc::unwrap_or_clone(identity);
    let mut config = config.with_cert_resolver(Arc::new(SingleCertAndKey::from(identity)));
    config.alpn_protocols = vec![HTTP2.to_vec(), HTTP1.to_vec()];
    Ok((config, warnings))
}
