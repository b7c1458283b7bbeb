//! Telling somebody outside about an alert.

use serde::{Deserialize, Serialize};

use crate::timestamp::Timestamp;

/// What became of telling somebody about an alert.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notification {
    /// Where it went: the host of the webhook.
    pub to: String,
    /// When the alert was raised.
    pub created_at: Timestamp,
    /// How often it was tried to deliver it, also without success.
    pub attempts: u32,
    /// When the webhook took it; `None`: not yet.
    pub delivered_at: Option<Timestamp>,
    /// When it is tried next; `None`: it is delivered, or given up.
    pub next_attempt: Option<Timestamp>,
    /// What went wrong the last time.
    pub problem: Option<String>,
}
