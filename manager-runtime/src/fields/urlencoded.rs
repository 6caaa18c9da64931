//! `application/x-www-form-urlencoded`, as the URL Standard reads it (section 5.1).

use std::borrow::Cow;

use super::misfit::quote;

/// A name and a value, decoded.
pub(super) type Pair<'a> = (Cow<'a, str>, Cow<'a, str>);

/// All pairs, in order. The standard would put U+FFFD for what is not UTF-8; here that is an error, which
/// says where: a value that was changed on the way is no value that somebody sent.
pub(super) fn pairs(text: &[u8]) -> Result<Vec<Pair<'_>>, String> {
    let pieces = text.split(|byte| *byte == b'&').filter(|piece| !piece.is_empty());
    pieces.map(pair).collect()
}

fn pair(piece: &[u8]) -> Result<Pair<'_>, String> {
    let end = piece.iter().position(|byte| *byte == b'=');
    let (name, value) = match end {
        Some(end) => (&piece[..end], &piece[end + 1..]),
        None => (piece, &b""[..]),
    };
    let name = decode(name).ok_or_else(|| "the name of a field is not UTF-8".to_owned())?;
    match decode(value) {
        Some(value) => Ok((name, value)),
        None => Err(format!("the value of {} is not UTF-8", quote(&name))),
    }
}

/// A percent sign without two digits after it stands for itself.
fn decode(text: &[u8]) -> Option<Cow<'_, str>> {
    if !text.iter().any(|byte| matches!(byte, b'+' | b'%')) {
        return std::str::from_utf8(text).ok().map(Cow::Borrowed);
    }
    let spaced: Vec<u8> =
        text.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
    let decoded = percent_encoding::percent_decode(&spaced).collect();
    String::from_utf8(decoded).ok().map(Cow::Owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_read_as_the_standard_says() {
        let check = |text: &str, expected: &[(&str, &str)]| {
            let pairs = pairs(text.as_bytes()).unwrap();
            let pairs: Vec<(&str, &str)> =
                pairs.iter().map(|(name, value)| (&**name, &**value)).collect();
            assert_eq!(pairs, expected, "{text}");
        };
        check("", &[]);
        check("a=1&b=2", &[("a", "1"), ("b", "2")]);
        check("&&a&=b&c=&=", &[("a", ""), ("", "b"), ("c", ""), ("", "")]);
        check("a=b=c", &[("a", "b=c")]);
        check("a+b=%2B+%20%c3%A4", &[("a b", "+  ä")]);
        check("a=%&b=%4&c=%zz&d=%41", &[("a", "%"), ("b", "%4"), ("c", "%zz"), ("d", "A")]);
        check("ä=ö;x=1", &[("ä", "ö;x=1")]);
    }

    #[test]
    fn what_is_not_utf_8_is_an_error_that_says_where() {
        assert_eq!(pairs(b"a=1&b%0a=%ff").unwrap_err(), r#"the value of "b\n" is not UTF-8"#);
        assert_eq!(pairs(b"a=\xff").unwrap_err(), r#"the value of "a" is not UTF-8"#);
        assert_eq!(pairs(b"%ff=1").unwrap_err(), "the name of a field is not UTF-8");
    }
}
