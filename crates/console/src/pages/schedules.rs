//! What the schedules of authorities ordered, and what became of it.

use std::time::Duration;

use domain::ledger::Object;
use domain::schedule::{Kept, Outcome, held_against, outcomes};
use domain::views::ScheduleView;
use domain::{Actor, AuthorityId, Permission, Timestamp};

use crate::{Console, Error};

/// How far back the page of runs looks.
const LOOKED_BACK: Duration = Duration::from_secs(90 * 86_400);
/// How many of the missed ones it names.
const NAMED: usize = 5;

impl Console {
    /// How the runs by schedule of one authority stand, or of all configured ones.
    pub async fn schedules(
        &self,
        actor: &Actor,
        authority: Option<&AuthorityId>,
    ) -> Result<Vec<ScheduleView>, Error> {
        let now = self.clock.now();
        let mut all = Vec::new();
        for named in self.authorities() {
            let id = named.arn.id();
            if authority.is_some_and(|only| *only != id) {
                continue;
            }
            let standing = self.aws.schedule(&id).await?;
            let since = now.minus(LOOKED_BACK);
            let kept =
                self.held_against_schedule(actor, &id, (since, now.plus(Duration::from_secs(1)))).await?;
            let plan = standing.as_ref().and_then(|standing| standing.force.plan.as_ref());
            let is_missed = |kept: &&Kept| matches!(kept.outcome, Outcome::Missed | Outcome::MadeUp);
            all.push(ScheduleView {
                authority: id,
                is_known: standing.is_some(),
                cron: plan.map(|plan| plan.cron.to_string()),
                next: plan.and_then(|plan| plan.after(now)),
                last: kept.iter().rev().find(|kept| kept.run.is_some()).cloned(),
                missed: kept.iter().rev().filter(is_missed).take(NAMED).cloned().collect(),
                outcomes: outcomes(&kept),
                since,
            });
        }
        Ok(all)
    }

    /// Each time that a run of the authority was due at, from the first moment on and before the second, and what became of it.
    pub async fn held_against_schedule(
        &self,
        actor: &Actor,
        authority: &AuthorityId,
        period: (Timestamp, Timestamp),
    ) -> Result<Vec<Kept>, Error> {
        self.allowed(actor, Permission::Read, Object::Route("runs".to_owned())).await?;
        let force = self.aws.schedules_in_force(authority).await?;
        let started = self.aws.scheduled_runs(authority, period).await?;
        Ok(held_against(&force, &started, period, self.clock.now()))
    }
}
