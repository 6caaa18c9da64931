//! What can go wrong when the state is read or changed.

/// Why the state could not be read or changed as asked. Nothing was changed.
///
/// ```
/// use manager_runtime::{SharedState, StateError};
///
/// let state = SharedState::new();
/// state.insert("name", "Ada");
/// match state.get::<i64>("name") {
///     Err(StateError::WrongType { key, wanted, found, .. }) => {
///         assert_eq!((key.as_str(), wanted, found), ("name", "long", "string"));
///     }
///     other => unreachable!("a name is no number: {other:?}"),
/// }
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StateError {
    /// The key holds a value of another kind.
    #[error("wrong type under `{key}`: wanted {wanted}, found {found}")]
    #[non_exhaustive]
    WrongType {
        /// The key that was read.
        key: String,
        /// The kind, or the type's name, that the caller asked for.
        wanted: &'static str,
        /// The kind that the key holds.
        found: &'static str,
    },
    /// A sum does not fit the kind of number that the key holds.
    #[error("overflow under `{key}`: adding {by} leaves the range of {kind}")]
    #[non_exhaustive]
    Overflow {
        /// The key that was to be incremented.
        key: String,
        /// What was to be added.
        by: i64,
        /// The kind of number that the key holds.
        kind: &'static str,
    },
    /// The JSON under the key has another shape than the type it was read as; the source says where.
    #[error("unexpected shape of the json under `{key}`")]
    #[non_exhaustive]
    Json {
        /// The key that was read.
        key: String,
        /// What the JSON lacks or has too much.
        source: serde_json::Error,
    },
}

#[cfg(test)]
mod tests {
    use std::error::Error;

    use super::*;

    #[test]
    fn messages_are_fragments_and_leave_the_source_to_itself() {
        let source = serde_json::from_str::<u8>("[]").unwrap_err();
        let text = source.to_string();
        let error = StateError::Json { key: "k".into(), source };
        assert_eq!(error.to_string(), "unexpected shape of the json under `k`");
        assert_eq!(error.source().unwrap().to_string(), text);

        let error = StateError::WrongType { key: "k".into(), wanted: "long", found: "string" };
        assert_eq!(error.to_string(), "wrong type under `k`: wanted long, found string");

        let error = StateError::Overflow { key: "k".into(), by: -1, kind: "int" };
        assert_eq!(error.to_string(), "overflow under `k`: adding -1 leaves the range of int");
    }
}
