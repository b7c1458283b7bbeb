//! A person's own page: what waits for them, what they did, what they were told, where they are signed in.

use std::cmp::Reverse;

use domain::ledger::{Action, Body, Object, Who};
use domain::revocation::{Request, RequestState};
use domain::views::{FindingQuery, LedgerQuery, MeView, OwnSession};
use domain::{Actor, Finding, Permission, Timestamp};

use crate::{Console, Error};

/// How many requests and notices are looked at for those that concern one person.
const LOOKED_AT: u32 = 200;

impl Console {
    /// What concerns the actor. `current`: the hash of the session in which they ask.
    pub async fn me(&self, actor: &Actor, current: Option<&str>) -> Result<MeView, Error> {
        self.allowed(actor, Permission::Read, Object::Route("me".to_owned())).await?;
        let now = self.clock.now();
        let mut requests = self.requests_for(actor).await?;
        requests.truncate(MeView::SHOWN);
        let mut told = self.aws.told(LOOKED_AT).await?;
        told.retain(|notice| notice.is_for(actor));
        told.truncate(MeView::SHOWN);
        let query = LedgerQuery { person: Some(actor.person.id.to_string()), ..LedgerQuery::default() };
        let mut did = self.ledger(actor, &query).await?.lines;
        // Sign-ins are listed as sessions.
        did.retain(|line| match &line.body {
            Ok(Body { who: Who::Person { person, .. }, action, .. }) => {
                person.id == actor.person.id && *action != Action::SignedIn
            }
            _ => false,
        });
        did.truncate(MeView::SHOWN);
        Ok(MeView {
            requests,
            asked: self.asked_by(actor, now).await?,
            findings: self.in_hand(actor, now).await?,
            authorities: self.authorities(),
            did,
            told,
            sessions: self.own_sessions(actor, current, now).await?,
        })
    }

    async fn asked_by(&self, actor: &Actor, now: Timestamp) -> Result<Vec<Request>, Error> {
        let mut asked = self.aws.requests(Some(RequestState::Pending), None, LOOKED_AT).await?;
        asked.retain(|request| request.requester.is(&actor.person) && request.pending(now).is_ok());
        asked.reverse();
        asked.truncate(MeView::SHOWN);
        Ok(asked)
    }

    async fn in_hand(&self, actor: &Actor, now: Timestamp) -> Result<Vec<Finding>, Error> {
        let query = FindingQuery { mine: true, ..FindingQuery::default() };
        let (ids, _) = self.records.finding_page(self.asked(actor, query, now)).await?;
        let mut findings = self.aws.findings(&ids).await?;
        // Those without a day last.
        findings.sort_by_key(|finding| (finding.due().is_none(), finding.due(), finding.first_seen));
        findings.truncate(MeView::SHOWN);
        Ok(findings)
    }

    async fn own_sessions(
        &self,
        actor: &Actor,
        current: Option<&str>,
        now: Timestamp,
    ) -> Result<Vec<OwnSession>, Error> {
        let listed = self.aws.sessions_of(&actor.person.id, now).await?;
        let mut sessions: Vec<OwnSession> = listed
            .into_iter()
            .map(|one| OwnSession {
                current: current == Some(one.hash.as_str()),
                hash: one.hash,
                begun_at: one.begun_at,
                expires_at: one.expires_at,
            })
            .collect();
        sessions.sort_by_key(|one| (!one.current, Reverse(one.begun_at)));
        Ok(sessions)
    }
}
