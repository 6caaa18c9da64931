//! What a value of the state can be.

use std::any::Any;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use serde_json::Value;

/// A function kept in the state: text in, text out.
///
/// ```
/// use manager_runtime::{SharedState, StateType, SyncFunction};
///
/// let state = SharedState::new();
/// state.insert("shout", StateType::function(|text| text.to_uppercase()));
///
/// let shout: SyncFunction = state.get("shout")?.expect("inserted above");
/// assert_eq!(shout("hello".to_string()), "HELLO");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub type SyncFunction = Arc<dyn Fn(String) -> String + Send + Sync>;

/// An asynchronous function kept in the state: text in, a future of text out.
///
/// ```
/// use manager_runtime::{AsyncFunction, SharedState, StateType};
///
/// async fn greet(state: &SharedState) -> Option<String> {
///     let greet: AsyncFunction = state.get("greet").ok()??;
///     Some(greet("Ada".to_string()).await)
/// }
/// ```
pub type AsyncFunction =
    Arc<dyn Fn(String) -> Pin<Box<dyn Future<Output = String> + Send>> + Send + Sync>;

/// A value of the state, with its kind.
///
/// Most values become one by `From`: `&str`, `String`, `i32`, `i64`, `f32`, `f64`, `bool`,
/// [`serde_json::Value`] and any `Arc<T>`. The constructors make the rest. Cloning copies text and JSON
/// and shares functions and [`AnyType`](StateType::AnyType).
///
/// Two values are equal if they are of one kind and hold the same: text and JSON by content, numbers by
/// their bits (so `NaN` equals itself, and `0.0` is not `-0.0`), functions and `AnyType` if they are the very
/// same `Arc`. `Int(1)` and `Long(1)` are different values.
///
/// `Debug` shows neither functions nor what an `AnyType` holds.
///
/// ```
/// use manager_runtime::{SharedState, StateType};
///
/// let state = SharedState::new();
/// state.insert("port", 8080);
/// match state.get("port")? {
///     Some(StateType::Int(port)) => assert_eq!(port, 8080),
///     other => unreachable!("an i32 is kept as Int: {other:?}"),
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub enum StateType {
    /// Nothing, and yet there: a key that holds it is present, a deleted key is not.
    None,
    /// A function from text to text.
    FunctionSync(SyncFunction),
    /// An asynchronous function from text to text.
    FunctionAsync(AsyncFunction),
    /// Text.
    String(String),
    /// A 32 bit integer.
    Int(i32),
    /// A 32 bit floating-point number.
    Float(f32),
    /// A 64 bit integer.
    Long(i64),
    /// A 64 bit floating-point number.
    Double(f64),
    /// A shared value of any type; `SharedState::get_any` gives it back.
    AnyType(Arc<dyn Any + Send + Sync>),
    /// A JSON value, `bool` among them; `SharedState::get_json` reads it into a type.
    Json(Value),
}

impl StateType {
    /// Keeps a function that maps text to text. Calling it is up to whoever reads it.
    ///
    /// ```
    /// use manager_runtime::StateType;
    ///
    /// let reverse = StateType::function(|text| text.chars().rev().collect());
    /// assert_eq!(reverse.kind(), "sync function");
    /// ```
    pub fn function(function: impl Fn(String) -> String + Send + Sync + 'static) -> Self {
        StateType::FunctionSync(Arc::new(function))
    }

    /// Keeps an asynchronous function that maps text to text; the future is boxed here.
    ///
    /// ```
    /// use manager_runtime::StateType;
    ///
    /// let greet = StateType::async_function(|name| async move { format!("hello {name}") });
    /// assert_eq!(greet.kind(), "async function");
    /// ```
    pub fn async_function<F, Fut>(function: F) -> Self
    where
        F: Fn(String) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = String> + Send + 'static,
    {
        StateType::FunctionAsync(Arc::new(move |text| Box::pin(function(text))))
    }

    /// Shares a value of any type. An `Arc` that exists already becomes one by `From`, without a second `Arc`
    /// around it.
    ///
    /// ```
    /// use manager_runtime::StateType;
    ///
    /// struct Pool;
    /// assert_eq!(StateType::any(Pool).kind(), "any");
    /// ```
    pub fn any<T: Any + Send + Sync>(value: T) -> Self {
        StateType::AnyType(Arc::new(value))
    }

