//! The table of the settings, and the settings as checked.

use std::path::Path;
use std::time::Duration;

use super::address::Address;
use super::files::{Folders, MaybeDirectory, Prefixes, StaticFolder};
use super::finding::{Finding, Warning};
use super::handlers::Handlers;
use super::key_file::MaybeKeyFile;
use super::kind::{
    Count, Keys, Kind, Listen, MaybeCount, MaybeListen, MaybeRate, MaybeSize, Names, Size, Switch,
    Time,
};
use super::layer::{Layer, Source, Written, quoted};
use super::origins::{AllowedOrigins, Origins};
use super::report::Row;
use super::secret::ApiKeys;
use super::tls::{ClientNames, MaybePem};
use crate::rate::Rate;

// A permit of a tokio semaphore stands for each; this is what one of them holds on a 32-bit target.
const MANY: usize = (u32::MAX >> 3) as usize;
const MILLISECOND: Duration = Duration::from_millis(1);
// Far beyond any use, and far below what overflows when it is added to a point in time.
const YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);
const KIB: u64 = 1 << 10;
const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;
const TIB: u64 = 1 << 40;
const PIB: u64 = 1 << 50;

/// Makes everything that must know every setting out of one row for each:
///
/// ```text
/// /// What the row says.                               struct Settings {
/// drain: Duration = 30 s, Time { .. };                     /// What the row says.
///                                                          pub(crate) drain: Duration,
///                                                          sources: Each<Source>,
///                                                      }
///                                                      struct Each<T> { pub(crate) drain: T }
/// ```
///
/// with `Settings::default`, `overlay` (checks a layer and puts its values over what is there), `rows` (the
/// listing), `Key::all` (what the sources and the command line ask for), and `Each::slot` (a field by name).
macro_rules! settings {
    ($(
        #[doc = $about:literal]
        $(#[doc = $more:literal])*
        $key:ident: $value:ty = $default:expr, $kind:expr;
    )+) => {
        /// The settings as checked: what the server goes by.
        ///
        /// Only [`Settings::resolve`] makes them, from what passed every check. They are read at the start
        /// and do not change while the service runs.
        #[derive(Debug, Clone)]
        pub(crate) struct Settings {
            $(
                #[doc = $about]
                $(#[doc = $more])*
                pub(crate) $key: $value,
            )+
            /// Where each value came from, for the listing.
            pub(super) sources: Each<Source>,
        }

        /// One `T` for each setting.
        #[derive(Debug, Clone, Default)]
        pub(super) struct Each<T> {
            $(pub(super) $key: T,)+
        }

        impl Default for Settings {
            fn default() -> Self {
                Self { $($key: $default,)+ sources: Each::default() }
            }
        }

        impl Settings {
            fn overlay(&mut self, layer: Each<Option<Written>>, findings: &mut Vec<Finding>) {
                let Each { $($key,)+ } = layer;
                $(
                    if let Some(written) = $key {
                        match ($kind).check(stringify!($key), &written) {
                            Ok(value) => {
                                self.$key = value;
                                self.sources.$key = written.source;
                            }
                            Err(mut found) => findings.append(&mut found),
                        }
                    }
                )+
            }

            /// The listing, in the order of the table.
            pub(super) fn rows(&self) -> Vec<Row> {
                let Self { $($key,)+ sources } = self;
                let mut rows = Vec::new();
                $(rows.extend(($kind).rows(stringify!($key), $key, &sources.$key));)+
                rows
            }
        }

        impl Key {
            /// Every setting, in the order of the table.
            pub(crate) fn all() -> Vec<Key> {
                let Settings { $($key,)+ sources: _ } = Settings::default();
                vec![$(Key::new(stringify!($key), $about.trim_ascii(), $kind, &$key),)+]
            }
        }

        impl<T> Each<T> {
            /// The place of the setting with this name.
            pub(super) fn slot(&mut self, name: &str) -> Option<&mut T> {
                match name {
                    $(stringify!($key) => Some(&mut self.$key),)+
                    _ => None,
                }
            }
        }
    };
}

settings! {
    /// The address to listen on; port 0 takes any free one.
    bind: Address = Address::LOCAL, Listen;

    /// A second address, for the handlers that are `private`; port 0 takes any free one.
    private_bind: Option<Address> = None, MaybeListen;

    /// The keys that open the service; with none of them it is open to everyone.
    api_keys: ApiKeys = ApiKeys::default(), Keys;

    /// A file with more keys, a line `name = "key"` for each; read again when it changes.
    api_keys_file: Option<String> = None, MaybeKeyFile;

    /// How often each client may ask, by its key or its address: `100/s`, `30/m`, `5/h`; beyond it 429.
    rate: Option<Rate> = None, MaybeRate;

    /// How many of these requests may come at once; what a second brings if nothing is said.
    burst: Option<usize> = None, MaybeCount(Count { min: 1, max: Rate::MOST as usize });

    /// Requests in flight at once; one more is refused with 503.
    max_requests: usize = 10_000, Count { min: 1, max: MANY };

    /// Streams open at once: uploads, streamed answers, events, WebSockets; one more is refused with 503.
    streams: usize = 1_000, Count { min: 1, max: MANY };

    /// Connections open at once; one more waits to be accepted.
    connections: usize = 25_000, Count { min: 1, max: MANY };

    /// Connections open at once from one address, or from one /64 of IPv6; one more is closed at once.
    connections_per_address: usize = 5_000, Count { min: 1, max: MANY };

    /// How long a connection may stand idle between two requests.
    keep_alive: Duration = Duration::from_secs(75), Time { min: MILLISECOND, max: YEAR };

    /// How long a stop waits for what is running before it cuts it; 0 does not wait.
    drain: Duration = Duration::from_secs(30), Time { min: Duration::ZERO, max: YEAR };

    /// The largest body of a message, in bytes.
    body_limit: u64 = 2 * MIB, Size { min: 1, max: TIB };

    /// The largest file that a client may upload, in bytes.
    upload_limit: u64 = 10 * GIB, Size { min: 1, max: TIB };

    /// The largest head of a request, in bytes.
    ///
    /// hyper panics on a read buffer below 8 KiB.
    head_limit: u64 = 16 * KIB, Size { min: 8 * KIB, max: MIB };

    /// How long the head of a request may take, from its first byte.
    head_timeout: Duration = Duration::from_secs(10), Time { min: MILLISECOND, max: YEAR };

    /// How long a pause may be in the body of a request, and in the reading of an answer.
    body_timeout: Duration = Duration::from_secs(20), Time { min: MILLISECOND, max: YEAR };

    /// How much of a body must come, and of an answer be taken, in a second.
    min_rate: u64 = 500, Size { min: 1, max: GIB };

    /// How long a client may take to open TLS.
    handshake_timeout: Duration = Duration::from_secs(10), Time { min: MILLISECOND, max: YEAR };

    /// The file with the certificate that TLS is spoken with, and those that have signed it.
    tls_cert: Option<String> = None, MaybePem;

    /// The file with the private key of the certificate.
    tls_key: Option<String> = None, MaybePem;

    /// The file with the certificates that have to have signed those of clients; without it none is asked for.
    tls_client_ca: Option<String> = None, MaybePem;

    /// The names of the certificates of clients that may come in; without any all may that are signed.
    allowed_names: Vec<String> = Vec::new(), ClientNames;

    /// Whether TLS is spoken with a certificate for this machine that is made at the start, for development.
    tls_dev: bool = false, Switch::TLS;

    /// The handlers of the registry to run, by name; `*` stands for any run of characters.
    handlers: Handlers = Handlers::All, Names;

    /// Whether every answer says the number of its request, in `X-Request-Id`.
    request_id: bool = false, Switch::ON;

    /// Whether there is a line in the log for every request.
    access_log: bool = false, Switch::ON;

    /// The sites whose pages may ask from a browser (CORS); `*` stands for all.
    cors: Origins = Origins::None, AllowedOrigins;

    /// Whether answers are compressed for clients that read it.
    compression: bool = false, Switch::COMPRESSION;

    /// The directory of the ready-made store of files.
    files: Option<String> = None, MaybeDirectory;

    /// How many bytes all files of the store may have together.
    files_quota: Option<u64> = None, MaybeSize(Size { min: 1, max: PIB });

    /// Directories that are served as they are, each below a path: `/assets=public`.
    static_files: Vec<StaticFolder> = Vec::new(), Folders;

    /// The paths of `static_files` that need no key.
    public_static: Vec<String> = Vec::new(), Prefixes;
}

impl Settings {
    /// Lays the layers over the defaults and checks every value in every one of them, those that a later
    /// layer hides too.
    ///
    /// # Errors
    ///
    /// Everything that is wrong in any source, in the order of the sources.
    pub(crate) fn resolve(layers: Layers) -> Result<(Self, Vec<Warning>), Vec<Finding>> {
        let Layers { program, file, environment, flags } = layers;
        let mut settings = Self::default();
        let mut findings = Vec::new();
        let mut warnings = Vec::new();

        // The order is the rule: the later wins.
        for layer in [program, file, environment, flags] {
            let Layer { values, port, findings: mut found, warnings: mut warned, door: _ } = layer;
            settings.overlay(values, &mut found);
            if let Some(port) = port {
                settings.replace_port(&port, &mut found);
            }
            // Reading and checking each found some; together they follow the lines of the file.
            found.sort_by_key(|finding| finding.at.line());
            findings.append(&mut found);
            warnings.append(&mut warned);
        }

        if findings.is_empty() {
            settings.check_public_static(&mut findings);
            settings.check_burst(&mut findings);
            settings.check_tls(&mut findings);
            settings.read_keys(&mut findings, &mut warnings);
        }
        // Whoever has no certificate is not let in either.
        if settings.api_keys.is_empty() && settings.tls_client_ca.is_none() {
            warnings.push(Warning::Open { bind: settings.bind.clone() });
        }
        if findings.is_empty() { Ok((settings, warnings)) } else { Err(findings) }
    }

    /// What needs no key has to be there. Any source may have the last word on either of the two, so only
    /// what comes out of all is compared.
    fn check_public_static(&self, findings: &mut Vec<Finding>) {
        let is_served = |prefix: &String| self.static_files.iter().any(|it| it.prefix == *prefix);
        for prefix in self.public_static.iter().filter(|prefix| !is_served(prefix)) {
            findings.push(Finding::impossible(
                self.sources.public_static.clone(),
                "public_static",
                quoted(prefix),
                "a path that `static_files` serves",
            ));
        }
    }

    /// So many at once of what?
    fn check_burst(&mut self, findings: &mut Vec<Finding>) {
        match (self.rate, self.burst) {
            (Some(rate), Some(burst)) => {
                self.rate = Some(rate.burst(u32::try_from(burst).unwrap_or(Rate::MOST)));
            }
            (None, Some(burst)) => findings.push(Finding::impossible(
                self.sources.burst.clone(),
                "burst",
                format!("`{burst}` without a rate"),
                "a burst beside `rate`",
            )),
            (_, None) => {}
        }
    }

    /// Adds the keys of the file to the others.
    fn read_keys(&mut self, findings: &mut Vec<Finding>, warnings: &mut Vec<Warning>) {
        let Some(path) = &self.api_keys_file else { return };
        match self.api_keys.with_table(Path::new(path), &self.sources.api_keys_file) {
            Ok((keys, mut warned)) => {
                self.api_keys = keys;
                warnings.append(&mut warned);
            }
            Err(mut found) => findings.append(&mut found),
        }
    }

    /// Applies `PORT`, which platforms set. It belongs to the environment: it changes the port of whatever
    /// address was set up to there, and an address on the command line wins over it. A platform that sets it
    /// reaches the program from outside, so without any address it means all interfaces.
    fn replace_port(&mut self, port: &Written, findings: &mut Vec<Finding>) {
        let number = match Address::port_of(&port.raw) {
            Ok(number) => number,
            Err(given) => {
                let (at, allowed) = (port.source.clone(), "a port from 0 to 65535");
                findings.push(Finding::impossible(at, "bind", given, allowed));
                return;
            }
        };
        if self.sources.bind == Source::Default {
            self.bind = Address::EVERYWHERE;
            self.sources.bind = port.source.clone();
        } else {
            self.sources.bind = self.sources.bind.clone().with_port();
        }
        self.bind.port = number;
    }
}

/// What was written in each source; a source that is not asked for stays empty.
#[derive(Debug, Default)]
pub(crate) struct Layers {
    /// `manager! { .. }` and `Manager::with_*`.
    pub(crate) program: Layer,
    /// `manager.toml`.
    pub(crate) file: Layer,
    /// `MANAGER_*` and `PORT`.
    pub(crate) environment: Layer,
    /// The command line.
    pub(crate) flags: Layer,
}

/// A setting as the sources and the command line know it.
#[derive(Debug, Clone)]
pub(crate) struct Key {
    /// The name in `manager!` and `manager.toml`.
    pub(crate) name: &'static str,
    /// What it is for, in a line.
    pub(crate) about: &'static str,
    /// What it is without being set.
    pub(crate) default: String,
    /// What it may be.
    pub(crate) allowed: String,
    /// Never shown and never given on the command line, where every process can read it.
    pub(crate) secret: bool,
    /// Several values, which a flag may give one by one.
    pub(crate) list: bool,
    /// On or off, which a flag may say by being there.
    pub(crate) switch: bool,
}

impl Key {
    fn new<K: Kind>(name: &'static str, about: &'static str, kind: K, default: &K::Value) -> Self {
        let (default, allowed) = (kind.show(default), kind.allowed());
        let (secret, list, switch) = (K::SECRET, K::LIST, K::SWITCH);
        Self { name, about, default, allowed, secret, list, switch }
    }

    /// The environment variable, `MANAGER_KEEP_ALIVE`; none for a secret, which has names of its own.
    pub(crate) fn variable(&self) -> Option<String> {
        (!self.secret).then(|| format!("MANAGER_{}", self.name.to_ascii_uppercase()))
    }

    /// The flag without its two dashes, `keep-alive`; none for a secret.
    pub(crate) fn flag(&self) -> Option<String> {
        (!self.secret).then(|| self.name.replace('_', "-"))
    }
}
