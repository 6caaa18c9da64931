//! `call`: one message to one handler, and its reply.

use std::io::{self, IsTerminal, Read};

use bytes::Bytes;

use super::args::{Data, Order};
use super::program::{Parts, promised};
use super::run::{Status, in_runtime, refuse};
use super::serve::start;
use super::{client, json, log, terminal};
use crate::bus::Declared;
use crate::config::{Layers, near};
use crate::context::{Origin, Publish};
use crate::error::{Error, Result};
use crate::manager::{End, Plan, Running};
use crate::message::{Payload, Reply};
use crate::panics;
use crate::shutdown::Phase;

/// Runs one handler and prints what it answers.
pub(super) fn run(parts: Parts, layers: Layers, loudness: i16, order: Order) -> Status {
    log::start(loudness);
    panics::report();
    match &order.url {
        Some(url) => {
            // Nothing of this program counts but its name for the key.
            let url = url.clone();
            in_runtime(async move { finish(client::ask(&url, order).await) })
        }
        None => here(parts, layers, order),
    }
}

/// Calls the handler in this process. Every handler is there, for it may call others; the port is not.
fn here(parts: Parts, layers: Layers, order: Order) -> Status {
    let Parts { mut manager, resources, fittings: _, crates: _ } = parts;
    manager.without_http();
    let plan = match manager.plan(layers, &promised(&resources)) {
        Ok(plan) => plan,
        Err(why) => return refuse(&why),
    };
    plan.log_warnings();
    // Before anything is made: a slip of the pen should not open a database.
    if let Some(unknown) = unknown(&plan, &order.name) {
        terminal::error(&unknown);
        return Status::FAILED;
    }
    let payload = match read(&order.data) {
        Ok(data) => Payload::raw(data.into()),
        Err(error) => return finish(Err(error)),
    };
    in_runtime(async move {
        match start(plan, resources).await {
            Ok(running) => call(running, order, payload).await,
            Err(why) => refuse(&why),
        }
    })
}

async fn call(running: Running, order: Order, payload: Payload) -> Status {
    let bus = running.context().bus();
    let mut call = Publish::new(bus, Origin::Command, order.name, payload);
    if let Some(timeout) = order.timeout {
        call = call.timeout(timeout);
    }
    let status = finish(call.await.and_then(Answer::of));
    // What the handler has dispatched is part of what it was asked to do.
    running.life().advance(Phase::Draining);
    match running.end().await {
        End::Cut if status == Status::CLEAN => Status::CUT,
        _ => status,
    }
}

fn finish(outcome: Result<Answer>) -> Status {
    match outcome {
        Ok(answer) => {
            terminal::answer(&answer.render(io::stdout().is_terminal()));
            Status::CLEAN
        }
        Err(error) => {
            terminal::error(&error.story());
            Status::FAILED
        }
    }
}

/// The message as it was given.
pub(super) fn read(data: &Data) -> Result<Vec<u8>> {
    match data {
        Data::Nothing => Ok(Vec::new()),
        Data::Given(bytes) => Ok(bytes.clone()),
        Data::StandardInput => {
            let mut bytes = Vec::new();
            let mut input = io::stdin().lock().take(LONGEST_INPUT + 1);
            input.read_to_end(&mut bytes).map_err(|error| {
                Error::bad_request("standard input cannot be read").with_source(error)
            })?;
            if bytes.len() as u64 > LONGEST_INPUT {
                return Err(Error::too_large("standard input holds more than 1GiB"));
            }
            Ok(bytes)
        }
    }
}

/// A pipe that never ends has to be cut before the memory is full.
const LONGEST_INPUT: u64 = 1 << 30;

/// What a handler answered, in the shape in which it is printed. It is the same for a call in this
/// process and for one over HTTP, where a JSON string cannot be told from text, nor `null` from nothing.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Answer {
    Text(Bytes),
    Json(Vec<u8>),
}

impl Answer {
    fn of(reply: Reply) -> Result<Self> {
        if !reply.is_json() {
            return Ok(Answer::Text(reply.bytes()?));
        }
        let mut json = Vec::new();
        reply.write_json(&mut json)?;
        Ok(Answer::of_json(json))
    }

    /// Of JSON that is known to be some.
    pub(super) fn of_json(json: Vec<u8>) -> Self {
        match serde_json::from_slice::<Option<String>>(&json) {
            Ok(text) => Answer::Text(text.unwrap_or_default().into()),
            Err(_) => Answer::Json(json),
        }
    }

    /// Text as it is, with a newline at its end; bytes that are no text to the letter.
    fn render(&self, is_terminal: bool) -> Vec<u8> {
        match self {
            Answer::Json(json) if is_terminal => json::pretty(json),
            Answer::Json(json) => json::compact(json),
            Answer::Text(text) => {
                let mut out = text.to_vec();
                let is_line = out.is_empty() || out.ends_with(b"\n");
                if !is_line && std::str::from_utf8(&out).is_ok() {
                    out.push(b'\n');
                }
                out
            }
        }
    }
}

/// Why there is no such handler to call, and which one may have been meant.
fn unknown(plan: &Plan, name: &str) -> Option<String> {
    let has = |all: &[Declared]| all.iter().any(|one| *one.options.name == *name);
    if has(&plan.declared) {
        return None;
    }
    if has(&plan.left_out) {
        return Some(format!("Handler not found: {name} is left out by the setting `handlers`"));
    }
    let names: Vec<&str> = plan.declared.iter().map(|one| &*one.options.name).collect();
    let hint = match near(name, &names) {
        Some(near) => format!("did you mean `{near}`?"),
        None if names.is_empty() => "this program has no handlers".to_owned(),
        None => format!("there are {}", names.join(", ")),
    };
    Some(format!("Handler not found: {name}; {hint}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_is_printed_the_same_wherever_it_came_from() {
        let check = |json: &str, reply: Reply, expected: &str| {
            let local = Answer::of(reply).unwrap();
            assert_eq!(Answer::of_json(json.as_bytes().to_vec()), local, "{json}");
            assert_eq!(String::from_utf8(local.render(false)).unwrap(), expected, "{json}");
        };
        check(r#""hi""#, Reply::from_text("hi"), "hi\n");
        check(r#""hi\n""#, Reply::from_text("hi\n"), "hi\n");
        check(r#""hi""#, crate::message::value_reply("hi"), "hi\n");
        check("null", Reply::empty(), "");
        check("[1,2]", crate::message::value_reply([1, 2]), "[1,2]\n");
    }

    #[test]
    fn bytes_that_are_no_text_stay_as_they_are() {
        assert_eq!(Answer::Text(Bytes::from_static(b"\xff")).render(true), b"\xff");
    }

    #[test]
    fn json_is_pretty_on_a_terminal_only() {
        let answer = Answer::Json(br#"{"a":1}"#.to_vec());
        assert_eq!(answer.render(true), b"{\n  \"a\": 1\n}\n");
        assert_eq!(answer.render(false), b"{\"a\":1}\n");
    }
}
