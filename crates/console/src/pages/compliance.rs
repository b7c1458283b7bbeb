//! What an auditor asks of a time.

use domain::ledger::Object;
use domain::schedule::outcomes;
use domain::trail::TrailPart;
use domain::views::{
    Authority, ComplianceQuery, ComplianceView, Controls, ControlsView, Period, RevocationFacts, RunsHeld,
    TrailHours,
};
use domain::{Actor, AuthorityId, Permission, Timestamp};
use futures::{StreamExt, TryStreamExt, stream};

use crate::{Console, Error, TrailSettings};

/// How many runs of an authority are looked at, the newest: those of six weeks, if one is held every hour.
const RUNS: u32 = 1000;
const AT_ONCE: usize = 4;

impl Console {
    /// The numbers of a time, and what is behind them.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::Invalid`]: the time is none.
    pub async fn compliance(&self, actor: &Actor, query: &ComplianceQuery) -> Result<ComplianceView, Error> {
        self.allowed(actor, Permission::Read, Object::Route("compliance".to_owned())).await?;
        let now = self.clock.now();
        let period =
            Period::of_days(query.from, query.to, now).map_err(|error| Error::invalid("to", error))?;
        let of = self.records.of_period(period, query.authority.clone(), query.page).await?;
        Ok(ComplianceView {
            period,
            authorities: self.authorities(),
            as_of: of.as_of,
            certificates: of.certificates,
            issuers: of.issuers,
            findings: of.findings,
            revocations_total: of.requests.countersigned,
            requests: of.requests,
            revocations: of.revocations,
            break_glass: of.alone.into_iter().map(|RevocationFacts { request, .. }| request).collect(),
            runs: self.runs_held(actor, period, query.authority.as_ref(), now).await?,
            trails: self.trail_hours(period, query.authority.as_ref(), now),
            policy_changes: of.policy_changes,
            people: of.people,
            totals: of.totals,
            ledger: self.records.ledger_read(),
        })
    }

    /// The controls that are served here, with the figures of a time.
    ///
    /// # Errors
    /// As [`Console::compliance`].
    pub async fn controls(&self, actor: &Actor, query: &ComplianceQuery) -> Result<ControlsView, Error> {
        let of = self.compliance(actor, query).await?;
        let of = ComplianceView { revocations: Vec::new(), break_glass: Vec::new(), ..of };
        let controls = Controls::clone(&self.configuration.controls);
        Ok(ControlsView { controls, of, log: self.log_now().await? })
    }

    async fn runs_held(
        &self,
        actor: &Actor,
        period: Period,
        only: Option<&AuthorityId>,
        now: Timestamp,
    ) -> Result<Vec<RunsHeld>, Error> {
        let meant = self.narrowed_to(only).into_iter();
        let held = meant.map(|authority| async move {
            let runs = self.aws.runs_between(&authority.arn.id(), (period.from(), period.to()), RUNS).await?;
            let cut = runs.len() >= usize::try_from(RUNS).unwrap_or(usize::MAX);
            let days = (period.from(), period.to());
            let kept = self.held_against_schedule(actor, &authority.arn.id(), days).await?;
            Ok(RunsHeld { due: outcomes(&kept), ..RunsHeld::of(authority.arn, &runs, period, now, cut) })
        });
        stream::iter(held).buffered(AT_ONCE).try_collect().await
    }

    fn trail_hours(&self, period: Period, only: Option<&AuthorityId>, now: Timestamp) -> Vec<TrailHours> {
        let meant = self.narrowed_to(only);
        let is_meant = |part: &TrailPart| {
            let mut arns = meant.iter().map(|authority| &authority.arn);
            arns.any(|arn| arn.account() == part.account && arn.region() == part.region)
        };
        let parts = self.configuration.trail.iter().flat_map(TrailSettings::parts);
        let hours = |part: TrailPart| {
            let coverage = self.records.coverage_of(&part.account, &part.region);
            TrailHours::of(&part.account, &part.region, &coverage, period, now)
        };
        parts.filter(is_meant).map(hours).collect()
    }

    fn narrowed_to(&self, only: Option<&AuthorityId>) -> Vec<Authority> {
        let all = self.authorities().into_iter();
        all.filter(|authority| only.is_none_or(|only| authority.arn.id() == *only)).collect()
    }
}
