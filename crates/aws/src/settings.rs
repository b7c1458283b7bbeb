//! What configuration says about AWS. Endpoints and credentials are not here: they come from the SDK's own
//! environment variables and profiles, as everywhere on AWS.

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

/// The user's table of issued certificates.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InventorySettings {
    pub table: String,
    #[serde(default)]
    pub attributes: InventoryAttributes,
}

/// How the provisioning service names the attributes of an inventory item. `device` is the table's partition key and
/// `serial` its sort key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct InventoryAttributes {
    pub device: String,
    pub serial: String,
    pub issued_at: String,
    pub expires_at: String,
    pub revoked_at: String,
    pub authority: String,
    pub subject: String,
    pub revocation_reason: String,
}

impl Default for InventoryAttributes {
    fn default() -> Self {
        Self {
            device: "device_id".to_owned(),
            serial: "cert_serial".to_owned(),
            issued_at: "issued_at".to_owned(),
            expires_at: "expires_at".to_owned(),
            revoked_at: "revoked_at".to_owned(),
            authority: "ca_arn".to_owned(),
            subject: "subject".to_owned(),
            revocation_reason: "revocation_reason".to_owned(),
        }
    }
}
