//! The kinds of finding, how bad each is and what to do about it.

use std::str::FromStr;

use serde::{Deserialize, Serialize};
use strum::VariantArray;

/// How bad; the worst sorts first.
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
pub enum Severity {
    /// A certificate may be in wrong hands, or what would show or stop that does not work or was passed by.
    Critical,
    /// Something was done, or left undone, that somebody must account for.
    High,
    /// The inventory does not say what the CA says.
    Medium,
    /// It is about what nothing accepts any more.
    Low,
}

impl Severity {
    /// Every severity, the worst first.
    pub const ALL: &[Self] = Self::VARIANTS;

    /// The name in URLs, keys and JSON.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// The kinds that runs find, and the alerts: those about one certificate first, then those about an authority, the
/// trail or a worker.
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
    strum::Display,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum FindingKind {
    /// The CA issued it, the inventory does not have it, and whoever asked for it may not, or is not known.
    UnauthorizedIssuance,
    /// It is in the inventory, but whoever asked for it may not; or it passes for a CA's, and nobody is known to have
    /// asked.
    RogueIssuer,
    /// The CA issued it, and the trail, which should have the call, lacks it ([`Attribution::Hole`](crate::reconcile::Attribution::Hole)).
    UnattributedIssuance,
    /// The inventory says that it is revoked, the CA does not, and it has not expired.
    RevocationNotEffective,
    /// An intact event shows that the CA issued it, and a whole report made later does not list it.
    IssuanceNotReported,
    /// An authorised issuer asked for it, and the inventory does not have it.
    UnrecordedIssuance,
    /// The CA revoked it, and no request that was approved here asked for that.
    RevocationNotCountersigned,
    /// The report and the inventory name different subjects.
    SubjectDiffers,
    /// The inventory has it, and a whole report does not.
    IssuanceWithoutCertificate,
    /// The CA revoked it, and the inventory says nothing of that.
    RevocationNotRecorded,
    /// The inventory's dates are not the certificate's, beyond the tolerance.
    DatesDiffer,
    /// More than one item of the inventory has its serial number.
    Duplicate,
    /// It has expired, and the inventory does not have it.
    ExpiredUnrecorded,
    /// Somebody disabled or deleted a watched authority.
    AuthorityChanged,
    /// Somebody switched off a watched authority's CRL or OCSP.
    RevocationSwitchedOff,
    /// Somebody changed who may use a watched authority: PutPolicy, CreatePermission.
    AuthorityShared,
    /// Somebody gave a watched authority another certificate of its own.
    CertificateImported,
    /// One identity had many certificates issued within a short time.
    IssuanceBurst,
    /// Somebody stopped or narrowed logging, or nothing was logged.
    TrailStopped,
    /// Log files or digests of the trail are missing or not what was delivered.
    TrailAltered,
    /// Somebody changed the bucket or key of the trail, or the bucket of reports.
    StorageChanged,
    /// One identity was refused the issuance of certificates, many times within a short time.
    IssuanceDenied,
    /// Somebody had an audit report written to a bucket that is not the configured one.
    ReportBucketChanged,
    /// A worker has had no good pass for too long ([`crate::worker::Silence`]).
    WorkerSilent,
    /// A channel has not taken a notification for a day.
    ChannelFailing,
    /// The console's table and the ledger's log do not agree.
    LedgerRewritten,
    /// Entries of the ledger are in no checkpoint for too long.
    LedgerBehind,
    /// A row says that a request is approved, and its proofs do not.
    DecisionNotProven,
    /// A request was executed on the word of its requester alone.
    GlassBroken,
    /// A run of the schedule did not begin in time ([`crate::schedule::LATE`]).
    RunMissed,
}

use FindingKind::*;

impl FindingKind {
    /// Every kind, in the order of their declaration.
    pub const ALL: &[Self] = Self::VARIANTS;

    /// Kinds that only events tell apart.
    pub const BY_THE_TRAIL: [Self; 4] =
        [RogueIssuer, UnattributedIssuance, UnrecordedIssuance, IssuanceNotReported];

    /// Whether it is an alert about an authority, an identity, the trail, a worker or a channel: raised by an event, a digest or signs
    /// of life, and not closed by a run, as no run compares what it is about.
    pub fn is_alert(self) -> bool {
        matches!(
            self,
            AuthorityChanged
                | RevocationSwitchedOff
                | AuthorityShared
                | CertificateImported
                | IssuanceBurst
                | TrailStopped
                | TrailAltered
                | StorageChanged
                | IssuanceDenied
                | ReportBucketChanged
                | WorkerSilent
                | ChannelFailing
                | LedgerRewritten
                | LedgerBehind
                | DecisionNotProven
                | GlassBroken
                | RunMissed
        )
    }

