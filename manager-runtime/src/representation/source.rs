//! Where the bytes come from.

use std::fs::{File, Metadata};
use std::io;
use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;

use super::tag::EntityTag;
use crate::body::Body;

/// Bytes that are sent.
#[derive(Debug)]
pub(crate) enum Source {
    /// In memory.
    Bytes(Bytes),
    /// In a file, with the state in which it was opened.
    File(File, State),
    /// They come once, from the first to the last; so many, if that is known.
    Once(Body, Option<u64>),
}

impl Source {
    /// How many bytes there are, if that is known.
    pub(crate) fn length(&self) -> Option<u64> {
        match self {
            Source::Bytes(bytes) => Some(bytes.len() as u64),
            Source::File(_, state) => Some(state.length),
            Source::Once(_, length) => *length,
        }
    }

    /// Whether a part can be had without what comes before it.
    pub(crate) fn has_parts(&self) -> bool {
        !matches!(self, Source::Once(..))
    }
}

/// What says whether a file is still the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct State {
    pub(crate) length: u64,
    /// Not every system says it.
    pub(crate) modified: Option<SystemTime>,
}

impl State {
    pub(crate) fn of(file: &File) -> io::Result<Self> {
        Ok(State::read(&file.metadata()?))
    }

    pub(crate) fn read(metadata: &Metadata) -> Self {
        State { length: metadata.len(), modified: metadata.modified().ok() }
    }

    /// The tag of a state: the length and the time, which is what a system says of a file without reading
    /// it. An encoded file is another representation, so what stands for the encoding is part of it.
    pub(crate) fn tag(self, coding: &str) -> Option<EntityTag> {
        let time = match self.modified?.duration_since(UNIX_EPOCH) {
            Ok(after) => format!("{:x}", after.as_nanos()),
            Err(before) => format!("m{:x}", before.duration().as_nanos()),
        };
        EntityTag::new(&format!("{:x}-{time}{coding}", self.length))
    }
}
