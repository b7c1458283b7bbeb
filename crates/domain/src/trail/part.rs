//! The parts of a trail.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The trail of one account and Region: one sequence of files.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TrailPart {
    /// The AWS account, 12 digits.
    pub account: String,
    /// The AWS Region, such as `eu-central-1`.
    pub region: String,
}

impl fmt::Display for TrailPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} in {}", self.account, self.region)
    }
}
