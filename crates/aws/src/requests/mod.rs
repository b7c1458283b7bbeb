//! Revocation requests: their targets, the decisions on them, and who may change which state into which.
//! The conditions here are promises 1 and 2 of the security design: four eyes, one effect.

mod close;
mod countersigned;
mod create;
mod decide;
mod get;
mod list;
mod of_certificate;
mod outbox;
mod progress;
mod proof;
mod step_in;
mod targets;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::revocation::Request;

use crate::item::{json, n, s};
use crate::{Error, Thing, keys};

const STATE: &str = "item_state";
const REQUESTER: &str = "requester";
const TARGET_HASH: &str = "target_hash";
const EXPIRES_AT: &str = "expires_at";
const AUTHORITY: &str = "authority";
/// How many decisions there are: what a decision was made upon.
const DECISIONS: &str = "decisions";
/// How often somebody has stepped in: what the next step was taken upon.
const INTERVENTIONS: &str = "interventions";
/// The counter of the lease under which it was last worked on.
const FENCE: &str = "fence";

/// What changes in the course of a request; the rest is written once.
fn moving(request: &Request) -> Result<Vec<(&'static str, AttributeValue)>, Error> {
    Ok(vec![
        (keys::BODY, json(Thing::Request, request)?),
        (STATE, s(request.state.name())),
        (DECISIONS, n(request.decisions.len())),
        (INTERVENTIONS, n(request.interventions.len())),
        (keys::LIST_PK, s(keys::requests_list(request.state))),
    ])
}
