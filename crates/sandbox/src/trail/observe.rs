//! From what Private CA observes to records in the outbox.

use std::sync::Arc;

use serde_json::Value;
use time::OffsetDateTime;

use super::{Trail, record, service_event};
use crate::pca::{Event, Observer};

impl Trail {
    /// What Private CA is to call. A call of nobody is in no trail.
    pub(crate) fn observer(&self) -> Observer {
        let trail = self.clone();
        Arc::new(move |event| trail.observe(&event))
    }

    fn observe(&self, event: &Event<'_>) {
        let callers = &self.0.options.callers;
        match event {
            Event::Called(call) => {
                let Some(caller) = &call.caller else { return };
                let Some(role) = callers.get(&caller.access_key) else { return };
                self.keep(caller.at.into(), &record::of(call, caller, *role));
            }
            Event::CalledIam(call) => {
                let Some(caller) = &call.caller else { return };
                let Some(role) = callers.get(&caller.access_key) else { return };
                self.keep(caller.at.into(), &record::of_iam(call, caller, *role));
            }
            Event::Issued(issuance) => {
                let role = callers.values().find(|role| role.identity().arn() == issuance.requester);
                self.keep(issuance.ready_at.into(), &service_event::issued(issuance, role.copied()));
            }
            Event::ListPublished { authority, at } => {
                let at = OffsetDateTime::from(*at);
                self.keep(at, &service_event::list_published(authority, at));
            }
        }
    }

    fn keep(&self, at: OffsetDateTime, record: &Value) {
        if let Err(error) = self.0.store.keep(at, record) {
            tracing::error!(%error, "a record is lost to the trail");
        }
    }
}
