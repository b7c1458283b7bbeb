//! Where a CA's CRLs are: in its bucket, and under which addresses its certificates name them. AWS Private CA User Guide,
//! "Plan your certificate revocation method", and CrlConfiguration in the API reference.

use aws_sdk_acmpca::types::{CrlConfiguration, CrlType};
use domain::AuthorityArn;

/// Where a CA's CRLs are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CrlPlace {
    pub bucket: String,
    pub kind: CrlKind,
    /// What the addresses of its lists begin with, before their keys.
    origins: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CrlKind {
    /// One CRL with every revoked certificate, under this key.
    Complete { key: String },
    /// Many, each for some of the certificates and named in them, with keys that begin so.
    Partitioned { prefix: String },
}

impl CrlPlace {
    pub(super) fn of(authority: &AuthorityArn, crl: &CrlConfiguration) -> Option<Self> {
        let bucket = crl.s3_bucket_name().filter(|_| crl.enabled())?.to_owned();
        let folder = crl.custom_path().map(|path| path.trim_matches('/'));
        let kind = match (crl.crl_type(), folder) {
            (Some(CrlType::Partitioned), Some(folder)) => {
                CrlKind::Partitioned { prefix: format!("{folder}/") }
            }
            (Some(CrlType::Partitioned), None) => {
                CrlKind::Partitioned { prefix: format!("crl/{}/", authority.id()) }
            }
            (_, folder) => {
                CrlKind::Complete { key: format!("{}/{}.crl", folder.unwrap_or("crl"), authority.id()) }
            }
        };
        let (region, suffix) = (authority.region(), suffix(authority));
        let hosts = [
            crl.custom_cname().map(str::to_owned),
            Some(format!("{bucket}.s3.{region}.{suffix}")),
            Some(format!("{bucket}.s3.{suffix}")),
            Some(format!("s3.{region}.{suffix}/{bucket}")),
        ];
        let origins = hosts.into_iter().flatten().map(|host| format!("http://{host}/")).collect();
        Some(Self { bucket, kind, origins })
    }

    /// The key in the bucket of the list at an address that a certificate names; `None`: the CA does not publish there. No
    /// other bucket is ever named by a certificate, and no key outside of what the CA is configured for.
    pub fn key_of(&self, address: &str) -> Option<String> {
        let mut keys = self.origins.iter().filter_map(|origin| address.strip_prefix(origin.as_str()));
        keys.next().filter(|key| self.is_list(key)).map(str::to_owned)
    }

    /// Whether a key of the bucket is that of a list of the CA.
    pub fn is_list(&self, key: &str) -> bool {
        match &self.kind {
            CrlKind::Complete { key: own } => key == own,
            CrlKind::Partitioned { prefix } => {
                let name = key.strip_prefix(prefix.as_str()).and_then(|name| name.strip_suffix(".crl"));
                name.is_some_and(|name| {
                    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
                })
            }
        }
    }

    /// For people: `s3://bucket/crl/ID.crl`.
    pub fn url(&self) -> String {
        match &self.kind {
            CrlKind::Complete { key } => format!("s3://{}/{key}", self.bucket),
            CrlKind::Partitioned { prefix } => format!("s3://{}/{prefix}", self.bucket),
        }
    }
}

/// The domain of AWS's services for a partition.
pub(super) fn suffix(authority: &AuthorityArn) -> &'static str {
    if authority.as_str().starts_with("arn:aws-cn:") { "amazonaws.com.cn" } else { "amazonaws.com" }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "11223344-1234-1122-2233-112233445566";

    fn place(
        change: impl FnOnce(
            aws_sdk_acmpca::types::builders::CrlConfigurationBuilder,
        ) -> aws_sdk_acmpca::types::builders::CrlConfigurationBuilder,
    ) -> Option<CrlPlace> {
        let arn = format!("arn:aws:acm-pca:eu-central-1:111122223333:certificate-authority/{ID}");
        let crl = CrlConfiguration::builder().enabled(true).s3_bucket_name("example-crl");
        CrlPlace::of(&arn.parse().unwrap(), &change(crl).build().unwrap())
    }

    #[test]
    fn a_complete_list_is_where_aws_writes_it() {
        let complete = place(|crl| crl).unwrap();
        assert_eq!(complete.url(), format!("s3://example-crl/crl/{ID}.crl"));
        let key = Some(format!("crl/{ID}.crl"));
        assert_eq!(
            complete.key_of(&format!("http://example-crl.s3.eu-central-1.amazonaws.com/crl/{ID}.crl")),
            key
        );
        assert_eq!(
            complete.key_of(&format!("http://s3.eu-central-1.amazonaws.com/example-crl/crl/{ID}.crl")),
            key
        );
        assert_eq!(complete.key_of(&format!("http://crl.example/crl/{ID}.crl")), None);
        let named = place(|crl| crl.custom_cname("crl.example").custom_path("pki/lists")).unwrap();
        assert_eq!(
            named.key_of(&format!("http://crl.example/pki/lists/{ID}.crl")),
            Some(format!("pki/lists/{ID}.crl"))
        );
        assert_eq!(place(|crl| crl.enabled(false)), None);
    }

    #[test]
    fn a_certificate_names_no_object_but_a_partition() {
        let partitioned = place(|crl| crl.crl_type(CrlType::Partitioned)).unwrap();
        let origin = "http://example-crl.s3.eu-central-1.amazonaws.com";
        let name = "0f0e0d0c-0b0a-0908-0706-050403020100";
        let key = format!("crl/{ID}/{name}.crl");
        assert_eq!(partitioned.key_of(&format!("{origin}/{key}")), Some(key));
        for other in ["../secret.crl", "a/b.crl", "%2e%2e/a.crl", "a.crl?versionId=1", "a.txt", ".crl", ""] {
            let address = format!("{origin}/crl/{ID}/{other}");
            assert_eq!(partitioned.key_of(&address), None, "{address}");
        }
        assert_eq!(
            partitioned.key_of(&format!("http://other.s3.eu-central-1.amazonaws.com/crl/{ID}/{name}.crl")),
            None
        );
        assert_eq!(partitioned.key_of(&format!("{origin}/reports/{name}.crl")), None);
    }
}
