//! How fresh a part is: when its bucket was last looked at, and what has been read of it so far.

use domain::Timestamp;
use domain::run::Unreadable;
use domain::trail::TrailPart;
use serde::{Deserialize, Serialize};

use crate::item::{body, json};
use crate::{Aws, Change, Error, Lease, Thing, keys};

/// Where ingestion stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrailStatus {
    /// From where on the trail is read by itself.
    pub since: Option<Timestamp>,
    /// The day from which on log files are listed next time.
    pub listed_from: Option<Timestamp>,
    /// When the bucket was last looked at.
    pub as_of: Option<Timestamp>,
    /// What keeps the trail from being read whole.
    pub problem: Option<String>,
    /// The files up to this place are in the counts.
    pub counted_to: u64,
    pub files: u64,
    pub events: u64,
    /// Log files and records.
    pub unreadable: Unreadable,
}

impl Aws {
    /// What was last saved; nothing at all before that.
    pub async fn trail_status(&self, part: &TrailPart) -> Result<TrailStatus, Error> {
        let item = self.item(Thing::Trail, &keys::trail_status(part)).await?;
        item.map_or_else(|| Ok(TrailStatus::default()), |item| body(Thing::Trail, &item))
    }

    /// # Errors
    /// [`Error::Conflict`]: `lease` is lost.
    pub async fn save_trail_status(
        &self,
        part: &TrailPart,
        status: &TrailStatus,
        lease: &Lease,
    ) -> Result<(), Error> {
        let attributes = [(keys::BODY, json(Thing::Trail, status)?)];
        let put = Change::put(Thing::Trail, part.to_string(), keys::trail_status(part), attributes);
        self.apply(&[self.holds_lease(lease), put]).await
    }
}
