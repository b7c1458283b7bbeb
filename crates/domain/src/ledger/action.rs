//! What was done, by name.

use serde::{Deserialize, Serialize};
use strum::VariantArray;

/// What was done. The names are part of the log: never rename one.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    strum::VariantArray,
    strum::IntoStaticStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Action {
    /// Somebody signed in.
    SignedIn,
    /// A sign-in came to nothing; the detail says why.
    SignInRefused,
    /// Somebody signed out, or the identity provider did so for them.
    SignedOut,
    /// An attempt that was refused; the detail says what and why.
    Refused,
    /// A run was ordered.
    RunStarted,
    /// A run came to its end; the detail has what it read and found.
    RunFinished,
    /// A run could not finish; the detail says why.
    RunFailed,
    /// A run opened, reopened, closed or brought findings up to date; the detail names them.
    FindingsRecorded,
    /// Somebody took findings on.
    FindingAcknowledged,
    /// Somebody dismissed findings, with a reason.
    FindingDismissed,
    /// Of the two people who must agree that it is no trouble, the first says so.
    DismissalAsked,
    /// Somebody was made the owner of findings by somebody else.
    FindingAssigned,
    /// Something was ordered to be done to all findings that match a filter; the entries of what is done name its id.
    BulkOrdered,
    /// That came to its end, or was stopped.
    BulkEnded,
    /// Somebody asked for a revocation.
    RevocationRequested,
    /// Somebody approved a request.
    RevocationApproved,
    /// Somebody rejected a request.
    RevocationRejected,
    /// A request was cancelled: by its requester, or by the executor, which could not find it approved.
    RevocationCancelled,
    /// A request was not decided in time.
    RevocationExpired,
    /// The executor took a request on, or went on with it after trouble.
    ExecutionStarted,
    /// The CA revoked a certificate by a request.
    CertificateRevoked,
    /// A certificate could not be revoked; the detail says why, and whether it is tried again.
    RevocationFailed,
    /// Of a request nothing is left to be called; the detail has the counts.
    ExecutionFinished,
    /// The inventory was told that certificates are revoked.
    InventoryRecorded,
    /// Certificates of a request are on a CRL whose signature is good; the detail has the counts.
    SeenOnCrl,
    /// A signed OCSP response says that certificates of a request are revoked; the detail has the counts.
    SeenByOcsp,
    /// A report made later shows certificates of a request as revoked.
    SeenInReport,
    /// Every certificate that a request has revoked was seen wherever it must show, and in a later report.
    RevocationProven,
    /// Certificates of a request were not published as revoked in time; the detail has the likely cause.
    RevocationOverdue,
    /// Somebody halted a request that was being carried out.
    RevocationHalted,
    /// Somebody let a halted request go on.
    RevocationResumed,
    /// Somebody had what failed tried again under the same approval.
    RevocationRetried,
    /// Somebody closed a request: nothing more of it is tried.
    RevocationClosed,
    /// Somebody asked for an older month of the trail.
    TrailMonthRequested,
    /// Events or digests of the trail opened findings, or opened them again.
    AlertRaised,
    /// A process was started with another policy, other role groups or another mode than before.
    ConfigurationChanged,
    /// Somebody made an address under which programs read when certificates expire; an earlier one of theirs ended.
    CalendarMade,
    /// Such an address was withdrawn: nobody reads by it any more.
    CalendarWithdrawn,
    /// Somebody set up one of their own lists: a saved filter, columns, how close the rows stand.
    OwnListChanged,
    /// A process was started; the detail says with what configuration.
    ProcessStarted,
    /// The identity provider publishes other keys than it did when a worker last looked.
    ProviderKeysSeen,
    /// Somebody began to take a list along as a file.
    ExportBegun,
    /// How that ended, and how many rows they have.
    ExportEnded,
    /// Somebody has asked for evidence to take along; the detail says about what.
    EvidenceBegun,
    /// The file is made; the detail has its hash.
    EvidenceMade,
    /// Somebody has downloaded all of it.
    EvidenceTaken,
    /// Somebody opened an incident.
    IncidentOpened,
    /// Somebody named one more caller that it is about.
    IncidentExtended,
    /// Somebody wrote something down in it.
    IncidentNoted,
    /// Somebody said of a step what the records do not show, or took that back.
    IncidentAnswered,
    /// Somebody closed it, with a summary.
    IncidentClosed,
    /// Somebody had a test sent to a channel of notifications.
    ChannelTested,
}

