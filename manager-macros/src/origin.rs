//! Origins as browsers send them: `scheme://host[:port]` (RFC 6454, section 6.2).

use std::net::Ipv6Addr;

/// What is wrong with an origin that is compared byte by byte with what a browser sends.
pub(crate) fn check(text: &str) -> Result<(), String> {
    if text == "null" {
        return Err("`null` is sent by every sandboxed page and local file, so that it would let \
                    in everybody; name the origins, or allow all with `\"*\"`"
            .to_owned());
    }
    if text.contains('*') {
        return Err(format!(
            "`{text}` has a wildcard in it: name each origin, or allow all with `\"*\"` alone"
        ));
    }
    let Some((scheme, rest)) = text.split_once("://") else {
        let host = text.trim_end_matches('/');
        return Err(format!("`{text}` has no scheme: write `https://{host}`"));
    };
    if let Some(end) = rest.find(['/', '?', '#']) {
        let origin = format!("{scheme}://{}", &rest[..end]);
        return Err(format!("an origin ends with its host or port: write `{origin}`"));
    }
    let lower = text.to_ascii_lowercase();
    if lower != text {
        return Err(format!("a browser sends an origin in lower case: write `{lower}`"));
    }
    let in_scheme = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
    if !scheme.starts_with(|c: char| c.is_ascii_alphabetic()) || !scheme.chars().all(in_scheme) {
        return Err(format!("`{scheme}` is no scheme, as `https` and `http` are"));
    }
    let (host, port) = split_port(rest);
    check_host(host)?;
    match port {
        None => Ok(()),
        Some(port) => check_port(scheme, host, port),
    }
}

/// The port stands after the last colon, unless that one is part of an address in brackets.
fn split_port(rest: &str) -> (&str, Option<&str>) {
    match rest.rsplit_once(':') {
        Some((host, port)) if !host.starts_with('[') || host.ends_with(']') => (host, Some(port)),
        _ => (rest, None),
    }
}

fn check_host(host: &str) -> Result<(), String> {
    if let Some(address) = host.strip_prefix('[') {
        let address = address.strip_suffix(']').and_then(|text| text.parse::<Ipv6Addr>().ok());
        return address.map(drop).ok_or_else(|| format!("`{host}` is no address of IPv6"));
    }
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    match host.chars().find(|c| !allowed(*c)) {
        _ if host.is_empty() => Err("an origin has a host: `https://app.example.com`".to_owned()),
        None => Ok(()),
        Some('@') => Err("an origin names no user: leave out what stands before `@`".to_owned()),
        Some(wrong) if !wrong.is_ascii() => Err(format!(
            "`{wrong}` cannot stand in an origin: a browser sends such names encoded, so write the \
             label as `xn--..` (Punycode)"
        )),
        Some(wrong) => {
            Err(format!("`{}` cannot stand in the host of an origin", wrong.escape_debug()))
        }
    }
}

fn check_port(scheme: &str, host: &str, port: &str) -> Result<(), String> {
    let number = port.parse::<u16>().ok().filter(|number| number.to_string() == port);
    match (scheme, number) {
        (_, None) => {
            Err(format!("`{port}` is no port: it is a number up to 65535, without zeros before it"))
        }
        ("http", Some(80)) | ("https", Some(443)) => Err(format!(
            "a browser leaves out the port {port} of `{scheme}`: write `{scheme}://{host}`"
        )),
        _ => Ok(()),
    }
}
