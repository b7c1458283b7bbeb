//! When an authority's CRL is published, where it lies, and what its configuration may say.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::error::ApiError;
use super::stamp::Stamp;
use super::store::Authority;

/// RevocationConfiguration of the API. Members that the sandbox cannot honour are refused, not dropped.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct RevocationConfiguration {
    #[serde(default)]
    pub crl_configuration: CrlConfiguration,
    #[serde(default)]
    pub ocsp_configuration: OcspConfiguration,
}

#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct CrlConfiguration {
    pub enabled: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expiration_in_days: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub custom_cname: Option<String>,
    #[serde(rename = "S3BucketName", skip_serializing_if = "Option::is_none")]
    pub s3_bucket_name: Option<String>,
    #[serde(rename = "S3ObjectAcl", skip_serializing_if = "Option::is_none")]
    pub s3_object_acl: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub crl_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub custom_path: Option<String>,
    #[serde(rename = "CrlDistributionPointExtensionConfiguration", skip_serializing_if = "Option::is_none")]
    pub distribution_point: Option<DistributionPoint>,
}

#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DistributionPoint {
    pub omit_extension: bool,
}

#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct OcspConfiguration {
    pub enabled: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ocsp_custom_cname: Option<String>,
}

/// What is needed to publish: only there if the CRL is enabled.
#[derive(Clone, Debug)]
pub struct Publication {
    pub bucket: String,
    pub key: String,
    /// From thisUpdate to nextUpdate.
    pub validity: Duration,
    /// The URL in certificates; `None` if they shall not name the CRL.
    pub url: Option<String>,
}

const DAY: Duration = Duration::from_secs(86_400);

impl RevocationConfiguration {
    /// Refuses what AWS refuses, and what the sandbox lacks.
    pub fn check(&self) -> Result<(), ApiError> {
        let crl = &self.crl_configuration;
        if self.ocsp_configuration.enabled {
            return Err(ApiError::invalid_args("The sandbox has no OCSP responder."));
        }
        if !crl.enabled {
            return Ok(());
        }
        if !matches!(crl.expiration_in_days, Some(1..=5000)) {
            return Err(ApiError::invalid_args(
                "ExpirationInDays must be between 1 and 5000 if the CRL is enabled.",
            ));
        }
        if crl.s3_bucket_name.as_ref().is_none_or(|name| !(3..=255).contains(&name.len())) {
            return Err(ApiError::invalid_args("S3BucketName must be given if the CRL is enabled."));
        }
        if crl.crl_type.as_deref().unwrap_or("COMPLETE") != "COMPLETE" {
            return Err(ApiError::invalid_args("The sandbox publishes complete CRLs only."));
        }
        if crl.custom_path.is_some() {
            return Err(ApiError::invalid_args("The sandbox has no custom paths for CRLs."));
        }
        let omitted = crl.distribution_point.is_some_and(|point| point.omit_extension);
        if omitted && crl.custom_cname.is_some() {
            return Err(ApiError::invalid_args("OmitExtension cannot be enabled with a custom CNAME set."));
        }
        if crl.custom_cname.as_ref().is_some_and(|name| !name.is_ascii()) {
            return Err(ApiError::invalid_args("CustomCname must be ASCII."));
        }
        Ok(())
    }
}

impl Publication {
    /// Of an authority whose CRL is enabled.
    pub fn of(authority: &Authority, region: &str) -> Result<Option<Self>, ApiError> {
        let configuration: RevocationConfiguration =
            serde_json::from_str(&authority.revocation).map_err(ApiError::internal)?;
        let crl = configuration.crl_configuration;
        let (true, Some(bucket), Some(days)) = (crl.enabled, crl.s3_bucket_name, crl.expiration_in_days)
        else {
            return Ok(None);
        };
        let key = format!("crl/{}.crl", authority.uuid);
        let url = match (crl.distribution_point, crl.custom_cname) {
            (Some(DistributionPoint { omit_extension: true }), _) => None,
            (_, Some(name)) => Some(format!("http://{name}/{key}")),
            (_, None) => Some(format!("http://{bucket}.s3.{region}.amazonaws.com/{key}")),
        };
        Ok(Some(Self { bucket, key, validity: DAY * days, url }))
    }

    /// When the next CRL is to be written; `None`: nothing calls for one. `oldest_unseen` is when the oldest
    /// revocation was made that the published CRL does not know.
    ///
    /// "The first CRL is generated after a certificate has been issued that refers to it"; about 30 minutes after
    /// a revocation; and "AWS Private CA begins trying to regenerate the CRL at half the number of days" of its
    /// validity (user guide).
    pub fn due(&self, authority: &Authority, oldest_unseen: Option<Stamp>, delay: Duration) -> Option<Stamp> {
        let crl = &authority.crl;
        let regular = match crl.this_update {
            Some(published) => Some(published.plus(self.validity / 2)),
            None => crl.wanted_at.map(|wanted| wanted.plus(delay)),
        };
        let due = [regular, oldest_unseen.map(|revoked| revoked.plus(delay))].into_iter().flatten().min()?;
        Some(crl.retry_at.map_or(due, |retry| due.max(retry)))
    }
}
