//! A form as an answer.

use http::HeaderValue;
use http::header::CONTENT_TYPE;
use serde::Serialize;

use crate::error::{Error, Result};
use crate::handler::IntoReply;
use crate::message::{Form, Reply};

impl<T: Serialize + Send + 'static> IntoReply for Form<T> {
    type Value = T;

    fn into_value(self) -> Result<T> {
        Ok(self.0)
    }

    fn encode(value: T) -> Result<Reply> {
        const FORM: HeaderValue = HeaderValue::from_static("application/x-www-form-urlencoded");
        let text = serde_urlencoded::to_string(value).map_err(|error| {
            Error::internal("the reply cannot be written as a form").with_source(error)
        })?;
        Ok(Reply::from_text(text).with_header(CONTENT_TYPE, FORM))
    }
}
