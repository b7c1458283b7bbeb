//! One certificate from its sources: the inventory's items as they are now, the CA's X.509, the newest report's row.

mod file;
mod standing;
mod timeline;
mod unattributed;

use domain::certificate::{CertificateStatus, X509Details};
use domain::ledger::Object;
use domain::views::CertificateView;
use domain::{Actor, AuthorityArn, AuthorityId, InventoryItem, Permission, Serial};

use crate::at_the_ca::{self, AtTheCa};
use crate::records::events::Deeds;
use crate::{Console, Error};
use standing::Known;
use timeline::{Records, timeline};

impl Console {
    /// Everything about one certificate.
    ///
    /// # Errors
    /// [`Error::NotFound`] when neither the CA nor the inventory nor the newest report nor an event knows it.
    pub async fn certificate(
        &self,
        actor: &Actor,
        authority: &AuthorityId,
        serial: Serial,
    ) -> Result<CertificateView, Error> {
        let authority = self.authority(authority)?.authority.clone();
        let object = Object::Certificate { authority: authority.arn.clone(), serial };
        self.allowed(actor, Permission::Read, object).await?;
        let found = self.records.model.found(&authority.arn, serial).await?;
        let Deeds { issuance, revocation, .. } = self.records.deeds_of(&authority.arn, serial).await?;
        let mut inventory = Vec::new();
        for item in &found.items {
            inventory.extend(self.inventory_now(item).await?);
        }
        let x509 = self.x509(&authority.arn, serial).await;
        let is_recorded = !inventory.is_empty() || found.report.is_some() || issuance.is_some();
        if matches!(x509, Ok(None)) && !is_recorded {
            return Err(Error::NotFound("certificate"));
        }
        let x509 = match x509 {
            Ok(Some(x509)) => Ok(x509),
            Ok(None) => Err("The CA has no certificate of this serial number.".to_owned()),
            Err(problem) => Err(problem),
        };
        let mut requests = self.aws.requests_of(&authority.arn.id(), serial).await?;
        requests.sort_by(|a, b| b.id.cmp(&a.id));
        let findings = self.aws.findings_of(&authority.arn.id(), serial).await?;
        let report = found.report;
        let expires_at = report.as_ref().map(|row| row.not_after);
        let expires_at = expires_at.or_else(|| x509.as_ref().ok().map(|x509| x509.not_after));
        let expires_at = expires_at.or_else(|| inventory.iter().find_map(|item| item.expires_at));
        let executed = self.executed(&requests, serial).await?;
        let listed = self.records.model.listed(&authority.arn, serial).await?;
        let report_as_of = self.records.model.report_as_of(&authority.arn.id());
        let mut crls = self.records.model.crls_of(&authority.arn.id());
        // An entry is found before all lists of that round have been read.
        crls.newest = crls.newest.max(listed.map(|entry| entry.made));
        let known = Known {
            report: report.as_ref(),
            report_made: report_as_of,
            item: inventory.first(),
            listed,
            executed: executed.iter().find_map(|(_, item)| revoked(item)),
            called: revocation.as_ref().map(|call| call.at),
            now: self.clock.now(),
        };
        let revoked = known.revoked();
        let status = CertificateStatus::at(self.clock.now(), expires_at, revoked.map(|revoked| revoked.at));
        let issued_at = report.as_ref().map(|row| row.issued_at);
        let issued_at = issued_at.or_else(|| inventory.iter().find_map(|item| item.issued_at));
        let issued_at = issued_at.or_else(|| x509.as_ref().ok().map(|x509| x509.not_before));
        let timeline = timeline(&Records {
            report: report.as_ref(),
            inventory: &inventory,
            issuance: issuance.as_ref(),
            revocation: revocation.as_ref(),
            listed: listed.map(|entry| entry.at),
            findings: &findings,
            requests: &requests,
            executed: &executed,
        });
        Ok(CertificateView {
            status,
            revoked,
            cannot_revoke: self.cannot_revoke(actor, &authority.arn, serial).await?,
            issuance: issuance.ok_or_else(|| self.no_issuance(&authority.arn, issued_at)),
            report_as_of,
            crls,
            authority,
            serial,
            inventory,
            report,
            x509,
            findings,
            requests,
            timeline,
            revocation,
        })
    }

    /// The item as it is in the table; an item that has become unreadable since is shown as it was read.
    async fn inventory_now(&self, item: &InventoryItem) -> Result<Option<InventoryItem>, Error> {
        let now = self.aws.inventory_item(&item.device, &item.serial_key).await?;
        Ok(now.map(|read| read.unwrap_or_else(|_| item.clone())))
    }

    /// `Ok(None)`: the CA does not know it. The error is for people.
    async fn x509(&self, authority: &AuthorityArn, serial: Serial) -> Result<Option<X509Details>, String> {
        match at_the_ca::ask(&self.aws, authority, serial).await {
            Ok(AtTheCa::Signed(details)) => Ok(Some(*details)),
            Ok(AtTheCa::Unreadable(why)) => Err(why),
            Ok(AtTheCa::InProgress) => {
                Err("The CA has not signed it yet. Look again in a moment.".to_owned())
            }
            Ok(AtTheCa::Unknown) => Ok(None),
            Err(error) => {
                tracing::warn!(%serial, "reading certificate {serial} from {authority} failed: {error}");
                Err("The CA did not answer. Look again in a moment.".to_owned())
            }
        }
    }
}

fn revoked(item: &domain::revocation::ItemProgress) -> Option<domain::Timestamp> {
    match item.item {
        domain::revocation::ItemState::Revoked { at, .. } => Some(at),
        _ => None,
    }
}
