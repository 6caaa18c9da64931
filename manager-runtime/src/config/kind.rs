//! What a setting may be: one type for each kind of value.

use std::time::Duration;

use super::address::Address;
use super::finding::Finding;
use super::handlers::Handlers;
use super::layer::{Raw, Source, Written, quoted};
use super::report::Row;
use super::secret::ApiKeys;
use super::value::{DURATIONS, SIZES, parse_duration, parse_size, show_duration, show_size};
use crate::rate::Rate;

/// Checks a value as written and shows one as checked.
pub(super) trait Kind {
    /// What the server goes by.
    type Value;
    const SECRET: bool = false;
    const LIST: bool = false;
    const SWITCH: bool = false;

    /// The value, or what was given instead, as the finding shows it.
    fn read(&self, raw: &Raw) -> Result<Self::Value, String>;

    /// What is allowed, after "allowed is".
    fn allowed(&self) -> String;

    fn show(&self, value: &Self::Value) -> String;

    fn check(&self, key: &str, written: &Written) -> Result<Self::Value, Vec<Finding>> {
        self.read(&written.raw).map_err(|given| {
            vec![Finding::impossible(written.source.clone(), key, given, self.allowed())]
        })
    }

    fn rows(&self, key: &str, value: &Self::Value, source: &Source) -> Vec<Row> {
        vec![Row { key: key.into(), value: self.show(value), source: source.to_string() }]
    }
}

/// An address to listen on.
pub(super) struct Listen;

impl Kind for Listen {
    type Value = Address;

    fn read(&self, raw: &Raw) -> Result<Address, String> {
        match raw {
            Raw::Text(text) | Raw::Quoted(text) => Address::parse(text).ok_or_else(|| raw.given()),
            _ => Err(raw.given()),
        }
    }

    fn allowed(&self) -> String {
        "host and port, such as `127.0.0.1:8080`, `[::1]:8080` or `localhost:8080`".into()
    }

    fn show(&self, value: &Address) -> String {
        value.to_string()
    }
}

/// An address that need not be.
pub(super) struct MaybeListen;

impl Kind for MaybeListen {
    type Value = Option<Address>;

    fn read(&self, raw: &Raw) -> Result<Option<Address>, String> {
        match raw {
            // So that a later source can take back what an earlier one said.
            Raw::Text(text) | Raw::Quoted(text) if text == "none" => Ok(None),
            raw => Listen.read(raw).map(Some),
        }
    }

    fn allowed(&self) -> String {
        format!("{}, or `none`", Listen.allowed())
    }

    fn show(&self, value: &Option<Address>) -> String {
        value.as_ref().map_or_else(|| "none".to_owned(), Address::to_string)
    }
}

/// A whole number.
pub(super) struct Count {
    pub(super) min: usize,
    pub(super) max: usize,
}

impl Kind for Count {
    type Value = usize;

    fn read(&self, raw: &Raw) -> Result<usize, String> {
        let number = match raw {
            Raw::Number(number) => usize::try_from(*number).ok(),
            // `parse` takes a plus sign as well, which nobody means.
            Raw::Text(text) if !text.starts_with('+') => text.parse().ok(),
            _ => None,
        };
        number.filter(|number| (self.min..=self.max).contains(number)).ok_or_else(|| raw.given())
    }

    fn allowed(&self) -> String {
        format!("a whole number from {} to {}", self.min, self.max)
    }

    fn show(&self, value: &usize) -> String {
        value.to_string()
    }
}

/// A whole number that need not be.
pub(super) struct MaybeCount(pub(super) Count);

impl Kind for MaybeCount {
    type Value = Option<usize>;

    fn read(&self, raw: &Raw) -> Result<Option<usize>, String> {
        match raw {
            Raw::Text(text) | Raw::Quoted(text) if text == "none" => Ok(None),
            raw => self.0.read(raw).map(Some),
        }
    }

    fn allowed(&self) -> String {
        format!("{}, or `none`", self.0.allowed())
    }

    fn show(&self, value: &Option<usize>) -> String {
        value.map_or_else(|| "none".to_owned(), |value| value.to_string())
    }
}

/// How often something may be that need not be limited.
pub(super) struct MaybeRate;

impl Kind for MaybeRate {
    type Value = Option<Rate>;

    fn read(&self, raw: &Raw) -> Result<Option<Rate>, String> {
        match raw {
            Raw::Text(text) | Raw::Quoted(text) if text == "none" => Ok(None),
            Raw::Text(text) | Raw::Quoted(text) => {
                Rate::parse(text).map(Some).ok_or_else(|| raw.given())
            }
            _ => Err(raw.given()),
        }
    }

    fn allowed(&self) -> String {
        format!("1 to {} in a time, written like `100/s`, `30/m` or `5/h`, or `none`", Rate::MOST)
    }

    fn show(&self, value: &Option<Rate>) -> String {
        value.map_or_else(|| "none".to_owned(), |rate| rate.to_string())
    }
}

/// On or off.
pub(super) struct Switch {
    /// What it needs to be on, and whether this build has it.
    feature: Option<(&'static str, bool)>,
}

impl Switch {
    /// One that can always be on.
    pub(super) const ON: Self = Switch { feature: None };
    pub(super) const COMPRESSION: Self =
        Switch { feature: Some(("compression", cfg!(feature = "compression"))) };
    pub(super) const TLS: Self = Switch { feature: Some(super::tls::TLS) };

