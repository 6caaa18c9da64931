//! The address to listen on.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::layer::Raw;

/// Host and port as written; a name is resolved by whoever binds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Address {
    /// The interface.
    pub(crate) host: Host,
    /// 0 takes any free port.
    pub(crate) port: u16,
}

/// The interface to listen on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Host {
    /// An address of the machine, or that of all interfaces.
    Ip(IpAddr),
    /// A name, in lower case.
    Name(String),
}

impl Address {
    /// What a program listens on that says nothing: only this machine reaches it.
    pub(super) const LOCAL: Self =
        Self { host: Host::Ip(IpAddr::V4(Ipv4Addr::LOCALHOST)), port: 8080 };
    pub(super) const EVERYWHERE: Self =
        Self { host: Host::Ip(IpAddr::V4(Ipv4Addr::UNSPECIFIED)), port: 8080 };

    pub(super) fn parse(text: &str) -> Option<Self> {
        let (host, port) = text.rsplit_once(':')?;
        Some(Self { host: Host::parse(host)?, port: parse_port(port)? })
    }

    /// Reads the value of `PORT`, or gives back what it is instead.
    pub(super) fn port_of(raw: &Raw) -> Result<u16, String> {
        match raw {
            Raw::Text(text) => parse_port(text).ok_or_else(|| raw.given()),
            _ => Err(raw.given()),
        }
    }

    /// Only this machine can reach it. Of names that is known for `localhost` alone.
    pub(crate) fn is_loopback(&self) -> bool {
        match &self.host {
            Host::Ip(ip) => ip.to_canonical().is_loopback(),
            Host::Name(name) => name == "localhost",
        }
    }
}

impl Host {
    pub(super) fn parse(text: &str) -> Option<Self> {
        // An IPv6 address without brackets cannot be told from its port.
        if let Some(inner) = text.strip_prefix('[') {
            let ip: Ipv6Addr = inner.strip_suffix(']')?.parse().ok()?;
            return Some(Self::Ip(ip.into()));
        }
        if let Ok(ip) = text.parse::<Ipv4Addr>() {
            return Some(Self::Ip(ip.into()));
        }
        is_name(text).then(|| Self::Name(text.to_ascii_lowercase()))
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.host {
            Host::Ip(IpAddr::V4(ip)) => write!(f, "{ip}:{}", self.port),
            Host::Ip(IpAddr::V6(ip)) => write!(f, "[{ip}]:{}", self.port),
            Host::Name(name) => write!(f, "{name}:{}", self.port),
        }
    }
}

/// Digits alone: `parse` would take a plus sign as well.
fn parse_port(text: &str) -> Option<u16> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

/// A host name of RFC 1123, section 2.1, with the underscore that containers use. A last label of digits is
/// a mistyped IPv4 address, which a resolver would read in ways nobody expects.
fn is_name(text: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let digits = |label: &str| label.bytes().all(|byte| byte.is_ascii_digit());
    text.len() <= 253
        && text.split('.').all(label)
        && text.rsplit('.').next().is_some_and(|last| !digits(last))
}
