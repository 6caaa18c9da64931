//! The clients that a handler answers to, by the names in their certificates.

use crate::args::Value;
use crate::diag::Diag;

/// One name or a list of them, none empty and none twice.
pub(super) fn check_peers(value: Value, diag: &mut Diag) -> Vec<String> {
    let values = match value {
        Value::List(brackets, values) if values.is_empty() => {
            diag.at(
                brackets.span.join(),
                "`peers` names nobody, so nobody could reach the handler: write \
                 `peers = \"client.example.com\"`, or leave it out",
            );
            values
        }
        Value::List(_, values) => values,
        value => vec![value],
    };
    let mut names: Vec<String> = Vec::new();
    for value in values {
        let Value::Text(text) = value else {
            diag.under(
                value,
                "`peers` takes a name or a list of names in certificates: `peers = [\"shop\", \"cron\"]`",
            );
            continue;
        };
        let name = text.value();
        if name.is_empty() {
            diag.under(text, "a name in `peers` cannot be empty");
        } else if names.contains(&name) {
            diag.under(text, format!("`{name}` stands in `peers` twice; keep one of them"));
        } else {
            names.push(name);
        }
    }
    names
}
