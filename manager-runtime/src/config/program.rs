//! Settings out of the program: `manager! { .. }` and the builder.

use std::fmt::Display;

use super::layer::{Layer, Raw, Source, Written};
use super::secret::{Secret, WrittenKey};
use super::settings::Each;
use super::value::{IntoDuration, IntoSize, ValueError};

/// The way in which the program writes a setting; it only changes how the place is called.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Door {
    /// `Manager::with_bind(..)`, shown as `with_bind`.
    #[default]
    Builder,
    /// `manager! { bind: .. }`, shown as `manager! { bind }`.
    Macro,
}

// A setting that the program cannot set yet breaks the compile here: give it a method below.
const _: fn(Each<()>) = |settings| {
    let Each {
        bind: (),
        private_bind: (),
        api_keys: (),
        api_keys_file: (),
        rate: (),
        burst: (),
        max_requests: (),
        streams: (),
        connections: (),
        connections_per_address: (),
        keep_alive: (),
        drain: (),
        body_limit: (),
        upload_limit: (),
        files: (),
        files_quota: (),
        handshake_timeout: (),
        tls_cert: (),
        tls_key: (),
        tls_client_ca: (),
        allowed_names: (),
        tls_dev: (),
        head_limit: (),
        head_timeout: (),
        body_timeout: (),
        min_rate: (),
        handlers: (),
        request_id: (),
        access_log: (),
        cors: (),
        compression: (),
        static_files: (),
        public_static: (),
    } = settings;
};

/// One method for each setting, called as in the file. `None` takes back what was written before. What
/// cannot be read becomes a finding at the start, so that it is listed with everything else.
impl Layer {
    /// An empty layer, written to through the builder.
    pub(crate) fn program() -> Self {
        Self::default()
    }

    /// Names what is written from now on after this door.
    pub(crate) fn door(&mut self, door: Door) -> &mut Self {
        self.door = door;
        self
    }

    /// Takes text and everything that displays as an address, such as `SocketAddr`.
    pub(crate) fn bind(&mut self, address: impl Display) -> &mut Self {
        self.values.bind = self.written("bind", Some(Raw::Text(address.to_string())));
        self
    }

    /// As [`bind`](Self::bind), for the second address.
    pub(crate) fn private_bind(&mut self, address: impl Display) -> &mut Self {
        let address = Some(Raw::Text(address.to_string()));
        self.values.private_bind = self.written("private_bind", address);
        self
    }

