//! The newest report of a CA that lies in a bucket, whoever asked for it.

use domain::{AuthorityId, Timestamp};
use futures::TryStreamExt;

use crate::{Aws, Error};

/// A finished report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LatestReport {
    pub id: String,
    pub key: String,
    /// When it was finished: a little after it was made.
    pub finished_at: Timestamp,
}

impl Aws {
    /// Looks at `audit-report/CA/ID.json` and `.csv`. `None`: there is none.
    pub async fn latest_report(
        &self,
        bucket: &str,
        authority: &AuthorityId,
    ) -> Result<Option<LatestReport>, Error> {
        let prefix = format!("audit-report/{authority}/");
        let objects = self.list_objects(bucket, &prefix);
        let report = |latest: Option<LatestReport>, object: crate::objects::Listed| {
            let name = object.key.strip_prefix(&prefix).unwrap_or_default();
            let id = name.strip_suffix(".json").or_else(|| name.strip_suffix(".csv"));
            let newer = latest.as_ref().is_none_or(|latest| object.last_modified > latest.finished_at);
            let this = id.filter(|id| newer && !id.is_empty() && !id.contains('/')).map(str::to_owned);
            let this = this.map(|id| LatestReport { id, key: object.key, finished_at: object.last_modified });
            futures::future::ready(Ok(this.or(latest)))
        };
        objects.try_fold(None, report).await
    }
}
