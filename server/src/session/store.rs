//! Sessions in the console's table. The rules that `tower-sessions` leaves to its stores are here: an ended session
//! stays ended, idle and whole length are limited, and only a hash of the id is stored.

use std::time::Duration;

use async_trait::async_trait;
use console::Clock;
use countersign_aws::sessions::StoredSession;
use countersign_aws::{Aws, Error as AwsError};
use domain::Timestamp;
use tower_sessions::SessionStore;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::{Error, Result};

use super::{IDLE, KEY, LONGEST, SignedIn};

/// How much of its idle time a session must have used before that is written down again.
const SLACK: Duration = Duration::from_secs(60);

/// Cheap to clone.
#[derive(Clone, Debug)]
pub struct Sessions {
    aws: Aws,
    clock: Clock,
}

impl Sessions {
    pub fn new(aws: Aws, clock: Clock) -> Self {
        Self { aws, clock }
    }

    /// Ends a session, whoever has its cookie.
    ///
    /// # Errors
    /// AWS did not answer: the session may not have ended.
    pub async fn end(&self, id: &Id) -> std::result::Result<(), AwsError> {
        self.aws.delete_session(&id.to_string()).await
    }

    fn stored(&self, record: &Record) -> Result<StoredSession> {
        let data = serde_json::to_string(&record.data).map_err(|error| Error::Encode(error.to_string()))?;
        let signed_in = signed_in(record)?;
        Ok(StoredSession {
            data,
            expires_at: expiry(signed_in.as_ref(), self.clock.now()),
            begun_at: signed_in.as_ref().map(|signed_in| signed_in.begun_at),
            sid: signed_in.as_ref().and_then(|signed_in| signed_in.provider_session.clone()),
            person: signed_in.map(|signed_in| signed_in.person.id),
        })
    }
}

/// When a session that is used now ends if it is not used again.
fn expiry(signed_in: Option<&SignedIn>, now: Timestamp) -> Timestamp {
    let idle = now.plus(IDLE);
    signed_in.map_or(idle, |signed_in| idle.min(signed_in.begun_at.plus(LONGEST)))
}

/// Whether a use that would let a session end at `next` is worth writing down. `unattended`: nobody did anything, their
/// browser looked by itself.
fn lives_on(next: Timestamp, known: Timestamp, unattended: bool) -> bool {
    !unattended && next > known.plus(SLACK)
}

fn signed_in(record: &Record) -> Result<Option<SignedIn>> {
    let value = record.data.get(KEY).cloned();
    value.map(serde_json::from_value).transpose().map_err(|error| Error::Decode(error.to_string()))
}

/// `None`: it was written in another form.
fn read(id: &Id, data: &str) -> Option<(Record, Option<SignedIn>)> {
    let data = serde_json::from_str(data).ok()?;
    // Its time is kept by this store, not in the record.
    let record = Record { id: *id, data, expiry_date: time::OffsetDateTime::UNIX_EPOCH };
    let signed_in = signed_in(&record).ok()?;
    Some((record, signed_in))
}

fn backend(error: AwsError) -> Error {
    Error::Backend(error.to_string())
}

#[async_trait]
impl SessionStore for Sessions {
    async fn create(&self, record: &mut Record) -> Result<()> {
        let session = self.stored(record)?;
        loop {
            match self.aws.create_session(&record.id.to_string(), &session).await {
                Err(AwsError::Conflict { .. }) => record.id = Id::default(),
                other => return other.map_err(backend),
            }
        }
    }

    /// One that was ended meanwhile stays so, and the request that was too slow need not know.
    async fn save(&self, record: &Record) -> Result<()> {
        match self.aws.save_session(&record.id.to_string(), &self.stored(record)?).await {
            Err(AwsError::Conflict { .. }) => Ok(()),
            other => other.map_err(backend),
        }
    }

    /// Using a session lets it live on, until its whole length is over.
    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let now = self.clock.now();
        let Some(stored) = self.aws.session(&id.to_string(), now).await.map_err(backend)? else {
            return Ok(None);
        };
        let Some((record, signed_in)) = read(id, &stored.data) else {
            tracing::warn!(
                "a session of another version of this program is not read: its owner signs in again"
            );
            return Ok(None);
        };
        let expires_at = expiry(signed_in.as_ref(), now);
        if expires_at <= now {
            return Ok(None);
        }
        if lives_on(expires_at, stored.expires_at, super::is_unattended()) {
            self.save(&record).await?;
        }
        Ok(Some(record))
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        self.end(id).await.map_err(backend)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::people::Person;

    #[test]
    fn a_session_ends_when_idle_and_when_it_is_old() {
        let begun_at = Timestamp::from_unix(1_700_000_000).unwrap();
        let signed_in = SignedIn {
            person: Person {
                id: "https://login.example.com|7".parse().unwrap(),
                name: "Olivia".to_owned(),
                human: None,
            },
            groups: Vec::new(),
            signed_in_at: begun_at,
            strength: Default::default(),
            begun_at,
            id_token: String::new(),
            provider_session: None,
        };
        assert_eq!(expiry(Some(&signed_in), begun_at), begun_at.plus(IDLE));
        let late = begun_at.plus(LONGEST).minus(Duration::from_secs(60));
        assert_eq!(expiry(Some(&signed_in), late), begun_at.plus(LONGEST));
        assert_eq!(expiry(None, begun_at), begun_at.plus(IDLE));
    }

    #[test]
    fn a_page_that_is_left_open_does_not_keep_its_session() {
        let known = Timestamp::EPOCH.plus(IDLE);
        let next = known.plus(SLACK * 2);
        assert!(lives_on(next, known, false));
        assert!(!lives_on(next, known, true));
        assert!(!lives_on(known.plus(SLACK), known, false), "not each request is a write");
    }
}
