//! The verbs: what people do. Each asks for the permission, then the rule, and makes one write with its ledger entry.

mod bulk;
mod calendar;
mod channels;
mod exports;
pub(crate) mod findings;
mod incident;
mod lists;
mod months;
pub(crate) mod pack;
pub(crate) mod revocations;
mod runs;
mod sessions;

pub use exports::ExportUnderWay;

use domain::ledger::{Action, Body, Object};
use domain::{Actor, Permission};

use crate::journal::who;
use crate::{Console, Error};

impl Console {
    /// Passes if `actor` has `permission`; else records the refused attempt on `object` and says why.
    pub(crate) async fn allowed(
        &self,
        actor: &Actor,
        permission: Permission,
        object: Object,
    ) -> Result<(), Error> {
        if actor.may(permission) {
            return Ok(());
        }
        let attempt = format!("{permission:?}").to_lowercase();
        let error = Error::Forbidden(permission.refusal().to_owned());
        Err(self.journal.refuse(actor, &attempt, object, error).await)
    }

    /// The beginning of a ledger entry: `actor` does something now.
    fn told(&self, actor: &Actor, action: Action, object: Object) -> Body {
        self.journal.told(who(actor), action, object)
    }
}
