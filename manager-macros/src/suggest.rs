//! What somebody may have meant by a word that does not exist, and lists of words that do.

/// The known word that is nearest to what was written, if it is near enough to be meant.
pub(crate) fn nearest<'a>(
    written: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let written = written.to_lowercase();
    known
        .into_iter()
        .map(|word| (distance(&written, &word.to_lowercase()), word))
        .filter(|(distance, word)| *distance <= (word.len() / 3).max(1))
        // Of two that are as near, the one that begins alike: the end is what is left out.
        .min_by_key(|(distance, word)| (*distance, !begins_alike(&written, word)))
        .map(|(_, word)| word)
}

fn begins_alike(written: &str, word: &str) -> bool {
    let first = |text: &str| text.chars().next().map(|c| c.to_ascii_lowercase());
    first(written) == first(word)
}

/// "; did you mean `x`?", or nothing.
pub(crate) fn did_you_mean<'a>(written: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    nearest(written, known).map_or_else(String::new, |word| format!("; did you mean `{word}`?"))
}

/// "`a`, `b` and `c`".
pub(crate) fn list<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    let words: Vec<String> = words.into_iter().map(|word| format!("`{word}`")).collect();
    match words.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => words.concat(),
    }
}

/// How many characters were left out, added, replaced or swapped with their neighbour
/// (Damerau-Levenshtein, no part changed twice).
fn distance(from: &str, to: &str) -> usize {
    let (from, to): (Vec<char>, Vec<char>) = (from.chars().collect(), to.chars().collect());
    // Row `i` holds the distances from the first `i` characters; a swap looks two rows back.
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=to.len()).collect();
    for i in 1..=from.len() {
        let mut row = vec![i];
        for j in 1..=to.len() {
            let replaced = last[j - 1] + usize::from(from[i - 1] != to[j - 1]);
            let mut best = replaced.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1] {
                best = best.min(before[j - 2] + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut last, row);
    }
    last[to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances() {
        let check = |from, to, expected| assert_eq!(distance(from, to), expected, "{from} {to}");
        check("", "", 0);
        check("", "ab", 2);
        check("replica", "replicas", 1);
        check("rnu", "run", 1);
        check("timout", "timeout", 1);
        check("kitten", "sitting", 3);
    }

    #[test]
    fn near_misses() {
        let known = ["name", "replicas", "on", "rebuild_on_cancel"];
        let check = |written, expected| assert_eq!(nearest(written, known), expected, "{written}");
        check("replica", Some("replicas"));
        check("Replicas", Some("replicas"));
        check("nmae", Some("name"));
        check("in", Some("on"));
        check("rebuild", None);
        check("colour", None);
        assert_eq!(nearest("gon", ["on", "gone"]), Some("gone"));
        assert_eq!(nearest("not_found", ["Internal", "NotFound"]), Some("NotFound"));
    }

    #[test]
    fn lists() {
        assert_eq!(list([]), "");
        assert_eq!(list(["a"]), "`a`");
        assert_eq!(list(["a", "b", "c"]), "`a`, `b` and `c`");
    }
}
