//! What configuration says about AWS. Endpoints and credentials are not here: they come from the SDK's own
//! environment variables and profiles, as everywhere on AWS.

use domain::InventoryAttributes;
use serde::{Deserialize, Serialize};

/// Who asks AWS. What each reads and writes is in [`crate::Partition`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Process {
    /// Serves pages, takes requests and decisions. Has nothing that can revoke.
    Web,
    /// Works in the background: runs, trail, alerts, execution, proof.
    Worker {
        /// The AWS profile that revokes and writes the inventory; `None`: the same credentials as for everything else.
        executor_profile: Option<String>,
    },
}

impl Process {
    pub fn name(&self) -> &'static str {
        match self {
            Self::Web => "web",
            Self::Worker { .. } => "worker",
        }
    }
}

/// Region, tables and credentials.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    pub process: Process,
    pub region: String,
    /// The console's own table.
    pub console_table: String,
    pub inventory: InventorySettings,
}

/// The user's table of issued certificates: its partition key is the device's attribute, its sort key the serial
/// number's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InventorySettings {
    pub table: String,
    #[serde(default)]
    pub attributes: InventoryAttributes,
}
