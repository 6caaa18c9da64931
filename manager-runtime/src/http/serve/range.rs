//! Which parts of what is there a client wants (RFC 9110, section 14).

use http::HeaderMap;
use http::header::RANGE;

use crate::representation::Part;

/// More parts than anybody needs; with more of them, or more bytes in all than there are, the whole is sent
/// (section 14.2 on what may be ignored).
const MOST: usize = 16;

/// What is to be sent.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    Whole,
    /// At least one.
    Parts(Vec<Part>),
    /// Nothing of what was asked for is there.
    Nothing,
}

/// What `Range` says of something of this length. What cannot be read is ignored, as is any unit but bytes.
pub(super) fn wanted(headers: &HeaderMap, length: u64) -> Wanted {
    let mut given = headers.get_all(RANGE).iter();
    let (Some(range), None) = (given.next(), given.next()) else { return Wanted::Whole };
    let Some(specs) = range.to_str().ok().and_then(specs) else { return Wanted::Whole };
    if specs.len() > MOST {
        return Wanted::Whole;
    }
    let parts: Vec<Part> = specs.iter().filter_map(|spec| spec.within(length)).collect();
    // None of them is longer than the whole, so this cannot overflow before it is compared.
    let bytes = parts.iter().fold(0_u64, |sum, part| sum.saturating_add(part.length()));
    match parts.len() {
        0 => Wanted::Nothing,
        1 => Wanted::Parts(parts),
        _ if bytes > length => Wanted::Whole,
        _ => Wanted::Parts(parts),
    }
}

/// A part as it is asked for.
#[derive(Clone, Copy, Debug)]
enum Spec {
    /// From one byte to another, or to the end.
    From(u64, Option<u64>),
    /// So many at the end.
    Last(u64),
}

impl Spec {
    /// What there is of it.
    fn within(self, length: u64) -> Option<Part> {
        let end = length.checked_sub(1)?;
        match self {
            Spec::From(first, last) if first <= end => {
                Some(Part { first, last: last.unwrap_or(end).min(end) })
            }
            Spec::Last(count) if count > 0 => {
                Some(Part { first: length.saturating_sub(count), last: end })
            }
            Spec::From(..) | Spec::Last(_) => None,
        }
    }
}

fn specs(range: &str) -> Option<Vec<Spec>> {
    let (unit, set) = range.split_once('=')?;
    if !unit.trim().eq_ignore_ascii_case("bytes") {
        return None;
    }
    let mut specs = Vec::new();
    for spec in set.split(',').map(str::trim).filter(|spec| !spec.is_empty()) {
        let (first, last) = spec.split_once('-')?;
        specs.push(match (first.trim_end(), last.trim_start()) {
            ("", count) => Spec::Last(number(count)?),
            (first, "") => Spec::From(number(first)?, None),
            (first, last) => {
                let (first, last) = (number(first)?, number(last)?);
                // Section 14.1.2: such a set is invalid as a whole.
                (first <= last).then_some(Spec::From(first, Some(last)))?
            }
        });
    }
    (!specs.is_empty()).then_some(specs)
}

/// Digits; more of them than a number has room for are as good as the end.
fn number(text: &str) -> Option<u64> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn parts_of_ten_bytes() {
        let check = |range: &str, expected: Wanted| {
            let mut headers = HeaderMap::new();
            headers.insert(RANGE, HeaderValue::from_str(range).unwrap());
            assert_eq!(wanted(&headers, 10), expected, "{range}");
        };
        let parts = |parts: &[(u64, u64)]| {
            Wanted::Parts(
                parts.iter().map(|(first, last)| Part { first: *first, last: *last }).collect(),
            )
        };
        check("bytes=0-0", parts(&[(0, 0)]));
        check("bytes=2-4", parts(&[(2, 4)]));
        check("bytes=2-", parts(&[(2, 9)]));
        check("bytes=-3", parts(&[(7, 9)]));
        check("bytes=-30", parts(&[(0, 9)]));
        check("bytes=9-99", parts(&[(9, 9)]));
        check("bytes=0-99999999999999999999999", parts(&[(0, 9)]));
        check("Bytes = 0-1 , 4-5", parts(&[(0, 1), (4, 5)]));
        check("bytes=0-1,,8-", parts(&[(0, 1), (8, 9)]));
        check("bytes=-1,0-0", parts(&[(9, 9), (0, 0)]));
        check("bytes=0-1,20-30", parts(&[(0, 1)]));
        check("bytes=10-", Wanted::Nothing);
        check("bytes=-0", Wanted::Nothing);
        check("bytes=10-11,99-", Wanted::Nothing);
        check("bytes=99999999999999999999999-", Wanted::Nothing);
        // More than there is.
        check("bytes=0-,0-", Wanted::Whole);
        check(&format!("bytes={}", vec!["0-0"; 17].join(",")), Wanted::Whole);
        for nonsense in [
            "bytes=",
            "bytes=-",
            "bytes=a-b",
            "bytes=4-2",
            "bytes=0-1,4-2",
            "bytes=+1-2",
            "bytes 0-1",
            "items=0-1",
            "0-1",
            "bytes=1",
            "bytes=--1",
            "bytes=0x1-2",
        ] {
            check(nonsense, Wanted::Whole);
        }
    }

    #[test]
    fn of_nothing_there_is_no_part() {
        let mut headers = HeaderMap::new();
        assert_eq!(wanted(&headers, 0), Wanted::Whole);
        headers.insert(RANGE, HeaderValue::from_static("bytes=0-"));
        assert_eq!(wanted(&headers, 0), Wanted::Nothing);
        headers.append(RANGE, HeaderValue::from_static("bytes=0-"));
        assert_eq!(wanted(&headers, 10), Wanted::Whole);
    }
}
