//! One run.

use serde::{Deserialize, Serialize};

use super::authority::Authority;
use crate::run::Run;

/// One run, as far as it has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunView {
    pub run: Run,
    pub authority: Authority,
}
