//! One event of a stream of events.

use std::fmt::Write;
use std::time::Duration;

use serde::Serialize;

use crate::error::{Error, Result};
use crate::handler::IntoError;
use crate::message::Json;

/// An event that the server sends: WHATWG HTML, section 9.2.6.
///
/// A browser hands over an event once it has data. An event without data still sets the last identifier
/// and the time to reconnect. What cannot be sent (a line break in a name, a value that is no JSON) is an
/// error that ends the stream and is logged.
///
/// ```
/// use manager_runtime::Event;
/// use std::time::Duration;
///
/// let event = Event::data("two\nlines").event("note").id("7").retry(Duration::from_secs(3));
/// assert_eq!(event.text()?, "event: note\nid: 7\nretry: 3000\ndata: two\ndata: lines\n\n");
/// # Ok::<(), manager_runtime::Error>(())
/// ```
#[derive(Debug, Default)]
#[must_use = "an event is sent by an `Sse`"]
pub struct Event {
    comments: String,
    name: Option<String>,
    id: Option<String>,
    retry: Option<Duration>,
    /// As it is written: each line with the name of the field before it.
    data: String,
    /// The first thing that cannot be sent.
    wrong: Option<Error>,
}

impl Event {
    /// An event with this text as its data, in as many lines as it has.
    ///
    /// ```
    /// use manager_runtime::Event;
    /// assert_eq!(Event::data("hello").text()?, "data: hello\n\n");
    /// # Ok::<(), manager_runtime::Error>(())
    /// ```
    pub fn data(text: impl AsRef<str>) -> Self {
        let mut event = Event::default();
        write_lines(&mut event.data, "data: ", text.as_ref());
        event
    }

    /// An event with this value as its data, in JSON.
    ///
    /// ```
    /// use manager_runtime::Event;
    /// assert_eq!(Event::json([1, 2]).text()?, "data: [1,2]\n\n");
    /// # Ok::<(), manager_runtime::Error>(())
    /// ```
    pub fn json(value: impl Serialize) -> Self {
        match serde_json::to_string(&value) {
            Ok(text) => Event::data(text),
            Err(error) => Event::default().fail_with(
                Error::internal("the data of an event cannot be written as JSON")
                    .with_source(error),
            ),
        }
    }

    /// A comment alone, which clients skip.
    ///
    /// ```
    /// use manager_runtime::Event;
    /// assert_eq!(Event::comment("still here").text()?, ": still here\n\n");
    /// # Ok::<(), manager_runtime::Error>(())
    /// ```
    pub fn comment(text: impl AsRef<str>) -> Self {
        Event::default().with_comment(text)
    }

    /// The name of the event, which a browser listens for; `message` without one. It has no line break.
    ///
    /// ```
    /// use manager_runtime::Event;
    /// assert_eq!(Event::data("7").event("paid").text()?, "event: paid\ndata: 7\n\n");
    /// # Ok::<(), manager_runtime::Error>(())
    /// ```
    pub fn event(mut self, name: impl Into<String>) -> Self {
        let name = name.into();
        if name.contains(['\r', '\n']) {
            return self.fail_with(Error::internal("the name of an event has a line break in it"));
        }
        self.name = Some(name);
        self
    }

    /// What the client says as [`LastEventId`](crate::LastEventId) when it comes again. It has no line
    /// break and no NUL; an empty one takes back the one before.
    ///
    /// ```
    /// use manager_runtime::Event;
    /// assert_eq!(Event::data("a").id(7.to_string()).text()?, "id: 7\ndata: a\n\n");
    /// assert!(Event::data("a").id("7\n").text().is_err());
    /// # Ok::<(), manager_runtime::Error>(())
    /// ```
    pub fn id(mut self, id: impl Into<String>) -> Self {
        let id = id.into();
        if id.contains(['\r', '\n', '\0']) {
            return self.fail_with(Error::internal(
                "the identifier of an event has a line break or a NUL in it",
            ));
        }
        self.id = Some(id);
        self
    }

    /// How long the client shall wait before it comes again, to the millisecond.
    ///
    /// ```
    /// use manager_runtime::Event;
    /// use std::time::Duration;
    /// assert_eq!(Event::default().retry(Duration::from_secs(2)).text()?, "retry: 2000\n\n");
    /// # Ok::<(), manager_runtime::Error>(())
    /// ```
    pub fn retry(mut self, time: Duration) -> Self {
        self.retry = Some(time);
        self
    }

