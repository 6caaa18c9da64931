//! Durations and sizes as people write them: `"30s"`, `"2MiB"`, or a bare number.

use std::ops::RangeInclusive;

use crate::args::Value;
use crate::diag::Diag;

/// A duration in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Millis(u64);

/// A number of bytes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Size(u64);

impl Millis {
    /// What a call may take.
    pub(crate) const OF_A_CALL: RangeInclusive<u64> = 1..=24 * HOUR;
    /// What a setting may wait.
    pub(crate) const OF_A_SETTING: RangeInclusive<u64> = 1..=365 * 24 * HOUR;
    /// The same where waiting for nothing makes sense.
    pub(crate) const OR_NONE: RangeInclusive<u64> = 0..=365 * 24 * HOUR;

    /// Checks the value of the option or key `word`.
    pub(crate) fn check(
        word: &str,
        value: &Value,
        range: RangeInclusive<u64>,
        diag: &mut Diag,
    ) -> Option<Self> {
        check(word, value, &DURATION, range, diag).map(Millis)
    }

    pub(crate) fn get(self) -> u64 {
        self.0
    }
}

impl Size {
    /// What a body may have.
    pub(crate) const OF_A_BODY: RangeInclusive<u64> = 1..=1 << 40;
    /// What all files of a store may have together.
    pub(crate) const OF_A_STORE: RangeInclusive<u64> = 1..=1 << 50;
    /// What the head of a request may have.
    pub(crate) const OF_A_HEAD: RangeInclusive<u64> = 8 << 10..=1 << 20;

    /// Checks the value of the option or key `word`.
    pub(crate) fn check(
        word: &str,
        value: &Value,
        range: RangeInclusive<u64>,
        diag: &mut Diag,
    ) -> Option<Self> {
        check(word, value, &SIZE, range, diag).map(Size)
    }

    pub(crate) fn get(self) -> u64 {
        self.0
    }
}

const HOUR: u64 = 3_600_000;

/// What is measured, and how it is written.
struct Quantity {
    name: &'static str,
    /// Every unit, the largest first.
    units: &'static [(&'static str, u64)],
    /// What a number without a unit counts.
    bare: u64,
    rule: &'static str,
}

const DURATION: Quantity = Quantity {
    name: "duration",
    units: &[("h", HOUR), ("m", 60_000), ("s", 1000), ("ms", 1)],
    bare: 1000,
    rule: "write it like `\"500ms\"`, `\"10s\"`, `\"5m\"`, `\"1h\"` or as a number of seconds",
};

const SIZE: Quantity = Quantity {
    name: "size",
    units: &[("TiB", 1 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("B", 1)],
    bare: 1,
    rule: "write it like `\"64KiB\"`, `\"2MiB\"`, `\"10GiB\"` or as a number of bytes",
};

/// Why a value is no quantity.
enum Misfit {
    /// Neither text nor a whole number.
    Kind,
    /// A number with its unit, but without the quotes: `30s`.
    Bare(String),
    /// Text, but no whole number with a known unit.
    Text(String),
    /// More or less than there can be.
    Range,
}

fn check(
    word: &str,
    value: &Value,
    quantity: &Quantity,
    range: RangeInclusive<u64>,
    diag: &mut Diag,
) -> Option<u64> {
    let Quantity { name, rule, .. } = quantity;
    let amount = match read(value, quantity) {
        Ok(amount) if range.contains(&amount) => return Some(amount),
        Ok(_) => Misfit::Range,
        Err(misfit) => misfit,
    };
    let message = match amount {
        Misfit::Kind => format!("`{word}` takes a {name}; {rule}"),
        Misfit::Bare(text) => format!("`{word}` takes a {name} as text: `\"{text}\"`"),
        Misfit::Text(text) => format!("`{text}` is no {name}; {rule}"),
        Misfit::Range => {
            let show = |amount: &u64| show(*amount, quantity);
            format!("`{word}` goes from {} to {}", show(range.start()), show(range.end()))
        }
    };
    diag.under(value, message);
    None
}

fn read(value: &Value, quantity: &Quantity) -> Result<u64, Misfit> {
    match value {
        Value::Text(text) => {
            let text = text.value();
            read_text(&text, quantity).unwrap_or(Err(Misfit::Text(text)))
        }
        Value::Number(number) if !number.suffix().is_empty() => {
            Err(Misfit::Bare(number.to_string()))
        }
        Value::Number(number) => {
            let number = number.base10_parse::<u64>().ok();
            number.and_then(|number| number.checked_mul(quantity.bare)).ok_or(Misfit::Range)
        }
        _ => Err(Misfit::Kind),
    }
}

/// `None` if it is no number with a unit at all.
fn read_text(text: &str, quantity: &Quantity) -> Option<Result<u64, Misfit>> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let factor = match unit {
        "" => quantity.bare,
        unit => quantity.units.iter().find(|(name, _)| *name == unit)?.1,
    };
    if number.is_empty() {
        return None;
    }
    let number = number.parse::<u64>().ok();
    Some(number.and_then(|number| number.checked_mul(factor)).ok_or(Misfit::Range))
}

/// The amount in the largest unit that leaves no rest.
fn show(amount: u64, quantity: &Quantity) -> String {
    let whole = |(_, factor): &&(&str, u64)| amount.is_multiple_of(*factor);
    match quantity.units.iter().find(whole) {
        Some((unit, factor)) => format!("`{}{unit}`", amount / factor),
        None => amount.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        let check = |text, expected| {
            let value: Value = syn::parse_str(text).unwrap();
            assert_eq!(read(&value, &DURATION).ok(), expected, "{text}");
        };
        check(r#""500ms""#, Some(500));
        check(r#""10s""#, Some(10_000));
        check(r#""5m""#, Some(300_000));
        check(r#""24h""#, Some(24 * HOUR));
        check(r#""30""#, Some(30_000));
        check("30", Some(30_000));
        check("0x1e", Some(30_000));
        for text in ["-1", "1.5", "30s", "true", r#""""#, r#""s""#, r#""1.5s""#, r#""30 s""#] {
            check(text, None);
        }
        for text in [r#""99999999999999999999h""#, "99999999999999999999", "soon", r#""+1s""#] {
            check(text, None);
        }
    }

    #[test]
    fn sizes() {
        let check = |text, expected| {
            let value: Value = syn::parse_str(text).unwrap();
            assert_eq!(read(&value, &SIZE).ok(), expected, "{text}");
        };
        check(r#""12B""#, Some(12));
        check(r#""64KiB""#, Some(65_536));
        check(r#""2MiB""#, Some(2_097_152));
        check(r#""10GiB""#, Some(10_737_418_240));
        check("1_000", Some(1000));
        for text in ["-1", "2MiB", r#""2MB""#, r#""MiB""#, r#""99999999999GiB""#, "'a'"] {
            check(text, None);
        }
    }

    #[test]
    fn amounts_are_shown_in_the_largest_unit() {
        assert_eq!(show(1, &DURATION), "`1ms`");
        assert_eq!(show(90_000, &DURATION), "`90s`");
        assert_eq!(show(*Millis::OF_A_CALL.end(), &DURATION), "`24h`");
        assert_eq!(show(*Size::OF_A_BODY.end(), &SIZE), "`1TiB`");
    }
}
