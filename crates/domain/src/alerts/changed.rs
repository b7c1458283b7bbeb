//! Single calls that change an authority, or where evidence is kept: each stands by itself.

use super::alert::Alert;
use super::facts::who;
use super::rules::Rules;
use crate::authority::AuthorityArn;
use crate::finding::AlertFacts;
use crate::finding_kind::FindingKind::{
    self, AuthorityChanged, AuthorityShared, CertificateImported, ReportBucketChanged, RevocationSwitchedOff,
    StorageChanged,
};
use crate::scope::Scope;
use crate::trail::{Event, RevocationMeans, TrailPart, What};

impl Rules {
    /// What such a call is an alert about; read from `trail`. A call that failed changed nothing.
    pub(super) fn changed(&self, trail: &TrailPart, event: &Event) -> Vec<Alert> {
        if event.failure.is_some() {
            return Vec::new();
        }
        let who = who(&event.identity);
        if let What::StorageChange { bucket, key } = &event.what {
            let what = self
                .is_evidence(bucket.as_deref(), key.as_deref())
                .map(|place| (StorageChanged, format!("{who} called {} on {place}.", event.name)));
            let alert = |(kind, what)| alert(event, kind, None, Scope::from(trail), what);
            return what.map(alert).into_iter().collect();
        }
        let Some(watched) = self.watched(event) else { return Vec::new() };
        let told = match &event.what {
            What::AuthorityUpdate { status, off } => {
                let is_disabled = status.as_ref().is_some_and(|to| to.eq_ignore_ascii_case("DISABLED"));
                let disabled =
                    is_disabled.then(|| (AuthorityChanged, format!("{who} disabled the authority.")));
                let means: Vec<&str> = off.iter().copied().map(RevocationMeans::label).collect();
                let off = (!means.is_empty())
                    .then(|| (RevocationSwitchedOff, format!("{who} switched off {}.", means.join(" and "))));
                [disabled, off].into_iter().flatten().collect()
            }
            What::Deletion => vec![(AuthorityChanged, format!("{who} deleted the authority."))],
            What::Sharing { with: Some(with) } => {
                vec![(AuthorityShared, format!("{who} let {with} use the authority ({}).", event.name))]
            }
            What::Sharing { with: None } => {
                vec![(AuthorityShared, format!("{who} changed who may use the authority ({}).", event.name))]
            }
            What::CertificateImport => {
                vec![(
                    CertificateImported,
                    format!("{who} gave the authority another certificate of its own."),
                )]
            }
            What::AuditReport { bucket } if bucket.as_deref() != Some(watched.report_bucket.as_str()) => {
                let bucket = bucket.as_deref().unwrap_or("a bucket that the event does not name");
                let own = &watched.report_bucket;
                let what =
                    format!("{who} had an audit report written to {bucket}; the configured bucket is {own}.");
                vec![(ReportBucketChanged, what)]
            }
            _ => Vec::new(),
        };
        let alert = |(kind, what)| alert(event, kind, Some(&watched.arn), Scope::from(&watched.arn), what);
        told.into_iter().map(alert).collect()
    }

    /// What is kept in a bucket or encrypted with a key, in words; `None`: nothing of ours.
    fn is_evidence(&self, bucket: Option<&str>, key: Option<&str>) -> Option<String> {
        let is_same = |own: &str, named: &str| key_id(own) == key_id(named);
        match (bucket, key) {
            (Some(bucket), _) if bucket == self.trail_bucket => Some(format!("the trail's bucket {bucket}")),
            (Some(bucket), _) if self.watched.iter().any(|one| one.report_bucket == bucket) => {
                Some(format!("the report bucket {bucket}"))
            }
            (_, Some(key)) if self.trail_key.as_deref().is_some_and(|own| is_same(own, key)) => {
                Some(format!("the trail's key {key}"))
            }
            _ => None,
        }
    }
}

/// The id of a KMS key that may be given as its ARN (`arn:aws:kms:REGION:ACCOUNT:key/ID`).
fn key_id(key: &str) -> &str {
    key.rsplit_once(":key/").map_or(key, |(_, id)| id)
}

fn alert(
    event: &Event,
    kind: FindingKind,
    authority: Option<&AuthorityArn>,
    scope: Scope,
    what: String,
) -> Alert {
    Alert {
        kind,
        authority: authority.cloned(),
        scope,
        subject: event.id.to_string(),
        facts: AlertFacts {
            at: event.time,
            what,
            identity: Some(event.identity.clone()),
            address: event.address.clone(),
            events: vec![event.id.clone()],
            count: 1,
            proofs: [].into(),
        },
    }
}
