//! The events, newest first.

use countersign_aws::trail::TrailStatus;
use domain::ledger::Object;
use domain::run::Unreadable;
use domain::trail::TrailPart;
use domain::views::{ActivityPage, ActivityQuery, EventLine, Ingestion};
use domain::{Actor, Permission};

use super::Piece;
use crate::records::events::{self, Shown};
use crate::{Console, Error, EventPlace, TrailSettings};

/// How many lines of a file are made at a time.
const TOGETHER: u32 = 2000;

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
        let mut ingestion = ingestion(&self.trail_statuses().await?);
        ingestion.problem = ingestion.problem.or(late);
        let lines = shown.into_iter().map(|shown| self.event_line(shown)).collect();
        Ok(ActivityPage { lines, total, page: query.page, names, ingestion })
    }

    /// As many of them as a file is made of at a time, behind `after`, whatever the page.
    pub async fn activity_for_a_file(
        &self,
        actor: &Actor,
        query: &ActivityQuery,
        after: Option<EventPlace>,
    ) -> Result<Piece<EventLine, EventPlace>, Error> {
        self.allowed(actor, Permission::Read, Object::Route("activity".to_owned())).await?;
        if after.is_none() {
            self.records.catch_up_soon().await;
        }
        let asked = query.clone();
        let read =
            self.records.model.read(move |_, connection| events::piece(connection, &asked, after, TOGETHER));
        let (shown, next) = read.await?;
        let as_of = match self.configuration.trail {
            Some(_) => ingestion(&self.trail_statuses().await?).as_of,
            None => None,
        };
        let lines = shown.into_iter().map(|shown| self.event_line(shown)).collect();
        Ok(Piece { lines, next, now: self.clock.now(), as_of })
    }

    pub(super) fn event_line(&self, shown: Shown) -> EventLine {
        let coverage = self.records.coverage_of(&shown.file.account, &shown.file.region);
        EventLine { proof: shown.proof(&coverage), event: shown.event }
    }

    /// How far the trail of each account and Region has been read; without a trail, none.
    pub(crate) async fn trail_statuses(&self) -> Result<Vec<(TrailPart, TrailStatus)>, Error> {
        let mut statuses = Vec::new();
        for part in self.configuration.trail.iter().flat_map(TrailSettings::parts) {
            let status = self.aws.trail_status(&part).await?;
            statuses.push((part, status));
        }
        Ok(statuses)
    }
}

/// The same of all of them taken together.
pub(crate) fn ingestion(statuses: &[(TrailPart, TrailStatus)]) -> Ingestion {
    // As fresh as the one that was not looked at for the longest time.
    let as_of = statuses.iter().map(|(_, status)| status.as_of).min().flatten();
    let mut all = Ingestion { configured: true, as_of, ..Ingestion::default() };
    for (_, status) in statuses {
        all.files += status.files;
        all.events += status.events;
        add(&mut all.unreadable, &status.unreadable);
        all.problem = all.problem.or_else(|| status.problem.clone());
    }
    all
}

fn add(all: &mut Unreadable, more: &Unreadable) {
    all.count += more.count;
    let room = Unreadable::EXAMPLES.saturating_sub(all.examples.len());
    all.examples.extend(more.examples.iter().take(room).cloned());
}
