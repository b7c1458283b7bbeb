//! The workers: what Countersign does by itself. One struct each, with all that it may touch, and one pass.

pub(crate) mod alerter;
pub(crate) mod executor;
pub(crate) mod expiry;
pub(crate) mod ingester;
pub(crate) mod notifier;
pub(crate) mod packer;
pub(crate) mod prover;
pub(crate) mod provider_keys;
pub(crate) mod raise;
pub(crate) mod reminder;
pub(crate) mod runner;
pub(crate) mod scheduler;
pub(crate) mod sequencer;
mod steps;
pub(crate) mod teller;
pub(crate) mod trail_files;
pub(crate) mod triager;
pub(crate) mod verifier;
pub(crate) mod watcher;

use countersign_aws::{Aws, Error};
use domain::AuthorityArn;
use domain::revocation::{Request, RequestState};

use crate::AuthoritySettings;

/// What people call an authority.
fn named(authorities: &[AuthoritySettings], arn: &AuthorityArn) -> String {
    let known = authorities.iter().find(|one| one.authority.arn == *arn);
    known.map_or_else(|| arn.id().to_string(), |one| one.authority.name.clone())
}

/// All requests in one state, newest first, as they were a moment ago.
async fn requests_in(aws: &Aws, state: RequestState) -> Result<Vec<Request>, Error> {
    const AT_ONCE: u32 = 100;
    let mut all: Vec<Request> = Vec::new();
    loop {
        let before = all.last().map(|request| request.id.clone());
        let page = aws.requests(Some(state), before.as_ref(), AT_ONCE).await?;
        let more = page.len() >= usize::try_from(AT_ONCE).unwrap_or(usize::MAX);
        all.extend(page);
        if !more {
            return Ok(all);
        }
    }
}
