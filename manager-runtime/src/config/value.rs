//! Durations and sizes: how they are written and what a program may pass for them.

use std::time::Duration;

use super::layer::quoted;

/// How a duration is written, after "written like".
pub(super) const DURATIONS: &str = "`500ms`, `10s`, `5m`, `1h` or as a number of seconds";
/// How a size is written, after "written like".
pub(super) const SIZES: &str = "`512B`, `64KiB`, `2MiB`, `10GiB` or as a number of bytes";

/// A text or number that stands for no duration or size.
///
/// ```
/// use manager_runtime::IntoDuration;
///
/// let error = "10 parsecs".into_duration().unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "`10 parsecs` is no duration; write it like `500ms`, `10s`, `5m`, `1h` or as a number of seconds",
/// );
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{} is no {wanted}; write it like {example}", quoted(.given))]
pub struct ValueError {
    given: String,
    wanted: &'static str,
    example: &'static str,
}

impl ValueError {
    /// What was given, as it was written.
    ///
    /// ```
    /// use manager_runtime::IntoSize;
    ///
    /// assert_eq!((-1).into_size().unwrap_err().given(), "-1");
    /// ```
    #[must_use]
    pub fn given(&self) -> &str {
        &self.given
    }

    fn duration(given: impl Into<String>) -> Self {
        Self { given: given.into(), wanted: "duration", example: DURATIONS }
    }

    fn size(given: impl Into<String>) -> Self {
        Self { given: given.into(), wanted: "size", example: SIZES }
    }
}

/// What can be passed where a duration is set: a [`Duration`], a text such as `"500ms"`, `"10s"`, `"5m"` or
/// `"1h"`, or a whole number of seconds. [`None`] leaves the setting as it was without the call.
///
/// ```
/// use std::time::Duration;
/// use manager_runtime::IntoDuration;
///
/// let half = Duration::from_millis(500);
/// assert_eq!(half.into_duration(), Ok(Some(half)));
/// assert_eq!("500ms".into_duration(), Ok(Some(half)));
/// assert_eq!(75.into_duration(), Ok(Some(Duration::from_secs(75))));
/// assert_eq!(None::<u64>.into_duration(), Ok(None));
/// assert!("soon".into_duration().is_err());
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no duration",
    label = "not a duration",
    note = "pass a `Duration`, a text such as \"500ms\", \"10s\", \"5m\" or \"1h\", or a whole number of seconds"
)]
pub trait IntoDuration {
    /// The duration, or `None` where nothing is to be set; the example on [`IntoDuration`] has
    /// every form.
    ///
    /// # Errors
    ///
    /// The text has no number, no known unit or no end in sight; the number is negative.
    fn into_duration(self) -> Result<Option<Duration>, ValueError>;
}

/// What can be passed where a size is set: a text such as `"512B"`, `"64KiB"`, `"2MiB"` or `"10GiB"`, or a
/// whole number of bytes. [`None`] leaves the setting as it was without the call.
///
/// ```
/// use manager_runtime::IntoSize;
///
/// assert_eq!("2MiB".into_size(), Ok(Some(2_097_152)));
/// assert_eq!(4096.into_size(), Ok(Some(4096)));
/// assert_eq!(None::<&str>.into_size(), Ok(None));
/// // A `KB` is a thousand to some and 1024 to others, so it is nothing here.
/// assert!("64KB".into_size().is_err());
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no size",
    label = "not a size",
    note = "pass a text such as \"512B\", \"64KiB\", \"2MiB\" or \"10GiB\", or a whole number of bytes"
)]
pub trait IntoSize {
    /// The number of bytes, or `None` where nothing is to be set; the example on [`IntoSize`] has
    /// every form.
    ///
    /// # Errors
    ///
    /// The text has no number, no known unit or does not fit 64 bits; the number is negative.
    fn into_size(self) -> Result<Option<u64>, ValueError>;
}

/// What can be passed where a count is set: a number, or `None` to leave the setting as it was without the
/// call.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no count",
    label = "not a count",
    note = "pass a `usize` or an `Option<usize>`"
)]
pub trait IntoCount {
    /// The count, or `None` where nothing is to be set.
    fn into_count(self) -> Option<usize>;
}

impl IntoDuration for Duration {
    fn into_duration(self) -> Result<Option<Duration>, ValueError> {
        Ok(Some(self))
    }
}

