//! The dry run of a revocation: what would happen to each certificate, and to the devices, before anything is asked.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::authority::{AuthorityArn, AuthorityId};
use crate::inventory::DeviceId;
use crate::key::KeyHash;
use crate::revocation::Target;
use crate::serial::Serial;
use crate::timestamp::Timestamp;

/// Why a certificate cannot be revoked.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, thiserror::Error,
)]
#[serde(rename_all = "snake_case")]
pub enum Obstacle {
    /// The CA revoked it before.
    #[error("is revoked already")]
    AlreadyRevoked,
    /// Its end (notAfter) has passed.
    #[error("has expired: AWS Private CA revokes no expired certificate")]
    Expired,
    /// It is known, but as a certificate of an authority other than the chosen one.
    #[error("belongs to another authority")]
    OtherAuthority,
    /// It is the root CA's own, by its template.
    #[error("is a certificate of the CA itself")]
    Infrastructure,
    /// Neither report, inventory, trail nor CA knows it.
    #[error("is unknown to the CA and to all records")]
    Unknown,
}

/// One line of the dry run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DryRunLine {
    /// The certificate it is about.
    pub target: Target,
    /// `None`: it can be revoked.
    pub obstacle: Option<Obstacle>,
    /// The device has no other valid certificate.
    pub last_of_device: bool,
    /// When the newest certificate of the device that stays in force was issued; `None`: there is none, or it is not known.
    pub newest_other: Option<Timestamp>,
    /// When the CA revoked it, and why, in the report's words.
    pub revoked_at: Option<Timestamp>,
    /// The reason of that, in the report's words.
    pub revoked_for: Option<String>,
    /// Who had it issued; `None`: no intact event says so.
    pub caller: Option<String>,
    /// Its public key; `None`: no intact event says so.
    pub key: Option<KeyHash>,
}

/// What the records know of one serial number of the authority.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// The certificate, with its device and dates as far as they are known.
    pub target: Target,
    /// In the newest report, in the inventory, in an event of the trail, or at the CA.
    pub is_known: bool,
    /// It is not this authority's, but another one's.
    pub is_of_another: bool,
    /// It is the root CA's own, by its template ([`crate::report::is_root`]).
    pub is_root: bool,
    /// When the CA revoked it, as far as the newest report and the requests here say. What the inventory says does not
    /// count: a revocation that never reached the CA can still be made.
    pub revoked_at: Option<Timestamp>,
    /// Why, in the report's words.
    pub revoked_for: Option<String>,
    /// Who had it issued, as intact events say.
    pub caller: Option<String>,
    /// Its public key, as intact events say.
    pub key: Option<KeyHash>,
}

/// A certificate in force of the same authority that is not chosen, and has the public key of one that is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SameKey {
    /// Its serial number, of the authority that the dry run is about.
    pub serial: Serial,
    /// The hash of the key that it shares with a chosen one.
    pub key: KeyHash,
    /// The device that has it; `None`: not in the inventory.
    pub device: Option<DeviceId>,
}

/// Certificates in force of the devices touched: neither revoked nor expired, of any authority.
/// Each with when it was issued.
pub type InForce = BTreeMap<DeviceId, BTreeMap<(AuthorityId, Serial), Option<Timestamp>>>;

/// What would happen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DryRun {
    /// The one authority whose certificates are to be revoked.
    pub authority: AuthorityArn,
    /// One for each certificate that was asked about, in that order.
    pub lines: Vec<DryRunLine>,
    /// The others that have a public key of theirs, as far as intact events say: as many as a request may have, and
    /// no more.
    pub same_key: Vec<SameKey>,
    /// How fresh the records are that it was made from; `None`: they were never read.
    pub as_of: Option<Timestamp>,
}

impl DryRun {
    /// Foretells the revocation of all of `known` together. `as_of` is how fresh they are.
    pub fn of(
        authority: AuthorityArn,
        known: Vec<Known>,
        in_force: &InForce,
        same_key: Vec<SameKey>,
        as_of: Option<Timestamp>,
        now: Timestamp,
    ) -> Self {
        let lines = known
            .into_iter()
            .map(|known| {
                let obstacle = known.obstacle(now);
                let Known { target, revoked_at, revoked_for, caller, key, .. } = known;
                DryRunLine {
                    target,
                    obstacle,
                    last_of_device: false,
                    newest_other: None,
                    revoked_at,
                    revoked_for,
                    caller,
                    key,
                }
            })
            .collect();
        let mut run = Self { authority, lines, same_key, as_of };
        Self::together(std::slice::from_mut(&mut run), in_force);
        run
    }

