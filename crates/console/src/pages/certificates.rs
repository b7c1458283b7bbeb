//! The list of certificates, as fresh as this replica's read model.

use domain::certificate::CertificateLine;
use domain::ledger::Object;
use domain::views::{CertificatePage, CertificateQuery, Place};
use domain::{Actor, Permission};

use super::Piece;
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

    /// As many of them as a file is made of at a time, from the place of `query` on.
    pub async fn certificates_for_a_file(
        &self,
        actor: &Actor,
        query: &CertificateQuery,
    ) -> Result<Piece<CertificateLine, Place>, Error> {
        self.allowed(actor, Permission::Read, Object::Route("certificates".to_owned())).await?;
        let now = self.clock.now();
        let page = self.records.model.many_certificates(query, TOGETHER, now).await?;
        Ok(Piece { lines: page.lines, next: page.next, now, as_of: page.as_of })
    }
}