impl IntoDuration for &str {
    fn into_duration(self) -> Result<Option<Duration>, ValueError> {
        parse_duration(self).map(Some).ok_or_else(|| ValueError::duration(self))
    }
}

impl IntoSize for &str {
    fn into_size(self) -> Result<Option<u64>, ValueError> {
        parse_size(self).map(Some).ok_or_else(|| ValueError::size(self))
    }
}

impl<T: IntoDuration> IntoDuration for Option<T> {
    fn into_duration(self) -> Result<Option<Duration>, ValueError> {
        self.map_or(Ok(None), T::into_duration)
    }
}

impl<T: IntoSize> IntoSize for Option<T> {
    fn into_size(self) -> Result<Option<u64>, ValueError> {
        self.map_or(Ok(None), T::into_size)
    }
}

// The only number, so that a literal without a suffix is one.
#[diagnostic::do_not_recommend]
impl IntoCount for usize {
    fn into_count(self) -> Option<usize> {
        Some(self)
    }
}

#[diagnostic::do_not_recommend]
impl<T: IntoCount> IntoCount for Option<T> {
    fn into_count(self) -> Option<usize> {
        self.and_then(T::into_count)
    }
}

macro_rules! for_texts {
    ($($text:ty),+) => {$(
        impl IntoDuration for $text {
            fn into_duration(self) -> Result<Option<Duration>, ValueError> {
                self.as_str().into_duration()
            }
        }

        impl IntoSize for $text {
            fn into_size(self) -> Result<Option<u64>, ValueError> {
                self.as_str().into_size()
            }
        }
    )+};
}

// With `i32` among them, a literal without a suffix needs none.
macro_rules! for_numbers {
    ($($number:ty),+) => {$(
        impl IntoDuration for $number {
            fn into_duration(self) -> Result<Option<Duration>, ValueError> {
                let seconds = u64::try_from(self);
                let seconds = seconds.map_err(|_| ValueError::duration(self.to_string()))?;
                Ok(Some(Duration::from_secs(seconds)))
            }
        }

        impl IntoSize for $number {
            fn into_size(self) -> Result<Option<u64>, ValueError> {
                u64::try_from(self).map(Some).map_err(|_| ValueError::size(self.to_string()))
            }
        }
    )+};
}

for_texts!(String, &String);
for_numbers!(i32, i64, u32, u64, usize);

/// Units of time in milliseconds, the largest first.
const TIME_UNITS: [(&str, u64); 4] = [("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)];
/// Units of size in bytes, the largest first.
const SIZE_UNITS: [(&str, u64); 5] =
    [("TiB", 1 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("B", 1)];

/// Reads `500ms`, `10s`, `5m`, `1h`; a bare number is seconds.
pub(super) fn parse_duration(text: &str) -> Option<Duration> {
    parse(text, &TIME_UNITS, 1_000).map(Duration::from_millis)
}

/// Reads `512B`, `64KiB`, `2MiB`, `10GiB`; a bare number is bytes.
pub(super) fn parse_size(text: &str) -> Option<u64> {
    parse(text, &SIZE_UNITS, 1)
}

/// Writes a duration in the largest unit that leaves no rest, so that it reads as the same duration.
pub(super) fn show_duration(time: Duration) -> String {
    match u64::try_from(time.as_millis()) {
        Ok(0) if time.is_zero() => "0s".into(),
        Ok(millis) if Duration::from_millis(millis) == time => show(millis, &TIME_UNITS),
        // Finer than what can be written; only a program can pass it.
        _ => format!("{time:?}"),
    }
}

/// Writes a size in the largest unit that leaves no rest.
pub(super) fn show_size(bytes: u64) -> String {
    if bytes == 0 { "0B".into() } else { show(bytes, &SIZE_UNITS) }
}

fn parse(text: &str, units: &[(&str, u64)], bare: u64) -> Option<u64> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let factor = match unit {
        "" => bare,
        unit => units.iter().find(|(name, _)| *name == unit)?.1,
    };
    number.parse::<u64>().ok()?.checked_mul(factor)
}

fn show(amount: u64, units: &[(&str, u64)]) -> String {
    let whole = units.iter().find(|(_, factor)| amount.is_multiple_of(*factor));
    whole.map_or_else(|| amount.to_string(), |(unit, factor)| format!("{}{unit}", amount / factor))
}
