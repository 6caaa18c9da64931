//! Keys out of files, at the start and whenever they are read again.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use toml::de::DeTable;

use super::file::{Document, a_type};
use super::files::MaybeDirectory;
use super::finding::{Finding, Problem, Warning};
use super::kind::Kind;
use super::layer::{Raw, Source};
use super::secret::{KeyFile, LONGEST_KEY, Secret, WrittenKey};

/// The longest file with names and keys; a device instead of a file would not end.
const LONGEST_TABLE: u64 = 1 << 20;

/// The path of a file with names and keys, which need not be.
pub(super) struct MaybeKeyFile;

impl Kind for MaybeKeyFile {
    type Value = Option<String>;

    fn read(&self, raw: &Raw) -> Result<Option<String>, String> {
        MaybeDirectory.read(raw)
    }

    fn allowed(&self) -> String {
        "a file with a line `name = \"key\"` for each key, such as `keys.toml`, or `none`".into()
    }

    fn show(&self, value: &Option<String>) -> String {
        MaybeDirectory.show(value)
    }
}

/// The content of a file with one key, without the newline that editors and `echo` put at its end. `source` is
/// who names the file.
pub(super) fn read_one(path: &Path, source: &Source) -> Result<Secret, Vec<Finding>> {
    // Enough to see that a key is too long.
    let most = u64::try_from(LONGEST_KEY).unwrap_or(u64::MAX).saturating_add(3);
    let (bytes, _) = read(path, most).map_err(|error| unreadable(path, source, &error))?;
    let text = bytes.strip_suffix(b"\n").map(|text| text.strip_suffix(b"\r").unwrap_or(text));
    Ok(Secret::from(text.unwrap_or(&bytes).to_vec()))
}

/// The keys of a file with names and keys: TOML with nothing but `name = "key"` in it.
///
/// # Errors
///
/// Everything that is wrong with the file, with its lines and without a key. A file without a key is wrong.
pub(super) fn read_table(
    path: &Path,
    source: &Source,
) -> Result<(Vec<WrittenKey>, Option<Warning>), Vec<Finding>> {
    let (bytes, is_open) =
        read(path, LONGEST_TABLE + 1).map_err(|error| unreadable(path, source, &error))?;
    let name = path.display().to_string();
    let refused = |given: &str, allowed: &str| {
        let at = Source::File { path: name.clone(), line: 0, column: None };
        vec![Finding::impossible(at, "api_keys_file", given, allowed)]
    };
    if bytes.len() as u64 > LONGEST_TABLE {
        return Err(refused("a longer file", "at most 1 MiB"));
    }
    let document = Document::of(&name, &bytes)?;
    let (table, errors) = DeTable::parse_recoverable(document.text());
    if !errors.is_empty() {
        return Err(errors.iter().map(|error| document.broken(error)).collect());
    }
    let mut keys = Vec::new();
    let mut findings = Vec::new();
    for (name, value) in table.get_ref() {
        let at = document.line_of(name.span());
        let name = name.get_ref().to_string();
        match value.get_ref().as_str() {
            Some(key) => keys.push(WrittenKey {
                file: Some(KeyFile::Table),
                ..WrittenKey::new(name, Secret::from(key), at)
            }),
            None => {
                let (key, given) = (format!("api_keys.{name}"), a_type(value.get_ref()));
                findings.push(Finding::impossible(at, key, given, "a string"));
            }
        }
    }
    if !findings.is_empty() {
        findings.sort_by_key(|finding| finding.at.line());
        return Err(findings);
    }
    if keys.is_empty() {
        return Err(refused("a file without a key", "a line `name = \"key\"` for each key"));
    }
    // The order of the lines, not that of the alphabet.
    keys.sort_by_key(|key| key.source.line());
    let tells = is_open && keys.iter().any(|key| key.secret.is_plain());
    Ok((keys, tells.then_some(Warning::ReadableByAll { path: name })))
}

/// What is in the file, up to a length, and whether everybody on this machine may read it.
fn read(path: &Path, most: u64) -> io::Result<(Vec<u8>, bool)> {
    let file = File::open(path)?;
    let is_open = is_readable_by_all(&file)?;
    let mut bytes = Vec::new();
    file.take(most).read_to_end(&mut bytes)?;
    Ok((bytes, is_open))
}

#[cfg(unix)]
fn is_readable_by_all(file: &File) -> io::Result<bool> {
    use std::os::unix::fs::PermissionsExt;

    Ok(file.metadata()?.permissions().mode() & 0o004 != 0)
}

#[cfg(not(unix))]
fn is_readable_by_all(_: &File) -> io::Result<bool> {
    Ok(false)
}

fn unreadable(path: &Path, source: &Source, error: &io::Error) -> Vec<Finding> {
    let (path, cause) = (path.display().to_string(), error.to_string());
    vec![Finding::new(source.clone(), Problem::Unreadable { path, cause })]
}
