//! Starting a run. A worker takes it up.

use countersign_aws::Error as AwsError;
use domain::ledger::{Action, Object};
use domain::{Actor, AuthorityId, Permission, Run};

use crate::new_id::new_id;
use crate::{Console, Error};

impl Console {
    /// Orders a run and answers at once; a worker makes it.
    ///
    /// # Errors
    /// [`Error::RunUnderWay`]: one run of an authority at a time.
    pub async fn start_run(&self, actor: &Actor, authority: &AuthorityId) -> Result<Run, Error> {
        let arn = self.authority(authority)?.authority.arn.clone();
        self.allowed(actor, Permission::Operate, Object::Route(format!("runs of {authority}"))).await?;
        let run = Run::ordered(new_id()?, arn, Some(actor.person.clone()), self.clock.now());
        let object = Object::Run { authority: run.authority.clone(), id: run.id.clone() };
        let body = self.told(actor, Action::RunStarted, object);
        match self.journal.commit(self.aws.order_run(&run)?, &body).await {
            Ok(_) => Ok(run),
            Err(AwsError::Conflict { .. }) => Err(match self.aws.run_under_way(authority).await? {
                Some(id) => Error::RunUnderWay(id),
                None => {
                    Error::Conflict("A run is just starting or ending. Try again in a moment.".to_owned())
                }
            }),
            Err(error) => Err(error.into()),
        }
    }
}
