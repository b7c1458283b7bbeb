//! A request that can be made: what its dry run says, in numbers and for the certificates that need attention first.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Authority, Shown};
use crate::dry_run::{DryRun, DryRunLine, Obstacle};
use crate::finding::FindingId;
use crate::reason::RevocationReason;
use crate::revocation::{Asked, AskedBefore, Channels, Policy, Unread};
use crate::serial::Serial;
use crate::timestamp::Timestamp;

/// As many certificates of a dry run as the form lists one by one.
pub const LISTED: usize = 200;

/// The dry run in numbers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DryRunCounts {
    pub revocable: u64,
    /// How many cannot be revoked, by what stands against it.
    pub refused: Vec<(Obstacle, u64)>,
    pub devices_touched: u64,
    /// Devices that would be left without a valid certificate.
    pub devices_cut_off: u64,
    /// How fresh the records are that say so; `None`: they were never read.
    pub as_of: Option<Timestamp>,
    /// Where the authority publishes revocations now; `None`: it was not asked, or AWS did not say.
    pub channels: Option<Channels>,
}

/// A request that can be made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    pub authority: Authority,
    /// Exactly those that the request will be about: all that can be revoked.
    pub shown: Shown,
    /// The only one of them, to name the request by.
    pub single: Option<Serial>,
    /// The finding it comes from, if its certificate is among them.
    pub finding: Option<FindingId>,
    /// The reasons that may be given, and how many approvals each needs.
    pub approvals: Vec<(RevocationReason, u32)>,
    pub dry_run: DryRunCounts,
    /// The first [`LISTED`]: those that cannot be revoked, those that leave a device without one, then the rest.
    pub lines: Vec<DryRunLine>,
}

/// What the page of a new request begins with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    pub authorities: Vec<Authority>,
    pub step: Step,
}

/// How far somebody is on the way to a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Nobody has said yet what to revoke.
    Nothing,
    /// What was chosen is of these authorities, each with the number of certificates; a request is about one.
    Authorities(Vec<(Authority, u64)>),
    /// A list has lines that cannot be read, beside so many certificates.
    Unread {
        unread: Unread,
        read: u64,
    },
    Proposal(Box<Proposal>),
}

impl DryRunCounts {
    pub fn of(dry_run: &DryRun) -> Self {
        let mut refused = BTreeMap::new();
        for (_, obstacle) in dry_run.refused() {
            *refused.entry(obstacle).or_insert(0) += 1;
        }
        Self {
            revocable: number(dry_run.revocable().count()),
            refused: refused.into_iter().collect(),
            devices_touched: number(dry_run.devices_touched().len()),
            devices_cut_off: number(dry_run.devices_cut_off().len()),
            as_of: dry_run.as_of,
            channels: None,
        }
    }

    pub fn refused(&self) -> u64 {
        self.refused.iter().map(|(_, number)| number).sum()
    }
}

impl Proposal {
    /// `before`: what the viewer has asked for of the same authority.
    pub fn of(
        authority: Authority,
        dry_run: DryRun,
        finding: Option<FindingId>,
        policy: &Policy,
        before: &[AskedBefore],
    ) -> Self {
        let counts = DryRunCounts::of(&dry_run);
        let serials: Vec<Serial> = dry_run.revocable().map(|line| line.target.serial).collect();
        let needed = |reason| {
            policy.approvals(&Asked { authority: &authority.arn, reason, targets: serials.len(), before })
        };
        let single = if let [one] = serials[..] { Some(one) } else { None };
        let approvals = policy.reasons().map(|reason| (reason, needed(reason))).collect();
        let mut lines = dry_run.lines;
        lines.sort_by_key(|line| (line.obstacle.is_none(), !line.last_of_device));
        lines.truncate(LISTED);
        let finding =
            finding.filter(|id| id.subject.serial().is_some_and(|serial| serials.contains(&serial)));
        let shown = Shown::of(serials);
        Self { authority, shown, single, finding, approvals, dry_run: counts, lines }
    }
}

fn number(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
