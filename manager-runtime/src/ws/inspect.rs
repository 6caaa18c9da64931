//! What breaks the protocol in the bytes of a client, found as they come.
//!
//! The framing looks at a frame when it has all of it. That is late for a text that stopped being one long
//! before its end, and for a head that announces megabytes of what nobody takes. So the bytes are looked at
//! on their way there (RFC 6455, sections 5 and 8.1); what was in order before the mistake is delivered.

use std::fmt;

/// Follows the frames of a client.
#[derive(Debug)]
pub(super) struct Inspector {
    step: Step,
    /// The message that is not whole yet.
    open: Option<Kind>,
    /// How long it is so far, and how long a message may be.
    length: u64,
    limit: u64,
    /// The beginning of a character whose other bytes are still to come.
    begun: Begun,
}

#[derive(Clone, Copy, Debug)]
enum Step {
    /// In the head of a frame, of which so many bytes are there.
    Head([u8; MOST_HEAD], usize),
    Payload(Payload),
    /// What comes after a close is not looked at (section 5.5.1).
    Closed,
}

#[derive(Clone, Copy, Debug)]
struct Payload {
    left: u64,
    mask: [u8; 4],
    /// Which byte of the mask comes next.
    turn: usize,
    /// Whether it is that of a text, and not of anything else.
    is_text: bool,
    /// Whether it ends the message.
    is_last: bool,
    is_close: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Text,
    Binary,
}

/// At most three bytes.
#[derive(Clone, Copy, Debug, Default)]
struct Begun {
    bytes: [u8; 4],
    length: usize,
}

/// Two bytes, a length of eight, a mask of four.
const MOST_HEAD: usize = 14;

/// How much of a text is unmasked at once.
const PIECE: usize = 1024;

/// What a client did that it must not, and the code of the close that says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) code: u16,
    pub(super) what: &'static str,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.what)
    }
}

impl std::error::Error for Fault {}

fn broken<T>(what: &'static str) -> Result<T, Fault> {
    Err(Fault { code: 1002, what })
}

const NOT_UTF_8: Fault = Fault { code: 1007, what: "text that is not UTF-8" };
const TOO_LONG: Fault = Fault { code: 1009, what: "the message is longer than its limit" };

impl Inspector {
    /// For messages of at most so many bytes.
    pub(super) fn new(limit: usize) -> Self {
        Inspector {
            step: Step::Head([0; MOST_HEAD], 0),
            open: None,
            length: 0,
            limit: limit as u64,
            begun: Begun::default(),
        }
    }

    /// Looks at what came next. Of a mistake it says how many of the bytes may go on: all whole frames before
    /// it, and nothing that makes the wrong one whole.
    pub(super) fn look(&mut self, bytes: &[u8]) -> Result<(), (usize, Fault)> {
        let mut left = bytes;
        while let Some(first) = left.first() {
            let taken = match self.step {
                Step::Closed => return Ok(()),
                Step::Head(head, count) => self.head(head, count, *first).map(|()| 1),
                Step::Payload(payload) => self.payload(payload, left),
            };
            let taken = taken.map_err(|fault| (bytes.len() - left.len(), fault))?;
            left = left.get(taken..).unwrap_or_default();
        }
        Ok(())
    }

