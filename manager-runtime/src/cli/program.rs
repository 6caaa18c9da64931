//! What `manager!` says, one method for each of its keys.

use std::any::{TypeId, type_name};
use std::fmt;
use std::future::Future;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;

use crate::config::{IntoCount, IntoDuration, IntoSize};
use crate::error::Result;
use crate::manager::{IntoOrigins, IntoText, Manager, Plan, Provided, shown};
use crate::middleware::{Layered, Mount, Mounted};
use crate::panics;
use crate::replica::run::catch;
use crate::state::StateType;
use crate::tower::{TowerLayer, TowerService, mounted, short_name, tower_layer};

/// A program that is nothing but a service, as `manager!` builds it for [`run`](super::run()).
///
/// Nothing in it has been checked, and none of its resources has been made.
#[must_use = "a program does nothing until it is run"]
pub struct Program {
    /// `module_path!()` where `manager!` stands; it begins with the name of the crate.
    module: &'static str,
    version: Option<&'static str>,
    manager: Manager,
    /// Collected, because the settings take all named keys at once.
    api_keys: Option<Vec<(String, String)>>,
    resources: Vec<Promise>,
    fittings: Fittings,
    crates: Vec<&'static str>,
}

/// `Into<StateType>`, under a name that can say what goes into the state.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a value of the state",
    label = "not a kind of value that the state keeps",
    note = "it keeps `&str`, `String`, `i32`, `i64`, `f32`, `f64`, `bool`, `serde_json::Value` and any `Arc<T>`",
    note = "wrap a value of another type: `StateType::any(..)`"
)]
pub trait IntoState {
    /// The value with its kind.
    fn into_state(self) -> StateType;
}

#[diagnostic::do_not_recommend]
impl<T: Into<StateType>> IntoState for T {
    fn into_state(self) -> StateType {
        self.into()
    }
}

/// What a program consists of, for the commands.
pub(super) struct Parts {
    pub(super) manager: Manager,
    pub(super) resources: Vec<Promise>,
    pub(super) fittings: Fittings,
    pub(super) crates: Vec<&'static str>,
}

/// A resource whose type is known and whose value is made on `serve` and `call` alone.
pub(super) struct Promise {
    id: TypeId,
    name: &'static str,
    make: Make<Provided>,
}

/// Makes something on the thread that runs the program, one after the other; so it need not be `Send`.
type Make<T> = Box<dyn FnOnce() -> Pin<Box<dyn Future<Output = Result<T>>>>>;

type MakeService = Make<Arc<dyn Mounted>>;

/// What only a program that listens needs: layers, and services below a path, which are known by it.
#[derive(Default)]
pub(super) struct Fittings {
    layers: Vec<(&'static str, Make<Layered>)>,
    services: Vec<(Arc<str>, MakeService)>,
}

impl Fittings {
    /// Makes them, and puts them where the plan has their place.
    ///
    /// # Errors
    ///
    /// A text that names what could not be made.
    pub(super) async fn keep(self, plan: &mut Plan) -> Result<(), String> {
        for (name, make) in self.layers {
            plan.layers.push(keep(format!("the layer `{name}`"), make).await?);
        }
        for (path, make) in self.services {
            let service = keep(format!("the service at `{path}`"), make).await?;
            if let Some(mount) = plan.mounts.iter_mut().find(|mount| mount.path == path) {
                mount.service = Some(service);
            }
        }
        Ok(())
    }
}

/// A panic is a failure as well: `connect().await.unwrap()` is how a first program says that it cannot do
/// without.
async fn keep<T>(what: String, make: Make<T>) -> Result<T, String> {
    // Inside, because a plain expression may panic before there is a future.
    match catch(async move { make().await }).await {
        Ok(made) => made.map_err(|error| format!("{what} cannot be made: {}", error.story())),
        Err(panic) => Err(format!("{what} cannot be made: panicked{}", panics::story(&*panic))),
    }
}

impl Program {
    /// A program that says nothing yet; `module` is the `module_path!()` of its `manager!`.
    pub fn new(module: &'static str) -> Self {
        Program {
            module,
            version: None,
            manager: Manager::new_default(),
            api_keys: None,
            resources: Vec::new(),
            fittings: Fittings::default(),
            crates: Vec::new(),
        }
    }

    /// The version that `--version` prints: that of the program's own package.
    pub fn version(mut self, version: impl Into<Option<&'static str>>) -> Self {
        self.version = version.into();
        self
    }

    /// `bind: "127.0.0.1:8080"`
    pub fn bind(mut self, address: impl fmt::Display) -> Self {
        self.manager.layer().bind(address);
        self
    }

    /// `private_bind: "127.0.0.1:9090"`
    pub fn private_bind(mut self, address: impl fmt::Display) -> Self {
        self.manager.layer().private_bind(address);
        self
    }