    /// What alone is allowed where a build has not the feature; nothing to say where it has.
    pub(super) fn missing(allowed: &str, (feature, is_there): (&str, bool)) -> Option<String> {
        (!is_there).then(|| {
            format!(
                "`{allowed}`, because this program was built without the feature `{feature}` of \
                 `manager-runtime`"
            )
        })
    }
}

impl Kind for Switch {
    type Value = bool;
    const SWITCH: bool = true;

    fn read(&self, raw: &Raw) -> Result<bool, String> {
        let on = match raw {
            Raw::Switch(on) => Some(*on),
            Raw::Text(text) => text.parse().ok(),
            _ => None,
        };
        let possible = |on: &bool| !on || self.feature.is_none_or(|(_, is_there)| is_there);
        on.filter(possible).ok_or_else(|| raw.given())
    }

    fn allowed(&self) -> String {
        self.feature
            .and_then(|feature| Self::missing("false", feature))
            .unwrap_or_else(|| "`true` or `false`".into())
    }

    fn show(&self, value: &bool) -> String {
        value.to_string()
    }
}

/// A time span.
pub(super) struct Time {
    pub(super) min: Duration,
    pub(super) max: Duration,
}

impl Kind for Time {
    type Value = Duration;

    fn read(&self, raw: &Raw) -> Result<Duration, String> {
        let time = match raw {
            Raw::Text(text) | Raw::Quoted(text) => parse_duration(text),
            Raw::Number(seconds) => Some(Duration::from_secs(*seconds)),
            Raw::Time(time) => Some(*time),
            _ => None,
        };
        time.filter(|time| (self.min..=self.max).contains(time)).ok_or_else(|| raw.given())
    }

    fn allowed(&self) -> String {
        let (min, max) = (show_duration(self.min), show_duration(self.max));
        format!("{min} to {max}, written like {DURATIONS}")
    }

    fn show(&self, value: &Duration) -> String {
        show_duration(*value)
    }
}

/// A number of bytes.
pub(super) struct Size {
    pub(super) min: u64,
    pub(super) max: u64,
}

impl Kind for Size {
    type Value = u64;

    fn read(&self, raw: &Raw) -> Result<u64, String> {
        let size = match raw {
            Raw::Text(text) | Raw::Quoted(text) => parse_size(text),
            Raw::Number(bytes) | Raw::Size(bytes) => Some(*bytes),
            _ => None,
        };
        size.filter(|size| (self.min..=self.max).contains(size)).ok_or_else(|| raw.given())
    }

    fn allowed(&self) -> String {
        let (min, max) = (show_size(self.min), show_size(self.max));
        format!("{min} to {max}, written like {SIZES}")
    }

    fn show(&self, value: &u64) -> String {
        show_size(*value)
    }
}

/// A number of bytes that need not be.
pub(super) struct MaybeSize(pub(super) Size);

impl Kind for MaybeSize {
    type Value = Option<u64>;

    fn read(&self, raw: &Raw) -> Result<Option<u64>, String> {
        match raw {
            Raw::Text(text) | Raw::Quoted(text) if text == "none" => Ok(None),
            raw => self.0.read(raw).map(Some),
        }
    }

    fn allowed(&self) -> String {
        format!("{}, or `none`", self.0.allowed())
    }

    fn show(&self, value: &Option<u64>) -> String {
        value.map_or_else(|| "none".to_owned(), show_size)
    }
}

/// The names of handlers, with `*`.
pub(super) struct Names;

impl Kind for Names {
    type Value = Handlers;
    const LIST: bool = true;

    fn read(&self, raw: &Raw) -> Result<Handlers, String> {
        let names: Vec<String> = match raw {
            Raw::List(names) => names.clone(),
            Raw::Text(text) => text.split(',').map(|name| name.trim().to_owned()).collect(),
            _ => return Err(raw.given()),
        };
        if names.is_empty() {
            return Err(raw.given());
        }
        Handlers::only(names)
            .map_err(|wrong| wrong.iter().map(|name| quoted(name)).collect::<Vec<_>>().join(", "))
    }

    fn allowed(&self) -> String {
        "a list of names of handlers, such as `add`, `billing.*` or `*`".into()
    }

    fn show(&self, value: &Handlers) -> String {
        value.to_string()
    }
}

/// API keys by name. Nothing of them is ever shown.
pub(super) struct Keys;

impl Kind for Keys {
    type Value = ApiKeys;
    const SECRET: bool = true;

    fn read(&self, raw: &Raw) -> Result<ApiKeys, String> {
        match raw {
            Raw::Keys(keys) if !keys.is_empty() => {
                ApiKeys::check(keys).map_err(|_| "keys that cannot be".into())
            }
            Raw::Keys(_) => Err("an empty list".into()),
            _ => Err("something else".into()),
        }
    }

    fn allowed(&self) -> String {
        "at least one key of 1 to 4096 visible ascii characters".into()
    }

    fn show(&self, value: &ApiKeys) -> String {
        value.to_string()
    }

    /// Each key stands at a place of its own, so each has findings of its own.
    fn check(&self, key: &str, written: &Written) -> Result<ApiKeys, Vec<Finding>> {
        match &written.raw {
            Raw::Keys(keys) if !keys.is_empty() => ApiKeys::check(keys),
            raw => self.read(raw).map_err(|given| {
                vec![Finding::impossible(written.source.clone(), key, given, self.allowed())]
            }),
        }
    }

    fn rows(&self, key: &str, value: &ApiKeys, source: &Source) -> Vec<Row> {
        if value.is_empty() {
            return vec![Row { key: key.into(), value: "none".into(), source: source.to_string() }];
        }
        let row = |(name, source): (&str, &Source)| Row {
            key: format!("{key}.{name}"),
            value: "set".into(),
            source: source.to_string(),
        };
        value.places().map(row).collect()
    }
}
