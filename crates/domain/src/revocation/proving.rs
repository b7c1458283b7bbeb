//! The run that holds a revocation against a report made after it: ordered by itself, so that nobody waits for the next one of
//! the schedule to see the proof.

use crate::ids::RunId;
use crate::run::{ReportIdentity, Run, RunState};
use crate::timestamp::Timestamp;

/// How far it is with that run.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProvingRun {
    /// A run has read a report made after the revocation.
    Finished(RunId),
    /// A run of the authority is under way: whether its report was made late enough is not known yet.
    UnderWay(RunId),
    /// It was ordered by itself, and did not come so far: people see to it.
    Tried(RunId),
    /// It is ordered from this moment on: AWS makes one report of an authority in 30 minutes, for whomever.
    Due(Timestamp),
}

impl ProvingRun {
    /// How many of an authority's runs are looked at.
    pub const LOOKED_AT: u32 = 20;

    /// What there is to do about certificates of an authority the last of which was revoked at `last`. `runs`: the newest of the
    /// authority, the newest first.
    pub fn after(last: Timestamp, runs: &[Run]) -> Self {
        let made = |run: &Run| run.inputs.report.as_ref().map(|report| report.created_at);
        let has_read = |run: &&Run| run.state == RunState::Finished && made(run).is_some_and(|at| at > last);
        if let Some(run) = runs.iter().find(has_read) {
            return Self::Finished(run.id.clone());
        }
        if let Some(run) = runs.iter().find(|run| run.state == RunState::Running) {
            return Self::UnderWay(run.id.clone());
        }
        if let Some(run) = runs.iter().find(|run| run.proves.is_some() && run.started_at >= last) {
            return Self::Tried(run.id.clone());
        }
        let newest = runs.iter().filter_map(made).max().unwrap_or(last);
        Self::Due(newest.plus(ReportIdentity::EVERY).max(last))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::ids::RequestId;

    fn at(minutes: u64) -> Timestamp {
        Timestamp::EPOCH.plus(Duration::from_secs(minutes * 60))
    }

    fn run(name: &str, state: RunState, started: u64, report: Option<u64>) -> Run {
        let id = format!("01890a5d-ac96-774b-bcce-b302099a80{name}").parse().unwrap();
        let arn = "arn:aws:acm-pca:eu-central-1:111122223333:certificate-authority/11111111-2222-3333-4444-555555555555";
        let mut run = Run::ordered(id, arn.parse().unwrap(), None, at(started));
        run.state = state;
        run.inputs.report = report.map(|made| ReportIdentity {
            report_id: "r".to_owned(),
            bucket: String::new(),
            key: String::new(),
            version: None,
            sha256: None,
            created_at: at(made),
            completed_at: None,
            guessed: false,
            reused: false,
        });
        run
    }

    #[test]
    fn one_is_ordered_as_soon_as_aws_makes_another_report_and_only_once() {
        let request: RequestId = "01890a5d-ac96-774b-bcce-b302099a8057".parse().unwrap();
        assert_eq!(ProvingRun::after(at(100), &[]), ProvingRun::Due(at(130)));
        let before = run("01", RunState::Finished, 90, Some(90));
        assert_eq!(ProvingRun::after(at(100), std::slice::from_ref(&before)), ProvingRun::Due(at(120)));
        let under_way = run("02", RunState::Running, 101, None);
        let id = under_way.id.clone();
        assert_eq!(ProvingRun::after(at(100), &[under_way, before.clone()]), ProvingRun::UnderWay(id));
        // One that took an older report proves nothing, and another is ordered.
        let reused = run("03", RunState::Finished, 105, Some(90));
        assert_eq!(ProvingRun::after(at(100), &[reused, before.clone()]), ProvingRun::Due(at(120)));
        let failed = Run { proves: Some(request), ..run("04", RunState::Failed, 121, None) };
        let id = failed.id.clone();
        assert_eq!(ProvingRun::after(at(100), &[failed.clone(), before.clone()]), ProvingRun::Tried(id));
        // What was revoked later has one of its own.
        assert_eq!(ProvingRun::after(at(130), &[failed.clone(), before.clone()]), ProvingRun::Due(at(130)));
        let after = run("05", RunState::Finished, 125, Some(125));
        let id = after.id.clone();
        assert_eq!(ProvingRun::after(at(100), &[after, failed, before]), ProvingRun::Finished(id));
    }
}