    /// One more byte of a head.
    fn head(&mut self, mut head: [u8; MOST_HEAD], count: usize, byte: u8) -> Result<(), Fault> {
        if let Some(place) = head.get_mut(count) {
            *place = byte;
        }
        let [first, second, rest @ ..] = head;
        match count {
            0 => self.first(first)?,
            1 => second_byte(first, second)?,
            _ => {}
        }
        let extended = match second & 0x7f {
            127 => 8,
            126 => 2,
            _ => 0,
        };
        // Which of these is the length is known with the second byte.
        let whole = 2 + extended + 4;
        if count == 0 || count + 1 < whole {
            self.step = Step::Head(head, count + 1);
            return Ok(());
        }
        let (number, mask) = rest.split_at_checked(extended).unwrap_or_default();
        let length = match number {
            [] => u64::from(second & 0x7f),
            number => number.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte)),
        };
        let mask = mask.first_chunk().copied().unwrap_or_default();
        self.begin(first, length, mask)
    }

    /// Checks what the first byte says.
    fn first(&self, first: u8) -> Result<(), Fault> {
        if first & 0x70 != 0 {
            return broken("a reserved bit is set, and no extension was agreed upon");
        }
        match (first & 0x0f, self.open) {
            (0, None) => broken("the continuation of a message that was not begun"),
            (1 | 2, Some(_)) => broken("a message in the middle of another"),
            (8..=10, _) if first & FIN == 0 => broken("a control frame in fragments"),
            (0..=2 | 8..=10, _) => Ok(()),
            _ => broken("an opcode that means nothing"),
        }
    }

    /// The head is whole.
    fn begin(&mut self, first: u8, length: u64, mask: [u8; 4]) -> Result<(), Fault> {
        let is_last = first & FIN != 0;
        let opcode = first & 0x0f;
        let is_data = opcode <= 2;
        if is_data {
            self.length = self.length.saturating_add(length);
            if self.length > self.limit {
                return Err(TOO_LONG);
            }
            let begun = if opcode == 1 { Kind::Text } else { Kind::Binary };
            self.open.get_or_insert(begun);
        }
        self.end_of_payload(Payload {
            left: length,
            mask,
            turn: 0,
            is_text: is_data && self.open == Some(Kind::Text),
            is_last: is_data && is_last,
            is_close: opcode == 8,
        })
    }

    /// Some of a payload; says how much of the bytes is.
    fn payload(&mut self, payload: Payload, bytes: &[u8]) -> Result<usize, Fault> {
        let count = usize::try_from(payload.left).unwrap_or(usize::MAX).min(bytes.len());
        if payload.is_text {
            let mut turn = payload.turn;
            for piece in bytes.get(..count).unwrap_or_default().chunks(PIECE) {
                self.begun.follow(piece, &payload.mask, &mut turn)?;
            }
        }
        let turn = (payload.turn + count) % 4;
        self.end_of_payload(Payload { left: payload.left - count as u64, turn, ..payload })?;
        Ok(count)
    }

    /// Goes on to the next frame if there is no more of this one.
    fn end_of_payload(&mut self, payload: Payload) -> Result<(), Fault> {
        if payload.left > 0 {
            self.step = Step::Payload(payload);
            return Ok(());
        }
        if payload.is_last {
            if self.begun.length > 0 {
                return Err(NOT_UTF_8);
            }
            self.open = None;
            self.length = 0;
        }
        self.step = if payload.is_close { Step::Closed } else { Step::Head([0; MOST_HEAD], 0) };
        Ok(())
    }
}

/// The last fragment, or the only one.
const FIN: u8 = 0x80;

/// Checks what the second byte says: the mask, and the length of a control frame (section 5.5).
fn second_byte(first: u8, second: u8) -> Result<(), Fault> {
    if second & 0x80 == 0 {
        return broken("a frame without a mask");
    }
    if first & 0x08 != 0 && second & 0x7f > 125 {
        return broken("a control frame of more than 125 bytes");
    }
    Ok(())
}

