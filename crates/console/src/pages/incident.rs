//! Incidents: the list of them, and one with what the records say of it. All of it is counted; of each caller four lists.

use std::collections::BTreeSet;
use std::time::Duration;

use domain::incident::{
    AuthorityFacts, CallerFacts, CertificatesOf, Facts, Incident, IncidentQuery, IncidentView, IncidentsView,
    ReportSeen, RequestFacts, Which, name_of, unauthorised_of,
};
use domain::ledger::Object;
use domain::revocation::{Request, RequestState};
use domain::views::{IdentityKey, Issued};
use domain::{Actor, AuthorityId, IncidentId, Permission, RunState, Serial, Timestamp};
use futures::{StreamExt, TryStreamExt};

use super::activity::ingestion;
use crate::records::events;
use crate::{Console, Error};

/// How many companions and deeds of a caller are told.
const TOLD: usize = 12;
/// So many runs are looked through for the last report.
const RUNS: u32 = 10;
/// So many requests since the first event are looked at, and so many are told.
const REQUESTS: usize = 300;
const SHOWN: usize = 50;
/// Of so many certificates of a caller the requests are looked up one by one.
const SAMPLE: usize = 3;
/// An authority that has issued to nobody here yet may have been switched off so long before the incident was opened.
const BEFORE: Duration = Duration::from_secs(86_400);
/// IAM is not of a Region; its calls are recorded in this one (AWS CloudTrail User Guide, "Global service events").
const OF_IAM: &str = "us-east-1";

impl Console {
    /// The list of incidents, and what one would be about that is opened for `query`.
    pub async fn incidents(&self, actor: &Actor, query: &IncidentQuery) -> Result<IncidentsView, Error> {
        self.allowed(actor, Permission::Read, Object::Route("incidents".to_owned())).await?;
        let (callers, _) = self.about(query).await?;
        let mut closed = self.aws.incidents(IncidentsView::MOST).await?;
        closed.retain(|incident| !incident.is_open());
        let title = match callers.first() {
            Some(IdentityKey::Principal(principal)) => {
                let name = principal.rsplit(['/', ':']).next().unwrap_or(principal);
                format!("Certificates by {}", domain::foreign::short_line(name, 80))
            }
            Some(IdentityKey::AccessKey(key)) => {
                format!("Certificates by access key {}", domain::foreign::short_line(key, 60))
            }
            Some(IdentityKey::Address(address)) => {
                format!("Certificates from {}", domain::foreign::short_line(address, 60))
            }
            None => String::new(),
        };
        Ok(IncidentsView {
            open: self.aws.open_incidents(IncidentsView::MOST).await?,
            closed,
            callers,
            title,
        })
    }

    /// One of them.
    pub async fn incident(&self, actor: &Actor, id: &IncidentId) -> Result<IncidentView, Error> {
        self.allowed(actor, Permission::Read, Object::Incident(id.clone())).await?;
        let incident = self.aws.incident(id).await?;
        let facts = self.facts_of(&incident).await?;
        Ok(IncidentView { incident, facts, authorities: self.authorities() })
    }

    /// What the records say of it now.
    pub(crate) async fn facts_of(&self, incident: &Incident) -> Result<Facts, Error> {
        let _late = self.records.catch_up_soon().await;
        let now = self.clock.now();
        let keys = incident.callers.clone();
        let read = self.records.model.read(move |_, connection| {
            let one = |key: IdentityKey| {
                let seen = events::identity(connection, &key)?;
                let issuing = events::issuing(connection, &key)?;
                let newest = events::issued_page(connection, &key, Issued::Unauthorised, 0)?;
                let by = (key.clone(), Issued::Unauthorised, None, None);
                let of: Vec<_> = events::issued_by_authority(connection, &by)?.into_keys().collect();
                let sample: Vec<_> =
                    newest.into_iter().take(SAMPLE).map(|one| (one.authority.id(), one.serial)).collect();
                Ok((key, seen, issuing, of, sample))
            };
            keys.into_iter().map(one).collect::<Result<Vec<_>, rusqlite::Error>>()
        });
        let mut callers = Vec::new();
        let mut found: BTreeSet<AuthorityId> = incident.authorities.iter().cloned().collect();
        let mut sample = Vec::new();
        for (key, seen, issuing, of, some) in read.await? {
            found.extend(of.iter().map(|arn| arn.id()));
            sample.extend(some);
            let count = async |which| {
                let query = unauthorised_of(&key, which);
                Ok::<_, Error>(self.records.model.many_certificates(&query, 1, now).await?.total.number)
            };
            let certificates = CertificatesOf {
                all: issuing.all,
                valid: count(Which::Valid).await?,
                revoked: count(Which::Revoked).await?,
                expired: count(Which::Expired).await?,
                devices: count(Which::Recorded).await?,
                siblings: issuing.siblings,
                issued: issuing.bounds,
            };
            let bounds = seen.as_ref().map(|seen| (seen.first, seen.last));
            let events = seen.as_ref().map_or(0, |seen| seen.events);
            let (mut deeds, mut seen_with) =
                seen.map(|seen| (seen.deeds, seen.seen_with)).unwrap_or_default();
            deeds.truncate(TOLD);
            seen_with.sort_by_key(|(_, number)| std::cmp::Reverse(*number));
            seen_with.truncate(TOLD);
            callers.push(CallerFacts { key, seen: bounds, events, deeds, seen_with, certificates });
        }
        let first = callers.iter().filter_map(|one| one.seen).map(|(first, _)| first).min();
        let since = first.unwrap_or_else(|| incident.opened_at.minus(BEFORE));
        let (names, access_keys) = whose(&callers);
        let authorities: Vec<AuthorityId> = found.into_iter().collect();
        let of = authorities.clone();
        let levers = self.records.model.read(move |_, connection| {
            let levers = events::levers(connection, since, (&names, &access_keys), &of)?;
            Ok((levers, events::iam_is_seen(connection)?))
        });
        let (levers, iam_is_seen) = levers.await?;
        let regions = || self.configuration.trail.iter().flat_map(|trail| trail.regions.iter());
        let trail_as_of = match self.configuration.trail {
            Some(_) => ingestion(&self.trail_statuses().await?).as_of,
            None => None,
        };
        Ok(Facts {
            now,
            requests: self.requests_about(incident, (since, now), sample).await?,
            authorities: self.authority_facts(&authorities).await?,
            callers,
            levers,
            trail_as_of,
            iam_is_read: iam_is_seen || regions().any(|region| region == OF_IAM),
        })
    }

