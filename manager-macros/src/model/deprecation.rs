//! Since when a handler is to go, until when it answers, and what people shall use instead.

use std::ops::Range;

use proc_macro2::Span;
use syn::LitStr;

use crate::args::Value;
use crate::caret;
use crate::diag::Diag;

/// `"since 2026-01-01, until 2027-01-01, use /v2/users"`
pub(crate) struct Deprecation {
    literal: LitStr,
    since: Option<u64>,
    sunset: Option<u64>,
}

impl Deprecation {
    pub(super) fn check(value: &Value, diag: &mut Diag) -> Option<Self> {
        let rule = "`deprecated` says what to use instead, since when, and until when the old still \
                    answers: `deprecated = \"since 2026-01-01, until 2027-01-01, use /v2/users\"`";
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
        let since = date_after("since", literal, diag).ok()?;
        let sunset = date_after("until", literal, diag).ok()?;
        if let (Some((since, _)), Some((sunset, at))) = (&since, &sunset)
            && since > sunset
        {
            // RFC 9745, section 4.
            let what = "it cannot end before it is deprecated: the day after `until` is not before \
                        that after `since`";
            diag.under(literal, caret::show(what, &text, at));
            return None;
        }
        let seconds = |date: Option<(u64, Range<usize>)>| date.map(|(seconds, _)| seconds);
        let (since, sunset) = (seconds(since), seconds(sunset));
        Some(Deprecation { literal: literal.clone(), since, sunset })
    }

    pub(crate) fn text(&self) -> String {
        self.literal.value()
    }

    pub(crate) fn span(&self) -> Span {
        self.literal.span()
    }

    /// The beginning of the day in seconds since 1970, UTC; so is the other.
    pub(crate) fn since(&self) -> Option<u64> {
        self.since
    }

    pub(crate) fn sunset(&self) -> Option<u64> {
        self.sunset
    }
}

/// The day after a word, with its place; a mistake is told.
fn date_after(
    word: &str,
    literal: &LitStr,
    diag: &mut Diag,
) -> Result<Option<(u64, Range<usize>)>, ()> {
    let text = literal.value();
    let Some(at) = place_after(word, &text) else { return Ok(None) };
    match seconds(&text[at.clone()]) {
        Some(seconds) => Ok(Some((seconds, at))),
        None => {
            let what = format!("a date follows `{word}`, from 1970 on, in figures: `2027-01-01`");
            diag.under(literal, caret::show(&what, &text, &at));
            Err(())
        }
    }
}

/// Where the date after a word stands, or what stands in its place. `until` as the first word announces one;
/// elsewhere, and after `since`, which may stand for `because`, there is one if a figure follows.
fn place_after(wanted: &str, text: &str) -> Option<Range<usize>> {
    let mut words = words(text).enumerate().peekable();
    while let Some((number, word)) = words.next() {
        if !text[word.clone()].eq_ignore_ascii_case(wanted) {
            continue;
        }
        let announces = number == 0 && wanted == "until";
        let figure = |at: &Range<usize>| text[at.clone()].starts_with(is_digit);
        match words.peek() {
            Some((_, next)) if announces || figure(next) => return Some(next.clone()),
            None if announces => return Some(word),
            _ => {}
        }
    }
    None
}

/// Where the words stand, without the punctuation after them.
fn words(text: &str) -> impl Iterator<Item = Range<usize>> {
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
            assert_eq!(place_after("until", text).map(|at| &text[at]), expected, "{text}");
        };
        check("until 2027-01-01, use /v2", Some("2027-01-01"));
        check("use /v2, until 2027-01-01.", Some("2027-01-01"));
        check("Until tomorrow", Some("tomorrow"));
        check("until", Some("until"));
        check("kept until everybody has moved", None);
        check("use /v2", None);
        check("until , x", Some(","));
        let both = "since 2026-01-01, until 2027-01-01, use /v2";
        check(both, Some("2027-01-01"));
        let since = |text: &str| place_after("since", text).map(|at| text[at].to_owned());
        assert_eq!(since(both).as_deref(), Some("2026-01-01"));
        assert_eq!(since("until 2027-01-01; since 2026-01-01").as_deref(), Some("2026-01-01"));
        assert_eq!(since("nobody has asked since").as_deref(), None);
        assert_eq!(since("since it is slow, use /v2").as_deref(), None);
    }
}
