//! Who hears which topic.
//!
//! A topic is words with dots between: `orders.created`. A subscription may have `*` for any one word
//! and `>` at its end for the rest, which is one word or more.

use std::collections::HashMap;

use foldhash::fast::RandomState;

/// The subscriptions of all handlers, each handler as its number.
#[derive(Default)]
pub(crate) struct Topics {
    exact: HashMap<&'static str, Vec<u32>, RandomState>,
    patterns: Vec<(Pattern, u32)>,
}

struct Pattern {
    words: Vec<Word>,
    /// Ends with `>`.
    open: bool,
}

enum Word {
    Is(&'static str),
    Any,
}

impl Topics {
    pub(crate) fn subscribe(&mut self, pattern: &'static str, handler: u32) {
        if pattern.split('.').all(|word| word != "*" && word != ">") {
            self.exact.entry(pattern).or_default().push(handler);
        } else {
            self.patterns.push((Pattern::parse(pattern), handler));
        }
    }

    /// The handlers that hear the topic, each once, in order of their numbers.
    pub(crate) fn hearers(&self, topic: &str) -> Vec<u32> {
        let mut hearers = self.exact.get(topic).cloned().unwrap_or_default();
        let matching = self.patterns.iter().filter(|(pattern, _)| pattern.matches(topic));
        hearers.extend(matching.map(|(_, handler)| handler));
        hearers.sort_unstable();
        hearers.dedup();
        hearers
    }
}

impl Pattern {
    fn parse(text: &'static str) -> Self {
        let (text, open) = match text.strip_suffix('>') {
            Some(rest) => (rest.strip_suffix('.').unwrap_or(rest), true),
            None => (text, false),
        };
        let words = text.split('.').filter(|word| !word.is_empty());
        let words = words.map(|word| if word == "*" { Word::Any } else { Word::Is(word) });
        Pattern { words: words.collect(), open }
    }

    fn matches(&self, topic: &str) -> bool {
        let mut given = topic.split('.');
        for word in &self.words {
            match (word, given.next()) {
                (Word::Any, Some(_)) => {}
                (Word::Is(word), Some(given)) if *word == given => {}
                _ => return false,
            }
        }
        // `>` stands for one word or more; without it nothing may be left.
        given.next().is_some() == self.open
    }
}

/// Whether something can be emitted as a topic: words of letters, digits, `_` and `-` with single dots
/// between, at most 255 bytes.
pub(crate) fn is_topic(text: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    text.len() <= 255 && text.split('.').all(|word| !word.is_empty() && word.bytes().all(is_letter))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_as_documented() {
        let check = |pattern: &'static str, topic: &str, expected: bool| {
            let mut topics = Topics::default();
            topics.subscribe(pattern, 7);
            assert_eq!(topics.hearers(topic) == [7], expected, "{pattern} and {topic}");
        };
        check("orders.created", "orders.created", true);
        check("orders.created", "orders.created.now", false);
        check("orders.*", "orders.created", true);
        check("orders.*", "orders", false);
        check("orders.*", "orders.created.now", false);
        check("*.created", "orders.created", true);
        check("*.created", "orders.deleted", false);
        check("orders.*.paid", "orders.7.paid", true);
        check("orders.>", "orders.created", true);
        check("orders.>", "orders.created.now", true);
        check("orders.>", "orders", false);
        check("orders.>", "ordersx.created", false);
        check(">", "anything.at.all", true);
        check("*", "one", true);
        check("*", "one.two", false);
    }

    #[test]
    fn a_handler_that_matches_twice_hears_once() {
        let mut topics = Topics::default();
        topics.subscribe("a.>", 2);
        topics.subscribe("a.b", 2);
        topics.subscribe("*.b", 1);
        assert_eq!(topics.hearers("a.b"), [1, 2]);
    }

    #[test]
    fn topics_are_words_and_dots() {
        let check = |text: &str, expected: bool| assert_eq!(is_topic(text), expected, "{text:?}");
        check("orders.created", true);
        check("a-b_c.9", true);
        check("", false);
        check("orders.", false);
        check(".orders", false);
        check("orders.*", false);
        check("orders created", false);
        check("a\n.b", false);
    }
}
