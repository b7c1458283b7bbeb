//! Certificates that neither the newest report nor the inventory has: what the trail's events and the CA know of them. What an
//! alert shows can be acted on before the next report is made.

use domain::dry_run::Known;
use domain::{AuthorityArn, Serial, report};
use futures::future::join_all;

use super::FEW;
use crate::at_the_ca::{self, AtTheCa};
use crate::records::events::Deeds;
use crate::{Console, Error};

impl Console {
    /// Completes what is not known by intact events and, while they are few, by the CA. An event that the CA itself denies
    /// makes nothing known: nothing can be revoked.
    pub(super) async fn look_beyond(
        &self,
        authority: &AuthorityArn,
        known: &mut [Known],
    ) -> Result<(), Error> {
        let mut unknown: Vec<&mut Known> = known.iter_mut().filter(|one| !one.is_known).collect();
        if unknown.is_empty() {
            return Ok(());
        }
        let serials: Vec<Serial> = unknown.iter().map(|one| one.target.serial).collect();
        let deeds = self.records.deeds_of_each(authority, serials.clone()).await?;
        let few = serials.iter().take(if serials.len() <= FEW { FEW } else { 0 });
        let mut answers = join_all(few.map(|serial| self.at_the_ca(authority, *serial))).await.into_iter();
        for (one, deeds) in unknown.iter_mut().zip(deeds) {
            complete(one, deeds, answers.next().flatten());
        }
        Ok(())
    }

    /// `None`: it did not answer.
    async fn at_the_ca(&self, authority: &AuthorityArn, serial: Serial) -> Option<AtTheCa> {
        let asked = at_the_ca::ask(&self.aws, authority, serial).await;
        asked.inspect_err(|error| tracing::warn!(%serial, "the CA was asked for {serial}: {error}")).ok()
    }
}

/// `asked`: what the CA says; `None`: it was not asked, or did not answer.
fn complete(known: &mut Known, deeds: Deeds, asked: Option<AtTheCa>) {
    let Deeds { issuance, revocation, .. } = deeds;
    known.is_known = asked.as_ref().map_or(issuance.is_some(), AtTheCa::is_known);
    if !known.is_known {
        return;
    }
    // An inventory item that names another authority cannot stand against it.
    known.is_of_another = false;
    known.is_root = issuance.and_then(|issuance| issuance.template).is_some_and(|one| report::is_root(&one));
    known.revoked_at = revocation.as_ref().map(|call| call.at);
    known.revoked_for = revocation.and_then(|call| call.reason);
    if let Some(AtTheCa::Signed(details)) = asked {
        known.target.subject = Some(details.subject);
        known.target.expires_at = Some(details.not_after);
        known.target.fingerprint = Some(details.fingerprint);
    }
}
