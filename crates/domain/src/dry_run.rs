//! The dry run of a revocation: what would happen to each certificate, and to the devices, before anything is asked.

use serde::{Deserialize, Serialize};

use crate::authority::AuthorityArn;
use crate::inventory::DeviceId;
use crate::revocation::Target;
use crate::timestamp::Timestamp;

/// Why a certificate cannot be revoked.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, thiserror::Error,
)]
#[serde(rename_all = "snake_case")]
pub enum Obstacle {
    #[error("is revoked already")]
    AlreadyRevoked,
    #[error("has expired: AWS Private CA revokes no expired certificate")]
    Expired,
    #[error("belongs to another authority")]
    OtherAuthority,
    #[error("is a certificate of the CA itself")]
    Infrastructure,
    #[error("is unknown to the report and the inventory")]
    Unknown,
}

/// One line of the dry run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DryRunLine {
    pub target: Target,
    /// `None`: it can be revoked.
    pub obstacle: Option<Obstacle>,
    /// The device has no other valid certificate.
    pub last_of_device: bool,
}

/// What would happen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DryRun {
    pub authority: AuthorityArn,
    pub lines: Vec<DryRunLine>,
    /// How fresh the records are that it was made from; `None`: they were never read.
    pub as_of: Option<Timestamp>,
}

impl DryRun {
    pub fn revocable(&self) -> impl Iterator<Item = &DryRunLine> {
        self.lines.iter().filter(|line| line.obstacle.is_none())
    }

    pub fn refused(&self) -> impl Iterator<Item = (&DryRunLine, Obstacle)> {
        self.lines.iter().filter_map(|line| line.obstacle.map(|obstacle| (line, obstacle)))
    }

    /// Devices with at least one certificate to be revoked, each once.
    pub fn devices_touched(&self) -> Vec<&DeviceId> {
        distinct(self.revocable())
    }

    /// Devices that would be left without a valid certificate, each once.
    pub fn devices_cut_off(&self) -> Vec<&DeviceId> {
        distinct(self.revocable().filter(|line| line.last_of_device))
    }
}

fn distinct<'a>(lines: impl Iterator<Item = &'a DryRunLine>) -> Vec<&'a DeviceId> {
    let mut devices: Vec<_> = lines.filter_map(|line| line.target.device.as_ref()).collect();
    devices.sort();
    devices.dedup();
    devices
}