    /// `api_key: KEY`
    pub fn api_key(mut self, key: impl IntoText) -> Self {
        self.manager.layer().api_key(key.into_text().as_deref());
        self
    }

    /// `api_keys: { "name": KEY }`, once for each.
    pub fn api_keys(mut self, name: impl Into<String>, key: impl IntoText) -> Self {
        let named = key.into_text().map(|key| (name.into(), key));
        self.api_keys.get_or_insert_default().extend(named);
        self
    }

    /// `api_keys_file: "keys.toml"`
    pub fn api_keys_file(mut self, path: impl AsRef<Path>) -> Self {
        self.manager.layer().api_keys_file(shown(path.as_ref()));
        self
    }

    /// `rate: "100/s"`
    pub fn rate(mut self, rate: impl Into<String>) -> Self {
        self.manager.layer().rate(rate);
        self
    }

    /// `burst: 20`
    pub fn burst(mut self, burst: impl IntoCount) -> Self {
        self.manager.layer().burst(burst.into_count());
        self
    }

    /// `max_requests: 10_000`
    pub fn max_requests(mut self, requests: impl IntoCount) -> Self {
        self.manager.layer().max_requests(requests.into_count());
        self
    }

    /// `streams: 1_000`
    pub fn streams(mut self, streams: impl IntoCount) -> Self {
        self.manager.layer().streams(streams.into_count());
        self
    }

    /// `connections: 25_000`
    pub fn connections(mut self, connections: impl IntoCount) -> Self {
        self.manager.layer().connections(connections.into_count());
        self
    }

    /// `connections_per_address: 5_000`
    pub fn connections_per_address(mut self, connections: impl IntoCount) -> Self {
        self.manager.layer().connections_per_address(connections.into_count());
        self
    }

    /// `keep_alive: "75s"`
    pub fn keep_alive(mut self, time: impl IntoDuration) -> Self {
        self.manager.layer().keep_alive(time);
        self
    }

    /// `drain: "30s"`
    pub fn drain(mut self, time: impl IntoDuration) -> Self {
        self.manager.layer().drain(time);
        self
    }

    /// `body_limit: "2MiB"`
    pub fn body_limit(mut self, limit: impl IntoSize) -> Self {
        self.manager.layer().body_limit(limit);
        self
    }

    /// `upload_limit: "10GiB"`
    pub fn upload_limit(mut self, limit: impl IntoSize) -> Self {
        self.manager.layer().upload_limit(limit);
        self
    }

    /// `head_limit: "16KiB"`
    pub fn head_limit(mut self, limit: impl IntoSize) -> Self {
        self.manager.layer().head_limit(limit);
        self
    }

    /// `head_timeout: "10s"`
    pub fn head_timeout(mut self, time: impl IntoDuration) -> Self {
        self.manager.layer().head_timeout(time);
        self
    }

    /// `body_timeout: "20s"`
    pub fn body_timeout(mut self, time: impl IntoDuration) -> Self {
        self.manager.layer().body_timeout(time);
        self
    }

    /// `handshake_timeout: "10s"`
    pub fn handshake_timeout(mut self, time: impl IntoDuration) -> Self {
        self.manager.layer().handshake_timeout(time);
        self
    }

    /// `tls: { cert: "cert.pem" }`
    pub fn tls_cert(mut self, file: impl IntoText) -> Self {
        self.manager.layer().tls_cert(file.into_text());
        self
    }

    /// `tls: { key: "key.pem" }`
    pub fn tls_key(mut self, file: impl IntoText) -> Self {
        self.manager.layer().tls_key(file.into_text());
        self
    }

    /// `tls: { client_ca: "ca.pem" }`
    pub fn tls_client_ca(mut self, file: impl IntoText) -> Self {
        self.manager.layer().tls_client_ca(file.into_text());
        self
    }

    /// `tls: { allowed_names: ["client.example.com"] }`
    pub fn allowed_names<N: Into<String>>(mut self, names: impl IntoIterator<Item = N>) -> Self {
        self.manager.layer().allowed_names(names);
        self
    }

    /// `tls: { dev: true }`
    pub fn tls_dev(mut self, on: bool) -> Self {
        self.manager.layer().tls_dev(on);
        self
    }

    /// `min_rate: "500B"`
    pub fn min_rate(mut self, rate: impl IntoSize) -> Self {
        self.manager.layer().min_rate(rate);
        self
    }

    /// `handlers: ["add", "billing.*"]`
    pub fn handlers<N: Into<String>>(mut self, names: impl IntoIterator<Item = N>) -> Self {
        self.manager.layer().handlers(names);
        self
    }

