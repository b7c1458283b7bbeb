//! The schedules of authorities: which was in force since when, how far each is, and the runs that it ordered.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::schedule::{InForce, Standing, Started};
use domain::{AuthorityId, Run, Timestamp};
use futures::TryStreamExt;

use crate::item::{body, json, n, s};
use crate::{Aws, Change, Error, Thing, keys};

const VERSION: &str = "version";

impl Aws {
    /// How far it is with the schedule of the authority. `None`: no worker has looked at it yet.
    pub async fn schedule(&self, authority: &AuthorityId) -> Result<Option<Standing>, Error> {
        let item = self.item(Thing::Schedule, &keys::schedule_standing(authority)).await?;
        item.map(|item| body(Thing::Schedule, &item)).transpose()
    }

    /// Another schedule in the place of the one before.
    pub fn adopt_schedule(&self, authority: &AuthorityId, next: &Standing) -> Result<Vec<Change>, Error> {
        let key = keys::schedule_in_force(authority, next.force.since);
        let force = [(keys::BODY, json(Thing::Schedule, &next.force)?)];
        let force = Change::put(Thing::Schedule, authority.as_str(), key, force);
        Ok(vec![settle(authority, next)?, force])
    }

    /// The run of a time that is due, and the mark that its time is settled. Fails the commit, about the run, while one is under
    /// way, and about the schedule when somebody was faster.
    pub fn order_scheduled_run(&self, run: &Run, next: &Standing) -> Result<Vec<Change>, Error> {
        let authority = run.authority.id();
        let mark = self.scheduled_run(run)?.map(Change::when_absent);
        let settled = [settle(&authority, next)?].into_iter().chain(mark);
        Ok(self.order_run(run)?.into_iter().chain(settled).collect())
    }

    /// What became of the time that the run was due at. `None`: it was due at none.
    pub(crate) fn scheduled_run(&self, run: &Run) -> Result<Option<Change>, Error> {
        let Some(at) = run.scheduled else { return Ok(None) };
        let (authority, id) = (run.authority.id(), run.id.clone());
        let key = keys::scheduled_run(&authority, at);
        let started = Started { at, run: id, ordered_at: run.started_at, state: run.state };
        let started = [(keys::BODY, json(Thing::Schedule, &started)?)];
        Ok(Some(Change::put(Thing::Schedule, authority.as_str(), key, started)))
    }

    /// All schedules that the authority has had, the first one first.
    pub async fn schedules_in_force(&self, authority: &AuthorityId) -> Result<Vec<InForce>, Error> {
        let items = self.all(self.partition(keys::schedule(authority), keys::FORCE));
        items.and_then(async |item| body(Thing::Schedule, &item)).try_collect().await
    }

    /// The runs that the schedule ordered for the times from `from` to `to`, both with them, the first one first.
    pub async fn scheduled_runs(
        &self,
        authority: &AuthorityId,
        (from, to): (Timestamp, Timestamp),
    ) -> Result<Vec<Started>, Error> {
        let query = self
            .query()
            .consistent_read(true)
            .key_condition_expression("pk = :pk AND sk BETWEEN :first AND :last")
            .expression_attribute_values(":pk", AttributeValue::S(keys::schedule(authority)))
            .expression_attribute_values(":first", s(keys::scheduled_run(authority, from).sk))
            .expression_attribute_values(":last", s(keys::scheduled_run(authority, to).sk));
        self.all(query).and_then(async |item| body(Thing::Schedule, &item)).try_collect().await
    }
}

/// The standing in the place of the version before.
fn settle(authority: &AuthorityId, next: &Standing) -> Result<Change, Error> {
    let attributes = [(keys::BODY, json(Thing::Schedule, next)?), (VERSION, n(next.version))];
    let key = keys::schedule_standing(authority);
    let put = Change::put(Thing::Schedule, authority.as_str(), key, attributes);
    Ok(match next.version {
        1 => put.when_absent(),
        next => put.when("version = :before", [(":before", n(next - 1))]),
    })
}
