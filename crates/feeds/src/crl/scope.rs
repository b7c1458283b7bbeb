//! Which certificates a list speaks about: its issuing distribution point (RFC 5280 §5.2.5).

use x509_parser::extensions::{
    DistributionPointName, GeneralName, IssuingDistributionPoint, ParsedExtension, X509Extension,
};
use x509_parser::prelude::FromDer;

use super::CrlError;
use crate::x509::printable;

/// Which certificates of its CA a list speaks about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// The addresses at which it is found. None: it is for every certificate; else for those alone that name one of them.
    pub points: Vec<String>,
    /// The reasons that it is limited to; `None`: it is for all.
    pub reasons: Option<String>,
}

impl Scope {
    /// Whether it is for a certificate that names these addresses as its distribution points.
    pub fn covers(&self, points: &[String]) -> bool {
        self.points.is_empty() || points.iter().any(|point| self.points.contains(point))
    }

    /// From the extensions of a list, which are a SEQUENCE.
    pub(super) fn of(extensions: &[u8]) -> Result<Self, CrlError> {
        let mut scope = Self::default();
        let mut rest = extensions;
        while !rest.is_empty() {
            let (next, extension) =
                X509Extension::from_der(rest).map_err(|error| CrlError::Malformed(error.to_string()))?;
            rest = next;
            match extension.parsed_extension() {
                ParsedExtension::IssuingDistributionPoint(point) => scope = Self::point(point)?,
                ParsedExtension::AuthorityKeyIdentifier(_) | ParsedExtension::CRLNumber(_) => (),
                // RFC 5280 §5.2: what one does not know and is critical makes the list useless. A delta CRL is one.
                _ if extension.critical => return Err(CrlError::Kind),
                _ => (),
            }
        }
        Ok(scope)
    }

    fn point(point: &IssuingDistributionPoint<'_>) -> Result<Self, CrlError> {
        if point.indirect_crl || point.only_contains_attribute_certs {
            return Err(CrlError::Kind);
        }
        let points = match &point.distribution_point {
            None => Vec::new(),
            Some(DistributionPointName::FullName(names)) => {
                let uris = names.iter().filter_map(|name| match name {
                    GeneralName::URI(uri) => Some(printable(uri)),
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
        let reasons = point.only_some_reasons.as_ref().map(ToString::to_string);
        Ok(Self { points, reasons })
    }
}
