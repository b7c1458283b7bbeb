//! What a finding rests on: what the records said, or what an alert saw.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::id::{FindingId, Subject};
use crate::authority::AuthorityArn;
use crate::finding_kind::FindingKind;
use crate::foreign::{Text, stored_json};
use crate::inventory::InventoryItem;
use crate::report::ReportRow;
use crate::scope::Scope;
use crate::serial::Serial;
use crate::timestamp::Timestamp;
use crate::trail::{Authorisation, EventId, Identity, Issuance, Proof, RevocationCall};

/// What the records said when it was last seen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// The row of the newest report; `None`: the report has none.
    pub report: Option<ReportRow>,
    /// More than one only for a duplicate.
    pub inventory: Vec<InventoryItem>,
    /// Who had the certificate issued, where the trail says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuance: Option<Issuance>,
    /// Whether that identity may.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authorisation: Option<Authorisation>,
    /// Who called RevokeCertificate, where the trail says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revocation: Option<RevocationCall>,
    /// What an alert saw.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alert: Option<AlertFacts>,
    /// What there was besides, and is not kept here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left_out: Option<LeftOut>,
}

/// What of the records a finding does not keep: it must fit into an item of DynamoDB, whatever strangers wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LeftOut {
    /// So many inventory items, besides those that are here.
    Items(u64),
    /// Everything: it could not be stored.
    Everything,
    /// Everything: what was stored cannot be read.
    Unreadable,
}

impl LeftOut {
    /// It as a sentence for people.
    pub fn sentence(self) -> String {
        match self {
            Self::Items(1) => "One more item of the inventory has this serial number.".to_owned(),
            Self::Items(count) => format!("{count} more items of the inventory have this serial number."),
            Self::Everything => {
                "What was found could not be stored with the finding: look into the records themselves."
                    .to_owned()
            }
            Self::Unreadable => {
                "What is stored of this finding cannot be read: somebody has changed the console's table by \
                hand, or another version of Countersign wrote it. Look into the records themselves."
                    .to_owned()
            }
        }
    }
}

impl Evidence {
    /// The most that it has, in bytes as it is stored.
    pub const BYTES: usize = 64 * 1024;
    /// How many inventory items are kept, and how many bytes of a text.
    const ITEMS: usize = 20;
    const TEXT: usize = 1000;

    /// Cut to [`Evidence::BYTES`], after everything was judged whole: texts first, then the last of the inventory's items.
    #[must_use]
    pub fn bounded(mut self) -> Self {
        let Self { report, inventory, issuance, revocation, alert, .. } = &mut self;
        let all = inventory.len();
        inventory.truncate(Self::ITEMS);
        for InventoryItem { subject, revocation_reason, .. } in inventory {
            [subject, revocation_reason].into_iter().flatten().for_each(cut);
        }
        if let Some(ReportRow { subject, revocation_reason, template, requested_by_service, .. }) = report {
            [subject, revocation_reason, template, requested_by_service].into_iter().flatten().for_each(cut);
        }
        if let Some(Issuance { identity, address, user_agent, template, .. }) = issuance {
            cut_identity(identity);
            [address, user_agent, template].into_iter().flatten().for_each(cut);
        }
        if let Some(RevocationCall { identity, address, reason, .. }) = revocation {
            cut_identity(identity);
            [address, reason].into_iter().flatten().for_each(cut);
        }
        if let Some(AlertFacts { what, identity, address, events, .. }) = alert {
            *what = Text::new(what).into();
            identity.iter_mut().for_each(cut_identity);
            address.iter_mut().for_each(cut);
            events.truncate(AlertFacts::EVENTS);
        }
        while stored_json(&self) > Self::BYTES && self.inventory.pop().is_some() {}
        let missing = all - self.inventory.len();
        if missing > 0 {
            self.left_out = Some(LeftOut::Items(u64::try_from(missing).unwrap_or(u64::MAX)));
        }
        self
    }

    /// What is kept where not even that can be stored: who it was and whether they may, cut short.
    #[must_use]
    pub(super) fn stub(&self) -> Self {
        let bounded = self.clone().bounded();
        Self {
            issuance: bounded.issuance,
            authorisation: bounded.authorisation,
            alert: bounded.alert,
            left_out: Some(LeftOut::Everything),
            ..Self::default()
        }
    }
}

fn cut_identity(identity: &mut Identity) {
    let Identity { principal, session, account, access_key, invoked_by, .. } = identity;
    cut(principal);
    [session, account, access_key, invoked_by].into_iter().flatten().for_each(cut);
}

fn cut(text: &mut String) {
    *text = Text::within(text, Evidence::TEXT).into();
}

/// What an alert saw.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertFacts {
    /// When it happened: of a burst the last call, of anything else the first of what is behind it.
    pub at: Timestamp,
    /// One sentence in our words; names in it are foreign.
    pub what: String,
    /// Who called; `None`: it was nobody's call, or is not known.
    pub identity: Option<Identity>,
    /// The address that the call came from, as CloudTrail has it: foreign text.
    pub address: Option<String>,
    /// The events behind it, the first ones; none for a digest.
    pub events: Vec<EventId>,
    /// How many there were.
    pub count: u64,
    /// What became of the trail's objects that it is about.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub proofs: BTreeSet<Proof>,
}

impl AlertFacts {
    /// How many events are named.
    pub const EVENTS: usize = 20;
}

/// What a run says: there is a disagreement of this kind about this certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Disagreement {
    /// What disagrees: never an alert ([`FindingKind::is_alert`]).
    pub kind: FindingKind,
    /// The authority that was compared.
    pub authority: AuthorityArn,
    /// The certificate's serial number.
    pub serial: Serial,
    /// What the records say of it.
    pub evidence: Evidence,
}

impl Disagreement {
    /// The finding that it is, in each run the same.
    pub fn id(&self) -> FindingId {
        FindingId {
            kind: self.kind,
            scope: Scope::from(&self.authority),
            subject: Subject::Certificate(self.serial),
        }
    }
}
