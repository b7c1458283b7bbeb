//! The rows of a report in CSV: columns by name in any order.

use std::borrow::Cow;
use std::io::BufRead;

use super::ReportError;
use super::row::RawRow;
use crate::csv::{CsvRows, Form};
use crate::said::Said;

type Setter = for<'a> fn(&mut RawRow<'a>, Said<'a>);

/// The columns we read, whether a report without them is one, and where they go.
const COLUMNS: [(&str, bool, Setter); 10] = [
    ("certificateArn", true, |row, cell| row.certificate_arn = Some(cell)),
    ("serial", false, |row, cell| row.serial = Some(cell)),
    ("subject", false, |row, cell| row.subject = Some(cell)),
    ("notBefore", true, |row, cell| row.not_before = Some(cell)),
    ("notAfter", true, |row, cell| row.not_after = Some(cell)),
    ("issuedAt", true, |row, cell| row.issued_at = Some(cell)),
    ("revokedAt", true, |row, cell| row.revoked_at = Some(cell)),
    ("revocationReason", false, |row, cell| row.revocation_reason = Some(cell)),
    ("templateArn", false, |row, cell| row.template_arn = Some(cell)),
    ("requestedByServicePrincipal", false, |row, cell| row.requested_by_service_principal = Some(cell)),
];

/// The columns of a CSV report.
pub(super) struct Columns {
    pub form: Form,
    /// For each column of the file, where its cells go.
    setters: Vec<Option<Setter>>,
}

impl Columns {
    /// Reads the header; the rows follow.
    pub fn open<R: BufRead>(input: R) -> Result<(Self, R), ReportError> {
        let (rows, names) = CsvRows::new(input, b',')?.ok_or(ReportError::Unrecognised)?;
        let named =
            |wanted: &str| names.iter().filter(|name| name.trim().eq_ignore_ascii_case(wanted)).count();
        if named("certificateArn") == 0 && named("serial") == 0 {
            return Err(ReportError::Unrecognised);
        }
        for (column, essential, _) in COLUMNS {
            match named(column) {
                0 if essential => return Err(ReportError::MissingColumn(column)),
                0 | 1 => (),
                _ => return Err(ReportError::RepeatedColumn(column)),
            }
        }
        let setter = |name: &String| {
            let column = COLUMNS.iter().find(|(column, ..)| name.trim().eq_ignore_ascii_case(column));
            column.map(|(.., setter)| *setter)
        };
        let setters = names.iter().map(setter).collect();
        Ok((Self { form: rows.form(), setters }, rows.into_input()))
    }

    pub fn row<'a>(&self, cells: impl IntoIterator<Item = Cow<'a, str>>) -> RawRow<'a> {
        let mut row = RawRow::default();
        for (setter, cell) in self.setters.iter().zip(cells) {
            if let Some(set) = setter {
                set(&mut row, Said(cell));
            }
        }
        row
    }
}
