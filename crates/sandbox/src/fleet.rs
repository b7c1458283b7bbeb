//! Which devices there are and what goes wrong with some of them. Pure: the same seed gives the same fleet.

use rand::rngs::StdRng;
use rand::seq::{IndexedRandom, SliceRandom};
use rand::{Rng, SeedableRng};
use serde::{Deserialize, Serialize};

/// The authority that a device belongs to, by its place in `authorities::NAMES`.
pub(crate) const DEVICES: usize = 0;
pub(crate) const GATEWAYS: usize = 1;

/// Something that gets a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Device {
    pub(crate) id: String,
    /// Index of its authority.
    pub(crate) authority: usize,
    pub(crate) model: &'static str,
    pub(crate) site: &'static str,
    /// Lifetime of its certificate.
    pub(crate) days: i64,
}

/// What happens to a certificate, apart from being issued and recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trouble {
    /// Issued by the legacy role, and in no inventory.
    RogueIssuer,
    /// Issued by the provisioning service, whose write to the inventory was lost.
    LostWrite,
    /// In the inventory, but the authority never signed it: the asynchronous issuance failed.
    FailedIssuance,
    /// Revoked by an administrator past the console; the inventory still has it as active.
    RevokedOutside,
    /// Revoked by an administrator past the console, who recorded it in the inventory.
    RevokedOutsideAndRecorded,
    /// Recorded as revoked in the inventory; nobody asked the authority.
    RevocationNotMade,
    /// The inventory has another expiry than the certificate.
    WrongExpiry,
    /// Issued by a thief with the provisioning service's key, and written into the inventory too.
    StolenKey,
    /// Issued and recorded as it should be, but the trail's file that shows it is deleted.
    LogDeleted,
    /// Issued by the legacy role, and in no inventory; the trail's file that shows it is edited.
    LogEdited,
    /// Issued by a thief with the field service's key, among very many, and in no inventory: `--incident`.
    Incident,
}

/// A certificate in trouble.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlantedCertificate {
    /// What was done to it.
    pub trouble: Trouble,
    /// The authority's ARN.
    pub authority: String,
    /// Canonical: lower-case hex without colons.
    pub serial: String,
    pub device: String,
}

/// One certificate to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Planned {
    pub(crate) device: Device,
    pub(crate) trouble: Option<Trouble>,
}

/// How much of each trouble the authorities get: devices, gateways.
const TROUBLE: [(Trouble, [usize; 2]); 10] = [
    (Trouble::RogueIssuer, [3, 1]),
    (Trouble::LostWrite, [2, 1]),
    (Trouble::FailedIssuance, [2, 1]),
    (Trouble::RevokedOutside, [2, 1]),
    (Trouble::RevokedOutsideAndRecorded, [1, 1]),
    (Trouble::RevocationNotMade, [1, 1]),
    (Trouble::WrongExpiry, [1, 1]),
    (Trouble::StolenKey, [2, 1]),
    (Trouble::LogDeleted, [2, 1]),
    (Trouble::LogEdited, [1, 0]),
];

/// One device in five is a gateway.
const GATEWAY_EVERY: u32 = 5;
/// One device in ten has renewed its certificate once and holds two.
const RENEWED_EVERY: u32 = 10;
/// How many certificates are issued at about the same time.
const BATCH: usize = 25;

const MODELS: [[&str; 3]; 2] = [["HX-200", "HX-300", "TR-12"], ["EG-4", "EG-8", "EG-8 Pro"]];
const SITES: [&str; 6] = ["Hamburg", "Lyon", "Katowice", "Porto", "Graz", "Aarhus"];
const LIFETIMES: [i64; 6] = [30, 90, 95, 180, 365, 365];

/// The fleet of a new sandbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fleet {
    /// In the order of issuance, batch by batch.
    pub(crate) healthy: Vec<Vec<Planned>>,
    /// In no particular order.
    pub(crate) troubled: Vec<Planned>,
}

