//! How far the records have come with the events of the trail.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use domain::trail::{Coverage, DigestPosition, Proof, TrailPart};

/// How far the read model has come with the events.
#[derive(Default)]
pub(super) struct Events {
    /// Held while it goes on: one at a time.
    pub(super) reached: tokio::sync::Mutex<Reached>,
    pub(super) whole: Mutex<BTreeMap<TrailPart, Arc<Trusted>>>,
}

/// How far a trail was trusted, and the digests that say so.
#[derive(Default)]
pub(crate) struct Trusted {
    pub coverage: Arc<Coverage>,
    pub digests: Vec<DigestPosition>,
}

/// What is in.
#[derive(Default)]
pub(super) struct Reached {
    pub parts: BTreeMap<TrailPart, Place>,
}

/// How far the events of one trail are in.
#[derive(Default)]
pub(super) struct Place {
    /// Of the last file.
    pub seq: u64,
    /// Of the state that `bad` is from.
    pub revision: u64,
    pub bad: BTreeMap<String, Proof>,
}
