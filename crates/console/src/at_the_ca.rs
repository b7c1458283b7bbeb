//! What the CA itself says of a certificate: the word that no other record overrules.

use countersign_aws::Aws;
use countersign_aws::certificates::Issued;
use domain::certificate::X509Details;
use domain::{AuthorityArn, Serial};

/// What the CA has under a serial number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum AtTheCa {
    Signed(Box<X509Details>),
    /// It was asked for, and is not signed yet.
    InProgress,
    /// The CA knows no such certificate.
    Unknown,
    /// The CA has it, and what it gave cannot be read: why, for people.
    Unreadable(String),
}

impl AtTheCa {
    /// Whether the CA knows the certificate.
    pub fn is_known(&self) -> bool {
        *self != Self::Unknown
    }
}

/// Asks the CA (GetCertificate).
///
/// # Errors
/// It did not answer.
pub(crate) async fn ask(
    aws: &Aws,
    authority: &AuthorityArn,
    serial: Serial,
) -> Result<AtTheCa, countersign_aws::Error> {
    Ok(match aws.certificate(authority, serial).await? {
        Issued::Ready { pem, .. } => match feeds::x509::read(pem.as_bytes()) {
            Ok(details) if details.serial == serial => AtTheCa::Signed(Box::new(details)),
            Ok(_) => AtTheCa::Unreadable("The CA answered with another certificate.".to_owned()),
            Err(error) => AtTheCa::Unreadable(error.to_string()),
        },
        Issued::InProgress => AtTheCa::InProgress,
        Issued::Unknown => AtTheCa::Unknown,
    })
}
