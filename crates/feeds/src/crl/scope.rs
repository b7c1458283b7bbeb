//! Which certificates a list speaks about: its issuing distribution point (RFC 5280 §5.2.5).

use x509_cert::der::Decode;
use x509_cert::der::oid::db::rfc5280::{
    ID_CE_AUTHORITY_KEY_IDENTIFIER, ID_CE_CRL_NUMBER, ID_CE_ISSUING_DISTRIBUTION_POINT,
};
use x509_cert::ext::Extensions;
use x509_cert::ext::pkix::crl::IssuingDistributionPoint;
use x509_cert::ext::pkix::name::{DistributionPointName, GeneralName};

use super::CrlError;
use crate::x509::printable;

/// Which certificates of its CA a list speaks about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// The addresses at which it is found. None: it is for every certificate; else for those alone that name one of them.
    pub points: Vec<String>,
    /// The reasons that it is limited to, "KeyCompromise, Superseded"; `None`: it is for all.
    pub reasons: Option<String>,
}

impl Scope {
    /// Whether it is for a certificate that names these addresses as its distribution points.
    pub fn covers(&self, points: &[String]) -> bool {
        self.points.is_empty() || points.iter().any(|point| self.points.contains(point))
    }

    /// From the extensions of a list, in DER.
    pub(super) fn of(extensions: &[u8]) -> Result<Self, CrlError> {
        let mut scope = Self::default();
        for extension in Extensions::from_der(extensions)? {
            match extension.extn_id {
                ID_CE_ISSUING_DISTRIBUTION_POINT => scope = Self::point(extension.extn_value.as_bytes())?,
                // Whose signature it is decides the CA's own key. A list that has no number is none the worse here.
                ID_CE_AUTHORITY_KEY_IDENTIFIER | ID_CE_CRL_NUMBER => (),
                // RFC 5280 §5.2: what one does not know and is critical makes the list useless. A delta CRL is one.
                _ if extension.critical => return Err(CrlError::Kind),
                _ => (),
            }
        }
        Ok(scope)
    }

    fn point(point: &[u8]) -> Result<Self, CrlError> {
        let point = IssuingDistributionPoint::from_der(point)?;
        if point.indirect_crl || point.only_contains_ca_certs || point.only_contains_attribute_certs {
            return Err(CrlError::Kind);
        }
        let points = match point.distribution_point {
            None => Vec::new(),
            Some(DistributionPointName::FullName(names)) => {
                let uris = names.iter().filter_map(|name| match name {
                    GeneralName::UniformResourceIdentifier(uri) => Some(printable(uri.as_str())),
                    _ => None,
                });
                let uris: Vec<_> = uris.collect();
                // None at all would mean that it is for every certificate.
                if uris.is_empty() {
                    return Err(CrlError::Kind);
                }
                uris
            }
            Some(DistributionPointName::NameRelativeToCRLIssuer(_)) => return Err(CrlError::Kind),
        };
        let named = |reason| format!("{reason:?}");
        let reasons =
            point.only_some_reasons.map(|some| some.into_iter().map(named).collect::<Vec<_>>().join(", "));
        Ok(Self { points, reasons })
    }
}
