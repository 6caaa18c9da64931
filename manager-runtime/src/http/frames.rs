//! Which frames of HTTP/2 come in (RFC 9113, section 4.1), as far as it has to be known to refuse too many.

use crate::http::bucket::Bucket;

/// Counts the frames that carry nothing while they are read: they cost the client next to nothing, and an
/// answer or a look each here. A client that reads an answer has to send some, so what is written pays for
/// them.
#[derive(Debug)]
pub(super) struct Frames {
    /// How many bytes of the preface of the connection, and then of the payload of a frame, are still to
    /// come.
    skip: u64,
    header: [u8; HEADER],
    /// How much of the header is there.
    have: usize,
    budget: Bucket,
    /// Bytes that were written and have not paid for anything yet.
    written: u64,
}

const PREFACE: u64 = 24;
const HEADER: usize = 9;

/// How many may come at once, and how many in a second.
const BURST: u64 = 10_000;
const PER_SECOND: u64 = 2_000;

/// Bytes written for which one more may come. A client that gives back the window for each frame that it
/// gets, and for the connection too, sends two of them for 16 KiB, or for a few bytes of an event.
const BYTES: u64 = 64;

/// Data below this is next to nothing.
const SMALL: u64 = 64;

impl Frames {
    pub(super) fn new() -> Self {
        let budget = Bucket::new(BURST, PER_SECOND);
        Frames { skip: PREFACE, header: [0; HEADER], have: 0, budget, written: 0 }
    }

    /// These bytes were written.
    pub(super) fn wrote(&mut self, bytes: usize) {
        self.written += bytes as u64;
        self.budget.give(self.written / BYTES);
        self.written %= BYTES;
    }

    /// These bytes have come; `false` if there were too many frames.
    pub(super) fn read(&mut self, mut bytes: &[u8]) -> bool {
        while !bytes.is_empty() {
            if self.skip > 0 {
                let skipped = self.skip.min(bytes.len() as u64);
                self.skip -= skipped;
                bytes = bytes.get(skipped as usize..).unwrap_or_default();
                continue;
            }
            let missing = (HEADER - self.have).min(bytes.len());
            let (now, rest) = bytes.split_at(missing);
            for (to, from) in self.header.iter_mut().skip(self.have).zip(now) {
                *to = *from;
            }
            self.have += missing;
            bytes = rest;
            if self.have == HEADER {
                self.have = 0;
                let [a, b, c, kind, flags, ..] = self.header;
                self.skip = u64::from(u32::from_be_bytes([0, a, b, c]));
                if !self.budget.take(cost(kind, flags, self.skip)) {
                    return false;
                }
            }
        }
        true
    }
}

fn cost(kind: u8, flags: u8, length: u64) -> u64 {
    const DATA: u8 = 0;
    const HEADERS: u8 = 1;
    const SETTINGS: u8 = 4;
    const PING: u8 = 6;
    const END_STREAM: u8 = 1;
    const ACK: u8 = 1;
    match kind {
        DATA if flags & END_STREAM != 0 || length >= SMALL => 0,
        // What requests may cost is limited where they are answered.
        HEADERS => 0,
        SETTINGS | PING if flags & ACK != 0 => 1,
        // They have to be answered.
        SETTINGS | PING => 4,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(kind: u8, flags: u8, length: usize) -> Vec<u8> {
        let [_, _, _, _, _, a, b, c] = (length as u64).to_be_bytes();
        let mut frame = vec![a, b, c, kind, flags, 0, 0, 0, 1];
        frame.resize(HEADER + length, 0xff);
        frame
    }

    fn begun() -> Frames {
        let mut frames = Frames::new();
        assert!(frames.read(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"));
        frames
    }

    /// How many of a frame may come at once.
    fn fit(frame: &[u8]) -> u64 {
        let mut frames = begun();
        (0..20_000).take_while(|_| frames.read(frame)).count() as u64
    }

    #[tokio::test(start_paused = true)]
    async fn what_carries_nothing_is_counted() {
        assert_eq!(fit(&frame(6, 0, 8)), BURST / 4, "PING");
        assert_eq!(fit(&frame(4, 0, 6)), BURST / 4, "SETTINGS");
        assert_eq!(fit(&frame(8, 0, 4)), BURST, "WINDOW_UPDATE");
        assert_eq!(fit(&frame(2, 0, 5)), BURST, "PRIORITY");
        assert_eq!(fit(&frame(9, 0, 1)), BURST, "CONTINUATION");
        assert_eq!(fit(&frame(0, 0, 0)), BURST, "empty DATA");
        assert_eq!(fit(&frame(77, 0, 0)), BURST, "what nobody knows");
        assert_eq!(fit(&frame(0, 0, 64)), 20_000, "DATA");
        assert_eq!(fit(&frame(0, 1, 0)), 20_000, "the end of a body");
        assert_eq!(fit(&frame(1, 4, 10)), 20_000, "HEADERS");
    }

    #[tokio::test(start_paused = true)]
    async fn it_does_not_matter_how_they_are_cut() {
        let mut all = Vec::new();
        for length in [0, 5, 300, 70_000] {
            all.extend(frame(0, 0, length));
            all.extend(frame(8, 0, 4));
        }
        for size in [1, 2, 7, 9, 10, 1000] {
            let mut frames = begun();
            assert!(all.chunks(size).all(|piece| frames.read(piece)));
            // Four updates and two small ones.
            assert!(frames.budget.take(BURST - 6) && !frames.budget.take(1), "{size}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_written_pays() {
        let mut frames = begun();
        let update = frame(8, 0, 4);
        for _ in 0..100_000 {
            frames.wrote(16 * 1024);
            assert!(frames.read(&update) && frames.read(&update));
        }
    }
}
