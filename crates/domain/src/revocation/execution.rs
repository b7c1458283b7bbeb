//! What came of each certificate of an approved request.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::state::RequestState;
use crate::serial::Serial;
use crate::timestamp::Timestamp;

/// Whether revoking is real. It is frozen with each request, and its hash covers it: nobody makes the one of the other. The
/// first installation makes drills of all requests, until configuration says otherwise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, strum::IntoStaticStr)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Mode {
    /// All but the call: people decide, and the worker plays each certificate.
    #[default]
    #[serde(rename = "dry-run")]
    #[strum(serialize = "dry-run")]
    Drill,
    /// The certificates are revoked at the CA.
    Live,
}

impl Mode {
    /// As the configuration writes it.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// Where one certificate's revocation is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, strum::IntoStaticStr)]
#[serde(tag = "state", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ItemState {
    /// Nothing was done yet, or what failed is to be tried again.
    Waiting,
    /// The call is about to be made, or was made and its outcome not yet recorded.
    Calling {
        /// When it was marked, before the call.
        since: Timestamp,
    },
    /// The CA has revoked it.
    Revoked {
        /// When the CA said so, by the clock of the executor.
        at: Timestamp,
        /// The CA said that it was revoked before: by an earlier try of ours, or by somebody else.
        before: bool,
    },
    /// Would have been revoked: the request is a drill.
    #[serde(rename = "dry_run")]
    #[strum(serialize = "dry_run")]
    Rehearsed {
        /// When it was played.
        at: Timestamp,
    },
    /// Cannot be revoked; what the CA said.
    Failed {
        /// When it was given up.
        at: Timestamp,
        /// What the CA said, or that it gave no answer within an hour.
        error: String,
        /// Since when a call may have revoked it all the same: none got an answer.
        #[serde(default)]
        unsure: Option<Timestamp>,
    },
}

/// Where a CA's revocations show, besides its reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Channels {
    /// Certificate revocation lists are switched on.
    pub crl: bool,
    /// OCSP is switched on.
    pub ocsp: bool,
}

/// What the CA's OCSP responder says of a certificate, since when as far as was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum OcspSeen {
    /// It says that the certificate is not revoked.
    Good {
        /// When that was first seen.
        since: Timestamp,
    },
    /// It says that the certificate is revoked.
    Revoked {
        /// When that was first seen.
        since: Timestamp,
    },
    /// It does not know the certificate.
    Unknown {
        /// When that was first seen.
        since: Timestamp,
    },
}

impl ItemState {
    /// As it is stored.
    pub fn name(&self) -> &'static str {
        self.into()
    }
}

/// One certificate of a request and how far its revocation is proven.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemProgress {
    /// The certificate's serial number, of the request's authority.
    pub serial: Serial,
    /// What came of it at the CA.
    pub item: ItemState,
    /// In which round it came to this state, from 0: one more each time that somebody tries the failed ones again.
    #[serde(default)]
    pub round: u32,
    /// When the inventory was told. `None` for a certificate that it does not know.
    pub inventory_at: Option<Timestamp>,
    /// When it was first seen on a CRL whose signature is good.
    pub crl_at: Option<Timestamp>,
    /// `None`: the responder was not asked, or gave no answer that counts.
    pub ocsp: Option<OcspSeen>,
    /// When a report made later showed it as revoked.
    pub report_at: Option<Timestamp>,
    /// Where its revocation must show: as the CA was configured when that was first looked for. `None`: not looked for yet,
    /// or by an older version, which knew CRLs alone.
    pub channels: Option<Channels>,
}

/// Items by state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProgressCounts {
    /// Nothing came of them yet, or a call is under way.
    pub waiting: u32,
    /// Revoked at the CA.
    pub revoked: u32,
    /// Played: the request is a drill.
    pub rehearsed: u32,
    /// Could not be revoked.
    pub failed: u32,
    /// Of those that wait or have failed: a call may have revoked it, and its answer is not known.
    pub unsure: u32,
    /// Seen on a CRL whose signature is good.
    pub on_crl: u32,
    /// Revoked, and not yet on the CRL that should list it.
    pub off_crl: u32,
    /// Revoked as the OCSP responder says, too.
    pub by_ocsp: u32,
    /// Revoked, and not as the OCSP responder says that should.
    pub not_by_ocsp: u32,
    /// Shown as revoked by a later report.
    pub in_report: u32,
    /// Revoked, and not yet seen everywhere where it must.
    pub unproven: u32,
}

