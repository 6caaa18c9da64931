//! Digests of files, and those that clients send.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderName};
use sha2::{Digest as _, Sha256};

use crate::error::{Error, Result};
use crate::representation::REPR_DIGEST;

/// The SHA-256 of a content (FIPS 180-4). It is shown in hexadecimal.
///
/// ```
/// use manager_runtime::store::Digest;
///
/// let digest = Digest::of(b"abc");
/// assert_eq!(digest.to_string()[..16], *"ba7816bf8f01cfea");
/// assert_eq!(digest.to_string().parse::<Digest>().unwrap(), digest);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    /// The digest of these bytes.
    ///
    /// ```
    /// use manager_runtime::store::Digest;
    /// assert_ne!(Digest::of(b"a"), Digest::of(b"b"));
    /// ```
    pub fn of(bytes: &[u8]) -> Self {
        Digest(Sha256::digest(bytes).into())
    }

    /// What a hasher has come to.
    pub(crate) fn finish(hasher: Sha256) -> Self {
        Digest(hasher.finalize().into())
    }

    /// The 32 bytes.
    ///
    /// ```
    /// use manager_runtime::store::Digest;
    /// assert_eq!(Digest::of(b"abc").as_bytes()[..2], [0xba, 0x78]);
    /// ```
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// As the headers `Repr-Digest` and `Content-Digest` have it (RFC 9530, sections 2 and 3).
    ///
    /// ```
    /// use manager_runtime::store::Digest;
    /// let header = Digest::of(b"").to_header();
    /// assert_eq!(header, "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:");
    /// ```
    pub fn to_header(&self) -> String {
        format!("sha-256=:{}:", STANDARD.encode(self.0))
    }

    /// What a client says the digest of its content is: by `Repr-Digest` or `Content-Digest` (RFC 9530), or
    /// by the older `Digest` (RFC 3230). Other algorithms than SHA-256 are passed over.
    ///
    /// # Errors
    ///
    /// `BadRequest` if one cannot be read, or two of them differ.
    ///
    /// ```
    /// use manager_runtime::store::Digest;
    /// use manager_runtime::{HeaderMap, HeaderValue};
    ///
    /// let mut headers = HeaderMap::new();
    /// let sent = HeaderValue::from_str(&Digest::of(b"abc").to_header()).unwrap();
    /// headers.insert("repr-digest", sent);
    /// assert_eq!(Digest::sent(&headers).unwrap(), Some(Digest::of(b"abc")));
    /// ```
    pub fn sent(headers: &HeaderMap) -> Result<Option<Self>> {
        let mut found: Option<Digest> = None;
        for (name, is_field) in [
            (REPR_DIGEST, true),
            (CONTENT_DIGEST, true),
            (HeaderName::from_static("digest"), false),
        ] {
            let unreadable = || {
                let form = if is_field { "sha-256=:BASE64:" } else { "sha-256=BASE64" };
                let text = format!("the header `{name}` cannot be read; it has the form {form}");
                Error::bad_request(text)
            };
            for line in headers.get_all(&name) {
                let line = line.to_str().map_err(|error| unreadable().with_source(error))?;
                for member in line.split(',') {
                    let Some((algorithm, value)) = member.split_once('=') else { continue };
                    if !algorithm.trim().eq_ignore_ascii_case("sha-256") {
                        continue;
                    }
                    let value = value.split(';').next().unwrap_or_default().trim();
                    let value = match is_field {
                        true => value.strip_prefix(':').and_then(|rest| rest.strip_suffix(':')),
                        false => Some(value),
                    };
                    let digest = value.and_then(Digest::from_base64).ok_or_else(unreadable)?;
                    if found.is_some_and(|other| other != digest) {
                        return Err(Error::bad_request("the digests of the request differ"));
                    }
                    found = Some(digest);
                }
            }
        }
        Ok(found)
    }

    fn from_base64(text: &str) -> Option<Self> {
        Some(Digest(STANDARD.decode(text).ok()?.try_into().ok()?))
    }
}

const CONTENT_DIGEST: HeaderName = HeaderName::from_static("content-digest");

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({self})")
    }
}

impl FromStr for Digest {
    type Err = Error;

    /// Reads 64 hexadecimal digits.
    fn from_str(text: &str) -> Result<Self> {
        let wrong = || Error::bad_request("a SHA-256 has 64 hexadecimal digits");
        let mut digest = [0; 32];
        if text.len() != 64 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(wrong());
        }
        for (byte, two) in digest.iter_mut().zip(text.as_bytes().chunks(2)) {
            let two = std::str::from_utf8(two).map_err(|_| wrong())?;
            *byte = u8::from_str_radix(two, 16).map_err(|_| wrong())?;
        }
        Ok(Digest(digest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Kind;

    #[test]
    fn digests_of_a_request() {
        const ABC: &str = "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=";
        let sent = |lines: &[(&'static str, String)]| {
            let mut headers = HeaderMap::new();
            for (name, value) in lines {
                headers.append(*name, value.parse().unwrap());
            }
            Digest::sent(&headers)
        };
        let abc = Some(Digest::of(b"abc"));
        let good = [
            vec![("repr-digest", format!("sha-256=:{ABC}:"))],
            vec![("repr-digest", format!("sha-512=:AAAA:, sha-256=:{ABC}:;x=1"))],
            vec![("content-digest", format!("sha-256=:{ABC}:"))],
            vec![("digest", format!("SHA-256={ABC}"))],
            vec![("digest", format!("md5=AAAA,sha-256={ABC}"))],
            vec![("digest", "md5=AAAA".into()), ("repr-digest", format!("sha-256=:{ABC}:"))],
            vec![("digest", format!("sha-256={ABC}")), ("repr-digest", format!("sha-256=:{ABC}:"))],
        ];
        for lines in good {
            assert_eq!(sent(&lines).unwrap(), abc, "{lines:?}");
        }
        for lines in [vec![], vec![("repr-digest", "sha-512=:AAAA:".into())]] {
            assert_eq!(sent(&lines).unwrap(), None);
        }
        let other = Digest::of(b"other").to_header();
        let bad = [
            vec![("repr-digest", format!("sha-256={ABC}"))],
            vec![("repr-digest", "sha-256=:AAAA:".into())],
            vec![("repr-digest", "sha-256=:?:".into())],
            vec![("repr-digest", "sha-256=::".into())],
            vec![("digest", format!("sha-256=:{ABC}:"))],
            vec![("digest", "sha-256=".into())],
            vec![("repr-digest", other), ("content-digest", format!("sha-256=:{ABC}:"))],
        ];
        for lines in bad {
            assert_eq!(sent(&lines).unwrap_err().kind(), Kind::BadRequest, "{lines:?}");
        }
    }

    #[test]
    fn hexadecimal_is_read_strictly() {
        let hex = Digest::of(b"abc").to_string();
        assert_eq!(hex.to_uppercase().parse::<Digest>().unwrap(), Digest::of(b"abc"));
        for wrong in ["", "ab", &hex[1..], &format!("{hex}00"), &format!("+a{}", &hex[2..])] {
            assert!(wrong.parse::<Digest>().is_err(), "{wrong}");
        }
        assert!("é".repeat(32).parse::<Digest>().is_err());
    }
}
