//! Who may: each verb asks here first. What is refused is an entry in the ledger.

use domain::ledger::{Action, Body, Object, Who};
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
        let attempt = format!("{permission:?}").to_lowercase();
        Err(self.refuse(actor, &attempt, object, Error::Forbidden(permission.refusal().to_owned())).await)
    }

    /// Records that `actor` was refused `attempt` on `object`, and gives the error back.
    pub(crate) async fn refuse(&self, actor: &Actor, attempt: &str, object: Object, error: Error) -> Error {
        let body =
            self.told(who(actor), Action::Refused, object).with("attempt", attempt).with("why", &error);
        tracing::warn!(person = %actor.person.id, attempt, "refused: {error}");
        self.refusals.tell(body).await;
        error
    }

    /// The beginning of a ledger entry: somebody does something now.
    pub(crate) fn told(&self, who: Who, action: Action, object: Object) -> Body {
        Body::new(self.clock.now(), who, action, object)
    }
}

/// The actor as the ledger names them, with the roles they acted in.
pub(crate) fn who(actor: &Actor) -> Who {
    Who::Person { person: actor.person.clone(), roles: actor.roles.iter().copied().collect() }
}

/// A part of Countersign as the ledger names it.
pub(crate) fn system(part: &str) -> Who {
    Who::System { part: part.to_owned() }
}
