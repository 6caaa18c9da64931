//! [`SharedState`], the store as its users see it.

use std::any::{Any, type_name};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::attempt::Attempt;
use super::convert::{FromState, IntoEntry};
use super::entries::{Entries, Version};
use super::error::StateError;
use super::kind::StateType;
use super::watch::Watch;

/// The key-value store that every handler sees.
///
/// Keys are text, values are of the kinds of [`StateType`]. All methods are plain ones: none waits, none
/// panics, and no lock is held when one returns. Closures and the `Drop` of values may use the state themselves,
/// even the same key.
///
/// Each method is atomic on its key. [`update`](SharedState::update),
/// [`compare_and_swap`](SharedState::compare_and_swap) and [`increment`](SharedState::increment) are for changes
/// that build on what is there. A key that has a time to live is gone when that has passed, for every method.
///
/// ```
/// use std::sync::Arc;
/// use manager_runtime::SharedState;
///
/// let state = Arc::new(SharedState::new());
/// state.insert("motd", "hello");
/// assert_eq!(state.get::<String>("motd")?.as_deref(), Some("hello"));
/// assert_eq!(state.get::<String>("ghost")?, None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Default)]
pub struct SharedState {
    /// Shared with the watches, which may outlive this handle.
    entries: Arc<Entries>,
}