    /// The one key, or the one of several that is called `default`.
    pub(crate) fn api_key<'a>(&mut self, key: impl Into<Option<&'a str>>) -> &mut Self {
        let source = self.source("api_key");
        let mut keys = self.keys();
        keys.retain(|key| key.source != source);
        keys.extend(key.into().map(|key| WrittenKey::only(Secret::from(key), source)));
        self.write_keys(keys);
        self
    }

    /// Several keys by name. To write that there are none is a mistake: it would open the service.
    pub(crate) fn api_keys<N, K>(&mut self, named: impl IntoIterator<Item = (N, K)>) -> &mut Self
    where
        N: Into<String>,
        K: AsRef<str>,
    {
        let source = self.source("api_keys");
        let mut keys = self.keys();
        keys.retain(|key| key.source != source);
        keys.extend(named.into_iter().map(|(name, key)| {
            WrittenKey::new(name.into(), Secret::from(key.as_ref()), source.clone())
        }));
        self.values.api_keys = Some(Written { raw: Raw::Keys(keys), source });
        self
    }

    pub(crate) fn api_keys_file(&mut self, path: String) -> &mut Self {
        self.values.api_keys_file = self.written("api_keys_file", Some(Raw::Quoted(path)));
        self
    }

    pub(crate) fn rate(&mut self, rate: impl Into<String>) -> &mut Self {
        self.values.rate = self.written("rate", Some(Raw::Text(rate.into())));
        self
    }

    pub(crate) fn burst(&mut self, burst: impl Into<Option<usize>>) -> &mut Self {
        self.values.burst = self.written("burst", count(burst.into()));
        self
    }

    pub(crate) fn max_requests(&mut self, requests: impl Into<Option<usize>>) -> &mut Self {
        self.values.max_requests = self.written("max_requests", count(requests.into()));
        self
    }

    pub(crate) fn streams(&mut self, streams: impl Into<Option<usize>>) -> &mut Self {
        self.values.streams = self.written("streams", count(streams.into()));
        self
    }

    pub(crate) fn connections(&mut self, connections: impl Into<Option<usize>>) -> &mut Self {
        self.values.connections = self.written("connections", count(connections.into()));
        self
    }

    pub(crate) fn connections_per_address(
        &mut self,
        connections: impl Into<Option<usize>>,
    ) -> &mut Self {
        self.values.connections_per_address =
            self.written("connections_per_address", count(connections.into()));
        self
    }

    pub(crate) fn keep_alive(&mut self, time: impl IntoDuration) -> &mut Self {
        self.values.keep_alive = self.written("keep_alive", duration(time));
        self
    }

    pub(crate) fn drain(&mut self, time: impl IntoDuration) -> &mut Self {
        self.values.drain = self.written("drain", duration(time));
        self
    }

    pub(crate) fn body_limit(&mut self, limit: impl IntoSize) -> &mut Self {
        self.values.body_limit = self.written("body_limit", size(limit));
        self
    }

    pub(crate) fn upload_limit(&mut self, limit: impl IntoSize) -> &mut Self {
        self.values.upload_limit = self.written("upload_limit", size(limit));
        self
    }

    pub(crate) fn head_limit(&mut self, limit: impl IntoSize) -> &mut Self {
        self.values.head_limit = self.written("head_limit", size(limit));
        self
    }

    pub(crate) fn head_timeout(&mut self, time: impl IntoDuration) -> &mut Self {
        self.values.head_timeout = self.written("head_timeout", duration(time));
        self
    }

    pub(crate) fn body_timeout(&mut self, time: impl IntoDuration) -> &mut Self {
        self.values.body_timeout = self.written("body_timeout", duration(time));
        self
    }

    pub(crate) fn handshake_timeout(&mut self, time: impl IntoDuration) -> &mut Self {
        self.values.handshake_timeout = self.written("handshake_timeout", duration(time));
        self
    }

    pub(crate) fn tls_cert(&mut self, file: Option<String>) -> &mut Self {
        self.values.tls_cert = self.pem("with_tls", file);
        self
    }

    pub(crate) fn tls_key(&mut self, file: Option<String>) -> &mut Self {
        self.values.tls_key = self.pem("with_tls", file);
        self
    }

    pub(crate) fn tls_client_ca(&mut self, file: Option<String>) -> &mut Self {
        self.values.tls_client_ca = self.pem("with_client_ca", file);
        self
    }

    pub(crate) fn allowed_names<N: Into<String>>(
        &mut self,
        names: impl IntoIterator<Item = N>,
    ) -> &mut Self {
        let raw = Raw::List(names.into_iter().map(Into::into).collect());
        self.values.allowed_names =
            Some(Written { raw, source: self.tls_source("with_allowed_names") });
        self
    }

    pub(crate) fn tls_dev(&mut self, on: bool) -> &mut Self {
        let raw = Raw::Switch(on);
        self.values.tls_dev = Some(Written { raw, source: self.tls_source("with_tls_dev") });
        self
    }

    fn pem(&self, builder: &str, file: Option<String>) -> Option<Written> {
        file.map(|file| Written { raw: Raw::Quoted(file), source: self.tls_source(builder) })
    }

    /// In `manager!` all of TLS stands in one place.
    fn tls_source(&self, builder: &str) -> Source {
        Source::Program(match self.door {
            Door::Builder => builder.to_owned(),
            Door::Macro => "manager! { tls }".to_owned(),
        })
    }

    pub(crate) fn min_rate(&mut self, rate: impl IntoSize) -> &mut Self {
        self.values.min_rate = self.written("min_rate", size(rate));
        self
    }

    pub(crate) fn handlers<N: Into<String>>(
        &mut self,
        names: impl IntoIterator<Item = N>,
    ) -> &mut Self {
        let names = names.into_iter().map(Into::into).collect();
        self.values.handlers = self.written("handlers", Some(Raw::List(names)));
        self
    }

    pub(crate) fn request_id(&mut self, on: impl Into<Option<bool>>) -> &mut Self {
        self.values.request_id = self.written("request_id", on.into().map(Raw::Switch));
        self
    }

    pub(crate) fn access_log(&mut self, on: impl Into<Option<bool>>) -> &mut Self {
        self.values.access_log = self.written("access_log", on.into().map(Raw::Switch));
        self
    }

    pub(crate) fn cors<O: Into<String>>(
        &mut self,
        origins: impl IntoIterator<Item = O>,
    ) -> &mut Self {
        let origins = origins.into_iter().map(Into::into).collect();
        self.values.cors = self.written("cors", Some(Raw::List(origins)));
        self
    }

    pub(crate) fn compression(&mut self, on: impl Into<Option<bool>>) -> &mut Self {
        self.values.compression = self.written("compression", on.into().map(Raw::Switch));
        self
    }

    pub(crate) fn files(&mut self, directory: String) -> &mut Self {
        self.values.files = self.written("files", Some(Raw::Quoted(directory)));
        self
    }

    pub(crate) fn files_quota(&mut self, quota: impl IntoSize) -> &mut Self {
        self.values.files_quota = self.written("files_quota", size(quota));
        self
    }

    /// Each call adds one: in the program they stand one by one.
    pub(crate) fn static_files(&mut self, prefix: String, directory: String) -> &mut Self {
        let mut table = match self.values.static_files.take() {
            Some(Written { raw: Raw::Table(table), .. }) => table,
            _ => Vec::new(),
        };
        table.push((prefix, directory));
        self.values.static_files = self.written("static_files", Some(Raw::Table(table)));
        self
    }

    pub(crate) fn public_static<P: Into<String>>(
        &mut self,
        prefixes: impl IntoIterator<Item = P>,
    ) -> &mut Self {
        let prefixes = prefixes.into_iter().map(Into::into).collect();
        self.values.public_static = self.written("public_static", Some(Raw::List(prefixes)));
        self
    }

    fn written(&self, name: &str, raw: Option<Raw>) -> Option<Written> {
        raw.map(|raw| Written { raw, source: self.source(name) })
    }

    fn source(&self, name: &str) -> Source {
        Source::Program(match self.door {
            Door::Builder => format!("with_{name}"),
            Door::Macro => format!("manager! {{ {name} }}"),
        })
    }

    /// The keys written so far: `api_key` and `api_keys` add up.
    fn keys(&mut self) -> Vec<WrittenKey> {
        match self.values.api_keys.take() {
            Some(Written { raw: Raw::Keys(keys), .. }) => keys,
            _ => Vec::new(),
        }
    }
}

impl Layer {
    /// Puts the keys of a source in place; with none of them the source says nothing about keys.
    pub(super) fn write_keys(&mut self, keys: Vec<WrittenKey>) {
        self.values.api_keys = keys
            .first()
            .map(|key| key.source.clone())
            .map(|source| Written { raw: Raw::Keys(keys), source });
    }
}

fn count(count: Option<usize>) -> Option<Raw> {
    // `usize` is at most 64 bits wide wherever Rust runs; the range of the setting refuses the rest.
    count.map(|count| Raw::Number(u64::try_from(count).unwrap_or(u64::MAX)))
}

fn duration(time: impl IntoDuration) -> Option<Raw> {
    raw(time.into_duration().map(|time| time.map(Raw::Time)))
}

fn size(size: impl IntoSize) -> Option<Raw> {
    raw(size.into_size().map(|size| size.map(Raw::Size)))
}

fn raw(value: Result<Option<Raw>, ValueError>) -> Option<Raw> {
    value.unwrap_or_else(|error| Some(Raw::Text(error.given().to_owned())))
}
