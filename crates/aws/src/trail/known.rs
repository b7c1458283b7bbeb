//! Which log files have been ingested.

use std::collections::HashMap;

use crate::item::{number, text};
use crate::{Aws, Error, Thing, keys};

/// What is remembered of a file under its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownFile {
    /// Its place in its part.
    pub seq: u64,
    /// Lower-case hex, as [`super::TrailFile::sha256`].
    pub sha256: String,
    /// Why it could not be read.
    pub refused: Option<String>,
}

pub(super) const SEQ: &str = "seq";
pub(super) const SHA256: &str = "sha256";
pub(super) const REFUSED: &str = "refused";

impl Aws {
    /// Those of `keys` that have been ingested, by key.
    pub async fn trail_known(
        &self,
        bucket: &str,
        keys: &[String],
    ) -> Result<HashMap<String, KnownFile>, Error> {
        let mut wanted: HashMap<_, &String> =
            keys.iter().map(|key| (keys::trail_known(bucket, key).pk, key)).collect();
        let asked = wanted.values().map(|key| keys::trail_known(bucket, key)).collect();
        let items = self.items(asked).await?;
        let known = items.iter().filter_map(|item| {
            let what = Thing::TrailFile;
            let read = || {
                let sha256 = text(what, item, SHA256)?.to_owned();
                let refused = text(what, item, REFUSED).ok().map(str::to_owned);
                Ok(KnownFile { seq: number(what, item, SEQ)?, sha256, refused })
            };
            let key = text(what, item, keys::PK).ok().and_then(|pk| wanted.remove(pk))?;
            Some(read().map(|file| (key.clone(), file)))
        });
        known.collect()
    }
}
