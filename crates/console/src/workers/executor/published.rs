//! What is revoked must be in what outsiders can see: a request is begun only when what was asked and approved is in a signed
//! checkpoint of the ledger's log, as the log has it, not as the table says.

use std::time::Duration;

use domain::ledger::decided::HASH;
use domain::ledger::{Action, Entry, Who};
use domain::revocation::{Approved, Request, Verdict};
use tokio::time::Instant;

use super::Executor;
use crate::Error;
use crate::log::Log;

/// How long it is waited without a word: the sequencer publishes within seconds.
const QUIET: Duration = Duration::from_secs(8);
const LOOK: Duration = Duration::from_millis(300);

impl Executor {
    /// Whether its request and each of its approvals are in the log; waits a moment for it.
    pub(super) async fn is_published(&self, approved: &Approved) -> Result<bool, Error> {
        let Some(log) = &self.log else { return Ok(true) };
        let end = Instant::now() + QUIET;
        loop {
            if self.is_in(log, approved).await? {
                return Ok(true);
            }
            if Instant::now() >= end {
                return Ok(false);
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    async fn is_in(&self, log: &Log, approved: &Approved) -> Result<bool, Error> {
        let request = approved.request();
        let entries = self.entries(request).await?;
        let asked = entries.iter().find(|(_, action, _)| *action == Action::RevocationRequested);
        let Some((asked, ..)) = asked else { return Ok(false) };
        let mut needed = vec![asked];
        for decision in request.decisions.iter().filter(|decision| decision.verdict == Verdict::Approve) {
            let of = |(_, action, who): &&(Entry, Action, Who)| {
                let is_theirs = matches!(who, Who::Person { person, .. } if person.id == decision.by.id);
                *action == Action::RevocationApproved && is_theirs
            };
            let Some((entry, ..)) = entries.iter().find(of) else { return Ok(false) };
            needed.push(entry);
        }
        // A checkpoint that is not to be believed is told of by the sequencer.
        let Ok(Some(signed)) = log.checkpoint().await? else { return Ok(false) };
        let at = signed.opened.checkpoint;
        for Entry { seq, text } in needed {
            match log.prove(&at, seq.saturating_sub(1)).await? {
                Ok(proven) if proven.entry == text.as_bytes() => {}
                _ => return Ok(false),
            }
        }
        Ok(true)
    }

    /// What the table has of the entries about the request with this hash that have their place, and can be read.
    async fn entries(&self, request: &Request) -> Result<Vec<(Entry, Action, Who)>, Error> {
        let entries = self.aws.entries_of_request(&request.id).await?.into_iter();
        let hash = request.hash.to_string();
        let read = |entry: Entry| {
            let body = entry.read().ok().filter(|body| body.detail.get(HASH) == Some(&hash))?;
            Some((entry, body.action, body.who))
        };
        Ok(entries.filter_map(read).collect())
    }
}
