//! The first page, and what the navigation counts.

use std::collections::BTreeMap;
use std::time::Duration;

use domain::ledger::Object;
use domain::revocation::RequestState;
use domain::views::{AuthorityOverview, DayCounts, FrontPage, Overview, Waiting};
use domain::{Actor, FindingKind, Permission};

use crate::days::days;
use crate::{Console, Error};

const DAY: Duration = Duration::from_secs(86_400);

impl Console {
    /// What must not wait, what waits, and how fresh the records are.
    pub async fn overview(&self, actor: &Actor) -> Result<FrontPage, Error> {
        self.allowed(actor, Permission::Read, Object::Route("overview".to_owned())).await?;
        let waiting = self.records.waiting_findings().await?;
        let alarms = self.records.alarms().await?;
        let trail = self.trail_now().await?;
        let mut for_me = self.requests_for(actor).await?;
        for_me.truncate(FrontPage::FOR_ME);
        let last_visit = self.records.last_visit(actor).await?;
        Ok(FrontPage { overview: self.numbers(waiting).await?, alarms, trail, for_me, last_visit })
    }

    async fn numbers(&self, waiting_findings: BTreeMap<FindingKind, u64>) -> Result<Overview, Error> {
        let counts = self.records.model.counts(self.clock.now()).await?;
        let mut authorities = Vec::new();
        for authority in self.authorities() {
            let mine = counts.certificates.iter().filter(|((arn, _), _)| *arn == authority.arn);
            authorities.push(AuthorityOverview {
                certificates: mine.map(|(_, count)| count).sum(),
                last_run: self.aws.runs(&authority.arn.id(), 1).await?.pop(),
                authority,
            });
        }
        let mut certificates = BTreeMap::new();
        for ((_, status), count) in counts.certificates {
            *certificates.entry(status).or_default() += count;
        }
        Ok(Overview {
            authorities,
            waiting_findings,
            waiting_requests: self.aws.count_requests(RequestState::Pending).await?,
            certificates,
            devices: counts.devices,
            as_of: counts.as_of,
            days: self.records.count_days(self.last_days()).await?,
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
