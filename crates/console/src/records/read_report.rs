//! Reading a report from its bytes into a table, with an account of what could not be read.

use std::io::Read;

use domain::run::Unreadable;
use domain::{AuthorityArn, Timestamp};
use feeds::Bad;
use feeds::report::{ReportError, ReportReader};

use super::database::{Database, DatabaseError};
use super::load::{ReportLoad, ReportTable};

/// Why a report was not read to its end.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReadReportError {
    #[error(transparent)]
    Report(#[from] ReportError),
    #[error("reading the report failed: {0}")]
    Io(#[from] std::io::Error),
    #[error(transparent)]
    Database(#[from] DatabaseError),
    #[error("every row of the report that can be read is of another authority ({0})")]
    OtherAuthority(String),
    #[error("the report has rows of several authorities ({0} and {1}); say which one is meant")]
    SeveralAuthorities(AuthorityArn, AuthorityArn),
    #[error("the report is empty, and so does not say which authority it is of")]
    UnknownAuthority,
    #[error("no row of the report can be read ({0})")]
    NoRow(String),
}

/// A report in its table.
#[derive(Debug)]
pub(crate) struct ReadReport {
    pub table: ReportTable,
    pub rows: u64,
    pub unreadable: Unreadable,
    /// When something that a row tells of happened last; `None`: it has no rows.
    pub newest: Option<Timestamp>,
    /// It ended before its end.
    pub truncated: bool,
}

/// Reads a report made at `created_at`. Without an `expected` authority, its rows say which one it is of. `progress`
/// is told the number of rows read so far.
pub(crate) fn read_report(
    database: &Database,
    source: impl Read,
    expected: Option<AuthorityArn>,
    created_at: Timestamp,
    progress: impl Fn(u64),
) -> Result<ReadReport, ReadReportError> {
    let mut load = ReportLoad::begin(database)?;
    let (mut rows, mut unreadable, mut truncated) = (0, Unreadable::default(), false);
    let (mut foreign, mut newest) = (None, None);
    let mut authority = expected.clone();
    for row in ReportReader::open(source, expected)? {
        match row {
            Ok(row) => {
                let authority = authority.get_or_insert_with(|| row.authority.clone());
                if *authority != row.authority {
                    return Err(ReadReportError::SeveralAuthorities(authority.clone(), row.authority));
                }
                newest = newest.max(Some(row.issued_at)).max(row.revoked_at);
                load.add(row)?;
                rows += 1;
                progress(rows);
            }
            Err(Bad::Record(error)) => {
                if error.of_another_authority {
                    foreign.get_or_insert(error.problem.clone());
                }
                if let Some((_, serial)) = error.certificate.filter(|_| !error.of_another_authority) {
                    load.add_unreadable(serial);
                }
                unreadable.add(error.place, error.problem);
            }
            Err(Bad::CutShort(why)) => {
                unreadable.add("the end", format!("the report is cut short: {why}"));
                truncated = true;
            }
            Err(Bad::Io(error)) => return Err(error.into()),
        }
    }
    if let Some(foreign) = foreign.filter(|_| rows == 0) {
        return Err(ReadReportError::OtherAuthority(foreign));
    }
    if rows == 0 && unreadable.count > 0 {
        return Err(ReadReportError::NoRow(reasons(&unreadable)));
    }
    let authority = authority.ok_or(ReadReportError::UnknownAuthority)?;
    let table = load.finish(authority, created_at, &mut unreadable)?;
    Ok(ReadReport { table, rows, unreadable, newest, truncated })
}

/// The first few reasons in one line.
fn reasons(unreadable: &Unreadable) -> String {
    let first = unreadable.examples.iter().take(3);
    let mut said: Vec<String> = first.map(|one| format!("{}: {}", one.place, one.problem)).collect();
    let more = unreadable.count.saturating_sub(said.len() as u64);
    if more > 0 {
        said.push(format!("and {more} more"));
    }
    said.join("; ")
}
