//! The findings in one state, the worst first: what `console` still lists by. Goes once it keeps the findings itself.

use domain::finding::FindingStateName;
use domain::{Finding, FindingId, FindingKind, Severity, Timestamp};
use futures::{Stream, TryStreamExt, stream};

use crate::{Aws, Error};

/// A finding's place in the list. Orders by severity, kind, then age: merge several states by it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FindingKey {
    place: String,
    /// Says kind, authority and serial number; the rest is read by [`Aws::findings`].
    pub id: FindingId,
}

/// A part of the list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Narrow {
    #[default]
    All,
    Severity(Severity),
    Kind(FindingKind),
}

impl Aws {
    /// The keys of the findings in `state`, the worst first, as they were a moment ago.
    pub fn finding_keys(
        &self,
        state: FindingStateName,
        narrow: Narrow,
    ) -> impl Stream<Item = Result<FindingKey, Error>> + use<> {
        let all = self.findings_written_since(Timestamp::EPOCH);
        let keys = async move {
            let mut findings = std::collections::HashMap::new();
            let mut all = std::pin::pin!(all);
            while let Some(written) = all.try_next().await? {
                findings.insert(written.finding.id.clone(), written.finding);
            }
            let wanted = findings.into_values().filter(|finding| {
                let kind = finding.id.kind;
                finding.state.name() == state
                    && match narrow {
                        Narrow::All => true,
                        Narrow::Severity(severity) => kind.severity() == severity,
                        Narrow::Kind(wanted) => kind == wanted,
                    }
            });
            let mut keys: Vec<FindingKey> = wanted.map(key).collect();
            keys.sort();
            Ok::<_, Error>(stream::iter(keys.into_iter().map(Ok)))
        };
        stream::once(keys).try_flatten()
    }
}

fn key(finding: Finding) -> FindingKey {
    let rank = match finding.id.kind.severity() {
        Severity::Critical => 1,
        Severity::High => 2,
        Severity::Medium => 3,
        Severity::Low => 4,
    };
    let (kind, seen) = (finding.id.kind, finding.first_seen.unix().max(0));
    FindingKey { place: format!("{rank}#{kind}#{seen:012}#{}", finding.id), id: finding.id }
}
