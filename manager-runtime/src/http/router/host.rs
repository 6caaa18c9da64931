//! The host of a request, as it is compared.

use std::borrow::Cow;

/// Without its port, without one dot at its end, in lower case. Brackets of an IPv6 address stay.
pub(super) fn plain(host: &str) -> Cow<'_, str> {
    let name = without_port(host);
    let name = name.strip_suffix('.').unwrap_or(name);
    if name.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Cow::Owned(name.to_ascii_lowercase())
    } else {
        Cow::Borrowed(name)
    }
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        // The last colon of an address in brackets may be one of its own.
        Some((name, port))
            if port.bytes().all(|byte| byte.is_ascii_digit()) && !port_is_inside(name) =>
        {
            name
        }
        _ => host,
    }
}

fn port_is_inside(name: &str) -> bool {
    name.starts_with('[') && !name.ends_with(']')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_matter_is_left_out() {
        let check = |host: &str, expected: &str| assert_eq!(plain(host), expected, "{host}");
        check("api.example.com", "api.example.com");
        check("API.Example.com:8080", "api.example.com");
        check("a.b.", "a.b");
        check("a.b.:80", "a.b");
        check("a.b..", "a.b.");
        check("a:", "a");
        check("[::1]", "[::1]");
        check("[::1]:80", "[::1]");
        check("[2001:DB8::1]:80", "[2001:db8::1]");
        check("[::1", "[::1");
        check("a:b", "a:b");
        check("", "");
        check(".", "");
    }
}
