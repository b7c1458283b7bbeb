//! An authority, as pages name it.

use serde::{Deserialize, Serialize};

use crate::authority::AuthorityArn;

/// An authority that Countersign looks after, from configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Authority {
    /// Its ARN; with it the CA is called.
    pub arn: AuthorityArn,
    /// The name people know it by.
    pub name: String,
}