    /// What becomes of the devices if all of that is revoked: who has a certificate of each of two authorities may lose both.
    pub fn together(runs: &mut [Self], in_force: &InForce) {
        let gone = |run: &Self| run.revocable().map(|line| line.target.serial).collect();
        let gone: BTreeMap<AuthorityId, BTreeSet<Serial>> =
            runs.iter().map(|run| (run.authority.id(), gone(run))).collect();
        let goes = |authority, serial| gone.get(authority).is_some_and(|gone| gone.contains(serial));
        let stays = |device: &DeviceId| {
            let all = in_force.get(device).into_iter().flatten();
            all.filter(|((authority, serial), _)| !goes(authority, serial))
        };
        for line in runs.iter_mut().flat_map(|run| &mut run.lines) {
            let Some(device) = line.target.device.as_ref().filter(|_| line.obstacle.is_none()) else {
                continue;
            };
            line.last_of_device = stays(device).next().is_none();
            line.newest_other = stays(device).filter_map(|(_, issued_at)| *issued_at).max();
        }
    }

    /// The lines of those that can be revoked.
    pub fn revocable(&self) -> impl Iterator<Item = &DryRunLine> {
        self.lines.iter().filter(|line| line.obstacle.is_none())
    }

    /// The lines of those that cannot, each with why.
    pub fn refused(&self) -> impl Iterator<Item = (&DryRunLine, Obstacle)> {
        self.lines.iter().filter_map(|line| line.obstacle.map(|obstacle| (line, obstacle)))
    }

    /// Devices with at least one certificate to be revoked, each once.
    pub(crate) fn devices_touched(&self) -> Vec<&DeviceId> {
        distinct(self.revocable())
    }

    /// Devices that would be left without a valid certificate, each once.
    pub(crate) fn devices_cut_off(&self) -> Vec<&DeviceId> {
        distinct(self.revocable().filter(|line| line.last_of_device))
    }

    /// The same with their certificates that would be revoked.
    pub fn cut_off(self) -> BTreeMap<DeviceId, Vec<Serial>> {
        let mut devices = BTreeMap::<DeviceId, Vec<Serial>>::new();
        for line in self.lines.into_iter().filter(|line| line.last_of_device && line.obstacle.is_none()) {
            let Target { device: Some(device), serial, .. } = line.target else { continue };
            devices.entry(device).or_default().push(serial);
        }
        devices
    }
}

impl Known {
    fn obstacle(&self, now: Timestamp) -> Option<Obstacle> {
        if self.is_of_another {
            Some(Obstacle::OtherAuthority)
        } else if !self.is_known {
            Some(Obstacle::Unknown)
        } else if self.is_root {
            Some(Obstacle::Infrastructure)
        } else if self.revoked_at.is_some() {
            Some(Obstacle::AlreadyRevoked)
        } else {
            self.target.expires_at.is_some_and(|end| end <= now).then_some(Obstacle::Expired)
        }
    }
}

