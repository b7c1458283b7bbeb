//! The list of certificates, as fresh as this replica's read model.

use domain::ledger::Object;
use domain::views::{CertificatePage, CertificateQuery};
use domain::{Actor, Permission};

use crate::{Console, Error};

impl Console {
    /// One page of the certificates that `query` names.
    pub async fn certificates(
        &self,
        actor: &Actor,
        query: &CertificateQuery,
    ) -> Result<CertificatePage, Error> {
        self.allowed(actor, Permission::Read, Object::Route("certificates".to_owned())).await?;
        self.records.model.certificates(query, self.clock.now()).await
    }
}
