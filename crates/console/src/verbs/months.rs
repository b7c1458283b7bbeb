//! Reading an older month of the trail. A worker does it.

use countersign_aws::Error as AwsError;
use domain::ledger::{Action, Object};
use domain::trail::MonthLoad;
use domain::{Actor, Permission};

use crate::{Console, Error};

impl Console {
    /// Starts to read a month (`2026-08`) that is older than what is read by itself.
    ///
    /// # Errors
    /// [`Error::Invalid`]: there is no such month to be loaded; [`Error::Conflict`]: it is being loaded already.
    pub async fn load_month(&self, actor: &Actor, month: &str) -> Result<(), Error> {
        let object = Object::Route("coverage".to_owned());
        self.allowed(actor, Permission::Operate, object.clone()).await?;
        if self.configuration.trail.is_none() {
            return Err(Error::Conflict("No trail is configured.".to_owned()));
        }
        let since = self.trail_statuses().await?.into_iter().filter_map(|(_, status)| status.since).min();
        let older = self.older_months(since, &[]);
        if !older.iter().any(|older| older == month) {
            let why = "There are no older log files of this month. Choose one of those in the list.";
            return Err(Error::invalid("month", why));
        }
        let load = MonthLoad { month: month.to_owned(), done: 0, total: 0, finished: false, failure: None };
        let body = self.told(actor, Action::TrailMonthRequested, object).with("month", month);
        match self.journal.commit(vec![self.aws.start_month_load(&load)?], &body).await {
            Err(AwsError::Conflict { .. }) => {
                Err(Error::Conflict(format!("{month} is loaded already, or is being loaded.")))
            }
            done => done.map(drop).map_err(Error::from),
        }
    }
}
