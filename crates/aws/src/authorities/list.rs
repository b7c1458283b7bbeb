//! The CAs of the account, for whoever sets up the configuration.

use domain::AuthorityArn;

use crate::error::sdk;
use crate::{Aws, Error, Thing};

impl Aws {
    /// Every CA that the account owns in the region, deleted ones included.
    pub async fn list_authorities(&self) -> Result<Vec<AuthorityArn>, Error> {
        let mut items = self.own.acmpca.list_certificate_authorities().into_paginator().items().send();
        let mut authorities = Vec::new();
        while let Some(item) = items.next().await {
            let operation = "acm-pca:ListCertificateAuthorities";
            let item = item.map_err(sdk(operation, Thing::Authority, &self.settings.region))?;
            let arn = item.arn().unwrap_or_default();
            authorities.push(arn.parse().map_err(|error| Error::invalid(operation, arn, error))?);
        }
        Ok(authorities)
    }
}