    /// The name in URLs, keys and JSON.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// What pages call it: a few words.
    pub fn label(self) -> &'static str {
        match self {
            UnauthorizedIssuance => "Unauthorized issuance",
            RogueIssuer => "Rogue issuer",
            UnattributedIssuance => "Unattributed issuance",
            UnrecordedIssuance => "Unrecorded issuance",
            AuthorityChanged => "Authority disabled or deleted",
            RevocationSwitchedOff => "Revocation switched off",
            AuthorityShared => "Authority shared",
            CertificateImported => "CA certificate imported",
            IssuanceBurst => "Issuance burst",
            StorageChanged => "Evidence storage changed",
            TrailStopped => "Trail stopped",
            TrailAltered => "Trail missing or altered",
            IssuanceDenied => "Issuance denied",
            ReportBucketChanged => "Report bucket changed",
            WorkerSilent => "Worker silent",
            ChannelFailing => "Channel failing",
            LedgerRewritten => "Ledger rewritten",
            LedgerBehind => "Ledger not published",
            DecisionNotProven => "Decision not proven",
            GlassBroken => "Glass broken",
            RunMissed => "Run missed",
            RevocationNotEffective => "Revocation not effective",
            IssuanceNotReported => "Issuance not reported",
            RevocationNotCountersigned => "Revocation not countersigned",
            SubjectDiffers => "Subject differs",
            IssuanceWithoutCertificate => "Issuance without certificate",
            RevocationNotRecorded => "Revocation not recorded",
            DatesDiffer => "Dates differ",
            Duplicate => "Duplicate",
            ExpiredUnrecorded => "Expired and not recorded",
        }
    }

    /// How bad it is.
    pub fn severity(self) -> Severity {
        match self {
            UnauthorizedIssuance
            | RogueIssuer
            | UnattributedIssuance
            | RevocationNotEffective
            | IssuanceNotReported
            | AuthorityChanged
            | RevocationSwitchedOff
            | TrailStopped
            | TrailAltered
            | WorkerSilent
            | LedgerRewritten
            | DecisionNotProven
            | GlassBroken => Severity::Critical,
            UnrecordedIssuance
            | RevocationNotCountersigned
            | SubjectDiffers
            | IssuanceDenied
            | AuthorityShared
            | CertificateImported
            | IssuanceBurst
            | StorageChanged
            | ReportBucketChanged
            | ChannelFailing
            | LedgerBehind
            | RunMissed => Severity::High,
            IssuanceWithoutCertificate | RevocationNotRecorded | DatesDiffer | Duplicate => Severity::Medium,
            ExpiredUnrecorded => Severity::Low,
        }
    }

