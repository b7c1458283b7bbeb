//! Everything that one principal, access key or address did.

use std::collections::BTreeMap;

use domain::certificate::{CertificateLine, CertificateStatus};
use domain::ledger::Object;
use domain::trail::{Authorisation, Issuance};
use domain::views::{IdentityKey, IdentityView, IssuedCertificate};
use domain::{Actor, AuthorityArn, Permission, Serial};

use crate::records::events::{self, Deeds, Seen};
use crate::{Console, Error};

/// A certificate that an identity had issued, with what the events and the records say of it.
type Issued = (AuthorityArn, Serial, Deeds, Option<CertificateLine>);

impl Console {
    /// What one identity did to the authorities.
    ///
    /// # Errors
    /// [`Error::NotFound`]: it was never seen.
    pub async fn identity(&self, actor: &Actor, key: &IdentityKey) -> Result<IdentityView, Error> {
        self.allowed(actor, Permission::Read, Object::Route("identity".to_owned())).await?;
        if self.configuration.trail.is_none() {
            return Err(Error::NotFound("identity"));
        }
        let _late = self.records.catch_up_soon().await;
        let asked = key.clone();
        let read = self.records.model.read(move |snapshot, connection| {
            let Some(seen) = events::identity(connection, &asked)? else { return Ok(None) };
            let certificates = seen.certificates.iter().map(|(authority, serial)| {
                let deeds = events::deeds_of(connection, authority, *serial)?;
                let line = snapshot.line(connection, authority, *serial)?;
                Ok((authority.clone(), *serial, deeds, line))
            });
            let certificates = certificates.collect::<Result<Vec<Issued>, rusqlite::Error>>()?;
            Ok(Some((seen, certificates)))
        });
        let (seen, certificates) = read.await?.ok_or(Error::NotFound("identity"))?;
        let Seen { first, last, events, deeds, seen_with, judged, certificates_total, newest, .. } = seen;
        let mut authorisations = BTreeMap::new();
        for alike in judged {
            let authorisation = self.configuration.issuers.judge(&alike.issuance);
            *authorisations.entry(name(authorisation)).or_default() += alike.count;
        }
        Ok(IdentityView {
            key: key.clone(),
            first_seen: first,
            last_seen: last,
            events,
            deeds,
            seen_with,
            authorisations,
            certificates: certificates.into_iter().filter_map(|issued| self.issued(issued)).collect(),
            certificates_total: certificates_total.into_iter().collect(),
            newest: newest.into_iter().map(|shown| self.event_line(shown)).collect(),
        })
    }

    /// `None`: no event that can be believed says who had it issued.
    fn issued(&self, (authority, serial, deeds, line): Issued) -> Option<IssuedCertificate> {
        let issuance: Issuance = deeds.issuance?;
        let status = |line: &CertificateLine| {
            CertificateStatus::at(self.clock.now(), line.expires_at, line.revoked_at)
        };
        Some(IssuedCertificate {
            authority,
            serial,
            issued_at: line.as_ref().and_then(|line| line.issued_at).unwrap_or(issuance.at),
            status: line.as_ref().map(status),
            authorisation: self.configuration.issuers.judge(&issuance),
            event: issuance.event,
            device: line.as_ref().and_then(|line| line.device.clone()),
            subject: line.and_then(|line| line.subject),
        })
    }
}

/// The name as in JSON.
fn name(authorisation: Authorisation) -> String {
    match serde_json::to_value(authorisation) {
        Ok(serde_json::Value::String(name)) => name,
        _ => String::new(),
    }
}
