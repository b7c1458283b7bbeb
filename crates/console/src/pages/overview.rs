//! The first page, and what the navigation counts.

use std::collections::BTreeMap;

use domain::ledger::Object;
use domain::revocation::RequestState;
use domain::views::{AuthorityOverview, Overview, Waiting};
use domain::{Actor, Permission};

use crate::{Console, Error};

impl Console {
    /// What waits, and how fresh the records are.
    pub async fn overview(&self, actor: &Actor) -> Result<Overview, Error> {
        self.allowed(actor, Permission::Read, Object::Route("overview".to_owned())).await?;
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
            waiting_findings: self.records.waiting_findings().await?,
            waiting_requests: self.aws.count_requests(RequestState::Pending).await?,
            certificates,
            devices: counts.devices,
            as_of: counts.as_of,
        })
    }

    /// How many findings and requests wait for somebody.
    pub async fn waiting(&self, actor: &Actor) -> Result<Waiting, Error> {
        self.allowed(actor, Permission::Read, Object::Route("overview".to_owned())).await?;
        let findings: u64 = self.records.waiting_findings().await?.values().sum();
        let findings = findings.min(u64::try_from(Waiting::COUNTED).unwrap_or(u64::MAX));
        let requests = self.aws.count_requests(RequestState::Pending).await?;
        Ok(Waiting { findings, requests, worker: self.records.worker_state() })
    }
}