    /// Adds a comment, which clients skip.
    ///
    /// ```
    /// use manager_runtime::Event;
    /// assert_eq!(Event::data("a").with_comment("b").text()?, ": b\ndata: a\n\n");
    /// # Ok::<(), manager_runtime::Error>(())
    /// ```
    pub fn with_comment(mut self, text: impl AsRef<str>) -> Self {
        write_lines(&mut self.comments, ": ", text.as_ref());
        self
    }

    /// The event as it is sent.
    ///
    /// # Errors
    ///
    /// `Internal` if something in it cannot be sent.
    ///
    /// ```
    /// use manager_runtime::Event;
    /// assert_eq!(Event::data("").text()?, "data: \n\n");
    /// # Ok::<(), manager_runtime::Error>(())
    /// ```
    pub fn text(self) -> Result<String> {
        let Event { comments: mut text, name, id, retry, data, wrong } = self;
        if let Some(wrong) = wrong {
            return Err(wrong);
        }
        for (field, value) in [("event", name), ("id", id)] {
            if let Some(value) = value {
                // Into a `String`, which takes everything.
                let _ = writeln!(text, "{field}: {value}");
            }
        }
        if let Some(time) = retry {
            let _ = writeln!(text, "retry: {}", time.as_millis());
        }
        text.push_str(&data);
        text.push('\n');
        Ok(text)
    }

    fn fail_with(mut self, error: Error) -> Self {
        self.wrong.get_or_insert(error);
        self
    }
}

/// Each line with the field before it. A line ends at CR, LF or both (section 9.2.5), so a text cannot
/// begin a field of its own.
fn write_lines(out: &mut String, field: &str, text: &str) {
    let mut rest = text;
    loop {
        let (line, next) = match rest.find(['\r', '\n']) {
            Some(end) => {
                let next = rest[end..].strip_prefix("\r\n").unwrap_or(&rest[end + 1..]);
                (&rest[..end], Some(next))
            }
            None => (rest, None),
        };
        out.push_str(field);
        out.push_str(line);
        out.push('\n');
        match next {
            Some(next) => rest = next,
            None => return,
        }
    }
}

/// What a stream of events may be made of: [`Event`], text, [`Json`], or a `Result` of one of them.
///
/// ```
/// use manager_runtime::{Event, IntoEvent, Json};
///
/// assert_eq!("hello".into_event()?.text()?, "data: hello\n\n");
/// assert_eq!(Json(7).into_event()?.text()?, "data: 7\n\n");
/// # Ok::<(), manager_runtime::Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be sent as an event",
    label = "not an event",
    note = "an event is `Event`, `String`, `&'static str`, `Json<T>`, or a `Result` of one of them"
)]
pub trait IntoEvent {
    /// The event, or why there is none.
    ///
    /// # Errors
    ///
    /// What the stream itself says. It ends the stream and is logged.
    fn into_event(self) -> Result<Event>;
}

impl IntoEvent for Event {
    fn into_event(self) -> Result<Event> {
        Ok(self)
    }
}

impl IntoEvent for String {
    fn into_event(self) -> Result<Event> {
        Ok(Event::data(self))
    }
}

impl IntoEvent for &'static str {
    fn into_event(self) -> Result<Event> {
        Ok(Event::data(self))
    }
}

impl<T: Serialize> IntoEvent for Json<T> {
    fn into_event(self) -> Result<Event> {
        Ok(Event::json(self.0))
    }
}

impl<T: IntoEvent, E: IntoError> IntoEvent for std::result::Result<T, E> {
    fn into_event(self) -> Result<Event> {
        self.map_err(E::into_error)?.into_event()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_text_begins_a_field() {
        let check = |text: &str, expected: &str| {
            assert_eq!(Event::data(text).text().unwrap(), expected, "{text:?}");
        };
        check("a", "data: a\n\n");
        check("a\nb", "data: a\ndata: b\n\n");
        check("a\r\nb\rc\n", "data: a\ndata: b\ndata: c\ndata: \n\n");
        check("\n\nid: 7", "data: \ndata: \ndata: id: 7\n\n");
        check(" a", "data:  a\n\n");
        check("a\u{2028}b\u{85}ä", "data: a\u{2028}b\u{85}ä\n\n");
        let comment = Event::comment("a\rdata: b").text().unwrap();
        assert_eq!(comment, ": a\n: data: b\n\n");
    }

    #[test]
    fn what_cannot_be_sent_is_an_error() {
        let check = |event: Event| {
            assert_eq!(event.text().unwrap_err().kind(), crate::Kind::Internal);
        };
        check(Event::data("a").event("b\nc"));
        check(Event::data("a").event("b\rc"));
        check(Event::data("a").id("b\0"));
        check(Event::data("a").id("b\n"));
        check(Event::json(std::collections::HashMap::from([((1, 2), 3)])));
    }
}
