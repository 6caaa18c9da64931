//! What is written to the terminal itself, past the log. A reader that went away is nobody's error.

use std::io::{self, Write};

/// One finding that ends a command.
pub(super) fn error(text: &str) {
    notice("error", text);
}

/// One finding that does not.
pub(super) fn warning(text: &str) {
    notice("warning", text);
}

/// Text for people, beside what a command answers.
pub(super) fn say(text: &str) {
    write(io::stderr().lock(), text.as_bytes());
}

/// What a command answers.
pub(super) fn answer(bytes: &[u8]) {
    write(io::stdout().lock(), bytes);
}

fn notice(label: &str, text: &str) {
    // Further lines are indented: a line that begins with a label is a finding.
    say(&format!("{label}: {}\n", text.replace('\n', "\n  ")));
}

fn write(mut out: impl Write, bytes: &[u8]) {
    // In one go, so that nothing comes in between.
    let _ = out.write_all(bytes).and_then(|()| out.flush());
}
