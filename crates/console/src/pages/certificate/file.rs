//! A certificate to take along.

use countersign_aws::certificates::Issued;
use domain::ledger::Object;
use domain::{Actor, AuthorityId, Permission, Serial};

use crate::{Console, Error};

/// A certificate in the forms that programs take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateFile {
    /// As the CA gave it.
    pub pem: String,
    /// Its issuers, up to the root, as the CA gave them.
    pub chain: Option<String>,
    pub der: Vec<u8>,
}

impl Console {
    /// One certificate, read from its CA now. It is read here as well: what has another serial number is not given on.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the CA has not signed it.
    pub async fn certificate_file(
        &self,
        actor: &Actor,
        authority: &AuthorityId,
        serial: Serial,
    ) -> Result<CertificateFile, Error> {
        let authority = self.authority(authority)?.authority.clone();
        let object = Object::Certificate { authority: authority.arn.clone(), serial };
        self.allowed(actor, Permission::Read, object).await?;
        let Issued::Ready { pem, chain } = self.aws.certificate(&authority.arn, serial).await? else {
            return Err(Error::NotFound("certificate"));
        };
        let details = feeds::x509::read(pem.as_bytes()).map_err(Error::internal)?;
        if details.serial != serial {
            return Err(Error::internal("the CA answered with another certificate"));
        }
        let der = feeds::x509::der(pem.as_bytes()).map_err(Error::internal)?.into_owned();
        Ok(CertificateFile { pem, chain, der })
    }
}
