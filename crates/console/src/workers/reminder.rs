//! The reminder: days that come near are told once: of requests that nobody has decided, and of findings that somebody has
//! taken on until then.

use std::sync::Arc;
use std::time::Duration;

use countersign_aws::{Aws, Error as AwsError};
use domain::notify::{Notice, Telling, Told, due, expires_soon};
use domain::revocation::RequestState;
use domain::views::FindingQuery;
use domain::{FindingId, PersonId, Timestamp};
use sha2::{Digest, Sha256};

use super::{named, requests_in};
use crate::journal::Journal;
use crate::records::{AskedFindings, Records};
use crate::{AuthoritySettings, Clock, Error};

/// How often is looked at days.
pub(crate) const INTERVAL: Duration = Duration::from_secs(30);
/// So long before its day the owner of a finding is told.
const AHEAD: Duration = Duration::from_secs(24 * 3600);
/// How many findings are read together.
const BATCH: usize = 100;

/// Reminds people. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Reminder {
    pub aws: Aws,
    pub clock: Clock,
    pub journal: Journal,
    pub records: Records,
    pub authorities: Arc<[AuthoritySettings]>,
}

impl Reminder {
    /// Puts into the outbox whatever comes near, and was not told yet.
    pub async fn pass(&self) -> Result<(), Error> {
        let now = self.clock.now();
        for request in requests_in(&self.aws, RequestState::Pending).await? {
            if request.expires_soon(now) {
                let id = once("expires", request.id.as_str(), request.expires_at);
                let named = named(&self.authorities, &request.authority);
                self.tell(expires_soon(&request, &named, &id, now)).await?;
            }
        }
        for some in self.near(now).await?.chunks(BATCH) {
            for finding in self.aws.findings(some).await? {
                let Some(day) = finding.due() else { continue };
                let id = once("due", &finding.id.to_string(), day);
                if let Some(notice) = due(&finding, &id, now) {
                    self.tell(notice).await?;
                }
            }
        }
        Ok(())
    }

    /// The findings whose day is near, or over.
    async fn near(&self, now: Timestamp) -> Result<Vec<FindingId>, Error> {
        let by: PersonId = "countersign|reminder".parse().map_err(Error::internal)?;
        let query = FindingQuery { overdue: true, ..FindingQuery::default() };
        match self.records.matching_findings(AskedFindings { query, by, now: now.plus(AHEAD) }).await {
            Ok(seen) => Ok(seen.into_iter().map(|one| one.id).collect()),
            // They are still being read.
            Err(Error::Unavailable(_)) => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }

    async fn tell(&self, notice: Notice) -> Result<(), AwsError> {
        if self.aws.is_told(notice.about.as_ref(), &notice.id).await? {
            return Ok(());
        }
        let telling = Telling { id: notice.id.clone(), what: Told::Notice(Box::new(notice)) };
        self.journal.pass_over(&[self.aws.tell(&telling)?]).await
    }
}

/// The same id each time.
fn once(what: &str, id: &str, at: Timestamp) -> String {
    hex::encode(&Sha256::digest(format!("{what} {id} {}", at.unix()))[..16])
}
