//! One run, and which one is under way.

use domain::{AuthorityId, Run, RunId};

use super::RUN;
use crate::item::{body, text};
use crate::{Aws, Error, Thing, keys};

impl Aws {
    /// # Errors
    /// [`Error::NotFound`]
    pub async fn run(&self, authority: &AuthorityId, id: &RunId) -> Result<Run, Error> {
        let item = self.item(Thing::Run, &keys::run(authority, id)).await?;
        body(Thing::Run, &item.ok_or_else(|| Error::not_found(Thing::Run, id.as_str()))?)
    }

    /// The run of the authority that was ordered and has not ended, as it is now.
    pub async fn run_under_way(&self, authority: &AuthorityId) -> Result<Option<RunId>, Error> {
        let item = self.item(Thing::Run, &keys::running(authority)).await?;
        let id = item.as_ref().map(|item| text(Thing::Run, item, RUN)).transpose()?;
        let id = id.map(str::parse).transpose();
        id.map_err(|error| Error::invalid("reading", format!("the run under way of {authority}"), error))
    }
}