/// The fleet of a new sandbox: `healthy` devices, and the troubled ones on top.
pub(crate) fn plan(seed: u64, healthy: u32) -> Fleet {
    let mut random = StdRng::seed_from_u64(seed);
    let troubles: Vec<(usize, Trouble)> = TROUBLE
        .iter()
        .flat_map(|&(trouble, [devices, gateways])| {
            let of = |authority, count| std::iter::repeat_n((authority, trouble), count);
            of(DEVICES, devices).chain(of(GATEWAYS, gateways))
        })
        .collect();
    // Numbers are dealt out, so that a device's number does not tell whether it is in trouble.
    let mut numbers: Vec<u32> = (1..=first_free_number(healthy) - 1).collect();
    numbers.shuffle(&mut random);
    let mut numbers = numbers.into_iter();

    let (mut first, mut troubled) = (Vec::new(), Vec::new());
    let mut renewals = Vec::new();
    for (index, number) in (0..healthy).zip(numbers.by_ref()) {
        let device = device(seed, number, authority_of(index));
        if index % RENEWED_EVERY == 0 {
            renewals.push(Planned { device: device.clone(), trouble: None });
        }
        first.push(Planned { device, trouble: None });
    }
    for ((authority, trouble), number) in troubles.into_iter().zip(numbers) {
        // Long enough to be alive in every sandbox: an expired certificate cannot be revoked.
        let device = Device { days: 365, ..device(seed, number, authority) };
        troubled.push(Planned { device, trouble: Some(trouble) });
    }
    first.shuffle(&mut random);
    troubled.shuffle(&mut random);
    first.extend(renewals);
    Fleet { healthy: first.chunks(BATCH).map(<[Planned]>::to_vec).collect(), troubled }
}

/// Of a larger fleet these are issued to as a provisioning service does it; the others are loaded.
pub(crate) const LIVE: u32 = 500;

/// The devices of a fleet of `healthy` beyond [`LIVE`] whose certificates are loaded.
pub(crate) fn loaded(seed: u64, healthy: u32) -> impl Iterator<Item = Device> {
    (first_free_number(LIVE)..first_free_number(healthy)).map(move |number| newcomer(seed, number))
}

/// The number of the next device after a fleet of this size.
pub(crate) fn first_free_number(healthy: u32) -> u32 {
    let troubled: usize = TROUBLE.iter().map(|(_, counts)| counts.iter().sum::<usize>()).sum();
    healthy + u32::try_from(troubled).unwrap_or_default() + 1
}

/// A device that is in no fleet.
pub(crate) fn stranger() -> Device {
    device(0, 0, GATEWAYS)
}

/// What the thief of an incident says his certificates are for: numbers that the fleet does not have.
pub(crate) fn strangers(seed: u64, from: u32, count: u32) -> Vec<Device> {
    let stranger = |number| Device { days: 365, ..newcomer(seed, number) };
    (from..from.saturating_add(count)).map(stranger).collect()
}

/// A device that joins the fleet later.
pub(crate) fn newcomer(seed: u64, number: u32) -> Device {
    device(seed, number, authority_of(number))
}

fn authority_of(index: u32) -> usize {
    if index % GATEWAY_EVERY == GATEWAY_EVERY - 1 { GATEWAYS } else { DEVICES }
}

fn device(seed: u64, number: u32, authority: usize) -> Device {
    let mut random = StdRng::seed_from_u64(seed ^ (u64::from(number) << 32));
    let kind = if authority == GATEWAYS { "gateway" } else { "sensor" };
    let id = format!("{kind}-{number:06}-{:04x}", random.random::<u16>());
    let mut choose = |from: &[&'static str]| from.choose(&mut random).copied().unwrap_or_default();
    let (model, site) = (choose(&MODELS[authority]), choose(&SITES));
    let days = LIFETIMES.choose(&mut random).copied().unwrap_or(365);
    Device { id, authority, model, site, days }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn everybody(fleet: Fleet) -> Vec<Planned> {
        [fleet.healthy.concat(), fleet.troubled].concat()
    }

    #[test]
    fn the_seed_decides_everything() {
        assert_eq!(plan(7, 60), plan(7, 60));
        assert_ne!(plan(7, 60), plan(8, 60));
    }

    #[test]
    fn a_fleet_has_its_healthy_devices_and_all_the_trouble_on_top() {
        for healthy in [0, 1, 500] {
            let planned = everybody(plan(1, healthy));
            let ids: HashSet<&str> = planned.iter().map(|p| p.device.id.as_str()).collect();
            assert_eq!(ids.len(), healthy as usize + 26);
            for (trouble, counts) in TROUBLE {
                for authority in [DEVICES, GATEWAYS] {
                    let hit = |p: &&Planned| p.trouble == Some(trouble) && p.device.authority == authority;
                    assert_eq!(planned.iter().filter(hit).count(), counts[authority], "{trouble:?}");
                }
            }
        }
    }

    #[test]
    fn newcomers_are_nobody_the_fleet_knows() {
        let fleet: HashSet<String> = everybody(plan(3, 200)).into_iter().map(|p| p.device.id).collect();
        let from = first_free_number(200);
        assert!((from..from + 50).all(|number| !fleet.contains(&newcomer(3, number).id)));
    }
}
