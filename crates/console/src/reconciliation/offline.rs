//! A reconciliation of downloaded files, without AWS: a report, exports of the inventory, and maybe the trail.

mod created;
mod inventory;
mod report;
mod trail;

use std::collections::{BTreeSet, HashSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use domain::finding::Disagreement;
use domain::inventory::InventoryAttributes;
use domain::reconcile::{Context, Infrastructure};
use domain::run::{ReportIdentity, RunInputs, TrailInputs};
use domain::{AuthorityArn, FindingKind, Serial, Timestamp};
use feeds::export::ExportError;
use feeds::export::folder::FolderError;

use self::inventory::Inventory;
use self::report::Report;
use super::Reconciliation;
use crate::Clock;
use crate::records::judge::{Unread, judge_all};
use crate::records::{Database, DatabaseError, MergeError, ReadReportError, Sources};
pub use trail::TrailFiles;

/// What is compared, and how.
#[derive(Clone, Debug)]
pub struct Files {
    /// An audit report, JSON or CSV, plain or gzip.
    pub report: PathBuf,
    /// Files of a DynamoDB export, its folder, the answer of a scan, lists of items, or tables in CSV; plain or gzip.
    pub inventory: Vec<PathBuf>,
    /// `None`: the report's rows say it, or the inventory's items, if there are no rows.
    pub authority: Option<AuthorityArn>,
    pub attributes: InventoryAttributes,
    pub grace: Duration,
    /// Serial numbers of CAs' certificates, the authority's own first of all: where a report does not name templates, nothing
    /// else tells them.
    pub known: BTreeSet<Serial>,
    /// What expired longer before the report was made, and is not in the inventory, is left out. `None`: nothing is.
    pub expired_after: Option<Duration>,
    /// `None`: the time of the report's file, if its rows bear it out.
    pub report_created_at: Option<Timestamp>,
    /// `None`: nobody is told who issued what.
    pub trail: Option<TrailFiles>,
}

/// Why files could not be compared.
#[derive(Debug, thiserror::Error)]
pub enum OfflineError {
    #[error("{}: {error}", path.display())]
    File { path: PathBuf, error: std::io::Error },
    #[error("{}: {reason}", path.display())]
    Report { path: PathBuf, reason: String },
    #[error("{}: {reason}. Say when the report was made with --report-created-at: S3 shows it as the object's time", path.display())]
    CreatedAt { path: PathBuf, reason: String },
    #[error("{}: {error}", path.display())]
    Inventory { path: PathBuf, error: ExportError },
    #[error("{}: {error}", path.display())]
    Folder { path: PathBuf, error: FolderError },
    /// Every certificate that is missing from it would look unauthorized.
    #[error("{}: the inventory is cut short ({reason}); without all of it nothing can be compared", path.display())]
    CutShort { path: PathBuf, reason: String },
    #[error("{}: the inventory has no item: every certificate would look unauthorized. Is it the right file?", .0.display())]
    NoItem(PathBuf),
    #[error(
        "{}: the inventory has items of {other}, and none of {authority}: its certificates would look unauthorized. Are these \
         the right files?", path.display()
    )]
    NoItemOf { path: PathBuf, authority: AuthorityArn, other: AuthorityArn },
    #[error("{}: {reason}", path.display())]
    PublicKeys { path: PathBuf, reason: String },
    #[error("{}: there is no log file of {region} below it ({others} files of other names or Regions)", path.display())]
    NoTrail { path: PathBuf, region: String, others: u64 },
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