/// How it ended, as lists of entries are narrowed.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, strum::VariantArray, strum::IntoStaticStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Ending {
    /// It was done, as the action says.
    Done,
    /// Somebody was not allowed to.
    Refused,
    /// It did not come to what it was to come to. An alert that was raised did.
    Failed,
}

impl Ending {
    /// Every ending, in the order of their declaration.
    pub const ALL: &[Self] = Self::VARIANTS;

    /// The name in URLs and files.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// What pages call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Done => "Done",
            Self::Refused => "Refused",
            Self::Failed => "Failed",
        }
    }
}

impl Action {
    /// Every action, in the order of their declaration.
    pub const ALL: &[Self] = Self::VARIANTS;

    /// As the log has it.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// Which ending the action is; most are [`Ending::Done`].
    pub fn ending(self) -> Ending {
        match self {
            Self::Refused | Self::SignInRefused => Ending::Refused,
            Self::RunFailed | Self::RevocationFailed | Self::RevocationOverdue => Ending::Failed,
            _ => Ending::Done,
        }
    }

    /// What pages call it: a few words.
    pub fn label(self) -> &'static str {
        match self {
            Self::SignedIn => "Signed in",
            Self::SignInRefused => "Sign-in refused",
            Self::SignedOut => "Signed out",
            Self::Refused => "Refused",
            Self::RunStarted => "Run started",
            Self::RunFinished => "Run finished",
            Self::RunFailed => "Run failed",
            Self::FindingsRecorded => "Findings recorded",
            Self::FindingAcknowledged => "Finding acknowledged",
            Self::FindingDismissed => "Finding dismissed",
            Self::DismissalAsked => "Dismissal asked for",
            Self::FindingAssigned => "Finding assigned",
            Self::BulkOrdered => "Handling of many findings ordered",
            Self::BulkEnded => "Handling of many findings ended",
            Self::RevocationRequested => "Revocation requested",
            Self::RevocationApproved => "Revocation approved",
            Self::RevocationRejected => "Revocation rejected",
            Self::RevocationCancelled => "Revocation cancelled",
            Self::RevocationExpired => "Request expired",
            Self::ExecutionStarted => "Execution started",
            Self::CertificateRevoked => "Certificate revoked",
            Self::RevocationFailed => "Revocation failed",
            Self::ExecutionFinished => "Execution finished",
            Self::InventoryRecorded => "Recorded in the inventory",
            Self::SeenOnCrl => "Seen on the CRL",
            Self::SeenByOcsp => "Revoked by OCSP",
            Self::SeenInReport => "Seen in the report",
            Self::RevocationProven => "Revocation proven",
            Self::RevocationOverdue => "Revocation overdue",
            Self::RevocationHalted => "Revocation halted",
            Self::RevocationResumed => "Halted revocation resumed",
            Self::RevocationRetried => "Failed ones to be tried again",
            Self::RevocationClosed => "Revocation closed",
            Self::TrailMonthRequested => "Older month of the trail requested",
            Self::AlertRaised => "Alert raised",
            Self::ConfigurationChanged => "Configuration changed",
            Self::CalendarMade => "Calendar address made",
            Self::CalendarWithdrawn => "Calendar address withdrawn",
            Self::OwnListChanged => "Own list set up",
            Self::ProcessStarted => "Process started",
            Self::ProviderKeysSeen => "Keys of the identity provider seen",
            Self::ExportBegun => "Export begun",
            Self::ExportEnded => "Export ended",
            Self::EvidenceBegun => "Evidence asked for",
            Self::EvidenceMade => "Evidence made",
            Self::EvidenceTaken => "Evidence taken along",
            Self::IncidentOpened => "Incident opened",
            Self::IncidentExtended => "Caller added to an incident",
            Self::IncidentNoted => "Note in an incident",
            Self::IncidentAnswered => "Step of an incident answered",
            Self::IncidentClosed => "Incident closed",
            Self::ChannelTested => "Channel tested",
        }
    }
}
