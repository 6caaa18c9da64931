//! Settings out of `manager.toml`.

use std::io::ErrorKind;
use std::ops::Range;
use std::path::Path;

use toml::Spanned;
use toml::de::{DeInteger, DeTable, DeValue};

use super::finding::{Finding, Problem, near};
use super::layer::{Layer, Raw, Source, Written, quoted};
use super::secret::{Secret, WrittenKey};
use super::settings::Key;
use super::tls;

const API_KEY: &str = "api_key";
const API_KEYS: &str = "api_keys";
const TLS: &str = "tls";

impl Layer {
    /// Reads the file. One that does not exist says nothing.
    pub(crate) fn from_file(path: &Path) -> Self {
        match std::fs::read(path) {
            Ok(bytes) => Self::from_toml(&path.display().to_string(), &bytes),
            Err(error) if error.kind() == ErrorKind::NotFound => Self::default(),
            Err(error) => {
                let path = path.display().to_string();
                let at = Source::File { path: path.clone(), line: 0, column: None };
                let problem = Problem::Unreadable { path, cause: error.to_string() };
                Self::of_findings(vec![Finding::new(at, problem)])
            }
        }
    }

    /// Reads the text of a file that was opened as `path`.
    pub(super) fn from_toml(path: &str, bytes: &[u8]) -> Self {
        let document = match Document::of(path, bytes) {
            Ok(document) => document,
            Err(findings) => return Self::of_findings(findings),
        };
        let (table, errors) = DeTable::parse_recoverable(document.text);
        if errors.is_empty() {
            return Reader { document, layer: Self::default(), keys: Vec::new() }.read(&table);
        }
        // What the parser makes of a broken file is a guess; complaints about the guess would mislead.
        Self::of_findings(errors.iter().map(|error| document.broken(error)).collect())
    }

    fn of_findings(findings: Vec<Finding>) -> Self {
        Self { findings, ..Self::default() }
    }
}

/// Reads a table that is known to be TOML.
struct Reader<'a> {
    document: Document<'a>,
    layer: Layer,
    keys: Vec<WrittenKey>,
}

impl Reader<'_> {
    fn read(mut self, table: &Spanned<DeTable<'_>>) -> Layer {
        let known: Vec<&str> =
            Key::all().iter().map(|key| key.name).chain([API_KEY, TLS]).collect();
        for (name, value) in table.get_ref() {
            let source = self.document.line_of(name.span());
            match name.get_ref().as_ref() {
                API_KEY => self.key("default".into(), API_KEY.into(), source, value),
                API_KEYS => self.named_keys(source, value),
                TLS => self.tls(source, value),
                name => match self.layer.values.slot(name) {
                    // The table comes before them, in the order of the names.
                    Some(Some(Written { .. })) => {
                        let inner = tls::TABLE.iter().find(|(_, setting)| *setting == name);
                        let other =
                            inner.map_or_else(String::new, |(inner, _)| format!("{TLS}.{inner}"));
                        let problem = Problem::TwoNames { key: name.to_owned(), other };
                        self.layer.findings.push(Finding::new(source, problem));
                    }
                    Some(slot) => *slot = Some(Written { raw: self.document.raw(value), source }),
                    None => self.layer.findings.push(unknown(name, &known, source)),
                },
            }
        }
        if !self.keys.is_empty() {
            // The order of the lines, not that of the alphabet.
            self.keys.sort_by_key(|key| key.source.line());
            self.layer.write_keys(self.keys);
        }
        self.layer
    }

    fn named_keys(&mut self, source: Source, value: &Spanned<DeValue<'_>>) {
        let Some(table) = value.get_ref().as_table() else {
            return self.refuse(API_KEYS.into(), source, value, "a table of names and keys");
        };
        if table.is_empty() {
            // An empty list overrides the keys of the program; the check refuses it as such.
            self.layer.values.api_keys = Some(Written { raw: Raw::Keys(Vec::new()), source });
        }
        for (name, value) in table {
            let source = self.document.line_of(name.span());
            let name = name.get_ref().to_string();
            let key = format!("{API_KEYS}.{name}");
            self.key(name, key, source, value);
        }
    }

    /// The table of what belongs to TLS.
    fn tls(&mut self, source: Source, value: &Spanned<DeValue<'_>>) {
        let Some(table) = value.get_ref().as_table() else {
            return self.refuse(TLS.into(), source, value, "a table of what TLS is spoken with");
        };
        let known = tls::TABLE.map(|(name, _)| name);
        for (name, value) in table {
            let source = self.document.line_of(name.span());
            let name = name.get_ref().as_ref();
            let Some((_, setting)) = tls::TABLE.iter().find(|(inner, _)| *inner == name) else {
                self.layer.findings.push(unknown(name, &known, source));
                continue;
            };
            let written = Some(Written { raw: self.document.raw(value), source });
            if let Some(slot) = self.layer.values.slot(setting) {
                *slot = written;
            }
        }
    }

    fn key(&mut self, name: String, key: String, source: Source, value: &Spanned<DeValue<'_>>) {
        match value.get_ref().as_str() {
            Some(text) => self.keys.push(WrittenKey::new(name, Secret::from(text), source)),
            None => self.refuse(key, source, value, "a string"),
        }
    }

    /// A wrong type where a secret belongs: the type is named, the value may be the secret.
    fn refuse(&mut self, key: String, source: Source, value: &Spanned<DeValue<'_>>, allowed: &str) {
        let given = a_type(value.get_ref());
        self.layer.findings.push(Finding::impossible(source, key, given, allowed));
    }
}

