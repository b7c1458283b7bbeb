//! What people do with a request after its approval.

use serde::{Deserialize, Serialize};

use crate::people::Person;
use crate::timestamp::Timestamp;

/// What somebody does with a request that is past approval.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, strum::VariantArray, strum::IntoStaticStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Step {
    /// No new call is made.
    Halt,
    /// What was halted is carried out after all.
    Resume,
    /// What has failed is tried again, under the same approval.
    Retry,
    /// Nothing more is carried out; what was revoked is still proven.
    Close,
}

impl Step {
    /// As forms and the ledger write it.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// What somebody did with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intervention {
    /// Which step they took.
    pub step: Step,
    /// Who took it.
    pub by: Person,
    /// When they took it, by the console's clock.
    pub at: Timestamp,
    /// Why: to close it 10 to 2,000 characters, otherwise up to 2,000 or nothing.
    pub why: Option<String>,
}
