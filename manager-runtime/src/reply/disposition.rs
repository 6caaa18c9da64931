//! How a file that is saved shall be called.

use http::HeaderValue;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What stands for itself in an extended parameter (RFC 8187, section 3.2.1).
const ATTRIBUTE: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'!')
    .remove(b'#')
    .remove(b'$')
    .remove(b'&')
    .remove(b'+')
    .remove(b'-')
    .remove(b'.')
    .remove(b'^')
    .remove(b'_')
    .remove(b'`')
    .remove(b'|')
    .remove(b'~');

/// `Content-Disposition`, `attachment` or `inline`, with a name (RFC 6266, section 4). A name beyond plain ASCII is said
/// twice: `filename*` has all of it, `filename` is what older clients read (RFC 6266, section 4.3 and
/// appendix D).
pub(crate) fn named(kind: &'static str, name: &str) -> HeaderValue {
    // A name is no path: whoever saves it must not be led elsewhere.
    let name: String = name
        .chars()
        .map(|it| if matches!(it, '/' | '\\') || it.is_control() { '_' } else { it })
        .collect();
    // A quote would end the text, and some clients decode `%41`.
    let is_plain = |it: char| matches!(it, ' '..='~') && !matches!(it, '"' | '%');
    let plain: String = name.chars().map(|it| if is_plain(it) { it } else { '_' }).collect();
    let mut text = format!("{kind}; filename=\"{plain}\"");
    if plain != name {
        text.push_str("; filename*=UTF-8''");
        text.extend(utf8_percent_encode(&name, ATTRIBUTE));
    }
    // It is visible ASCII by now.
    HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static(kind))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_said_as_every_client_reads_them() {
        let check = |name: &str, expected: &str| {
            assert_eq!(named("attachment", name), expected, "{name:?}");
        };
        check("report.pdf", r#"attachment; filename="report.pdf""#);
        check("my report.pdf", r#"attachment; filename="my report.pdf""#);
        check(
            "größe.txt",
            r#"attachment; filename="gr__e.txt"; filename*=UTF-8''gr%C3%B6%C3%9Fe.txt"#,
        );
        check("€ rates", r#"attachment; filename="_ rates"; filename*=UTF-8''%E2%82%AC%20rates"#);
        check("a\"b", r#"attachment; filename="a_b"; filename*=UTF-8''a%22b"#);
        check("100%41", r#"attachment; filename="100_41"; filename*=UTF-8''100%2541"#);
        check("../../etc/passwd", r#"attachment; filename=".._.._etc_passwd""#);
        check("a\r\nb", r#"attachment; filename="a__b""#);
        check("a\r\nX-Bad: 1", r#"attachment; filename="a__X-Bad: 1""#);
        check("", r#"attachment; filename="""#);
        assert_eq!(named("inline", "a.pdf"), r#"inline; filename="a.pdf""#);
    }
}