    /// `request_id: true`
    pub fn request_id(mut self, on: bool) -> Self {
        self.manager.layer().request_id(on);
        self
    }

    /// `access_log: true`
    pub fn access_log(mut self, on: bool) -> Self {
        self.manager.layer().access_log(on);
        self
    }

    /// `cors: ["https://app.example.com"]`, or `cors: "*"`
    pub fn cors(mut self, origins: impl IntoOrigins) -> Self {
        self.manager.layer().cors(origins.into_origins());
        self
    }

    /// `compression: true`
    pub fn compression(mut self, on: bool) -> Self {
        self.manager.layer().compression(on);
        self
    }

    /// `files: "uploads"`
    pub fn files(mut self, directory: impl AsRef<Path>) -> Self {
        self.manager.layer().files(shown(directory.as_ref()));
        self
    }

    /// `files_quota: "50GiB"`
    pub fn files_quota(mut self, quota: impl IntoSize) -> Self {
        self.manager.layer().files_quota(quota);
        self
    }

    /// `static_files: { "/assets": "public" }`, once for each.
    pub fn static_files(mut self, prefix: impl Into<String>, directory: impl AsRef<Path>) -> Self {
        self.manager.layer().static_files(prefix.into(), shown(directory.as_ref()));
        self
    }

    /// `public_static: ["/assets"]`
    pub fn public_static<P: Into<String>>(mut self, prefixes: impl IntoIterator<Item = P>) -> Self {
        self.manager.layer().public_static(prefixes);
        self
    }

    /// `state: { "key": value }`, once for each.
    pub fn state(mut self, key: &str, value: impl IntoState) -> Self {
        self.manager.add_global_state(key, value.into_state());
        self
    }

    /// `provide: [value]`, once for each. The type is known from here on; the value is made by whoever
    /// needs it.
    pub fn provide<T, F>(mut self, make: impl FnOnce() -> F + 'static) -> Self
    where
        T: Send + Sync + 'static,
        F: Future<Output = Result<T>> + 'static,
    {
        let (id, name) = (TypeId::of::<T>(), type_name::<T>());
        let make: Make<Provided> = Box::new(move || {
            Box::pin(async move { Ok(Provided { id, name, resource: Arc::new(make().await?) }) })
        });
        self.resources.push(Promise { id, name, make });
        self
    }

    /// `layers: [layer]`, once for each, the outermost first. It is made inside of the runtime.
    pub fn layers<L, F>(mut self, make: impl FnOnce() -> F + 'static) -> Self
    where
        L: TowerLayer,
        F: Future<Output = Result<L>> + 'static,
    {
        let make: Make<Layered> =
            Box::new(move || Box::pin(async move { make().await.map(tower_layer) }));
        self.fittings.layers.push((short_name::<L>(), make));
        self
    }

    /// `mount: { "/legacy": service }`, once for each. It is made inside of the runtime as well.
    pub fn mount<S, F>(mut self, path: &str, make: impl FnOnce() -> F + 'static) -> Self
    where
        S: TowerService,
        F: Future<Output = Result<S>> + 'static,
    {
        let make: MakeService =
            Box::new(move || Box::pin(async move { make().await.map(mounted) }));
        self.fittings.services.push((path.into(), make));
        let name = short_name::<S>();
        self.manager.push_mount(Mount { path: path.into(), name, service: None });
        self
    }

    /// `crates: [billing]`: the crates that hold handlers.
    pub fn crates(mut self, names: &[&'static str]) -> Self {
        self.crates.extend(names);
        self
    }

    /// The crate that `manager!` stands in.
    pub(super) fn package(&self) -> &'static str {
        crate_of(self.module)
    }

    pub(super) fn own_version(&self) -> Option<&'static str> {
        self.version
    }

    pub(super) fn into_parts(self) -> Parts {
        let Program { module: _, version: _, mut manager, api_keys, resources, fittings, crates } =
            self;
        if let Some(named) = api_keys {
            manager.layer().api_keys(named);
        }
        Parts { manager, resources, fittings, crates }
    }
}

impl fmt::Debug for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Program").field("module", &self.module).finish_non_exhaustive()
    }
}

/// What checking a program needs of its resources.
pub(super) fn promised(resources: &[Promise]) -> Vec<(TypeId, &'static str)> {
    resources.iter().map(|promise| (promise.id, promise.name)).collect()
}

impl Promise {
    /// Makes the value.
    ///
    /// # Errors
    ///
    /// A text that names the type.
    pub(super) async fn keep(self) -> Result<Provided, String> {
        let Promise { id: _, name, make } = self;
        keep(format!("the resource `{name}`"), make).await
    }
}

/// The crate of a module path.
pub(super) fn crate_of(module: &str) -> &str {
    module.split("::").next().unwrap_or(module)
}
