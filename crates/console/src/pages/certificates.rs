//! The list of certificates, as fresh as this replica's read model.

use domain::ledger::Object;
use domain::views::{CertificatePage, CertificateQuery};
use domain::{Actor, Permission, Timestamp};

use crate::{Console, Error};

/// How many lines of a file are made at a time.
const TOGETHER: u32 = 2000;

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

    /// As many of them as a file is made of at a time, and when they were read.
    pub async fn certificates_for_a_file(
        &self,
        actor: &Actor,
        query: &CertificateQuery,
    ) -> Result<(CertificatePage, Timestamp), Error> {
        self.allowed(actor, Permission::Read, Object::Route("certificates".to_owned())).await?;
        let now = self.clock.now();
        Ok((self.records.model.many_certificates(query, TOGETHER, now).await?, now))
    }
}
