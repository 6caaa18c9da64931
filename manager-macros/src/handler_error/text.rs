//! The text of an error: `"no order {id}"`, with the fields that it names.

use std::ops::Range;

use proc_macro2::{Literal, Span};
use syn::ext::IdentExt;
use syn::{Fields, LitStr, Member};

use crate::caret;
use crate::diag::Diag;
use crate::suggest;

/// A text whose every field is there.
pub(super) struct Text {
    /// As `write!` takes it, the fields under the names that generated code has for them.
    format: String,
    /// The fields, each once.
    members: Vec<Member>,
    span: Span,
}

/// What is wrong, and where.
struct Misplaced {
    at: Range<usize>,
    what: String,
}

impl Text {
    pub(super) fn check(literal: &LitStr, fields: &Fields, diag: &mut Diag) -> Option<Self> {
        let text = literal.value();
        match read(&text, &super::names(fields)) {
            Ok((format, members)) => Some(Text { format, members, span: literal.span() }),
            Err(Misplaced { at, what }) => {
                diag.under(literal, caret::show(&what, &text, &at));
                None
            }
        }
    }

    /// What stands for a text that is wrong or missing.
    pub(super) fn empty(span: Span) -> Self {
        Text { format: String::new(), members: Vec::new(), span }
    }

    pub(super) fn members(&self) -> &[Member] {
        &self.members
    }

    pub(super) fn format(&self) -> Literal {
        let mut format = Literal::string(&self.format);
        format.set_span(crate::expand::at(self.span));
        format
    }

    pub(super) fn span(&self) -> Span {
        self.span
    }
}

/// `{id}` becomes `{__manager_field_id}`: a name of its own, so that no keyword, no number and nothing
/// around the type is ever meant.
fn read(text: &str, fields: &[(String, Member)]) -> Result<(String, Vec<Member>), Misplaced> {
    let (mut format, mut members) = (String::new(), Vec::new());
    let mut rest = 0;
    while let Some(found) = text[rest..].find(['{', '}']) {
        let start = rest + found;
        format.push_str(&text[rest..start]);
        let two = text.get(start..start + 2);
        if let Some(doubled @ ("{{" | "}}")) = two {
            format.push_str(doubled);
            rest = start + 2;
            continue;
        }
        let misplaced = |at, what: &str| Misplaced { at, what: what.to_owned() };
        if text[start..].starts_with('}') {
            let what = "`}` closes nothing: a literal brace is doubled, `}}`";
            return Err(misplaced(start..start + 1, what));
        }
        let Some(length) = text[start..].find('}') else {
            let what = "`{` is not closed: a field is `{id}`, and a literal brace is doubled, `{{`";
            return Err(misplaced(start..text.len(), what));
        };
        let end = start + length;
        let inner = &text[start + 1..end];
        let (name, spec) = inner.split_once(':').map_or((inner, ""), |(name, spec)| (name, spec));
        let at = start..end + 1;
        if spec.ends_with(".*") || spec.contains('$') {
            let what = "a width or a precision is a number here, as in `{id:>8}`";
            return Err(misplaced(at, what));
        }
        if !is_spec(spec) {
            let what = format!(
                "`{spec}` is no format: after `:` come an alignment, a width, a precision and `?` \
                 or the like, as in `{{id:>8}}` or `{{id:?}}`"
            );
            return Err(Misplaced { at, what });
        }
        let Some((_, member)) = fields.iter().find(|(field, _)| field == name) else {
            return Err(Misplaced { at, what: unknown(name, fields) });
        };
        format.push('{');
        format.push_str(&binding(member));
        if inner.contains(':') {
            format.push(':');
            format.push_str(spec);
        }
        format.push('}');
        if !members.contains(member) {
            members.push(member.clone());
        }
        rest = end + 1;
    }
    format.push_str(&text[rest..]);
    Ok((format, members))
}

/// `[[fill]align][sign]['#']['0'][width]['.' precision][type]`, as in `std::fmt`. The compiler would
/// complain at a wrong place, because the text that it sees is longer.
fn is_spec(spec: &str) -> bool {
    let is_align = |c: char| matches!(c, '<' | '^' | '>');
    let mut chars = spec.chars();
    let spec = match (chars.next(), chars.next()) {
        (Some(fill), Some(align)) if is_align(align) => &spec[fill.len_utf8() + align.len_utf8()..],
        _ => spec.strip_prefix(is_align).unwrap_or(spec),
    };
    let spec = spec.strip_prefix(['+', '-']).unwrap_or(spec);
    let spec =
        spec.strip_prefix('#').unwrap_or(spec).trim_start_matches(|c: char| c.is_ascii_digit());
    let kind = match spec.strip_prefix('.') {
        Some(precision) if !precision.starts_with(|c: char| c.is_ascii_digit()) => return false,
        Some(precision) => precision.trim_start_matches(|c: char| c.is_ascii_digit()),
        None => spec,
    };
    matches!(kind, "" | "?" | "x?" | "X?" | "x" | "X" | "o" | "b" | "e" | "E" | "p")
}

fn unknown(name: &str, fields: &[(String, Member)]) -> String {
    let names = || fields.iter().map(|(name, _)| name.as_str());
    let list = suggest::list(names());
    let there =
        if list.is_empty() { "there are none".to_owned() } else { format!("there is {list}") };
    if name.is_empty() {
        return match fields.first() {
            Some((first, _)) => format!("a field is named in a text: write `{{{first}}}`; {there}"),
            None => format!("a field is named in a text, and {there}; leave this out"),
        };
    }
    if let Some(trimmed) = names().find(|known| *known == name.trim()) {
        return format!("a name in braces stands without spaces: write `{{{trimmed}}}`");
    }
    let near = suggest::did_you_mean(name, names());
    let separator = if near.is_empty() { ";" } else { "" };
    format!("no field is called `{name}`{near}{separator} {there}")
}

/// What a field is called in a text.
pub(super) fn name(member: &Member) -> String {
    match member {
        Member::Named(ident) => ident.unraw().to_string(),
        Member::Unnamed(index) => index.index.to_string(),
    }
}

/// What a field is called in generated code.
pub(super) fn binding(member: &Member) -> String {
    format!("__manager_field_{}", name(member))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats() {
        for spec in ["", "?", "#?", ">8", "*^8.3e", "08.2", "+", "-^", "#010x?", "ö<5", "<<5", "5"]
        {
            assert!(is_spec(spec), "{spec}");
        }
        for spec in ["zz", "w$", ".*", ".", " ?", "? ", "??", ">>>", "5.x"] {
            assert!(!is_spec(spec), "{spec}");
        }
    }
}
