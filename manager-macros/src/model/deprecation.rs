//! Until when a handler answers, and what people shall use instead.

use proc_macro2::Span;
use syn::LitStr;

use crate::args::Value;
use crate::caret;
use crate::diag::Diag;

/// `"until 2027-01-01, use /v2/users"`
pub(crate) struct Deprecation {
    literal: LitStr,
    sunset: Option<u64>,
}

impl Deprecation {
    pub(super) fn check(value: &Value, diag: &mut Diag) -> Option<Self> {
        let rule = "`deprecated` says what to use instead, and until when the old still answers: \
                    `deprecated = \"until 2027-01-01, use /v2/users\"`";
        let Value::Text(literal) = value else {
            diag.under(value, rule);
            return None;
        };
        let text = literal.value();
        if text.trim().is_empty() {
            diag.under(literal, rule);
            return None;
        }
        if let Some((at, c)) = text.char_indices().find(|(_, c)| c.is_control()) {
            let what = "the text is sent in a header, which holds no control characters; leave \
                        this one out";
            diag.under(literal, caret::show(what, &text, &(at..at + c.len_utf8())));
            return None;
        }
        let sunset = match date_after_until(&text) {
            None => None,
            Some(at) => match seconds(&text[at.clone()]) {
                Some(seconds) => Some(seconds),
                None => {
                    let what = "a date follows `until`, from 1970 on, in figures: `2027-01-01`";
                    diag.under(literal, caret::show(what, &text, &at));
                    return None;
                }
            },
        };
        Some(Deprecation { literal: literal.clone(), sunset })
    }

    pub(crate) fn text(&self) -> String {
        self.literal.value()
    }

    pub(crate) fn span(&self) -> Span {
        self.literal.span()
    }

    /// The beginning of the day in seconds since 1970, UTC.
    pub(crate) fn sunset(&self) -> Option<u64> {
        self.sunset
    }
}

/// Where the date stands, or what stands in its place. `until` as the first word announces one; in
/// the middle of a sentence it does if a figure follows.
fn date_after_until(text: &str) -> Option<std::ops::Range<usize>> {
    let mut words = words(text).enumerate().peekable();
    while let Some((number, word)) = words.next() {
        if !text[word.clone()].eq_ignore_ascii_case("until") {
            continue;
        }
        let next = words.peek().map(|(_, next)| next.clone());
        let figure = |at: &std::ops::Range<usize>| text[at.clone()].starts_with(is_digit);
        match next {
            Some(next) if number == 0 || figure(&next) => return Some(next),
            None if number == 0 => return Some(word),
            _ => {}
        }
    }
    None
}

/// Where the words stand, without the punctuation after them.
fn words(text: &str) -> impl Iterator<Item = std::ops::Range<usize>> {
    text.split_whitespace().map(move |word| {
        let start = word.as_ptr() as usize - text.as_ptr() as usize;
        let end = word.trim_end_matches([',', ';', '.', ':', ')']).len();
        start..start + end.max(1)
    })
}

fn is_digit(c: char) -> bool {
    c.is_ascii_digit()
}

/// The seconds from 1970 to the beginning of a day that is written `2027-01-01`.
fn seconds(date: &str) -> Option<u64> {
    let parts: Vec<&str> = date.split('-').collect();
    let [year, month, day] = parts.as_slice() else { return None };
    let number = |text: &str, digits: usize| {
        let fits = text.len() == digits && text.chars().all(is_digit);
        fits.then(|| text.parse::<u64>().ok()).flatten()
    };
    let (year, month, day) = (number(year, 4)?, number(month, 2)?, number(day, 2)?);
    let is_leap =
        |year: u64| year.is_multiple_of(4) && !year.is_multiple_of(100) || year.is_multiple_of(400);
    let days_of = |month: u64| match month {
        2 => 28 + u64::from(is_leap(year)),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    if year < 1970 || !(1..=12).contains(&month) || !(1..=days_of(month)).contains(&day) {
        return None;
    }
    let years: u64 = (1970..year).map(|year| 365 + u64::from(is_leap(year))).sum();
    let months: u64 = (1..month).map(days_of).sum();
    Some((years + months + day - 1) * 86_400)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates() {
        assert_eq!(seconds("1970-01-01"), Some(0));
        assert_eq!(seconds("2000-02-29"), Some(951_782_400));
        assert_eq!(seconds("2024-03-01"), Some(1_709_251_200));
        assert_eq!(seconds("2027-01-01"), Some(1_798_761_600));
        assert_eq!(seconds("9999-12-31"), Some(253_402_214_400));
        for date in ["1969-12-31", "2027-02-29", "2100-02-29", "2027-13-01", "2027-00-01"] {
            assert_eq!(seconds(date), None, "{date}");
        }
        for date in ["2027-1-1", "27-01-01", "2027-01-00", "2027/01/01", "", "+027-01-01"] {
            assert_eq!(seconds(date), None, "{date}");
        }
    }

    #[test]
    fn where_the_date_stands() {
        let check = |text: &str, expected: Option<&str>| {
            assert_eq!(date_after_until(text).map(|at| &text[at]), expected, "{text}");
        };
        check("until 2027-01-01, use /v2", Some("2027-01-01"));
        check("use /v2, until 2027-01-01.", Some("2027-01-01"));
        check("Until tomorrow", Some("tomorrow"));
        check("until", Some("until"));
        check("kept until everybody has moved", None);
        check("use /v2", None);
        check("until , x", Some(","));
    }
}
