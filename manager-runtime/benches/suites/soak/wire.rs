//! How clients reach the service, in plain text and over TLS.

use std::fs;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use manager_runtime::message;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// How long the content of `/blob` is.
pub(crate) const BLOB: usize = 4 * 1024 * 1024;

#[message]
pub(crate) struct Sum {
    pub(crate) a: i64,
    pub(crate) b: i64,
}

#[message]
pub(crate) struct Total {
    pub(crate) total: i64,
}

/// Where the certificate lies that was made for this run.
pub(crate) struct Folder {
    path: String,
    certificate: rcgen::Certificate,
}

impl Folder {
    pub(crate) fn new() -> Self {
        let path = std::env::temp_dir().join(format!("manager-soak-{}", std::process::id()));
        let path = path.to_str().expect("a path that is text").to_owned();
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]);
        let rcgen::CertifiedKey { cert, signing_key } = made.expect("a certificate");
        fs::create_dir_all(&path).expect("a folder");
        fs::write(format!("{path}/cert.pem"), cert.pem()).expect("a file");
        fs::write(format!("{path}/key.pem"), signing_key.serialize_pem()).expect("a file");
        Folder { path, certificate: cert }
    }

    pub(crate) fn path(&self) -> &str {
        &self.path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.path);
    }
}

/// Where the service listens.
#[derive(Clone)]
pub(crate) struct Places {
    pub(crate) plain: SocketAddr,
    pub(crate) secure: SocketAddr,
    roots: Arc<RootCertStore>,
}

/// Anything that bytes go through.
pub(crate) trait Socket: AsyncRead + AsyncWrite + Unpin + Send {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Socket for S {}

/// Which HTTP is to be spoken over TLS.
#[derive(Clone, Copy)]
pub(crate) enum Version {
    One,
    Two,
}

impl Places {
    /// Reads the first line of the service.
    pub(crate) fn parse(line: &str, folder: &Folder) -> Self {
        let mut addresses = line.split(' ').map(|one| one.parse().expect("an address"));
        let mut roots = RootCertStore::empty();
        roots.add(folder.certificate.der().clone()).expect("a certificate");
        let mut next = || addresses.next().expect("two addresses");
        Places { plain: next(), secure: next(), roots: Arc::new(roots) }
    }

    pub(crate) async fn connect(
        &self,
        secure: bool,
        version: Version,
    ) -> io::Result<Box<dyn Socket>> {
        if !secure {
            let stream = TcpStream::connect(self.plain).await?;
            stream.set_nodelay(true)?;
            return Ok(Box::new(stream));
        }
        let provider = Arc::new(aws_lc_rs::default_provider());
        let config =
            ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let config = config.map_err(io::Error::other)?.with_root_certificates(self.roots.clone());
        let mut config = config.with_no_client_auth();
        config.alpn_protocols = match version {
            Version::One => vec![b"http/1.1".to_vec()],
            Version::Two => vec![b"h2".to_vec()],
        };
        let stream = TcpStream::connect(self.secure).await?;
        stream.set_nodelay(true)?;
        let name = ServerName::try_from("localhost").map_err(io::Error::other)?;
        Ok(Box::new(TlsConnector::from(Arc::new(config)).connect(name, stream).await?))
    }
}
