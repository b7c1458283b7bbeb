//! Requests as their pages show them. Everything is counted, and of a request's certificates there is a page at a time: it
//! may have 10,000 of them, and each is known to the records three times over.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use super::proposal::{DryRunCounts, Foretold, Narrowed};
use super::{Authority, MadeWith, Moment, RequestPage, RequestView};
use crate::dry_run::{DryRunLine, Obstacle};
use crate::inventory::DeviceId;
use crate::revocation::{
    CannotStepIn, DrillReport, ItemProgress, Mode, ProgressCounts, ProvingRun, Refusal, Request,
    RequestState, Step, Target, TargetHash,
};
use crate::serial::Serial;
use crate::timestamp::Timestamp;

/// As many changes as are told one by one.
const TOLD: usize = 20;

/// A page of requests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestList {
    /// What waits for approval, on the first page of the whole list.
    pub waiting: Vec<Request>,
    /// How many the viewer can decide on.
    pub for_me: u64,
    /// One page of the list.
    pub page: RequestPage,
    /// All that are configured, for their names.
    pub authorities: Vec<Authority>,
}

/// One request as its page shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestDetail {
    /// As it is stored; expired, if its time has run out by now.
    pub request: Request,
    /// The CA that it is about.
    pub authority: Authority,
    /// The dry run as of now, over all targets.
    pub dry_run: DryRunCounts,
    /// What is otherwise now than when the request was made; told while it waits.
    pub changes: Changes,
    /// One page of the targets, in the order of their serial numbers.
    pub targets: Vec<TargetLine>,
    /// Which part of the certificates [`RequestDetail::targets`] is.
    pub narrowed: Narrowed,
    /// On all pages.
    pub targets_total: u64,
    /// Its items by what came of them.
    pub counts: ProgressCounts,
    /// What has happened to it and what is to come, oldest first.
    pub timeline: Vec<Moment>,
    /// Who may still decide, of those who have signed in lately; told while it waits.
    pub deciders: Vec<Decider>,
    /// Why the viewer cannot decide; `None`: they can.
    pub cannot_decide: Option<Refusal>,
    /// Why the viewer cannot cancel it; `None`: they can.
    pub cannot_cancel: Option<Refusal>,
    /// The steps that its state allows, each with why the viewer cannot take it.
    pub steps: Vec<(Step, Option<CannotStepIn>)>,
    /// Whether it revokes or is a drill.
    pub mode: Mode,
    /// Of a drill that has ended.
    pub drill: Option<DrillReport>,
    /// The run that is to show what it has revoked; `None`: it has revoked nothing, or all of it is proven.
    pub proving_run: Option<ProvingRun>,
    /// What was made in one go with it.
    pub together: Vec<MadeWith>,
    /// The hash of all that a decision here is on, to decide on just that.
    pub seen: TargetHash,
}

/// Somebody who may still decide.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decider {
    /// The name that they were last shown under.
    pub name: String,
    /// Those of their groups that must still be represented.
    pub groups: Vec<String>,
}

/// How many changes there are, of which kinds, and the first of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changes {
    /// How many there are, of all targets.
    pub count: u64,
    /// By [`Changed::words`].
    pub kinds: BTreeMap<String, u64>,
    /// The first 20, in the order of the targets.
    pub first: Vec<Change>,
}

/// One thing that is otherwise about one target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// The target's serial number.
    pub serial: Serial,
    /// What is otherwise.
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
    /// Its device was given another certificate at this time, which stays in force.
    Renewed(Timestamp),
}

impl Changed {
    /// What has become of some certificates, in a few words.
    pub fn words(&self) -> &'static str {
        match self {
            Self::Obstacle(Obstacle::AlreadyRevoked) => "revoked meanwhile",
            Self::Obstacle(Obstacle::Expired) => "expired meanwhile",
            Self::Obstacle(_) => "cannot be revoked any more",
            Self::Device(Some(_)) => "of another device now",
            Self::Device(None) => "no longer in the inventory",
            Self::Renewed(_) => "device renewed meanwhile",
        }
    }
}

/// One target: what was frozen, what the dry run says of it now, and how far its revocation is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetLine {
    /// The certificate as it was frozen.
    pub target: Target,
    /// Why it cannot be revoked now; `None`: it can.
    pub obstacle: Option<Obstacle>,
    /// When the CA revoked it, and why, in the report's words.
    pub revoked_at: Option<Timestamp>,
    /// See [`TargetLine::revoked_at`].
    pub revoked_for: Option<String>,
    /// The device has no other valid certificate.
    pub last_of_device: bool,
    /// `None` until it is approved.
    pub item: Option<ItemProgress>,
}

