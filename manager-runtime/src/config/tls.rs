//! What TLS is spoken with: files in PEM, and the names of clients.
//!
//! The settings are flat: `tls_cert`, `tls_key`, `tls_client_ca`, `allowed_names`, `tls_dev`. `manager!` and
//! `manager.toml` may write them as one table, `tls`, where they are called `cert`, `key`, `client_ca`,
//! `allowed_names` and `dev`.

use super::finding::{Finding, Problem};
use super::kind::{Kind, Switch};
use super::layer::{Raw, quoted};
use super::settings::Settings;

/// What TLS needs, and whether this build has it.
pub(super) const TLS: (&str, bool) = ("tls", cfg!(feature = "_tls"));

/// The keys of the table `tls`, each with the setting that it stands for.
pub(super) const TABLE: [(&str, &str); 5] = [
    ("cert", "tls_cert"),
    ("key", "tls_key"),
    ("client_ca", "tls_client_ca"),
    ("allowed_names", "allowed_names"),
    ("dev", "tls_dev"),
];

/// A file in PEM that need not be.
pub(super) struct MaybePem;

impl Kind for MaybePem {
    type Value = Option<String>;

    fn read(&self, raw: &Raw) -> Result<Option<String>, String> {
        match raw {
            Raw::Text(text) | Raw::Quoted(text) if text == "none" => Ok(None),
            Raw::Text(text) | Raw::Quoted(text)
                if TLS.1 && !text.is_empty() && !text.contains('\0') =>
            {
                Ok(Some(text.clone()))
            }
            _ => Err(raw.given()),
        }
    }

    fn allowed(&self) -> String {
        Switch::missing("none", TLS)
            .unwrap_or_else(|| "a file in PEM, such as `cert.pem`, or `none`".into())
    }

    fn show(&self, value: &Option<String>) -> String {
        value.clone().unwrap_or_else(|| "none".into())
    }
}

/// Names in the certificates of clients.
pub(super) struct ClientNames;

impl Kind for ClientNames {
    type Value = Vec<String>;
    const LIST: bool = true;

    fn read(&self, raw: &Raw) -> Result<Vec<String>, String> {
        let names: Vec<String> = match raw {
            Raw::List(names) => names.clone(),
            Raw::Text(text) => text.split(',').map(|name| name.trim().to_owned()).collect(),
            _ => return Err(raw.given()),
        };
        if names == ["none"] {
            return Ok(Vec::new());
        }
        if names.is_empty() || !TLS.1 {
            return Err(raw.given());
        }
        let odd = |name: &&String| name.is_empty() || name.contains(char::is_control);
        let wrong: Vec<String> = names.iter().filter(odd).map(|name| quoted(name)).collect();
        if wrong.is_empty() { Ok(names) } else { Err(wrong.join(", ")) }
    }

    fn allowed(&self) -> String {
        Switch::missing("none", TLS).unwrap_or_else(|| {
            "a list of names as they stand in certificates, such as `client.example.com`, or `none`"
                .into()
        })
    }

    fn show(&self, value: &Vec<String>) -> String {
        if value.is_empty() { "none".into() } else { value.join(", ") }
    }
}

impl Settings {
    /// Whether TLS is spoken.
    pub(crate) fn has_tls(&self) -> bool {
        self.tls_dev || self.tls_cert.is_some()
    }

    /// What of TLS cannot stand without the other. Any source may have the last word on each of them, so only
    /// what comes out of all is compared.
    pub(super) fn check_tls(&self, findings: &mut Vec<Finding>) {
        let sources = &self.sources;
        let mut needs = |source: &super::layer::Source, key: &'static str, what: &'static str| {
            findings.push(Finding::new(source.clone(), Problem::Alone { key, what }));
        };
        match (&self.tls_cert, &self.tls_key) {
            (Some(_), None) => {
                needs(&sources.tls_cert, "tls_cert", "`tls_key`, the file with its private key");
            }
            (None, Some(_)) => {
                needs(&sources.tls_key, "tls_key", "`tls_cert`, the file with its certificate");
            }
            _ => {}
        }
        if self.tls_client_ca.is_some() && !self.has_tls() && self.tls_key.is_none() {
            let what = "`tls_cert` and `tls_key`: clients show certificates over TLS alone";
            needs(&sources.tls_client_ca, "tls_client_ca", what);
        }
        if !self.allowed_names.is_empty() && self.tls_client_ca.is_none() {
            let what = "`tls_client_ca`: without it no client is asked for a certificate";
            needs(&sources.allowed_names, "allowed_names", what);
        }
        if self.tls_dev && (self.tls_cert.is_some() || self.tls_key.is_some()) {
            let (key, source) = match self.tls_cert {
                Some(_) => ("tls_cert", &sources.tls_cert),
                None => ("tls_key", &sources.tls_key),
            };
            let problem = Problem::Beside { key: "tls_dev", other: key, at: source.clone() };
            findings.push(Finding::new(sources.tls_dev.clone(), problem));
        }
    }
}
