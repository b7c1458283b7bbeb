//! One request, with everything that an approver must see.

mod timeline;

use domain::ledger::Object;
use domain::revocation::{Refusal, RequestId, RequestState};
use domain::views::{Narrowed, RequestDetail, RequestView};
use domain::{Actor, Permission};

use crate::{Console, Error};
use timeline::timeline;

impl Console {
    /// One request, with one page of its certificates.
    pub async fn request(
        &self,
        actor: &Actor,
        id: &RequestId,
        narrowed: Narrowed,
    ) -> Result<RequestDetail, Error> {
        self.allowed(actor, Permission::Read, Object::Request(id.clone())).await?;
        let now = self.clock.now();
        let request = self.aws.request(id).await?;
        let targets = self.aws.request_targets(id).await?;
        let execution = self.aws.execution(id, &targets).await?;
        let request = request.expired(now).unwrap_or(request);
        let intact = match request.hash_of(&targets) == request.hash {
            true => Ok(()),
            false => Err(Refusal::OtherHash),
        };
        let decidable = request.pending(now).and_then(|pending| pending.open_to(actor));
        let view = RequestView {
            authority: self.named(&request.authority),
            state: request.state,
            dry_run: self.foretell_again(&request, &targets).await?,
            timeline: timeline(&request, &execution, self.configuration.revocation.crl_deadline),
            cannot_decide: decidable.and(intact).err(),
            cannot_cancel: request.cancel(actor, now).err(),
            mode: request.mode,
            request,
            targets,
            execution,
        };
        let mut detail = RequestDetail::of(view, self.configuration.revocation.rate, narrowed);
        if detail.request.state == RequestState::Pending {
            detail.dry_run.authority = self.authority_now(&detail.request.authority).await;
        }
        Ok(detail)
    }
}
