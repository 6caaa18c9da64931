//! Whose pages may ask from a browser.

use std::fmt;

use super::address::Host;
use super::kind::Kind;
use super::layer::{Raw, quoted};

/// The origins that CORS allows (Fetch, "HTTP-network-or-cache fetch" sends them in `Origin`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Origins {
    /// CORS is off.
    None,
    /// Every page.
    Any,
    /// Pages of these, as browsers write them: `https://app.example.com`, in lower case, without the
    /// default port of their scheme.
    Only(Vec<String>),
}

impl Origins {
    /// Whether pages of this origin may ask; it comes as the browser sends it.
    pub(crate) fn admits(&self, origin: &[u8]) -> bool {
        match self {
            Origins::None => false,
            Origins::Any => true,
            Origins::Only(origins) => origins.iter().any(|own| own.as_bytes() == origin),
        }
    }
}

impl fmt::Display for Origins {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origins::None => f.write_str("none"),
            Origins::Any => f.write_str("*"),
            Origins::Only(origins) => f.write_str(&origins.join(", ")),
        }
    }
}

/// A list of origins.
pub(super) struct AllowedOrigins;

impl Kind for AllowedOrigins {
    type Value = Origins;
    const LIST: bool = true;

    fn read(&self, raw: &Raw) -> Result<Origins, String> {
        let origins: Vec<&str> = match raw {
            Raw::List(origins) => origins.iter().map(String::as_str).collect(),
            Raw::Text(text) => text.split(',').map(str::trim).collect(),
            Raw::Quoted(text) if text == "*" => vec!["*"],
            _ => return Err(raw.given()),
        };
        match origins[..] {
            [] | ["none"] => return Ok(Origins::None),
            ["*"] => return Ok(Origins::Any),
            _ => {}
        }
        let wrong: Vec<String> =
            origins.iter().filter(|origin| !is_origin(origin)).map(|wrong| quoted(wrong)).collect();
        if wrong.is_empty() {
            Ok(Origins::Only(origins.into_iter().map(str::to_owned).collect()))
        } else {
            Err(wrong.join(", "))
        }
    }

    fn allowed(&self) -> String {
        "`*`, `none`, or a list of origins as a browser sends them, such as `https://app.example.com` or \
         `http://localhost:3000`: in lower case, without a path and without the port that the scheme has anyway"
            .into()
    }

    fn show(&self, value: &Origins) -> String {
        value.to_string()
    }
}

/// Whether a browser would write an origin like this (RFC 6454, section 6.2). What it would write in another
/// way could never be the same text, and nobody would see why.
fn is_origin(text: &str) -> bool {
    let Some((scheme, authority)) = text.split_once("://") else { return false };
    let scheme_fits = scheme.starts_with(|first: char| first.is_ascii_lowercase())
        && scheme.bytes().all(|byte| {
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.')
        });
    let (host, port) = match authority.rsplit_once(':') {
        // The colons in brackets are those of an address.
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (authority, None),
    };
    let port_fits = port.is_none_or(|port| {
        let default = match scheme {
            "http" => "80",
            "https" => "443",
            _ => "",
        };
        let number = port.parse::<u16>();
        number.is_ok_and(|number| number.to_string() == port && number != 0) && port != default
    });
    let host_fits = match Host::parse(host) {
        Some(Host::Name(name)) => name == host,
        Some(Host::Ip(ip)) if ip.is_ipv6() => format!("[{ip}]") == host,
        Some(Host::Ip(_)) => true,
        None => false,
    };
    scheme_fits && port_fits && host_fits
}
