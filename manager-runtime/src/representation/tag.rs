//! Entity tags (RFC 9110, section 8.8.3).

use http::HeaderValue;

/// An entity tag, as it is written: quoted, and with `W/` before it if it is weak.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct EntityTag(String);

impl EntityTag {
    /// Reads a tag as it stands in a header, or quotes what stands in one.
    pub(crate) fn new(text: &str) -> Option<Self> {
        let is_opaque = |text: &str| text.bytes().all(|it| it.is_ascii_graphic() && it != b'"');
        let inner = text.strip_prefix("W/").unwrap_or(text);
        match inner.strip_prefix('"').and_then(|inner| inner.strip_suffix('"')) {
            Some(opaque) if is_opaque(opaque) => Some(EntityTag(text.to_owned())),
            None if is_opaque(text) => Some(EntityTag(format!("\"{text}\""))),
            _ => None,
        }
    }

    /// A tag that was sent, or is about to be.
    pub(crate) fn of(value: &HeaderValue) -> Option<Self> {
        let text = value.to_str().ok()?;
        text.ends_with('"').then(|| EntityTag::new(text)).flatten()
    }

    /// Whether it says nothing of the very bytes.
    pub(crate) fn is_weak(&self) -> bool {
        self.0.starts_with("W/")
    }

    /// Without what makes it weak.
    pub(crate) fn opaque(&self) -> &str {
        self.0.strip_prefix("W/").unwrap_or(&self.0)
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// For a header. Its text is visible ASCII, so this is never `None`.
    pub(crate) fn value(&self) -> Option<HeaderValue> {
        HeaderValue::from_str(&self.0).ok()
    }
}

/// The entity tags of a list. There may be commas in them, so they are read from quote to quote.
pub(crate) fn tags(mut line: &str) -> impl Iterator<Item = &str> {
    std::iter::from_fn(move || {
        line = line.trim_start_matches([',', ' ', '\t']);
        let inner = line.strip_prefix("W/").unwrap_or(line).strip_prefix('"')?;
        let (_, rest) = inner.split_once('"')?;
        let tag = &line[..line.len() - rest.len()];
        line = rest;
        Some(tag)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_quoted_once() {
        let check = |text: &str, expected: Option<&str>| {
            let tag = EntityTag::new(text);
            assert_eq!(tag.as_ref().map(EntityTag::as_str), expected, "{text:?}");
        };
        check("v1", Some("\"v1\""));
        check("\"v1\"", Some("\"v1\""));
        check("W/\"v1\"", Some("W/\"v1\""));
        check("", Some("\"\""));
        check("\"\"", Some("\"\""));
        check("a,b", Some("\"a,b\""));
        for bad in ["\"v1", "v1\"", "\"", "a\"b", "W/\"v1", "a b", "ä", "a\r\nb", "\"a\r\nX: b\""]
        {
            check(bad, None);
        }
        assert!(EntityTag::new("W/\"v1\"").unwrap().is_weak());
        assert!(!EntityTag::new("W/v1").unwrap().is_weak(), "it is what stands in the quotes");
        assert_eq!(EntityTag::of(&HeaderValue::from_static("v1")), None);
    }
}
