//! What a request still lacks until it is approved.

use serde::{Deserialize, Serialize};

use super::demands::{Demands, Represented};

/// What a request lacks to be approved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Missing {
    /// At least one.
    pub approvals: u32,
    /// Groups that must be among those who give them, in all.
    pub represented: Vec<Represented>,
}

/// What `approvers`, who are in these groups, lack. `None`: nothing.
pub(super) fn still_needed(needed: u32, demands: &Demands, approvers: &[&[String]]) -> Option<Missing> {
    let given = u32::try_from(approvers.len()).unwrap_or(u32::MAX);
    let represented = demands.missing(approvers);
    let places: u32 = represented.iter().map(|one| one.approvals).sum();
    let approvals = needed.saturating_sub(given).max(places);
    (approvals > 0).then_some(Missing { approvals, represented })
}

impl Missing {
    /// The more of both.
    pub(super) fn or(self, other: Self) -> Self {
        let mut represented = self.represented;
        for one in other.represented {
            match represented.iter_mut().find(|known| known.group == one.group) {
                Some(known) => known.approvals = known.approvals.max(one.approvals),
                None => represented.push(one),
            }
        }
        let places = represented.iter().map(|one| one.approvals).sum();
        Self { approvals: self.approvals.max(other.approvals).max(places), represented }
    }

    /// What was `needed`, in words.
    pub(super) fn in_all(&self, needed: u32) -> String {
        match self.represented.is_empty() {
            true => format!("{needed} approvals"),
            false => self.groups(),
        }
    }

    /// "2 of security and 1 of operations"; empty where no group is named.
    pub fn groups(&self) -> String {
        self.represented.iter().map(ToString::to_string).collect::<Vec<_>>().join(" and ")
    }
}
