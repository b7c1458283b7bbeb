//! The channels through which people are told, and how each fares.

use countersign_aws::notifications::Sending;
use domain::ledger::Object;
use domain::views::{ChannelView, ChannelsView, MeView, Sent};
use domain::{Actor, Permission};
use futures::future::try_join_all;

use crate::notify::Channel;
use crate::{Console, Error};

impl Console {
    /// All that are configured.
    pub async fn channels(&self, actor: &Actor) -> Result<ChannelsView, Error> {
        self.allowed(actor, Permission::Read, Object::Route("channels".to_owned())).await?;
        let channels = self.configuration.channels.iter().map(|channel| self.channel(channel));
        let may_test = actor.may(Permission::Operate);
        Ok(ChannelsView {
            channels: try_join_all(channels).await?,
            authorities: self.authorities(),
            cannot_test: (!may_test).then(|| Permission::Operate.refusal().to_owned()),
        })
    }

    async fn channel(&self, channel: &Channel) -> Result<ChannelView, Error> {
        let most = u32::try_from(MeView::SHOWN).unwrap_or(u32::MAX);
        let Channel { name, kind, host, route, .. } = channel;
        Ok(ChannelView {
            name: name.clone(),
            kind: *kind,
            host: host.clone(),
            route: route.clone(),
            waiting: self.aws.waiting_at(name, most).await?.into_iter().map(sent).collect(),
            ended: self.aws.ended_at(name, most).await?.into_iter().map(sent).collect(),
        })
    }
}

fn sent(sending: Sending) -> Sent {
    let Sending { notice, delivery } = sending;
    Sent { notice, delivery }
}
