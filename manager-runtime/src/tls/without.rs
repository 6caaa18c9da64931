//! What stands in the place of TLS in a build without it: the settings refuse it, so there is none.

use std::io;
use std::sync::Arc;

use tokio::net::TcpStream;

use super::Protocol;
use crate::config::Settings;
use crate::peer::Certificate;
use crate::reload;

/// Nothing.
pub(crate) enum Tls {}

/// Nothing either.
pub(crate) enum Hello {}

pub(crate) type Stream = TcpStream;

pub(crate) struct Secured {
    pub(crate) stream: Stream,
    pub(crate) certificate: Option<Arc<Certificate>>,
    pub(crate) protocol: Protocol,
}

/// Nothing, again.
pub(crate) enum Connector {}

pub(crate) type ServerStream = TcpStream;

impl Connector {
    pub(crate) fn new(
        _ca: Option<&str>,
        _identity: Option<(&str, &str)>,
    ) -> Result<Self, Vec<String>> {
        Err(vec!["this build has no TLS; use an `http://` address".to_owned()])
    }

    pub(crate) async fn connect(
        &self,
        _host: &str,
        _stream: TcpStream,
    ) -> io::Result<ServerStream> {
        match *self {}
    }
}

impl Tls {
    pub(crate) fn open(_settings: &Settings) -> Result<(Arc<Tls>, Vec<String>), Vec<String>> {
        Err(vec!["this program was built without TLS".to_owned()])
    }

    pub(crate) fn source(self: &Arc<Self>) -> Option<reload::Source> {
        match **self {}
    }

    pub(crate) fn fingerprint(&self) -> Option<&str> {
        match *self {}
    }

    pub(crate) async fn hello(&self, _stream: TcpStream) -> io::Result<Hello> {
        match *self {}
    }

    pub(crate) async fn finish(&self, _hello: Hello) -> io::Result<Secured> {
        match *self {}
    }
}
