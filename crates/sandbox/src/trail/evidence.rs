//! What is done to a trail to hide something, and what can be told of it afterwards.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use time::OffsetDateTime;
use time::macros::format_description;

use super::identity;
use crate::keys::Role;

/// What is to be done to the past of a trail.
#[derive(Clone, Debug)]
pub(crate) struct Damage {
    /// The files with the events of these certificates are deleted. Serials are hex without colons.
    pub(crate) deleted: Vec<String>,
    /// The files with the events of these are edited: the provisioning service is to have issued them.
    pub(crate) edited: Vec<String>,
    /// The administrator stops logging and starts it again.
    pub(crate) stopped: (OffsetDateTime, OffsetDateTime),
}

/// What is wrong with a trail as it was written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Evidence {
    /// Hours with a file that is deleted or edited: `2026-11-22T09`.
    pub(crate) altered: BTreeSet<String>,
    /// Hours in which logging was stopped.
    pub(crate) stopped: BTreeSet<String>,
    /// Serials of certificates whose every event was deleted, edited or not logged.
    pub(crate) unattributed: BTreeSet<String>,
}

/// What becomes of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    Whole,
    Deleted,
    Edited,
}

impl Damage {
    /// The fate of a file with these events.
    pub(super) fn fate<'a>(&self, mut records: impl Iterator<Item = &'a Value>) -> Fate {
        records
            .find_map(|record| {
                let serial = issued(record)?;
                if self.deleted.contains(&serial) {
                    Some(Fate::Deleted)
                } else {
                    self.edited.contains(&serial).then_some(Fate::Edited)
                }
            })
            .unwrap_or(Fate::Whole)
    }

    /// Names the provisioning service as the issuer, if this is an event of a certificate to be hidden.
    pub(super) fn edit(&self, record: &mut Value) {
        if !issued(record).is_some_and(|serial| self.edited.contains(&serial)) {
            return;
        }
        let forged = Role::Provisioning;
        if record["eventName"] == "IssueCertificate" {
            let at = OffsetDateTime::UNIX_EPOCH;
            let mut identity = identity::of(forged.identity(), &forged.access_key_id(), at);
            let session = &record["userIdentity"]["sessionContext"]["attributes"]["creationDate"];
            identity["sessionContext"]["attributes"]["creationDate"] = session.clone();
            record["userIdentity"] = identity;
            record["sourceIPAddress"] = forged.address().into();
        } else {
            record["serviceEventDetails"]["requesterArn"] = forged.identity().principal().into();
        }
    }
}

/// The serial of the certificate whose issuance this event shows: lower-case hex without colons.
pub(super) fn issued(record: &Value) -> Option<String> {
    match record["eventName"].as_str()? {
        "IssueCertificate" => {
            let arn = record["responseElements"]["certificateArn"].as_str()?;
            arn.rsplit('/').next().map(str::to_owned)
        }
        "IssueCertificateDetails" => {
            let serial = record["serviceEventDetails"]["serialNumber"].as_str()?;
            Some(serial.replace(':', "").to_lowercase())
        }
        _ => None,
    }
}

/// The hour as findings name it.
pub(super) fn hour(time: OffsetDateTime) -> String {
    // Formatting a date in memory fails for no date of this century.
    time.format(format_description!("[year]-[month]-[day]T[hour]")).unwrap_or_default()
}
