//! What the pattern of a route captured of a path and a host.

/// The captured texts, decoded, with their names.
#[derive(Clone, Debug, Default)]
pub(crate) struct Captures(Vec<(&'static str, String)>);

impl Captures {
    /// All of them, in the order of the pattern.
    pub(crate) fn iter<'a>(
        &'a self,
        _path: &'a str,
    ) -> impl Iterator<Item = (&'static str, &'a str)> {
        self.0.iter().map(|(name, value)| (*name, &**value))
    }
}