impl SharedState {
    /// Makes an empty state.
    ///
    /// ```
    /// assert!(manager_runtime::SharedState::new().is_empty());
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads the value under `key` as a `T`; `None` if the key is absent. `T` is one of the types of
    /// [`FromState`]; [`StateType`] reads every kind.
    ///
    /// # Errors
    ///
    /// [`StateError::WrongType`] if the key holds a kind that does not read as `T`.
    ///
    /// ```
    /// use manager_runtime::{SharedState, StateType};
    ///
    /// let state = SharedState::new();
    /// state.insert("port", 8080);
    /// assert_eq!(state.get::<i64>("port")?, Some(8080));
    /// assert_eq!(state.get("port")?, Some(StateType::Int(8080)));
    /// assert!(state.get::<String>("port").is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn get<T: FromState>(&self, key: &str) -> Result<Option<T>, StateError> {
        let value = self.find(key);
        read(key, value.as_deref())
    }

    /// Reads the JSON under `key` into any type that serde can fill; `None` if the key is absent.
    ///
    /// # Errors
    ///
    /// [`StateError::WrongType`] if the key holds no JSON, [`StateError::Json`] if the JSON has another shape.
    ///
    /// ```
    /// use manager_runtime::SharedState;
    ///
    /// let state = SharedState::new();
    /// state.insert("primes", serde_json::json!([2, 3, 5]));
    /// assert_eq!(state.get_json::<Vec<u8>>("primes")?, Some(vec![2, 3, 5]));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn get_json<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, StateError> {
        let Some(value) = self.find(key) else {
            return Ok(None);
        };
        match &*value {
            StateType::Json(value) => T::deserialize(value)
                .map(Some)
                .map_err(|source| StateError::Json { key: key.to_owned(), source }),
            other => Err(wrong_type(key, Value::KIND, other)),
        }
    }

    /// Reads the shared value under `key`; `None` if the key is absent. `T` is exactly the type that was inserted
    /// by [`insert_any`](SharedState::insert_any) or as an `Arc<T>`.
    ///
    /// # Errors
    ///
    /// [`StateError::WrongType`] if the key holds another kind, or a shared value of another type.
    ///
    /// ```
    /// use manager_runtime::SharedState;
    ///
    /// struct Pool { size: usize }
    ///
    /// let state = SharedState::new();
    /// state.insert_any("pool", Pool { size: 4 });
    /// let pool = state.get_any::<Pool>("pool")?.expect("inserted above");
    /// assert_eq!(pool.size, 4);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn get_any<T: Any + Send + Sync>(&self, key: &str) -> Result<Option<Arc<T>>, StateError> {
        let Some(value) = self.find(key) else {
            return Ok(None);
        };
        match &*value {
            StateType::AnyType(any) => {
                Arc::clone(any).downcast().map(Some).map_err(|_| StateError::WrongType {
                    key: key.to_owned(),
                    wanted: type_name::<T>(),
                    found: "any of another type",
                })
            }
            other => Err(wrong_type(key, type_name::<T>(), other)),
        }
    }

    /// Stores a value under `key` and gives back the one that was there. The new value stays until it is replaced
    /// or deleted: a time to live that the key had is over.
    ///
    /// ```
    /// use manager_runtime::{SharedState, StateType};
    ///
    /// let state = SharedState::new();
    /// assert_eq!(state.insert("mode", "day"), None);
    /// assert_eq!(state.insert("mode", "night"), Some(StateType::from("day")));
    /// ```
    pub fn insert(&self, key: &str, value: impl Into<StateType>) -> Option<StateType> {
        self.entries.insert(key, value.into(), None).map(Arc::unwrap_or_clone)
    }

    /// Stores a value of any type for [`get_any`](SharedState::get_any) and gives back the one that was there. An
    /// `Arc<T>` that exists already goes to [`insert`](SharedState::insert), which puts no second `Arc` around it.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use manager_runtime::SharedState;
    ///
    /// let state = SharedState::new();
    /// state.insert_any("limits", [1_u8, 2, 3]);
    /// state.insert("names", Arc::new(vec!["Ada"]));
    /// assert_eq!(state.get_any::<[u8; 3]>("limits")?.as_deref(), Some(&[1, 2, 3]));
    /// assert_eq!(state.get_any::<Vec<&str>>("names")?.as_deref(), Some(&vec!["Ada"]));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn insert_any<T: Any + Send + Sync>(&self, key: &str, value: T) -> Option<StateType> {
        self.insert(key, StateType::any(value))
    }

    /// Stores a value that is gone after `ttl`, and gives back the one that was there. A later
    /// [`insert`](SharedState::insert) makes the key permanent; [`update`](SharedState::update),
    /// [`increment`](SharedState::increment) and [`compare_and_swap`](SharedState::compare_and_swap) leave it the
    /// time it has. A `ttl` beyond what the clock can say never passes.
    ///
    /// The value is dropped when the key is next read, or by one of the writes that follow.
    ///
    /// ```
    /// use std::time::Duration;
    /// use manager_runtime::SharedState;
    ///
    /// let state = SharedState::new();
    /// state.insert_with_ttl("session", "Ada", Duration::from_secs(1800));
    /// state.insert_with_ttl("gone", "at once", Duration::ZERO);
    /// assert!(state.contains("session"));
    /// assert!(!state.contains("gone"));
    /// ```
    pub fn insert_with_ttl(
        &self,
        key: &str,
        value: impl Into<StateType>,
        ttl: Duration,
    ) -> Option<StateType> {
        // Converting runs code of the user's and may take its time; the clock starts after it.
        let value = value.into();
        let expiry = self.entries.expiries().after(ttl);
        self.entries.insert(key, value, expiry).map(Arc::unwrap_or_clone)
    }

    /// Removes `key` and gives back the value that was there.
    ///
    /// ```
    /// use manager_runtime::{SharedState, StateType};
    ///
    /// let state = SharedState::new();
    /// state.insert("mode", "day");
    /// assert_eq!(state.delete("mode"), Some(StateType::from("day")));
    /// assert_eq!(state.delete("mode"), None);
    /// ```
    pub fn delete(&self, key: &str) -> Option<StateType> {
        self.entries.remove(key).map(Arc::unwrap_or_clone)
    }

    /// Changes the value under `key` in one step that no other write can come between. `change` gets what is
    /// there, or `None`, and what it returns is stored and returned from here. A returned `None` deletes the key.
    ///
    /// No lock is held while `change` runs. If another thread changed the key meanwhile, the result is thrown
    /// away and `change` runs again on the new value, so it should do nothing but compute. It may use the state
    /// itself; what it writes to the same key is replaced by what it returns. (Only a closure that on every run makes
    /// *another* thread write the same key never comes to an end.)
    ///
    /// The stored kind is that of the returned type, and a time to live stays as it is.
    ///
    /// # Errors
    ///
    /// [`StateError::WrongType`] if the key holds a kind that does not read as `T`; `change` is not called then.
    ///
    /// ```
    /// use manager_runtime::SharedState;
    ///
    /// let state = SharedState::new();
    /// let hits = state.update("hits", |hits: Option<i64>| hits.unwrap_or(0) + 1)?;
    /// assert_eq!(hits, 1);
    ///
    /// let log = state.update("log", |log: Option<String>| log.unwrap_or_default() + "one line\n")?;
    /// assert_eq!(log, "one line\n");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn update<T, R>(&self, key: &str, change: impl Fn(Option<T>) -> R) -> Result<R, StateError>
    where
        T: FromState,
        R: IntoEntry + Clone,
    {
        loop {
            let value = self.find(key);
            let current = read(key, value.as_deref())?;
            let attempt = Attempt::begin(self.entries.identity(), key, Version::of(value.as_ref()));
            // The closure may replace the value, and would get a copy back if it were still held here.
            drop(value);
            let result = change(current);
            let entry = result.clone().into_entry().map(Arc::new);
            let expected = attempt.expected();
            drop(attempt);
            if self.entries.swap(key, &expected, entry) {
                return Ok(result);
            }
        }
    }

    /// Stores `new` if `key` holds a value equal to `expected`, and says whether it did. `None` stands for an
    /// absent key, on both sides: as `expected` it means "only if there is none", as `new` it deletes.
    ///
    /// [`StateType`] says which values are equal; `Int(1)` and `Long(1)` are not. A time to live stays as it is.
    ///
    /// ```
    /// use manager_runtime::{SharedState, StateType};
    ///
    /// let state = SharedState::new();
    /// assert!(state.compare_and_swap("leader", None, "a"));
    /// assert!(!state.compare_and_swap("leader", None, "b"));
    /// assert!(state.compare_and_swap("leader", Some("a".into()), "b"));
    /// assert!(state.compare_and_swap("leader", Some("b".into()), None::<StateType>));
    /// assert!(!state.contains("leader"));
    /// ```
    pub fn compare_and_swap(
        &self,
        key: &str,
        expected: Option<StateType>,
        new: impl IntoEntry,
    ) -> bool {
        let new = new.into_entry().map(Arc::new);
        loop {
            let value = self.find(key);
            if value.as_deref() != expected.as_ref() {
                return false;
            }
            // Lost against another write, which may have stored an equal value: only a new look can tell.
            if self.entries.swap(key, &Version::of(value.as_ref()), new.clone()) {
                return true;
            }
        }
    }

    /// Adds `by` to the number under `key` and gives the sum. An absent key counts from 0 and becomes a `Long`.
    /// An `Int` stays one, a JSON integer stays JSON, and a time to live stays as it is.
    ///
    /// # Errors
    ///
    /// [`StateError::Overflow`] if the sum does not fit the kind that is there (for JSON, an `i64`);
    /// [`StateError::WrongType`] if no integer is there.
    ///
    /// ```
    /// use manager_runtime::SharedState;
    ///
    /// let state = SharedState::new();
    /// assert_eq!(state.increment("visits", 1)?, 1);
    /// assert_eq!(state.increment("visits", -3)?, -2);
    ///
    /// state.insert("small", i32::MAX);
    /// assert!(state.increment("small", 1).is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn increment(&self, key: &str, by: i64) -> Result<i64, StateError> {
        loop {
            let value = self.find(key);
            let (sum, new) = match value.as_deref() {
                None => (by, StateType::Long(by)),
                Some(number) => add(key, number, by)?,
            };
            if self.entries.swap(key, &Version::of(value.as_ref()), Some(Arc::new(new))) {
                return Ok(sum);
            }
        }
    }

    /// Whether `key` is there, of whatever kind.
    ///
    /// ```
    /// use manager_runtime::{SharedState, StateType};
    ///
    /// let state = SharedState::new();
    /// state.insert("nothing", StateType::None);
    /// assert!(state.contains("nothing"));
    /// ```
    #[must_use]
    pub fn contains(&self, key: &str) -> bool {
        self.find(key).is_some()
    }

    /// How many keys there are. It walks over them, since those whose time has passed do not count.
    ///
    /// ```
    /// let state = manager_runtime::SharedState::new();
    /// state.insert("a", 1);
    /// assert_eq!(state.len(), 1);
    /// ```
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.count()
    }

    /// Whether there is no key.
    ///
    /// ```
    /// assert!(manager_runtime::SharedState::new().is_empty());
    /// ```
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// All keys that begin with `prefix`, with their values, sorted by key; the empty prefix lists everything.
    /// Each entry is as it was at some time during the call; the list as a whole is no snapshot.
    ///
    /// ```
    /// use manager_runtime::{SharedState, StateType};
    ///
    /// let state = SharedState::new();
    /// state.insert("user:2", "Bob");
    /// state.insert("user:1", "Ada");
    /// state.insert("mode", "day");
    /// assert_eq!(state.list("user:"), [
    ///     ("user:1".to_string(), StateType::from("Ada")),
    ///     ("user:2".to_string(), StateType::from("Bob")),
    /// ]);
    /// ```
    #[must_use]
    pub fn list(&self, prefix: &str) -> Vec<(String, StateType)> {
        let mut found = self.entries.list(prefix);
        found.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
        found.into_iter().map(|(key, value)| (key, Arc::unwrap_or_clone(value))).collect()
    }

    /// Follows `key` from now on; it need not exist. Any number of watches may follow one key.
    ///
    /// ```
    /// use manager_runtime::{SharedState, StateType};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let state = SharedState::new();
    /// let mut watch = state.watch("mode");
    /// state.insert("mode", "night");
    /// assert_eq!(watch.changed().await, Some(StateType::from("night")));
    /// # }
    /// ```
    #[must_use]
    pub fn watch(&self, key: &str) -> Watch {
        Watch::new(Arc::clone(&self.entries), key)
    }

    fn find(&self, key: &str) -> Option<Arc<StateType>> {
        self.entries.find(key).map(|found| found.value)
    }
}

