//! The ways into and out of [`StateType`].

use std::any::Any;
use std::sync::Arc;

use serde_json::Value;

use super::kind::{AsyncFunction, StateType, SyncFunction};

/// A type that a value of the state can be read as, by `SharedState::get` and `SharedState::update`.
///
/// Every kind reads as the type it came from. Numbers also read as a wider type where nothing can be lost:
/// `i32` as `i64` and `f64`, `f32` as `f64`. `bool` reads the JSON values `true` and `false`, in which it is
/// kept. Everything reads as [`StateType`].
///
/// Implement it for a type of your own to read it directly:
///
/// ```
/// use manager_runtime::{FromState, SharedState, StateType};
///
/// #[derive(Debug, PartialEq)]
/// struct Port(u16);
///
/// impl FromState for Port {
///     const KIND: &'static str = "port";
///
///     fn from_state(value: &StateType) -> Option<Self> {
///         i64::from_state(value)?.try_into().ok().map(Port)
///     }
/// }
///
/// let state = SharedState::new();
/// state.insert("port", 8080);
/// assert_eq!(state.get("port")?, Some(Port(8080)));
///
/// state.insert("port", -1);
/// let error = state.get::<Port>("port").unwrap_err();
/// assert_eq!(error.to_string(), "wrong type under `port`: wanted port, found int");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "a value of the state cannot be read as `{Self}`",
    label = "not a type that the state reads",
    note = "it reads `String`, `i32`, `i64`, `f32`, `f64`, `bool`, `serde_json::Value`, `SyncFunction`, `AsyncFunction` and `StateType`",
    note = "a serde type is read out of JSON by `get_json::<T>`, a shared value by `get_any::<T>`"
)]
pub trait FromState: Sized {
    /// What this type calls itself in "wanted .., found .."; see the example on [`FromState`].
    const KIND: &'static str;

    /// Reads the value, or gives `None` if it is not of this type. No lock is held meanwhile.
    ///
    /// ```
    /// use manager_runtime::{FromState, StateType};
    ///
    /// assert_eq!(i64::from_state(&StateType::Int(1)), Some(1));
    /// assert_eq!(String::from_state(&StateType::Int(1)), None);
    /// ```
    fn from_state(value: &StateType) -> Option<Self>;
}

/// What `SharedState::update` and `SharedState::compare_and_swap` leave under a key: a value, or with
/// `Option::None` nothing, so that the key is deleted.
///
/// It comes with every type that becomes a [`StateType`], and with the `Option` of such a type.
///
/// ```
/// use manager_runtime::SharedState;
///
/// let state = SharedState::new();
/// state.insert("left", 1);
/// // Counts down and deletes the key at zero.
/// state.update("left", |left: Option<i32>| left.map(|n| n - 1).filter(|n| *n > 0))?;
/// assert!(!state.contains("left"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait IntoEntry {
    /// The value to keep, or `None` to delete the key.
    ///
    /// ```
    /// use manager_runtime::{IntoEntry, StateType};
    ///
    /// assert_eq!(1.into_entry(), Some(StateType::Int(1)));
    /// assert_eq!(None::<i32>.into_entry(), None);
    /// ```
    fn into_entry(self) -> Option<StateType>;
}

impl<T: Into<StateType>> IntoEntry for T {
    fn into_entry(self) -> Option<StateType> {
        Some(self.into())
    }
}

impl<T: Into<StateType>> IntoEntry for Option<T> {
    fn into_entry(self) -> Option<StateType> {
        self.map(Into::into)
    }
}

impl FromState for StateType {
    const KIND: &'static str = "anything";

    fn from_state(value: &StateType) -> Option<Self> {
        Some(value.clone())
    }
}

impl FromState for String {
    const KIND: &'static str = "string";

    fn from_state(value: &StateType) -> Option<Self> {
        match value {
            StateType::String(text) => Some(text.clone()),
            _ => None,
        }
    }
}

impl FromState for i32 {
    const KIND: &'static str = "int";

    fn from_state(value: &StateType) -> Option<Self> {
        match *value {
            StateType::Int(number) => Some(number),
            _ => None,
        }
    }
}

impl FromState for i64 {
    const KIND: &'static str = "long";

    fn from_state(value: &StateType) -> Option<Self> {
        match *value {
            StateType::Long(number) => Some(number),
            StateType::Int(number) => Some(number.into()),
            _ => None,
        }
    }
}

