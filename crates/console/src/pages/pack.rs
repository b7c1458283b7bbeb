//! What a pack of evidence is made of, a piece at a time: whatever its size, a page of it is in memory.

use domain::incident::Facts;
use domain::ledger::{About, Entry};
use domain::revocation::{ItemProgress, Request};
use domain::views::{IssuerCount, PackOf, Period, RevocationFacts};
use domain::{Actor, AuthorityId, Finding, FindingId, IncidentId, RequestId, Run};
use futures::{Stream, StreamExt, TryStreamExt, future, stream};

use crate::log::Log;
use crate::{Console, Error};

/// How many runs of an authority are in it, the newest.
const RUNS: u32 = 5000;

impl Console {
    /// One page of its requests, the newest first; none: that was all. Drills are in it. `scope`: one of [`PackOf::scopes`].
    pub async fn pack_requests(
        &self,
        actor: &Actor,
        (of, scope): (&PackOf, Option<&AuthorityId>),
        page: u32,
    ) -> Result<Vec<RevocationFacts>, Error> {
        self.may_pack(actor).await?;
        match of {
            PackOf::Period { period, .. } => self.records.requests_of(*period, scope.cloned(), page).await,
            PackOf::Request(_) | PackOf::Incident(_) if page > 0 => Ok(Vec::new()),
            PackOf::Request(id) => Ok(vec![self.revocation_facts(id).await?]),
            PackOf::Incident(id) => {
                let facts = self.incident_facts(id).await?;
                let ids = stream::iter(facts.requests).map(|one| one.id);
                ids.then(|id| async move { self.revocation_facts(&id).await }).try_collect().await
            }
        }
    }

    async fn revocation_facts(&self, id: &RequestId) -> Result<RevocationFacts, Error> {
        let (effect, _) = self.records.effect_of(id).await?;
        Ok(RevocationFacts { request: self.aws.request(id).await?, effect })
    }

    async fn incident_facts(&self, id: &IncidentId) -> Result<Facts, Error> {
        self.facts_of(&self.aws.incident(id).await?).await
    }

    /// One of its requests, as it is now.
    pub async fn pack_request(&self, actor: &Actor, id: &RequestId) -> Result<Request, Error> {
        self.may_pack(actor).await?;
        Ok(self.aws.request(id).await?)
    }

    /// What came of each certificate of a request.
    pub async fn pack_items(
        &self,
        actor: &Actor,
        id: &RequestId,
    ) -> Result<impl Stream<Item = Result<ItemProgress, Error>> + use<>, Error> {
        self.may_pack(actor).await?;
        Ok(self.aws.progress_of(id).map_err(Error::from))
    }

    /// Findings that were first seen in the time, or came to their end in it, as they are now; those behind `after` in the order of
    /// their ids. None: that was all.
    pub async fn pack_findings(
        &self,
        actor: &Actor,
        (period, authority): (Period, Option<&AuthorityId>),
        after: Option<&FindingId>,
    ) -> Result<Vec<Finding>, Error> {
        self.may_pack(actor).await?;
        let ids = self.records.findings_of(period, authority.cloned(), after.cloned()).await?;
        Ok(self.aws.findings(&ids).await?)
    }

    /// Runs of an authority that were ordered in the time, the newest first, and whether there are more.
    pub async fn pack_runs(
        &self,
        actor: &Actor,
        period: Period,
        authority: &AuthorityId,
    ) -> Result<(Vec<Run>, bool), Error> {
        self.may_pack(actor).await?;
        let most = usize::try_from(RUNS).unwrap_or(usize::MAX);
        let mut runs = self.aws.runs_between(authority, (period.from(), period.to()), RUNS + 1).await?;
        let is_cut = runs.len() > most;
        runs.truncate(most);
        Ok((runs, is_cut))
    }

    /// Its entries of the ledger, in their order; those of a request are all that name it, those of an incident all that name it or one
    /// of its requests.
    pub async fn pack_entries(
        &self,
        actor: &Actor,
        of: &PackOf,
    ) -> Result<impl Stream<Item = Result<Entry, Error>> + use<>, Error> {
        self.may_pack(actor).await?;
        let (period, named, (first, last)) = match of {
            PackOf::Period { period, .. } => {
                (Some(*period), Vec::new(), self.records.entries_between(*period).await?)
            }
            PackOf::Request(id) => (None, self.aws.entries_of_request(id).await?, (1, 0)),
            PackOf::Incident(id) => (None, self.entries_of_incident(id).await?, (1, 0)),
        };
        let placed = self.aws.placed_from(first).map_err(Error::from);
        let placed = placed.try_take_while(move |entry| future::ready(Ok(entry.seq <= last)));
        // One that this version cannot read may be of any time.
        let is_meant = move |entry: &Entry| {
            entry.read().map_or(true, |body| period.is_none_or(|period| period.has(body.at)))
        };
        let placed = placed.try_filter(move |entry| future::ready(is_meant(entry)));
        Ok(stream::iter(named.into_iter().map(Ok)).chain(placed))
    }

    async fn entries_of_incident(&self, id: &IncidentId) -> Result<Vec<Entry>, Error> {
        let incident = self.aws.incident(id).await?;
        let about = About::Incident(id.clone());
        let mut entries = self.entries_about(about, incident.opened_at).await?;
        for request in self.facts_of(&incident).await?.requests {
            entries.extend(self.aws.entries_of_request(&request.id).await?);
        }
        entries.sort_by_key(|entry| entry.seq);
        entries.dedup_by_key(|entry| entry.seq);
        Ok(entries)
    }

    /// All who had certificates issued in the time.
    pub async fn pack_issuers(
        &self,
        actor: &Actor,
        period: Period,
        scope: Option<&AuthorityId>,
    ) -> Result<Vec<IssuerCount>, Error> {
        self.may_pack(actor).await?;
        self.records.all_issuers(period, scope.cloned()).await
    }

    /// The log that proves them, if one is configured.
    pub fn pack_log(&self) -> Option<Log> {
        self.configuration.ledger.clone()
    }
}