impl Begun {
    /// Goes on with at most [`PIECE`] masked bytes.
    fn follow(&mut self, piece: &[u8], mask: &[u8; 4], turn: &mut usize) -> Result<(), Fault> {
        let mut text = [0; PIECE + 4];
        let masks = mask.iter().cycle().skip(*turn);
        let clear = piece.iter().zip(masks).map(|(byte, mask)| byte ^ mask);
        let before = self.bytes.into_iter().take(self.length);
        for (place, byte) in text.iter_mut().zip(before.chain(clear)) {
            *place = byte;
        }
        *turn = (*turn + piece.len()) % 4;
        let text = text.get(..self.length + piece.len()).unwrap_or_default();
        *self = match std::str::from_utf8(text) {
            Ok(_) => Begun::default(),
            Err(error) if error.error_len().is_some() => return Err(NOT_UTF_8),
            Err(error) => {
                let rest = text.get(error.valid_up_to()..).unwrap_or_default();
                let mut begun = Begun { length: rest.len(), ..Begun::default() };
                begun.bytes.iter_mut().zip(rest).for_each(|(place, byte)| *place = *byte);
                begun
            }
        };
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A frame of a client under a mask.
    fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
        let mask = [0xa5, 0x01, 0xff, 0x3c];
        let mut bytes = vec![first];
        match payload.len() {
            length @ 0..=125 => bytes.push(0x80 | length as u8),
            length @ 126..=65_535 => {
                bytes.push(0x80 | 126);
                bytes.extend((length as u16).to_be_bytes());
            }
            length => {
                bytes.push(0x80 | 127);
                bytes.extend((length as u64).to_be_bytes());
            }
        }
        bytes.extend(mask);
        bytes.extend(payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask));
        bytes
    }

    /// Where the mistake is, in pieces of any size: the byte that made it one.
    fn fault(bytes: &[u8]) -> Option<(usize, u16)> {
        let mut inspector = Inspector::new(100_000);
        let first = bytes.iter().enumerate().find_map(|(at, byte)| {
            inspector.look(&[*byte]).err().map(|(_, fault)| (at, fault.code))
        });
        for size in [2, 3, 7, 64, 5_000, usize::MAX] {
            let mut inspector = Inspector::new(100_000);
            let mut at = 0;
            let found = bytes.chunks(size.min(bytes.len().max(1))).find_map(|piece| {
                let found = inspector.look(piece).err().map(|(good, fault)| (at + good, fault));
                at += piece.len();
                found
            });
            // In larger pieces it is found in the same place or, in a text, where its piece begins.
            assert_eq!(found.map(|(_, fault)| fault.code), first.map(|(_, code)| code));
            assert!(found.is_none_or(|(good, _)| first.is_some_and(|(at, _)| good <= at)));
        }
        first
    }

    #[test]
    fn what_is_in_order_passes() {
        let text = "κόσμε \u{10ffff}".as_bytes();
        let mut good = Vec::new();
        for length in [0, 1, 125, 126, 1023, 1024, 1025, 65_535, 65_536] {
            good.extend(frame(FIN | 2, &vec![0xff; length]));
            good.extend(frame(FIN | 1, "ä".repeat(length / 2).as_bytes()));
        }
        for at in 0..=text.len() {
            good.extend(frame(1, &text[..at]));
            good.extend(frame(FIN | 9, b"\xff"));
            good.extend(frame(FIN, &text[at..]));
        }
        good.extend(frame(FIN | 8, b"\x03\xe8"));
        good.extend([0xff; 50]);
        assert_eq!(fault(&good), None);
    }

    #[test]
    fn heads_are_refused_at_the_byte_that_is_wrong() {
        for first in [0xc1, 0xa2, 0x91, 0x83, 0x8b, 0x8f, 0x09, 0x08, 0x0a, 0x80, 0x00] {
            assert_eq!(fault(&frame(first, b"x")), Some((0, 1002)), "{first:x}");
        }
        assert_eq!(fault(b"\x81\x01x"), Some((1, 1002)));
        assert_eq!(fault(&frame(FIN | 9, &[0; 126])), Some((1, 1002)));
        let inside = [frame(1, b"x"), frame(FIN | 2, b"x")].concat();
        assert_eq!(fault(&inside), Some((7, 1002)));
        // A length is refused when it is known, of one frame and of several.
        assert_eq!(fault(&frame(FIN | 2, &[0; 100_001])), Some((13, 1009)));
        let fragments = [frame(2, &[0; 100]), frame(FIN, &[0; 99_901])].concat();
        assert_eq!(fault(&fragments), Some((106 + 13, 1009)));
        let both = [frame(FIN | 2, &[0; 100_000]), frame(FIN | 2, &[0; 100_000])].concat();
        assert_eq!(fault(&both), None);
        assert_eq!(fault(b"\x82\xff\xff\xff\xff\xff\xff\xff\xff\xff0000"), Some((13, 1009)));
    }

    #[test]
    fn a_text_is_refused_at_the_byte_that_can_be_none() {
        let text = |bytes: &[u8]| fault(&frame(FIN | 1, bytes));
        assert_eq!(text(b"abc\xff..."), Some((6 + 3, 1007)));
        assert_eq!(text(b"\xce\xba\xf4\x90\x80\x80..."), Some((6 + 3, 1007)));
        assert_eq!(text(b"\xed\xa0\x80"), Some((6 + 1, 1007)));
        // At its end, if there should be more.
        assert_eq!(text(b"abc\xce"), Some((6 + 3, 1007)));
        let fragments = [frame(1, b"\xce"), frame(0, b""), frame(FIN, b"x")].concat();
        assert_eq!(fault(&fragments), Some((7 + 6 + 6, 1007)));
        let fragments = [frame(1, b"\xce"), frame(FIN, b"")].concat();
        assert_eq!(fault(&fragments), Some((7 + 5, 1007)));
        let long = ["ä".repeat(30_000).as_bytes(), b"\xff"].concat();
        assert_eq!(text(&long), Some((8 + 60_000, 1007)));
    }
}
