//! Requests of several authorities that were made in one go, and are decided by one sign-in. Each has a row, a state and a proof
//! of its own, and is verified alone: from its own hash and the hashes of the others.

use std::collections::BTreeSet;

use sha2::{Digest, Sha256};

use super::request::Request;
use super::target::TargetHash;
use crate::people::Actor;
use crate::timestamp::Timestamp;

/// As many are made and decided at once: one transaction holds them, each with its proof.
pub const MAX_TOGETHER: usize = 20;

impl Request {
    /// Whether both were made in one go: each names the other, under its hash, and whoever has read why the one is asked for has
    /// read it of the other.
    pub fn made_with(&self, other: &Self) -> bool {
        let names = |one: &Self, other: &Self| one.hash_version >= 5 && one.together.contains(&other.id);
        let said = |one: &Self| {
            let Self { requester, reason, justification, ticket, mode, alone, .. } = one.clone();
            (requester, reason, justification, ticket, mode, alone)
        };
        names(self, other) && names(other, self) && said(self) == said(other)
    }

    /// Whether a decision of `actor` on what it was made with is one on it, too: it waits, and they have not decided on it.
    pub fn waits_for(&self, actor: &Actor, now: Timestamp) -> bool {
        self.pending(now).is_ok() && !self.decisions.iter().any(|decision| decision.by.is(&actor.person))
    }

    /// What somebody has seen who has seen all of these: the hash of one, or of several that over theirs, in whatever order.
    pub fn seen<'r>(requests: impl IntoIterator<Item = &'r Self>) -> TargetHash {
        let hashes: BTreeSet<&TargetHash> = requests.into_iter().map(|request| &request.hash).collect();
        match hashes.len() {
            1 => hashes.into_iter().cloned().collect::<Vec<_>>().remove(0),
            _ => TargetHash::of(over(&hashes)),
        }
    }
}

/// The beginning of a nonce: what it is of, `one` thing or `several`, and the hash of what is signed. `own` is always among
/// them: nothing that was signed for others passes for what was signed for it.
pub(super) fn begun(one: &str, several: &str, own: &TargetHash, together: &[TargetHash]) -> Sha256 {
    let hashes: BTreeSet<&TargetHash> = together.iter().chain([own]).collect();
    match hashes.len() {
        1 => Sha256::new().chain_update(one).chain_update(bytes(own.as_str())),
        _ => Sha256::new().chain_update(several).chain_update(over(&hashes).finalize()),
    }
}

/// The 32 bytes of each, one after the other, in their order.
fn over(hashes: &BTreeSet<&TargetHash>) -> Sha256 {
    let mut hasher = Sha256::new();
    hashes.iter().for_each(|hash| hasher.update(bytes(hash.as_str())));
    hasher
}

/// Of a text that was checked to be hexadecimal.
pub(super) fn bytes(text: &str) -> Vec<u8> {
    hex::decode(text).unwrap_or_default()
}

#[cfg(test)]
mod tests;
