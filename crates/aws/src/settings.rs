//! What configuration says about AWS. Endpoints and credentials are not here: they come from the SDK's own
//! environment variables and profiles, as everywhere on AWS.

use domain::InventoryAttributes;
use serde::{Deserialize, Serialize};

/// Region, tables and credentials.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    pub region: String,
    /// The AWS profile that revokes and writes the inventory; `None`: the same credentials as for everything else.
    pub executor_profile: Option<String>,
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
