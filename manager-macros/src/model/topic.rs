//! The topics that a handler subscribes to.

use crate::args::Value;
use crate::diag::Diag;

/// Words separated by dots; `*` stands for one, `>` at the end for the rest.
pub(crate) struct Topic(String);

pub(super) fn check_topics(value: Value, diag: &mut Diag) -> Vec<Topic> {
    let values = match value {
        Value::List(brackets, values) if values.is_empty() => {
            diag.at(brackets.span.join(), "`on` needs a topic: `on = \"orders.*\"`");
            values
        }
        Value::List(_, values) => values,
        value => vec![value],
    };
    let mut topics: Vec<Topic> = Vec::new();
    for value in values {
        let Value::Text(text) = value else {
            diag.under(
                value,
                "`on` takes a topic or a list of topics: `on = [\"orders.*\", \"bills\"]`",
            );
            continue;
        };
        match Topic::read(&text.value()) {
            Ok(topic) if topics.iter().any(|other| other.0 == topic.0) => {
                diag.under(text, format!("the topic `{}` stands here twice; keep one", topic.0));
            }
            Ok(topic) => topics.push(topic),
            Err(problem) => diag.under(text, problem),
        }
    }
    topics
}

impl Topic {
    fn read(text: &str) -> Result<Self, String> {
        if text.is_empty() {
            return Err("a topic cannot be empty".to_owned());
        }
        let mut words = text.split('.').peekable();
        while let Some(word) = words.next() {
            check_word(text, word, words.peek().is_none())?;
        }
        Ok(Topic(text.to_owned()))
    }

    pub(crate) fn get(&self) -> &str {
        &self.0
    }
}

fn check_word(text: &str, word: &str, last: bool) -> Result<(), String> {
    let wrong = |c: &char| !c.is_ascii_alphanumeric() && !matches!(c, '_' | '-');
    match word {
        "" => Err(format!(
            "`{text}` has an empty word: the words of a topic stand between single dots"
        )),
        "*" => Ok(()),
        ">" if last => Ok(()),
        ">" => Err(format!(
            "`>` in `{text}` stands for all the rest and can only come last; `*` stands for one \
             word"
        )),
        word if word.contains(['*', '>']) => Err(format!(
            "`{word}` in `{text}` mixes a wildcard with other characters: `*` stands for one whole \
             word, `>` for the rest"
        )),
        word => word.chars().find(wrong).map_or(Ok(()), |wrong| {
            Err(format!(
                "`{}` in `{text}` cannot stand in a topic: its words are made of letters, digits, \
                 `_` and `-`",
                wrong.escape_debug()
            ))
        }),
    }
}
