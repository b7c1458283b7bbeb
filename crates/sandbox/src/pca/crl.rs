//! What an authority's configuration may say of CRL and OCSP; when its CRL is published, and where it lies.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::error::ApiError;
use super::stamp::Stamp;
use super::store::{Authority, Serial};

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
    /// From thisUpdate to nextUpdate.
    pub validity: Duration,
    /// One, or the partitions.
    pub lists: Vec<List>,
    /// Certificates name their list.
    in_certificates: bool,
}

/// One list of an authority.
#[derive(Clone, Debug)]
pub struct List {
    pub key: String,
    pub url: String,
    /// The list itself says for which certificates it is: those that name its URL.
    pub is_partition: bool,
}

/// AWS begins a partition when the one before it is full (1 MB). Here each authority has as many as this from the start.
const PARTITIONS: u8 = 4;

const DAY: Duration = Duration::from_secs(86_400);

impl RevocationConfiguration {
    /// Refuses what AWS refuses, and what the sandbox lacks.
    pub fn check(&self) -> Result<(), ApiError> {
        let crl = &self.crl_configuration;
        if self.ocsp_configuration.ocsp_custom_cname.as_ref().is_some_and(|name| name.contains("://")) {
            return Err(ApiError::invalid_args("OcspCustomCname must not include a protocol prefix."));
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
        if !matches!(crl.crl_type.as_deref(), None | Some("COMPLETE" | "PARTITIONED")) {
            return Err(ApiError::invalid_args("CrlType must be COMPLETE or PARTITIONED."));
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
        let folder = crl.custom_path.as_deref().unwrap_or("crl").trim_matches('/');
        let at = |key: String, is_partition: bool| {
            let url = match &crl.custom_cname {
                Some(name) => format!("http://{name}/{key}"),
                None => format!("http://{bucket}.s3.{region}.amazonaws.com/{key}"),
            };
            List { key, url, is_partition }
        };
        let uuid = &authority.uuid;
        let lists = match (crl.crl_type.as_deref(), &crl.custom_path) {
            (Some("PARTITIONED"), custom) => {
                let below = if custom.is_some() { folder.to_owned() } else { format!("{folder}/{uuid}") };
                let name = |number| format!("{below}/{}.crl", partition_name(uuid, number));
                (0..PARTITIONS).map(|number| at(name(number), true)).collect()
            }
            _ => vec![at(format!("{folder}/{uuid}.crl"), false)],
        };
        let omitted = crl.distribution_point.is_some_and(|point| point.omit_extension);
        Ok(Some(Self { bucket, validity: DAY * days, lists, in_certificates: !omitted }))
    }

    /// The list that is for the certificate with this serial number, which is random.
    pub fn list_of(&self, serial: &Serial) -> Option<&List> {
        self.lists.get(usize::from(serial[15]) % self.lists.len().max(1))
    }

    /// The URL that a certificate names.
    pub fn url_for(&self, serial: &Serial) -> Option<&str> {
        self.list_of(serial).filter(|_| self.in_certificates).map(|list| list.url.as_str())
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

/// A GUID that is always the same for the same partition.
fn partition_name(authority: &str, number: u8) -> uuid::Uuid {
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&Sha256::digest(format!("{authority}/{number}"))[..16]);
    uuid::Builder::from_random_bytes(bytes).into_uuid()
}

/// The address of the responder for the certificates of an authority; `None`: it has none. AWS's own is named after the
/// Region.
pub fn ocsp_url(authority: &Authority, region: &str) -> Result<Option<String>, ApiError> {
    let configuration: RevocationConfiguration =
        serde_json::from_str(&authority.revocation).map_err(ApiError::internal)?;
    let ocsp = configuration.ocsp_configuration;
    Ok(ocsp.enabled.then(|| match ocsp.ocsp_custom_cname {
        Some(name) => format!("http://{name}"),
        None => format!("http://ocsp.acm-pca.{region}.amazonaws.com"),
    }))
}
