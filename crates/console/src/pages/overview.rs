//! The first page, and what the navigation counts.

use std::collections::BTreeMap;
use std::time::Duration;

use domain::ledger::Object;
use domain::revocation::RequestState;
use domain::views::{Authority, AuthorityOverview, DayCounts, FrontPage, Overview, Waiting};
use domain::{Actor, Permission, Run};
use futures::TryFutureExt;
use futures::future::try_join_all;

use crate::days::days;
use crate::{Console, Error};

const DAY: Duration = Duration::from_secs(86_400);

impl Console {
    /// What must not wait, what waits, and how fresh the records are.
    pub async fn overview(&self, actor: &Actor) -> Result<FrontPage, Error> {
        self.allowed(actor, Permission::Read, Object::Route("overview".to_owned())).await?;
        let (overview, alarms, trail, mut for_me, last_visit) = tokio::try_join!(
            self.numbers(),
            self.records.alarms(),
            self.trail_now(),
            self.requests_for(actor),
            self.records.last_visit(actor),
        )?;
        for_me.truncate(FrontPage::FOR_ME);
        Ok(FrontPage { overview, alarms, trail, for_me, last_visit })
    }

    async fn numbers(&self) -> Result<Overview, Error> {
        let last_run = async |authority: Authority| {
            let last_run = self.aws.runs(&authority.arn.id(), 1).await?.pop();
            Ok::<_, Error>((authority, last_run))
        };
        let (counts, runs, waiting_findings, waiting_requests, days) = tokio::try_join!(
            self.records.model.counts(self.clock.now()),
            try_join_all(self.authorities().into_iter().map(last_run)),
            self.records.waiting_findings(),
            self.aws.count_requests(RequestState::Pending).err_into(),
            self.records.count_days(self.last_days()),
        )?;
        let of_authority = |(authority, last_run): (Authority, Option<Run>)| {
            let mine = counts.certificates.iter().filter(|((arn, _), _)| *arn == authority.arn);
            AuthorityOverview { certificates: mine.map(|(_, count)| count).sum(), last_run, authority }
        };
        let authorities = runs.into_iter().map(of_authority).collect();
        let mut certificates = BTreeMap::new();
        for ((_, status), count) in counts.certificates {
            *certificates.entry(status).or_default() += count;
        }
        Ok(Overview {
            authorities,
            waiting_findings,
            waiting_requests,
            certificates,
            devices: counts.devices,
            as_of: counts.as_of,
            days,
        })
    }

    fn last_days(&self) -> Vec<DayCounts> {
        let now = self.clock.now();
        let days = days(now.minus(DAY * (DayCounts::SHOWN - 1)), now);
        days.map(DayCounts::none).collect()
    }

    /// How many findings and requests wait that this person can do something about.
    pub async fn waiting(&self, actor: &Actor) -> Result<Waiting, Error> {
        self.allowed(actor, Permission::Read, Object::Route("overview".to_owned())).await?;
        let findings: u64 = match actor.may(Permission::Operate) {
            true => self.records.waiting_findings().await?.values().sum(),
            false => 0,
        };
        let findings = findings.min(u64::try_from(Waiting::COUNTED).unwrap_or(u64::MAX));
        let requests = u64::try_from(self.requests_for(actor).await?.len()).unwrap_or(u64::MAX);
        let incidents = self.aws.count_open_incidents().await?;
        Ok(Waiting { findings, requests, incidents, worker: self.records.worker_state() })
    }
}