/// Compares a report with an inventory. Blocks.
pub fn reconcile(files: &Files) -> Result<Reconciliation, OfflineError> {
    let made = match files.report_created_at {
        Some(at) => at,
        None => created::modified(&files.report)?,
    };
    let read = |authority| report::read(&files.report, authority);
    let first = read(files.authority.clone());
    let is_empty = matches!(first, Err(ReadReportError::UnknownAuthority));
    let report =
        if is_empty { None } else { Some(first.map_err(|error| report_error(&files.report, error))?) };
    let inventory = inventory::read(files)?;
    let mostly = inventory.is_mostly_unreadable();
    let Inventory { pack, either, certificates, items, unreadable, unread } = inventory;
    let report = match report {
        Some(report) => report,
        // A new CA's: the inventory may say whose.
        None => {
            let only = items.keys().next().filter(|_| items.len() == 1).cloned();
            read(only).map_err(|error| report_error(&files.report, error))?
        }
    };
    let mut packed = pack.sorted();
    let unclear = if either { inventory::settle(&mut packed, &report) } else { HashSet::new() };
    let Report { authority, rows, account } = report;
    let guessed = files.report_created_at.is_none();
    let created_at = created::checked(files, made, account.newest)?;
    let mut inputs = RunInputs {
        report: Some(identity(&files.report, created_at, guessed)),
        inventory_items: items.get(&authority).copied().unwrap_or(0),
        inventory_unreadable: unreadable,
        inventory_unread: unread,
        report_rows: account.rows,
        report_unreadable: account.unreadable,
        report_truncated: account.truncated,
        ..RunInputs::default()
    };
    let truncated = account.truncated;
    // The events alone go into a database: they are not of the size of the other two.
    let database = files.trail.as_ref().map(|_| Database::to_fill()).transpose()?;
    let trail = files.trail.as_ref().zip(database.as_ref());
    let trail = trail.map(|(trail, database)| trail::read(database, trail, &authority)).transpose()?;
    let (trail, trail_unreadable) = trail.unzip();
    let context = Context {
        authority: authority.clone(),
        report_created_at: created_at,
        now: Clock::system().now(),
        grace: files.grace,
        report_complete: !truncated,
        requests_known: false,
        infrastructure: Infrastructure {
            known: files.known.clone(),
            templates: trail.as_ref().map(|trail| trail.issuers.templates()).unwrap_or_default(),
            ocsp: false,
        },
        expired_after: files.expired_after,
        trail,
    };
    let mut findings = Vec::new();
    let item = |serial| mostly || certificates.contains(&(authority.clone(), serial));
    let unread = Unread { rows: &account.certificates, item: &item, unclear };
    let none = HashSet::new();
    let keep = |finding| {
        findings.push(finding);
        Ok(())
    };
    let sources =
        Sources { authority: &authority, report: &rows, inventory: &packed, trail: database.as_ref() };
    let mut tally = judge_all(&context, unread, &none, sources, keep)
        .map_err(|error: MergeError<DatabaseError>| error.into_inner())?;
    // There is no CA to ask here.
    findings.extend(tally.settle([]));
    // What rests on nothing but that the inventory has no item.
    let by_absence = |found: &Disagreement| {
        found.kind == FindingKind::UnauthorizedIssuance && found.evidence.issuance.is_none()
    };
    if inputs.inventory_items == 0
        && let Some((path, other)) = files.inventory.first().zip(items.keys().next())
        && findings.iter().any(by_absence)
    {
        let (path, other) = (path.clone(), other.clone());
        return Err(OfflineError::NoItemOf { path, authority, other });
    }
    (inputs.infrastructure, inputs.managed) = (tally.infrastructure, tally.managed);
    (inputs.in_grace, inputs.unjudged) = (tally.in_grace, tally.unjudged.clone());
    inputs.long_expired = tally.long_expired;
    inputs.expired_after = files.expired_after.map(|age| age.as_secs());
    inputs.trail = context.trail.as_ref().map(|trail| TrailInputs {
        unreadable: trail_unreadable.unwrap_or_default(),
        ..tally.covered(trail, created_at)
    });
    let mut not_judged = vec![FindingKind::RevocationNotCountersigned];
    if inputs.trail.is_none() {
        not_judged.extend(FindingKind::BY_THE_TRAIL);
    }
    if truncated {
        not_judged.push(FindingKind::IssuanceWithoutCertificate);
    }
    if mostly {
        not_judged.extend([FindingKind::UnauthorizedIssuance, FindingKind::UnrecordedIssuance]);
        not_judged.dedup();
    }
    Ok(Reconciliation::new(authority, findings, inputs, not_judged))
}

fn report_error(path: &Path, error: ReadReportError) -> OfflineError {
    let path = path.to_path_buf();
    match error {
        ReadReportError::Database(error) => error.into(),
        ReadReportError::Io(source) => OfflineError::File { path, error: source },
        ReadReportError::UnknownAuthority => {
            OfflineError::Report { path, reason: format!("{error}. Name it with --authority ARN") }
        }
        other => OfflineError::Report { path, reason: other.to_string() },
    }
}

fn identity(path: &Path, created_at: Timestamp, guessed: bool) -> ReportIdentity {
    ReportIdentity {
        report_id: path.file_stem().unwrap_or_default().to_string_lossy().into_owned(),
        bucket: String::new(),
        key: path.display().to_string(),
        version: None,
        sha256: None,
        completed_at: None,
        created_at,
        guessed,
        reused: false,
    }
}

#[cfg(test)]
mod tests;
