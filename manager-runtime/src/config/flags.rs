//! Settings out of the command line.

use super::finding::{Finding, Problem, near};
use super::layer::{Layer, Raw, Source, Written};
use super::settings::Key;

impl Layer {
    /// Takes the flags that were given, each as its name and its text. The name may come with its dashes
    /// and with `-` or `_` inside. Lists add up; of any other flag the last one counts.
    pub(crate) fn from_flags<K, V>(flags: impl IntoIterator<Item = (K, V)>) -> Self
    where
        K: AsRef<str>,
        V: Into<String>,
    {
        let keys = Key::all();
        let mut layer = Self::default();
        for (flag, text) in flags {
            let flag = flag.as_ref().trim_start_matches('-').replace('_', "-");
            let source = Source::Flag(format!("--{flag}"));
            let key = keys.iter().find(|key| key.flag().as_ref() == Some(&flag));
            let Some(key) = key else {
                layer.findings.push(unknown(&keys, &flag, source));
                continue;
            };
            if let Some(slot) = layer.values.slot(key.name) {
                let before = slot.take().filter(|_| key.list);
                *slot = Some(Written { raw: join(before, text.into()), source });
            }
        }
        layer
    }
}

/// A list is a comma-separated text until it is checked.
fn join(before: Option<Written>, text: String) -> Raw {
    match before {
        Some(Written { raw: Raw::Text(before), .. }) => Raw::Text(format!("{before},{text}")),
        _ => Raw::Text(text),
    }
}

fn unknown(keys: &[Key], flag: &str, at: Source) -> Finding {
    if flag.starts_with("api-key") {
        return Finding::new(at, Problem::SecretFlag);
    }
    let flags: Vec<String> = keys.iter().filter_map(Key::flag).collect();
    let known: Vec<&str> = flags.iter().map(String::as_str).collect();
    let near = near(flag, &known).map(|flag| format!("--{flag}"));
    let known = known.iter().map(|flag| format!("`--{flag}`")).collect::<Vec<_>>().join(", ");
    Finding::new(at, Problem::UnknownKey { key: format!("--{flag}"), near, known })
}
