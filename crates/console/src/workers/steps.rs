//! What becomes of findings when runs and alerts write them down.

use std::collections::BTreeMap;

use countersign_aws::{Aws, Change, Error as AwsError};
use domain::Finding;
use domain::ledger::Body;

/// What becomes of one finding.
pub(super) struct Step {
    pub next: Finding,
    /// The version that it replaces; `None`: it is new.
    replaces: Option<u64>,
    pub what: &'static str,
}

impl Step {
    pub fn opened(next: Finding) -> Self {
        Self { next, replaces: None, what: "opened" }
    }

    /// It was seen again.
    pub fn again(old: &Finding, next: Finding) -> Self {
        let what = if next.state == old.state { "updated" } else { "reopened" };
        Self { next, replaces: Some(old.version), what }
    }

    pub fn closed(old: &Finding, next: Finding) -> Self {
        Self { next, replaces: Some(old.version), what: "closed" }
    }
}

/// The changes that take these steps, and the ledger's entry with what they are: subjects by kind, and their count.
pub(super) fn take(aws: &Aws, steps: &[Step], mut body: Body) -> Result<(Vec<Change>, Body), AwsError> {
    let mut by_kind: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for step in steps {
        let name = format!("{} {}", step.what, step.next.id.kind);
        by_kind.entry(name).or_default().push(step.next.id.subject.to_string());
    }
    for (name, subjects) in by_kind {
        body = body.with(&name, subjects.join(" "));
    }
    let at = body.at;
    let save = |step: &Step| aws.save_finding(&step.next, step.replaces, at);
    let changes = steps.iter().map(save).collect::<Result<_, _>>()?;
    Ok((changes, body.with("count", steps.len())))
}
