//! How far the trail can be trusted, hour by hour, and which older months could be read.

mod calendar;

use std::collections::BTreeSet;
use std::time::Duration;

use countersign_aws::Error as AwsError;
use domain::alerts::Defect;
use domain::ledger::Object;
use domain::trail::{MonthLoad, Problem, TrailPart, Wholeness};
use domain::views::{CoverageView, PAGE_SIZE, TrailCoverage, TrailProblem};
use domain::{Actor, FindingId, Permission, Timestamp};

use crate::days::{day_of, month};
use crate::lock::lock;
use crate::{Console, Error};
use calendar::calendar;

/// How long the list of months in the bucket is good for.
const MONTHS: Duration = Duration::from_secs(300);

impl Console {
    /// The calendar of all trails.
    pub async fn coverage(&self, actor: &Actor) -> Result<CoverageView, Error> {
        self.allowed(actor, Permission::Read, Object::Route("coverage".to_owned())).await?;
        let Some(trail) = &self.configuration.trail else {
            let cannot_load = Some("No trail is configured.".to_owned());
            return Ok(CoverageView { cannot_load, ..CoverageView::default() });
        };
        let now = self.clock.now();
        let loads = self.aws.month_loads().await?;
        let loaded = loads.iter().filter(|load| load.finished).filter_map(|load| month(&load.month));
        let loaded: Vec<_> = loaded.collect();
        let (mut trails, mut since) = (Vec::new(), None);
        for part in trail.parts() {
            let status = self.aws.trail_status(&part).await?;
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
            ingestion: self.ingestion().await?,
            since,
            older_months: self.older_months(since, &loads).await.unwrap_or_else(|error| {
                tracing::warn!("the months of the trail are not known: {error}");
                Vec::new()
            }),
            loads,
            cannot_load: (!may).then(|| Permission::Operate.refusal().to_owned()),
        })
    }

    /// The months in the bucket that begin before what is read by itself, newest first, without those that are loaded or
    /// being loaded.
    pub(crate) async fn older_months(
        &self,
        since: Option<Timestamp>,
        loads: &[MonthLoad],
    ) -> Result<Vec<String>, AwsError> {
        let Some(since) = since else { return Ok(Vec::new()) };
        let taken = |name: &&String| loads.iter().any(|load| load.month == **name && load.failure.is_none());
        let is_older = |name: &&String| month(name).is_some_and(|(begin, _)| begin < day_of(since));
        let months = self.months_in_bucket().await?;
        Ok(months.iter().rev().filter(is_older).filter(|name| !taken(name)).cloned().collect())
    }

    async fn months_in_bucket(&self) -> Result<BTreeSet<String>, AwsError> {
        let now = self.clock.now();
        let cached = lock(&self.months).clone();
        if let Some((_, months)) = cached.filter(|(at, _)| now.since(*at) < MONTHS) {
            return Ok(months);
        }
        let mut months = BTreeSet::new();
        let Some(trail) = &self.configuration.trail else { return Ok(months) };
        for part in trail.parts() {
            let logs = trail.location(&part).logs();
            for year in self.aws.list_folders(&trail.bucket, &logs).await? {
                let names = self.aws.list_folders(&trail.bucket, &format!("{logs}{year}/")).await?;
                let names = names.into_iter().map(|number| format!("{year}-{number}"));
                months.extend(names.filter(|name| month(name).is_some()));
            }
        }
        *lock(&self.months) = Some((now, months.clone()));
        Ok(months)
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