/// The execution of a request: every item and what it adds up to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Execution {
    /// One for each target, in the order of their serial numbers.
    pub items: Vec<ItemProgress>,
}

impl ItemProgress {
    /// One of which nothing has come yet.
    pub fn waiting(serial: Serial) -> Self {
        Self {
            serial,
            item: ItemState::Waiting,
            round: 0,
            inventory_at: None,
            crl_at: None,
            ocsp: None,
            report_at: None,
            channels: None,
        }
    }

    /// Something is left to do at the CA: nothing came of it yet, or it failed in a round before this one.
    pub fn is_left(&self, round: u32) -> bool {
        match self.item {
            ItemState::Waiting | ItemState::Calling { .. } => true,
            ItemState::Failed { .. } => self.round < round,
            ItemState::Revoked { .. } | ItemState::Rehearsed { .. } => false,
        }
    }

    /// Since when a call of ours may have revoked it, whose answer is not known.
    pub fn called(&self) -> Option<Timestamp> {
        match self.item {
            ItemState::Calling { since } => Some(since),
            ItemState::Failed { unsure, .. } => unsure,
            _ => None,
        }
    }

    /// Seen wherever the CA publishes it, and in a later report.
    fn is_proven(&self) -> bool {
        self.is_published() && self.report_at.is_some()
    }

    /// Whoever asks the CA's CRL or responder learns of it. A CA that has neither leaves nobody to learn of it.
    pub fn is_published(&self) -> bool {
        !self.lacks_crl() && !self.lacks_ocsp()
    }

    /// It should be on a CRL, and was not seen there.
    pub fn lacks_crl(&self) -> bool {
        self.channels.is_none_or(|channels| channels.crl) && self.crl_at.is_none()
    }

    /// The OCSP responder should say that it is revoked, and was not seen to.
    pub fn lacks_ocsp(&self) -> bool {
        self.channels.is_some_and(|channels| channels.ocsp) && self.ocsp_at().is_none()
    }

    /// Since when the OCSP responder says that it is revoked.
    pub fn ocsp_at(&self) -> Option<Timestamp> {
        match self.ocsp {
            Some(OcspSeen::Revoked { since }) => Some(since),
            _ => None,
        }
    }

    /// Whether the CA has revoked it.
    pub fn is_revoked(&self) -> bool {
        matches!(self.item, ItemState::Revoked { .. })
    }
}

impl ProgressCounts {
    /// One item more.
    pub fn add(&mut self, item: &ItemProgress) {
        match item.item {
            ItemState::Waiting | ItemState::Calling { .. } => self.waiting += 1,
            ItemState::Revoked { .. } => self.revoked += 1,
            ItemState::Rehearsed { .. } => self.rehearsed += 1,
            ItemState::Failed { .. } => self.failed += 1,
        }
        self.unproven += u32::from(item.is_revoked() && !item.is_proven());
        self.unsure += u32::from(item.called().is_some());
        self.on_crl += u32::from(item.crl_at.is_some());
        self.off_crl += u32::from(item.is_revoked() && item.lacks_crl());
        self.by_ocsp += u32::from(item.ocsp_at().is_some());
        self.not_by_ocsp += u32::from(item.is_revoked() && item.lacks_ocsp());
        self.in_report += u32::from(item.report_at.is_some());
    }

    /// What they make of a request that is past approval. `overdue`: the CRL should have shown more by now.
    pub fn state(&self, overdue: bool) -> RequestState {
        if self.waiting > 0 {
            RequestState::Executing
        } else if overdue {
            // Also when others have failed: what was revoked must be seen.
            RequestState::Overdue
        } else if self.failed > 0 {
            RequestState::PartlyFailed
        } else if self.revoked > 0 && self.unproven == 0 {
            RequestState::Proven
        } else {
            RequestState::Executed
        }
    }
}

impl Execution {
    /// The same with what has failed in earlier rounds waiting again.
    pub fn in_round(mut self, round: u32) -> Self {
        for item in &mut self.items {
            if matches!(item.item, ItemState::Failed { .. }) && item.is_left(round) {
                item.item = ItemState::Waiting;
            }
        }
        self
    }

