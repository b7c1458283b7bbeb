//! Lists of findings, the worst first, and one finding with what its page needs.

use std::collections::BTreeMap;
use std::future::ready;

use countersign_aws::findings::{FindingKey, Narrow};
use domain::finding::FindingStateName;
use domain::ledger::Object;
use domain::views::{FindingPage, FindingQuery, FindingView, PAGE_SIZE};
use domain::{Actor, FindingId, FindingKind, Permission};
use futures::{StreamExt, TryStreamExt, stream};

use crate::{Console, Error};

/// The states in which a finding waits for somebody.
const WAITING: [FindingStateName; 2] = [FindingStateName::Open, FindingStateName::Acknowledged];

impl Console {
    /// One page of the findings that `query` names.
    pub async fn findings(&self, actor: &Actor, query: &FindingQuery) -> Result<FindingPage, Error> {
        self.allowed(actor, Permission::Read, Object::Route("findings".to_owned())).await?;
        let narrow = match (query.kind, query.severity) {
            (Some(kind), _) => Narrow::Kind(kind),
            (None, Some(severity)) => Narrow::Severity(severity),
            (None, None) => Narrow::All,
        };
        let mut keys: Vec<FindingKey> = Vec::new();
        for state in query.state.map_or_else(|| WAITING.to_vec(), |state| vec![state]) {
            keys.extend(self.aws.finding_keys(state, narrow).try_collect::<Vec<_>>().await?);
        }
        keys.retain(|key| {
            query.authority.as_ref().is_none_or(|authority| key.id.scope == *authority)
                && query.severity.is_none_or(|severity| key.id.kind.severity() == severity)
        });
        keys.sort();
        let size = usize::try_from(PAGE_SIZE).unwrap_or(usize::MAX);
        let first = usize::try_from(query.page).unwrap_or(usize::MAX).saturating_mul(size);
        let ids: Vec<FindingId> = keys.iter().skip(first).take(size).map(|key| key.id.clone()).collect();
        Ok(FindingPage {
            findings: self.aws.findings(&ids).await?,
            total: u64::try_from(keys.len()).unwrap_or(u64::MAX),
            page: query.page,
            waiting: self.waiting_findings().await?,
        })
    }

    /// One finding, and what the viewer may do about it.
    pub async fn finding(&self, actor: &Actor, id: &FindingId) -> Result<FindingView, Error> {
        self.allowed(actor, Permission::Read, Object::Finding(id.clone())).await?;
        let finding = self.aws.finding(id).await?;
        let cannot_handle = finding.open_to(actor).err().map(|refusal| refusal.to_string());
        let cannot_revoke = match (&finding.authority, id.subject.serial()) {
            (Some(authority), Some(serial)) => self.cannot_revoke(actor, authority, serial).await?,
            _ => Some("It is not about a certificate.".to_owned()),
        };
        let authority = finding.authority.as_ref().map(|authority| self.named(authority));
        let notices = self.aws.notices_of(id).await?;
        let notifications = notices.into_iter().map(|notice| notice.state).collect();
        Ok(FindingView { authority, finding, notifications, cannot_handle, cannot_revoke })
    }

    /// How many findings are open or acknowledged; not counted further than `most`.
    pub(crate) async fn count_waiting_findings(&self, most: usize) -> Result<u64, Error> {
        let all = WAITING.map(|state| self.aws.finding_keys(state, Narrow::All).boxed());
        let counted = stream::iter(all).flatten().take(most).try_fold(0, |count, _| ready(Ok(count + 1)));
        Ok(counted.await?)
    }

    /// Open and acknowledged findings by kind, over all authorities.
    pub(crate) async fn waiting_findings(&self) -> Result<BTreeMap<FindingKind, u64>, Error> {
        let mut counts = BTreeMap::new();
        for state in WAITING {
            let mut keys = std::pin::pin!(self.aws.finding_keys(state, Narrow::All));
            while let Some(key) = keys.try_next().await? {
                *counts.entry(key.id.kind).or_default() += 1;
            }
        }
        Ok(counts)
    }
}