impl fmt::Debug for SharedState {
    /// Shows how much there is, and neither keys nor values: they may be secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedState")
            .field("keys", &self.len())
            .field("watched", &self.entries.watched())
            .field("ending", &self.entries.expiries().waiting())
            .finish()
    }
}

fn read<T: FromState>(key: &str, value: Option<&StateType>) -> Result<Option<T>, StateError> {
    let Some(value) = value else {
        return Ok(None);
    };
    T::from_state(value).map(Some).ok_or_else(|| wrong_type(key, T::KIND, value))
}

fn wrong_type(key: &str, wanted: &'static str, found: &StateType) -> StateError {
    StateError::WrongType { key: key.to_owned(), wanted, found: found.kind() }
}

/// The sum, and the sum in the kind that the number has.
fn add(key: &str, number: &StateType, by: i64) -> Result<(i64, StateType), StateError> {
    let overflow = || StateError::Overflow { key: key.to_owned(), by, kind: number.kind() };
    match number {
        StateType::Int(number) => {
            let sum = i64::from(*number).checked_add(by).and_then(|sum| i32::try_from(sum).ok());
            sum.map(|sum| (sum.into(), StateType::Int(sum))).ok_or_else(overflow)
        }
        StateType::Long(number) => {
            number.checked_add(by).map(|sum| (sum, StateType::Long(sum))).ok_or_else(overflow)
        }
        StateType::Json(Value::Number(number)) if number.is_i64() || number.is_u64() => {
            let sum = number.as_i64().and_then(|number| number.checked_add(by));
            sum.map(|sum| (sum, StateType::Json(sum.into()))).ok_or_else(overflow)
        }
        other => Err(wrong_type(key, "integer", other)),
    }
}
