//! Trying a channel.

use domain::ledger::{Action, Object};
use domain::notify::{Notice, Telling, Told};
use domain::{Actor, Permission};

use crate::{Console, Error};

impl Console {
    /// Has a worker send a notification to a channel that says that it is a test.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::NotFound`]: there is no such channel.
    pub async fn test_channel(&self, actor: &Actor, name: &str) -> Result<(), Error> {
        self.allowed(actor, Permission::Operate, object()).await?;
        let known = self.configuration.channels.iter().find(|channel| channel.name == name);
        let channel = known.ok_or(Error::NotFound("channel"))?.name.clone();
        let id = uuid::Uuid::now_v7().to_string();
        let notice = Notice::test(id.clone(), Some(actor.person.clone()), self.clock.now());
        let body = self.told(actor, Action::ChannelTested, object()).with("channel", &channel);
        let telling = Telling { id, what: Told::Test { channel, notice: Box::new(notice) } };
        self.journal.commit(vec![self.aws.tell(&telling)?], &body).await?;
        Ok(())
    }
}

fn object() -> Object {
    Object::Route("channels".to_owned())
}
