//! Regular expressions that are one class of characters and how many of them: `[0-9]+`, `\w+`,
//! `[a-z-]{1,8}`. They are tests of bytes and need no engine.

/// So many characters of one class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Class {
    /// One bit for each character of ASCII.
    ascii: u128,
    /// Whether all others belong to it: so it is with a class that says what is not in it.
    beyond: bool,
    least: usize,
    most: usize,
}

impl Class {
    /// The class that an expression means, if it is such an expression in one of the plain ways of
    /// writing it. `None` says nothing about the expression; it may even be none.
    pub(super) fn parse(expression: &str) -> Option<Self> {
        let mut rest = Rest(expression.as_bytes());
        let (ascii, beyond) = rest.class()?;
        let (least, most) = rest.repetition()?;
        Some(Class { ascii, beyond, least, most })
    }

    /// Whether this byte belongs to a character of the class.
    pub(super) fn has(&self, byte: u8) -> bool {
        if byte.is_ascii() { self.ascii >> byte & 1 == 1 } else { self.beyond }
    }

    /// How many bytes at the beginning are of the class; `None` if these are too few characters or too
    /// many.
    pub(super) fn take(&self, text: &str) -> Option<usize> {
        let bytes = text.as_bytes();
        let taken = bytes.iter().position(|byte| !self.has(*byte)).unwrap_or(bytes.len());
        let characters = || bytes[..taken].iter().filter(|byte| begins_character(**byte)).count();
        let fits = match (self.least, self.most) {
            (1, usize::MAX) => taken > 0,
            (least, most) => (least..=most).contains(&characters()),
        };
        fits.then_some(taken)
    }
}

fn begins_character(byte: u8) -> bool {
    byte & 0b1100_0000 != 0b1000_0000
}

const DIGITS: u128 = span(b'0', b'9');
const WORD: u128 = DIGITS | span(b'a', b'z') | span(b'A', b'Z') | 1 << b'_';
const SPACE: u128 = span(b'\t', b'\r') | 1 << b' ';

/// Both ends belong to it.
const fn span(first: u8, last: u8) -> u128 {
    (u128::MAX >> (127 - (last - first))) << first
}

/// What is left of an expression.
struct Rest<'a>(&'a [u8]);

impl Rest<'_> {
    fn take(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn take_if(&mut self, byte: u8) -> bool {
        let is = self.0.first() == Some(&byte);
        if is {
            self.0 = &self.0[1..];
        }
        is
    }

    /// A class, and whether characters beyond ASCII are in it.
    fn class(&mut self) -> Option<(u128, bool)> {
        match self.take()? {
            b'\\' => Some((named(self.take()?)?, false)),
            b'[' => self.bracketed(),
            _ => None,
        }
    }

    /// What follows `[`. Nested and named classes, operators and whatever is written in an unusual way
    /// are for the engine.
    fn bracketed(&mut self) -> Option<(u128, bool)> {
        let negated = self.take_if(b'^');
        let mut set = 0;
        let mut is_first = true;
        loop {
            match self.take()? {
                b']' if !is_first => break,
                b'\\' => match self.take()? {
                    mark if mark.is_ascii_punctuation() => set |= self.one_or_range(mark)?,
                    letter => {
                        set |= named(letter)?;
                        if self.0.first() == Some(&b'-') && self.0.get(1) != Some(&b']') {
                            return None;
                        }
                    }
                },
                // A literal hyphen is at the beginning or at the end.
                b'-' if is_first && self.0.first() != Some(&b'-') => set |= 1 << b'-',
                b'-' if self.0.first() == Some(&b']') => set |= 1 << b'-',
                b'[' | b']' | b'^' | b'&' | b'~' | b'-' => return None,
                byte if byte.is_ascii_graphic() => set |= self.one_or_range(byte)?,
                _ => return None,
            }
            is_first = false;
        }
        Some(if negated { (!set, true) } else { (set, false) })
    }

    /// A character, or with a hyphen and another one all those between them.
    fn one_or_range(&mut self, first: u8) -> Option<u128> {
        let [b'-', last, ..] = *self.0 else { return Some(1 << first) };
        if last == b']' {
            return Some(1 << first);
        }
        if !last.is_ascii_alphanumeric() || last < first {
            return None;
        }
        self.0 = &self.0[2..];
        Some(span(first, last))
    }

    /// How many, up to the end of the expression.
    fn repetition(&mut self) -> Option<(usize, usize)> {
        let Some(first) = self.take() else { return Some((1, 1)) };
        let bounds = match first {
            b'+' => (1, usize::MAX),
            b'*' => (0, usize::MAX),
            b'?' => (0, 1),
            b'{' => {
                let least = self.number()?;
                let most = match self.take()? {
                    b'}' => return (self.0.is_empty()).then_some((least, least)),
                    b',' if self.0.first() == Some(&b'}') => usize::MAX,
                    b',' => self.number()?,
                    _ => return None,
                };
                (self.take() == Some(b'}') && least <= most).then_some((least, most))?
            }
            _ => return None,
        };
        self.0.is_empty().then_some(bounds)
    }

    /// A number of few digits: what is larger may be too large for the engine, and then it should say so.
    fn number(&mut self) -> Option<usize> {
        let digits = self.0.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (number, rest) = self.0.split_at(digits);
        self.0 = rest;
        if digits > 3 { None } else { std::str::from_utf8(number).ok()?.parse().ok() }
    }
}

