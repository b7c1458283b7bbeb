//! When a certificate may be marked as being called. The store holds it in one transaction; said here once as a function, which
//! the model of the protocol is checked with and which a test holds the store's conditions to.

use super::execution::ItemState;
use super::state::RequestState;
use super::target::TargetHash;

/// What a worker believes when it marks.
#[derive(Clone, Copy, Debug)]
pub struct Mark<'a> {
    /// The name and the fencing number of its lease.
    pub lease: (&'a str, u64),
    /// Of what it has found to be approved.
    pub hash: &'a TargetHash,
    /// What it knows of the certificate.
    pub before: &'a ItemState,
}

/// What is stored when it does.
#[derive(Clone, Copy, Debug)]
pub struct Stored<'a> {
    /// Who holds the lease, and its fencing number.
    pub lease: (&'a str, u64),
    /// The request's state; only of one that is being executed something is called.
    pub state: RequestState,
    /// The request's hash; it must be that of [`Mark::hash`].
    pub hash: &'a TargetHash,
    /// What came of the certificate, and the fencing number of whoever wrote it. `None`: nothing yet.
    pub item: Option<(&'a ItemState, u64)>,
}

/// Why no call may be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotMarked {
    /// The lease is somebody else's.
    Lease,
    /// The request is not being executed, or is another one.
    Request,
    /// Something else came of the certificate, or somebody later has written of it.
    Item,
}

impl Mark<'_> {
    /// The first that is in the way, in this order.
    pub fn on(self, stored: Stored<'_>) -> Result<(), NotMarked> {
        if stored.lease != self.lease {
            return Err(NotMarked::Lease);
        }
        if stored.state != RequestState::Executing || stored.hash != self.hash {
            return Err(NotMarked::Request);
        }
        match stored.item {
            Some((item, fence)) if item.name() != self.before.name() || fence > self.lease.1 => {
                Err(NotMarked::Item)
            }
            _ => Ok(()),
        }
    }
}
