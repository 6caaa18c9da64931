//! Whether a tuple has as many places as a pattern has captures, told by the compiler.
//!
//! The macro writes one comparison for each parameter, whatever it is: only the compiler knows what a type
//! is. An inherent constant goes before one of a trait, so a tuple answers by itself and all else by
//! [`AnyCaptures`].

use std::marker::PhantomData;

use crate::extract::{Path, Rejection};

/// Stands for the parameter `P`: `CapturesOf::<P>::COUNT` is how many captures it takes, if its type says.
pub struct CapturesOf<P>(PhantomData<fn() -> P>);

/// What all parameters say that are no `Path` of a tuple.
pub trait AnyCaptures {
    /// Nothing is known at compile time.
    const COUNT: Option<usize> = None;
}

impl<P> AnyCaptures for CapturesOf<P> {}

macro_rules! tuples {
    ($(($($place:ident),+) $count:literal;)*) => {
        $(
            impl<$($place),+> CapturesOf<Path<($($place,)+)>> {
                /// The places of the tuple.
                pub const COUNT: Option<usize> = Some($count);
            }

            impl<$($place),+> CapturesOf<Result<Path<($($place,)+)>, Rejection>> {
                /// The places of the tuple.
                pub const COUNT: Option<usize> = Some($count);
            }
        )*
    };
}

tuples! {
    (A) 1;
    (A, B) 2;
    (A, B, C) 3;
    (A, B, C, D) 4;
    (A, B, C, D, E) 5;
    (A, B, C, D, E, F) 6;
    (A, B, C, D, E, F, G) 7;
    (A, B, C, D, E, F, G, H) 8;
}

/// Refuses a tuple that has not as many places as each of the patterns has captures, those of the host
/// included.
#[track_caller]
pub const fn captures_fit(count: Option<usize>, patterns: &[usize]) {
    let Some(count) = count else { return };
    let mut at = 0;
    while at < patterns.len() {
        if patterns[at] != count {
            let words = Words::new()
                .text("this tuple has ")
                .number(count)
                .text(if count == 1 { " place" } else { " places" })
                .text(", and a pattern of the handler captures ")
                .number(patterns[at])
                .text(": write one place for each capture, those of the host first");
            panic!("{}", words.as_str());
        }
        at += 1;
    }
}

/// A text that is put together while compiling, where nothing can be allocated.
struct Words {
    bytes: [u8; 192],
    length: usize,
}

impl Words {
    const fn new() -> Self {
        Words { bytes: [0; 192], length: 0 }
    }

    const fn text(mut self, text: &str) -> Self {
        let text = text.as_bytes();
        let mut at = 0;
        while at < text.len() && self.length < self.bytes.len() {
            self.bytes[self.length] = text[at];
            self.length += 1;
            at += 1;
        }
        self
    }

    const fn number(self, number: usize) -> Self {
        let rest = if number >= 10 { self.number(number / 10) } else { self };
        let digit = [b'0' + (number % 10) as u8];
        match std::str::from_utf8(&digit) {
            Ok(digit) => rest.text(digit),
            Err(_) => rest,
        }
    }

    const fn as_str(&self) -> &str {
        match std::str::from_utf8(self.bytes.split_at(self.length).0) {
            Ok(text) => text,
            Err(_) => "this tuple does not fit the patterns",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tuple_says_how_many_places_it_has() {
        assert_eq!(CapturesOf::<Path<(u8,)>>::COUNT, Some(1));
        assert_eq!(CapturesOf::<Path<(u8, String)>>::COUNT, Some(2));
        assert_eq!(CapturesOf::<Result<Path<(u8, String)>, Rejection>>::COUNT, Some(2));
        assert_eq!(<CapturesOf<Path<u8>>>::COUNT, None);
        assert_eq!(<CapturesOf<String>>::COUNT, None);
        assert_eq!(<CapturesOf<Option<Path<(u8, u8)>>>>::COUNT, None);
    }

    #[test]
    fn a_tuple_that_fits_says_nothing() {
        const { captures_fit(Some(2), &[2, 2]) };
        const { captures_fit(None, &[0, 7]) };
        const { captures_fit(Some(2), &[]) };
    }

    #[test]
    #[should_panic(
        expected = "this tuple has 12 places, and a pattern of the handler captures 1: write one place for each capture, those of the host first"
    )]
    fn a_tuple_that_does_not_fit_says_why() {
        captures_fit(Some(12), &[12, 1]);
    }
}
