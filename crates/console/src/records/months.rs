//! The months that have log files in the trail's bucket. They are listed from time to time, so that nobody waits for S3 who
//! looks at them.

use std::collections::BTreeSet;
use std::time::Duration;

use super::Records;
use crate::Error;
use crate::days::month;
use crate::lock::lock;

/// How often they are listed.
pub(crate) const INTERVAL: Duration = Duration::from_secs(300);

impl Records {
    /// Lists them anew.
    pub async fn keep_months(&self) -> Result<(), Error> {
        let Some(trail) = &self.trail else { return Ok(()) };
        let mut months = BTreeSet::new();
        for part in trail.parts() {
            let logs = trail.location(&part).logs();
            for year in self.aws.list_folders(&trail.bucket, &logs).await? {
                let names = self.aws.list_folders(&trail.bucket, &format!("{logs}{year}/")).await?;
                let names = names.into_iter().map(|number| format!("{year}-{number}"));
                months.extend(names.filter(|name| month(name).is_some()));
            }
        }
        *lock(&self.months) = months;
        Ok(())
    }

    /// `2026-08`, as it was when they were last listed; none before that.
    pub fn months(&self) -> BTreeSet<String> {
        lock(&self.months).clone()
    }
}
