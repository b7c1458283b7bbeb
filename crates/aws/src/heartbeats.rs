//! Signs of life of the workers' processes. One that died stays readable, so that pages can say since when nobody works.

use std::time::Duration;

use domain::worker::Heartbeat;

use crate::item::{body, json, n, s};
use crate::{Aws, Change, Error, Thing, keys};

/// How long after it was last seen a process is forgotten.
const KEPT: Duration = Duration::from_secs(14 * 24 * 3600);

impl Aws {
    /// In the place of the process's last one.
    pub async fn save_heartbeat(&self, heartbeat: &Heartbeat) -> Result<(), Error> {
        let Heartbeat { holder, seen_at, .. } = heartbeat;
        let attributes = [
            (keys::BODY, json(Thing::Worker, heartbeat)?),
            (keys::EXPIRES, n(seen_at.plus(KEPT).unix())),
            (keys::LIST_PK, s(keys::workers())),
            (keys::LIST_SK, s(keys::seen(*seen_at, holder))),
        ];
        self.apply(&[Change::put(Thing::Worker, holder, keys::worker(holder), attributes)]).await
    }

    /// The last one of each process, the one seen last first, `limit` at most, as they were a moment ago.
    pub async fn heartbeats(&self, limit: u32) -> Result<Vec<Heartbeat>, Error> {
        let query = self.list(keys::workers(), "").scan_index_forward(false);
        self.first(query, limit).await?.iter().map(|item| body(Thing::Worker, item)).collect()
    }
}
