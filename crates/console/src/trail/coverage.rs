//! How far the trail can be trusted, hour by hour.

use domain::ledger::Object;
use domain::views::CoverageView;
use domain::{Actor, Permission};

use crate::{Console, Error};

impl Console {
    /// The calendar of all trails.
    pub async fn coverage(&self, actor: &Actor) -> Result<CoverageView, Error> {
        self.allowed(actor, Permission::Read, Object::Route("coverage".to_owned())).await?;
        Ok(CoverageView {
            cannot_load: Some("No trail is configured.".to_owned()),
            ..CoverageView::default()
        })
    }

    /// Starts to read a month (`2026-08`) that is older than what is read by itself.
    pub async fn load_month(&self, actor: &Actor, _month: &str) -> Result<(), Error> {
        self.allowed(actor, Permission::Operate, Object::Route("coverage".to_owned())).await?;
        Err(Error::Conflict("No trail is configured.".to_owned()))
    }
}
