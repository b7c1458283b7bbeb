//! How far a part is verified: one value, compressed, that a verifier replaces as a whole.

use std::io::{Read, Write};

use domain::trail::{TrailPart, Wholeness};
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use serde::{Deserialize, Serialize};

use super::blob;
use crate::item::{Item, n, number};
use crate::partitions::Access;
use crate::{Aws, Change, Error, Lease, Thing, keys};

/// What is known of a part's wholeness, and where its verifier stands.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TrailState {
    /// Raised with each saving; a verifier saves only what it made of the newest.
    #[serde(skip)]
    pub revision: u64,
    pub whole: Wholeness,
    /// From what the verifier goes on; its own.
    pub verifier: serde_json::Value,
}

const REVISION: &str = "revision";

impl Aws {
    /// What was last saved. `None`: nothing yet.
    pub async fn trail_state(&self, part: &TrailPart) -> Result<Option<TrailState>, Error> {
        let key = keys::trail_state(part);
        let mut item = self.item(Thing::Trail, &key).await?;
        for again in [true, false] {
            let Some(stored) = item.take() else { break };
            match self.blob(Thing::Trail, &stored).await {
                // Replaced meanwhile, with its parts.
                Err(Error::NotFound { .. }) if again => item = self.item(Thing::Trail, &key).await?,
                bytes => return unpack(&stored, bytes?).map(Some),
            }
        }
        Ok(None)
    }

    /// Only the revision of what is saved: whether it must be read anew. 0: nothing yet.
    pub async fn trail_state_revision(&self, part: &TrailPart) -> Result<u64, Error> {
        let key = keys::trail_state(part);
        self.may(Access::Read, &key.pk)?;
        let get = self.own.dynamodb.get_item().table_name(self.console_table()).consistent_read(true);
        let get = get.set_key(Some(key.item())).projection_expression("pk, sk, revision");
        let answer = get.send().await;
        let item =
            answer.map_err(crate::error::sdk("dynamodb:GetItem", Thing::Trail, part.to_string()))?.item;
        item.map_or(Ok(0), |item| number(Thing::Trail, &item, REVISION))
    }

    /// Saves the next revision and gives it back.
    ///
    /// # Errors
    /// [`Error::Conflict`]: `lease` is lost, or somebody else has saved one since `state` was read; read it again.
    pub async fn save_trail_state(
        &self,
        part: &TrailPart,
        state: TrailState,
        lease: &Lease,
    ) -> Result<TrailState, Error> {
        let key = keys::trail_state(part);
        let former = self.item(Thing::Trail, &key).await?;
        let next = state.revision + 1;
        let mut attributes = self.put_blob(pack(&state)?).await?;
        let replaced = former.filter(|former| !blob::same(former, &attributes));
        attributes.push((REVISION, n(next)));
        let put = Change::put(Thing::Trail, part.to_string(), key, attributes);
        let put = match state.revision {
            0 => put.when_absent(),
            revision => put.when("revision = :revision", [(":revision", n(revision))]),
        };
        self.apply(&[self.holds_lease(lease), put]).await?;
        if let Some(former) = replaced
            && let Err(error) = self.forget_blob(&former).await
        {
            tracing::warn!("parts of a former state of the trail of {part} stay behind: {error}");
        }
        Ok(TrailState { revision: next, ..state })
    }
}

fn pack(state: &TrailState) -> Result<Vec<u8>, Error> {
    let failed =
        |error: &dyn std::fmt::Display| Error::invalid("writing", "the state of a trail", error.to_string());
    let json = serde_json::to_vec(state).map_err(|error| failed(&error))?;
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(&json).map_err(|error| failed(&error))?;
    encoder.finish().map_err(|error| failed(&error))
}

fn unpack(item: &Item, bytes: Vec<u8>) -> Result<TrailState, Error> {
    let failed = |error: &dyn std::fmt::Display| {
        Error::invalid("reading", "the stored state of a trail", error.to_string())
    };
    let mut json = Vec::new();
    GzDecoder::new(bytes.as_slice()).read_to_end(&mut json).map_err(|error| failed(&error))?;
    let state: TrailState = serde_json::from_slice(&json).map_err(|error| failed(&error))?;
    Ok(TrailState { revision: number(Thing::Trail, item, REVISION)?, ..state })
}