/// The class that a letter after a backslash means. They are those of ASCII in `regex-lite`.
fn named(letter: u8) -> Option<u128> {
    match letter {
        b'd' => Some(DIGITS),
        b'w' => Some(WORD),
        b's' => Some(SPACE),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn plain_expressions_are_classes() {
        let check = |expression: &str, text: &str, taken: Option<usize>| {
            let class = Class::parse(expression);
            let class = class.unwrap_or_else(|| panic!("{expression} is for the engine"));
            assert_eq!(class.take(text), taken, "{expression} on {text:?}");
        };
        check("[0-9]+", "123", Some(3));
        check("[0-9]+", "12-3", Some(2));
        check("[0-9]+", "", None);
        check(r"\d+", "٣", None);
        check(r"\w{1,3}", "a_9", Some(3));
        check(r"\w{1,3}", "a_9b", None);
        check("[a-z-]+", "a-z", Some(3));
        check("[-a]{2}", "-a", Some(2));
        check("[^.]{2}", "äö.", Some(4));
        check(r"[\w.-]+", "a.b-c/", Some(5));
        check(r"[\w-]+", "a-b.c", Some(3));
        check("[A-Za-z0-9_]{1,8}", "Abc_9", Some(5));
        check("[0-9]{2,}", "1", None);
        check("[0-9]", "1", Some(1));
    }

    #[test]
    fn the_others_are_for_the_engine() {
        for expression in [
            "",
            "a",
            "a+",
            ".+",
            "[0-9]+?",
            "[a-z]+[0-9]",
            "[a-z&&[^b]]+",
            "[[:alpha:]]+",
            "[]a]+",
            "[z-a]+",
            "(?i)[a-z]+",
            "[0-9]{3,2}",
            "[0-9]{9999}",
            "[0-9]{,3}",
            r"[\d-z]+",
            "[a",
            "[é]+",
            r"\p{L}+",
            "[0-9]+|[a-z]+",
            "[a-z]{",
            "[a-z]{1",
            "[a--b]",
            "[a~~b]",
        ] {
            assert_eq!(Class::parse(expression), None, "{expression}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        /// Expressions are put together of pieces that mean something in classes, and mostly plain.
        #[test]
        fn a_class_means_what_the_engine_means(
            pieces in proptest::collection::vec(proptest::sample::select(vec![
                "[", "]", "^", "-", "a", "c", "z", "A-Z", "0-9", "a-z", r"\d", r"\w", r"\s", r"\.",
                r"\-", r"\]", "_", ".", "&", "~", "!", " ", "é", "#", "|", "[:alpha:]",
            ]), 1..6),
            plain in any::<bool>(),
            repetition in proptest::sample::select(vec![
                "", "+", "*", "?", "{2}", "{1,}", "{0,2}", "{1,3}", "{3,1}", "+?", "{", "{,2}", "++",
            ]),
            texts in proptest::collection::vec("[ -~é\n]{0,4}", 8),
        ) {
            let pieces = pieces.concat();
            let class = if plain { format!("[{pieces}]") } else { pieces };
            let expression = format!("{class}{repetition}");
            if let Some(class) = Class::parse(&expression) {
                let engine = regex_lite::Regex::new(&format!(r"\A(?:{expression})\z"));
                let engine = engine.unwrap_or_else(|error| panic!("{expression}: {error}"));
                for text in texts.iter().map(|text| &**text).chain(["", "a", "0", "é", "aa", "-", "a-"]) {
                    let whole = class.take(text) == Some(text.len());
                    prop_assert_eq!(whole, engine.is_match(text), "{} on {:?}", expression, text);
                }
                for byte in 0..=127_u8 {
                    let text = char::from(byte).to_string();
                    let whole = class.take(&text) == Some(1);
                    prop_assert_eq!(whole, engine.is_match(&text), "{} on {:?}", expression, text);
                }
            }
        }
    }
}
