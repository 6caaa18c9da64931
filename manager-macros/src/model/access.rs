//! Who may reach a handler over HTTP, and how often.

use super::spec::{check_number, is_internal};
use crate::args::{Args, Keyed, Value};
use crate::diag::Diag;

/// The most requests, in a time and at once.
const MOST: u32 = 1_000_000;

/// Every unit of time with its seconds.
const UNITS: [(&str, u32); 3] = [("s", 1), ("m", 60), ("h", 3600)];

const RATE: &str = "write it like `\"100/s\"`, `\"30/m\"` or `\"5/h\"`";

/// So many requests in so many seconds; how many at once, if that was said.
#[derive(Debug, PartialEq)]
pub(crate) struct Rate {
    count: u32,
    window: u32,
    burst: Option<u32>,
}

impl Rate {
    /// Checks the value of `rate`.
    pub(crate) fn check(value: &Value, diag: &mut Diag) -> Option<Self> {
        let text = match value {
            Value::Text(text) => text.value(),
            _ => {
                diag.under(
                    value,
                    format!("`rate` takes so many requests in a time as text; {RATE}"),
                );
                return None;
            }
        };
        match read(&text) {
            Some(Some(rate)) => Some(rate),
            Some(None) => {
                diag.under(value, format!("`rate` goes from 1 to {MOST} in a time"));
                None
            }
            None => {
                diag.under(value, format!("`{text}` is no rate; {RATE}"));
                None
            }
        }
    }

    pub(crate) fn count(&self) -> u32 {
        self.count
    }

    pub(crate) fn window(&self) -> u32 {
        self.window
    }

    pub(crate) fn burst(&self) -> Option<u32> {
        self.burst
    }
}

/// `None` if it is no number in a time at all, and `None` inside if it is one that cannot be.
fn read(text: &str) -> Option<Option<Rate>> {
    let (count, unit) = text.split_once('/')?;
    let (_, window) = UNITS.iter().find(|(name, _)| *name == unit)?;
    if count.is_empty() || !count.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let count = count.parse().ok().filter(|count| (1..=MOST).contains(count));
    Some(count.map(|count| Rate { count, window: *window, burst: None }))
}

pub(super) fn check_rate(
    rate: Option<Keyed>,
    burst: Option<Keyed>,
    diag: &mut Diag,
) -> Option<Rate> {
    if let (None, Some(burst)) = (&rate, &burst) {
        diag.under(
            &burst.key,
            "`burst` says how many requests of a `rate` may come at once: add `rate = \"100/s\"`",
        );
    }
    let burst = burst.and_then(|burst| check_number("burst", &burst.value, 1..=MOST, diag));
    let rate = rate.and_then(|rate| Rate::check(&rate.value, diag))?;
    Some(Rate { burst, ..rate })
}

/// The names of keys, one or a list.
pub(super) fn check_keys(keys: Keyed, diag: &mut Diag) -> Vec<String> {
    let Keyed { key, value } = keys;
    let values = match value {
        Value::List(brackets, values) if values.is_empty() => {
            diag.at(
                brackets.span.join(),
                "`keys` names no key, so nobody could come in; name some, or leave it out for all of them",
            );
            return Vec::new();
        }
        Value::List(_, values) => values,
        value => vec![value],
    };
    let mut names: Vec<String> = Vec::new();
    for value in values {
        let Value::Text(text) = &value else {
            diag.under(
                &value,
                format!("`{key}` takes the names of keys as text: `keys = [\"admin\"]`"),
            );
            continue;
        };
        let name = text.value();
        if !(1..=128).contains(&name.len()) || !name.bytes().all(|byte| byte.is_ascii_graphic()) {
            diag.under(
                &value,
                format!(
                    "`{}` is no name of a key: 1 to 128 visible ascii characters",
                    name.escape_debug()
                ),
            );
        } else if names.contains(&name) {
            diag.under(&value, format!("`{name}` stands here twice; keep one of them"));
        } else {
            names.push(name);
        }
    }
    names
}

/// What these options say is said of HTTP.
pub(super) fn check_combinations(args: &Args, diag: &mut Diag) {
    if let (Some(keys), Some(_)) = (&args.keys, &args.public) {
        diag.under(
            &keys.key,
            "`public` opens a handler to everybody and `keys` to some; keep one of them",
        );
    }
    if !is_internal(args) {
        return;
    }
    let why = match args.internal {
        Some(_) => "`internal` keeps it off HTTP; keep one of them",
        None => {
            "a handler with `on` alone is not reached over HTTP; give it a route as well, or leave this out"
        }
    };
    let said = [
        (&args.keys, "`keys` says who may reach it over HTTP"),
        (&args.peers, "`peers` says which clients may reach it over HTTP"),
        (&args.rate, "`rate` says how often it may be asked over HTTP"),
    ];
    for (option, what) in said {
        if let Some(Keyed { key, .. }) = option {
            diag.under(key, format!("{what}, and {why}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates() {
        let check = |text: &str, expected: Option<Option<(u32, u32)>>| {
            let found = read(text).map(|rate| rate.map(|rate| (rate.count, rate.window)));
            assert_eq!(found, expected, "{text}");
        };
        check("100/s", Some(Some((100, 1))));
        check("30/m", Some(Some((30, 60))));
        check("5/h", Some(Some((5, 3600))));
        check("0/s", Some(None));
        check("1000001/s", Some(None));
        check("99999999999999999999/s", Some(None));
        for text in ["", "100", "/s", "-1/s", "+1/s", "1.5/s", "1/d", "1 / s", "100/sec"] {
            check(text, None);
        }
    }
}
