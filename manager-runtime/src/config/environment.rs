//! Settings out of environment variables.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use super::finding::{Finding, Problem, Warning, near};
use super::layer::{Layer, Raw, Source, Written};
use super::secret::{ApiKey, LONGEST_KEY, Secret};
use super::settings::Key;

const PREFIX: &str = "MANAGER_";
const API_KEY: &str = "MANAGER_API_KEY";
const API_KEY_FILE: &str = "MANAGER_API_KEY_FILE";
const PORT: &str = "PORT";

impl Layer {
    /// Reads what `std::env::vars_os` gives. The file that `MANAGER_API_KEY_FILE` names is read here.
    ///
    /// An unknown `MANAGER_*` only warns: orchestrators put such names next to a service that happens to be
    /// called `manager`.
    pub(crate) fn from_environment(
        variables: impl IntoIterator<Item = (OsString, OsString)>,
    ) -> Self {
        let settings: Vec<(String, &str)> =
            Key::all().iter().filter_map(|key| Some((key.variable()?, key.name))).collect();
        let known: Vec<&str> = settings
            .iter()
            .map(|(variable, _)| variable.as_str())
            .chain([API_KEY, API_KEY_FILE])
            .collect();

        let mut reader = Reader::default();
        for (variable, value) in variables {
            // Only the known names have to be text, and those are ASCII.
            let variable = variable.to_string_lossy();
            match variable.as_ref() {
                PORT => reader.layer.port = reader.text(PORT, "bind", value),
                API_KEY => reader.plain = Some(value),
                API_KEY_FILE => reader.file = Some(value),
                name if name.starts_with(PREFIX) => {
                    match settings.iter().find(|(variable, _)| variable == name) {
                        Some((_, key)) => reader.setting(name, key, value),
                        None => reader.layer.warnings.push(Warning::UnknownVariable {
                            name: name.to_owned(),
                            near: near(name, &known),
                        }),
                    }
                }
                _ => {}
            }
        }
        reader.finish()
    }
}

#[derive(Default)]
struct Reader {
    layer: Layer,
    plain: Option<OsString>,
    file: Option<OsString>,
}

impl Reader {
    fn setting(&mut self, variable: &str, key: &str, value: OsString) {
        let written = self.text(variable, key, value);
        if let Some(slot) = self.layer.values.slot(key) {
            *slot = written;
        }
    }

    fn text(&mut self, variable: &str, key: &str, value: OsString) -> Option<Written> {
        let source = source(variable);
        match value.into_string() {
            Ok(text) => Some(Written { raw: Raw::Text(text), source }),
            Err(_) => {
                let finding = Finding::impossible(source, key, "bytes", "utf-8 text");
                self.layer.findings.push(finding);
                None
            }
        }
    }

    fn finish(self) -> Layer {
        let Self { mut layer, plain, file } = self;
        // The environment has no order of its own.
        layer.warnings.sort_by_key(ToString::to_string);
        layer.findings.sort_by_key(ToString::to_string);
        let key = match (plain, file) {
            (Some(_), Some(_)) => {
                let problem = Problem::Both { other: API_KEY_FILE };
                layer.findings.push(Finding::new(source(API_KEY), problem));
                None
            }
            (Some(value), None) => {
                // As bytes: what is not visible ASCII is refused without being looked at here.
                let secret = Secret::from(value.into_encoded_bytes());
                Some(ApiKey::only(secret, source(API_KEY)))
            }
            (None, Some(path)) => match secret_in(&path) {
                Ok(secret) => Some(ApiKey::only(secret, source(API_KEY_FILE))),
                Err(error) => {
                    let (path, cause) = (path.to_string_lossy().into_owned(), error.to_string());
                    let problem = Problem::Unreadable { path, cause };
                    layer.findings.push(Finding::new(source(API_KEY_FILE), problem));
                    None
                }
            },
            (None, None) => None,
        };
        layer.write_keys(key.into_iter().collect());
        layer
    }
}

/// The content of the file without the newline that editors and `echo` put at its end.
fn secret_in(path: &OsStr) -> io::Result<Secret> {
    let mut bytes = Vec::new();
    // Enough to see that a key is too long; a device instead of a file would not end.
    let most = u64::try_from(LONGEST_KEY).unwrap_or(u64::MAX).saturating_add(3);
    File::open(Path::new(path))?.take(most).read_to_end(&mut bytes)?;
    let text = bytes.strip_suffix(b"\n").map(|text| text.strip_suffix(b"\r").unwrap_or(text));
    Ok(Secret::from(text.unwrap_or(&bytes).to_vec()))
}

fn source(variable: &str) -> Source {
    Source::Environment(variable.to_owned())
}
