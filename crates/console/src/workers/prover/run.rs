//! The run that shows what was revoked in a report made later: ordered as soon as AWS makes one.

use countersign_aws::Error as AwsError;
use domain::ledger::Action;
use domain::revocation::{ProvingRun, Request};
use domain::{AuthorityArn, Run, Timestamp};

use super::Prover;
use crate::Error;
use crate::journal::system;
use crate::new_id::new_id;
use crate::workers::runner::object;

impl Prover {
    /// Orders it, if it is due. `last`: when the last certificate of `requests`, all of this authority, was revoked.
    pub(super) async fn order_run(
        &self,
        authority: &AuthorityArn,
        requests: &[Request],
        last: Option<Timestamp>,
    ) -> Result<(), Error> {
        let newest = requests.iter().max_by_key(|request| request.executed_at);
        let Some((request, last)) = newest.zip(last) else { return Ok(()) };
        let runs = self.aws.runs(&authority.id(), ProvingRun::LOOKED_AT).await?;
        let now = self.clock.now();
        match ProvingRun::after(last, &runs) {
            ProvingRun::Due(at) if at <= now => (),
            _ => return Ok(()),
        }
        let run = Run::proving(new_id()?, authority.clone(), request.id.clone(), now);
        let body = self
            .journal
            .told(system("prover"), Action::RunStarted, object(&run))
            .with("proves", request.id.as_str());
        match self.journal.commit(self.aws.order_run(&run)?, &body).await {
            // Somebody was faster.
            Ok(_) | Err(AwsError::Conflict { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}
