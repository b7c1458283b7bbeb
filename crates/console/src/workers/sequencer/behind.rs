//! Entries that are in no checkpoint for too long: whatever keeps them from it, somebody is told.

use std::time::Duration;

use countersign_aws::Aws;
use countersign_aws::ledger::Unplaced;
use domain::alerts::Alert;
use domain::{FindingKind, Timestamp};

use super::alert;
use crate::Error;

const DAY: i64 = 86_400;
/// How long after it was committed an entry may be in no checkpoint.
const LATE: Duration = Duration::from_secs(60);

/// The alert that it cannot be said how far the ledger is.
pub(crate) fn unread(error: &Error, now: Timestamp) -> Alert {
    let what = format!(
        "How far the ledger is published cannot be read, and nothing is published until it can: {error}. If it names an item of the table that is no entry, keep a copy of the item and take it away."
    );
    // What began at one time is told once: this is, each day.
    let today = Timestamp::from_unix(now.unix() - now.unix().rem_euclid(DAY)).unwrap_or(now);
    alert(FindingKind::LedgerBehind, "unread", today, what)
}

/// The alert that the ledger is not placed, or not published. `publishes`: whether a log is made of it.
pub(crate) async fn behind(aws: &Aws, publishes: bool, now: Timestamp) -> Result<Option<Alert>, Error> {
    let mut since = aws.unplaced(1).await?.first().map(Unplaced::committed_at);
    if publishes {
        let (last, size) =
            (aws.last_placed().await?, aws.last_checkpoint().await?.map_or(0, |noted| noted.size));
        if size < last {
            let entry = aws.ledger_page(Some(size + 2), 1).await?;
            let at = entry.first().and_then(|entry| entry.read().ok()).map(|body| body.at);
            since = since.min(at).or(at).or(since);
        }
    }
    let Some(since) = since.filter(|since| now.since(*since) >= LATE) else { return Ok(None) };
    let what = format!(
        "Entries of the ledger since {} are in no checkpoint: nobody outside can see them, and nothing is revoked meanwhile that they tell of. See what the sequencer says of it, that a worker has the log's key, and that it may write to the log's bucket.",
        since.absolute()
    );
    Ok(Some(alert(FindingKind::LedgerBehind, "ledger", since, what)))
}
