//! A request that can be made: what its dry run says, in numbers, the dangerous part first, and a page of its certificates.

mod already;

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use strum::VariantArray;

use super::{Authority, PAGE_SIZE, Shown};
use crate::dry_run::{DryRun, DryRunLine, Obstacle, SameKey};
use crate::finding::FindingId;
use crate::inventory::DeviceId;
use crate::reason::RevocationReason;
use crate::revocation::{Asked, AskedBefore, Channels, Policy, Unread};
use crate::serial::Serial;
use crate::timestamp::Timestamp;

pub use already::AlreadyAsked;

/// As many devices, callers and certificates of the same keys as are named with the numbers.
const NAMED: usize = 20;

/// Certificates of one outcome of a dry run: what a list of them is narrowed to.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, strum::VariantArray, strum::IntoStaticStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Foretold {
    /// Its device would be left without a valid certificate.
    CutOff,
    /// It can be revoked.
    Revocable,
    /// See [`Obstacle::AlreadyRevoked`].
    AlreadyRevoked,
    /// See [`Obstacle::Expired`].
    Expired,
    /// See [`Obstacle::OtherAuthority`].
    OtherAuthority,
    /// See [`Obstacle::Infrastructure`].
    Infrastructure,
    /// See [`Obstacle::Unknown`].
    Unknown,
}

impl Foretold {
    /// Every outcome, in the order of their declaration.
    pub const ALL: &[Self] = Self::VARIANTS;

    /// The name in URLs.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// Whether a certificate is of this outcome, by what a dry run says of it.
    pub fn is(self, obstacle: Option<Obstacle>, last_of_device: bool) -> bool {
        match self {
            Self::CutOff => last_of_device,
            Self::Revocable => obstacle.is_none(),
            refused => obstacle.is_some_and(|obstacle| Self::from(obstacle) == refused),
        }
    }
}

impl From<Obstacle> for Foretold {
    fn from(obstacle: Obstacle) -> Self {
        match obstacle {
            Obstacle::AlreadyRevoked => Self::AlreadyRevoked,
            Obstacle::Expired => Self::Expired,
            Obstacle::OtherAuthority => Self::OtherAuthority,
            Obstacle::Infrastructure => Self::Infrastructure,
            Obstacle::Unknown => Self::Unknown,
        }
    }
}

/// What AWS says of the authority now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthorityNow {
    /// Where it publishes revocations.
    pub channels: Channels,
    /// `ACTIVE`, `DISABLED`, `EXPIRED`, …
    pub status: String,
}

impl AuthorityNow {
    /// Whether it takes no revocation: that needs `ACTIVE` or `DISABLED`. Source: AWS Private CA user guide, "Updating a
    /// private CA", the table of states.
    pub fn refuses(&self) -> bool {
        !matches!(self.status.as_str(), "ACTIVE" | "DISABLED")
    }
}

/// The dry run in numbers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DryRunCounts {
    /// How many can be revoked.
    pub revocable: u64,
    /// How many cannot be revoked, by what stands against it.
    pub refused: Vec<(Obstacle, u64)>,
    /// How many devices have at least one of them.
    pub devices_touched: u64,
    /// Devices that would be left without a valid certificate.
    pub devices_cut_off: u64,
    /// The first of them.
    pub cut_off: Vec<DeviceId>,
    /// Who had those that can be revoked issued, who had the most first; `None`: no intact event says so.
    pub callers: Vec<(Option<String>, u64)>,
    /// How many more callers there are.
    pub more_callers: u64,
    /// Of how many of all, whether they can be revoked or not, the public key is not known.
    pub keys_unknown: u64,
    /// How many others in force have one of the keys that are known.
    pub same_key: u64,
    /// The first of them.
    pub same_key_first: Vec<SameKey>,
    /// How long the calls take at the configured rate.
    pub takes: Duration,
    /// How fresh the records are that say so; `None`: they were never read.
    pub as_of: Option<Timestamp>,
    /// `None`: it was not asked, or AWS did not say.
    pub authority: Option<AuthorityNow>,
}

/// A request that can be made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    /// The one authority that it is about.
    pub authority: Authority,
    /// Exactly those that the request will be about: all that can be revoked.
    pub shown: Shown,
    /// The only one of them, to name the request by.
    pub single: Option<Serial>,
    /// The finding it comes from, if its certificate is among them.
    pub finding: Option<FindingId>,
    /// The reasons that may be given, and how many approvals each needs.
    pub approvals: Vec<(RevocationReason, u32)>,
    /// What the dry run says, in numbers.
    pub dry_run: DryRunCounts,
    /// A page of the certificates: those that leave a device without one, those that cannot be revoked, then the rest.
    pub lines: Vec<DryRunLine>,
    /// Which part of the certificates [`Proposal::lines`] is.
    pub narrowed: Narrowed,
    /// On all pages.
    pub lines_total: u64,
    /// Those that a request is about already, which another one would not be made for. Looked for only where they are few.
    pub asked: Vec<AlreadyAsked>,
}

