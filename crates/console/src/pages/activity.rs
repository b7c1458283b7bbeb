//! The events, newest first.

use domain::ledger::Object;
use domain::run::Unreadable;
use domain::views::{ActivityPage, ActivityQuery, EventLine, Ingestion};
use domain::{Actor, Permission};

use crate::records::events::{self, Shown};
use crate::{Console, Error};

impl Console {
    /// One page of the events that `query` names.
    pub async fn activity(&self, actor: &Actor, query: &ActivityQuery) -> Result<ActivityPage, Error> {
        self.allowed(actor, Permission::Read, Object::Route("activity".to_owned())).await?;
        if self.configuration.trail.is_none() {
            return Ok(ActivityPage { page: query.page, ..ActivityPage::default() });
        }
        let late = self.records.catch_up_soon().await;
        let asked = query.clone();
        let read = self.records.model.read(move |_, connection| events::list(connection, &asked));
        let (shown, total, names) = read.await?;
        let mut ingestion = self.ingestion().await?;
        ingestion.problem = ingestion.problem.or(late);
        let lines = shown.into_iter().map(|shown| self.event_line(shown)).collect();
        Ok(ActivityPage { lines, total, page: query.page, names, ingestion })
    }

    pub(super) fn event_line(&self, shown: Shown) -> EventLine {
        let coverage = self.records.coverage_of(&shown.file.account, &shown.file.region);
        EventLine { proof: shown.proof(&coverage), event: shown.event }
    }

    /// How far the trails have been read, all of them taken together.
    pub(crate) async fn ingestion(&self) -> Result<Ingestion, Error> {
        let Some(trail) = &self.configuration.trail else { return Ok(Ingestion::default()) };
        let mut all = Ingestion { configured: true, ..Ingestion::default() };
        let mut as_of = Vec::new();
        for part in trail.parts() {
            let status = self.aws.trail_status(&part).await?;
            as_of.push(status.as_of);
            all.files += status.files;
            all.events += status.events;
            add(&mut all.unreadable, status.unreadable);
            all.problem = all.problem.or(status.problem);
        }
        // As fresh as the one that was not looked at for the longest time.
        all.as_of = as_of.into_iter().min().flatten();
        Ok(all)
    }
}

fn add(all: &mut Unreadable, more: Unreadable) {
    all.count += more.count;
    let room = Unreadable::EXAMPLES.saturating_sub(all.examples.len());
    all.examples.extend(more.examples.into_iter().take(room));
}
