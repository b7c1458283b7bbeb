//! Reading the ledger and following its chain. Entries are written by the verbs, with what they tell of.

use domain::ledger::{Break, EntryHash, Object, Verifier};
use domain::views::{LedgerLine, LedgerPage, LedgerReport, PAGE_SIZE};
use domain::{Actor, Permission};
use futures::{StreamExt, pin_mut};

use crate::{Console, Error};

impl Console {
    /// One page, newest first: the entries below `before`, or the newest.
    pub async fn ledger(&self, actor: &Actor, before: Option<u64>) -> Result<LedgerPage, Error> {
        self.allowed(actor, Permission::Read, Object::Route("ledger".to_owned())).await?;
        let entries = self.aws.ledger_page(before, PAGE_SIZE).await?;
        let total = self.aws.ledger_head().await?.seq;
        let next = entries.last().map(|entry| entry.seq).filter(|seq| *seq > 1);
        let lines = entries.into_iter().map(|entry| LedgerLine {
            seq: entry.seq,
            body: entry.read().map_err(|_| entry.body.clone()),
            hash: entry.hash,
        });
        Ok(LedgerPage { lines: lines.collect(), next, total })
    }

    /// Follows the whole chain from its first entry to its head.
    pub async fn verify_ledger(&self, actor: &Actor) -> Result<LedgerReport, Error> {
        self.allowed(actor, Permission::Read, Object::Route("ledger".to_owned())).await?;
        let (entries, head, broken) = match self.follow_ledger().await? {
            Ok((entries, head)) => (entries, head, None),
            Err(broken) => {
                let head = self.aws.ledger_head().await?;
                tracing::error!("the ledger is broken: {broken}");
                (head.seq, head.hash, Some(broken))
            }
        };
        Ok(LedgerReport { entries, head, broken, verified_at: self.clock.now() })
    }

    /// The number of entries and the last hash. Entries may be appended meanwhile: the chain must reach the head that
    /// was there before, and must not go beyond the one that is there afterwards.
    async fn follow_ledger(&self) -> Result<Result<(u64, EntryHash), Break>, Error> {
        let before = self.aws.ledger_head().await?;
        let entries = self.aws.ledger_entries();
        pin_mut!(entries);
        let mut verifier = Verifier::default();
        let mut at_head = (before.seq == 0).then(|| verifier.clone());
        let mut last = 0;
        while let Some(entry) = entries.next().await {
            let entry = entry?;
            if let Err(broken) = verifier.follow(&entry) {
                return Ok(Err(broken));
            }
            last = entry.seq;
            if last == before.seq {
                at_head = Some(verifier.clone());
            }
        }
        let after = self.aws.ledger_head().await?.seq;
        if last > after {
            return Ok(Err(Break::Cut { expected: after, found: last }));
        }
        Ok(at_head.unwrap_or(verifier).finish(before.seq, &before.hash))
    }
}