    /// The items by what came of them.
    pub fn counts(&self) -> ProgressCounts {
        let mut counts = ProgressCounts::default();
        self.items.iter().for_each(|item| counts.add(item));
        counts
    }

    /// How many may have been revoked by a call whose answer is not known, and would show it if they were later than
    /// `deadline` after it.
    pub fn unsure(&self, now: Timestamp, deadline: Duration) -> u32 {
        let may_show = |item: &&ItemProgress| item.called().is_some_and(|since| now <= since.plus(deadline));
        u32::try_from(self.items.iter().filter(may_show).count()).unwrap_or(u32::MAX)
    }

    /// What the items make of a request that is past approval. `deadline` is when CRL and OCSP should have shown them.
    pub fn state(&self, now: Timestamp, deadline: Timestamp) -> RequestState {
        let mut revoked = self.items.iter().filter(|item| item.is_revoked());
        self.counts().state(now > deadline && revoked.any(|item| !item.is_published()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_proven_only_on_crl_and_report() {
        let at = Timestamp::from_unix(1_700_000_000).unwrap();
        let (soon, late) =
            (at.plus(std::time::Duration::from_secs(60)), at.plus(std::time::Duration::from_secs(7200)));
        let mut execution = Execution { items: vec![ItemProgress::waiting("0a".parse().unwrap())] };
        assert_eq!(execution.state(soon, soon), RequestState::Executing);
        execution.items[0].item = ItemState::Revoked { at, before: false };
        assert_eq!(execution.state(at, soon), RequestState::Executed);
        assert_eq!(execution.state(late, soon), RequestState::Overdue);
        execution.items[0].crl_at = Some(soon);
        assert_eq!(execution.state(late, soon), RequestState::Executed);
        execution.items[0].report_at = Some(late);
        assert_eq!(execution.state(late, soon), RequestState::Proven);
        execution.items.push(ItemProgress {
            item: ItemState::Failed { at, error: "expired".to_owned(), unsure: None },
            ..ItemProgress::waiting("0b".parse().unwrap())
        });
        assert_eq!(execution.state(late, soon), RequestState::PartlyFailed);
        execution.items[0].crl_at = None;
        execution.items[0].report_at = None;
        assert_eq!(execution.state(soon, soon), RequestState::PartlyFailed);
        assert_eq!(execution.state(late, soon), RequestState::Overdue);
    }

    #[test]
    fn what_must_be_seen_is_what_the_ca_publishes() {
        let at = Timestamp::from_unix(1_700_000_000).unwrap();
        let late = at.plus(std::time::Duration::from_secs(7200));
        let item = |channels, crl, ocsp| ItemProgress {
            item: ItemState::Revoked { at, before: false },
            channels,
            crl_at: crl,
            ocsp,
            ..ItemProgress::waiting("0a".parse().unwrap())
        };
        let (both, neither) = (Channels { crl: true, ocsp: true }, Channels { crl: false, ocsp: false });
        let (good, revoked) = (OcspSeen::Good { since: at }, OcspSeen::Revoked { since: at });
        let state = |item: &ItemProgress| Execution { items: vec![item.clone()] }.state(late, at);
        for (item, published) in [
            (item(Some(both), Some(at), Some(good)), false),
            (item(Some(both), None, Some(revoked)), false),
            (item(Some(both), Some(at), Some(revoked)), true),
            (item(Some(Channels { crl: false, ocsp: true }), None, Some(revoked)), true),
            (item(Some(neither), None, None), true),
            (item(None, None, None), false),
        ] {
            assert_eq!(item.is_published(), published, "{item:?}");
            let expected = if published { RequestState::Executed } else { RequestState::Overdue };
            assert_eq!(state(&item), expected, "{item:?}");
            let reported = ItemProgress { report_at: Some(late), ..item };
            assert_eq!(reported.is_proven(), published, "{reported:?}");
        }
    }

    #[test]
    fn items_of_older_versions_are_read() {
        let old = r#"{"serial": "0a", "item": {"state": "revoked", "at": "2026-11-22T08:00:00Z", "before": false},
            "inventory_at": null, "crl_at": "2026-11-22T08:30:00Z", "report_at": null}"#;
        let item: ItemProgress = serde_json::from_str(old).unwrap();
        assert!((item.channels, item.ocsp) == (None, None) && item.is_published());
    }
}
