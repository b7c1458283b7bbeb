//! Ending one's own sessions.

use countersign_aws::Error as AwsError;
use domain::ledger::{Action, Object};
use domain::{Actor, Permission};

use crate::{Console, Error};

impl Console {
    /// Ends one of the actor's sessions.
    ///
    /// # Errors
    /// [`Error::NotFound`]: they have none of this hash.
    pub async fn end_session(&self, actor: &Actor, hash: &str) -> Result<(), Error> {
        self.allowed(actor, Permission::Read, Object::Session).await?;
        self.end_sessions(actor, &[hash.to_owned()], "one of their own").await
    }

    /// Ends all of the actor's sessions but the one with this hash. Gives how many there were.
    pub async fn end_other_sessions(&self, actor: &Actor, current: &str) -> Result<usize, Error> {
        self.allowed(actor, Permission::Read, Object::Session).await?;
        let all = self.aws.sessions_of(&actor.person.id, self.clock.now()).await?;
        let others: Vec<String> =
            all.into_iter().map(|one| one.hash).filter(|hash| hash != current).collect();
        for some in others.chunks(AT_ONCE) {
            self.end_sessions(actor, some, "all of their own but one").await?;
        }
        Ok(others.len())
    }

    async fn end_sessions(&self, actor: &Actor, hashes: &[String], what: &str) -> Result<(), Error> {
        let changes = hashes.iter().flat_map(|hash| self.aws.end_session_of(&actor.person.id, hash));
        let body = self.told(actor, Action::SignedOut, Object::Session);
        let body = body.with("sessions", hashes.len()).with("detail", what);
        match self.journal.commit(changes.collect(), &body).await {
            Err(AwsError::Conflict { .. }) => Err(Error::NotFound("session")),
            done => Ok(done?),
        }
    }
}

/// How many are ended in one transaction.
const AT_ONCE: usize = 40;
