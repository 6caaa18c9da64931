//! What patterns become, and what is said of those that are wrong: `tests/patterns.txt` holds the
//! cases, a kind and a text each, with the answer below it. `BLESS=1 cargo test` writes it anew.

use std::fmt::Debug;
use std::fs;

use super::*;
use crate::caret;

#[test]
fn cases() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/patterns.txt");
    let text = fs::read_to_string(file).unwrap();
    let answered: Vec<String> = text.trim().split("\n\n").map(answer).collect();
    let answered = answered.join("\n\n") + "\n";
    if std::env::var_os("BLESS").is_some() {
        return fs::write(file, answered).unwrap();
    }
    for (reviewed, found) in text.lines().zip(answered.lines()) {
        assert_eq!(reviewed, found);
    }
    assert_eq!(text.lines().count(), answered.lines().count());
}

/// The first line is `pattern "/x"`, the text as a Rust literal; comments stay as they are.
fn answer(case: &str) -> String {
    let first = case.lines().next().unwrap_or_default();
    let Some((kind, literal)) = first.split_once(' ').filter(|_| !first.starts_with("//")) else {
        return case.to_owned();
    };
    let literal: syn::LitStr = syn::parse_str(literal).unwrap_or_else(|_| panic!("{first}"));
    let text = literal.value();
    let answer = match kind {
        "pattern" => show(&text, parse(&text).map(|parsed| shown(&parsed))),
        "host" => show(&text, parse_host(&text).map(|parsed| lines(parsed.labels()))),
        "prefix" => show(&text, parse_prefix(&text).map(|prefix| format!("{prefix:?}"))),
        "template" => show(&text, parse_template(&text).map(|parsed| lines(parsed.pieces()))),
        other => panic!("{other} is no kind of case"),
    };
    format!("{first}\n{answer}")
}

fn show(text: &str, found: Result<String, PatternError>) -> String {
    found.unwrap_or_else(|PatternError { at, what }| caret::show(&what, text, &at))
}

fn shown(parsed: &Parsed) -> String {
    let mut text = lines(parsed.segments());
    if parsed.ends_with_slash() {
        text += "\nends with a slash";
    }
    if let Some(slash) = parsed.slash() {
        text += &format!("\n{slash:?}");
    }
    if parsed.subtree() {
        text += "\nsubtree";
    }
    text
}

fn lines(parts: &[impl Debug]) -> String {
    let parts: Vec<String> = parts.iter().map(|part| format!("{part:?}")).collect();
    if parts.is_empty() { "nothing".to_owned() } else { parts.join("\n") }
}

#[test]
fn captures_know_where_they_stand() {
    let parsed = parse("/ö/{a}-{b:[0-9]{2}}/{*c} *").unwrap();
    let captures: Vec<_> = parsed.captures().iter().map(|c| (c.name(), c.at())).collect();
    assert_eq!(captures, [("a", 4..7), ("b", 8..20), ("c", 21..25)]);
    assert_eq!(parsed.suffix(), 25..27);
    assert_eq!(parse("/a").unwrap().suffix(), 2..2);
    let host = parse_host("{sub}.x").unwrap();
    assert_eq!(host.captures()[0].at(), 0..5);
    let template = parse_template("/{a}/{a}").unwrap();
    assert_eq!(template.captures().len(), 2);
}

#[test]
fn there_are_sixteen_captures_at_most() {
    let pattern = |count| (0..count).map(|number| format!("/{{c{number}}}")).collect::<String>();
    assert_eq!(parse(&pattern(16)).unwrap().captures().len(), 16);
    let error = parse(&pattern(17)).unwrap_err();
    assert_eq!(&pattern(17)[error.at], "{c16}");
    assert!(error.what.contains("at most 16"));
}

/// Every text of a few characters: none panics, and what is accepted holds what is promised.
#[test]
fn whatever_is_accepted_is_sound() {
    let alphabet = ["/", "a", "{", "}", "*", "+", ":", " ", "!", "?", ".", "%2", "ö"];
    let mut texts = vec![String::new()];
    for _ in 0..4 {
        texts = texts
            .iter()
            .flat_map(|text| alphabet.iter().map(move |next| format!("{text}{next}")))
            .collect();
        for text in &texts {
            check_sound(text);
            // Most of what is not a pattern begins with something else.
            check_sound(&format!("/{{a}}{text}"));
        }
    }
}

fn check_sound(text: &str) {
    let _ = parse_host(text).inspect_err(|error| assert!(text.get(error.at.clone()).is_some()));
    let _ = parse_prefix(text).inspect_err(|error| assert!(text.get(error.at.clone()).is_some()));
    let _ = parse_template(text).inspect_err(|error| assert!(text.get(error.at.clone()).is_some()));
    let parsed = match parse(text) {
        Ok(parsed) => parsed,
        Err(error) => return assert!(text.get(error.at).is_some(), "{text}"),
    };
    let (last, others) = match parsed.segments().split_last() {
        Some(split) => split,
        None => return assert!(text.starts_with("/ ") || text == "/", "{text}"),
    };
    let rest = |segment: &Segment| matches!(segment, Segment::Rest { .. });
    assert!(!others.iter().any(rest), "{text}");
    assert!(!(parsed.ends_with_slash() && rest(last)), "{text}");
    for segment in parsed.segments() {
        match segment {
            Segment::Static(text) => assert!(!text.is_empty() && !text.contains('/')),
            Segment::Mixed(pieces) => {
                assert!(pieces.iter().any(|piece| !matches!(piece, Piece::Text(_))), "{text}");
                for pair in pieces.windows(2) {
                    let texts = matches!(pair, [Piece::Text(_), Piece::Text(_)]);
                    let params = matches!(pair, [Piece::Param(_), Piece::Param(_)]);
                    assert!(!texts && !params, "{text}");
                }
            }
            Segment::Param(_) | Segment::Rest { .. } => {}
        }
    }
}
