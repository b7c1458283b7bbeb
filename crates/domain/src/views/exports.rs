//! The lists that can be taken along as files, and the columns that these have.

use serde::{Deserialize, Serialize};
use strum::VariantArray;

use crate::preferences::{ListColumn, ListSettings};

/// A list that can be taken along as a file.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, strum::VariantArray, strum::IntoStaticStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Export {
    /// The list of certificates, as the page has it.
    Certificates,
    /// The list of findings.
    Findings,
    /// The events of the trail.
    Activity,
    /// The list of revocation requests.
    Requests,
    /// The entries of the ledger.
    Ledger,
}

/// What the file is written in; its name is the ending of the file's.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, strum::VariantArray, strum::IntoStaticStr,
)]
#[serde(rename_all = "snake_case")]
pub enum ExportFormat {
    /// Comma-separated values (RFC 4180), with the columns' names first.
    #[strum(serialize = "csv")]
    Csv,
    /// One JSON object a line.
    #[strum(serialize = "jsonl")]
    JsonLines,
}

/// A column of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExportColumn {
    /// The name at its head, and of the field in JSON.
    pub name: &'static str,
    /// The column of the list that shows it; `None`: whoever takes the list along has it in any case.
    shown_by: Option<ListColumn>,
}

const fn always(name: &'static str) -> ExportColumn {
    ExportColumn { name, shown_by: None }
}

const fn with(name: &'static str, column: ListColumn) -> ExportColumn {
    ExportColumn { name, shown_by: Some(column) }
}

/// The columns of [`Export::Certificates`].
pub const CERTIFICATE_COLUMNS: [ExportColumn; 10] = [
    with("authority", ListColumn::Authority),
    always("serial"),
    with("device", ListColumn::Device),
    with("subject", ListColumn::Subject),
    with("issued_at", ListColumn::Issued),
    with("expires_at", ListColumn::Expires),
    with("revoked_at", ListColumn::Status),
    with("status", ListColumn::Status),
    always("in_report"),
    always("in_inventory"),
];

/// The columns of [`Export::Findings`].
pub const FINDING_COLUMNS: [ExportColumn; 15] = [
    always("id"),
    with("severity", ListColumn::Severity),
    always("kind"),
    always("finding"),
    with("authority", ListColumn::Device),
    always("serial"),
    with("device", ListColumn::Device),
    with("state", ListColumn::State),
    with("owner", ListColumn::State),
    with("due", ListColumn::State),
    with("reason", ListColumn::State),
    with("issued_at", ListColumn::Issued),
    always("issued_by"),
    with("first_seen", ListColumn::FirstSeen),
    always("changed_at"),
];

/// The columns of [`Export::Activity`].
pub const ACTIVITY_COLUMNS: [ExportColumn; 13] = [
    always("time"),
    always("event"),
    always("id"),
    always("source"),
    always("region"),
    always("account"),
    always("principal"),
    always("session"),
    always("access_key"),
    always("address"),
    always("result"),
    always("serial"),
    always("proof"),
];

/// The columns of [`Export::Requests`].
pub const REQUEST_COLUMNS: [ExportColumn; 16] = [
    always("id"),
    always("authority"),
    always("state"),
    always("mode"),
    always("certificates"),
    always("first_serial"),
    always("reason"),
    always("justification"),
    always("ticket"),
    always("requested_by"),
    always("requested_at"),
    always("expires_at"),
    always("approvals"),
    always("approvals_needed"),
    always("executed_at"),
    always("proven_at"),
];

/// The columns of [`Export::Ledger`].
pub const LEDGER_COLUMNS: [ExportColumn; 10] = [
    always("entry"),
    always("time"),
    always("who"),
    always("person"),
    always("roles"),
    always("action"),
    always("outcome"),
    always("about"),
    always("detail"),
    always("hash"),
];

impl Export {
    /// Every list, in the order of their declaration.
    pub const ALL: &[Self] = Self::VARIANTS;

    /// The name in the file's address, and of the file without its ending.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// All columns, in the order of the file.
    pub fn columns(self) -> &'static [ExportColumn] {
        match self {
            Self::Certificates => &CERTIFICATE_COLUMNS,
            Self::Findings => &FINDING_COLUMNS,
            Self::Activity => &ACTIVITY_COLUMNS,
            Self::Requests => &REQUEST_COLUMNS,
            Self::Ledger => &LEDGER_COLUMNS,
        }
    }

    /// The columns of somebody who has set the list up so. `None`: all of them.
    pub fn chosen(self, settings: &ListSettings) -> Option<Vec<&'static str>> {
        let is_shown = |column: &&ExportColumn| column.shown_by.is_none_or(|of| settings.shows(of));
        let shown = self.columns().iter().filter(is_shown).map(|column| column.name);
        (!settings.hidden.is_empty()).then(|| shown.collect())
    }

    /// The places of the columns of these names, in the order of the file; all of them without names.
    ///
    /// # Errors
    /// The name that no column has.
    pub fn places(self, names: Option<&str>) -> Result<Vec<usize>, String> {
        let Some(names) = names else { return Ok((0..self.columns().len()).collect()) };
        let place = |name: &str| self.columns().iter().position(|column| column.name == name);
        let places = names.split(',').map(|name| place(name.trim()).ok_or_else(|| name.to_owned()));
        let mut places: Vec<usize> = places.collect::<Result<_, _>>()?;
        places.sort_unstable();
        places.dedup();
        Ok(places)
    }
}

impl ExportFormat {
    /// Every format, in the order of their declaration.
    pub const ALL: &[Self] = Self::VARIANTS;

    /// The ending of the file.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::preferences::{Density, OwnList};

    #[test]
    fn what_is_left_out_of_a_list_is_left_out_of_its_file() {
        let mut settings = ListSettings::default();
        assert_eq!(Export::Findings.chosen(&settings), None);
        settings.arrange(OwnList::Findings, &[ListColumn::Severity], Density::Compact);
        let chosen = Export::Findings.chosen(&settings).unwrap();
        assert_eq!(chosen, ["id", "severity", "kind", "finding", "serial", "issued_by", "changed_at"]);
        let places = Export::Findings.places(Some(&chosen.join(","))).unwrap();
        assert_eq!(places, [0, 1, 2, 3, 5, 12, 14]);
    }

    #[test]
    fn columns_are_chosen_by_their_names() {
        assert_eq!(Export::Ledger.places(None).unwrap().len(), LEDGER_COLUMNS.len());
        assert_eq!(Export::Ledger.places(Some("time, entry,time")), Ok(vec![0, 1]));
        for wrong in ["", "evil", "time,"] {
            assert!(Export::Ledger.places(Some(wrong)).is_err(), "{wrong}");
        }
        for one in Export::ALL {
            let mut names: Vec<_> = one.columns().iter().map(|column| column.name).collect();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), one.columns().len(), "each name once");
        }
    }
}
