//! The beginning of a path: what middleware and catchers with a `path` are for.

use crate::http::path;
use crate::route::{Pattern, Segment};

/// Whole segments at the beginning of a path.
pub(super) struct Prefix(Vec<&'static str>);

impl Prefix {
    /// Of an option; without one, of everything.
    pub(super) fn of(path: Option<&'static str>) -> Self {
        let path = path.unwrap_or_default();
        Prefix(path.split('/').filter(|segment| !segment.is_empty()).collect())
    }

    /// Of two that cover a path, the longer is the more exact one.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn segments(&self) -> &[&'static str] {
        &self.0
    }

    /// Whether a path lies at or below it.
    pub(super) fn covers(&self, path: &str) -> bool {
        let mut segments = path.strip_prefix('/').unwrap_or(path).split('/');
        self.0.iter().all(|own| {
            segments.next().and_then(path::decode).is_some_and(|segment| segment == *own)
        })
    }

    /// Whether every path, or some, of a pattern lies below it.
    pub(super) fn reach(&self, pattern: &Pattern) -> Reach {
        let mut reach = Reach::All;
        for (number, own) in self.0.iter().enumerate() {
            match pattern.segments.get(number) {
                Some(Segment::Static(text)) if text == own => {}
                Some(Segment::Static(_)) => return Reach::None,
                None if !pattern.subtree => return Reach::None,
                Some(Segment::Rest { .. }) | None => return Reach::Some,
                Some(Segment::Param(_) | Segment::Mixed(_)) => reach = Reach::Some,
            }
        }
        reach
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    All,
    Some,
    None,
}