/// The text that is read, for the places and the notation of its values.
#[derive(Clone, Copy)]
pub(super) struct Document<'a> {
    path: &'a str,
    text: &'a str,
}

impl<'a> Document<'a> {
    /// The text of a file that was opened as `path`.
    pub(super) fn of(path: &'a str, bytes: &'a [u8]) -> Result<Self, Vec<Finding>> {
        std::str::from_utf8(bytes).map(|text| Document { path, text }).map_err(|error| {
            let text = String::from_utf8_lossy(&bytes[..error.valid_up_to()]);
            let at = Document { path, text: &text }.at(text.len());
            vec![Finding::new(at, Problem::Syntax { cause: "the text is not utf-8".into() })]
        })
    }

    pub(super) fn text(&self) -> &'a str {
        self.text
    }

    fn raw(&self, value: &Spanned<DeValue<'_>>) -> Raw {
        let as_written = || self.text.get(value.span()).map_or_else(String::new, quoted);
        match value.get_ref() {
            DeValue::String(text) => Raw::Quoted(text.to_string()),
            DeValue::Integer(number) => {
                unsigned(number).map_or_else(|| Raw::Unfit(as_written()), Raw::Number)
            }
            DeValue::Array(items) => {
                let texts = items.iter().map(|item| item.get_ref().as_str().map(str::to_owned));
                let list = texts.collect::<Option<Vec<_>>>();
                list.map_or_else(|| Raw::Unfit(as_written()), Raw::List)
            }
            DeValue::Table(items) => {
                let texts = items.iter().map(|(name, item)| {
                    let text = item.get_ref().as_str()?;
                    Some((name.span().start, name.get_ref().to_string(), text.to_owned()))
                });
                let table = texts.collect::<Option<Vec<_>>>().map(|mut table| {
                    // The order of the lines, not that of the alphabet.
                    table.sort();
                    table.into_iter().map(|(_, name, text)| (name, text)).collect()
                });
                table.map_or_else(|| Raw::Unfit(a_type(value.get_ref()).to_owned()), Raw::Table)
            }
            DeValue::Boolean(on) => Raw::Switch(*on),
            DeValue::Float(_) | DeValue::Datetime(_) => Raw::Unfit(as_written()),
        }
    }

    pub(super) fn broken(&self, error: &toml::de::Error) -> Finding {
        // Only the bare message: the full one quotes the line, and a key may stand on it.
        let problem = Problem::Syntax { cause: error.message().to_owned() };
        Finding::new(self.at(error.span().map_or(0, |span| span.start)), problem)
    }

    pub(super) fn line_of(&self, span: Range<usize>) -> Source {
        let (line, _) = self.position(span.start);
        Source::File { path: self.path.to_owned(), line, column: None }
    }

    fn at(&self, offset: usize) -> Source {
        let (line, column) = self.position(offset);
        Source::File { path: self.path.to_owned(), line, column: Some(column) }
    }

    fn position(&self, offset: usize) -> (usize, usize) {
        let before = self.text.get(..offset).unwrap_or(self.text);
        let start = before.rfind('\n').map_or(0, |end| end + 1);
        (before.matches('\n').count() + 1, before[start..].chars().count() + 1)
    }
}

fn unknown(name: &str, known: &[&str], at: Source) -> Finding {
    let names = known.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    Finding::new(
        at,
        Problem::UnknownKey { key: name.into(), near: near(name, known), known: names },
    )
}

fn unsigned(number: &DeInteger<'_>) -> Option<u64> {
    u64::from_str_radix(number.as_str(), number.radix()).ok()
}

pub(super) fn a_type(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "an integer",
        DeValue::Float(_) => "a float",
        DeValue::Boolean(_) => "a boolean",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "an array",
        DeValue::Table(_) => "a table",
    }
}
