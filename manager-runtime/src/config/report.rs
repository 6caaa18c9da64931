//! The listing of the settings for `check`.

use std::fmt;

use super::settings::Settings;

/// Every setting with where it came from. Keys are named, never shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Report {
    /// In the order of the table of the settings.
    pub(crate) rows: Vec<Row>,
}

/// A setting, or one of several keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    /// The name of the setting.
    pub(crate) key: String,
    /// The value, as it could be written; `set` for a secret.
    pub(crate) value: String,
    /// Where it was set.
    pub(crate) source: String,
}

/// Lists the settings.
pub(crate) fn report(settings: &Settings) -> Report {
    Report { rows: settings.rows() }
}

impl fmt::Display for Report {
    /// One line for each row, in aligned columns and without a newline at the end.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = |column: fn(&Row) -> &str| {
            self.rows.iter().map(|row| column(row).chars().count()).max().unwrap_or(0)
        };
        let (keys, values) = (width(|row| &row.key), width(|row| &row.value));
        for (index, Row { key, value, source }) in self.rows.iter().enumerate() {
            let newline = if index == 0 { "" } else { "\n" };
            write!(f, "{newline}{key:keys$}  {value:values$}  {source}")?;
        }
        Ok(())
    }
}
