//! What becomes of findings when runs and alerts write them down.

use std::collections::BTreeMap;

use countersign_aws::{Aws, Change, Error as AwsError, Part, With};
use domain::Finding;
use domain::ledger::Body;

use crate::journal::Journal;

/// What becomes of one finding.
#[derive(Clone, Debug)]
pub(super) struct Step {
    pub next: Finding,
    /// The version that it replaces; `None`: it is new.
    replaces: Option<u64>,
    what: &'static str,
    /// Something happened to it: not only is more known of it.
    pub is_event: bool,
}

impl Step {
    pub fn opened(next: Finding) -> Self {
        Self { next, replaces: None, what: "opened", is_event: true }
    }

    /// It was seen again.
    pub fn again(old: &Finding, next: Finding) -> Self {
        let what = if next.state == old.state { "updated" } else { "reopened" };
        Self { is_event: next.history != old.history, next, replaces: Some(old.version), what }
    }

    pub fn closed(old: &Finding, next: Finding) -> Self {
        Self { next, replaces: Some(old.version), what: "closed", is_event: true }
    }

    /// Where it cannot be stored.
    fn stub(&self) -> Self {
        Self { next: self.next.stub(), ..self.clone() }
    }
}

/// Takes these steps and tells the ledger: `body` is the beginning of each entry. `beside` are the changes that belong to a
/// step. Gives what was written to `done`, however it ends.
pub(super) async fn take(
    (aws, journal): (&Aws, &Journal),
    steps: Vec<Step>,
    with: &With,
    body: &Body,
    beside: &(impl Fn(&Step) -> Result<Vec<Change>, AwsError> + Sync),
    mut done: impl FnMut(Step) + Send,
) -> Result<(), AwsError> {
    let part = |step: Step| {
        let mut changes = vec![aws.save_finding(&step.next, step.replaces, body.at)?];
        changes.extend(beside(&step)?);
        Ok::<_, AwsError>(Part { of: step, changes })
    };
    let parts = steps.into_iter().map(part).collect::<Result<_, _>>()?;
    let told = |parts: &[Part<Step>]| told(body.clone(), parts);
    let instead = |step: &Step| part(step.stub());
    let done = |parts: Vec<Part<Step>>| parts.into_iter().for_each(|part| done(part.of));
    journal.commit_parts(parts, with, &told, &instead, done).await
}

/// What became of the findings: subjects by kind, and their count.
fn told(mut body: Body, parts: &[Part<Step>]) -> Body {
    let mut by_kind: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for step in parts.iter().map(|part| &part.of) {
        let name = format!("{} {}", step.what, step.next.id.kind);
        by_kind.entry(name).or_default().push(step.next.id.subject.to_string());
    }
    for (name, subjects) in by_kind {
        body = body.with_each(&name, subjects);
    }
    body.with("count", parts.len())
}
