//! What a finding's advice comes down to, and how a finding is told that is over.

use std::collections::BTreeSet;

use crate::finding_kind::FindingKind;
use crate::finding_kind::FindingKind::*;
use crate::trail::Proof;

/// The act that the page of a finding offers first: what [`FindingKind::advice`] says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remedy {
    /// Cannot be undone: only where the advice is to revoke.
    Revoke,
    /// Somebody else writes it; the page says what.
    CorrectInventory,
    /// The two sides are held against each other before anything is done.
    CompareRecords,
    /// The device's other certificates say which is in use.
    SeeDevice,
    /// What its caller did says how far it goes.
    SeeCaller,
    /// The hours of the trail that are not proven.
    SeeCoverage,
    /// The runs of the authority, and how they ended.
    SeeRuns,
    /// The request that it is about.
    SeeRequest,
    /// The verification of the ledger.
    SeeVerification,
    /// Something is to be mended elsewhere.
    TakeOn,
    /// Nothing but to say why it is no trouble.
    Dismiss,
}

impl FindingKind {
    /// What the text of a finding of this kind advises to do first.
    pub fn remedy(self) -> Remedy {
        match self {
            UnauthorizedIssuance
            | RogueIssuer
            | UnattributedIssuance
            | RevocationNotEffective
            | SubjectDiffers
            | IssuanceBurst => Remedy::Revoke,
            UnrecordedIssuance | RevocationNotRecorded | DatesDiffer => Remedy::CorrectInventory,
            Duplicate => Remedy::CompareRecords,
            IssuanceWithoutCertificate => Remedy::SeeDevice,
            AuthorityChanged
            | RevocationSwitchedOff
            | AuthorityShared
            | CertificateImported
            | StorageChanged
            | IssuanceDenied
            | ReportBucketChanged
            | RevocationNotCountersigned => Remedy::SeeCaller,
            TrailStopped | TrailAltered => Remedy::SeeCoverage,
            IssuanceNotReported | RunMissed => Remedy::SeeRuns,
            DecisionNotProven | GlassBroken => Remedy::SeeRequest,
            LedgerRewritten | LedgerBehind => Remedy::SeeVerification,
            WorkerSilent | ChannelFailing => Remedy::TakeOn,
            ExpiredUnrecorded => Remedy::Dismiss,
        }
    }

    /// [`FindingKind::sentence`] of a finding that a run no longer saw: what it says may be otherwise now.
    pub fn past(self) -> &'static str {
        match self {
            UnauthorizedIssuance => "was issued by the CA, but the inventory did not know it",
            RogueIssuer => "was in the inventory, but was not issued as the issuers' rules allowed",
            UnattributedIssuance => "was issued by the CA, but no intact event said for whom",
            UnrecordedIssuance => "was issued by an authorised issuer, but was not in the inventory",
            RevocationNotEffective => "was revoked in the inventory, but the CA still vouched for it",
            IssuanceNotReported => "was at the CA, but the audit report did not list it",
            SubjectDiffers => "had one subject at the CA and another in the inventory",
            IssuanceWithoutCertificate => "was in the inventory, but the CA had not issued it",
            RevocationNotRecorded => "was revoked at the CA, but active in the inventory",
            DatesDiffer => "had other dates at the CA than in the inventory",
            Duplicate => "was more than once in the inventory",
            ExpiredUnrecorded => "had expired, and the inventory did not know it",
            TrailStopped => "was when logging stopped or the trail was changed",
            TrailAltered => "had log files or digests that were not as they were delivered",
            WorkerSilent => "had not done its work for too long",
            ChannelFailing => "had not taken a notification for a day",
            LedgerRewritten => "was not what the ledger's log said",
            LedgerBehind => "was in no checkpoint for too long",
            DecisionNotProven => "was to be carried out, and not enough people had provably approved it",
            // What somebody did once stays what they did.
            AuthorityChanged
            | RevocationSwitchedOff
            | AuthorityShared
            | CertificateImported
            | IssuanceBurst
            | StorageChanged
            | IssuanceDenied
            | ReportBucketChanged
            | GlassBroken
            | RunMissed
            | RevocationNotCountersigned => self.sentence(),
        }
    }
}

/// What became of the log files and digests of an hour; `None`: nobody has kept it.
pub fn became(proofs: &BTreeSet<Proof>) -> Option<&'static str> {
    match (proofs.contains(&Proof::Missing), proofs.contains(&Proof::Altered)) {
        (true, true) => Some("has a log file or digest that is missing, and another that was altered"),
        (true, false) => Some("has a log file or digest that is missing"),
        (false, true) => Some("has a log file or digest that was altered"),
        (false, false) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_advice_to_revoke_leads_to_a_revocation() {
        for kind in FindingKind::ALL {
            let advised = kind.advice().contains("revocation: ")
                || kind.advice().contains("request its revocation.")
                || kind.advice().contains("request the revocation")
                || kind.advice().contains("Request its revocation here")
                || kind.advice().contains("put them on one request");
            assert_eq!(kind.remedy() == Remedy::Revoke, advised, "{kind}: {}", kind.advice());
        }
        assert!(ExpiredUnrecorded.advice().contains("Dismiss the finding"));
    }

    #[test]
    fn what_is_over_is_not_told_as_if_it_were_so() {
        for kind in FindingKind::ALL {
            let past = kind.past();
            assert!(!past.starts_with("is ") && !past.starts_with("has "), "{kind}: {past}");
        }
        assert_eq!(became(&[].into()), None);
        assert_eq!(became(&[Proof::Missing].into()), Some("has a log file or digest that is missing"));
        assert_eq!(became(&[Proof::Altered].into()), Some("has a log file or digest that was altered"));
    }
}