    /// What happened, as the rest of a sentence that begins "Certificate 4f:a2… "; for an alert, with what it is about.
    pub fn sentence(self) -> &'static str {
        match self {
            UnauthorizedIssuance => "was issued by the CA, but the inventory does not know it",
            RogueIssuer => "is in the inventory, but was not issued as the issuers' rules allow",
            UnattributedIssuance => "was issued by the CA, but no intact event says for whom",
            UnrecordedIssuance => "was issued by an authorised issuer, but never reached the inventory",
            AuthorityChanged => "changed the state of the authority",
            RevocationSwitchedOff => "switched off a means of revocation",
            AuthorityShared => "let somebody else use the authority",
            CertificateImported => "gave the authority another certificate of its own",
            IssuanceBurst => "had many certificates issued within a short time",
            StorageChanged => "changed where evidence is kept",
            TrailStopped => "is when logging stopped or the trail was changed",
            TrailAltered => "has log files or digests that are not as they were delivered",
            IssuanceDenied => "was refused the issuance of certificates again and again",
            ReportBucketChanged => "sent an audit report to another bucket",
            WorkerSilent => "has not done its work for too long",
            ChannelFailing => "has not taken a notification for a day",
            LedgerRewritten => "is not what the ledger's log says",
            LedgerBehind => "is in no checkpoint for too long",
            GlassBroken => "was executed by its requester alone",
            RunMissed => "was not made in time",
            DecisionNotProven => "is to be carried out, and not enough people have provably approved it",
            RevocationNotEffective => "is revoked in the inventory, but the CA still vouches for it",
            IssuanceNotReported => "is at the CA, but the audit report does not list it",
            RevocationNotCountersigned => "was revoked at the CA without an approved request here",
            SubjectDiffers => "has one subject at the CA and another in the inventory",
            IssuanceWithoutCertificate => "is in the inventory, but the CA never issued it",
            RevocationNotRecorded => "is revoked at the CA, but active in the inventory",
            DatesDiffer => "has other dates at the CA than in the inventory",
            Duplicate => "is more than once in the inventory",
            ExpiredUnrecorded => "has expired, and the inventory does not know it (any more)",
        }
    }

    /// What to do about it, one sentence or two.
    pub fn advice(self) -> &'static str {
        match self {
            UnauthorizedIssuance => {
                "Find out who asked for it. Unless somebody can account for it, request its revocation: whoever holds its key passes for one of your devices."
            }
            RogueIssuer => {
                "A stolen provisioning path writes both records. Look at everything that the identity did, and request the revocation."
            }
            UnattributedIssuance => {
                "The evidence has a hole where this certificate was issued. Find out who could change the trail; unless the device accounts for the certificate, request its revocation."
            }
            UnrecordedIssuance => {
                "A write to the inventory was lost. Have the provisioning service record it, or request its revocation if no device has it."
            }
            AuthorityChanged => {
                "An authority that is disabled or deleted issues and revokes nothing. Ask who called and whether it was planned; a deleted one can be restored for a time."
            }
            RevocationSwitchedOff => {
                "Whoever checks certificates no longer learns which are revoked. Ask who called and whether it was planned, and switch it on again."
            }
            AuthorityShared => {
                "Others can have certificates issued, and what they may is said nowhere here. Read the authority's policy and permissions, and take away what nobody needs."
            }
            CertificateImported => {
                "The authority signs with another certificate of its own from now on. Unless it was renewed as planned, find out who signed it, and what it may."
            }
            IssuanceBurst => {
                "A stolen key is used quickly. Look at everything that the identity did; unless the certificates were planned, disable its key and put them on one request."
            }
            StorageChanged => {
                "Who may write or remove evidence, or how long it is kept, may be another now. Read the bucket's policy, lifecycle and key, and undo what was not planned."
            }
            TrailStopped => {
                "What happened meanwhile is on no record. Find out who stopped it, switch it on again, and look at every certificate issued since."
            }
            TrailAltered => {
                "Somebody who can write to the trail's bucket removed or changed evidence. Look for a copy (versions, another account) and at what was issued in this hour."
            }
            IssuanceDenied => {
                "Somebody tries what they may not do. Look at everything that the identity did, and at whether its key is in the right hands."
            }
            ReportBucketChanged => {
                "Reports list every certificate. Find out who wanted one elsewhere, and where it went."
            }
            WorkerSilent => {
                "Until it works again, nothing is done or noticed that depends on it. Mend what the reason names, then look at what was missed, and dismiss the finding."
            }
            ChannelFailing => {
                "Whoever reads this channel is told of nothing. Mend what the reason names, try it with countersign check --send-test, read here what was not told, and dismiss the finding."
            }
            LedgerRewritten => {
                "Somebody has restored or changed the console's table, or the log's bucket. Keep a copy of both, verify the log with countersign ledger verify, and find out who could write there; what the log has is what happened."
            }
            LedgerBehind => {
                "Until the log has a new checkpoint, nobody outside sees what happens here, and no new request is carried out. Mend what the sequencer's problem names, then dismiss the finding."
            }
            DecisionNotProven => {
                "Nothing was revoked by it. Find out who can write the console's table besides Countersign, and look at what else they have changed."
            }
            GlassBroken => {
                "Read why, and look at what was revoked and whether it could not have waited. Two people must agree that it was right."
            }
            RunMissed => {
                "What the CA signed since the run before was not looked at in time. See that a worker is there and what kept it from beginning, read what the run found that made up for it, and dismiss the finding."
            }
            RevocationNotEffective => {
                "Somebody believes this certificate is revoked, and it is not. Request its revocation here."
            }
            IssuanceNotReported => {
                "The report is not whole: what else it lacks is on no list. Look at the versions of its object and at who may write to its bucket, and start another run with a new report."
            }
            RevocationNotCountersigned => {
                "Find out who called RevokeCertificate and why. A revocation cannot be undone; dismiss the finding with the reason once it is known."
            }
            SubjectDiffers => {
                "The CA signed another name than was meant. Unless the inventory is wrong, request the revocation and issue it again."
            }
            IssuanceWithoutCertificate => {
                "The asynchronous issuance failed, or the record is false. Check the device: it has no valid certificate of this serial number."
            }
            RevocationNotRecorded => {
                "The provisioning service still takes the device's certificate for valid. Record the revocation in the inventory."
            }
            DatesDiffer => "Correct the inventory: renewals are planned by its dates.",
            ExpiredUnrecorded => {
                "Inventories often drop what has expired, and nothing accepts it any more. Dismiss the finding, unless the device should be known."
            }
            Duplicate => "Two devices claim one certificate. Find out which of them holds its key.",
        }
    }
}

/// A text names no kind of finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a kind of finding")]
pub struct FindingKindError;

impl FromStr for FindingKind {
    type Err = FindingKindError;

    fn from_str(name: &str) -> Result<Self, FindingKindError> {
        Self::ALL.iter().copied().find(|kind| kind.name() == name).ok_or(FindingKindError)
    }
}
