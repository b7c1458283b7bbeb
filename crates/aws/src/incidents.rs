//! Incidents: an item of each, and the open ones by the time of their opening.

use domain::IncidentId;
use domain::incident::Incident;

use crate::item::{body, json, n, s};
use crate::partitions::Partition;
use crate::{Aws, Change, Error, Thing, keys};

const VERSION: &str = "version";

impl Aws {
    /// Writes it in the place of the version before; the first one is new.
    pub fn save_incident(&self, incident: &Incident) -> Result<Change, Error> {
        let mut attributes =
            vec![(keys::BODY, json(Thing::Incident, incident)?), (VERSION, n(incident.version))];
        if incident.is_open() {
            attributes.push((keys::LIST_PK, s(Partition::OpenIncidents.key(""))));
            attributes.push((keys::LIST_SK, s(incident.id.as_str())));
        }
        let id = &incident.id;
        let put = Change::put(Thing::Incident, id.as_str(), keys::incident(id), attributes);
        Ok(match incident.version {
            1 => put.when_absent(),
            next => put.when("version = :before", [(":before", n(next - 1))]),
        })
    }

    /// # Errors
    /// [`Error::NotFound`]
    pub async fn incident(&self, id: &IncidentId) -> Result<Incident, Error> {
        let item = self.item(Thing::Incident, &keys::incident(id)).await?;
        body(Thing::Incident, &item.ok_or_else(|| Error::not_found(Thing::Incident, id.as_str()))?)
    }

    /// The newest, `limit` at most.
    pub async fn incidents(&self, limit: u32) -> Result<Vec<Incident>, Error> {
        let query = self.partition(Partition::Incidents.key(""), "").scan_index_forward(false);
        self.first(query, limit).await?.iter().map(|item| body(Thing::Incident, item)).collect()
    }

    /// The open ones, the newest first, `limit` at most, as they were a moment ago.
    pub async fn open_incidents(&self, limit: u32) -> Result<Vec<Incident>, Error> {
        let query = self.list(Partition::OpenIncidents.key(""), "").scan_index_forward(false);
        self.first(query, limit).await?.iter().map(|item| body(Thing::Incident, item)).collect()
    }

    /// How many are open, as of a moment ago.
    pub async fn count_open_incidents(&self) -> Result<u64, Error> {
        self.count(self.list(Partition::OpenIncidents.key(""), "")).await
    }
}
