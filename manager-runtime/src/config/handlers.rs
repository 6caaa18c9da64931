//! Which handlers of the registry run.

use std::fmt;

/// The longest name of a handler.
const LONGEST_NAME: usize = 128;

/// The choice of handlers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Handlers {
    /// Everything that was linked in.
    All,
    /// What one of these matches; at least one of them, and no other character than a name has, and `*`.
    Only(Vec<String>),
}

impl Handlers {
    /// Checks the patterns, or gives back the impossible ones.
    pub(super) fn only(patterns: Vec<String>) -> Result<Self, Vec<String>> {
        let wrong: Vec<String> = patterns.iter().filter(|p| !is_pattern(p)).cloned().collect();
        if wrong.is_empty() { Ok(Self::Only(patterns)) } else { Err(wrong) }
    }

    /// Whether the handler of this name runs.
    pub(crate) fn admits(&self, name: &str) -> bool {
        self.patterns().is_none_or(|patterns| patterns.iter().any(|pattern| glob(pattern, name)))
    }

    /// The patterns as written, to find those that match nothing; `None` where everything runs.
    pub(crate) fn patterns(&self) -> Option<&[String]> {
        match self {
            Self::All => None,
            Self::Only(patterns) => Some(patterns),
        }
    }
}

impl fmt::Display for Handlers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.patterns() {
            None => f.write_str("all"),
            Some(patterns) => f.write_str(&patterns.join(", ")),
        }
    }
}

/// Whether the pattern covers the whole name; `*` stands for any run of characters, none and dots included.
pub(crate) fn glob(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(rest) = parts.next().and_then(|start| name.strip_prefix(start)) else {
        return false;
    };
    let Some(end) = parts.next_back() else {
        return rest.is_empty();
    };
    // The end is taken first, so that what stands between cannot eat it; then each part takes the first
    // place it finds, which leaves the most for those after it.
    let Some(mut rest) = rest.strip_suffix(end) else {
        return false;
    };
    for part in parts {
        match rest.split_once(part) {
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    true
}

fn is_pattern(text: &str) -> bool {
    let allowed = |b: u8| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'.' | b'-' | b'*');
    (1..=LONGEST_NAME).contains(&text.len()) && text.bytes().all(allowed)
}
