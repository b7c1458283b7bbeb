//! Leases: who may work on something now. Each taking raises a counter, so that writes of a former holder can be told
//! and refused.
//!
//! No two machines' clocks are compared. A holder raises the lease's beat again and again; whoever has watched the same
//! beat for the lease's whole time, by its own clock that only goes forward, may take it over.
//! How long that time is, and how the waiting is done, is the caller's. It holds for both sides together only if the holder
//! counts from before it sends a beat, and the watcher from after it has read one: the watcher's time ends later then.

use crate::item::{Item, n, number, s, text};
use crate::transact::Backoff;
use crate::{Aws, Change, Error, Thing, keys};

/// The right to work on something, as long as it beats.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    pub name: String,
    /// Who holds it: one name for each taking process.
    pub holder: String,
    /// Raised by one each time the lease changes hands; what is written under it carries the number.
    pub fence: u64,
}

/// A lease that somebody holds, as it was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    pub holder: String,
    pub fence: u64,
    /// Raised by each [`Aws::renew_lease`] of this holder, from 0.
    pub beat: u64,
}

/// What came of an attempt to take a lease.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Taking {
    Taken(Lease),
    /// Somebody holds it (maybe the caller itself, under another call). Watch it.
    Held(Held),
}

const HELD: &str = "holder = :holder AND fence = :fence";
const BEAT: &str = "beat";
/// The holder of a lease that was given back.
const NOBODY: &str = "";

impl Aws {
    /// Takes the lease `name` for `holder` if nobody holds it. `silent`: what the caller has watched unchanged for the
    /// lease's whole time; if it still is so, it is taken over.
    pub async fn acquire_lease(
        &self,
        name: &str,
        holder: &str,
        silent: Option<&Held>,
    ) -> Result<Taking, Error> {
        let key = keys::lease(name);
        let mut backoff = Backoff::default();
        loop {
            let stored = self.item(Thing::Lease, &key).await?;
            let held = stored.as_ref().map(held_by).transpose()?;
            let (fence, beat) = held.as_ref().map_or((0, 0), |held| (held.fence, held.beat));
            if let Some(held) = held.filter(|held| held.holder != NOBODY)
                && silent != Some(&held)
            {
                return Ok(Taking::Held(held));
            }
            let lease = Lease { name: name.to_owned(), holder: holder.to_owned(), fence: fence + 1 };
            let attributes = [("holder", s(holder)), ("fence", n(lease.fence)), (BEAT, n(0))];
            let put = Change::put(Thing::Lease, name, key.clone(), attributes);
            let put = match stored {
                None => put.when_absent(),
                Some(_) => {
                    put.when("fence = :fence AND beat = :beat", [(":fence", n(fence)), (":beat", n(beat))])
                }
            };
            match self.apply(&[put]).await {
                Ok(()) => return Ok(Taking::Taken(lease)),
                // Somebody else was faster: look who.
                Err(Error::Conflict { .. }) if backoff.wait().await => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Who holds the lease now. `None`: nobody.
    pub async fn lease_holder(&self, name: &str) -> Result<Option<Held>, Error> {
        let stored = self.item(Thing::Lease, &keys::lease(name)).await?;
        let held = stored.as_ref().map(held_by).transpose()?;
        Ok(held.filter(|held| held.holder != NOBODY))
    }

    /// Shows that the holder is there.
    ///
    /// # Errors
    /// [`Error::Conflict`]: somebody else has taken it; stop at once.
    pub async fn renew_lease(&self, lease: &Lease) -> Result<(), Error> {
        let add = Change::add(Thing::Lease, &lease.name, keys::lease(&lease.name), BEAT);
        self.apply(&[add.when(HELD, held(lease))]).await
    }

    /// Gives it back, so that the next one need not wait.
    ///
    /// # Errors
    /// [`Error::Conflict`]: somebody else has taken it.
    pub async fn release_lease(&self, lease: &Lease) -> Result<(), Error> {
        let set = Change::set(Thing::Lease, &lease.name, keys::lease(&lease.name), [("holder", s(NOBODY))]);
        self.apply(&[set.when(HELD, held(lease))]).await
    }

    /// A change that writes nothing and lets a commit pass only while nobody else has taken the lease.
    pub fn holds_lease(&self, lease: &Lease) -> Change {
        Change::check(Thing::Lease, &lease.name, keys::lease(&lease.name)).when(HELD, held(lease))
    }
}

fn held_by(item: &Item) -> Result<Held, Error> {
    let what = Thing::Lease;
    Ok(Held {
        holder: text(what, item, "holder")?.to_owned(),
        fence: number(what, item, "fence")?,
        beat: number(what, item, BEAT)?,
    })
}

fn held(lease: &Lease) -> [(&'static str, aws_sdk_dynamodb::types::AttributeValue); 2] {
    [(":holder", s(&lease.holder)), (":fence", n(lease.fence))]
}
