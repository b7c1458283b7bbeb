//! What people are told of runs that were missed.

use super::Due;
use crate::alerts::Alert;
use crate::authority::AuthorityArn;
use crate::finding::AlertFacts;
use crate::finding_kind::FindingKind;
use crate::scope::Scope;

impl Due {
    /// The alert that runs of this authority were missed, if some were. What began at the same time is the same.
    pub fn alert(&self, authority: &AuthorityArn) -> Option<Alert> {
        let (first, count) = self.missed?;
        let what = match count {
            1 => format!("The run of {} was missed", first.absolute()),
            more => format!("{more} runs since that of {} were missed", first.absolute()),
        };
        Some(Alert {
            kind: FindingKind::RunMissed,
            authority: Some(authority.clone()),
            scope: Scope::from(authority),
            subject: "schedule".to_owned(),
            facts: AlertFacts {
                at: first,
                what: format!(
                    "{what}: no worker began one within an hour. One run makes up for it; see on the page of runs whether it was made."
                ),
                identity: None,
                address: None,
                events: Vec::new(),
                count,
                proofs: [].into(),
            },
        })
    }
}
