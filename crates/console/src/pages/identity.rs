//! Everything that one principal, access key or address did.

use domain::certificate::{CertificateLine, CertificateStatus};
use domain::ledger::Object;
use domain::views::{IdentityQuery, IdentityView, Issued, IssuedCertificate};
use domain::{Actor, Permission};

use crate::records::events::{self, IssuedOne, Seen};
use crate::{Console, Error};

impl Console {
    /// What one identity did to the authorities.
    ///
    /// # Errors
    /// [`Error::NotFound`]: it was never seen.
    pub async fn identity(&self, actor: &Actor, query: &IdentityQuery) -> Result<IdentityView, Error> {
        self.allowed(actor, Permission::Read, Object::Route("identity".to_owned())).await?;
        if self.configuration.trail.is_none() {
            return Err(Error::NotFound("identity"));
        }
        let _late = self.records.catch_up_soon().await;
        let asked = query.clone();
        let read = self.records.model.read(move |snapshot, connection| {
            let IdentityQuery { key, only, page } = asked;
            let Some(seen) = events::identity(connection, &key)? else { return Ok(None) };
            let judged = events::judged(connection, &key)?;
            let certificates = events::issued_page(connection, &key, only, page)?.into_iter().map(|one| {
                let line = snapshot.line(connection, &one.authority, one.serial)?;
                Ok((one, line))
            });
            let certificates = certificates.collect::<Result<Vec<_>, rusqlite::Error>>()?;
            let by = (key, Issued::Unauthorised, None, None);
            let unauthorised = events::issued_by_authority(connection, &by)?;
            Ok(Some((seen, judged, certificates, unauthorised)))
        });
        let (seen, judged, certificates, unauthorised) = read.await?.ok_or(Error::NotFound("identity"))?;
        let Seen { first, last, events, strip, deeds, seen_with, newest } = seen;
        Ok(IdentityView {
            key: query.key.clone(),
            first_seen: first,
            last_seen: last,
            events,
            strip,
            deeds,
            seen_with,
            authorisations: judged.into_iter().collect(),
            certificates: certificates.into_iter().map(|(one, line)| self.issued(one, line)).collect(),
            unauthorised: unauthorised.into_iter().collect(),
            newest: newest.into_iter().map(|shown| self.event_line(shown)).collect(),
        })
    }

    fn issued(&self, one: IssuedOne, line: Option<CertificateLine>) -> IssuedCertificate {
        let IssuedOne { authority, serial, at, event, authorisation } = one;
        let status = |line: &CertificateLine| {
            CertificateStatus::at(self.clock.now(), line.expires_at, line.revoked_at)
        };
        IssuedCertificate {
            authority,
            serial,
            issued_at: line.as_ref().and_then(|line| line.issued_at).unwrap_or(at),
            status: line.as_ref().map(status),
            authorisation,
            event,
            device: line.as_ref().and_then(|line| line.device.clone()),
            subject: line.and_then(|line| line.subject),
        }
    }
}
