//! Revocations, from the dry run to the proof. Rules are [`domain::revocation`]'s, conditions of writes
//! [`countersign_aws`]'s; here is the order of things, and what the ledger says about them.

mod beyond;
mod cancel;
mod decide;
mod dry_run;
mod request;
mod step_in;

/// How often a write is tried again that somebody else was faster at; each time after reading again.
pub(crate) const TRIES: u32 = 8;
/// Up to this many certificates are looked at one by one where a list of thousands would take too long.
const FEW: usize = 20;
/// How many items of an execution one entry of the ledger tells of at most.
pub(crate) const BATCH: usize = 90;
