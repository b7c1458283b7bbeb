//! What a drill has shown: how long each step took, and who waited for whom.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::decision::Verdict;
use super::execution::{ItemProgress, ItemState};
use super::intervention::Step;
use super::request::Request;
use super::state::RequestState;
use crate::timestamp::Timestamp;

/// The steps of a drill that has ended, in their order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DrillReport {
    /// In the order of their times.
    pub steps: Vec<DrillStep>,
}

/// One step. Times are this console's, to the second.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DrillStep {
    /// What was done and by whom: "Requested by Ada".
    pub what: String,
    /// When it was done, by this console's clock.
    pub at: Timestamp,
    /// Since the step before it, in seconds. `None`: it is the first.
    pub seconds: Option<u64>,
    /// Who waited for whom meanwhile: "operator waited for approver".
    pub waited: String,
}

impl DrillReport {
    /// `None`: it is no drill, or has not ended. `opened`: when the finding was that it comes from; `items`: its certificates.
    pub fn of(request: &Request, items: &[ItemProgress], opened: Option<Timestamp>) -> Option<Self> {
        use RequestState::{Approved, Executing, Halted, Pending};
        if !request.is_drill() || matches!(request.state, Pending | Approved | Executing | Halted) {
            return None;
        }
        let requester = &request.requester.name;
        let step = |what: String, at, waited: String| DrillStep { what, at, seconds: None, waited };
        let for_worker =
            |what: &str, at| step(what.to_owned(), at, "everybody waited for the worker".to_owned());
        let mut steps: Vec<DrillStep> = Vec::new();
        steps.extend(opened.map(|at| step("Finding opened".to_owned(), at, String::new())));
        let waited = opened.map(|_| format!("the finding waited for {requester}")).unwrap_or_default();
        steps.push(step(format!("Requested by {requester}"), request.requested_at, waited));
        for decision in &request.decisions {
            let said = match decision.verdict {
                Verdict::Approve => "Approved",
                Verdict::Reject => "Rejected",
            };
            let by = &decision.by.name;
            steps.push(step(format!("{said} by {by}"), decision.at, format!("{requester} waited for {by}")));
        }
        for one in &request.interventions {
            let done = match one.step {
                Step::Halt => "Halted",
                Step::Resume => "Resumed",
                Step::Retry => "Tried again",
                Step::Close => "Closed",
            };
            let by = &one.by.name;
            steps.push(step(format!("{done} by {by}"), one.at, format!("everybody waited for {by}")));
        }
        let played = items.iter().filter_map(|item| match item.item {
            ItemState::Rehearsed { at } => Some(at),
            _ => None,
        });
        let (first, last) = (played.clone().min(), played.max());
        steps.extend(first.map(|at| for_worker("First certificate played", at)));
        steps.extend(last.map(|at| for_worker("Last certificate played", at)));
        steps.extend(request.executed_at.map(|at| for_worker("Done", at)));
        if request.state == RequestState::Expired {
            let nobody = format!("{requester} waited, and nobody came");
            steps.push(step("Expired".to_owned(), request.expires_at, nobody));
        }
        if let Some(at) = request.cancelled_at {
            let waited = match &request.problem {
                Some(_) => "everybody waited for the worker".to_owned(),
                None => format!("everybody waited for {requester}"),
            };
            steps.push(step("Called off".to_owned(), at, waited));
        }
        // Equal times keep the order of the steps.
        steps.sort_by_key(|step| step.at);
        for place in 1..steps.len() {
            steps[place].seconds = Some(steps[place].at.since(steps[place - 1].at).as_secs());
        }
        Some(Self { steps })
    }

    /// The step that was waited for longest.
    pub fn longest(&self) -> Option<&DrillStep> {
        let waited = self.steps.iter().filter(|step| step.seconds.is_some());
        // Of several the first.
        waited.rev().max_by_key(|step| step.seconds)
    }

    /// From its first step to its last.
    pub fn took(&self) -> Duration {
        Duration::from_secs(self.steps.iter().filter_map(|step| step.seconds).sum())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::people::Role;
    use crate::revocation::Mode;
    use crate::revocation::fixture::{actor, now, policy, request};
    use crate::revocation::{Intent, Salt};

    fn at(seconds: u64) -> Timestamp {
        now().plus(Duration::from_secs(seconds))
    }

    #[test]
    fn each_step_says_how_long_it_took_and_who_waited() {
        let (live, _) = request(1);
        let mut drill = Request { mode: Mode::Drill, ..live.clone() };
        assert_eq!(DrillReport::of(&drill, &[], None), None, "it has not ended");
        let approver = actor("approver", &[Role::Approver]);
        let intent = Intent {
            request: drill.id.clone(),
            by: approver.person.id.clone(),
            hash: drill.hash.clone(),
            verdict: Verdict::Approve,
            comment: None,
            salt: Salt::new([1; 32]),
            acr: Vec::new(),
            others: Vec::new(),
        };
        drill = drill
            .pending(at(200))
            .unwrap()
            .decide(&approver, intent, &policy(1), at(200))
            .unwrap()
            .request()
            .clone();
        drill = Request { state: RequestState::Executed, executed_at: Some(at(210)), ..drill };
        let played = |serial: &str, seconds| ItemProgress {
            item: ItemState::Rehearsed { at: at(seconds) },
            ..ItemProgress::waiting(serial.parse().unwrap())
        };
        let items = [played("0a", 203), played("0b", 209)];
        let opened = now().minus(Duration::from_secs(60));
        let report = DrillReport::of(&drill, &items, Some(opened)).unwrap();
        let told: Vec<_> =
            report.steps.iter().map(|one| (one.what.as_str(), one.seconds, one.waited.as_str())).collect();
        let worker = "everybody waited for the worker";
        assert_eq!(
            told,
            [
                ("Finding opened", None, ""),
                ("Requested by operator", Some(60), "the finding waited for operator"),
                ("Approved by approver", Some(200), "operator waited for approver"),
                ("First certificate played", Some(3), worker),
                ("Last certificate played", Some(6), worker),
                ("Done", Some(1), worker),
            ]
        );
        assert_eq!(report.longest().unwrap().what, "Approved by approver");
        assert_eq!(report.took(), Duration::from_secs(270));
        assert_eq!(DrillReport::of(&Request { mode: Mode::Live, ..drill }, &items, None), None);
    }
}
