//! One finding, with what its page needs.

use domain::ledger::{About, Object};
use domain::views::FindingView;
use domain::{Actor, FindingId, FindingKind, Permission};

use crate::{Console, Error};

impl Console {
    /// One finding, and what the viewer may do about it.
    pub async fn finding(&self, actor: &Actor, id: &FindingId) -> Result<FindingView, Error> {
        self.allowed(actor, Permission::Read, Object::Finding(id.clone())).await?;
        let finding = self.aws.finding(id).await?;
        let cannot_handle = finding.open_to(actor).err().map(|refusal| refusal.to_string());
        let cannot_revoke = match (&finding.authority, id.subject.serial()) {
            (Some(authority), Some(serial)) => self.cannot_revoke(actor, authority, serial).await?,
            // It tells of many certificates.
            _ if id.kind == FindingKind::IssuanceBurst => {
                (!actor.may(Permission::Operate)).then(|| Permission::Operate.refusal().to_owned())
            }
            _ => Some("It is not about a certificate.".to_owned()),
        };
        let authority = finding.authority.as_ref().map(|authority| self.named(authority));
        let sendings = self.aws.sendings_about(&About::Finding(id.clone())).await?;
        let notifications = sendings.into_iter().map(|sending| sending.delivery).collect();
        Ok(FindingView { authority, finding, notifications, cannot_handle, cannot_revoke })
    }
}