    /// Names the kind for messages: `none`, `sync function`, `async function`, `string`, `int`, `float`, `long`,
    /// `double`, `any` or `json`.
    ///
    /// ```
    /// use manager_runtime::StateType;
    ///
    /// assert_eq!(StateType::from(1_i64).kind(), "long");
    /// ```
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            StateType::None => "none",
            StateType::FunctionSync(_) => "sync function",
            StateType::FunctionAsync(_) => "async function",
            StateType::String(_) => "string",
            StateType::Int(_) => "int",
            StateType::Float(_) => "float",
            StateType::Long(_) => "long",
            StateType::Double(_) => "double",
            StateType::AnyType(_) => "any",
            StateType::Json(_) => "json",
        }
    }
}

impl fmt::Debug for StateType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StateType::None => f.write_str("None"),
            StateType::FunctionSync(_) => f.write_str("FunctionSync(..)"),
            StateType::FunctionAsync(_) => f.write_str("FunctionAsync(..)"),
            StateType::String(text) => f.debug_tuple("String").field(text).finish(),
            StateType::Int(number) => f.debug_tuple("Int").field(number).finish(),
            StateType::Float(number) => f.debug_tuple("Float").field(number).finish(),
            StateType::Long(number) => f.debug_tuple("Long").field(number).finish(),
            StateType::Double(number) => f.debug_tuple("Double").field(number).finish(),
            StateType::AnyType(_) => f.write_str("AnyType(..)"),
            StateType::Json(value) => f.debug_tuple("Json").field(value).finish(),
        }
    }
}

// Floats are compared by their bits so that equality is reflexive: a value that was just read always matches
// in `compare_and_swap`, `NaN` as well.
impl PartialEq for StateType {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (StateType::None, StateType::None) => true,
            // The addresses alone are compared: one function may have several vtables.
            (StateType::FunctionSync(a), StateType::FunctionSync(b)) => {
                std::ptr::addr_eq(Arc::as_ptr(a), Arc::as_ptr(b))
            }
            (StateType::FunctionAsync(a), StateType::FunctionAsync(b)) => {
                std::ptr::addr_eq(Arc::as_ptr(a), Arc::as_ptr(b))
            }
            (StateType::AnyType(a), StateType::AnyType(b)) => {
                std::ptr::addr_eq(Arc::as_ptr(a), Arc::as_ptr(b))
            }
            (StateType::String(a), StateType::String(b)) => a == b,
            (StateType::Int(a), StateType::Int(b)) => a == b,
            (StateType::Float(a), StateType::Float(b)) => a.to_bits() == b.to_bits(),
            (StateType::Long(a), StateType::Long(b)) => a == b,
            (StateType::Double(a), StateType::Double(b)) => a.to_bits() == b.to_bits(),
            (StateType::Json(a), StateType::Json(b)) => a == b,
            _ => false,
        }
    }
}

impl Eq for StateType {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_hides_functions_and_any() {
        let values = [
            StateType::None,
            StateType::function(|text| text),
            StateType::async_function(|text| async { text }),
            StateType::any("secret"),
            StateType::from("text"),
            StateType::from(true),
        ];
        assert_eq!(
            format!("{values:?}"),
            r#"[None, FunctionSync(..), FunctionAsync(..), AnyType(..), String("text"), Json(Bool(true))]"#
        );
    }

    #[test]
    fn equality_is_by_kind_and_content() {
        assert_eq!(StateType::from("a"), StateType::from("a".to_string()));
        assert_ne!(StateType::from(1_i32), StateType::from(1_i64));
        assert_eq!(StateType::from(f64::NAN), StateType::from(f64::NAN));
        assert_ne!(StateType::from(0.0_f32), StateType::from(-0.0_f32));
        assert_ne!(StateType::None, StateType::from(Value::Null));
    }

    #[test]
    fn equality_of_functions_and_any_is_by_pointer() {
        for make in [
            || StateType::function(|text| text),
            || StateType::async_function(|text| async { text }),
            || StateType::any(()),
        ] {
            let value = make();
            assert_eq!(value, value.clone());
            assert_ne!(value, make());
        }
    }
}