impl FromState for f32 {
    const KIND: &'static str = "float";

    fn from_state(value: &StateType) -> Option<Self> {
        match *value {
            StateType::Float(number) => Some(number),
            _ => None,
        }
    }
}

impl FromState for f64 {
    const KIND: &'static str = "double";

    fn from_state(value: &StateType) -> Option<Self> {
        match *value {
            StateType::Double(number) => Some(number),
            StateType::Float(number) => Some(number.into()),
            StateType::Int(number) => Some(number.into()),
            _ => None,
        }
    }
}

impl FromState for bool {
    const KIND: &'static str = "bool";

    fn from_state(value: &StateType) -> Option<Self> {
        match value {
            StateType::Json(value) => value.as_bool(),
            _ => None,
        }
    }
}

impl FromState for Value {
    const KIND: &'static str = "json";

    fn from_state(value: &StateType) -> Option<Self> {
        match value {
            StateType::Json(value) => Some(value.clone()),
            _ => None,
        }
    }
}

impl FromState for SyncFunction {
    const KIND: &'static str = "sync function";

    fn from_state(value: &StateType) -> Option<Self> {
        match value {
            StateType::FunctionSync(function) => Some(Arc::clone(function)),
            _ => None,
        }
    }
}

impl FromState for AsyncFunction {
    const KIND: &'static str = "async function";

    fn from_state(value: &StateType) -> Option<Self> {
        match value {
            StateType::FunctionAsync(function) => Some(Arc::clone(function)),
            _ => None,
        }
    }
}

impl From<&str> for StateType {
    fn from(text: &str) -> Self {
        StateType::String(text.to_owned())
    }
}

impl From<String> for StateType {
    fn from(text: String) -> Self {
        StateType::String(text)
    }
}

impl From<i32> for StateType {
    fn from(number: i32) -> Self {
        StateType::Int(number)
    }
}

impl From<i64> for StateType {
    fn from(number: i64) -> Self {
        StateType::Long(number)
    }
}

impl From<f32> for StateType {
    fn from(number: f32) -> Self {
        StateType::Float(number)
    }
}

impl From<f64> for StateType {
    fn from(number: f64) -> Self {
        StateType::Double(number)
    }
}

impl From<bool> for StateType {
    fn from(truth: bool) -> Self {
        StateType::Json(Value::Bool(truth))
    }
}

impl From<Value> for StateType {
    fn from(value: Value) -> Self {
        StateType::Json(value)
    }
}

impl<T: Any + Send + Sync> From<Arc<T>> for StateType {
    fn from(value: Arc<T>) -> Self {
        StateType::AnyType(value)
    }
}

impl From<Arc<dyn Any + Send + Sync>> for StateType {
    fn from(value: Arc<dyn Any + Send + Sync>) -> Self {
        StateType::AnyType(value)
    }
}

impl From<SyncFunction> for StateType {
    fn from(function: SyncFunction) -> Self {
        StateType::FunctionSync(function)
    }
}

impl From<AsyncFunction> for StateType {
    fn from(function: AsyncFunction) -> Self {
        StateType::FunctionAsync(function)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widening_is_lossless_and_narrowing_refused() {
        assert_eq!(i64::from_state(&1_i32.into()), Some(1));
        assert_eq!(f64::from_state(&1_i32.into()), Some(1.0));
        assert_eq!(f64::from_state(&1.5_f32.into()), Some(1.5));

        assert_eq!(i32::from_state(&1_i64.into()), None);
        assert_eq!(f64::from_state(&1_i64.into()), None);
        assert_eq!(f32::from_state(&1_i32.into()), None);
        assert_eq!(f32::from_state(&1.5_f64.into()), None);
        assert_eq!(i64::from_state(&1.0_f64.into()), None);
        assert_eq!(bool::from_state(&1_i32.into()), None);
        assert_eq!(bool::from_state(&Value::Null.into()), None);
    }

    #[test]
    fn an_entry_is_a_value_or_nothing() {
        assert_eq!(1.into_entry(), Some(StateType::Int(1)));
        assert_eq!(Some("a").into_entry(), Some(StateType::from("a")));
        assert_eq!(None::<StateType>.into_entry(), None);
        assert_eq!(StateType::None.into_entry(), Some(StateType::None));
    }
}
