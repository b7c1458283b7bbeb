//! Several findings that somebody chose, to be handled together.

use domain::ledger::Object;
use domain::views::FindingsTogether;
use domain::{Actor, Finding, FindingId, Permission};

use crate::verbs::findings::TOGETHER;
use crate::{Console, Error};

impl Console {
    /// These findings, and what the viewer may do about them.
    ///
    /// # Errors
    /// [`Error::Invalid`]: they are more than can be handled together.
    pub async fn findings_together(
        &self,
        actor: &Actor,
        ids: &[FindingId],
    ) -> Result<FindingsTogether, Error> {
        self.allowed(actor, Permission::Read, Object::Route("findings".to_owned())).await?;
        if ids.len() > TOGETHER {
            let why = format!("At most {TOGETHER} findings are handled together. Choose fewer.");
            return Err(Error::invalid("finding", why));
        }
        let mut findings = self.aws.findings(ids).await?;
        findings.sort_by(|a, b| {
            let order = |one: &Finding| (one.id.kind.severity(), one.id.kind.name(), one.first_seen);
            order(a).cmp(&order(b)).then_with(|| a.id.cmp(&b.id))
        });
        let refused = findings.iter().find_map(|finding| {
            finding.open_to(actor).err().map(|refusal| format!("{}: {refusal}", finding.id))
        });
        let cannot_handle = match actor.may(Permission::Operate) {
            true => refused,
            false => Some(Permission::Operate.refusal().to_owned()),
        };
        let operators = self.operators(actor).await?;
        Ok(FindingsTogether { findings, authorities: self.authorities(), operators, cannot_handle })
    }
}
