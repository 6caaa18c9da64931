//! What goes through a WebSocket.

use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::{Error, Result};

/// One message of a WebSocket (RFC 6455, section 5.6), whole, however many frames it came in.
///
/// It is made of text (`String`, `&str`) or bytes (`Bytes`, `Vec<u8>`, `&'static [u8]`) by `into()`, which
/// [`WebSocket::send`](crate::WebSocket::send) does by itself.
///
/// ```
/// use manager_runtime::WsMessage;
///
/// assert_eq!(WsMessage::from("hello"), WsMessage::Text("hello".to_owned()));
/// assert_eq!(WsMessage::from("hello").len(), 5);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WsMessage {
    /// Text in UTF-8.
    Text(String),
    /// Any bytes.
    Binary(Bytes),
}

impl WsMessage {
    /// A value as text in JSON.
    ///
    /// # Errors
    ///
    /// `Internal` if the value cannot be written as JSON.
    ///
    /// ```
    /// use manager_runtime::WsMessage;
    /// assert_eq!(WsMessage::json(&[1, 2])?, WsMessage::from("[1,2]"));
    /// # Ok::<(), manager_runtime::Error>(())
    /// ```
    pub fn json<T: Serialize + ?Sized>(value: &T) -> Result<Self> {
        match serde_json::to_string(value) {
            Ok(text) => Ok(WsMessage::Text(text)),
            Err(error) => {
                Err(Error::internal("the value cannot be written as JSON").with_source(error))
            }
        }
    }

    /// Reads JSON, from text or from bytes.
    ///
    /// # Errors
    ///
    /// `BadRequest` if it is no JSON, `Unprocessable` if it does not fit `T`.
    ///
    /// ```
    /// use manager_runtime::{Kind, WsMessage};
    ///
    /// assert_eq!(WsMessage::from("[1, 2]").parse::<Vec<u8>>()?, [1, 2]);
    /// assert_eq!(WsMessage::from("[1").parse::<Vec<u8>>().unwrap_err().kind(), Kind::BadRequest);
    /// # Ok::<(), manager_runtime::Error>(())
    /// ```
    pub fn parse<T: DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_slice(self.as_bytes()).map_err(|error| {
            if error.is_data() {
                Error::unprocessable(format!("the message does not fit: {error}"))
            } else {
                Error::bad_request(format!("the message is not valid JSON: {error}"))
            }
        })
    }

    /// The text, `None` for bytes.
    ///
    /// ```
    /// use manager_runtime::WsMessage;
    ///
    /// assert_eq!(WsMessage::from("hello").as_text(), Some("hello"));
    /// assert_eq!(WsMessage::from(vec![0, 159]).as_text(), None);
    /// ```
    pub fn as_text(&self) -> Option<&str> {
        match self {
            WsMessage::Text(text) => Some(text),
            WsMessage::Binary(_) => None,
        }
    }

    /// What it holds, text as UTF-8.
    ///
    /// ```
    /// use manager_runtime::WsMessage;
    /// assert_eq!(WsMessage::from("hello").as_bytes(), b"hello");
    /// ```
    pub fn as_bytes(&self) -> &[u8] {
        match self {
            WsMessage::Text(text) => text.as_bytes(),
            WsMessage::Binary(bytes) => bytes,
        }
    }

    /// How many bytes it has.
    pub fn len(&self) -> usize {
        self.as_bytes().len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.as_bytes().is_empty()
    }
}

macro_rules! from {
    ($($kind:ty => $variant:ident),*) => {
        $(
            impl From<$kind> for WsMessage {
                fn from(content: $kind) -> Self {
                    WsMessage::$variant(content.into())
                }
            }
        )*
    };
}

from!(String => Text, &str => Text, Bytes => Binary, Vec<u8> => Binary, &'static [u8] => Binary);

/// How a WebSocket was closed (RFC 6455, section 7.1.5 and 7.1.6).
///
/// ```
/// use manager_runtime::CloseFrame;
/// let left = CloseFrame { code: 1001, reason: "the page was left".to_owned() };
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CloseFrame {
    /// A number of RFC 6455, section 7.4: 1000 for a normal end, 1001 if one side goes away, 1005 if the
    /// peer did not say, 1006 if the connection was lost without a close, 3000 to 4999 for an
    /// application's own.
    pub code: u16,
    /// Why, in words; most leave it empty.
    pub reason: String,
}

impl CloseFrame {
    pub(super) fn of(code: u16) -> Self {
        CloseFrame { code, reason: String::new() }
    }
}
