//! Revocations, from the dry run to the proof. Rules are [`domain::revocation`]'s, conditions of writes
//! [`countersign_aws`]'s; here is the order of things, and what the ledger says about them.

mod beyond;
mod cancel;
mod decide;
mod dry_run;
mod request;
mod selection;
mod sign;
mod step_in;
mod together;

pub(crate) use selection::about;
pub(crate) use together::Foreseen;

use domain::ledger::Body;
use domain::ledger::decided::ID_TOKEN;
use domain::revocation::{Proof, RequestId};

use crate::Error;

/// How often a write is tried again that somebody else was faster at; each time after reading again.
pub(crate) const TRIES: u32 = 8;
/// Up to this many certificates are looked at one by one where a list of thousands would take too long.
pub(crate) const FEW: usize = 20;
/// The longest ID token that is kept: one item of the table holds it.
const LONGEST_TOKEN: usize = 128 * 1024;
/// How many items of an execution one entry of the ledger tells of at most.
pub(crate) const BATCH: usize = 90;

/// Whether a proof can be kept.
fn can_be_kept(proof: &Proof) -> Result<(), Error> {
    let long = "The ID token is too long to be kept as a proof: have the provider send fewer groups.";
    match proof.id_token.len() <= LONGEST_TOKEN {
        true => Ok(()),
        false => Err(Error::Conflict(long.to_owned())),
    }
}

/// The entry with the requests that it is about as well.
fn with_others<'r>(body: Body, others: impl Iterator<Item = &'r RequestId>) -> Body {
    let others: Vec<&str> = others.map(RequestId::as_str).collect();
    match others.is_empty() {
        true => body,
        false => body.with("together_with", others.join(" ")),
    }
}

/// The entry with the proof of it, and what that does not prove.
fn with_proof(body: Body, proof: &Proof) -> Body {
    let body = body.with(ID_TOKEN, proof.token_hash());
    match proof.role_seen_elsewhere {
        true => {
            body.with("role", "as signing in saw it at the userinfo endpoint: the ID token lists no groups")
        }
        false => body,
    }
}
