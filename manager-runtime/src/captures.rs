//! What a route captured of a host and a path.
//!
//! The request's head outlives its routing and is moved about in between, so nothing here borrows from
//! it: a capture is a span, and whoever reads it hands in the path once more. Only where there is
//! something to decode, or something captured of the host, do the captures hold a text of their own.

use crate::route::Segment;

/// The values of a route's captures, those of the host first. What was percent-encoded is decoded.
#[derive(Clone, Debug, Default)]
pub(crate) struct Captures {
    spans: Kept,
    /// What the spans point into. `None` stands for the path of the request, as it was sent.
    text: Option<Box<str>>,
    /// Where the names come from.
    labels: &'static [Segment],
    segments: &'static [Segment],
}

impl Captures {
    /// Spans into `text`, or into the path as it was sent, for the names in these labels and segments.
    pub(crate) fn new(
        spans: &Spans,
        text: Option<String>,
        labels: &'static [Segment],
        segments: &'static [Segment],
    ) -> Self {
        Captures { spans: Kept::of(spans), text: text.map(String::into), labels, segments }
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.spans.len()
    }

    /// The value of the capture with this name. `path` is the path that was routed.
    pub(crate) fn get<'a>(&'a self, path: &'a str, name: &str) -> Option<&'a str> {
        self.iter(path).find(|(own, _)| *own == name).map(|(_, value)| value)
    }

    /// The value of the capture at this place. `path` is the path that was routed.
    pub(crate) fn at<'a>(&'a self, path: &'a str, index: usize) -> Option<&'a str> {
        let (start, end) = self.spans.at(index)?;
        // Of another path than the one that was routed there may be less.
        self.text.as_deref().unwrap_or(path).get(start..end)
    }

    /// Names and values, in order. `path` is the path that was routed.
    pub(crate) fn iter<'a>(
        &'a self,
        path: &'a str,
    ) -> impl Iterator<Item = (&'static str, &'a str)> + use<'a> {
        let names = self.labels.iter().chain(self.segments).flat_map(Segment::names);
        names.enumerate().filter_map(move |(index, name)| Some((name, self.at(path, index)?)))
    }

    /// Holds on to the values, so that from here on any path may be handed in: for whoever is about to
    /// change the path of the request.
    pub(crate) fn keep(&mut self, path: &str) {
        if self.text.is_none() && self.len() > 0 {
            self.text = Some(path.into());
        }
    }
}

/// How many captures stand beside a request. They are moved with it, so they are few.
const FEW: usize = 4;

/// The spans of the captures of a request, once the router is done with them.
#[derive(Clone, Debug)]
enum Kept {
    Few { spans: [(u16, u16); FEW], len: u8 },
    Many(Box<Spans>),
}

impl Kept {
    fn of(spans: &Spans) -> Self {
        match spans.len {
            len if spans.len() <= FEW => {
                let mut few = [(0, 0); FEW];
                few.copy_from_slice(&spans.spans[..FEW]);
                Kept::Few { spans: few, len }
            }
            _ => Kept::Many(Box::new(*spans)),
        }
    }

    fn len(&self) -> usize {
        match self {
            Kept::Few { len, .. } => (*len).into(),
            Kept::Many(spans) => spans.len(),
        }
    }

    fn at(&self, index: usize) -> Option<(usize, usize)> {
        match self {
            Kept::Few { spans, len } => {
                let (start, end) = *spans[..usize::from(*len)].get(index)?;
                Some((start.into(), end.into()))
            }
            Kept::Many(spans) => spans.at(index),
        }
    }
}

impl Default for Kept {
    fn default() -> Self {
        Kept::Few { spans: Default::default(), len: 0 }
    }
}

/// The most that a pattern and its host capture together. The macros see to it.
pub(crate) const MOST: usize = 16;

/// Parts of a text, as the places of their first byte and of the one after their last.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Spans {
    /// Short, because paths are: a router refuses a text that these cannot measure.
    spans: [(u16, u16); MOST],
    len: u8,
}

impl Spans {
    pub(crate) fn len(&self) -> usize {
        self.len.into()
    }

    pub(crate) fn at(&self, index: usize) -> Option<(usize, usize)> {
        let (start, end) = *self.spans[..self.len()].get(index)?;
        Some((start.into(), end.into()))
    }

    /// One more. There is room, because a router takes no pattern with more than [`MOST`].
    pub(crate) fn push(&mut self, start: usize, end: usize) {
        debug_assert!(end <= usize::from(u16::MAX), "the text is too long");
        self.spans[self.len()] = (start as u16, end as u16);
        self.len += 1;
    }

    /// Forgets all but the first.
    pub(crate) fn truncate(&mut self, len: usize) {
        self.len = self.len.min(len as u8);
    }

    /// Puts those of `after` behind these. Their text stands behind a text of `shift` bytes.
    pub(crate) fn extend(&mut self, after: &Spans, shift: usize) {
        for (start, end) in (0..after.len()).filter_map(|index| after.at(index)) {
            self.push(start + shift, end + shift);
        }
    }

    /// Turns the order of those from this place on.
    pub(crate) fn reverse_from(&mut self, first: usize) {
        let len = self.len();
        self.spans[first..len].reverse();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEGMENTS: &[Segment] =
        &[Segment::Static("users"), Segment::Param("id"), Segment::Param("order")];

    fn captures() -> Captures {
        let mut spans = Spans::default();
        spans.push(7, 9);
        spans.push(10, 11);
        Captures::new(&spans, None, &[], SEGMENTS)
    }

    #[test]
    fn values_are_read_by_name_and_by_place() {
        let (captures, path) = (captures(), "/users/42/x");
        assert_eq!(captures.len(), 2);
        assert_eq!(captures.get(path, "id"), Some("42"));
        assert_eq!(captures.get(path, "order"), Some("x"));
        assert_eq!(captures.get(path, "users"), None);
        assert_eq!(captures.at(path, 1), Some("x"));
        assert_eq!(captures.at(path, 2), None);
        assert_eq!(captures.iter(path).collect::<Vec<_>>(), [("id", "42"), ("order", "x")]);
    }

    #[test]
    fn many_are_kept_as_few_are() {
        let mut spans = Spans::default();
        for count in 0..=MOST {
            let captures = Captures::new(&spans, None, &[], &[]);
            assert_eq!(captures.len(), count);
            let values: Vec<_> =
                (0..count + 1).map(|index| captures.at("abcdefghijklmnopq", index)).collect();
            assert_eq!(
                values.iter().flatten().copied().collect::<String>(),
                "abcdefghijklmnop"[..count]
            );
            assert_eq!(values[count], None);
            if count < MOST {
                spans.push(count, count + 1);
            }
        }
    }

    #[test]
    fn another_path_breaks_nothing_and_changes_nothing_that_is_kept() {
        let mut captures = captures();
        assert_eq!(captures.get("/short", "id"), None);
        captures.keep("/users/42/x");
        assert_eq!(captures.get("/short", "id"), Some("42"));
    }
}
