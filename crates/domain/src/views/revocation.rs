//! What the pages of revocations show: the dry run in numbers, a request that can be made, and one that was. Everything is
//! counted, and of its certificates there is a page at a time: a request may have 10,000 of them, and each is known to
//! the records three times over.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use super::{Authority, Moment, PAGE_SIZE, RequestPage, RequestView};
use crate::dry_run::{DryRun, DryRunLine, Obstacle};
use crate::finding::FindingId;
use crate::inventory::DeviceId;
use crate::revocation::{ItemProgress, Mode, ProgressCounts, Refusal, Request, RequestState, Target};
use crate::serial::Serial;
use crate::timestamp::Timestamp;

/// As many certificates of a dry run as the form lists one by one.
pub const LISTED: usize = 200;

/// As many changes as are told one by one.
const TOLD: usize = 20;

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
}

/// A request that can be made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    pub authority: Authority,
    /// Exactly those that the request will be about: all that can be revoked.
    pub serials: Vec<Serial>,
    /// The finding it comes from, if its certificate is among them.
    pub finding: Option<FindingId>,
    pub dry_run: DryRunCounts,
    /// The first [`LISTED`]: those that cannot be revoked, those that leave a device without one, then the rest.
    pub lines: Vec<DryRunLine>,
}

/// What the page of a new request begins with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    pub authorities: Vec<Authority>,
    /// `None`: nobody has said yet what to revoke.
    pub proposal: Option<Proposal>,
}

/// A page of requests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestList {
    /// What waits for approval, on the first page of the whole list.
    pub waiting: Vec<Request>,
    pub page: RequestPage,
    pub authorities: Vec<Authority>,
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
        }
    }

    pub fn refused(&self) -> u64 {
        self.refused.iter().map(|(_, number)| number).sum()
    }
}

impl Proposal {
    pub fn of(authority: Authority, dry_run: DryRun, finding: Option<FindingId>) -> Self {
        let counts = DryRunCounts::of(&dry_run);
        let serials: Vec<Serial> = dry_run.revocable().map(|line| line.target.serial).collect();
        let mut lines = dry_run.lines;
        lines.sort_by_key(|line| (line.obstacle.is_none(), !line.last_of_device));
        lines.truncate(LISTED);
        let finding =
            finding.filter(|id| id.subject.serial().is_some_and(|serial| serials.contains(&serial)));
        Self { authority, serials, finding, dry_run: counts, lines }
    }
}

fn number(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

/// One request as its page shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestDetail {
    pub request: Request,
    pub authority: Authority,
    /// The dry run as of now, over all targets.
    pub dry_run: DryRunCounts,
    /// What is otherwise now than when the request was made; told while it waits.
    pub changes: Changes,
    /// One page of the targets, in the order of their serial numbers.
    pub targets: Vec<TargetLine>,
    /// From 0.
    pub page: u32,
    pub counts: ProgressCounts,
    pub timeline: Vec<Moment>,
    pub cannot_decide: Option<Refusal>,
    pub cannot_cancel: Option<Refusal>,
    pub mode: Mode,
}

/// How many changes there are, and the first of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changes {
    pub count: u64,
    pub first: Vec<Change>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    pub serial: Serial,
    pub what: Changed,
}

/// What is otherwise than it was frozen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Changed {
    /// It cannot be revoked any more.
    Obstacle(Obstacle),
    /// It belongs to this device now; `None`: it is no longer in the inventory.
    Device(Option<DeviceId>),
}

/// One target: what was frozen, what the dry run says of it now, and how far its revocation is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetLine {
    pub target: Target,
    pub obstacle: Option<Obstacle>,
    pub last_of_device: bool,
    /// `None` until it is approved.
    pub item: Option<ItemProgress>,
}

impl RequestDetail {
    pub fn of(view: RequestView, page: u32) -> Self {
        let dry_run = DryRunCounts::of(&view.dry_run);
        let now: HashMap<Serial, DryRunLine> =
            view.dry_run.lines.into_iter().map(|line| (line.target.serial, line)).collect();
        let changes = match view.state {
            RequestState::Pending => changes(&view.targets, &now),
            _ => Changes::default(),
        };
        let counts = view.execution.counts();
        let mut items: HashMap<Serial, ItemProgress> = match view.state.is_countersigned() {
            true => view.execution.items.into_iter().map(|item| (item.serial, item)).collect(),
            false => HashMap::new(),
        };
        let size = usize::try_from(PAGE_SIZE).unwrap_or(usize::MAX);
        let skipped = size.saturating_mul(usize::try_from(page).unwrap_or(usize::MAX));
        let line = |target: Target| {
            let line = now.get(&target.serial);
            TargetLine {
                obstacle: line.and_then(|line| line.obstacle),
                last_of_device: line.is_some_and(|line| line.last_of_device),
                item: items.remove(&target.serial),
                target,
            }
        };
        Self {
            targets: view.targets.into_iter().skip(skipped).take(size).map(line).collect(),
            request: view.request,
            authority: view.authority,
            dry_run,
            changes,
            page,
            counts,
            timeline: view.timeline,
            cannot_decide: view.cannot_decide,
            cannot_cancel: view.cannot_cancel,
            mode: view.mode,
        }
    }
}

fn changes(targets: &[Target], now: &HashMap<Serial, DryRunLine>) -> Changes {
    let mut all = Changes::default();
    for target in targets {
        let Some(line) = now.get(&target.serial) else { continue };
        let device = &line.target.device;
        let moved = (*device != target.device).then(|| Changed::Device(device.clone()));
        for what in [line.obstacle.map(Changed::Obstacle), moved].into_iter().flatten() {
            all.count += 1;
            if all.first.len() < TOLD {
                all.first.push(Change { serial: target.serial, what });
            }
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(serial: &str, device: Option<&str>) -> Target {
        Target {
            serial: serial.parse().unwrap(),
            device: device.map(|device| device.parse().unwrap()),
            serial_key: None,
            subject: None,
            expires_at: None,
            fingerprint: None,
        }
    }

    #[test]
    fn what_changed_since_the_request_is_told() {
        let frozen = [target("0a", Some("d1")), target("0b", Some("d2")), target("0c", None)];
        let line = |target: Target, obstacle| {
            (target.serial, DryRunLine { target, obstacle, last_of_device: false })
        };
        let same: HashMap<_, _> = frozen.iter().map(|one| line(one.clone(), None)).collect();
        assert_eq!(changes(&frozen, &same), Changes::default());
        let now = [
            line(target("0a", Some("d1")), Some(Obstacle::AlreadyRevoked)),
            line(target("0b", Some("d9")), None),
            line(target("0c", None), None),
        ];
        let told = changes(&frozen, &now.into());
        let told: Vec<_> =
            told.first.into_iter().map(|change| (change.serial.to_string(), change.what)).collect();
        let expected = [
            ("0a".to_owned(), Changed::Obstacle(Obstacle::AlreadyRevoked)),
            ("0b".to_owned(), Changed::Device(Some("d9".parse().unwrap()))),
        ];
        assert_eq!(told, expected);
    }
}
