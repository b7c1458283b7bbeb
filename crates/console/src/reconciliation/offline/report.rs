//! The report from its file, into memory.

use std::fs::File;
use std::path::Path;

use domain::{AuthorityArn, ReportRow, Timestamp};
use feeds::Part;
use packed::{Batch, Pack, Sorted};

use crate::records::{Account, ReadReportError, replaces};

/// A report that has been read.
pub(super) struct Report {
    pub authority: AuthorityArn,
    pub rows: Sorted<ReportRow>,
    pub account: Account,
}

/// Rows that one thread packed.
#[derive(Default)]
struct Read {
    batch: Batch<ReportRow>,
    newest: Option<Timestamp>,
}

impl Read {
    fn add(&mut self, row: ReportRow) {
        self.newest = self.newest.max(Some(row.issued_at)).max(row.revoked_at);
        self.batch.push(&row);
    }
}

/// Without an `expected` authority, the rows say which one it is of.
pub(super) fn read(path: &Path, expected: Option<AuthorityArn>) -> Result<Report, ReadReportError> {
    let mut account = Account::new(expected.clone());
    let mut pack = Pack::default();
    feeds::report::read(File::open(path)?, expected, Read::add, |part| match part {
        Part::Bad(bad) => account.add_bad(bad),
        Part::Good(read) => {
            account.newest = account.newest.max(read.newest);
            read.batch.counts().try_for_each(|(authority, count)| account.add(authority, count))?;
            pack.append(read.batch);
            Ok(())
        }
    })??;
    let authority = account.authority()?;
    let mut rows = pack.sorted();
    rows.fold(|first, row| replaces(first, row, &mut account.unreadable));
    Ok(Report { authority, rows, account })
}
