//! One run, as far as it has come.

use domain::ledger::Object;
use domain::views::RunView;
use domain::{Actor, AuthorityId, Permission, RunId};

use crate::{Console, Error};

impl Console {
    /// One run and the authority that it is about.
    pub async fn run(&self, actor: &Actor, authority: &AuthorityId, id: &RunId) -> Result<RunView, Error> {
        self.allowed(actor, Permission::Read, Object::Route(format!("run {id}"))).await?;
        let run = self.aws.run(authority, id).await?;
        Ok(RunView { authority: self.named(&run.authority), run })
    }
}