/// Which part of the certificates a page lists.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Narrowed {
    /// `None`: all.
    pub only: Option<Foretold>,
    /// From 0.
    pub page: u32,
}

impl Narrowed {
    /// The page of what is left of `lines`, and how many are on all pages.
    pub(super) fn page_of<T>(
        self,
        lines: impl Iterator<Item = T>,
        is: impl Fn(&T, Foretold) -> bool,
    ) -> (Vec<T>, u64) {
        let size = usize::try_from(PAGE_SIZE).unwrap_or(usize::MAX);
        let skipped = size.saturating_mul(usize::try_from(self.page).unwrap_or(usize::MAX));
        let kept: Vec<T> = lines.filter(|line| self.only.is_none_or(|only| is(line, only))).collect();
        let total = number(kept.len());
        (kept.into_iter().skip(skipped).take(size).collect(), total)
    }
}

/// What the page of a new request begins with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// All that are configured, to choose from.
    pub authorities: Vec<Authority>,
    /// How far the choice of certificates is.
    pub step: Step,
}

/// How far somebody is on the way to a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Nobody has said yet what to revoke.
    Nothing,
    /// A list has lines that cannot be read, beside so many certificates.
    Unread {
        /// The lines that cannot be read.
        unread: Unread,
        /// How many certificates the other lines name.
        read: u64,
    },
    /// What can be requested, as a dry run shows it.
    Proposed(Proposed),
}

/// The requests that can be made in one go, one for each authority: those that leave most devices without a certificate first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposed {
    /// One for each authority that has some of what was chosen.
    pub proposals: Vec<Proposal>,
    /// The authorities of which nothing can be asked for, each with the number of certificates that were chosen, and why.
    pub refused: Vec<(Authority, u64, String)>,
}

impl Proposed {
    /// Those of which something can be asked for.
    pub fn asking(&self) -> impl Iterator<Item = &Proposal> {
        self.proposals.iter().filter(|proposal| proposal.asks())
    }

    /// Exactly the certificates that the requests will be about.
    pub fn shown(&self) -> Shown {
        let each = self.asking().map(|proposal| (proposal.authority.arn.id(), proposal.shown.clone()));
        Shown::together(each.collect())
    }

    /// The reasons that may be given, and how many approvals each needs at most.
    pub fn approvals(&self) -> Vec<(RevocationReason, u32)> {
        let mut needed: Vec<(RevocationReason, u32)> = Vec::new();
        for (reason, approvals) in self.asking().flat_map(|proposal| proposal.approvals.iter().copied()) {
            match needed.iter_mut().find(|(known, _)| *known == reason) {
                Some((_, most)) => *most = approvals.max(*most),
                None => needed.push((reason, approvals)),
            }
        }
        needed
    }
}

impl DryRunCounts {
    /// `rate`: revocations a second.
    pub fn of(dry_run: &DryRun, rate: u32) -> Self {
        let mut refused = BTreeMap::new();
        for (_, obstacle) in dry_run.refused() {
            *refused.entry(obstacle).or_insert(0) += 1;
        }
        let mut by_caller = BTreeMap::new();
        for line in dry_run.revocable() {
            *by_caller.entry(line.caller.clone()).or_insert(0) += 1;
        }
        let mut callers: Vec<(Option<String>, u64)> = by_caller.into_iter().collect();
        callers.sort_by_key(|(_, number)| std::cmp::Reverse(*number));
        let more_callers = number(callers.len().saturating_sub(NAMED));
        callers.truncate(NAMED);
        let cut_off = dry_run.devices_cut_off();
        let revocable = number(dry_run.revocable().count());
        Self {
            revocable,
            refused: refused.into_iter().collect(),
            devices_touched: number(dry_run.devices_touched().len()),
            devices_cut_off: number(cut_off.len()),
            cut_off: cut_off.into_iter().take(NAMED).cloned().collect(),
            callers,
            more_callers,
            keys_unknown: number(dry_run.lines.iter().filter(|line| line.key.is_none()).count()),
            same_key: number(dry_run.same_key.len()),
            same_key_first: dry_run.same_key.iter().take(NAMED).cloned().collect(),
            takes: Duration::from_secs(revocable.div_ceil(u64::from(rate.max(1)))),
            as_of: dry_run.as_of,
            authority: None,
        }
    }

    /// How many cannot be revoked, whatever stands against it.
    pub fn refused(&self) -> u64 {
        self.refused.iter().map(|(_, number)| number).sum()
    }
}

