//! What people do to all findings that match a filter: which they are is frozen here, the triager does it.

use domain::finding::{Bulk, Triage};
use domain::ledger::{Action, Object};
use domain::people::Person;
use domain::revocation::{ListId, MAX_TARGETS, SerialList};
use domain::views::{BulkForm, BulkWhat, FindingQuery};
use domain::{Actor, AuthorityId, BulkId, Finding, Permission, PersonId, Role, Timestamp};

use crate::new_id::new_id;
use crate::records::AskedFindings;
use crate::{Console, Error};

/// At most so many are frozen at once.
const MOST: u64 = 500_000;
/// How many people are looked through for an owner.
const PEOPLE: u32 = 200;

impl Console {
    /// Orders that something is done to all findings that match, as they are now, if they are as many as were shown.
    ///
    /// # Errors
    /// [`Error::Conflict`]: they are not. [`Error::Invalid`] names the field.
    pub async fn order_bulk(&self, actor: &Actor, form: BulkForm) -> Result<BulkId, Error> {
        self.allowed(actor, Permission::Operate, object()).await?;
        let now = self.clock.now();
        Bulk::confirmed(form.shown, form.typed.as_deref())?;
        let what = match form.what {
            BulkWhat::Acknowledge { owner, due } => {
                let due = not_passed(due, now)?;
                Triage::Acknowledge { owner: self.owner(actor, owner.as_ref()).await?, due }
            }
            BulkWhat::Dismiss { reason } => Triage::Dismiss { reason: Finding::stated(&reason)? },
        };
        let asked = self.asked(actor, form.query.clone(), now);
        let number = self.records.finding_groups(asked.clone()).await?.iter().map(|group| group.number).sum();
        same(form.shown, number)?;
        if !(1..=MOST).contains(&number) {
            let why = format!("There must be at least one finding, and at most {MOST}. Narrow the list.");
            return Err(Error::invalid("confirm", why));
        }
        let seen = self.records.matching_findings(asked).await?;
        same(form.shown, u64::try_from(seen.len()).unwrap_or(u64::MAX))?;
        let of = (form.query.words(), form.shown);
        let critical = self.settings().policy.dismiss_critical;
        let bulk = Bulk::ordered(new_id()?, actor.clone(), what, of, critical, now);
        self.aws.keep_bulk_findings(&bulk.id, &seen, now).await?;
        let body = self.told(actor, Action::BulkOrdered, object());
        let body = body.with("bulk", &bulk.id).with("matching", &bulk.matching).with("count", bulk.count);
        let body = match &bulk.what {
            Triage::Acknowledge { owner, due } => {
                let body = body.with("what", "acknowledge").with("owner", &owner.id);
                due.map_or(body.clone(), |due| body.with("due", due))
            }
            Triage::Dismiss { reason } => body.with("what", "dismiss").with("reason", reason),
        };
        self.journal.commit(vec![self.aws.save_bulk(&bulk)?], &body).await?;
        Ok(bulk.id)
    }

    /// Stops it where it is: what is done stays done.
    pub async fn stop_bulk(&self, actor: &Actor, id: &BulkId) -> Result<Bulk, Error> {
        self.allowed(actor, Permission::Operate, object()).await?;
        loop {
            let bulk = self.aws.bulk(id).await?;
            let stopped = bulk.stopped(actor, self.clock.now())?;
            let body = self.told(actor, Action::BulkEnded, object());
            let body = body.with("bulk", id).with("reached", bulk.reached).with("count", bulk.count);
            match self.journal.commit(vec![self.aws.save_bulk(&stopped)?], &body).await {
                Ok(_) => return Ok(stopped),
                // It has come further meanwhile.
                Err(countersign_aws::Error::Conflict { .. }) => (),
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// The certificates that the matching findings of one authority are about, frozen as a list that a request can be made of.
    ///
    /// # Errors
    /// [`Error::Invalid`]: there are none, or more than one request can revoke.
    pub async fn list_of_findings(
        &self,
        actor: &Actor,
        authority: &AuthorityId,
        query: FindingQuery,
    ) -> Result<ListId, Error> {
        self.allowed(actor, Permission::Operate, object()).await?;
        self.authority(authority)?;
        if query.authority.as_ref().is_some_and(|of| of != authority) {
            return Err(Error::invalid("authority", "The list is of another authority."));
        }
        let now = self.clock.now();
        let query = FindingQuery { authority: Some(authority.clone()), ..query };
        let asked = self.asked(actor, query, now);
        let serials = self.records.certificates_of_findings(asked, MAX_TARGETS + 1).await?;
        match serials.len() {
            0 => Err(Error::invalid("authority", "None of these findings is about a certificate.")),
            1..=MAX_TARGETS => {
                let list = SerialList { serials, ..SerialList::default() };
                Ok(self.aws.keep_list(&list, now).await?)
            }
            _ => {
                let why = format!("One request revokes at most {MAX_TARGETS} certificates. Narrow the list.");
                Err(Error::invalid("authority", why))
            }
        }
    }

    /// What `query` means for `actor` at `now`.
    pub(crate) fn asked(&self, actor: &Actor, query: FindingQuery, now: Timestamp) -> AskedFindings {
        AskedFindings { query, by: actor.person.id.clone(), now }
    }

    /// The operators who have signed in lately, without `actor`: who can be made an owner.
    pub(crate) async fn operators(&self, actor: &Actor) -> Result<Vec<Person>, Error> {
        let seen = self.aws.people_seen(PEOPLE).await?.into_iter();
        let others =
            seen.filter(|one| one.roles.contains(&Role::Operator) && one.person.id != actor.person.id);
        Ok(others.map(|one| one.person).collect())
    }

    /// Whom `owner` names; `None`: `actor`.
    pub(super) async fn owner(&self, actor: &Actor, owner: Option<&PersonId>) -> Result<Person, Error> {
        let Some(owner) = owner.filter(|owner| **owner != actor.person.id) else {
            return Ok(actor.person.clone());
        };
        let found = self.operators(actor).await?.into_iter().find(|person| person.id == *owner);
        found.ok_or_else(|| Error::invalid("owner", "No operator of this name has signed in lately."))
    }
}

/// # Errors
/// The day has passed.
pub(super) fn not_passed(due: Option<Timestamp>, now: Timestamp) -> Result<Option<Timestamp>, Error> {
    match due.is_some_and(|due| due < now) {
        true => Err(Error::invalid("due", "The due date has passed. Choose a later one, or none.")),
        false => Ok(due),
    }
}

fn same(shown: u64, number: u64) -> Result<(), Error> {
    match shown == number {
        true => Ok(()),
        false => Err(Error::Conflict(format!(
            "Nothing was done: there were {shown} findings when you were shown them, now there are {number}. Look at them again."
        ))),
    }
}

fn object() -> Object {
    Object::Route("findings".to_owned())
}