impl RequestDetail {
    /// All that a decision here is on.
    pub fn decided(&self) -> impl Iterator<Item = &Request> {
        decided(&self.request, &self.together)
    }

    /// How many certificates that are.
    pub fn certificates(&self) -> u64 {
        self.decided().map(|request| u64::from(request.target_count)).sum()
    }

    /// `rate`: revocations a second.
    pub fn of(view: RequestView, rate: u32, narrowed: Narrowed) -> Self {
        let dry_run = DryRunCounts::of(&view.dry_run, rate);
        let now: HashMap<Serial, DryRunLine> =
            view.dry_run.lines.into_iter().map(|line| (line.target.serial, line)).collect();
        let changes = match view.state {
            RequestState::Pending => changes(&view.targets, &now, view.request.requested_at),
            _ => Changes::default(),
        };
        let counts = view.execution.counts();
        let mut items: HashMap<Serial, ItemProgress> = match view.state.is_countersigned() {
            true => view.execution.items.into_iter().map(|item| (item.serial, item)).collect(),
            false => HashMap::new(),
        };
        let line = |target: Target| {
            let line = now.get(&target.serial);
            TargetLine {
                obstacle: line.and_then(|line| line.obstacle),
                revoked_at: line.and_then(|line| line.revoked_at),
                revoked_for: line.and_then(|line| line.revoked_for.clone()),
                last_of_device: line.is_some_and(|line| line.last_of_device),
                item: items.remove(&target.serial),
                target,
            }
        };
        let lines = view.targets.into_iter().map(line);
        let is = |line: &TargetLine, only: Foretold| only.is(line.obstacle, line.last_of_device);
        let (targets, targets_total) = narrowed.page_of(lines, is);
        let seen = Request::seen(decided(&view.request, &view.together));
        Self {
            targets,
            narrowed,
            targets_total,
            request: view.request,
            authority: view.authority,
            dry_run,
            changes,
            counts,
            timeline: view.timeline,
            deciders: Vec::new(),
            cannot_decide: view.cannot_decide,
            cannot_cancel: view.cannot_cancel,
            steps: view.steps,
            mode: view.mode,
            drill: view.drill,
            proving_run: None,
            seen,
            together: view.together,
        }
    }
}

fn decided<'r>(request: &'r Request, together: &'r [MadeWith]) -> impl Iterator<Item = &'r Request> {
    let others = together.iter().filter(|other| other.dry_run.is_some());
    std::iter::once(request).chain(others.map(|other| &other.request))
}

fn changes(targets: &[Target], now: &HashMap<Serial, DryRunLine>, requested_at: Timestamp) -> Changes {
    let mut all = Changes::default();
    for target in targets {
        let Some(line) = now.get(&target.serial) else { continue };
        let device = &line.target.device;
        let moved = (*device != target.device).then(|| Changed::Device(device.clone()));
        let renewed = line.newest_other.filter(|at| *at > requested_at).map(Changed::Renewed);
        for what in [line.obstacle.map(Changed::Obstacle), moved, renewed].into_iter().flatten() {
            all.count += 1;
            *all.kinds.entry(what.words().to_owned()).or_default() += 1;
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
        let asked = Timestamp::EPOCH;
        let line = |target: Target, obstacle| {
            let line = DryRunLine {
                target,
                obstacle,
                last_of_device: false,
                newest_other: Some(asked),
                revoked_at: None,
                revoked_for: None,
                caller: None,
                key: None,
            };
            (line.target.serial, line)
        };
        let same: HashMap<_, _> = frozen.iter().map(|one| line(one.clone(), None)).collect();
        assert_eq!(changes(&frozen, &same, asked), Changes::default());
        let later = asked.plus(std::time::Duration::from_secs(1));
        let mut renewed = same.clone();
        renewed.get_mut(&frozen[0].serial).unwrap().newest_other = Some(later);
        let told = changes(&frozen, &renewed, asked);
        assert_eq!((told.count, &told.first[0].what), (1, &Changed::Renewed(later)));
        let now = [
            line(target("0a", Some("d1")), Some(Obstacle::AlreadyRevoked)),
            line(target("0b", Some("d9")), None),
            line(target("0c", None), None),
        ];
        let told = changes(&frozen, &now.into(), asked);
        assert_eq!(
            told.kinds,
            [("revoked meanwhile".to_owned(), 1), ("of another device now".to_owned(), 1)].into()
        );
        let told: Vec<_> =
            told.first.into_iter().map(|change| (change.serial.to_string(), change.what)).collect();
        let expected = [
            ("0a".to_owned(), Changed::Obstacle(Obstacle::AlreadyRevoked)),
            ("0b".to_owned(), Changed::Device(Some("d9".parse().unwrap()))),
        ];
        assert_eq!(told, expected);
    }
}
