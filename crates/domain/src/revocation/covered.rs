//! Whether what the ledger's log says was revoked by a request is what people have approved.

use super::evidence::{Evidence, EvidentTargets};
use crate::authority::AuthorityArn;
use crate::ledger::decided::{Certificates, Demanded};
use crate::serial::Serial;

/// Why it is not.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotCovered {
    /// It was frozen with others than the log says.
    #[error("the log says other demands, or another number of certificates, than it was frozen with")]
    OtherDemands,
    /// It is about another authority.
    #[error("a certificate of {0} was revoked by it, which it is not about")]
    OtherAuthority(AuthorityArn),
    /// It is about others.
    #[error("the certificate {} was revoked by it, and is not among its own", .0.colons())]
    OtherCertificate(Serial),
}

impl Evidence {
    /// Holds what the log says against what was frozen, which [is whole](Evidence::is_whole). Says of how many certificates this
    /// evidence shows nothing, as it has one of them only.
    ///
    /// # Errors
    /// More was revoked by the request than it is about, or it demanded something else.
    pub fn covers(&self, demanded: Demanded, revoked: &Certificates) -> Result<usize, NotCovered> {
        let frozen = Demanded {
            approvals: usize::try_from(self.request.approvals_needed).unwrap_or(usize::MAX),
            targets: self.request.target_count.into(),
            alone: self.request.alone.is_some(),
        };
        if demanded != frozen {
            return Err(NotCovered::OtherDemands);
        }
        if let Some(other) = revoked.keys().find(|authority| **authority != self.request.authority) {
            return Err(NotCovered::OtherAuthority(other.clone()));
        }
        let mut serials = revoked.values().flatten();
        match &self.targets {
            EvidentTargets::All(targets) => {
                // In the order of their serial numbers, as the hash has them.
                let is_meant =
                    |serial: &Serial| targets.binary_search_by_key(serial, |target| target.serial).is_ok();
                match serials.find(|serial| !is_meant(serial)) {
                    Some(other) => Err(NotCovered::OtherCertificate(*other)),
                    None => Ok(0),
                }
            }
            EvidentTargets::One { target, .. } => {
                Ok(serials.filter(|serial| **serial != target.serial).count())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::request;
    use super::*;

    #[test]
    fn what_goes_beyond_what_was_frozen_is_named() {
        let (request, targets) = request(2);
        let authority = request.authority.clone();
        let evidence = |only: Option<&str>| Evidence {
            request: request.clone(),
            targets: EvidentTargets::of(targets.clone(), only.map(|one| one.parse().unwrap())).unwrap(),
            request_proof: None,
            decisions: Vec::new(),
            drill: None,
        };
        let demanded = Demanded { approvals: 2, targets: 2, alone: false };
        let of = |authority: &AuthorityArn, serials: &[&str]| -> Certificates {
            [(authority.clone(), serials.iter().map(|serial| serial.parse().unwrap()).collect())].into()
        };
        let both = of(&authority, &["0a", "0b"]);
        assert_eq!(evidence(None).covers(demanded, &both), Ok(0));
        assert_eq!(evidence(Some("0a")).covers(demanded, &both), Ok(1), "of the other it shows nothing");
        let third: Serial = "0c".parse().unwrap();
        let refused = Err(NotCovered::OtherCertificate(third));
        assert_eq!(evidence(None).covers(demanded, &of(&authority, &["0a", "0c"])), refused);
        let other: AuthorityArn =
            "arn:aws:acm-pca:eu-central-1:111122223333:certificate-authority/3344".parse().unwrap();
        let refused = Err(NotCovered::OtherAuthority(other.clone()));
        assert_eq!(evidence(None).covers(demanded, &of(&other, &["0a"])), refused);
        for lowered in [
            Demanded { approvals: 1, ..demanded },
            Demanded { targets: 3, ..demanded },
            Demanded { alone: true, ..demanded },
        ] {
            assert_eq!(evidence(None).covers(lowered, &both), Err(NotCovered::OtherDemands), "{lowered:?}");
        }
    }
}