    async fn authority_facts(&self, ids: &[AuthorityId]) -> Result<Vec<AuthorityFacts>, Error> {
        let mut all = Vec::new();
        for id in ids {
            // One that is no longer configured is asked about nowhere.
            let Ok(known) = self.authority(id) else { continue };
            let runs = self.aws.runs(id, RUNS).await?;
            let under_way = runs.first().filter(|run| run.state == RunState::Running);
            let report = runs.iter().filter(|run| run.state == RunState::Finished).find_map(|run| {
                let report = run.inputs.report.as_ref()?;
                let is_incomplete = run.is_incomplete();
                Some(ReportSeen { run: run.id.clone(), made_at: report.created_at, is_incomplete })
            });
            all.push(AuthorityFacts {
                arn: known.authority.arn.clone(),
                name: known.authority.name.clone(),
                report,
                under_way: under_way.map(|run| run.id.clone()),
            });
        }
        Ok(all)
    }

    /// Requests made since then in the course of the incident, those whose first certificate one of its callers had issued, and those
    /// of a sample of their certificates; oldest first.
    async fn requests_about(
        &self,
        incident: &Incident,
        (since, now): (Timestamp, Timestamp),
        sample: Vec<(AuthorityId, Serial)>,
    ) -> Result<Vec<RequestFacts>, Error> {
        let of_late: Vec<Request> = self.aws.requests_since(since).take(REQUESTS).try_collect().await?;
        let (id, keys) = (incident.id.clone(), incident.callers.clone());
        let theirs = self.records.model.read(move |_, connection| {
            let mut theirs = Vec::new();
            for request in of_late {
                let first = (&request.authority, request.first_target.serial);
                let is_asked_for = request.origin.incident.as_ref() == Some(&id);
                if is_asked_for || events::is_by(connection, first, &keys)? {
                    theirs.push(request);
                }
            }
            Ok(theirs)
        });
        let mut requests = theirs.await?;
        for (authority, serial) in sample {
            let others = self.aws.requests_of(&authority, serial).await?;
            requests.extend(others.into_iter().filter(|request| request.requested_at >= since));
        }
        requests.sort_by(|a, b| a.id.cmp(&b.id));
        requests.dedup_by(|a, b| a.id == b.id);
        let skipped = requests.len().saturating_sub(SHOWN);
        Ok(requests.into_iter().skip(skipped).map(|request| facts_of(request, now)).collect())
    }
}

fn facts_of(request: Request, now: Timestamp) -> RequestFacts {
    let request = request.expired(now).unwrap_or(request);
    let is_decided = request.state.is_countersigned() || request.state == RequestState::Rejected;
    let last = request.decisions.last().filter(|_| is_decided);
    RequestFacts {
        drill: request.is_drill(),
        decided: last.map(|decision| (decision.at, decision.by.clone())),
        state: request.state,
        targets: request.target_count,
        requested_at: request.requested_at,
        executed_at: request.executed_at,
        unproven: request.unproven,
        proven_at: request.proven_at,
        id: request.id,
        requester: request.requester,
    }
}

/// The users and roles that are the callers or were seen with them, with their accounts; and their access keys.
fn whose(callers: &[CallerFacts]) -> (Vec<(String, String)>, Vec<String>) {
    let principals = callers.iter().flat_map(CallerFacts::principals);
    let names = principals.filter_map(name_of).map(|(account, name)| (account.to_owned(), name));
    let keys = callers.iter().flat_map(CallerFacts::keys).map(str::to_owned);
    (names.collect(), keys.collect())
}
