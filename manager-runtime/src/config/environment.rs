//! Settings out of environment variables.

use std::ffi::OsString;
use std::path::PathBuf;

use super::finding::{Finding, Problem, Warning, near};
use super::key_file;
use super::layer::{Layer, Raw, Source, Written};
use super::secret::{KeyFile, Secret, WrittenKey};
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
                Some(WrittenKey::only(secret, source(API_KEY)))
            }
            (None, Some(path)) => {
                let (path, source) = (PathBuf::from(path), source(API_KEY_FILE));
                match key_file::read_one(&path, &source) {
                    Ok(secret) => Some(WrittenKey {
                        file: Some(KeyFile::Own(path)),
                        ..WrittenKey::only(secret, source)
                    }),
                    Err(mut findings) => {
                        layer.findings.append(&mut findings);
                        None
                    }
                }
            }
            (None, None) => None,
        };
        layer.write_keys(key.into_iter().collect());
        layer
    }
}

fn source(variable: &str) -> Source {
    Source::Environment(variable.to_owned())
}
