//! How far the trail can be trusted, hour by hour, and which older months could be read.

mod calendar;

use std::collections::BTreeSet;

use countersign_aws::trail::TrailStatus;
use domain::alerts::Defect;
use domain::ledger::Object;
use domain::trail::{MonthLoad, Problem, TrailPart, Wholeness};
use domain::views::{CoverageView, PAGE_SIZE, TrailCoverage, TrailNow, TrailProblem};
use domain::{Actor, FindingId, Permission, Timestamp};

use crate::days::{day_of, month};
use crate::pages::activity::ingestion;
use crate::{Console, Error};
use calendar::calendar;

impl Console {
    /// The calendar of all trails.
    pub async fn coverage(&self, actor: &Actor) -> Result<CoverageView, Error> {
        self.allowed(actor, Permission::Read, Object::Route("coverage".to_owned())).await?;
        if self.configuration.trail.is_none() {
            let cannot_load = Some("No trail is configured.".to_owned());
            return Ok(CoverageView { cannot_load, ..CoverageView::default() });
        }
        let now = self.clock.now();
        let loads = self.aws.month_loads().await?;
        let loaded = loads.iter().filter(|load| load.finished).filter_map(|load| month(&load.month));
        let loaded: Vec<_> = loaded.collect();
        let statuses = self.trail_statuses().await?;
        let ingestion = ingestion(&statuses);
        let (mut trails, mut since) = (Vec::new(), None);
        for (part, status) in statuses {
            let Wholeness { coverage, mut problems, problems_total, .. } =
                self.aws.trail_state(&part).await?.unwrap_or_default().whole;
            let own = status.since.map(|since| (since, now)).into_iter();
            let read: Vec<_> = own.chain(loaded.iter().copied()).collect();
            let (days, hours) = calendar(&coverage, &read, now);
            since = since.into_iter().chain(status.since).min();
            problems.truncate(PAGE_SIZE as usize);
            let problems = self.with_findings(&part, problems).await?;
            trails.push(TrailCoverage {
                account: part.account,
                region: part.region,
                days,
                hours,
                problems,
                problems_total,
            });
        }
        let may = actor.may(Permission::Operate);
        Ok(CoverageView {
            trails,
            ingestion,
            since,
            older_months: self.older_months(since, &loads),
            loads,
            cannot_load: (!may).then(|| Permission::Operate.refusal().to_owned()),
        })
    }

    /// How fresh the trail is, and today's hours, from the records.
    pub(crate) async fn trail_now(&self) -> Result<TrailNow, Error> {
        if self.configuration.trail.is_none() {
            return Ok(TrailNow::default());
        }
        let (now, statuses) = (self.clock.now(), self.trail_statuses().await?);
        let ingestion = ingestion(&statuses);
        let today = |(part, status): (TrailPart, TrailStatus)| {
            let coverage = self.records.coverage_of(&part.account, &part.region);
            let read: Vec<_> = status.since.map(|since| (since, now)).into_iter().collect();
            let day = calendar(&coverage, &read, now).0.into_iter().next()?;
            Some((format!("{} · {}", part.account, part.region), day))
        };
        Ok(TrailNow { ingestion, today: statuses.into_iter().filter_map(today).collect() })
    }

    /// The months in the bucket that begin before what is read by itself, newest first, without those that are loaded or
    /// being loaded.
    pub(crate) fn older_months(&self, since: Option<Timestamp>, loads: &[MonthLoad]) -> Vec<String> {
        let Some(since) = since else { return Vec::new() };
        let taken = |name: &&String| loads.iter().any(|load| load.month == **name && load.failure.is_none());
        let is_older = |name: &&String| month(name).is_some_and(|(begin, _)| begin < day_of(since));
        let months = self.records.months();
        months.iter().rev().filter(is_older).filter(|name| !taken(name)).cloned().collect()
    }

    /// These problems, each with the finding that there is about it.
    async fn with_findings(
        &self,
        part: &TrailPart,
        problems: Vec<Problem>,
    ) -> Result<Vec<TrailProblem>, Error> {
        let of = |problem: &Problem| Defect::of(problem).map_or(Vec::new(), |defect| defect.findings(part));
        let ids: BTreeSet<FindingId> = problems.iter().flat_map(of).collect();
        let ids: Vec<FindingId> = ids.into_iter().collect();
        let found = self.aws.findings(&ids).await?;
        let found: BTreeSet<FindingId> = found.into_iter().map(|finding| finding.id).collect();
        let with_finding = |problem: Problem| {
            let finding = of(&problem).into_iter().find(|id| found.contains(id));
            TrailProblem { problem, finding }
        };
        Ok(problems.into_iter().map(with_finding).collect())
    }
}