fn distinct<'a>(lines: impl Iterator<Item = &'a DryRunLine>) -> Vec<&'a DeviceId> {
    let mut devices: Vec<_> = lines.filter_map(|line| line.target.device.as_ref()).collect();
    devices.sort();
    devices.dedup();
    devices
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::revocation::fixture::{draft, now, target};

    fn known(serial: &str, device: Option<&str>) -> Known {
        let device = device.map(|name| name.parse().unwrap());
        Known {
            target: Target { device, ..target(serial) },
            is_known: true,
            is_of_another: false,
            is_root: false,
            revoked_at: None,
            revoked_for: None,
            caller: None,
            key: None,
        }
    }

    fn dry_run(known: Vec<Known>, in_force: &[(&str, &str, &str)]) -> DryRun {
        let mut devices = InForce::new();
        for (device, authority, serial) in in_force {
            let certificate = (authority.parse().unwrap(), serial.parse().unwrap());
            devices.entry(device.parse().unwrap()).or_default().insert(certificate, Some(now()));
        }
        DryRun::of(draft(&[]).authority, known, &devices, Vec::new(), Some(now()), now())
    }

    #[test]
    fn a_device_of_two_authorities_may_lose_both_certificates() {
        let (one, other) =
            (draft(&[]).authority, "arn:aws:acm-pca:eu-central-1:111122223333:certificate-authority/9");
        let (mut in_force, other): (InForce, AuthorityArn) = (InForce::new(), other.parse().unwrap());
        let of =
            |authority: &AuthorityArn, serial: &str| ((authority.id(), serial.parse().unwrap()), Some(now()));
        in_force.insert("d1".parse().unwrap(), [of(&one, "0a"), of(&other, "0b")].into());
        let run = |authority: &AuthorityArn, serial| {
            let known = vec![known(serial, Some("d1"))];
            DryRun::of(authority.clone(), known, &in_force, Vec::new(), Some(now()), now())
        };
        let mut runs = [run(&one, "0a"), run(&other, "0b")];
        assert!(runs.iter().all(|run| !run.lines[0].last_of_device), "each alone leaves it the other");
        DryRun::together(&mut runs, &in_force);
        assert!(runs.iter().all(|run| run.lines[0].last_of_device));
        let mut kept = [run(&one, "0a"), run(&other, "0c")];
        DryRun::together(&mut kept, &in_force);
        assert!(kept.iter().all(|run| !run.lines[0].last_of_device), "0b stays");
    }

    #[test]
    fn each_obstacle_is_named() {
        let expiring = |end| {
            let one = known("0a", None);
            Known { target: Target { expires_at: Some(end), ..one.target.clone() }, ..one }
        };
        let cases = [
            (known("0a", None), None),
            (Known { is_known: false, ..known("0a", None) }, Some(Obstacle::Unknown)),
            (
                Known { is_known: false, is_of_another: true, ..known("0a", None) },
                Some(Obstacle::OtherAuthority),
            ),
            (Known { is_root: true, ..known("0a", None) }, Some(Obstacle::Infrastructure)),
            (Known { revoked_at: Some(now()), ..known("0a", None) }, Some(Obstacle::AlreadyRevoked)),
            (expiring(now()), Some(Obstacle::Expired)),
            (expiring(now().plus(Duration::from_secs(1))), None),
        ];
        for (known, obstacle) in cases {
            let run = dry_run(vec![known.clone()], &[]);
            assert_eq!(run.lines[0].obstacle, obstacle, "{known:?}");
        }
    }

    #[test]
    fn a_device_is_cut_off_when_nothing_of_it_stays_in_force() {
        let ours = draft(&[]).authority.id();
        let one = ("d1", ours.as_str(), "0a");
        let alone = dry_run(vec![known("0a", Some("d1"))], &[one]);
        assert_eq!(alone.devices_cut_off().len(), 1);
        let two = ("d1", ours.as_str(), "0b");
        let renewed = dry_run(vec![known("0a", Some("d1"))], &[one, two]);
        assert!(renewed.devices_cut_off().is_empty());
        assert_eq!((alone.lines[0].newest_other, renewed.lines[0].newest_other), (None, Some(now())));
        let both = vec![known("0a", Some("d1")), known("0b", Some("d1"))];
        let run = dry_run(both, &[one, two]);
        assert_eq!((run.devices_cut_off().len(), run.devices_touched().len()), (1, 1), "both go at once");
        let both = ["0a", "0b"].map(|serial| serial.parse().unwrap()).to_vec();
        assert_eq!(run.cut_off(), [("d1".parse().unwrap(), both)].into());
        let elsewhere = ("d1", "another-authority", "0a");
        let run = dry_run(vec![known("0a", Some("d1"))], &[one, elsewhere]);
        assert!(run.devices_cut_off().is_empty(), "the same serial of another authority stays");
    }

    #[test]
    fn what_is_not_revoked_cuts_nobody_off() {
        let revoked = Known { revoked_at: Some(now()), ..known("0a", Some("d1")) };
        let run = dry_run(vec![revoked, known("0b", None)], &[]);
        assert!(run.devices_cut_off().is_empty() && run.devices_touched().is_empty());
        assert_eq!((run.revocable().count(), run.refused().count()), (1, 1));
    }
}
