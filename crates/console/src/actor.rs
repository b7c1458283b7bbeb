//! Who may: each verb asks here first. A refusal is an entry in the ledger.

use domain::ledger::Object;
use domain::{Actor, Permission};

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
        tracing::warn!(person = %actor.person.id, ?object, "refused: {}", permission.refusal());
        Err(Error::Forbidden(permission.refusal().to_owned()))
    }
}
