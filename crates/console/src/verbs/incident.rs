//! What people do with an incident: they open it, name callers, write down, say of a step what the records do not show, close
//! it. Each is one write with its entry in the ledger.

use domain::incident::{Incident, IncidentQuery, OpenedFrom, Refusal, Said, StepName};
use domain::ledger::{Action, Body, Object};
use domain::trail::Identity;
use domain::views::IdentityKey;
use domain::{Actor, AuthorityId, Finding, IncidentId, Permission};

use crate::new_id::new_id;
use crate::{Console, Error};

/// How often is tried again when others write into it at the same time.
const TRIES: u32 = 5;

impl Console {
    /// Opens one about who is behind a finding, about a caller, or by hand about nobody yet.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::NotFound`]: the finding; [`Error::Invalid`]: the title.
    pub async fn open_incident(
        &self,
        actor: &Actor,
        title: &str,
        of: &IncidentQuery,
    ) -> Result<IncidentId, Error> {
        self.allowed(actor, Permission::StepIn, Object::Route("incidents".to_owned())).await?;
        let (callers, authorities) = self.about(of).await?;
        let from = match &of.finding {
            Some(id) => OpenedFrom::Finding(id.clone()),
            None if of.caller.is_some() => OpenedFrom::Identity,
            None => OpenedFrom::Hand,
        };
        let told: Vec<String> = callers.iter().map(named).collect();
        let incident = Incident::opened(
            new_id()?,
            (title, from),
            (callers, authorities),
            &actor.person,
            self.clock.now(),
        )?;
        let body = self.told(actor, Action::IncidentOpened, Object::Incident(incident.id.clone()));
        let body = body.with("title", &incident.title).with_each("about", told);
        let body = match &of.finding {
            Some(id) => body.with("finding", id),
            None => body,
        };
        self.journal.commit(vec![self.aws.save_incident(&incident)?], &body).await?;
        Ok(incident.id)
    }

    /// Whom and which authorities one would be about.
    pub(crate) async fn about(
        &self,
        of: &IncidentQuery,
    ) -> Result<(Vec<IdentityKey>, Vec<AuthorityId>), Error> {
        let mut callers: Vec<IdentityKey> = of.caller.iter().cloned().collect();
        let Some(id) = &of.finding else { return Ok((callers, Vec::new())) };
        let finding = self.aws.finding(id).await?;
        callers.extend(behind(&finding));
        Ok((callers, finding.authority.iter().map(|arn| arn.id()).collect()))
    }

    /// It is about one more caller.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::NotFound`]; [`Error::Conflict`]: it is closed, or about them already.
    pub async fn extend_incident(
        &self,
        actor: &Actor,
        id: &IncidentId,
        caller: IdentityKey,
    ) -> Result<(), Error> {
        let told = named(&caller);
        let (IdentityKey::Principal(text) | IdentityKey::AccessKey(text) | IdentityKey::Address(text)) =
            &caller;
        if text.trim().is_empty() || text.len() > 1024 {
            return Err(Error::invalid("caller", "Write who it was: 1 to 1,024 characters."));
        }
        self.change(
            actor,
            (id, Action::IncidentExtended),
            |body| body.with("about", &told),
            |incident| incident.also_about(caller.clone(), &actor.person),
        )
        .await
    }

    /// Writes something down.
    ///
    /// # Errors
    /// As [`Console::extend_incident`]; [`Error::Invalid`]: the text.
    pub async fn note_incident(&self, actor: &Actor, id: &IncidentId, note: &str) -> Result<(), Error> {
        self.change(
            actor,
            (id, Action::IncidentNoted),
            |body| body.with("note", note.trim()),
            |incident| incident.noted(note, &actor.person, self.clock.now()),
        )
        .await
    }

    /// Says of a step what the records do not show; `None` takes that back.
    ///
    /// # Errors
    /// As [`Console::note_incident`]; [`Error::Conflict`]: the records show that it is done.
    pub async fn answer_incident(
        &self,
        actor: &Actor,
        id: &IncidentId,
        (step, said): (StepName, Option<Said>),
        reason: &str,
    ) -> Result<(), Error> {
        self.allowed(actor, Permission::StepIn, Object::Incident(id.clone())).await?;
        let facts = self.facts_of(&self.aws.incident(id).await?).await?;
        let told = |body: Body| {
            let said = said.map_or("taken back", Said::name);
            body.with("step", step.name()).with("said", said).with("reason", reason.trim())
        };
        self.change(actor, (id, Action::IncidentAnswered), told, |incident| {
            incident.answered((step, said), reason, &facts, (&actor.person, self.clock.now()))
        })
        .await
    }

    /// Closes it.
    ///
    /// # Errors
    /// As [`Console::note_incident`]; [`Error::Conflict`]: a step is neither done nor answered.
    pub async fn close_incident(&self, actor: &Actor, id: &IncidentId, summary: &str) -> Result<(), Error> {
        self.allowed(actor, Permission::StepIn, Object::Incident(id.clone())).await?;
        let facts = self.facts_of(&self.aws.incident(id).await?).await?;
        let told = |body: Body| body.with("summary", summary.trim());
        self.change(actor, (id, Action::IncidentClosed), told, |incident| {
            incident.closed(summary, &facts, (&actor.person, self.clock.now()))
        })
        .await
    }

    /// Writes its next version, with the entry.
    async fn change(
        &self,
        actor: &Actor,
        (id, action): (&IncidentId, Action),
        told: impl Fn(Body) -> Body,
        next: impl Fn(&Incident) -> Result<Incident, Refusal>,
    ) -> Result<(), Error> {
        self.allowed(actor, Permission::StepIn, Object::Incident(id.clone())).await?;
        for _ in 1..TRIES {
            let next = next(&self.aws.incident(id).await?)?;
            let body = told(self.told(actor, action, Object::Incident(id.clone())));
            match self.journal.commit(vec![self.aws.save_incident(&next)?], &body).await {
                Ok(()) => return Ok(()),
                // Somebody else was faster.
                Err(countersign_aws::Error::Conflict { .. }) => (),
                Err(error) => return Err(error.into()),
            }
        }
        Err(Error::Conflict("Others are writing into the incident. Try again in a moment.".to_owned()))
    }
}

/// Who is behind a finding, as its evidence says: the principal, and an access key that is no session's.
fn behind(finding: &Finding) -> Vec<IdentityKey> {
    let evidence = &finding.evidence;
    let issued = evidence.issuance.as_ref().map(|issuance| &issuance.identity);
    let identity = issued.or_else(|| evidence.alert.as_ref().and_then(|alert| alert.identity.as_ref()));
    let Some(identity) = identity.filter(|one| one.principal != Identity::UNKNOWN) else { return Vec::new() };
    let key = identity.access_key.clone().filter(|key| !key.is_empty() && !key.starts_with("ASIA"));
    [Some(IdentityKey::Principal(identity.principal.clone())), key.map(IdentityKey::AccessKey)]
        .into_iter()
        .flatten()
        .collect()
}

/// A caller as the ledger names it.
fn named(caller: &IdentityKey) -> String {
    match caller {
        IdentityKey::Principal(text) => format!("principal:{text}"),
        IdentityKey::AccessKey(text) => format!("access-key:{text}"),
        IdentityKey::Address(text) => format!("address:{text}"),
    }
}
