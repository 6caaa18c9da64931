//! The names of handlers.

use syn::Ident;
use syn::ext::IdentExt;

use super::signature::path_of;
use crate::args::Value;
use crate::diag::Diag;
use crate::item::Item;
use crate::suggest;

/// The name of a handler: `[a-z0-9][a-z0-9_.-]*`, at most 128 bytes, not reserved.
pub(crate) struct Name(String);

const RESERVED: [&str; 7] =
    ["shutdown", "stream", "healthz", "readyz", "livez", "metrics", "openapi.json"];

const MAX_NAME: usize = 128;

impl Name {
    pub(super) fn check(
        written: Option<Value>,
        default: Option<Default>,
        diag: &mut Diag,
    ) -> Option<Self> {
        match written {
            Some(Value::Text(text)) => match Name::read(&text.value()) {
                Ok(name) => return Some(name),
                Err(problem) => {
                    let near = near(&text.value());
                    let near = near.map(|near| format!("; did you mean `{near}`?"));
                    diag.under(text, problem + &near.unwrap_or_default());
                }
            },
            Some(other) => diag.under(other, "`name` takes text: `name = \"add\"`"),
            None => {
                let Default { text, ident } = default?;
                return Name::read(&text)
                    .map_err(|problem| {
                        let another = near(&text).unwrap_or_else(|| "..".to_owned());
                        diag.under(
                            ident,
                            format!(
                                "{problem}; give the handler another with `name = \"{another}\"`"
                            ),
                        );
                    })
                    .ok();
            }
        }
        // The name that was written is wrong, and reported; the calls go on with the default.
        default.and_then(|default| Name::read(&default.text).ok())
    }

    fn read(text: &str) -> Result<Self, String> {
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        if text.is_empty() {
            Err("a handler's name cannot be empty".to_owned())
        } else if text.len() > MAX_NAME {
            Err(format!(
                "a handler's name has at most {MAX_NAME} bytes, and this one has {}",
                text.len()
            ))
        } else if text.starts_with('_') {
            Err(format!("`{text}` is reserved, as is every name that begins with `_`"))
        } else if RESERVED.contains(&text) {
            Err(format!(
                "`{text}` is reserved for the runtime, as are {}",
                suggest::list(RESERVED.into_iter().filter(|reserved| *reserved != text))
            ))
        } else if !text.starts_with(allowed) {
            Err(format!(
                "`{text}` cannot be the name of a handler: a name begins with a lower-case letter \
                 or a digit"
            ))
        } else if let Some(wrong) =
            text.chars().find(|c| !allowed(*c) && !matches!(c, '_' | '.' | '-'))
        {
            Err(format!(
                "`{text}` cannot be the name of a handler because of `{}`: a name is made of \
                 lower-case letters, digits, `_`, `.` and `-`",
                wrong.escape_debug()
            ))
        } else {
            Ok(Name(text.to_owned()))
        }
    }

    pub(crate) fn get(&self) -> &str {
        &self.0
    }
}

/// The name that is left of a wrong one when what is wrong is left out or written otherwise:
/// `addTwo` as `add_two`, `/orders/new` as `orders_new`.
fn near(text: &str) -> Option<String> {
    let begins = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let allowed = |c: char| begins(c) || matches!(c, '_' | '.' | '-');
    if !text.is_ascii() || text.starts_with('_') {
        // Nobody can say which letters were meant, or that no underscore was.
        return None;
    }
    let name = snake_case(text);
    let words: Vec<&str> = name.split(|c| !allowed(c)).filter(|word| !word.is_empty()).collect();
    let name = words.join("_").trim_start_matches(|c| !begins(c)).to_owned();
    (name != text && Name::read(&name).is_ok()).then_some(name)
}

/// The name of a handler that is given none.
pub(super) struct Default {
    text: String,
    /// Where it comes from.
    ident: Ident,
}

impl Default {
    /// A function's name as it is, a type's in snake case.
    pub(super) fn of(item: &Item) -> Option<Self> {
        match item {
            Item::Function(function) => {
                let ident = function.signature.ident.clone();
                Some(Default { text: ident.unraw().to_string(), ident })
            }
            Item::Block(block) => {
                let ident = path_of(&block.target)?.segments.last()?.ident.clone();
                Some(Default { text: snake_case(&ident.unraw().to_string()), ident })
            }
        }
    }
}

/// `OrderBook` as `order_book`, `HTTPServer` as `http_server`.
fn snake_case(name: &str) -> String {
    let chars: Vec<char> = name.chars().collect();
    let mut snake = String::new();
    for (place, c) in chars.iter().enumerate() {
        let after_lower = place > 0 && !chars[place - 1].is_uppercase() && chars[place - 1] != '_';
        let before_lower = chars.get(place + 1).is_some_and(|next| next.is_lowercase());
        let after_upper = place > 0 && chars[place - 1].is_uppercase();
        if c.is_uppercase() && (after_lower || after_upper && before_lower) {
            snake.push('_');
        }
        snake.extend(c.to_lowercase());
    }
    snake
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_in_snake_case() {
        let check = |name, expected| assert_eq!(snake_case(name), expected);
        check("Counter", "counter");
        check("OrderBook", "order_book");
        check("HTTPServer", "http_server");
        check("Order_Book", "order_book");
        check("V2Api", "v2_api");
        check("already_snake", "already_snake");
    }
}
