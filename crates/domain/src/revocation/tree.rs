//! The targets of a request as a Merkle tree (RFC 6962 §2.1): the request's hash binds its root, so that it can be shown of
//! one certificate that it is among them without showing the others.

use serde::{Deserialize, Serialize};
use tlog_tiles::tlog::{
    Hash, HashReader, check_record, prove_record, record_hash, stored_hashes_for_record_hash, tree_hash,
};

use super::target::Target;
use crate::inventory::DeviceId;

/// The tree over some targets, in the order given.
pub struct TargetTree {
    stored: Stored,
    targets: u64,
}

/// Shows that a certificate is one of a request's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Membership {
    /// Its place among the targets, from 0, by serial number.
    pub place: usize,
    /// How many there are; the path does not bind that, the request's hash does.
    pub targets: usize,
    /// The root, which the request's hash binds together with how many there are, in lower-case hex.
    pub root: String,
    /// The audit path (RFC 6962 §2.1.1), from the leaf's sibling upwards, in lower-case hex.
    pub path: Vec<String>,
}

/// A membership that shows nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the certificate is not shown to be one of the request's: its audit path does not lead to the root")]
pub struct NotMember;

/// Hashes in the order of `tlog_tiles`.
#[derive(Default)]
struct Stored(Vec<Hash>);

impl HashReader for Stored {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<Hash>, tlog_tiles::tlog::Error> {
        let at = |index: &u64| usize::try_from(*index).ok().and_then(|index| self.0.get(index).copied());
        let hashes = indexes.iter().map(at).collect::<Option<Vec<_>>>();
        hashes.ok_or(tlog_tiles::tlog::Error::IndexesNotInTree)
    }
}

impl TargetTree {
    pub fn of(targets: &[Target]) -> Self {
        let mut tree = Self { stored: Stored::default(), targets: 0 };
        for target in targets {
            // It reads only what was stored just before: there is nothing that it could miss.
            if let Ok(hashes) = stored_hashes_for_record_hash(tree.targets, leaf(target), &tree.stored) {
                tree.stored.0.extend(hashes);
                tree.targets += 1;
            }
        }
        tree
    }

    /// In lower-case hex.
    pub fn root(&self) -> String {
        // Nothing is missing of what was stored.
        tree_hash(self.targets, &self.stored).map(|hash| hex::encode(hash.0)).unwrap_or_default()
    }

    /// `None`: it has not so many.
    pub fn membership(&self, place: usize) -> Option<Membership> {
        let path = prove_record(self.targets, u64::try_from(place).ok()?, &self.stored).ok()?;
        let path = path.iter().map(|hash| hex::encode(hash.0)).collect();
        Some(Membership { place, targets: usize::try_from(self.targets).ok()?, root: self.root(), path })
    }
}

impl Membership {
    /// Whether `target` is one of those under the root.
    ///
    /// # Errors
    /// It is not, or this does not show it.
    pub fn shows(&self, target: &Target) -> Result<(), NotMember> {
        let root = hash(&self.root).ok_or(NotMember)?;
        let path = self.path.iter().map(|text| hash(text)).collect::<Option<Vec<_>>>().ok_or(NotMember)?;
        let [targets, place] = [self.targets, self.place].map(u64::try_from);
        let (Ok(targets), Ok(place)) = (targets, place) else { return Err(NotMember) };
        check_record(&path, targets, root, place, leaf(target)).map_err(|_| NotMember)
    }
}

fn hash(text: &str) -> Option<Hash> {
    let mut bytes = [0; 32];
    hex::decode_to_slice(text, &mut bytes).ok()?;
    Some(Hash(bytes))
}

/// Everything that is approved of a target; each text with its length, so that none runs into the next.
fn leaf(target: &Target) -> Hash {
    let mut record = Vec::new();
    for text in [
        target.serial.to_string().as_str(),
        target.fingerprint.as_deref().unwrap_or_default(),
        target.device.as_ref().map(DeviceId::as_str).unwrap_or_default(),
        target.serial_key.as_deref().unwrap_or_default(),
        target.subject.as_deref().unwrap_or_default(),
    ] {
        record.extend(u64::try_from(text.len()).unwrap_or(u64::MAX).to_be_bytes());
        record.extend(text.as_bytes());
    }
    record_hash(&record)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::revocation::fixture::target;

    fn targets(count: u64) -> Vec<Target> {
        (1..=count).map(|n| target(&format!("{n:x}"))).collect()
    }

    #[test]
    fn roots_are_those_of_rfc_6962() {
        // SHA-256 of the empty string, and of one leaf and of a node by hand.
        assert_eq!(TargetTree::of(&[]).root(), hex::encode(sha(&[])));
        let two = targets(2);
        let leaves: Vec<Hash> = two.iter().map(leaf).collect();
        assert_eq!(TargetTree::of(&two[..1]).root(), hex::encode(leaves[0].0));
        let node = [&[1], leaves[0].0.as_slice(), &leaves[1].0].concat();
        assert_eq!(TargetTree::of(&two).root(), hex::encode(sha(&node)));
    }

    fn sha(bytes: &[u8]) -> [u8; 32] {
        use sha2::{Digest, Sha256};
        Sha256::digest(bytes).into()
    }

    #[test]
    fn a_hundred_thousand_are_shown_in_a_few_hashes() {
        let all = targets(100_000);
        let tree = TargetTree::of(&all);
        let shown = tree.membership(77_777).unwrap();
        assert!(shown.path.len() <= 17, "{}", shown.path.len());
        shown.shows(&all[77_777]).unwrap();
        assert_eq!(shown.shows(&all[77_776]), Err(NotMember));
    }

    proptest! {
        #[test]
        fn each_is_shown_in_its_place_and_nowhere_else(count in 1_u64..200, place: prop::sample::Index, other: prop::sample::Index) {
            let all = targets(count);
            let tree = TargetTree::of(&all);
            let place = place.index(all.len());
            let shown = tree.membership(place).unwrap();
            prop_assert_eq!(shown.shows(&all[place]), Ok(()));
            let other = other.index(all.len());
            prop_assert_eq!(shown.shows(&all[other]).is_ok(), other == place);
            let moved = Membership { place: other, ..shown };
            prop_assert_eq!(moved.shows(&all[place]).is_ok(), other == place);
        }

        #[test]
        fn strange_memberships_show_nothing(place: usize, targets: usize, root in "[0-9a-f]{0,70}", path in prop::collection::vec("[0-9a-f]{60,66}", 0..70)) {
            let shown = Membership { place, targets, root, path };
            prop_assert_eq!(shown.shows(&target("0a")), Err(NotMember));
        }
    }
}
