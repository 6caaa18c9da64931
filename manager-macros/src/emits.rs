//! Which topics a handler emits, as far as its tokens show it.
//!
//! A body is not parsed, so this reads it as tokens: `.emit("orders.created", ..)` names a topic, a
//! topic that is computed is not seen. It is enough for `check` to say which topics nobody hears.

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// The topics, sorted, each once.
pub(crate) fn topics(item: &TokenStream) -> Vec<String> {
    let mut topics = Vec::new();
    collect(item, &mut topics);
    topics.sort();
    topics.dedup();
    topics
}

/// ```text
/// . emit ( "orders.created" , .. )     "orders.created"
/// ```
fn collect(tokens: &TokenStream, topics: &mut Vec<String>) {
    let tokens: Vec<TokenTree> = tokens.clone().into_iter().collect();
    for (at, token) in tokens.iter().enumerate() {
        let TokenTree::Group(group) = token else { continue };
        let is_call = group.delimiter() == Delimiter::Parenthesis
            && matches!(tokens[..at].last(), Some(TokenTree::Ident(name)) if name == "emit")
            && matches!(tokens[..at].iter().nth_back(1), Some(TokenTree::Punct(dot)) if dot.as_char() == '.');
        if is_call {
            topics.extend(literal(group.stream()));
        }
        collect(&group.stream(), topics);
    }
}

fn literal(arguments: TokenStream) -> Option<String> {
    let TokenTree::Literal(literal) = arguments.into_iter().next()? else { return None };
    syn::parse_str::<syn::LitStr>(&literal.to_string()).ok().map(|literal| literal.value())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_are_found_wherever_the_call_stands() {
        let check = |body: &str, expected: &[&str]| {
            assert_eq!(topics(&body.parse().unwrap()), expected, "{body}");
        };
        check(r#"fn f() { ctx.emit("a.b", x).await; }"#, &["a.b"]);
        check(r#"fn f() { if x { g(self.bus().emit("b", ())) } ctx.emit("a", ()) }"#, &["a", "b"]);
        check(r#"fn f() { ctx.emit("a", 1); ctx.emit("a", 2); }"#, &["a"]);
        check(r#"fn f() { ctx.emit(topic, x); emit("a"); ctx.emit(&"a"); ctx.emit(); }"#, &[]);
        check(r#"fn f() { ctx.emit(r"raw.topic", x) }"#, &["raw.topic"]);
    }
}
