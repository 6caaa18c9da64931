//! Reads the sources and fails when an import points the wrong way.

#![allow(missing_docs, clippy::unwrap_used, reason = "a test")]

use std::fs;
use std::path::Path;

/// The parts, from what everything may use to what nothing may use. Parts in one row may use each
/// other: they are the halves of one thing.
const LAYERS: &[&[&str]] = &[
    &["state"],
    &["error"],
    &["panics"],
    &["rate"],
    &["route"],
    &["captures"],
    &["edge"],
    &["body"],
    &["representation"],
    &["store"],
    &["peer"],
    &["head"],
    &["fields"],
    &["message"],
    // A parameter is made from a context, and a context calls handlers, through the bus; what stands
    // around a handler has parameters as well.
    &["handler", "context", "exchange", "middleware", "authenticator"],
    &["reply"],
    &["extract", "transfer"],
    &["tower"],
    &["base"],
    &["config"],
    &["shutdown"],
    &["reload"],
    &["tls"],
    &["ws"],
    &["replica"],
    &["bus"],
    &["http"],
    &["signals"],
    &["manager"],
    &["cli"],
];

#[test]
fn imports_go_one_way() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut wrong = Vec::new();
    let mut seen = 0;
    for (file, part) in files(&source) {
        let Some(own) = layer(&part) else {
            assert!(matches!(&*part, "lib" | "__private"), "{part} has no place in LAYERS");
            continue;
        };
        seen += 1;
        let text = fs::read_to_string(&file).unwrap();
        for used in uses(&text) {
            if layer(&used).is_some_and(|other| other > own) {
                wrong.push(format!("{} uses `{used}`, which stands above it", file.display()));
            }
        }
    }
    assert!(seen > 20, "the sources were not found");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn who_never_sees_whom() {
    let never = |part: &str, other: &str| {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        for (file, _) in files(&source).into_iter().filter(|(_, of)| of == part) {
            let text = fs::read_to_string(&file).unwrap();
            assert!(!uses(&text).any(|used| used == other), "{} sees {other}", file.display());
        }
    };
    never("bus", "http");
    never("replica", "http");
    never("replica", "bus");
    // `state` is a thing of its own.
    for (part, _) in LAYERS.iter().flat_map(|row| row.iter()).map(|part| (part, ())) {
        if *part != "state" {
            never("state", part);
        }
    }
}

/// The Rust files below a folder, each with the part that it belongs to.
fn files(source: &Path) -> Vec<(std::path::PathBuf, String)> {
    let mut found = Vec::new();
    let mut open = vec![source.to_path_buf()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let inner = path.strip_prefix(source).unwrap();
                let part = inner.components().next().unwrap().as_os_str().to_string_lossy();
                let part = part.trim_end_matches(".rs").to_owned();
                found.push((path, part));
            }
        }
    }
    found
}

/// The parts that a text names as `crate::part`, tests and documentation left out.
fn uses(text: &str) -> impl Iterator<Item = String> {
    let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    code.lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .flat_map(|line| line.split("crate::").skip(1))
        .map(|rest| rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect())
        .collect::<Vec<String>>()
        .into_iter()
}

fn layer(part: &str) -> Option<usize> {
    LAYERS.iter().position(|row| row.contains(&part))
}
