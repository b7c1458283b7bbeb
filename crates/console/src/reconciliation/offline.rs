//! A reconciliation of downloaded files, without AWS: a report, exports of the inventory, and maybe the trail.

mod trail;

use std::collections::HashSet;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use domain::inventory::{InventoryAttributes, ReadItem};
use domain::reconcile::Context;
use domain::run::{ReportIdentity, RunInputs, TrailInputs, Unreadable};
use domain::{AuthorityArn, FindingKind, Timestamp};
use feeds::Bad;
use feeds::export::ExportReader;

use super::Reconciliation;
use crate::judge::judge;
use crate::read_model::{
    Database, DatabaseError, InventoryLoad, InventoryTable, ReadReport, ReadReportError, read_report,
};
use crate::runs::BY_THE_TRAIL;
use crate::trail::covered;
pub use trail::TrailFiles;

/// What is compared, and how.
#[derive(Clone, Debug)]
pub struct Files {
    /// An audit report, JSON or CSV, plain or gzip.
    pub report: PathBuf,
    /// Files of a DynamoDB export in DYNAMODB_JSON, plain or gzip.
    pub inventory: Vec<PathBuf>,
    /// `None`: the report's rows say it.
    pub authority: Option<AuthorityArn>,
    pub attributes: InventoryAttributes,
    pub grace: Duration,
    /// `None`: the time of the report's file.
    pub report_created_at: Option<Timestamp>,
    /// `None`: nobody is told who issued what.
    pub trail: Option<TrailFiles>,
}

/// Why files could not be compared.
#[derive(Debug, thiserror::Error)]
pub enum OfflineError {
    #[error("{}: {source}", path.display())]
    File { path: PathBuf, source: std::io::Error },
    #[error("{}: {reason}", path.display())]
    Report { path: PathBuf, reason: String },
    /// Every certificate that is missing from it would look unauthorized.
    #[error("{}: the inventory is cut short ({reason}); without all of it nothing can be compared", path.display())]
    CutShort { path: PathBuf, reason: String },
    #[error("{}: {reason}", path.display())]
    PublicKeys { path: PathBuf, reason: String },
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

/// Compares a report with an inventory. Blocks.
pub fn reconcile(files: &Files) -> Result<Reconciliation, OfflineError> {
    let database = Database::create(None)?;
    let created_at = match files.report_created_at {
        Some(at) => at,
        None => modified(&files.report)?,
    };
    let report = read_report(&database, open(&files.report)?, files.authority.clone(), created_at, |_| ());
    let report = report.map_err(|error| report_error(&files.report, error))?;
    let authority = report.table.authority.clone();
    let mut inputs = RunInputs { report: Some(identity(&files.report, created_at)), ..RunInputs::default() };
    let inventory = read_inventory(&database, files, &authority, &mut inputs)?;
    let ReadReport { table, rows, unreadable, truncated } = report;
    (inputs.report_rows, inputs.report_unreadable, inputs.report_truncated) = (rows, unreadable, truncated);
    let trail = files.trail.as_ref().map(|trail| trail::read(&database, trail, &authority)).transpose()?;
    let (trail, trail_unreadable) = trail.unzip();
    let context = Context {
        authority: authority.clone(),
        report_created_at: created_at,
        grace: files.grace,
        report_complete: !truncated,
        requests_known: false,
        trail,
    };
    let mut findings = Vec::new();
    let tally = judge(&database, &context, &table, &inventory, &HashSet::new(), |finding| {
        findings.push(finding);
        Ok(())
    })
    .map_err(|error: crate::read_model::MergeError<DatabaseError>| error.into_inner())?;
    (inputs.infrastructure, inputs.managed) = (tally.infrastructure, tally.managed);
    (inputs.in_grace, inputs.unjudged) = (tally.in_grace, tally.unjudged.clone());
    inputs.trail = context.trail.as_ref().map(|trail| TrailInputs {
        unreadable: trail_unreadable.unwrap_or_default(),
        ..covered(trail, created_at, &tally)
    });
    let mut not_judged = vec![FindingKind::RevocationNotCountersigned];
    if inputs.trail.is_none() {
        not_judged.extend(BY_THE_TRAIL);
    }
    if truncated {
        not_judged.push(FindingKind::IssuanceWithoutCertificate);
    }
    Ok(Reconciliation::new(authority, findings, inputs, not_judged))
}

fn read_inventory(
    database: &Database,
    files: &Files,
    authority: &AuthorityArn,
    inputs: &mut RunInputs,
) -> Result<InventoryTable, OfflineError> {
    let mut load = InventoryLoad::begin(database)?;
    for path in &files.inventory {
        let file_error = |source| OfflineError::File { path: path.clone(), source };
        let items = ExportReader::open(open(path)?, &files.attributes).map_err(file_error)?;
        for item in items {
            match item {
                Ok(ReadItem { item, unread }) => {
                    for problem in unread {
                        inputs.inventory_unread.add(format!("device {}", item.device), problem);
                    }
                    inputs.inventory_items += u64::from(item.authority == *authority);
                    load.add(item)?;
                }
                Err(Bad::Record(mut error)) => {
                    error
                        .certificate
                        .take()
                        .into_iter()
                        .for_each(|certificate| load.add_unreadable(certificate));
                    add(&mut inputs.inventory_unreadable, path, files, error);
                }
                Err(Bad::CutShort(reason)) => {
                    return Err(OfflineError::CutShort { path: path.clone(), reason });
                }
                Err(Bad::Io(source)) => return Err(file_error(source)),
            }
        }
    }
    Ok(load.finish(Timestamp::EPOCH)?)
}

/// With several files, the place says which one.
fn add(unreadable: &mut Unreadable, path: &Path, files: &Files, error: feeds::RecordError) {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let place = match files.inventory.len() {
        1 => error.place,
        _ => format!("{name}, {}", error.place),
    };
    unreadable.add(place, error.problem);
}

fn open(path: &Path) -> Result<File, OfflineError> {
    File::open(path).map_err(|source| OfflineError::File { path: path.to_path_buf(), source })
}

fn report_error(path: &Path, error: ReadReportError) -> OfflineError {
    let path = path.to_path_buf();
    match error {
        ReadReportError::Database(error) => error.into(),
        ReadReportError::Io(source) => OfflineError::File { path, source },
        other => OfflineError::Report { path, reason: other.to_string() },
    }
}

fn modified(path: &Path) -> Result<Timestamp, OfflineError> {
    let error = |source| OfflineError::File { path: path.to_path_buf(), source };
    let time = std::fs::metadata(path).and_then(|data| data.modified()).map_err(error)?;
    let seconds = time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    Ok(Timestamp::from_unix(i64::try_from(seconds).unwrap_or(0)).unwrap_or(Timestamp::EPOCH))
}

fn identity(path: &Path, created_at: Timestamp) -> ReportIdentity {
    ReportIdentity {
        report_id: path.file_stem().unwrap_or_default().to_string_lossy().into_owned(),
        bucket: String::new(),
        key: path.display().to_string(),
        version: None,
        created_at,
        reused: false,
    }
}

#[cfg(test)]
mod tests;
