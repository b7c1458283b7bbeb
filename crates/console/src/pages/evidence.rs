//! The decisions on a request with what proves them, for whoever verifies them elsewhere.

use countersign_aws::Thing;
use domain::ledger::Object;
use domain::revocation::{Evidence, Evident, EvidentTargets, RequestId};
use domain::{Actor, Permission, Serial};

use crate::{Console, Error};

impl Console {
    /// Everything that `countersign verify decision` needs, about all certificates of the request or about `only` one.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::NotFound`]; [`Error::Conflict`]: a decision cannot be read.
    pub async fn evidence(
        &self,
        actor: &Actor,
        id: &RequestId,
        only: Option<Serial>,
    ) -> Result<Evidence, Error> {
        self.allowed(actor, Permission::Read, Object::Request(id.clone())).await?;
        let request = self.aws.request(id).await?;
        let targets = self.aws.request_targets(id).await?;
        let drill = match request.is_drill() {
            true => self.drill_report(&request, &self.aws.execution(id, &targets).await?).await?,
            false => None,
        };
        let targets = EvidentTargets::of(targets, only);
        let targets = targets.ok_or(Error::NotFound(Thing::Certificate.name()))?;
        let decisions: Option<Vec<_>> = self.aws.decisions(id).await?.into_iter().collect();
        let decisions = decisions.ok_or_else(|| {
            Error::Conflict("A decision on this request, or its proof, is damaged or missing.".to_owned())
        })?;
        let decisions = decisions.into_iter().map(|(decision, proof)| Evident { decision, proof }).collect();
        let request_proof = self.aws.request_proof(id).await?;
        Ok(Evidence { request, targets, request_proof, decisions, drill })
    }
}
