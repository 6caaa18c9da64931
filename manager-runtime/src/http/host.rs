//! What a request may say of the host that it asks (RFC 9110, sections 4.2 and 7.2; RFC 9112, section 3.2;
//! RFC 9113, section 8.3.1).

use std::net::Ipv6Addr;

use http::Version;
use http::header::HOST;

use crate::head::Head;

/// Whether a request names the host that it asks as it has to; otherwise why not. One that did not come over a
/// connection of ours was looked at by whoever has it.
pub(super) fn check(head: &Head, embedded: bool) -> Result<(), &'static str> {
    let authority = head.uri().authority().map(http::uri::Authority::as_str);
    if authority.is_some_and(|authority| authority.contains('@')) {
        return Err("the target must not name a user");
    }
    let mut hosts = head.headers().get_all(HOST).iter();
    match (hosts.next(), hosts.next()) {
        (Some(host), None) if embedded || is_host(host.as_bytes()) => {
            // HTTP/1.1 has the target win; HTTP/2 calls a difference malformed.
            match authority.filter(|_| head.version() >= Version::HTTP_2) {
                Some(name) if !name.as_bytes().eq_ignore_ascii_case(host.as_bytes()) => {
                    Err("Host and :authority differ")
                }
                _ => Ok(()),
            }
        }
        (Some(_), None) => Err("the value of Host is not a host"),
        // HTTP/2 says it in `:authority`, and HTTP/1.0 need not say it.
        (None, None) if head.version() != Version::HTTP_11 || embedded => Ok(()),
        _ => Err("the request must have exactly one Host"),
    }
}

/// Whether this is a host that is not empty, and perhaps a port (RFC 3986, sections 3.2.2 and 3.2.3).
fn is_host(value: &[u8]) -> bool {
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    let end = value.iter().position(|byte| !is_plain(byte)).unwrap_or(value.len());
    let (plain, rest) = value.split_at(end);
    match (plain, rest) {
        ([], []) => false,
        // Nearly all there are.
        (_, []) => true,
        ([_, ..], [b':', port @ ..]) => is_port(port),
        ([], [b'[', inner @ ..]) => match inner.iter().position(|byte| *byte == b']') {
            Some(end) => {
                let (address, port) = inner.split_at(end);
                let is_address = std::str::from_utf8(address)
                    .is_ok_and(|address| address.parse::<Ipv6Addr>().is_ok());
                is_address
                    && matches!(port, [b']'] | [b']', b':', ..])
                    && port.get(2..).is_none_or(is_port)
            }
            None => false,
        },
        _ => is_unusual(value),
    }
}

/// A name with characters that no host of the DNS has.
fn is_unusual(value: &[u8]) -> bool {
    let (name, port) = match value.iter().position(|byte| *byte == b':') {
        Some(at) => (value.get(..at), value.get(at + 1..)),
        None => (Some(value), None),
    };
    let mut rest = name.unwrap_or_default();
    if rest.is_empty() || !port.is_none_or(is_port) {
        return false;
    }
    loop {
        rest = match rest {
            [] => return true,
            [b'%', high, low, rest @ ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                rest
            }
            [byte, rest @ ..]
                if byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=".contains(byte) =>
            {
                rest
            }
            _ => return false,
        };
    }
}

fn is_port(port: &[u8]) -> bool {
    port.iter().all(u8::is_ascii_digit)
        && port.iter().fold(0_u32, |all, digit| (all * 10 + u32::from(digit - b'0')).min(70_000))
            <= u32::from(u16::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_and_what_is_none() {
        for host in [
            "localhost",
            "LOCALHOST",
            "a",
            "127.0.0.1",
            "127.0.0.1:8080",
            "localhost:",
            "localhost:0",
            "localhost:65535",
            "localhost:00000000080",
            "my_host-1.example.com.",
            "[::1]",
            "[::1]:80",
            "[::1]:",
            "[2001:db8::1]",
            "[::ffff:192.0.2.1]:1",
            "%41b",
            "a~b",
            "a,b",
            "a%2fb:1",
            "xn--bcher-kva.example",
        ] {
            assert!(is_host(host.as_bytes()), "{host}");
        }
        for host in [
            "",
            ":",
            ":80",
            " ",
            "a b",
            "a, b",
            "user@host",
            "user:word@host",
            "localhost:http",
            "localhost:-1",
            "localhost:+1",
            "localhost:65536",
            "localhost:99999999999999999999",
            "a:1:2",
            "[::1",
            "::1",
            "[]",
            "[::1]x",
            "[::1]:x",
            "[::1]80",
            "[fe80::1%eth0]",
            "[v1.a]",
            "[127.0.0.1]",
            "http://a",
            "a/b",
            "a/",
            "a?b",
            "a#b",
            "a%",
            "a%4",
            "a%4g",
            "a\\b",
            "a\"",
            "<a>",
            "b\u{fc}cher",
            "a\tb",
            "[a]",
            "a[",
            "a]",
        ] {
            assert!(!is_host(host.as_bytes()), "{host}");
        }
        assert!(!is_host(b"a\xff") && !is_host(b"a\0b"));
    }
}