impl Proposal {
    /// Whether anything can be asked for.
    fn asks(&self) -> bool {
        let refuses = self.dry_run.authority.as_ref().is_some_and(AuthorityNow::refuses);
        self.dry_run.revocable > 0 && !refuses
    }

    /// `before`: what the viewer has asked for of the same authority.
    pub fn of(
        authority: Authority,
        dry_run: DryRun,
        counts: DryRunCounts,
        finding: Option<FindingId>,
        policy: &Policy,
        before: &[AskedBefore],
        narrowed: Narrowed,
    ) -> Self {
        let serials: Vec<Serial> = dry_run.revocable().map(|line| line.target.serial).collect();
        let needed = |reason| {
            policy.approvals(&Asked { authority: &authority.arn, reason, targets: serials.len(), before })
        };
        let single = if let [one] = serials[..] { Some(one) } else { None };
        let approvals = policy.reasons().map(|reason| (reason, needed(reason))).collect();
        let mut lines = dry_run.lines;
        lines.sort_by_key(|line| (!line.last_of_device, line.obstacle.is_none()));
        let (lines, lines_total) = narrowed.page_of(lines.into_iter(), |line: &DryRunLine, only| {
            only.is(line.obstacle, line.last_of_device)
        });
        let finding =
            finding.filter(|id| id.subject.serial().is_some_and(|serial| serials.contains(&serial)));
        let shown = Shown::of(serials);
        Self {
            authority,
            shown,
            single,
            finding,
            approvals,
            dry_run: counts,
            lines,
            narrowed,
            lines_total,
            asked: Vec::new(),
        }
    }
}

fn number(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::KeyHash;
    use crate::revocation::fixture::{draft, now, target};

    fn line(
        serial: &str,
        obstacle: Option<Obstacle>,
        last_of_device: bool,
        caller: Option<&str>,
    ) -> DryRunLine {
        DryRunLine {
            target: target(serial),
            obstacle,
            last_of_device,
            newest_other: None,
            revoked_at: None,
            revoked_for: None,
            caller: caller.map(str::to_owned),
            key: (serial == "0a").then(|| KeyHash::of(b"a key")),
        }
    }

    #[test]
    fn the_dangerous_part_comes_first_and_each_part_can_be_listed_alone() {
        let lines = vec![
            line("0a", None, false, Some("fleet")),
            line("0b", Some(Obstacle::Expired), false, Some("fleet")),
            line("0c", None, true, None),
            line("0d", None, false, Some("fleet")),
        ];
        let others = (1..=30).map(|n| SameKey {
            serial: format!("{n:02x}").parse().unwrap(),
            key: KeyHash::of(b"a key"),
            device: None,
        });
        let run =
            DryRun { authority: draft(&[]).authority, lines, same_key: others.collect(), as_of: Some(now()) };
        let counts = DryRunCounts::of(&run, 2);
        assert_eq!(counts.callers, [(Some("fleet".to_owned()), 2), (None, 1)], "of what can be revoked");
        assert_eq!((counts.takes.as_secs(), counts.refused()), (2, 1));
        let keys = (counts.keys_unknown, counts.same_key, counts.same_key_first.len());
        assert_eq!(keys, (3, 30, NAMED));
        let listed = |only, page| {
            let narrowed = Narrowed { only, page };
            let authority = Authority { arn: run.authority.clone(), name: String::new() };
            let policy = Policy::default();
            let proposal = Proposal::of(authority, run.clone(), counts.clone(), None, &policy, &[], narrowed);
            let serials = proposal.lines.iter().map(|line| line.target.serial.to_string());
            (serials.collect::<Vec<_>>().join(" "), proposal.lines_total)
        };
        assert_eq!(listed(None, 0), ("0c 0b 0a 0d".to_owned(), 4));
        assert_eq!(listed(Some(Foretold::CutOff), 0), ("0c".to_owned(), 1));
        assert_eq!(listed(Some(Foretold::Expired), 0), ("0b".to_owned(), 1));
        assert_eq!(listed(Some(Foretold::Revocable), 0), ("0c 0a 0d".to_owned(), 3));
        assert_eq!(listed(Some(Foretold::Unknown), 0), (String::new(), 0));
        assert_eq!(listed(None, u32::MAX), (String::new(), 4));
    }

    #[test]
    fn an_authority_takes_revocations_in_two_states() {
        let refuses = |status: &str| {
            AuthorityNow { channels: Channels { crl: true, ocsp: false }, status: status.to_owned() }
                .refuses()
        };
        assert!(!refuses("ACTIVE") && !refuses("DISABLED"));
        for status in ["EXPIRED", "DELETED", "FAILED", "CREATING", "PENDING_CERTIFICATE", "unknown"] {
            assert!(refuses(status), "{status}");
        }
    }
}
