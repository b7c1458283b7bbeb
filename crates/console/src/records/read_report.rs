//! Reading a report from its bytes into a table, with an account of what could not be read.

use std::collections::HashSet;
use std::io::Read;

use domain::run::Unreadable;
use domain::{AuthorityArn, Serial, Timestamp};
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
    /// It ended before its end.
    pub truncated: bool,
}

/// What was read of a report so far, besides its rows.
#[derive(Debug, Default)]
pub(crate) struct Account {
    pub rows: u64,
    pub unreadable: Unreadable,
    /// Certificates whose rows are there, but cannot be read.
    pub certificates: HashSet<Serial>,
    /// When something that a row tells of happened last; `None`: it has no rows.
    pub newest: Option<Timestamp>,
    /// It ended before its end.
    pub truncated: bool,
    /// Says that a row is of another authority.
    foreign: Option<String>,
    authority: Option<AuthorityArn>,
}

impl Account {
    /// Without an `expected` authority, the rows say which one the report is of.
    pub fn new(expected: Option<AuthorityArn>) -> Self {
        Self { authority: expected, ..Self::default() }
    }

    /// Counts so many rows of one authority.
    pub fn add(&mut self, authority: &AuthorityArn, rows: u64) -> Result<(), ReadReportError> {
        let own = self.authority.get_or_insert_with(|| authority.clone());
        if own != authority {
            return Err(ReadReportError::SeveralAuthorities(own.clone(), authority.clone()));
        }
        self.rows += rows;
        Ok(())
    }

    /// Notes where there is no row.
    pub fn add_bad(&mut self, bad: Bad) -> Result<(), ReadReportError> {
        match bad {
            Bad::Record(error) => {
                if error.of_another_authority {
                    self.foreign.get_or_insert(error.problem.clone());
                }
                let certificate = error.certificate.filter(|_| !error.of_another_authority);
                self.certificates.extend(certificate.map(|(_, serial)| serial));
                self.unreadable.add(error.place, error.problem);
            }
            Bad::CutShort(why) => {
                self.unreadable.add("the end", format!("the report is cut short: {why}"));
                self.truncated = true;
            }
            Bad::Io(error) => return Err(error.into()),
        }
        Ok(())
    }

    /// The authority of the report, once all of it has been read.
    pub fn authority(&mut self) -> Result<AuthorityArn, ReadReportError> {
        if let Some(foreign) = self.foreign.take().filter(|_| self.rows == 0) {
            return Err(ReadReportError::OtherAuthority(foreign));
        }
        if self.rows == 0 && self.unreadable.count > 0 {
            return Err(ReadReportError::NoRow(reasons(&self.unreadable)));
        }
        self.authority.clone().ok_or(ReadReportError::UnknownAuthority)
    }
}

/// Reads a report of `authority` made at `created_at`. `progress` is told the number of rows read so far.
pub(crate) fn read_report(
    database: &Database,
    source: impl Read,
    authority: AuthorityArn,
    created_at: Timestamp,
    progress: impl Fn(u64),
) -> Result<ReadReport, ReadReportError> {
    let mut load = ReportLoad::begin(database)?;
    let mut account = Account::new(Some(authority.clone()));
    for row in ReportReader::open(source, Some(authority))? {
        match row {
            Ok(row) => {
                account.add(&row.authority, 1)?;
                load.add(row)?;
                progress(account.rows);
            }
            Err(bad) => account.add_bad(bad)?,
        }
    }
    let authority = account.authority()?;
    let Account { rows, mut unreadable, certificates, truncated, .. } = account;
    let table = load.finish(authority, created_at, certificates, &mut unreadable)?;
    Ok(ReadReport { table, rows, unreadable, truncated })
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
