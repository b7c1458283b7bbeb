//! Points at which a test can kill the process, to see that nothing is lost and nothing is done twice. Set
//! `COUNTERSIGN_ABORT_AT` to one of them; release builds hold no trace of it.

/// Where the process can be made to die.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Point {
    /// A request is approved, and nobody has taken its execution on yet.
    AfterApproval,
    /// An item is marked as being called, and the CA not yet called.
    BeforeRevokeCall,
    /// The CA has revoked, and nothing here says so.
    AfterRevokeCall,
    /// The revocation is recorded, and the inventory not yet told.
    AfterRevokeRecord,
    /// Log files of the trail are read, and nothing of them is in the table.
    BeforeTrailFiles,
    /// They are in, and nothing else tells of them.
    AfterTrailFiles,
    /// Digests are verified, and nothing says so.
    BeforeTrailState,
    /// What they prove is noted, and the pass not at its end.
    AfterTrailState,
    /// A pass over the trail is at its end.
    AfterTrailStatus,
    /// Some files of an older month are in.
    AfterMonthProgress,
    /// Events are read that make alerts, and nothing of them is recorded yet.
    BeforeAlerts,
    /// Alerts are raised, and the reader has come no further.
    AfterAlerts,
    /// Something is to be told, and nobody is told yet.
    BeforeNotices,
    /// A notice is made for the channels, and nothing is delivered.
    AfterNotices,
    /// A run is due by the schedule, what was missed is told, and nothing is ordered.
    BeforeScheduledRun,
    /// It is ordered.
    AfterScheduledRun,
    /// A part of a pack's file is kept, and nothing says so.
    AfterPackPart,
    /// Entries of the ledger are committed, and have no place.
    BeforePlaces,
    /// They have their places, and the log does not have them.
    AfterPlaces,
    /// The first new file of the log is written.
    AfterLogFile,
    /// All files of the log are written, and no checkpoint tells of them.
    BeforeCheckpoint,
    /// The checkpoint is written, and the table does not know.
    AfterCheckpoint,
}

#[cfg(debug_assertions)]
impl Point {
    fn name(self) -> &'static str {
        match self {
            Self::AfterApproval => "after-approval",
            Self::BeforeRevokeCall => "before-revoke-call",
            Self::AfterRevokeCall => "after-revoke-call",
            Self::AfterRevokeRecord => "after-revoke-record",
            Self::BeforeTrailFiles => "before-trail-files",
            Self::AfterTrailFiles => "after-trail-files",
            Self::BeforeTrailState => "before-trail-state",
            Self::AfterTrailState => "after-trail-state",
            Self::AfterTrailStatus => "after-trail-status",
            Self::AfterMonthProgress => "after-month-progress",
            Self::BeforeAlerts => "before-alerts",
            Self::AfterAlerts => "after-alerts",
            Self::BeforeNotices => "before-notices",
            Self::AfterNotices => "after-notices",
            Self::BeforeScheduledRun => "before-scheduled-run",
            Self::AfterScheduledRun => "after-scheduled-run",
            Self::AfterPackPart => "after-pack-part",
            Self::BeforePlaces => "before-places",
            Self::AfterPlaces => "after-places",
            Self::AfterLogFile => "after-log-file",
            Self::BeforeCheckpoint => "before-checkpoint",
            Self::AfterCheckpoint => "after-checkpoint",
        }
    }
}

/// Dies here if the environment says so.
#[cfg(debug_assertions)]
pub(crate) fn abort_at(point: Point) {
    if std::env::var("COUNTERSIGN_ABORT_AT").is_ok_and(|name| name == point.name()) {
        tracing::error!("dying {} as COUNTERSIGN_ABORT_AT demands", point.name());
        std::process::abort();
    }
}

#[cfg(not(debug_assertions))]
pub(crate) fn abort_at(_: Point) {}
