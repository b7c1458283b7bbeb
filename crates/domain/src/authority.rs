//! Private certificate authorities and the certificates they issue, by ARN.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::id::id;
use crate::serial::Serial;

/// `arn:PARTITION:acm-pca:REGION:ACCOUNT:certificate-authority/ID`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AuthorityArn {
    /// Each certificate of a million has it.
    arn: Arc<str>,
    id_at: usize,
}

id!(
    /// The last part of an authority's ARN: a UUID, unique over accounts and regions, safe in URLs and keys.
    AuthorityId,
    "the id of an authority (letters, digits and dashes, 64 at most)",
    is_name
);

/// Why a text does not name an authority or one of its certificates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ArnError {
    /// The text does not name an authority.
    #[error("not an ARN of a private CA (arn:aws:acm-pca:REGION:ACCOUNT:certificate-authority/ID)")]
    Authority,
    /// The text does not name a certificate of an authority.
    #[error("not an ARN of a private CA's certificate (…:certificate-authority/ID/certificate/SERIAL)")]
    Certificate,
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.len() <= 64 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

impl AuthorityArn {
    /// The whole ARN, as it was written.
    pub fn as_str(&self) -> &str {
        &self.arn
    }

    /// The last part of the ARN.
    pub fn id(&self) -> AuthorityId {
        AuthorityId(self.arn[self.id_at..].to_owned())
    }

    /// Such as `aws`, or `aws-cn` in China.
    pub fn partition(&self) -> &str {
        self.arn.split(':').nth(1).unwrap_or_default()
    }

    /// The AWS Region, such as `eu-central-1`.
    pub fn region(&self) -> &str {
        self.arn.split(':').nth(3).unwrap_or_default()
    }

    /// The AWS account: 12 digits.
    pub fn account(&self) -> &str {
        self.arn.split(':').nth(4).unwrap_or_default()
    }

    /// The ARN of the certificate with this serial number.
    pub fn certificate(&self, serial: Serial) -> String {
        format!("{}/certificate/{serial}", self.arn)
    }

    /// The serial number of a certificate's ARN, if the certificate is this authority's.
    pub fn serial_of(&self, arn: &str) -> Option<Serial> {
        arn.strip_prefix(self.as_str())?.strip_prefix("/certificate/")?.parse().ok()
    }

    /// Splits `…/certificate/SERIAL` into its authority and serial number.
    pub fn parse_certificate(arn: &str) -> Result<(Self, Serial), ArnError> {
        // Each report has a million of these: a search for a byte is quicker than one for a text.
        let parts = arn.match_indices('/').find_map(|(at, _)| {
            let (authority, rest) = arn.split_at(at);
            Some((authority, rest.strip_prefix("/certificate/")?))
        });
        let (authority, serial) = parts.ok_or(ArnError::Certificate)?;
        Ok((authority.parse()?, serial.parse().map_err(|_| ArnError::Certificate)?))
    }
}

impl FromStr for AuthorityArn {
    type Err = ArnError;

    fn from_str(arn: &str) -> Result<Self, ArnError> {
        let mut parts = arn.split(':');
        let [
            Some("arn"),
            Some(partition),
            Some("acm-pca"),
            Some(region),
            Some(account),
            Some(resource),
            None,
        ] = std::array::from_fn(|_| parts.next())
        else {
            return Err(ArnError::Authority);
        };
        let id = resource.strip_prefix("certificate-authority/").ok_or(ArnError::Authority)?;
        let is_account = account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit());
        if !(partition.starts_with("aws")
            && is_name(partition)
            && is_name(region)
            && is_account
            && is_name(id))
        {
            return Err(ArnError::Authority);
        }
        Ok(Self { id_at: arn.len() - id.len(), arn: arn.into() })
    }
}

impl TryFrom<String> for AuthorityArn {
    type Error = ArnError;

    fn try_from(arn: String) -> Result<Self, ArnError> {
        arn.parse()
    }
}

impl From<AuthorityArn> for String {
    fn from(arn: AuthorityArn) -> Self {
        arn.arn.as_ref().to_owned()
    }
}

impl fmt::Display for AuthorityArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.arn)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARN: &str = "arn:aws:acm-pca:eu-central-1:111122223333:certificate-authority/11223344-1234-1122-2233-112233445566";

    #[test]
    fn an_arn_comes_apart() {
        let arn: AuthorityArn = ARN.parse().unwrap();
        assert_eq!(arn.id().as_str(), "11223344-1234-1122-2233-112233445566");
        assert_eq!((arn.region(), arn.account()), ("eu-central-1", "111122223333"));
        let certificate = arn.certificate("0A:1B".parse().unwrap());
        assert_eq!(arn.serial_of(&certificate), "0a1b".parse().ok());
        assert_eq!(arn.serial_of(&certificate.replace("445566/", "445567/")), None);
        assert_eq!(AuthorityArn::parse_certificate(&certificate), Ok((arn, "0a1b".parse().unwrap())));
    }

    #[test]
    fn other_resources_are_refused() {
        for wrong in [
            "",
            "arn:aws:s3:::bucket",
            "arn:aws:acm-pca:::template/EndEntityCertificate/V1",
            "arn:aws:acm-pca:r:1:certificate-authority/a",
            "arn:aws:acm-pca:r:111122223333:certificate-authority/../x",
            &format!("{ARN}/certificate/0a"),
            &format!("{ARN}:x"),
        ] {
            assert_eq!(wrong.parse::<AuthorityArn>(), Err(ArnError::Authority), "{wrong}");
        }
    }
}
