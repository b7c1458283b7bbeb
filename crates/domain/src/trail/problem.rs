//! What is wrong with a trail.

use serde::{Deserialize, Serialize};

use super::coverage::{Proof, Span};
use crate::timestamp::Timestamp;

/// Something that is not as it was delivered, or not there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// The beginning of the time that it is about.
    pub from: Timestamp,
    /// Not included.
    pub to: Timestamp,
    /// [`Proof::Unproven`] where it only cannot be checked.
    pub proof: Proof,
    /// What is wrong: a log file, a digest, or that nothing is there.
    pub about: About,
    /// The key of the object, foreign text; that of the digest before a gap.
    pub object: String,
    /// One sentence; may hold foreign text.
    pub what: String,
}

/// What a problem is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum About {
    /// One log file.
    LogFile,
    /// One digest.
    Digest,
    /// Nothing was logged, or nothing vouches for it, from the end of a digest on.
    Gap,
}

impl Problem {
    /// The time that it is about, with its proof.
    pub fn span(&self) -> Span {
        Span { from: self.from, to: self.to, proof: self.proof }
    }
}
